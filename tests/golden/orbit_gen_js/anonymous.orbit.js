

const   $logic= class extends Base { n = 1; static m = 2; }

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/anonymous.orbit", "88b4620aaa3391d0", $wrap($logic, { name: "Anonymous",
render() { const $self = this;
const $r0 = { up: null, s0: ($self.n < 1), s1: ($self.n), s2: ($self.n < $self.m && `${$self.n}`) };
return $r0; },
handlers: [
],
}));
if (import.meta.hot) import.meta.hot.accept();
