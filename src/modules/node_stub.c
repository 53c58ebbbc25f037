/* SPDX-License-Identifier: MIT */
/* The URL and the text of a stand-in for a part of Node; what it does is in client/cjs.js. */
#include "modules/node_stub.h"

#include "modules/module_url.h"
#include "resolve/package.h"

#define PLAIN STR("_$/.-")

struct str node_stub_url(struct arena *a, struct str name, struct str importer,
        const struct str *names, size_t count)
{
    struct strbuf b;

    strbuf_init(&b, MODULE_URL_MAX);
    strbuf_add(&b, STR(NODE_STUB_URL "?name="));
    strbuf_add_encoded(&b, name, PLAIN);
    strbuf_add(&b, STR("&by="));
    strbuf_add_encoded(&b, importer, PLAIN);
    for (size_t i = 0; i < count && i < NODE_STUB_NAMES_MAX; i++) {
        strbuf_add(&b, i == 0 ? STR("&names=") : STR(","));
        strbuf_add_encoded(&b, names[i], PLAIN);
    }
    struct str url = b.overflow ? STR("") : arena_str(a, strbuf_str(&b));

    strbuf_finish(&b);
    return url;
}

static void add_builtin(struct strbuf *out, struct str name, struct str member, struct str importer)
{
    strbuf_add(out, STR("builtin("));
    strbuf_add_json(out, name);
    strbuf_addc(out, ',');
    strbuf_add_json(out, importer);
    if (member.len > 0) {
        strbuf_addc(out, ',');
        strbuf_add_json(out, member);
    }
    strbuf_addc(out, ')');
}

static bool is_named(struct str name)
{
    return !str_eq(name, STR("*")) && !str_eq(name, STR("default"));
}

bool node_stub_text(struct strbuf *out, struct str name, struct str importer, struct str names)
{
    struct str known[NODE_STUB_NAMES_MAX];
    size_t count = 0;

    if (!package_is_builtin(name)) {
        return false;
    }
    strbuf_add(out, STR("import{builtin}from\"/__orbit/cjs.js\";\nexport default "));
    add_builtin(out, name, STR(""), importer);
    strbuf_add(out, STR(";\n"));
    while (names.len > 0 && count < NODE_STUB_NAMES_MAX) {
        struct str one;
        bool is_new = true;

        (void)str_cut(names, ',', &one, &names);
        for (size_t i = 0; i < count && is_new; i++) {
            is_new = !str_eq(known[i], one);
        }
        if (!is_new || one.len == 0 || !is_named(one)) {
            continue;
        }
        strbuf_addf(out, "const _%zu=", count);
        add_builtin(out, name, one, importer);
        strbuf_addf(out, ";export{_%zu as", count);
        strbuf_add_json(out, one);
        strbuf_add(out, STR("};\n"));
        known[count++] = one;
    }
    return true;
}
