/* SPDX-License-Identifier: MIT */
/*
 * Runs the scenarios of tests/scenario/plan: a graph, the pages that have loaded
 * it, changes, and what each page must do. tests/scenario/README.md has the form.
 * With ORBITON_GOLDEN=1 what comes out replaces what the files say.
 */
#include <dirent.h>

#include "hmr/climb.h"
#include "hmr/graph.h"
#include "hmr/pages.h"
#include "hmr/transaction.h"
#include "test.h"

enum { TEXT_MAX = 256 * 1024, FILES_MAX = 500, EDGES_MAX = 64, NAMES_MAX = 32, PAGES_MAX = 16 };

struct world {
    struct arena a;
    struct graph *graph;
    struct pages *pages;
    struct strbuf out;
    uint64_t seq;
    uint64_t sent[PAGES_MAX]; /* the last transaction that went to each page */
    uint64_t busy_page;       /* has not answered it */
    uint64_t edits;
    struct str invalid; /* the module that gave its update away */
    uint64_t invalid_page;
};

static struct str word(struct str *rest)
{
    struct str w;

    *rest = str_trim(*rest);
    (void)str_cut(*rest, ' ', &w, rest);
    *rest = str_trim(*rest);
    return w;
}

static struct str without_query(struct str url)
{
    struct str head;
    struct str query;

    (void)str_cut(url, '?', &head, &query);
    return head;
}

static struct str path_of(struct str url)
{
    struct str path = str_skip(without_query(url), 1);

    return path.len == 0 ? STR("index.html") : path;
}

static enum node_kind kind_of(struct str url)
{
    struct str path = path_of(url);
    bool import = str_ends(url, STR("?import"));

    if (str_ends(path, STR(".html"))) {
        return url.len == path.len + 1 ? NODE_DOCUMENT : NODE_JS;
    }
    if (str_ends(path, STR(".css"))) {
        return import ? NODE_CSS_JS : NODE_CSS;
    }
    return import || str_ends(path, STR(".js")) ? NODE_JS : NODE_ASSET;
}

static enum dep_kind usual_kind(enum node_kind from, enum node_kind to)
{
    switch (from) {
    case NODE_DOCUMENT:
        return to == NODE_JS ? DEP_MODULE : to == NODE_CSS ? DEP_STYLESHEET : DEP_PICTURE;
    case NODE_CSS:
    case NODE_CSS_JS: return to == NODE_CSS ? DEP_CSS_IMPORT : DEP_CSS_URL;
    case NODE_JS:
    case NODE_ASSET: break;
    }
    return DEP_IMPORT;
}

static bool take(struct str *s, const char *prefix)
{
    if (!str_starts(*s, str_from(prefix))) {
        return false;
    }
    *s = str_trim(str_skip(*s, strlen(prefix)));
    return true;
}

/* "dynamic /x.js", "/x.js{a b}", "missing /x.js": one edge. */
static struct edge read_edge(struct world *w, enum node_kind from, struct str text)
{
    struct edge e = { 0 };
    struct imported_name *names = arena_array(&w->a, struct imported_name, NAMES_MAX);
    bool kind_given = true;
    struct str braces;

    text = str_trim(text);
    if (take(&text, "dynamic ")) {
        e.kind = DEP_DYNAMIC;
    } else if (take(&text, "worker ")) {
        e.kind = DEP_WORKER;
    } else if (take(&text, "url ")) {
        e.kind = DEP_NEW_URL;
    } else if (take(&text, "reexport ")) {
        e.kind = DEP_REEXPORT;
    } else if (take(&text, "glob ")) {
        e.kind = DEP_GLOB;
    } else {
        kind_given = false;
    }
    e.missing = take(&text, "missing ");
    if (str_cut(text, '{', &text, &braces)) {
        braces = str_sub(braces, 0, braces.len - 1);
        while (braces.len > 0) {
            names[e.name_count++] = (struct imported_name){ .name = word(&braces) };
        }
    }
    e.url = text;
    e.path = path_of(text);
    e.target = kind_of(text);
    if (!kind_given) {
        e.kind = usual_kind(from, e.target);
    }
    e.names = names;
    if (e.missing) {
        struct str *tried = arena_new(&w->a, struct str);

        *tried = e.path;
        e.tried = tried;
        e.tried_count = 1;
        e.url = (struct str){ NULL, 0 };
    }
    return e;
}

struct spec {
    struct str url;
    bool has_edges;
    struct edge edges[EDGES_MAX];
    size_t edge_count;
    bool accepts_self;
    struct str deps[NAMES_MAX];
    size_t dep_count;
    struct str partial[NAMES_MAX];
    size_t partial_count;
    bool has_hot;
    struct str exports[NAMES_MAX];
    size_t export_count;
    bool knows_exports;
    struct str error;
};

/* "/a.js -> /b.js, dynamic /c.js; accepts self; exports a b" */
static void read_spec(struct world *w, struct str line, struct spec *ret)
{
    struct str edges;
    struct str attributes;

    *ret = (struct spec){ 0 };
    (void)str_cut(line, ';', &line, &attributes);
    size_t arrow = str_find_str(line, STR(" ->"));

    edges = arrow == STR_NONE ? STR("") : str_trim(str_skip(line, arrow + 3));
    ret->has_edges = arrow != STR_NONE;
    ret->url = str_trim(str_sub(line, 0, arrow == STR_NONE ? line.len : arrow));
    while (edges.len > 0) {
        struct str one;

        (void)str_cut(edges, ',', &one, &edges);
        edges = str_trim(edges);
        ret->edges[ret->edge_count++] = read_edge(w, kind_of(ret->url), one);
    }
    while (attributes.len > 0) {
        struct str one;

        (void)str_cut(attributes, ';', &one, &attributes);
        one = str_trim(one);
        if (take(&one, "accepts ")) {
            ret->has_hot = true;
            while (one.len > 0) {
                struct str name = word(&one);

                if (str_eq(name, STR("self"))) {
                    ret->accepts_self = true;
                } else {
                    ret->deps[ret->dep_count++] = name;
                }
            }
        } else if (take(&one, "accepts-exports ")) {
            ret->has_hot = true;
            while (one.len > 0) {
                ret->partial[ret->partial_count++] = word(&one);
            }
        } else if (take(&one, "exports")) {
            ret->knows_exports = true;
            while (one.len > 0) {
                ret->exports[ret->export_count++] = word(&one);
            }
        } else if (take(&one, "error ")) {
            ret->error = one;
        } else {
            fail_msg("unknown attribute '%.*s'", STR_FMT(one));
        }
    }
}

static void set_edition(struct world *w, const struct spec *s, struct hash hash)
{
    struct node *node = graph_get(w->graph, s->url, path_of(s->url), kind_of(s->url));
    struct diag error = { .text = s->error };
    struct edition_facts facts = {
        .hash = hash,
        .exists = true,
        .edges = s->edges,
        .edge_count = s->edge_count,
        .exports = s->exports,
        .export_count = s->export_count,
        .knows_exports = s->knows_exports,
        .error = s->error.len > 0 ? &error : NULL,
    };

    (void)graph_set_edition(w->graph, node, &facts);
}

static struct hash text_hash(struct world *w, struct str path, uint64_t edit)
{
    return hash_bytes(arena_printf(&w->a, "%.*s %llu", STR_FMT(path), (unsigned long long)edit));
}

static void read_graph_line(struct world *w, struct str line)
{
    struct spec *s = arena_new(&w->a, struct spec);

    read_spec(w, line, s);
    set_edition(w, s, text_hash(w, path_of(s->url), 0));
}

/* Accept calls belong to the run of a module: kept by URL until pages have loaded it. */
static void register_hot(struct world *w, struct page *page, struct str line)
{
    struct spec *s = arena_new(&w->a, struct spec);

    read_spec(w, line, s);
    if (s->has_hot && page_find_module(page, s->url)) {
        page_set_hot(
                page, s->url, s->accepts_self, s->deps, s->dep_count, s->partial, s->partial_count);
    }
}

static void load_url(struct world *w, struct page *page, struct str url)
{
    struct node *node = graph_find(w->graph, url);
    const struct edition *ed = node ? node_current(node) : NULL;
    struct version runs = { .known = true, .exists = ed && edition_exists(ed) };

    if (runs.exists) {
        runs.hash = edition_hash(ed);
    }
    if (!node) {
        fail_msg("'%.*s' is not in the graph", STR_FMT(url));
    }
    if (!ed) {
        node = graph_get(w->graph, url, path_of(url), kind_of(url));
    }
    assert_true(page_register_module(w->pages, page, url, path_of(url), runs, node,
            (struct stamp){ .seq = node_stamp(node) }));
}

/* What a document brings with it: all but what is loaded later, or by a worker. */
static void load_from(struct world *w, struct page *page, struct str url)
{
    const struct node *node = graph_find(w->graph, url);
    const struct edition *ed = node ? node_current(node) : NULL;

    if (page_find_module(page, url) && str_find_str(url, STR("?inline=")) == STR_NONE) {
        return;
    }
    if (str_find_str(url, STR("?inline=")) == STR_NONE) {
        load_url(w, page, url);
    }
    for (size_t i = 0; ed && i < edition_edge_count(ed); i++) {
        const struct node *to = edition_target(ed, i);
        enum dep_kind kind = edition_edge(ed, i)->kind;

        if (to && kind != DEP_DYNAMIC && kind != DEP_WORKER && kind != DEP_NEW_URL &&
                kind != DEP_GLOB) {
            load_from(w, page, node_url(to));
        }
    }
}

static struct page *page_numbered(struct world *w, uint64_t id)
{
    struct page *page = pages_find(w->pages, id);

    if (!page) {
        page = pages_add(w->pages, id);
    }
    return page;
}

/* "page 1 /index.html + /lazy.js": the document with what it brings, and more. */
static void open_page(struct world *w, struct str rest, struct str graph_text)
{
    uint64_t id = 0;
    struct page *page;
    bool more = false;

    assert_true(str_parse_u64(word(&rest), &id));
    page = page_numbered(w, id);
    while (rest.len > 0) {
        struct str url = word(&rest);

        if (str_eq(url, STR("+"))) {
            more = true;
        } else if (more) {
            load_url(w, page, url);
        } else {
            page_set_url(page, url);
            load_from(w, page, url);
        }
    }
    while (graph_text.len > 0) {
        struct str line;

        (void)str_cut(graph_text, '\n', &line, &graph_text);
        register_hot(w, page, str_trim(line));
    }
}

struct change {
    struct world *w;
    struct str path;
    struct version now;
    struct spec *spec;
};

static void change_node(void *ctx, struct node *node)
{
    struct change *c = ctx;

    transaction_find_workers(c->w->graph, c->w->pages, &node, 1);
}

struct node_array {
    struct node *items[NAMES_MAX];
    size_t count;
};

static void collect_node(void *ctx, struct node *node)
{
    struct node_array *list = ctx;

    list->items[list->count++] = node;
}

static void set_node(struct world *w, struct node *node, const struct change *c)
{
    struct spec *s = arena_new(&w->a, struct spec);
    const struct edition *old = node_current(node);

    if (!c->now.exists) {
        (void)graph_set_edition(w->graph, node, &(struct edition_facts){ .exists = false });
        return;
    }
    *s = *c->spec;
    s->url = node_url(node);
    if (!s->has_edges && old) {
        for (size_t i = 0; i < edition_edge_count(old); i++) {
            s->edges[s->edge_count++] = *edition_edge(old, i);
        }
    }
    set_edition(w, s, c->now.hash);
}

/* "modified /a.js -> /b.js", "deleted /a.js", "created /a.js", "resolved /a.js -> /b.js" */
static void make_change(struct world *w, struct str line)
{
    struct str verb = word(&line);
    struct node_array nodes = { .count = 0 };
    struct change c = { .w = w, .now = { .known = true, .exists = true } };

    c.spec = arena_new(&w->a, struct spec);
    read_spec(w, line, c.spec);
    c.path = path_of(c.spec->url);
    if (str_eq(verb, STR("resolved"))) {
        /* the same text, whose specifiers lead elsewhere since files came or went */
        const struct edition *ed = node_current(graph_find(w->graph, c.spec->url));

        set_edition(w, c.spec, edition_hash(ed));
        return;
    }
    if (str_eq(verb, STR("restored"))) {
        c.now.hash = text_hash(w, c.path, 0);
    } else if (str_eq(verb, STR("deleted"))) {
        c.now.exists = false;
    } else if (str_eq(verb, STR("modified")) || str_eq(verb, STR("created"))) {
        c.now.hash = text_hash(w, c.path, ++w->edits);
    } else {
        fail_msg("unknown change '%.*s'", STR_FMT(verb));
    }
    graph_each_of_path(w->graph, c.path, change_node, &c);
    graph_each_of_path(w->graph, c.path, collect_node, &nodes);
    if (nodes.count == 0) {
        (void)graph_get(w->graph, c.spec->url, c.path, kind_of(c.spec->url));
        graph_each_of_path(w->graph, c.path, collect_node, &nodes);
    }
    for (size_t i = 0; i < nodes.count; i++) {
        set_node(w, nodes.items[i], &c);
    }
    (void)pages_mark(w->pages, c.path, c.path, c.now);
}

static void print_names(
        struct world *w, const char *label, const struct str *names, size_t count, const char *sep)
{
    if (count == 0) {
        return;
    }
    strbuf_addf(&w->out, "    %s ", label);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&w->out, "%s%.*s", i > 0 ? sep : "", STR_FMT(names[i]));
    }
    strbuf_addc(&w->out, '\n');
}

static void print_plan(struct world *w, const struct plan *plan)
{
    print_names(w, "replaced", plan->replaced, plan->replaced_count, " ");
    for (size_t i = 0; i < plan->boundary_count; i++) {
        struct plan_boundary b = plan->boundaries[i];

        if (str_eq(b.by, b.accepted)) {
            strbuf_addf(&w->out, "    boundary %.*s\n", STR_FMT(b.by));
        } else {
            strbuf_addf(
                    &w->out, "    boundary %.*s takes %.*s\n", STR_FMT(b.by), STR_FMT(b.accepted));
        }
    }
    print_names(w, "refused", plan->refused, plan->refused_count, " ");
    print_names(w, plan->by_worker ? "worker" : "chain", plan->chain, plan->chain_count, " > ");
    print_names(w, "pruned", plan->pruned, plan->pruned_count, " ");
}

/* Of updates that are no modules: what kind, and the sheets that hold it. */
static void print_direct(struct world *w, struct page *page)
{
    size_t count;
    const struct update *updates = page_updates(page, &count);

    for (size_t i = 0; i < count; i++) {
        struct node *node = graph_find(w->graph, updates[i].url);
        size_t sheets = 0;
        struct node **in = node ? climb_to_sheets(w->graph, node, &w->a, &sheets) : NULL;

        if (updates[i].type == UPDATE_JS) {
            continue;
        }
        strbuf_addf(&w->out, "    %.*s %.*s%s", STR_FMT(update_type_name(updates[i].type)),
                STR_FMT(updates[i].url), updates[i].to.exists ? "" : " (gone)");
        for (size_t k = 0; k < sheets; k++) {
            if (in[k] != node) {
                strbuf_addf(&w->out, "%s%.*s", k == 0 ? " in " : ", ", STR_FMT(node_url(in[k])));
            }
        }
        strbuf_addc(&w->out, '\n');
    }
}

static const struct page_step *step_of(
        const struct page_step *steps, size_t count, const struct page *page)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].page == page) {
            return &steps[i];
        }
    }
    return NULL;
}

static void print_page(struct world *w, struct page *page, const struct page_step *step)
{
    if (!step && !page_has_news(page)) {
        return;
    }
    strbuf_addf(&w->out, "  page %llu%s\n", (unsigned long long)page_id_of(page),
            step && step->bad ? " waits" : "");
    w->sent[page_id_of(page) % PAGES_MAX] = w->seq;
    if (step && !step->bad) {
        print_plan(w, &step->plan);
        page_begin(w->pages, page, w->seq, w->seq, step->plan.replaced, step->plan.replaced_count,
                step->plan.pruned, step->plan.pruned_count, step->by_page);
    }
    print_direct(w, page);
    page_sent(w->pages, page, w->seq);
}

static void print_invalidated(struct world *w)
{
    struct page *page = page_numbered(w, w->invalid_page);
    struct plan plan;

    plan_invalidate(w->graph, page, graph_find(w->graph, w->invalid), &w->a, &plan);
    for (size_t i = 0; i < plan.replaced_count; i++) {
        node_raise_stamp(graph_find(w->graph, plan.replaced[i]), w->seq);
    }
    print_page(w, page, &(struct page_step){ .page = page, .plan = plan, .by_page = true });
    w->invalid = (struct str){ NULL, 0 };
}

/* Who says nothing else has applied what was sent. */
static void answer_for_all(struct world *w)
{
    for (struct page *p = pages_first(w->pages); p; p = pages_next(p)) {
        if (page_id_of(p) != w->busy_page) {
            page_applied(w->pages, p, w->sent[page_id_of(p) % PAGES_MAX]);
        }
    }
}

static void do_plan(struct world *w)
{
    struct diag_list diags = { 0 };
    size_t start = strbuf_str(&w->out).len;
    size_t count;

    answer_for_all(w);
    w->seq++;
    if (w->invalid.len > 0) {
        print_invalidated(w);
    } else {
        struct page_step *steps =
                transaction_plan(w->graph, w->pages, NULL, w->seq, NULL, &w->a, &diags, &count);

        for (size_t i = 0; i < diags.count; i++) {
            strbuf_addf(&w->out, "  bad %.*s: %.*s\n", STR_FMT(diags.items[i].path),
                    STR_FMT(diags.items[i].text));
        }
        for (struct page *p = pages_first(w->pages); p; p = pages_next(p)) {
            if (!page_is_busy(p)) {
                print_page(w, p, step_of(steps, count, p));
            }
        }
    }
    if (strbuf_str(&w->out).len == start) {
        strbuf_add(&w->out, STR("  nothing\n"));
    }
    diag_list_finish(&diags);
}

/* "applied 1", "failed 1", "taken back 1", "busy 1" */
static bool answer(struct world *w, struct str line)
{
    uint64_t id = 0;

    if (take(&line, "applied ") && str_parse_u64(line, &id)) {
        page_applied(w->pages, page_numbered(w, id), w->sent[id % PAGES_MAX]);
    } else if (take(&line, "failed ") && str_parse_u64(line, &id)) {
        page_taken_back(w->pages, page_numbered(w, id), w->sent[id % PAGES_MAX], false);
    } else if (take(&line, "taken back ") && str_parse_u64(line, &id)) {
        page_taken_back(w->pages, page_numbered(w, id), w->sent[id % PAGES_MAX], true);
    } else if (take(&line, "busy ") && str_parse_u64(line, &id)) {
        w->busy_page = id;
        return true;
    } else {
        return false;
    }
    w->busy_page = id == w->busy_page ? 0 : w->busy_page;
    return true;
}

static void run(struct world *w, struct str text)
{
    enum { NOWHERE, GRAPH, CHANGE, PLAN } section = NOWHERE;
    struct strbuf graph_text;
    struct str rest = text;

    strbuf_init(&graph_text, TEXT_MAX);
    while (rest.len > 0) {
        struct str raw;
        struct str line;

        (void)str_cut(rest, '\n', &raw, &rest);
        line = str_trim(raw);
        if (section == PLAN && raw.len > 0 && raw.ptr[0] == ' ') {
            continue; /* what is expected: what comes out takes its place */
        }
        strbuf_add(&w->out, raw);
        strbuf_addc(&w->out, '\n');
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (raw.ptr[0] != ' ') {
            section = NOWHERE;
            if (str_eq(line, STR("graph"))) {
                section = GRAPH;
            } else if (str_eq(line, STR("change"))) {
                section = CHANGE;
            } else if (str_eq(line, STR("plan"))) {
                section = PLAN;
                do_plan(w);
            } else if (take(&line, "page ")) {
                open_page(w, line, strbuf_str(&graph_text));
            } else if (take(&line, "imports ")) {
                struct str id = word(&line);
                struct str from = word(&line);
                struct str to = word(&line);
                uint64_t n = 0;

                assert_true(str_parse_u64(id, &n));
                page_set_edges(page_numbered(w, n), from, &to, 1);
            } else if (take(&line, "inline ")) {
                struct str id = word(&line);
                struct str key = word(&line);
                struct str dep = word(&line);
                uint64_t n = 0;

                assert_true(str_parse_u64(id, &n));
                page_set_hot(page_numbered(w, n), key, false, &dep, 1, NULL, 0);
            } else if (take(&line, "invalidate ")) {
                assert_true(str_parse_u64(word(&line), &w->invalid_page));
                w->invalid = line;
            } else if (!answer(w, line)) {
                fail_msg("unknown line '%.*s'", STR_FMT(line));
            }
        } else if (section == GRAPH) {
            strbuf_add(&graph_text, line);
            strbuf_addc(&graph_text, '\n');
            read_graph_line(w, line);
        } else if (section == CHANGE) {
            make_change(w, line);
        }
    }
    strbuf_finish(&graph_text);
}

static struct str read_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "r");
    char *buffer = arena_alloc(a, TEXT_MAX);

    assert_non_null(f);
    size_t n = fread(buffer, 1, TEXT_MAX, f);

    (void)fclose(f); /* it was only read */
    return (struct str){ buffer, n };
}

static void scenario(void **state)
{
    struct world w = { .graph = graph_create() };
    const char *path = *state;
    struct str text = read_file(&w.a, path);

    w.pages = pages_create(w.graph);
    strbuf_init(&w.out, TEXT_MAX);
    run(&w, text);
    if (!str_eq(text, strbuf_str(&w.out))) {
        if (getenv("ORBITON_GOLDEN")) {
            FILE *f = fopen(path, "w");

            assert_non_null(f);
            (void)fwrite(w.out.ptr, 1, w.out.len, f); /* a short file is seen at once */
            (void)fclose(f);
        } else {
            fail_msg("%s: this came out:\n%.*s", path, STR_FMT(strbuf_str(&w.out)));
        }
    }
    pages_destroy(w.pages);
    graph_destroy(w.graph);
    strbuf_finish(&w.out);
    arena_finish(&w.a);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(void)
{
    static struct CMUnitTest cases[FILES_MAX];
    static char *paths[FILES_MAX];
    char folder[4096];
    size_t count = 0;
    const struct dirent *entry;

    (void)snprintf(folder, sizeof(folder), "%s/scenario/plan", getenv("ORBITON_TESTS"));
    DIR *dir = opendir(folder);

    if (!dir) {
        (void)fprintf(stderr, "cannot open %s\n", folder);
        return 1;
    }
    while ((entry = readdir(dir)) != NULL && count < FILES_MAX) {
        if (str_ends(str_from(entry->d_name), STR(".txt"))) {
            size_t len = strlen(folder) + strlen(entry->d_name) + 2;

            paths[count] = malloc(len);
            (void)snprintf(paths[count], len, "%s/%s", folder, entry->d_name);
            count++;
        }
    }
    (void)closedir(dir);
    qsort(paths, count, sizeof(*paths), compare_names);
    for (size_t i = 0; i < count; i++) {
        cases[i] = (struct CMUnitTest){
            .name = strrchr(paths[i], '/') + 1, .test_func = scenario, .initial_state = paths[i]
        };
    }
    int failed = _cmocka_run_group_tests("plan", cases, count, NULL, NULL);

    for (size_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    return failed || count < 40;
}
