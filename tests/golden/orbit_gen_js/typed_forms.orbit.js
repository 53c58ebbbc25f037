




const low = 1 < 2, high = 3 > 2;
const seen = new Set<string>, more = low < 3, none = [] as Array<string>;
               abstract class $logic extends Base<string> {
    ok = more; sizes: number[] = [1]; n = 0;
    add<T>(x: T, y: unknown): void {}
}

;import { code as $code, each as $each, logic as $wrap, range as $range } from '/__orbit/runtime.js';
$code("src/typed_forms.orbit", "23382e971b3d4923", $wrap($logic, { name: "TypedForms",
render() { const $self = this;
const $r0 = { up: null, s0: ($self.sizes.map($self.ok ? ($self.n) : n => n + low)), s1: (new Set<string>), s2: (low), s3: (high), s4: (more), s5: ($self.ok ? (low) : low => high + low) };
return $r0; },
handlers: [
function ($r, $event) { const $self = this; let event = $event; return (async <T>(x: T) => $self.add(x, $self.async)); },
],
}));
if (import.meta.hot) import.meta.hot.accept();
