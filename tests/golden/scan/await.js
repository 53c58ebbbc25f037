const f = async () => await import("a"), g = async (x) => x ? await 1 : await 2
class C { async m() { await 1 } static { (async () => { await 2 })() } }
async function h() { for await (const x of []) ; }
const t = 1 ? async () => await 1 : 2;
