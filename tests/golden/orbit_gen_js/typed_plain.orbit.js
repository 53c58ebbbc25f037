

import { a as b } from './x.js';
               class Counter { n = b ? 1 : 2; }

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/typed_plain.orbit", "d39e3dec87bbfbe3", $wrap(Counter, { name: "TypedPlain",
render() { const $self = this;
const $r0 = { up: null, s0: ($self.n) };
return $r0; },
handlers: [
],
}));
if (import.meta.hot) import.meta.hot.accept();
