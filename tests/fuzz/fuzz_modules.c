/* SPDX-License-Identifier: MIT */
/*
 * What modules are made of, chosen by the first byte.
 *
 * j: JSON; names are slices of the text and may be exported. w: wasm; names are slices of the bytes.
 * u: a URL; the key of a key is itself and has no stamp. All else is a document, with a project
 * around it: what is served has as many lines, and the same document is served alike.
 */
#include <stdlib.h>

#include "modules/json_scan.h"
#include "modules/module_url.h"
#include "modules/modules.h"
#include "modules/wasm_scan.h"
#include "resolve/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void demand_inside(struct str slice, struct str whole)
{
    demand(slice.len == 0 ||
            (slice.ptr >= whole.ptr && slice.ptr + slice.len <= whole.ptr + whole.len));
}

static void try_json(struct str text, struct arena *a)
{
    struct json_facts facts;

    demand(json_scan(text, a, &facts) == (facts.error == NULL));
    demand(facts.error_at <= text.len && facts.name_count <= JSON_NAMES_MAX);
    for (size_t i = 0; i < facts.name_count; i++) {
        demand_inside(facts.names[i], text);
        demand(json_is_name(facts.names[i]));
    }
}

static void try_wasm(struct str bytes, struct arena *a)
{
    struct wasm_facts facts;

    demand(wasm_scan(bytes, a, &facts) == (facts.error == NULL));
    for (size_t i = 0; i < facts.module_count; i++) {
        demand_inside(facts.modules[i], bytes);
    }
    for (size_t i = 0; i < facts.export_count; i++) {
        demand_inside(facts.exports[i], bytes);
    }
}

static void try_url(struct str text, struct arena *a)
{
    struct module_url url;
    struct module_url again;

    module_url_parse(a, text, &url);
    module_url_parse(a, url.key, &again);
    demand(str_find(url.key, '#') == STR_NONE);
    if (url.key.len > 0 && url.key.ptr[0] == '/') {
        demand(str_eq(again.key, url.key));
        demand(again.stamp == 0 && again.stamp_page == 0 && again.want == url.want);
    }
}

static size_t count_lines(struct str text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

static void add_project(struct fs_mem *mem)
{
    fs_mem_add(mem, STR("a.js"), STR("export const a = 1;"));
    fs_mem_add(mem, STR("d/index.js"), STR("export default 1;"));
    fs_mem_add(mem, STR("a.css"), STR("a {}"));
    fs_mem_add(mem, STR("a.json"), STR("{}"));
    fs_mem_add(mem, STR(".env"), STR("VITE_A=1\n"));
    fs_mem_add(mem, STR("node_modules/p/package.json"),
            STR("{\"type\":\"module\",\"main\":\"m.js\",\"browser\":{\"./no.js\":false}}"));
    fs_mem_add(mem, STR("node_modules/p/m.js"), STR("export {};"));
}

static void try_document(struct str text, struct arena *a)
{
    struct fs_mem *mem = fs_mem_create();
    struct fs fs = fs_mem_face(mem);
    struct graph *graph = graph_create();
    struct file_facts facts = { .size = text.len, .hash = hash_bytes(text) };
    struct hash version;

    add_project(mem);
    struct modules *modules =
            modules_create(&(struct modules_options){ .graph = graph, .fs = &fs, .hmr = true });
    struct str first = modules_document(modules, STR("i.html"), text, &facts, a, &version);
    struct str second = modules_document(modules, STR("i.html"), text, &facts, a, &version);

    demand(str_eq(first, second));
    demand(count_lines(first) == count_lines(text));
    node_raise_stamp(modules_get(modules, STR("/a.js"), STR("a.js")), 3);
    demand(count_lines(modules_document(modules, STR("i.html"), text, &facts, a, &version)) ==
            count_lines(text));
    modules_destroy(modules);
    graph_destroy(graph);
    fs_mem_destroy(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct arena a = { 0 };

    if (size == 0) {
        return 0;
    }
    switch (data[0]) {
    case 'j': try_json(str_skip(text, 1), &a); break;
    case 'w': try_wasm(str_skip(text, 1), &a); break;
    case 'u': try_url(str_skip(text, 1), &a); break;
    default: try_document(text, &a);
    }
    arena_finish(&a);
    return 0;
}
