                const twice = (n) => n * 2, { a, b: renamed } = { a: 1, b: 2 };
import Default, { named as local } from './x.js';
const  $logic= function ({ start }, { emit }) {
    return { count: start, inc() { this.count++; } }; // no line end
}
;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/setup.orbit", "e17151f5ba823b32", $wrap($logic, { name: "Setup",
render() { const $self = this;
const $r0 = { up: null, s0: (twice($self.count) + a + renamed + local + Default), s1: ($self.missing // a comment
), s3: ($self.count), c1: undefined };
$r0.c1 = $each(($self.list), (event) => {
const $r1 = { up: $r0, v: [event], s2: (((x) => x + event)($self.count)) };
return $r1;
});
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let event = $event; return ($self.inc)($event); },
function ($r, $event) { const $self = this; let event = $event; { $self.count = 1; $self.inc()
} },
function ($r, $event) { const $self = this; let event = $event; return (async () => { await $self.inc(); })($event); },
function ($r, $event) { const $self = this; let event = $event; { if ($self.count) { let event = 1; $self.inc(event) }
} },
function ($r, $event) { const $self = this; let event = $event; return (window.scrollTo(0, $self.count)); },
function ($r, $event) { const $self = this; let event = $r.v[0]; return ($self.pick(event, $event)); },
],
}));
if (import.meta.hot) import.meta.hot.accept();
