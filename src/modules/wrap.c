/* SPDX-License-Identifier: MIT */
/*
 * Wrappers are written on one line each part and hold no names that the wrapped
 * file chose, but as strings and behind `as`.
 */
#include "modules/wrap.h"

#include "base/base64.h"

/* What all users of wasm need: works too where the server's type for it is another. */
#define LOAD_WASM                                                                                  \
    "async(u,i)=>{const r=await fetch(u);"                                                         \
    "if(!r.ok)throw new Error(u+': '+r.status+' '+r.statusText);"                                  \
    "if(/^application\\/wasm/.test(r.headers.get('content-type')))"                                \
    "return(await WebAssembly.instantiateStreaming(r,i)).instance;"                                \
    "return(await WebAssembly.instantiate(await r.arrayBuffer(),i)).instance}"

void wrap_css(struct strbuf *out, struct str key, struct str url, bool has_client)
{
    if (has_client) {
        strbuf_add(out, STR("await globalThis.__orbiton__?.style("));
        strbuf_add_json(out, key);
        strbuf_addc(out, ',');
        strbuf_add_json(out, url);
        strbuf_add(out, STR(");\nexport {};\n"));
        return;
    }
    strbuf_add(out, STR("if(globalThis.document)await new Promise((done,fail)=>{"
                        "const link=document.createElement(\"link\");"
                        "link.rel=\"stylesheet\";link.href="));
    strbuf_add_json(out, url);
    strbuf_add(out, STR(";link.onload=done;"
                        "link.onerror=()=>fail(new Error(link.href+\" could not be loaded\"));"
                        "document.head.append(link)});\nexport {};\n"));
}

void wrap_css_object(struct strbuf *out, struct str text)
{
    strbuf_add(out, STR("const sheet=new CSSStyleSheet();sheet.replaceSync("));
    strbuf_add_json(out, text);
    strbuf_add(out, STR(");\nexport default sheet;\n"));
}

void wrap_json(struct strbuf *out, struct str text, const struct str *names, size_t count)
{
    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        text = str_skip(text, 3);
    }
    /* parsed and not written as code: "__proto__" is a name like any other in JSON */
    strbuf_add(out, STR("const value=JSON.parse("));
    strbuf_add_json(out, text);
    strbuf_add(out, STR(");\nexport default value;\n"));
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "const _%zu=value[", i);
        strbuf_add_json(out, names[i]);
        strbuf_addf(out, "];export{_%zu as %.*s};\n", i, STR_FMT(names[i]));
    }
}

void wrap_string(struct strbuf *out, struct str text)
{
    strbuf_add(out, STR("export default "));
    strbuf_add_json(out, text);
    strbuf_add(out, STR(";\n"));
}

void wrap_data(struct strbuf *out, struct str type, struct str bytes)
{
    strbuf_add(out, STR("export default \"data:"));
    for (size_t i = 0; i < type.len; i++) {
        if (type.ptr[i] != ' ') {
            strbuf_addc(out, type.ptr[i]);
        }
    }
    strbuf_add(out, STR(";base64,"));
    base64_encode(out, bytes);
    strbuf_add(out, STR("\";\n"));
}

void wrap_worker(struct strbuf *out, struct str url, bool shared)
{
    strbuf_addf(out, "export default class extends %s{constructor(options){super(new URL(",
            shared ? "SharedWorker" : "Worker");
    strbuf_add_json(out, url);
    strbuf_add(
            out, STR(",import.meta.url),{...(typeof options===\"string\"?{name:options}:options),"
                     "type:\"module\"})}}\n"));
}

void wrap_wasm_init(struct strbuf *out, struct str url)
{
    strbuf_add(out, STR("const load=" LOAD_WASM ";\nexport default(imports={})=>load("));
    strbuf_add_json(out, url);
    strbuf_add(out, STR(",imports);\n"));
}

void wrap_wasm(struct strbuf *out, struct str url, const struct wasm_facts *facts,
        const struct str *specifiers)
{
    bool has_default = false;

    for (size_t i = 0; i < facts->module_count; i++) {
        strbuf_addf(out, "import*as m%zu from", i);
        strbuf_add_json(out, specifiers[i]);
        strbuf_add(out, STR(";\n"));
    }
    strbuf_add(out, STR("const load=" LOAD_WASM ";\nconst exported=(await load("));
    strbuf_add_json(out, url);
    strbuf_add(out, STR(",{__proto__:null"));
    for (size_t i = 0; i < facts->module_count; i++) {
        strbuf_add(out, STR(",["));
        strbuf_add_json(out, facts->modules[i]);
        strbuf_addf(out, "]:m%zu", i);
    }
    strbuf_add(out, STR("})).exports;\n"));
    for (size_t i = 0; i < facts->export_count; i++) {
        has_default = has_default || str_eq(facts->exports[i], STR("default"));
        strbuf_addf(out, "const _%zu=exported[", i);
        strbuf_add_json(out, facts->exports[i]);
        strbuf_addf(out, "];export{_%zu as", i);
        strbuf_add_json(out, facts->exports[i]);
        strbuf_add(out, STR("};\n"));
    }
    if (!has_default) {
        strbuf_add(out, STR("export default exported;\n"));
    }
}

void wrap_error(struct strbuf *out, struct str message)
{
    strbuf_add(out, STR("throw new Error("));
    strbuf_add_json(out, message);
    strbuf_add(out, STR(");\nexport default undefined;\n"));
}
