

               function setup(props: { title: string }, { update }: Helpers): { count: number; add(by: number): void } {
    return { count: 0 as number, title: props.title, add(by: number): void { this.count += by; update(); } };
}

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/typed_setup.orbit", "f048067ba9cd9d6e", $wrap(setup, { name: "TypedSetup",
render() { const $self = this;
const $r0 = { up: null, s0: ($self.count), s1: ($self.title) };
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let event = $event; return ($self.add(1 as number)); },
],
}));
if (import.meta.hot) import.meta.hot.accept();
