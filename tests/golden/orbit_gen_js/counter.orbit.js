













import { fmt } from './fmt.js';
// the counter
               class Counter {
    title = 'T';
    count = 0;
    #secret = 1;
    static z = 1;
    step = 1;
    items = [{ id: 1 }];
    increment() { this.count += this.step; }
    select(item, i) { this.count = item.id; }
}

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/counter.orbit", "493c6b554914d336", $wrap(Counter, { name: "Counter",
render() { const $self = this;
const $r0 = { up: null, s0: ($self.count % 2), s1: ($self.title), s8: ($self.step), s9: [({ count: $self.count, step: $self.step })], c1: undefined, c2: undefined, c3: undefined, c4: undefined, c6: undefined };
let $d1 = false;
if (($self.count > 0)) {
$d1 = true;
const $r1 = { up: $r0, s2: ($self.count) };
$r0.c1 = $r1;
}
let $d2 = $d1;
if (!$d1 && ($self.count < 0)) {
$d2 = true;
const $r2 = { up: $r0 };
$r0.c2 = $r2;
}
if (!$d2) {
const $r3 = { up: $r0 };
$r0.c3 = $r3;
}
$r0.c4 = $each(($self.items), (item, i) => {
const $r4 = { up: $r0, v: [item, i], s3: (item.id), s4: (i), s5: (Math.max(item.id, 2)), c5: undefined };
$r4.c5 = $range((0), (item.id), false, (n) => {
const $r5 = { up: $r4, v: [n], s6: (n), s7: (fmt(n)) };
return $r5;
});
return $r4;
});
$r0.c6 = ({ a }) => {
const $r6 = { up: $r0, v: [a], s10: (a) };
return $r6;
};
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let event = $event; return ($self.increment)($event); },
function ($r, $event) { const $self = this; let event = $event; { $self.count -= $self.step
} },
function ($r, $event) { const $self = this; let item = $r.v[0]; let i = $r.v[1]; let event = $event; return ($self.select(item, i)); },
function ($r, $event) { const $self = this; let event = $event; $self.step = $event.detail; },
function ($r, $event) { const $self = this; let event = $event; return (() => $self.remove(1))($event); },
function ($r, $event) { const $self = this; let a = $r.v[0]; let event = $event; return ($self.pick(a, event)); },
],
privates: ["#secret"],
}));
if (import.meta.hot) import.meta.hot.accept();
