/* SPDX-License-Identifier: MIT */
/*
 * What a request is served as.
 *
 * Invariant: the text of an answer is that which its ETag is the hash of. A text
 * that was made once is found again by that hash as long as no stamp in it has
 * changed; only what is not found is made again.
 */
#include <stdlib.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "modules/modules_private.h"
#include "resolve/fs_memo.h"
#include "scan/css_scan.h"
#include "scan/js_scan.h"
#include "transform/transform.h"

#define SCRIPT_TYPE STR("text/javascript; charset=utf-8")
#define JSON_TYPE   STR("application/json")
#define CSS_TYPE    STR("text/css; charset=utf-8")

enum { SERVED_MAX = 3 * MODULES_TEXT_MAX };

bool served_text(const struct module_url *url, struct str path, struct str text,
        struct hash version, const struct stamps *stamps, struct edge_list *edges,
        const struct made *made, struct str *ret)
{
    struct edit_list list = { 0 };
    struct strbuf out;
    struct js_facts js;
    bool changed = true;

    strbuf_init(&out, SERVED_MAX);
    if (!wrapped_make(url, path, text, version, stamps, edges, &out)) {
        js_scan(text, stamps->arena, &js);
        edits_js(&list, stamps, path, url->key, text, 0, &js, edges, STR("import.meta.url"));
        bool has_map = made || parts_is_code(url, path);

        changed = list.count > 0 || has_map;
        if (changed) {
            rewrite_apply(&out, text, &list);
        }
        if (has_map) {
            transformed_add_map(stamps->modules, made, url, path, text, &list, stamps->arena, &out);
        }
        vec_finish(&list);
    }
    if (out.overflow) {
        strbuf_reset(&out);
        strbuf_add(&out, STR("throw new Error(\"this module is too large to be served\");\n"));
    }
    if (changed) {
        *ret = arena_str(stamps->arena, strbuf_str(&out));
    }
    strbuf_finish(&out);
    return changed;
}

uint64_t signature_of(const struct modules *m, const struct edition *ed)
{
    uint64_t signature = 0;
    size_t count = edition_edge_count(ed);

    for (size_t i = 0; m->options.hmr && i < count; i++) {
        struct node *target = edition_target(ed, i);
        uint64_t stamp = target ? node_stamp(target) : 0;

        if (stamp > 0) {
            signature = (signature ^ (stamp + i * 0x9E3779B97F4A7C15u)) * 0x2545F4914F6CDD1Du;
            signature += signature == 0;
        }
    }
    return signature;
}

/* What a page ran before: `?orbit=12r3`. */
static void answer_record(struct modules *m, const struct module_url *url, struct str path,
        struct arena *a, struct module_answer *ret)
{
    const struct modules_options *o = &m->options;
    struct module_record record = { 0 };
    struct stamps stamps = {
        .modules = m, .arena = a, .transaction = url->stamp, .page = url->stamp_page
    };
    struct str text;

    ret->form = MODULE_MISSING;
    if (!o->find_record ||
            !o->find_record(o->ctx, url->stamp, url->stamp_page, url->key, &record) ||
            !record.member || !text_store_get(m->store, record.hash, a, &text)) {
        return;
    }
    ret->version = record.hash;
    const struct entry *e = ret->node ? entry_find(m, ret->node) : NULL;

    stamps.map = e ? maps_get(m, e->map) : NULL;
    struct edition *old = ret->node ? node_find_edition(ret->node, record.hash) : NULL;
    struct reading r = { .modules = m,
        .arena = a,
        .url = *url,
        .path = path,
        .text = text,
        .version = record.hash,
        .map = stamps.map };

    if (!old) {
        edges_read(&r, module_node_kind(url, path));
        if (r.globs) {
            arena_finish(&r.globs->arena);
            free(r.globs->globs);
            free(r.globs);
        }
    }
    struct edge_list edges = {
        .edition = old,
        .edges = old ? NULL : r.edges,
        .count = old ? edition_edge_count(old) : r.edge_count,
    };

    ret->form = MODULE_TEXT;
    if (!served_text(url, path, text, record.hash, &stamps, &edges, NULL, &ret->text)) {
        ret->text = text; /* the old bytes, which the file does not have any more */
    }
    ret->etag = hash_bytes(ret->text);
}

bool source_text(struct modules *m, const struct module_url *url, struct str path,
        const struct entry *e, struct hash version, struct arena *a, struct str *ret,
        const struct made **ret_made)
{
    const struct made *made = NULL;

    if (transformed_is(m, url, path)) {
        made = e ? transformed_find(m, e->made) : NULL;
        made = made && made->is_bad ? NULL : made;
    }
    *ret_made = made;
    return (made && transformed_text(m, made, a, ret)) ||
           text_store_get(m->store, version, a, ret) ||
           (parts_is(url, path) && parts_text(m, url, path, a, ret));
}

/*
 * Makes the text of a node that is up to date. With `whole` it is given even if it is the file's
 * own, since the file may not be that any more.
 */
static bool make_answer(struct modules *m, const struct module_request *request,
        const struct module_url *url, struct str text, bool whole, struct arena *a,
        struct module_answer *ret)
{
    struct entry *e = entry_find(m, ret->node);
    struct edition *ed = node_current(ret->node);
    struct stamps stamps = { .modules = m, .arena = a, .map = e ? maps_get(m, e->map) : NULL };
    bool needed = !wrapped_is(m, url, request->path) || wrapped_needs_text(m, url, request->path);
    bool compiled = transformed_is(m, url, request->path);
    const struct made *made = NULL;

    if (compiled) {
        whole = true; /* never the file's own bytes */
        if (!source_text(m, url, request->path, e, ret->version, a, &text, &made)) {
            struct reading r = {
                .modules = m, .arena = a, .url = *url, .path = request->path, .text = STR("")
            };

            transformed_read(&r, e ? e->made : (struct hash){ 0 });
            text = r.text;
        }
    } else if (parts_is(url, request->path)) {
        whole = true; /* never the file's own bytes */
        if (!source_text(m, url, request->path, e, ret->version, a, &text, &made)) {
            return false;
        }
    } else if (needed && !text.ptr && !text_store_get(m->store, ret->version, a, &text)) {
        if (read_text(m, request->fd, &request->facts, a, &text)) {
            /* neither kept nor, perhaps, what it was: what was read is what counts */
            struct file_facts facts = { .size = text.len, .hash = hash_bytes(text) };

            ed = str_ieq(path_ext(request->path), STR(".wasm"))
                         ? ed
                         : refresh_text(m, ret->node, text, &facts, a);
            ret->version = edition_hash(ed);
        } else if (!wrapped_is(m, url, request->path)) {
            return false;
        }
    }
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };

    if (ret->node && node_kind_of(ret->node) == NODE_CSS) {
        ret->text = text;
        ret->type = CSS_TYPE;
        ret->etag = hash_bytes(text);
        return true;
    }
    if (!served_text(url, request->path, text, ret->version, &stamps, &edges, made, &ret->text)) {
        ret->text = text;
        if (!whole) {
            return false;
        }
    }
    ret->etag = hash_bytes(ret->text);
    if (e) {
        e->served = ret->etag;
        e->signature = signature_of(m, ed);
        e->has_served = true;
    }
    text_store_put(m->store, ret->etag, ret->text);
    return true;
}

/* Whether the file is nothing that can be a module, or is asked for as bytes. */
static bool is_outside(
        const struct modules *m, const struct module_request *request, const struct module_url *url)
{
    enum file_kind kind = module_file_kind(request->path);

    if (request->path.len == 0 || request->path.ptr[0] == '/') {
        return true;
    }
    if (url->want != WANT_FILE || request->as_script) {
        return false;
    }
    return kind == FILE_TRANSFORM ||
           (!request->as_any &&
                   (kind == FILE_COMPILED ||
                           (kind == FILE_JS && transformed_is(m, url, request->path))));
}

static void answer(struct modules *m, const struct module_request *request, struct arena *a,
        struct module_answer *ret)
{
    struct module_url url;
    struct str text;

    *ret = (struct module_answer){
        .form = MODULE_PLAIN, .version = request->facts.hash, .type = SCRIPT_TYPE
    };
    module_url_parse(a, request->url, &url);
    if (transformed_map(m, &url, a, &ret->etag, &ret->text)) {
        ret->form = MODULE_TEXT;
        ret->type = JSON_TYPE;
        return;
    }
    if (is_outside(m, request, &url)) {
        return;
    }
    enum node_kind kind = module_node_kind(&url, request->path);

    if (kind == NODE_DOCUMENT || (kind == NODE_ASSET && url.want == WANT_FILE)) {
        return; /* an asset's edition has nothing to say that its hash does not */
    }
    ret->node = graph_get(m->options.graph, url.key, request->path, kind);
    if (url.stamp_page > 0 && m->options.hmr) {
        answer_record(m, &url, request->path, a, ret);
        return;
    }
    uint64_t map;

    if (kind == NODE_JS && maps_of_asker(m, ret->node, request->asker, request->asker_path, &map)) {
        maps_set(m, ret->node, map);
    } else if (kind == NODE_JS) {
        maps_guess(m, ret->node);
    }
    struct edition *ed = refresh_open(m, ret->node, request->fd, &request->facts, a, &text);
    struct entry *e = entry_find(m, ret->node);

    if (e->is_waiting) {
        ret->form = MODULE_WAIT;
        return;
    }
    if (kind != NODE_CSS && instance_answer(m, request, &url, e, a, ret)) {
        return;
    }
    uint64_t signature = kind == NODE_CSS ? 0 : signature_of(m, ed);

    ret->version = edition_hash(ed);
    /* what was scanned is not what the server saw: it is being written */
    bool moves = !hash_eq(e->file_hash, request->facts.hash);

    if (!moves && !e->is_compiled && (kind == NODE_CSS || (e->plain && signature == 0))) {
        return;
    }
    if (e->has_served && e->signature == signature && text_store_has(m->store, e->served)) {
        ret->form = MODULE_TEXT;
        ret->etag = e->served;
        return;
    }
    if (make_answer(m, request, &url, text, moves, a, ret)) {
        ret->form = MODULE_TEXT;
    } else {
        ret->text = (struct str){ 0 };
    }
}

void modules_answer(struct modules *m, const struct module_request *request, struct arena *a,
        struct module_answer *ret)
{
    fs_memo_begin(m->options.memo);
    answer(m, request, a, ret);
    fs_memo_end(m->options.memo);
}

bool modules_answer_text(struct modules *m, const struct module_request *request, struct arena *a,
        struct module_answer *answer)
{
    struct module_url url;

    if (answer->text.ptr || text_store_get(m->store, answer->etag, a, &answer->text)) {
        return true;
    }
    module_url_parse(a, request->url, &url);
    fs_memo_begin(m->options.memo);
    bool good = make_answer(m, request, &url, (struct str){ 0 }, true, a, answer);

    fs_memo_end(m->options.memo);
    return good;
}

static struct str document(struct modules *m, struct str path, struct str text,
        const struct file_facts *facts, struct arena *a, struct hash *ret_version)
{
    struct stamps stamps = { .modules = m, .arena = a };
    struct edit_list list = { 0 };
    struct html_facts html;
    struct strbuf out;

    m->carry.documents++;
    if (m->options.transform) {
        transform_look_anew(m->options.transform);
    }
    transformed_forget_passing(
            m); /* a page that is opened anew may have been told how to mend it */
    *ret_version = facts->hash;
    if (text.len > MODULES_TEXT_MAX) {
        return text;
    }
    struct node *node = modules_get(m, resolve_url_of(a, path), path);
    struct str url = arena_str(a, node_url(node));
    struct str source = text;
    bool uses_env;

    text = env_fill(m, source, a, &uses_env);
    html_scan(text, a, &html);
    m->last_map = maps_take(m, url, edges_document_base(a, url, &html), text, &html, path);
    stamps.map = maps_get(m, m->last_map);
    struct edition *ed = refresh_text(m, node, source, facts, a);
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };

    *ret_version = edition_hash(ed);
    edits_document(&list, &stamps, url, path, text, &html, &edges);
    if (list.count > 0) {
        strbuf_init(&out, SERVED_MAX);
        rewrite_apply(&out, text, &list);
        text = out.overflow ? text : arena_str(a, strbuf_str(&out));
        strbuf_finish(&out);
    }
    vec_finish(&list);
    return text;
}

struct str modules_document(struct modules *m, struct str path, struct str text,
        const struct file_facts *facts, struct arena *a, struct hash *ret_version)
{
    fs_memo_begin(m->options.memo);
    struct str made = document(m, path, text, facts, a, ret_version);

    fs_memo_end(m->options.memo);
    return made;
}

bool modules_text(struct modules *m, struct hash hash, struct arena *a, struct str *ret)
{
    return text_store_get(m->store, hash, a, ret);
}

/* The text of that hash, kept or on disk. */
static bool find_text(struct modules *m, struct str path, struct hash hash, size_t max,
        struct arena *a, struct str *ret)
{
    struct file_facts facts = { .hash = hash };
    struct stat st;

    if (text_store_get(m->store, hash, a, ret)) {
        return ret->len <= max;
    }
    int fd = files_open(m->options.files, path, &st);
    bool good = fd >= 0 && (uint64_t)st.st_size <= max;

    facts.size = good ? (uint64_t)st.st_size : 0;
    good = good && read_text(m, fd, &facts, a, ret) && hash_eq(hash_bytes(*ret), hash);
    sys_close(fd);
    return good;
}

bool modules_css_text(struct modules *m, struct str url, struct str path, struct hash hash,
        size_t max, struct arena *a, struct str *ret)
{
    struct module_url parsed;
    struct str text;
    struct strbuf out;
    bool good;

    if (!find_text(m, path, hash, max, a, &text)) {
        return false;
    }
    module_url_parse(a, url, &parsed);
    strbuf_init(&out, max);
    css_text_add(&out, a, text, parsed.path);
    good = !out.overflow;
    if (good) {
        *ret = arena_str(a, strbuf_str(&out));
    }
    strbuf_finish(&out);
    return good;
}
