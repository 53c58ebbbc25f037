/* SPDX-License-Identifier: MIT */
#include "engine/report.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/sys.h"
#include "engine/state.h"
#include "files/workspace.h"
#include "hmr/plan.h"
#include "hmr/transaction.h"
#include "modules/module_url.h"
#include "modules/orbit_store.h"
#include "transform/transform.h"

enum { NAMES_TEXT_MAX = 16 * 1024 }; /* of a list of names in one line */

/* Texts of the project may be no UTF-8; what JSON cannot hold is shown as '?'. */
static json_t *text(struct arena *a, struct str s)
{
    if (!str_is_utf8(s)) {
        struct str copy = arena_str(a, s);
        char *bytes = (char *)(uintptr_t)copy.ptr;

        for (size_t i = 0; i < copy.len; i++) {
            bytes[i] = (unsigned char)bytes[i] < 0x80 ? bytes[i] : '?';
        }
        s = copy;
    }
    return json_stringn(s.ptr ? s.ptr : "", s.len);
}

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value); /* out of memory leaves the member out */
}

static void push(json_t *array, json_t *value)
{
    (void)json_array_append_new(array, value); /* as above */
}

static json_t *strings(struct arena *a, const struct str *items, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        push(array, text(a, items[i]));
    }
    return array;
}

/* ---- transactions ---- */

struct why_walk {
    struct engine *engine;
    json_t *array;
};

static json_t *page_answer(struct arena *a, const struct why_page *page)
{
    json_t *object = json_object();

    set(object, "page", json_integer((json_int_t)page->page));
    set(object, "ok", page->answered ? json_boolean(page->ok) : json_null());
    if (page->answered) {
        set(object, "mode", text(a, page->mode));
        set(object, "apply", json_real(page->apply_ms));
        set(object, "paint", json_real(page->paint_ms));
    }
    if (page->error.len > 0) {
        set(object, "error", text(a, page->error));
    }
    return object;
}

static void add_transaction(void *ctx, const struct why_entry *entry)
{
    struct why_walk *walk = ctx;
    struct arena *a = &walk->engine->turn;
    json_t *object = json_object();
    json_t *pages = json_array();
    const struct term_times *times = &entry->times;

    set(object, "seq", json_integer((json_int_t)entry->seq));
    set(object, "at", json_integer((json_int_t)(entry->wall_ms)));
    set(object, "verb", text(a, entry->verb));
    set(object, "what", text(a, entry->what));
    set(object, "why", text(a, entry->why));
    set(object, "chain", strings(a, entry->chain, entry->chain_count));
    set(object, "replaced", strings(a, entry->replaced, entry->replaced_count));
    set(object, "total", json_real(entry->ms));
    set(object, "watch", json_real(times->watch));
    set(object, "build", json_real(times->build));
    set(object, "send", json_real(times->send));
    set(object, "apply", json_real(times->apply));
    set(object, "paint", json_real(times->paint));
    for (size_t i = 0; i < entry->page_count; i++) {
        push(pages, page_answer(a, &entry->pages[i]));
    }
    set(object, "pages", pages);
    push(walk->array, object);
}

static json_t *transactions(struct engine *e)
{
    struct why_walk walk = { .engine = e, .array = json_array() };

    why_each(e->why, add_transaction, &walk);
    return walk.array;
}

/* ---- the graph ---- */

static const char *kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_JS: return "module";
    case NODE_CSS_JS: return "stylesheet imported by a module";
    case NODE_CSS: return "stylesheet";
    case NODE_DOCUMENT: return "document";
    case NODE_ASSET: return "file";
    }
    return "";
}

struct graph_walk {
    struct engine *engine;
    struct node **nodes;
    size_t count;
    json_t *indexes; /* URL -> index */
};

static void collect_node(void *ctx, struct node *node)
{
    struct graph_walk *walk = ctx;
    struct str url = node_url(node);

    if (walk->count < REPORT_NODES_MAX) {
        (void)json_object_setn_new_nocheck(
                walk->indexes, url.ptr, url.len, json_integer((json_int_t)walk->count));
        walk->nodes[walk->count++] = node;
    }
}

static json_t *deps_of(struct graph_walk *walk, const struct edition *edition)
{
    json_t *deps = json_array();

    for (size_t i = 0; i < edition_edge_count(edition); i++) {
        const struct node *target = edition_target(edition, i);
        struct str url = target ? node_url(target) : STR("");
        const json_t *index = target ? json_object_getn(walk->indexes, url.ptr, url.len) : NULL;

        if (index) {
            push(deps, json_integer(json_integer_value(index)));
        }
    }
    return deps;
}

/* What the pages say of the node: who has it, and what it accepts there. */
static void add_uses(struct engine *e, struct node *node, json_t *object)
{
    json_t *pages = json_array();
    json_t *accepted = json_array();
    const char *accepts = "";

    for (struct page *p = pages_first(e->pages); p; p = pages_next(p)) {
        const struct page_module *m = page_find_module(p, node_url(node));

        if (!m) {
            continue;
        }
        push(pages, json_integer((json_int_t)page_id_of(p)));
        accepts = m->accepts_self ? "self" : m->dep_count > 0 && !*accepts ? "deps" : accepts;
        for (size_t i = 0; i < m->dep_count && json_array_size(accepted) == i; i++) {
            push(accepted, text(&e->turn, m->deps[i]));
        }
    }
    set(object, "pages", pages);
    set(object, "accepts", json_string(accepts));
    set(object, "acceptedDeps", accepted);
}

static json_t *node_object(struct graph_walk *walk, struct node *node)
{
    struct engine *e = walk->engine;
    const struct edition *edition = node_current(node);
    json_t *object = json_object();

    set(object, "url", text(&e->turn, node_url(node)));
    set(object, "path", text(&e->turn, node_path(node)));
    set(object, "kind", json_string(kind_name(node_kind_of(node))));
    set(object, "stamp", json_integer((json_int_t)node_stamp(node)));
    set(object, "bad",
            json_boolean(edition && (!edition_exists(edition) || edition_error(edition))));
    set(object, "deps", edition ? deps_of(walk, edition) : json_array());
    add_uses(e, node, object);
    return object;
}

static json_t *graph(struct engine *e)
{
    struct graph_walk walk = {
        .engine = e,
        .nodes = arena_array(&e->turn, struct node *, REPORT_NODES_MAX),
        .indexes = json_object(),
    };
    json_t *object = json_object();
    json_t *nodes = json_array();

    graph_each(e->graph, collect_node, &walk);
    for (size_t i = 0; i < walk.count; i++) {
        push(nodes, node_object(&walk, walk.nodes[i]));
    }
    json_decref(walk.indexes);
    set(object, "count", json_integer((json_int_t)graph_count(e->graph)));
    set(object, "nodes", nodes);
    return object;
}

/* ---- the state ---- */

static json_t *pages(struct engine *e)
{
    json_t *array = json_array();

    for (struct page *p = pages_first(e->pages); p; p = pages_next(p)) {
        json_t *object = json_object();
        size_t loaded = 0;
        size_t stale = 0;

        for (const struct page_module *m = page_next_module(p, NULL); m;
                m = page_next_module(p, m)) {
            loaded++;
            stale += m->waits;
        }
        set(object, "id", json_integer((json_int_t)page_id_of(p)));
        set(object, "url", text(&e->turn, page_url(p)));
        set(object, "loaded", json_integer((json_int_t)loaded));
        set(object, "stale", json_integer((json_int_t)stale));
        push(array, object);
    }
    return array;
}

static json_t *watcher(struct engine *e)
{
    json_t *object = json_object();
    struct watch_stats stats;

    watch_get_stats(e->watch, &stats);
    set(object, "files", json_integer((json_int_t)stats.files));
    set(object, "folders", json_integer((json_int_t)stats.folders));
    set(object, "polled", json_boolean(stats.polled_folders > 0));
    set(object, "overflows", json_integer((json_int_t)stats.overflows));
    return object;
}

static json_t *build(struct engine *e)
{
    json_t *object = json_object();
    enum build_tool tool = build_get_tool(e->build);

    set(object, "kind",
            json_string(tool == BUILD_NONE    ? "none"
                        : tool == BUILD_CARGO ? "cargo"
                                              : "command"));
    set(object, "command", text(&e->turn, build_describe(e->build)));
    set(object, "running", json_boolean(build_is_running(e->build)));
    set(object, "failed", json_boolean(e->failing));
    set(object, "lastMs",
            e->build_ended_ns > e->build_began_ns
                    ? json_real((double)(e->build_ended_ns - e->build_began_ns) / 1e6)
                    : json_integer(-1));
    return object;
}

static void add_diags(struct arena *a, json_t *array, const struct diag_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct diag *d = &list->items[i];
        json_t *object = json_object();

        set(object, "severity", text(a, diag_severity_name(d->severity)));
        set(object, "path", text(a, d->path));
        set(object, "line", json_integer(d->line));
        set(object, "col", json_integer(d->col));
        set(object, "text", text(a, d->text));
        set(object, "hint", text(a, d->hint));
        set(object, "frame", text(a, d->frame));
        push(array, object);
    }
}

static json_t *state(struct engine *e)
{
    json_t *object = json_object();
    json_t *errors = json_array();
    struct dev_server_stats stats;

    dev_server_get_stats(e->server, &stats);
    add_diags(&e->turn, errors, &e->diags);
    add_diags(&e->turn, errors, &e->module_diags);
    set(object, "version", json_integer((json_int_t)e->report.version));
    set(object, "name", text(&e->turn, e->options->project_name));
    set(object, "root", text(&e->turn, files_root(e->files)));
    set(object, "epoch", json_string(e->epoch));
    set(object, "seq", json_integer((json_int_t)e->seq));
    set(object, "started", json_integer((json_int_t)e->report.started_ms));
    set(object, "connections", json_integer((json_int_t)stats.connections));
    set(object, "requests", json_integer((json_int_t)stats.requests));
    set(object, "errors", errors);
    set(object, "pages", pages(e));
    set(object, "transactions", transactions(e));
    set(object, "graph", graph(e));
    set(object, "watcher", watcher(e));
    set(object, "build", build(e));
    return object;
}

static void answer(struct engine *e, uint64_t ticket, json_t *json)
{
    char *body = json_dumps(json, JSON_COMPACT);

    dev_server_sync_done(e->server, ticket, body ? str_from(body) : STR("{}"));
    free(body);
    json_decref(json);
}

/* ---- what a save would do ---- */

struct explain {
    struct engine *engine;
    struct str path;
    json_t *lines;
    size_t pages;   /* that have loaded it */
    size_t reloads; /* of them, that would have to be loaded anew */
};

static void say(struct explain *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct explain *x, const char *format, ...)
{
    struct strbuf line;
    va_list args;

    strbuf_init(&line, 64 * 1024);
    va_start(args, format);
    strbuf_vaddf(&line, format, args);
    va_end(args);
    push(x->lines, text(&x->engine->turn, strbuf_str(&line)));
    strbuf_finish(&line);
}

/* A module as people name it: its URL as a path from the root. */
static struct str name_of(struct str url)
{
    return str_skip(url, str_starts(url, STR("/")));
}

static struct str join(struct arena *a, const struct str *items, size_t count, const char *between)
{
    struct strbuf all;

    strbuf_init(&all, NAMES_TEXT_MAX);
    for (size_t i = 0; i < count && !all.overflow; i++) {
        strbuf_add(&all, str_from(i > 0 ? between : ""));
        strbuf_add(&all, name_of(items[i]));
    }
    struct str text =
            arena_printf(a, "%.*s%s", STR_FMT(strbuf_str(&all)), all.overflow ? "..." : "");

    strbuf_finish(&all);
    return text;
}

static void explain_plan(struct explain *x, struct page *page, struct node *node)
{
    struct engine *e = x->engine;
    struct plan plan;
    unsigned long long id = page_id_of(page);

    plan_make(e->graph, page, &node, 1, &e->turn, &plan);
    for (size_t i = 0; i < plan.boundary_count; i++) {
        const struct plan_boundary *b = &plan.boundaries[i];

        if (str_eq(b->by, b->accepted)) {
            say(x, "page %llu: %.*s accepts itself and runs anew", id, STR_FMT(name_of(b->by)));
        } else {
            say(x, "page %llu: %.*s accepts %.*s, which runs anew", id, STR_FMT(name_of(b->by)),
                    STR_FMT(name_of(b->accepted)));
        }
    }
    if (plan.replaced_count > 1 && plan.refused_count == 0) {
        say(x, "page %llu: replaced together: %.*s", id,
                STR_FMT(join(&e->turn, plan.replaced, plan.replaced_count, ", ")));
    }
    if (plan.refused_count > 0) {
        x->reloads++;
        say(x, "page %llu: not accepted: %.*s; the registered handler gets it, or the page reloads",
                id, STR_FMT(join(&e->turn, plan.chain, plan.chain_count, " > ")));
    }
}

static void explain_module(struct explain *x, struct page *page, const struct page_module *m)
{
    unsigned long long id = page_id_of(page);

    switch (node_kind_of(m->node)) {
    case NODE_JS: explain_plan(x, page, m->node); break;
    case NODE_CSS_JS:
    case NODE_CSS: say(x, "page %llu: the stylesheet is replaced in place", id); break;
    case NODE_DOCUMENT:
        say(x, "page %llu: the document is changed in place; if its scripts change it reloads", id);
        break;
    case NODE_ASSET: say(x, "page %llu: shown anew where it is shown", id); break;
    }
}

static void explain_pages(struct explain *x)
{
    struct engine *e = x->engine;

    for (struct page *p = pages_first(e->pages); p; p = pages_next(p)) {
        bool uses = false;

        for (const struct page_module *m = page_next_module(p, NULL); m;
                m = page_next_module(p, m)) {
            if (m->node && str_eq(node_path(m->node), x->path)) {
                uses = true;
                explain_module(x, p, m);
            }
        }
        x->pages += uses;
    }
}

/* What the sections of a component are to its pages. */
static void explain_component(struct explain *x)
{
    struct engine *e = x->engine;
    const struct orbit_record *r = orbit_store_get(modules_orbit(e->modules), x->path);

    if (!r || !r->exists) {
        return;
    }
    for (size_t i = 0; i < r->diags.count; i++) {
        const struct diag *d = &r->diags.items[i];

        say(x, "%.*s:%u:%u: %.*s", STR_FMT(d->path), d->line, d->col, STR_FMT(d->text));
    }
    if (!r->has_good) {
        return;
    }
    const struct orbit_component *c = &r->good;
    bool builds = orbit_is_built(c->lang) && build_get_tool(e->build) != BUILD_NONE;
    struct str lang = orbit_lang_name(c->lang);

    say(x, "<%.*s>, in %.*s: %zu style%s, %zu expression%s, %zu handler%s", STR_FMT(c->name),
            STR_FMT(lang), c->style_count, c->style_count == 1 ? "" : "s", c->table.slot_count,
            c->table.slot_count == 1 ? "" : "s", c->table.handler_count,
            c->table.handler_count == 1 ? "" : "s");
    say(x, "a style, or a template of expressions that the code has: that part alone");
    say(x, builds ? "a new expression, or the code: a build, then code and template together"
                  : "a new expression, or the code: code and template together");
    for (size_t i = 0; i < c->unknown_count; i++) {
        say(x, "waits for a build: %.*s", STR_FMT(c->unknown[i].text));
    }
}

static json_t *explain(struct engine *e, struct str path)
{
    struct explain x = { .engine = e, .path = path, .lines = json_array() };
    json_t *object = json_object();
    const char *summary;

    set(object, "file", text(&e->turn, path));
    struct str remark = transform_remark(e->transform, path, &e->turn);

    if (remark.len > 0) {
        say(&x, "%.*s", STR_FMT(remark));
    }
    if (watch_ignores(e->watch, path, false)) {
        summary = path_is_below(path, WORKSPACE_NAME)
                          ? "nothing: the file is ignored, or no page has used its package"
                          : "nothing: the file is ignored";
    } else if (!orbit_is_file(path) && build_is_input(e->build, path)) {
        summary = "a build starts, since the file is an input of it";
    } else {
        if (orbit_is_file(path)) {
            explain_component(&x);
        }
        explain_pages(&x);
        summary = pages_count(e->pages) == 0 ? "nothing: no page is open"
                  : x.pages == 0             ? "nothing: no open page has loaded it"
                  : x.reloads == 0           ? "the pages are updated in place"
                  : x.reloads == x.pages ? "the pages are reloaded, unless their handler takes it"
                                         : "some pages are updated in place, some are reloaded";
    }
    set(object, "summary", json_string(summary));
    set(object, "lines", x.lines);
    return object;
}

/* ---- where it was written ---- */

/* The place in the file that a module was made of, of a place in the text that a page runs; empty if
 * that is not the text any more, or if nobody has written what stands there. */
static json_t *place(struct engine *e, const struct dev_server_ask *ask)
{
    json_t *object = json_object();
    struct module_url url;
    struct hash hash;

    module_url_parse(&e->turn, ask->url, &url);
    const struct node *node = graph_find(e->graph, url.key);
    const struct edition *edition = node ? node_current(node) : NULL;
    struct diag d = {
        .path = node ? node_path(node) : STR(""), .line = ask->line, .col = ask->col
    };
    bool is_current =
            edition && (ask->hash.len == 0 || (hash_parse(ask->hash, &hash) &&
                                                      hash_eq(hash, edition_hash(edition))));
    bool is_known = is_current && ask->line > 0 && modules_place(e->modules, node, &d, &e->turn) &&
                    d.line > 0;

    set(object, "place",
            text(&e->turn,
                    is_known ? arena_printf(&e->turn, "%.*s:%u:%u", STR_FMT(d.path), d.line, d.col)
                             : STR("")));
    return object;
}

/* ---- asking ---- */

static void on_rest(uv_timer_t *timer)
{
    struct engine *e = timer->data;
    size_t count = e->report.wait_count;

    e->report.wait_count = 0;
    for (size_t i = 0; i < count; i++) {
        answer(e, e->report.waits[i], state(e));
    }
    arena_reset(&e->turn);
}

void report_on_ask(void *ctx, const struct dev_server_ask *ask)
{
    struct engine *e = ctx;
    bool has_it = str_eq(ask->epoch, str_from(e->epoch)) && ask->after == e->report.version;
    json_t *why;

    switch (ask->kind) {
    case ASK_STATE:
        if (has_it && e->report.wait_count < REPORT_WAITS_MAX) {
            e->report.waits[e->report.wait_count++] = ask->ticket;
        } else {
            answer(e, ask->ticket, state(e));
        }
        break;
    case ASK_WHY:
        why = json_object();
        set(why, "transactions", transactions(e));
        answer(e, ask->ticket, why);
        break;
    case ASK_EXPLAIN: answer(e, ask->ticket, explain(e, ask->file)); break;
    case ASK_PLACE: answer(e, ask->ticket, place(e, ask)); break;
    }
    arena_reset(&e->turn);
}

void report_changed(struct engine *e)
{
    e->report.version++;
    if (e->report.wait_count > 0 && !e->closing && !uv_is_active((uv_handle_t *)&e->report.rest)) {
        (void)uv_timer_start(&e->report.rest, on_rest, REPORT_REST_MS, 0); /* cannot fail */
    }
}

void report_start(struct engine *e)
{
    (void)uv_timer_init(e->loop, &e->report.rest); /* cannot fail */
    e->report.rest.data = e;
    e->report.version = 1;
    e->report.started_ms = sys_wall_ns() / 1000000;
}

void report_stop(struct engine *e)
{
    uv_close((uv_handle_t *)&e->report.rest, NULL);
}
