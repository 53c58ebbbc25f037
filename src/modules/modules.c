/* SPDX-License-Identifier: MIT */
/*
 * Nodes and the disk: what is remembered of a file, and when it is read again.
 *
 * Invariant: an entry that is neither stale nor of an older generation, and whose
 * hash is that of the file, belongs to an edition that says what the file says.
 * Each entry holds one reference to its node.
 */
#include "modules/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "modules/modules_private.h"
#include "resolve/vite_config.h"
#include "scan/js_scan.h"

struct modules *modules_create(const struct modules_options *options)
{
    struct modules *m = mem_new(struct modules);

    m->options = *options;
    modules_configure(m, options->static_dirs, options->static_dir_count, options->hmr);
    m->kept.run = hash_bytes(options->run);
    m->options.run = STR("");
    kept_forget(m);
    m->store = text_store_create(TEXT_STORE_BYTES);
    m->orbit = orbit_store_create(options->fs);
    strbuf_init(&m->orbit_wasm, MODULE_URL_MAX);
    return m;
}

void modules_configure(
        struct modules *m, const struct str *static_dirs, size_t static_dir_count, bool hmr)
{
    struct resolver_options resolver = {
        .fs = *m->options.fs,
        .static_dirs = static_dirs,
        .static_dir_count = static_dir_count,
        .vite_config = m->options.vite_config,
    };

    resolver_destroy(m->resolver);
    m->resolver = resolver_create(&resolver);
    m->options.static_dirs = NULL; /* the resolver has a copy */
    m->options.hmr = hmr;
    m->generation++;
}

static void drop_globs(struct modules *m, struct entry *e)
{
    struct glob_use *use = e->globs;

    if (use) {
        DL_DELETE2(m->glob_users, e, glob_prev, glob_next);
        arena_finish(&use->arena);
        free(use->globs);
        free(use);
        e->globs = NULL;
    }
}

static void drop_entry(struct modules *m, struct entry *e)
{
    if (e->kept_in == m->kept.number) {
        kept_forget(m); /* what was served for good is not known any more */
    }
    drop_globs(m, e);
    carry_forget(m, e);
    HASH_DEL(m->table, e);
    DL_DELETE(m->entries, e);
    node_unref(m->options.graph, e->node);
    free(e);
}

void modules_destroy(struct modules *m)
{
    if (!m) {
        return;
    }
    while (m->entries) {
        drop_entry(m, m->entries);
    }
    while (m->warned) {
        struct warned *w = m->warned;

        HASH_DEL(m->warned, w);
        free(w);
    }
    resolver_destroy(m->resolver);
    text_store_destroy(m->store);
    orbit_store_destroy(m->orbit);
    transformed_finish(m);
    strbuf_finish(&m->orbit_wasm);
    cjs_names_forget(m);
    maps_finish(m);
    arena_finish(&m->env_arena);
    free(m);
}

void modules_set_hidden(struct modules *m, bool (*is_hidden)(void *ctx, struct str path), void *ctx)
{
    m->is_hidden = is_hidden;
    m->hidden_ctx = ctx;
}

void modules_set_unsettled(struct modules *m, bool unsettled)
{
    m->unsettled = unsettled;
}

struct str modules_define(const struct modules *m)
{
    return vite_config_define(m->options.vite_config);
}

bool modules_is_unsettled(const struct modules *m, struct str path)
{
    enum file_kind kind = module_file_kind(path);

    return m->unsettled && kind != FILE_OTHER && kind != FILE_JSON && kind != FILE_WASM;
}

bool hidden(const struct modules *m, struct str path)
{
    return m->is_hidden && m->is_hidden(m->hidden_ctx, path);
}

void warn_at(struct modules *m, const struct diag *diag)
{
    struct arena a = { 0 };
    struct str key = arena_printf(&a, "%.*s\n%.*s", STR_FMT(diag->path), STR_FMT(diag->text));
    struct warned *known;

    HASH_FIND(hh, m->warned, key.ptr, key.len, known);
    if (!known && m->options.on_warning && HASH_COUNT(m->warned) < MODULES_WARNED_MAX) {
        known = mem_alloc(1, sizeof(*known) + key.len + 1);
        memcpy(known->text, key.ptr, key.len);
        HASH_ADD_KEYPTR(hh, m->warned, known->text, key.len, known);
        m->options.on_warning(m->options.ctx, diag);
    }
    arena_finish(&a);
}

void warn(struct modules *m, struct str path, struct str text, struct str hint)
{
    warn_at(m,
            &(struct diag){ .severity = DIAG_WARNING, .path = path, .text = text, .hint = hint });
}

enum node_kind modules_kind(struct str key, struct str path)
{
    struct arena a = { 0 };
    struct module_url parsed;

    module_url_parse(&a, key, &parsed);
    enum node_kind kind = module_node_kind(&parsed, path);

    arena_finish(&a);
    return kind;
}

struct node *modules_get(struct modules *m, struct str key, struct str path)
{
    struct arena a = { 0 };
    enum node_kind kind = modules_kind(key, path);
    struct str url = kind == NODE_DOCUMENT ? resolve_url_of(&a, path) : key;
    struct node *node = graph_get(m->options.graph, url, path, kind);

    arena_finish(&a);
    return node;
}

struct entry *entry_find(const struct modules *m, const struct node *node)
{
    struct entry *e;

    HASH_FIND_PTR(m->table, &node, e);
    return e;
}

/* The entries of a file whose URLs have a query. */
struct variants {
    struct modules *modules;
    struct entry *oldest; /* of those that no browser keeps */
    size_t count;
    size_t kept;
};

/* Whether its URL has a query that anybody may have written; what plugins give for a name is not one file. */
static bool is_variant(const struct node *node)
{
    struct str url = node_url(node);

    return str_find(url, '?') != STR_NONE &&
           (str_find_str(url, STR(VITE_CONFIG_PLUGIN_MARK)) == STR_NONE ||
                   !vite_config_is_name(node_path(node)));
}

static void count_variant(void *ctx, struct node *node)
{
    struct variants *v = ctx;
    struct entry *e = entry_find(v->modules, node);

    if (e && is_variant(node)) {
        bool kept = e->kept_in == v->modules->kept.number;

        v->oldest = v->oldest || kept ? v->oldest : e;
        v->kept += kept;
        v->count++;
    }
}

bool may_keep_variant(struct modules *m, const struct node *node)
{
    struct variants v = { .modules = m };

    if (is_variant(node)) {
        graph_each_of_path(m->options.graph, node_path(node), count_variant, &v);
    }
    return v.kept < MODULES_VARIANTS_MAX / 2;
}

/* "?t=123", another number each time, is how people get around caches. */
static void limit_variants(struct modules *m, const struct node *node)
{
    struct variants v = { .modules = m };

    graph_each_of_path(m->options.graph, node_path(node), count_variant, &v);
    if (v.count >= MODULES_VARIANTS_MAX && v.oldest) {
        drop_entry(m, v.oldest);
    }
}

struct entry *entry_get(struct modules *m, struct node *node)
{
    struct entry *e = entry_find(m, node);

    if (e) {
        return e;
    }
    node_ref(node); /* dropping an entry may end the last use of a node */
    if (HASH_COUNT(m->table) >= MODULES_KEPT_MAX) {
        drop_entry(m, m->entries);
    }
    if (is_variant(node)) {
        limit_variants(m, node);
    }
    e = mem_new(struct entry);
    e->node = node;
    e->map = m->last_map; /* until somebody says who asks */
    e->stale = true;
    HASH_ADD_PTR(m->table, node, e);
    DL_APPEND(m->entries, e);
    return e;
}

bool read_text(
        struct modules *m, int fd, const struct file_facts *facts, struct arena *a, struct str *ret)
{
    size_t size = (size_t)facts->size;
    size_t done = 0;

    if (files_last_bytes(m->options.files, facts->hash, ret)) {
        *ret = (struct str){ arena_cstr(a, *ret), ret->len };
        return true;
    }
    if (fd < 0 || facts->size > MODULES_TEXT_MAX) {
        return false;
    }
    char *to = arena_alloc(a, size + 1);

    while (done < size) {
        ssize_t got = pread(fd, to + done, size - done, (off_t)done);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            break; /* it has become shorter; the next event says so */
        }
        done += (size_t)got;
    }
    *ret = (struct str){ to, done };
    return true;
}

static uint64_t env_mark(struct modules *m)
{
    return hash_bytes(env_get(m)).low;
}

/* Whether what a tool made of the file is still what it would make of it, and can be had. */
static bool is_made(struct modules *m, const struct entry *e)
{
    struct str path = node_path(e->node);
    enum node_kind kind = node_kind_of(e->node);

    /* a project may begin to use PostCSS, or cease to */
    if ((kind == NODE_CSS || kind == NODE_CSS_JS) &&
            e->is_compiled != modules_is_compiled(m, path)) {
        return false;
    }
    if (!e->is_compiled) {
        return true;
    }
    struct arena a = { 0 };
    struct module_url url;

    struct hash source = e->file_hash;

    module_url_parse(&a, node_url(e->node), &url);
    parts_source(m, &url, path, &(struct str){ 0 }, &source);
    bool made = hash_eq(e->made, transformed_key(m, &url, path, source)) &&
                transformed_find(m, e->made);

    arena_finish(&a);
    return made;
}

bool entry_is_current(
        struct modules *m, const struct entry *e, const struct edition *ed, struct hash file_hash)
{
    return ed && edition_exists(ed) && !e->stale && e->generation == m->generation && !e->globs &&
           hash_eq(e->file_hash, file_hash) && (!e->uses_env || e->env == env_mark(m)) &&
           (!e->uses_names || e->names == cjs_names_mark(m, node_path(e->node))) &&
           !packages_are_healed(m, ed) && is_made(m, e);
}

static bool needs_text(
        const struct modules *m, const struct module_url *url, struct str path, enum node_kind kind)
{
    if (transformed_is(m, url, path)) {
        return true;
    }
    return wrapped_is(m, url, path) ? wrapped_needs_text(m, url, path)
                                    : kind != NODE_ASSET && kind != NODE_CSS_JS;
}

/* Whether the text has to be changed though nothing has a stamp. */
static bool is_plain(const struct reading *r, const struct edition *ed, enum node_kind kind)
{
    struct stamps stamps = {
        .modules = r->modules, .arena = r->arena, .map = r->map, .none = true
    };
    struct edge_list edges = { .edition = ed, .count = edition_edge_count(ed) };
    struct edit_list list = { 0 };

    if (wrapped_is(r->modules, &r->url, r->path) || parts_is(&r->url, r->path) ||
            transformed_is(r->modules, &r->url, r->path)) {
        return false;
    }
    if (kind == NODE_JS) {
        struct js_facts js;

        js_scan(r->text, r->arena, &js);
        edits_js(&list, &stamps, r->path, r->url.key, r->text, 0, &js, &edges,
                STR("import.meta.url"));
    }
    bool plain = list.count == 0;

    vec_finish(&list);
    return plain;
}

bool stands_for_file(struct modules *m, const struct node *node, const struct file_facts *found)
{
    const struct edition *ed = node_current(node);

    return m->options.is_unfinished &&
           m->options.is_unfinished(m->options.ctx, node_path(node), found) && ed &&
           edition_exists(ed);
}

static bool is_wasm(struct str path)
{
    return str_ieq(path_ext(path), STR(".wasm"));
}

/* Scans, resolves, and tells the graph. `text` has a pointer if it counts. */
static struct edition *make_edition(struct modules *m, struct node *node, struct entry *e,
        struct hash file_hash, struct arena *a, struct str text)
{
    enum node_kind kind = node_kind_of(node);
    struct reading r = {
        .modules = m,
        .arena = a,
        .map = maps_get(m, e->map),
        .path = node_path(node),
        .text = text,
        .version = file_hash,
    };

    module_url_parse(a, arena_str(a, node_url(node)), &r.url);
    r.facts.exists = true;
    if (parts_is(&r.url, r.path)) {
        parts_read(&r);
        text = r.text;
    }
    if (transformed_is(m, &r.url, r.path)) {
        r.facts.is_made = true;
        e->made = e->asked;
        transformed_read(&r, e->made);
        text = r.text;
    }
    if (kind == NODE_DOCUMENT && text.ptr) {
        text = env_fill(m, r.text, a, &r.uses_env);
        r.version = text.ptr != r.text.ptr ? hash_bytes(text) : r.version;
        r.text = text;
    }
    if (text.ptr || !needs_text(m, &r.url, r.path, kind) || wrapped_is(m, &r.url, r.path)) {
        edges_read(&r, kind);
    }
    e->is_compiled = r.facts.is_made;
    r.facts.is_made = r.facts.is_made ||
                      (kind == NODE_DOCUMENT && (r.uses_env || !hash_eq(r.version, file_hash)));
    maps_compare(m, e, &r);
    r.facts.hash = r.version;
    r.facts.edges = r.edges;
    r.facts.edge_count = r.edge_count;
    struct edition *ed = graph_set_edition(m->options.graph, node, &r.facts);

    drop_globs(m, e);
    if (r.globs) {
        e->globs = r.globs;
        DL_APPEND2(m->glob_users, e, glob_prev, glob_next);
    }
    e->file_hash = file_hash;
    e->generation = m->generation;
    e->stale = false;
    e->has_served = false;
    e->uses_env = r.uses_env;
    e->env = r.uses_env ? env_mark(m) : 0;
    e->uses_names = r.uses_names;
    e->names = r.uses_names ? cjs_names_mark(m, r.path) : 0;
    e->plain = is_plain(&r, ed, kind);
    if (text.ptr) {
        text_store_put(m->store, r.version, text);
    }
    return ed;
}

/* Reads what the node needs of the file; *ret_hash is that of the bytes, which may have been written
 * since the facts were taken. */
static void read_for(struct modules *m, const struct node *node, int fd,
        const struct file_facts *facts, struct arena *a, struct str *ret, struct hash *ret_hash)
{
    struct module_url url;
    struct str path = node_path(node);

    *ret = (struct str){ 0 };
    *ret_hash = facts->hash;
    module_url_parse(a, arena_str(a, node_url(node)), &url);
    if (needs_text(m, &url, path, node_kind_of(node)) && read_text(m, fd, facts, a, ret) &&
            !is_wasm(path)) {
        *ret_hash = hash_bytes(*ret);
    }
}

/* Whether the node's text can be had now; if not, its tool has been given the file's. */
static bool is_ready(struct modules *m, struct entry *e, struct hash file_hash, struct str text)
{
    struct arena a = { 0 };
    struct module_url url;
    struct str path = node_path(e->node);

    module_url_parse(&a, node_url(e->node), &url);
    parts_source(m, &url, path, &text, &file_hash);
    e->is_waiting = transformed_is(m, &url, path) &&
                    !transformed_ask(m, &url, path, text, file_hash, &e->asked);
    arena_finish(&a);
    return !e->is_waiting;
}

struct edition *refresh_open(struct modules *m, struct node *node, int fd,
        const struct file_facts *facts, struct arena *a, struct str *ret_text)
{
    struct entry *e = entry_get(m, node);
    struct edition *ed = node_current(node);
    struct file_facts found = *facts;
    struct str text;

    *ret_text = (struct str){ 0 };
    e->is_waiting = false; /* what was waited for may have been another text */
    if (entry_is_current(m, e, ed, facts->hash)) {
        return ed;
    }
    if ((!ed || !hash_eq(e->file_hash, facts->hash)) && stands_for_file(m, node, facts)) {
        return ed;
    }
    read_for(m, node, fd, facts, a, &text, &found.hash);
    if (!hash_eq(found.hash, facts->hash)) {
        found.size = text.len;
        if (stands_for_file(m, node, &found)) {
            return ed;
        }
    }
    if (!is_ready(m, e, found.hash, text)) {
        return ed;
    }
    *ret_text = text;
    ed = make_edition(m, node, e, found.hash, a, text);
    if (e->is_compiled) {
        transformed_begin_imports(m, ed, a);
    }
    return ed;
}

struct edition *refresh_text(struct modules *m, struct node *node, struct str text,
        const struct file_facts *facts, struct arena *a)
{
    struct entry *e = entry_get(m, node);
    struct edition *ed = node_current(node);

    return entry_is_current(m, e, ed, facts->hash)
                   ? ed
                   : make_edition(m, node, e, hash_bytes(text), a, text);
}

/* An artefact of the build may lie outside the root. */
static int open_path(struct modules *m, struct str path, struct arena *a, struct stat *ret)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        return files_open(m->options.files, path, ret);
    }
    int fd = open(arena_cstr(a, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0 && (fstat(fd, ret) < 0 || !S_ISREG(ret->st_mode))) {
        fd = sys_close(fd);
    }
    return fd >= 0 ? fd : -ENOENT;
}

int open_node(struct modules *m, struct node *node, struct arena *a, struct file_facts *ret)
{
    struct str path = node_path(node);
    struct stat st;
    bool secret = path.len > 0 && path.ptr[0] != '/' && hidden(m, path);
    int fd = path.len == 0 || secret ? -ENOENT : open_path(m, path, a, &st);

    if (fd >= 0 && files_look_open(m->options.files, path, fd, &st, ret) < 0) {
        fd = sys_close(fd);
    }
    return fd;
}

struct edition *modules_refresh(struct modules *m, struct node *node, struct arena *a)
{
    struct arena_mark mark = arena_get_mark(a);
    struct edition *ed = node_current(node);
    struct file_facts facts;
    struct str text;
    int fd = open_node(m, node, a, &facts);

    if (fd >= 0) {
        ed = refresh_open(m, node, fd, &facts, a, &text);
    } else if (!stands_for_file(m, node, NULL)) {
        struct edition_facts gone = { .exists = false };
        struct entry *e = entry_get(m, node);

        e->is_waiting = false;
        e->stale = true;
        drop_globs(m, e);
        ed = graph_set_edition(m->options.graph, node, &gone);
    }
    sys_close(fd);
    arena_rewind(a, mark);
    return ed;
}

bool modules_refresh_to(
        struct modules *m, struct node *node, struct hash announced, struct arena *a)
{
    struct arena_mark mark = arena_get_mark(a);
    struct entry *e = entry_get(m, node);
    struct file_facts facts = { .hash = announced };
    struct str text;
    struct hash hash;
    bool taken = entry_is_current(m, e, node_current(node), announced);

    if (!taken) {
        /* the watcher has just read it, so mostly there is nothing to be opened */
        bool at_hand = files_last_bytes(m->options.files, announced, &text);
        int fd = at_hand ? -ENOENT : open_node(m, node, a, &facts);

        taken = (at_hand || fd >= 0) && hash_eq(facts.hash, announced);
        if (taken) {
            read_for(m, node, fd, &facts, a, &text, &hash);
            taken = hash_eq(hash, announced);
        }
        if (taken && is_ready(m, e, hash, text)) {
            (void)make_edition(m, node, e, hash, a, text);
        }
        sys_close(fd);
    }
    arena_rewind(a, mark);
    return taken;
}
