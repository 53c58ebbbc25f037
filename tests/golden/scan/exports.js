export * from 'star'; export * as nsx from "ns"; export * as "string ns" from 'sns';
export { a as b, default as d0, default as dd, "x y", c as "d e" } from 'list';
export {}; export {} from 'nothing'; const l1 = 1, l2 = 2; export { l1, l2 as "l 2", };
export const e1 = 1, e2 = () => {}, e3 = function () { return [1, 2] }, e4 = { a: 1, b: [2] }, e5 = `a${{ b: 1 }.b}, c`;
export let { p1, p2: p3, p4 = { no: 1 }, p5: { p6, ...p7 }, ['comp' + 1]: p8, 'str': p9, 1n: p10, p11: [p12, , p13 = no(1, 2), ...p14] = [], ...p15 } = {}, after = 1;
export var [q1, [q2], { q3 }, ...[q4]] = [], q5
export let \u0061b, async, of
export const a1 = l1
    , a2 = l1 / 2, a3 = /,no1,/
export const r1 = class { x = 1; no() {} }, r2 = l1 ? l2 : l1, r3 = (l1, l2)
l1, l2
export let w1 = 1
++l1, l2
export function f1() {} /no2/; export function* g1() {}
export async function af1() {} export class K1 extends Object {} export async function* ag1() {}
export { no as default }
function no(a, b) { var c, d; }
