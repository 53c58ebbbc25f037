import './a.js'; import { b } from './b.js';
if (import.meta.hot) {
    import.meta.hot.accept();
    import.meta.hot.accept((m) => m);
    import.meta.hot?.accept('./a.js', () => {});
    import . meta /* x */ . hot . accept /* y */ ( /* z */ [ "./a.js", './\x62.js', `c` , ] , f );
    import.meta.hot.accept(`./t${1}`); import.meta.hot.accept("a" + "b"); import.meta.hot.accept(['x', y, 'z']);
    import.meta.hot.acceptExports(['one', "two"], f); import.meta.hot.acceptExports("three");
    import.meta.hot.dispose(() => {}); import.meta.hot.data.x = 1;
}
console.log(import.meta.env.MODE, "import.meta.hot.accept('no')", /import.meta.hot.accept("no")/);
function f() { return new URL('./x.png', import.meta.url); }
new Worker(new URL("./w.js", import.meta.url), { type: 'module', name: "n" });
new SharedWorker(new URL(`./s.js`, import.meta.url)); new Worker(new URL('./c.js', import.meta.url,), f());
new URL('no', location.href); new URL(f, import.meta.url); new URL('y', import.meta.url).href; new Worker('no');
import.meta.glob('./*.js'); import.meta.glob(['./a/*.js', "!./a/x.js"], { eager: true, import: 'default', query: 'raw' });
import.meta.glob('./q/*', { query: { a: 'b', c: true } }); import.meta.glob(f); import.meta.glob(`./t/${b}`); import.meta.glob('./n', { eager: f() });
