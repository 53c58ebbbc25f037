/* SPDX-License-Identifier: MIT */
/*
 * The modules' part of a turn: what was written is read and told to the graph,
 * all pages are planned for at once, and what cannot load is shown instead of
 * sent. A version that cannot load holds back the other modules of its page, since
 * two files that only work together arrive together; stylesheets go on.
 */
#include "base/log.h"
#include "base/sys.h"
#include "base/table.h"
#include "base/vec.h"
#include "engine/state.h"
#include "hmr/climb.h"

enum {
    CSS_TEXT_MAX = 64 * 1024,     /* a sheet that travels with its update */
    HTML_TEXT_MAX = 128 * 1024,   /* both texts of a document together, or what an edit brings */
    MODULE_TEXTS_MAX = 64 * 1024, /* modules that come with one message */
    PART_TEXT_MAX = 64 * 1024,    /* a template or a style of a component */
};

/* A text by its hash for messages that show a place; borrowed until the next call. */
static bool text_of(void *ctx, struct hash hash, struct str *ret)
{
    struct engine *e = ctx;

    arena_reset(&e->shown);
    return modules_text(e->modules, hash, &e->shown, ret);
}

/*
 * A page that has not answered yet is about to. Where an instance was taken back, a text that came before it names
 * one before; what was taken back nobody runs: a page that comes must not get it for the one that mends it.
 */
static bool is_run(void *ctx, const struct node *node, uint64_t stamp)
{
    const struct engine *e = ctx;
    bool found = false;

    for (const struct page *p = pages_first(e->pages); p && !found; p = pages_next(p)) {
        const struct page_module *m = page_find_node(p, node);

        found = m && ((page_is_busy(p) && stamp == node_stamp(node)) ||
                             (m->stamp.page > 0 ? stamp < m->stamp.seq : stamp == m->stamp.seq));
    }
    return found;
}

static bool place_of(void *ctx, const struct node *node, struct diag *d, struct arena *a)
{
    const struct engine *e = ctx;

    return modules_place(e->modules, node, d, a);
}

static void on_warning(void *ctx, const struct diag *diag)
{
    struct engine *e = ctx;

    turn_print(e, "warn", turn_place(e, diag), diag->text);
}

/* What "?orbit=12r3" means for a module: how page 3 ran it before transaction 12, or runs it. */
static bool find_record(void *ctx, uint64_t transaction, uint64_t page_number, struct str url,
        struct module_record *ret)
{
    const struct engine *e = ctx;
    const struct page *page = pages_find(e->pages, page_number);
    const struct edition *old = page ? page_old_edition(page, transaction, url) : NULL;
    const struct page_module *m = page ? page_find_module(page, url) : NULL;

    if (old) {
        *ret = (struct module_record){ .member = true, .hash = edition_hash(old) };
        return true;
    }
    if (!m || !m->node) {
        return false;
    }
    *ret = (struct module_record){ .stamp = m->stamp.seq, .stamp_page = m->stamp.page };
    return true;
}

void modules_turn_open(struct engine *e, const struct str *static_dirs, size_t static_dir_count)
{
    struct fs disk = fs_real(e->files);

    e->memo = fs_memo_create(&disk);
    e->fs = fs_memo_face(e->memo);
    transform_turn_open(e);
    e->modules = modules_create(&(struct modules_options){ .files = e->files,
            .graph = e->graph,
            .fs = &e->fs,
            .memo = e->memo,
            .static_dirs = static_dirs,
            .static_dir_count = static_dir_count,
            .hmr = e->options->hmr,
            .run = str_from(e->epoch),
            .on_warning = on_warning,
            .find_record = find_record,
            .is_run = is_run,
            .is_unfinished = doubts_is_unfinished,
            .transform = e->transform,
            .tsconfigs = e->tsconfigs,
            .vite_config = e->vite_config,
            .on_transformed = transform_turn_done,
            .ctx = e });
    graph_set_text_source(e->graph, text_of, e);
    graph_set_place_source(e->graph, place_of, e);
}

static void load(void *ctx, struct node *node)
{
    struct engine *e = ctx;

    (void)modules_refresh(e->modules, node, &e->turn);
}

static struct module_loader loader_of(struct engine *e)
{
    return (struct module_loader){ .load = load, .ctx = e };
}

/* ---- what was written ---- */

struct touched_node {
    struct node *node;
    UT_hash_handle hh;
};

static void add_touched(struct engine *e, struct node **nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct touched_node *known;

        HASH_FIND_PTR(e->touched.known, &nodes[i], known);
        if (!known) {
            known = arena_new(&e->turn, struct touched_node);
            known->node = nodes[i];
            HASH_ADD_PTR(e->touched.known, node, known);
            node_ref(nodes[i]); /* reading one may end the last use of another */
            vec_push(&e->touched, nodes[i]);
        }
    }
}

void modules_turn_touch(struct engine *e, const struct touch *changes, size_t count)
{
    size_t touched;
    struct node **nodes = modules_touch(e->modules, changes, count, &e->turn, &touched);

    add_touched(e, nodes, touched);
}

void modules_turn_touch_components(struct engine *e)
{
    size_t count;
    struct node **nodes = modules_touch_components(e->modules, STR(""), &e->turn, &count);

    add_touched(e, nodes, count);
}

/*
 * What was announced is what counts. If the file says something else by now, or is empty because its
 * next writer has begun, that will be announced too.
 */
static void read_node(struct engine *e, const struct change_set *set, struct node *node)
{
    struct str path = node_path(node);
    const struct change *change = set ? change_set_find(set, path) : NULL;
    struct hash hash;

    if (!change || change->kind == CHANGE_DELETED || !watch_find_hash(e->watch, path, &hash)) {
        (void)modules_refresh(e->modules, node, &e->turn);
    } else if (!modules_refresh_to(e->modules, node, hash, &e->turn)) {
        log_debug(LOG_WATCH, "'%.*s' is not what was announced", STR_FMT(path));
        doubts_add(e, path);
    }
}

void modules_turn_read(struct engine *e, const struct change_set *set)
{
    transaction_find_workers(e->graph, e->pages, e->touched.items, e->touched.count);
    for (size_t i = 0; i < e->touched.count; i++) {
        struct node *node = e->touched.items[i];

        if (node_kind_of(node) != NODE_ASSET && node_current(node)) {
            read_node(e, set, node);
        }
    }
}

void modules_turn_mark(struct engine *e)
{
    for (size_t i = 0; i < e->touched.count; i++) {
        struct node *node = e->touched.items[i];

        if (node_current(node)) {
            pages_mark_node(e->pages, node, turn_module(e, node_path(node)));
        }
        node_unref(e->graph, node);
    }
    e->touched.count = 0;
    HASH_CLEAR(hh, e->touched.known);
    graph_collect(e->graph);
}

/* ---- what cannot load ---- */

static bool is_told(const struct diag_list *list, const struct diag *d)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct diag *x = &list->items[i];

        if (x->line == d->line && x->col == d->col && str_eq(x->path, d->path) &&
                str_eq(x->text, d->text)) {
            return true;
        }
    }
    return false;
}

/* A line for each fault that was not there before. */
static void print_bad(struct engine *e, const struct diag_list *now)
{
    for (size_t i = 0; i < now->count; i++) {
        if (!is_told(&e->module_diags, &now->items[i])) {
            turn_print(e, "bad", turn_place(e, &now->items[i]), now->items[i].text);
        }
    }
}

static void keep_bad(struct engine *e, const struct diag_list *now)
{
    diag_list_reset(&e->module_diags);
    for (size_t i = 0; i < now->count; i++) {
        diag_list_add(&e->module_diags, &now->items[i]);
    }
}

static void send_problems(struct engine *e, struct page *page, const struct diag_list *bad)
{
    struct diag_list all = { 0 };
    struct strbuf text;

    reconfigure_collect_problems(e, &all);
    for (size_t i = 0; i < bad->count; i++) {
        diag_list_add(&all, &bad->items[i]);
    }
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    if (all.count > 0) {
        message_error(&text, &all);
    } else {
        message_clear(&text);
    }
    turn_send(e, page_id_of(page), &text);
    strbuf_finish(&text);
    diag_list_finish(&all);
}

/* Tells each page, or the one, what is wrong with modules of it, or that nothing is any more. */
static void tell_bad(
        struct engine *e, const struct page *only, const struct page_step *steps, size_t count)
{
    const struct module_loader loader = loader_of(e);
    struct diag_list now = { 0 };

    for (size_t i = 0; i < count; i++) {
        if (steps[i].bad) {
            page_set_faulty(steps[i].page, true);
        }
    }
    for (struct page *p = pages_first(e->pages); p;) {
        struct page *next = pages_next(p); /* sending may drop a page that does not read */

        if (page_is_faulty(p)) {
            struct diag_list own = { 0 };

            bool is_whole = transaction_check_all(e->graph, p, &loader, &own);

            for (size_t i = 0; i < own.count; i++) {
                if (!is_told(&now, &own.items[i])) {
                    diag_list_add(&now, &own.items[i]);
                }
            }
            /* a page that is not told yet that it is whole is told with the others */
            if (!only || p == only) {
                page_set_faulty(p, !is_whole);
                send_problems(e, p, &own);
            }
            diag_list_finish(&own);
        }
        p = next;
    }
    print_bad(e, &now);
    keep_bad(e, &now);
    diag_list_finish(&now);
}

/* ---- what goes out ---- */

struct page_step *modules_turn_plan(struct engine *e, struct page *only, size_t *ret_count)
{
    const struct module_loader loader = loader_of(e);
    struct diag_list bad = { 0 };
    struct page_step *steps =
            transaction_plan(e->graph, e->pages, only, e->seq, &loader, &e->turn, &bad, ret_count);

    diag_list_finish(&bad); /* tell_bad() finds them again, page by page */
    return steps;
}

void modules_turn_after(
        struct engine *e, const struct page *only, const struct page_step *steps, size_t count)
{
    stamps_tell_others(e, steps, count);
    tell_bad(e, only, steps, count);
    graph_collect(e->graph);
}

static bool is_direct(struct engine *e, struct str url)
{
    struct node *node = graph_find(e->graph, url);
    size_t count;

    if (!node) {
        return true;
    }
    struct node **sheets = climb_to_sheets(e->graph, node, &e->turn, &count);

    for (size_t i = 0; i < count; i++) {
        if (sheets[i] == node) {
            return true;
        }
    }
    return false;
}

static void add_texts(struct engine *e, const struct page *page, struct update *u)
{
    const struct page_module *m = page_find_module(page, u->url);

    if (u->type == UPDATE_CSS && u->to.exists) {
        bool by_script = page_find_module(page,
                                 arena_printf(&e->turn, "%.*s%cimport", STR_FMT(u->url),
                                         str_find(u->url, '?') == STR_NONE ? '?' : '&')) != NULL;

        u->has_text = (by_script || is_direct(e, u->url)) &&
                      modules_css_text(e->modules, u->url, u->path, u->to.hash, CSS_TEXT_MAX,
                              &e->turn, &u->text);
    } else if (u->type == UPDATE_HTML && u->to.exists && m && m->runs.known && m->runs.exists) {
        bool both = modules_text(e->modules, u->to.hash, &e->turn, &u->text) &&
                    modules_text(e->modules, m->runs.hash, &e->turn, &u->base);

        u->has_edit = both && m->has_source && text_edit_find(u->base, u->text, &u->edit) &&
                      u->edit.text.len <= HTML_TEXT_MAX;
        u->from = m->runs.hash;
        u->has_text = u->has_base =
                both && !u->has_edit && u->text.len + u->base.len <= HTML_TEXT_MAX;
    } else if (u->type == UPDATE_JS && u->to.exists &&
               !modules_part(e->modules, u->url, u->path, u->to.hash, PART_TEXT_MAX, &e->turn,
                       &u->part, &u->arguments)) {
        u->part = STR("");
    }
}

struct update *modules_turn_updates(struct engine *e, const struct page *page, size_t *ret_count)
{
    const struct update *updates = page_updates(page, ret_count);
    struct update *full = arena_array(&e->turn, struct update, *ret_count);

    for (size_t i = 0; i < *ret_count; i++) {
        full[i] = updates[i];
        add_texts(e, page, &full[i]);
    }
    return full;
}

/* A part of a component is not evaluated, and what changed must be what its module is now. */
static bool may_carry(const struct engine *e, const struct update *updates, size_t count)
{
    bool may = true;

    for (size_t i = 0; i < count && may; i++) {
        const struct update *u = &updates[i];
        const struct node *node = u->type == UPDATE_JS ? graph_find(e->graph, u->url) : NULL;
        const struct edition *ed = node ? node_current(node) : NULL;

        may = u->part.len == 0 && (!ed || hash_eq(edition_hash(ed), u->to.hash));
    }
    return may;
}

static bool is_accepted(const struct plan *plan, struct str key)
{
    bool found = false;

    for (size_t i = 0; i < plan->boundary_count && !found; i++) {
        found = str_eq(plan->boundaries[i].accepted, key);
    }
    return found;
}

void modules_turn_carry(struct engine *e, const struct page *page, const struct update *updates,
        size_t count, struct message_js *js)
{
    const struct plan *plan = js->plan;
    struct str origin = dev_server_origin(e->server, page_id_of(page));
    size_t most = plan->replaced_count;
    size_t bytes = 0;

    if (most == 0 || most > CARRY_MODULES_MAX || !may_carry(e, updates, count)) {
        return;
    }
    struct node **nodes = arena_array(&e->turn, struct node *, most);
    struct str *texts = arena_array(&e->turn, struct str, most);
    bool *accepted = arena_array(&e->turn, bool, most);
    size_t known = 0;

    while (known < most && (nodes[known] = graph_find(e->graph, plan->replaced[known]))) {
        accepted[known] = is_accepted(plan, plan->replaced[known]);
        known++;
    }
    js->carried = arena_array(&e->turn, struct message_carried, most);
    modules_carry(e->modules, nodes, accepted, known, js->stamp, origin, &e->turn, texts);
    for (size_t i = 0; i < known; i++) {
        if (texts[i].len > 0 && bytes + texts[i].len <= MODULE_TEXTS_MAX) {
            js->carried[js->carried_count++] =
                    (struct message_carried){ .key = plan->replaced[i], .text = texts[i] };
            bytes += texts[i].len;
        }
    }
}

/* ---- what pages say ---- */

/* After a restart pages bring the numbers back; JavaScript has to count on from them. */
static void take_stamp(struct engine *e, struct node *node, struct stamp stamp)
{
    uint64_t brought = stamp.seq >> BROUGHT_BITS == 0 ? stamp.seq : 0;

    if (stamp.page == 0 && brought > 0) {
        node_raise_stamp(node, brought);
    }
    e->seq = brought > e->seq ? brought : e->seq;
}

void modules_turn_register_pruned(
        struct engine *e, const struct message_loaded *loaded, struct str path)
{
    struct node *node = modules_get(e->modules, loaded->url, path);

    if (node_kind_of(node) == NODE_JS || node_kind_of(node) == NODE_CSS_JS) {
        /* what is read is kept, and so is its stamp, though no page runs it */
        (void)modules_refresh(e->modules, node, &e->turn);
        take_stamp(e, node, loaded->stamp);
    }
}

struct version modules_turn_register(struct engine *e, struct page *page,
        const struct message_loaded *loaded, struct str path, struct str document, bool missed,
        bool *ret_kept)
{
    struct node *node = modules_get(e->modules, loaded->url, path);
    enum node_kind kind = node_kind_of(node);
    struct version runs = loaded->version;
    struct file_facts facts;
    bool exists = files_look(e->files, path, &facts) == 0;
    struct version now = { .known = true, .exists = exists };

    now.hash = exists ? facts.hash : now.hash;
    bool moves = runs.known && !version_eq(now, runs) &&
                 doubts_is_unfinished(e, path, exists ? &facts : NULL);

    node_ref(node);
    if (document.len > 0) {
        modules_set_document(e->modules, node, document);
    }
    if (kind != NODE_ASSET) {
        struct edition *ed = modules_refresh(e->modules, node, &e->turn);

        if (ed && (kind == NODE_JS || kind == NODE_CSS_JS || edition_is_made(ed))) {
            now = (struct version){
                .known = true, .exists = edition_exists(ed), .hash = edition_hash(ed)
            };
        }
    }
    if (!runs.known && !missed) {
        runs = now;
    }
    /* somebody may have begun to write it after we had looked, so that half of it was read: as with
     * what moves, the page is told when the file is finished */
    bool torn = loaded->version.known && doubts_holds(e, path);

    now = moves || torn ? runs : now;
    /* what imports it by its URL would get another instance: it is replaced, as if it had been edited while the
     * server was away */
    if (loaded->carried && !modules_is_carried(e->modules, node, loaded->stamp.seq,
                                   dev_server_origin(e->server, page_id_of(page)))) {
        runs.hash = (struct hash){ 0 };
    }
    take_stamp(e, node, loaded->stamp);
    *ret_kept =
            page_register_module(e->pages, page, loaded->url, path, runs, node, loaded->stamp) &&
            !torn;
    bool may_be_bad = kind == NODE_JS || (kind == NODE_CSS && node_current(node) &&
                                                 edition_is_made(node_current(node)));

    if (may_be_bad && *ret_kept && !page_is_faulty(page)) {
        struct diag_list bad = { 0 };

        page_set_faulty(page, !graph_check(e->graph, node, &bad));
        diag_list_finish(&bad);
    }
    node_unref(e->graph, node);
    return now;
}

void modules_turn_register_hot(struct page *page, const struct client_message *m)
{
    for (size_t i = 0; i < m->hot_count; i++) {
        const struct message_hot *h = &m->hot[i];

        page_set_hot(page, h->key, h->self, h->deps, h->dep_count, h->exports, h->export_count);
    }
    for (size_t i = 0; i < m->edge_count; i++) {
        page_set_edges(page, m->edges[i].key, m->edges[i].targets, m->edges[i].target_count);
    }
}

void modules_turn_applied(struct engine *e, struct page *page, const struct client_message *m)
{
    if (m->ok || m->mode == APPLIED_HELD) {
        page_applied(e->pages, page, m->seq); /* what is held back is offered once */
    } else {
        page_taken_back(e->pages, page, m->seq, m->rolled_back);
    }
    graph_collect(e->graph);
}

/* Whether the instance that complains came of a complaint of the same module. */
static bool says_it_again(const struct engine *e, struct str url, struct stamp stamp)
{
    for (size_t i = 0; i < INVALIDATIONS_KEPT; i++) {
        const struct invalidation *x = &e->invalidations[i];

        if (x->seq > 0 && x->seq == stamp.seq && hash_eq(x->url, hash_bytes(url))) {
            return true;
        }
    }
    return false;
}

/* The number of instances that another page's same complaint has made already, or a new one. */
static uint64_t stamp_for(
        const struct engine *e, const struct page *page, const struct plan *plan, uint64_t said)
{
    uint64_t found = 0;

    for (size_t i = 0; i < plan->replaced_count; i++) {
        const struct node *node = graph_find(e->graph, plan->replaced[i]);
        const struct page_module *m = node ? page_find_node(page, node) : NULL;

        if (!m || node_stamp(node) <= said || m->stamp.seq >= node_stamp(node) ||
                (found > 0 && found != node_stamp(node))) {
            return e->seq;
        }
        found = node_stamp(node);
    }
    return found > 0 ? found : e->seq;
}

static void send_reload(struct engine *e, const struct page *page, struct str reason)
{
    struct strbuf text;

    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_reload(&text, e->seq, reason, false);
    turn_send(e, page_id_of(page), &text);
    strbuf_finish(&text);
}

void modules_turn_invalidate(struct engine *e, struct page *page, const struct client_message *m)
{
    struct node *node = graph_find(e->graph, m->url);
    struct page_step step = { .page = page, .by_page = true };
    uint64_t now_ns = sys_now_ns();

    if (!node || !page_find_node(page, node)) {
        return;
    }
    e->seq++;
    if (page_is_full(page)) {
        send_reload(e, page, STR("too many updates are on their way to the page"));
        return;
    }
    plan_invalidate(e->graph, page, node, &e->turn, &step.plan);
    if (says_it_again(e, m->url, m->stamp)) {
        struct str *way = arena_array(&e->turn, struct str, 2);

        way[0] = way[1] = node_url(node);
        step.plan =
                (struct plan){ .refused = way, .refused_count = 1, .chain = way, .chain_count = 2 };
    }
    uint64_t stamp = stamp_for(e, page, &step.plan, m->stamp.seq);

    for (size_t i = 0; i < step.plan.replaced_count; i++) {
        node_raise_stamp(graph_find(e->graph, step.plan.replaced[i]), stamp);
    }
    for (size_t i = 0; i < step.plan.pruned_count; i++) {
        node_raise_stamp(graph_find(e->graph, step.plan.pruned[i]), stamp);
    }
    stamps_tell_others(e, &step, 1);
    e->invalidations[e->seq % INVALIDATIONS_KEPT] =
            (struct invalidation){ .url = hash_bytes(m->url), .seq = stamp };

    struct str reason = arena_printf(&e->turn, "invalidated%s%.*s", m->text.len > 0 ? ": " : "",
            STR_FMT(str_sub(m->text, 0, INVALIDATE_TEXT_MAX)));
    struct str what = arena_str(&e->turn, node_path(node));

    e->targets.count = 0;
    if (turn_send_step(e, page, &step, stamp, NULL, 0, reason,
                &(struct message_timing){ .watch = 0, .build = -1 })) {
        why_begin(e->why,
                &(struct why_begin){ .seq = e->seq,
                        .what = what,
                        .reason = reason,
                        .pages = 1,
                        .targets = e->targets.items,
                        .target_count = e->targets.count,
                        .first_ns = now_ns,
                        .taken_ns = now_ns,
                        .build_ms = -1 },
                sys_now_ns());
    }
}

void modules_turn_close(struct engine *e)
{
    for (size_t i = 0; i < e->touched.count; i++) {
        node_unref(e->graph, e->touched.items[i]);
    }
    HASH_CLEAR(hh, e->touched.known);
    vec_finish(&e->touched);
    vec_finish(&e->doubts);
    vec_finish(&e->targets);
    pages_destroy(e->pages);
    modules_destroy(e->modules);
    transform_turn_close(e);
    fs_memo_destroy(e->memo);
    graph_destroy(e->graph);
    diag_list_finish(&e->module_diags);
    arena_finish(&e->shown);
}
