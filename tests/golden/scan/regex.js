import 'first';
let a = 1, g = 2, i = 3, o = {}, re, s = 'x';
if (a) /import("no1")/.test(s);
while (a--) /[/]import("no2")/g.test(s);
for (const x of /import("no3")/.exec(s) ?? []) x;
with_: for (;;) { break with_
/import("no4")/g }
{} /import("no5")/g;
lbl: {} /import("no6")/g;
switch (a) { case 1: {} /import("no7")/g; case /import("no8")/: default: }
re = function () {} / 1; import("yes1") / 1;
re = { m: function () {} / g, n: {} / i / import("yes2") };
(a) / import("yes3") / 2;
a++ / import("yes4") / 2;
a
++/import("no9")/.lastIndex;
o.if / import("yes5") / 2; o?.name / import("yes6") / 2;
re = class {} / import("yes7") / 2;
class A extends class {} {}
/import("no10")/g;
re = typeof /import("no11")/; re = void /[\]/]import("no12")/ + /[\]&&[a]]import("no25")/v;
re = `${a / 2}${/import("no13")/}` / import("yes8") / 1;
re = () => {}
/import("no14")/g;
function* gen() { yield /import("no15")/; yield
/import("no16")/ }
async function af() { await /import("no17")/; return /import("no18")/; return
/import("no19")/ }
re = new class { x = {} / 1 } / import("yes9");
do /import("no20")/.test(s); while (0) /import("no21")/g;
try { debugger
/import("no22")/ } catch { } /import("no23")/;
re = a ? /import("no24")/ : { /* o */ } / import("yes10") / 1;
re = [1, 2] / import("yes11") / i; re = this / import("yes12") / 1;
re = 1. / import("yes13") / .5 / 1e+5 / 0x1e / 1_0n / 1..toFixed / a?.5:1 / import("yes14") / 1;
re = a <!--i /import("yes15")/ 2;
