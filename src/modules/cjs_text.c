/* SPDX-License-Identifier: MIT */
/*
 * Names of ours in a factory begin with __orbit_, since they are seen by the file's text. about()
 * is a declaration, and so is there before its module has been evaluated: in a circle it is asked.
 */
#include "modules/cjs_text.h"

#define RUNTIME "\"/__orbit/cjs.js\""

static void add_dep(struct strbuf *out, const struct cjs_dep *dep, size_t i)
{
    strbuf_add_json(out, dep->specifier);
    switch (dep->kind) {
    case CJS_DEP_CJS: strbuf_addf(out, ":{cjs:__orbit_%zu}", i); return;
    case CJS_DEP_ESM: strbuf_addf(out, ":{esm:__orbit_%zu}", i); return;
    case CJS_DEP_JSON: strbuf_addf(out, ":{json:__orbit_%zu}", i); return;
    case CJS_DEP_EMPTY: strbuf_add(out, STR(":{empty:true}")); return;
    case CJS_DEP_BUILTIN: strbuf_add(out, STR(":{builtin:true}")); return;
    case CJS_DEP_ERROR: break;
    }
    strbuf_add(out, STR(":{error:"));
    strbuf_add_json(out, dep->url);
    strbuf_addc(out, '}');
}

void cjs_factory_begin(struct strbuf *out, const struct cjs_factory *factory)
{
    if (factory->has_process) {
        strbuf_add(out, STR("import{process}from" RUNTIME ";"));
    }
    if (factory->has_global) {
        strbuf_add(out, STR("import{global}from" RUNTIME ";"));
    }
    for (size_t i = 0; i < factory->dep_count; i++) {
        if (factory->deps[i].kind <= CJS_DEP_JSON) {
            strbuf_addf(out, "import*as __orbit_%zu from", i);
            strbuf_add_json(out, factory->deps[i].url);
            strbuf_addc(out, ';');
        }
    }
    strbuf_add(out, STR("function __orbit_about(){return{path:"));
    strbuf_add_json(out, factory->path);
    strbuf_add(out, STR(",deps:{"));
    for (size_t i = 0; i < factory->dep_count; i++) {
        strbuf_add(out, i > 0 ? STR(",") : STR(""));
        add_dep(out, &factory->deps[i], i);
    }
    strbuf_add(out, STR("}}}export{__orbit_about as about};"
                        "export default function(exports,require,module,__filename,__dirname){"));
    strbuf_add(out, factory->has_hashbang ? STR("//") : STR(""));
}

void cjs_factory_end(struct strbuf *out)
{
    strbuf_add(out, STR("\n}\n"));
}

void cjs_facade(
        struct strbuf *out, struct str factory, const struct str *names, size_t count, bool node)
{
    strbuf_add(out, STR("import*as factory from"));
    strbuf_add_json(out, factory);
    strbuf_add(out, STR(";\nimport{load,pick,standard}from" RUNTIME ";\n"
                        "const exports=load(factory);\nexport default "));
    strbuf_add(out, node ? STR("exports;\n") : STR("standard(exports);\n"));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], STR("default"))) {
            continue;
        }
        strbuf_addf(out, "const _%zu=pick(exports,", i);
        strbuf_add_json(out, names[i]);
        strbuf_addf(out, ");export{_%zu as", i);
        strbuf_add_json(out, names[i]);
        strbuf_add(out, STR("};\n"));
    }
}
