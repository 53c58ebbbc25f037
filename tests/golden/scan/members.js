const o = { import: 1, export: 2, import2: { import() { return import("yes1"); } },
    async import() {}, get export() { return 1; }, set export(v) {}, *import() {}, async *export() {},
    [import("yes2")]: import("yes3"), if(a) { /x/.test(a) }, ...import("yes4"), 'import'() {}, 1() {} };
class C {
    import = 1
    export
    static import = import("yes5")
    static export() { return import("yes6") }
    #import = () => {}
    'import' = 1
    get import() { return 1 }
    static { import("yes7") }
    x = () => {}
    [import("yes8")] = 1
    y = a => a
    import() {}
    async
    z() {}
    delete() {} typeof() {} in() {}
    static async *[Symbol.asyncIterator]() { yield (/import("no1")/) }
    has(o) { return #import in o }
    w = function () {} / 1
    new = class { import() {} }
    static = 1; get; set;
    get = 2
}
o.import("no2"); o?.import("no3"); o
    .import("no4"); o.
    import("no5");
import("yes9")
{ let block; }
a: while (1) { continue a
    /import("no6")/ }
var a = { then() {}, catch() {} }.catch(/x/);
