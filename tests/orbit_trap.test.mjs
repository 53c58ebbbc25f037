// SPDX-License-Identifier: MIT
/*
 * Places of traps (client/orbit/trap.js) and the exported stack (stack.js), with modules made up byte
 * by byte: what is malformed has no places, costs no time, and hides nothing behind it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackOf, withStack } from '../client/orbit/stack.js';
import { codeStart, placeOfTrap } from '../client/orbit/trap.js';

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (s) => [...Buffer.from(s), 0];
const u32 = (n) => [n & 255, n >> 8 & 255, n >> 16 & 255, n >>> 24];
const leb = (n) => (n < 128 ? [n] : [n % 128 + 128, ...leb(Math.floor(n / 128))]);
const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];
const named = (name, bytes) => section(0, [name.length, ...Buffer.from(name), ...bytes]);
const unitOf = (bytes) => [...u32(bytes.length), ...bytes];

/* One row at `address`, and the end of the function 16 bytes behind. */
const program = (address, line) => [0, 5, 2, ...u32(address), 3, line - 1, 5, 7, 1, 2, 16, 0, 1, 1];
const LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

function unit4(name, address, line) {
    const rest = [1, 1, 1, 0xfb, 14, 13, ...LENGTHS, 0, ...text(name), 0, 0, 0, 0];
    return unitOf([4, 0, ...u32(rest.length), ...rest, ...program(address, line)]);
}

/* Of version 5: lists of folders and files as they are given. */
function unit5(lists, address = 0, line = 1) {
    const rest = [1, 1, 1, 0xfb, 14, 13, ...LENGTHS, ...lists];
    return unitOf([5, 0, 4, 0, ...u32(rest.length), ...rest, ...program(address, line)]);
}

const moduleOf = (...units) =>
    new WebAssembly.Module(new Uint8Array([...HEAD, ...named('.debug_line', units.flat())]));
const stackAt = (...addresses) => ({ stack: addresses.map((each) =>
    `    at f (wasm://wasm/1:wasm-function[1]:0x${each.toString(16)})`).join('\n') });
const GOOD = unit4('src/good.orbit', 64, 12);
const place = (...units) => placeOfTrap(moduleOf(...units), 0, stackAt(70));

test('a trap has the place of the first frame that a person has written', () => {
    const module = moduleOf(unit4('/usr/include/other.h', 16, 3), GOOD, unit4('src/up.orbit', 256, 5));
    const at = (...addresses) => placeOfTrap(module, 0, stackAt(...addresses));
    assert.equal(at(70), 'src/good.orbit:12:7');
    assert.equal(at(18, 260, 70), 'src/up.orbit:5:7');
    assert.equal(at(18), '');
    assert.equal(at(80), '', 'behind the end of the function');
    assert.equal(placeOfTrap(module, 100, stackAt(170)), 'src/good.orbit:12:7');
});

test('a table of version 5 has folders, texts, blocks and checksums', () => {
    const folders = [1, 1, 0x08, 1, ...text('src')];
    const files = [4, 1, 0x08, 2, 0x0b, 5, 0x1e, 0x2001, 0x09].flatMap((each) => leb(each));
    const entry = (name) => [...text(name), 0, ...Array(16).fill(1), 2, 0xff, 0xff];
    const lists = [...folders, ...files, 2, ...entry('src/none.c'), ...entry('src/five.orbit')];
    assert.equal(place(unit5(lists, 64, 9)), 'src/five.orbit:9:7');
});

test('a malformed unit hides none of those behind it, and ends', () => {
    const huge = leb(2 ** 35);
    const bad = {
        'entries without a format': unit5([0, ...huge]),
        'files without a format': unit5([0, 0, 0, ...huge]),
        'more entries than bytes': unit5([1, 1, 0x08, ...huge]),
        'a checksum past the end': unit5([1, 5, 0x1e, 3, 1, 2]),
        'a block past the end': unit5([1, 1, 0x09, 1, 100]),
        'a form that nobody knows': unit5([1, 1, 0x7f, 1, 0]),
        'a string in a section that is missing': unit5([1, 1, 0x1f, 1, 0, 0, 0, 0]),
        'a text without an end': unitOf([4, 0, ...u32(8), 1, 1, 1, 0xfb, 14, 1, 65, 65]),
        'a number without an end': unitOf([4, 0, ...u32(8), 1, 1, 1, 0xfb, 14, 1, 0, 0, 2,
            ...Array(400).fill(0x80)]),
        'a later version': unitOf([9, 0, 1, 2, 3]),
        'ranges of no lines': unitOf([4, 0, ...u32(8), 1, 1, 1, 0xfb, 0, 1, 0, 0, 200, 201]),
        'nothing': unitOf([]),
    };
    for (const [what, unit] of Object.entries(bad)) {
        assert.equal(place(unit, GOOD), 'src/good.orbit:12:7', what);
        assert.equal(place(unit), '', what);
        for (let size = 0; size < unit.length; size += 3) {
            assert.equal(place(unit.slice(0, size)), '', what);
        }
    }
});

test('no table, no stack and no module are no error', () => {
    const empty = new WebAssembly.Module(new Uint8Array(HEAD));
    assert.equal(placeOfTrap(empty, 0, stackAt(1)), '');
    assert.equal(placeOfTrap(moduleOf(GOOD), 0, {}), '');
    assert.equal(placeOfTrap(null, 0, stackAt(1)), '');
    assert.equal(placeOfTrap(empty, 0, { get stack() {
        throw new Error('none');
    } }), '');
    assert.equal(codeStart(new Uint8Array([...HEAD, 10, 2, 0, 0])), 10);
    assert.equal(codeStart(new Uint8Array([...HEAD, 1, 0xff, 0xff, 0xff, 0x7f])), 0);
    assert.equal(codeStart(new Uint8Array(3)), 0);
});

const MUTABLE = [0x7f, 1, 0x41, 8, 0x0b]; /* an i32 of 8 */
const EXPORTS = section(7, [1, 1, 0x6d, 2, 0]);
const MEMORY = section(5, [1, 0, 1]);
const instanceOf = (bytes, imports) =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);

test('a stack pointer is exported beside what was', () => {
    const bytes = new Uint8Array([...HEAD, ...section(2, [2, 1, 0x61, 1, 0x62, 1, 0x70, 1, 1, 2,
        1, 0x61, 1, 0x63, 1, 0x70, 0, 1]), ...MEMORY, ...section(6, [1, ...MUTABLE]), ...EXPORTS,
    ...named('rest', [1, 2, 3])]);
    const table = () => new WebAssembly.Table({ element: 'anyfunc', initial: 1, maximum: 2 });
    const { exports } = instanceOf(withStack(bytes), { a: { b: table(), c: table() } });
    assert.equal(exports.m.buffer.byteLength, 65536);
    stackOf(exports).value -= 4;
    assert.equal(stackOf(exports).value, 4);
});

test('a module that has no stack stays as it is', () => {
    const imported = section(2, [1, 1, 0x61, 1, 0x62, 3, 0x7f, 0]);
    const global = section(6, [1, ...MUTABLE]);
    for (const parts of [[MEMORY, EXPORTS], [imported, MEMORY, global, EXPORTS], [MEMORY, global],
        [MEMORY, section(6, [1, 0x7f, 0, 0x41, 8, 0x0b]), EXPORTS], [[6, 200]], [[2, 3, 255, 255, 255]]]) {
        const bytes = new Uint8Array([...HEAD, ...parts.flat()]);
        assert.equal(withStack(bytes), bytes);
    }
    assert.equal(withStack(new Uint8Array(2)).length, 2);
    assert.equal(stackOf(instanceOf(new Uint8Array([...HEAD, ...MEMORY, ...EXPORTS])).exports), undefined);
});
