
;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/no_code.orbit", "25fe4df71357b2e4", $wrap(undefined, { name: "NoCode",
render() { const $self = this;
const $r0 = { up: null, s0: [($self.open), ($self.title)], s2: [($self.kind), (1)], c1: undefined };
$r0.c1 = (card) => {
const $r1 = { up: $r0, v: [card], c2: undefined };
if (($self.x)) {
const $r2 = { up: $r1, c3: undefined };
$r2.c3 = $each((card.list), (x, i) => {
const $r3 = { up: $r2, v: [x, i], s1: (x) };
return $r3;
});
$r1.c2 = $r2;
}
return $r1;
};
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let event = $event; $self.open = $event.detail; },
function ($r, $event) { const $self = this; let x = $r.v[0]; let i = $r.v[1]; let card = $r.up.up.v[0]; let event = $event; return (card.pick(x, i)); },
],
}));
if (import.meta.hot) import.meta.hot.accept();
