/* SPDX-License-Identifier: MIT */
/*
 * What pages say. A registration is answered with exactly the transaction that
 * leads to the present: that one rule covers edits before the socket is up,
 * while the page loads, sleep, lost connections, and a restarted server.
 */
#include <inttypes.h>
#include <limits.h>

#include "base/sys.h"
#include "base/table.h"
#include "engine/state.h"
#include "modules/orbit_store.h"

void page_on_open(void *ctx, page_id page)
{
    struct engine *e = ctx;
    struct strbuf text;
    size_t stamp_count;
    struct message_stamp *stamps = stamps_all(e, &stamp_count);

    (void)pages_add(e->pages, page);
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    size_t told = message_hello(&text, str_from(e->epoch), e->seq, page,
            &(struct message_config){ .hot_only = e->options->hot_only,
                    .badge = e->options->show_notifications,
                    .overlay = e->options->overlay },
            stamps, stamp_count);

    turn_send(e, page, &text);
    stamps_send(e, page, stamps + told, stamp_count - told);
    if (build_is_running(e->build)) {
        strbuf_reset(&text);
        message_rebuild(&text, STR("started"), 0, NULL);
        turn_send(e, page, &text);
    }
    struct diag_list problems = { 0 };

    reconfigure_collect_problems(e, &problems);
    if (problems.count > 0) {
        strbuf_reset(&text);
        message_error(&text, &problems);
        turn_send(e, page, &text);
    }
    diag_list_finish(&problems);
    strbuf_finish(&text);
}

void page_on_close(void *ctx, page_id page)
{
    struct engine *e = ctx;

    pages_remove(e->pages, page);
    graph_collect(e->graph);
    report_changed(e);
}

/*
 * Where the page could not tell a version, what the server has now is taken for it: right for a
 * page of this run that has missed nothing, and the page learns it by `versions`.
 */
static void give_versions(struct engine *e, uint64_t page, const struct update *given, size_t count)
{
    struct strbuf text;

    if (count == 0) {
        return;
    }
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_versions(&text, given, count);
    turn_send(e, page, &text);
    strbuf_finish(&text);
}

/*
 * Modules that were loaded while what they import was replaced: they name other instances than the
 * page runs, and are sent again.
 */
static bool send_behind_again(struct engine *e, struct page *page, const struct client_message *m)
{
    bool found = false;

    for (size_t i = 0; i < m->loaded_count; i++) {
        size_t count;
        struct str *urls = page_find_behind(e->pages, page, m->loaded[i].url, &e->turn, &count);

        for (size_t k = 0; k < count; k++) {
            const struct node *node = page_find_module(page, urls[k])->node;

            page_forget_told(page, urls[k]);
            page_mark(
                    page, urls[k], turn_module(e, node_path(node)), turn_look(e, node_path(node)));
            found = true;
        }
    }
    return found;
}

static void register_loaded(struct engine *e, struct page *page, const struct client_message *m)
{
    bool missed = !str_eq(m->epoch, str_from(e->epoch)) || m->seq != e->seq;
    struct update *given = arena_array(&e->turn, struct update, m->loaded_count);
    size_t given_count = 0;
    char buffer[PATH_MAX];
    char document_buffer[PATH_MAX];
    struct str document = { 0 };

    (void)dev_server_resolve(
            e->server, page_url(page), document_buffer, sizeof(document_buffer), &document);
    for (size_t i = 0; i < m->loaded_count; i++) {
        struct str url = m->loaded[i].url;
        struct str path = { 0 };

        (void)dev_server_resolve(e->server, url, buffer, sizeof(buffer), &path);
        if (path.len == 0) {
            continue;
        }
        if (m->loaded[i].pruned) {
            modules_turn_register_pruned(e, &m->loaded[i], path);
            continue;
        }
        bool kept;
        struct version now =
                modules_turn_register(e, page, &m->loaded[i], path, document, missed, &kept);

        if (!m->loaded[i].version.known && !missed) {
            given[given_count++] = (struct update){ .url = url, .to = now };
        }
        page_set_seen(page, url, m->loaded[i].seen);
        if (!kept) {
            continue;
        }
        /* while a build runs its outputs are in motion: the page is told when it has ended */
        if (!(build_is_running(e->build) && build_is_output(e->build, path))) {
            page_mark(page, url, turn_module(e, path), now);
        }
    }
    give_versions(e, page_id_of(page), given, given_count);
    /* a number that another run has given to a transaction, good or not, names URLs in the page */
    e->seq = m->seq > e->seq && m->seq >> BROUGHT_BITS == 0 ? m->seq : e->seq;
}

/* Tells scripts and tests what a page has loaded: {"event":"page","page":1,"url":"/","loaded":[]}. */
static void tell_json(struct engine *e, const struct page *page, const struct client_message *m)
{
    struct strbuf text;

    if (!term_is_json(e->term)) {
        return;
    }
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    strbuf_addf(&text, "{\"event\":\"page\",\"page\":%" PRIu64 ",\"url\":", page_id_of(page));
    strbuf_add_json(&text, page_url(page));
    strbuf_add(&text, STR(",\"loaded\":["));
    for (size_t i = 0; i < m->loaded_count; i++) {
        if (i > 0) {
            strbuf_addc(&text, ',');
        }
        strbuf_add_json(&text, m->loaded[i].url);
    }
    strbuf_add(&text, STR("]}"));
    term_json(e->term, strbuf_str(&text));
    strbuf_finish(&text);
}

/* One file of what has been held for a page. */
struct held_file {
    struct str path;            /* the key */
    struct orbit_change change; /* of a component: its parts */
    UT_hash_handle hh;
};

static void add_held(struct engine *e, struct held_file **held, struct str path, struct str url)
{
    struct held_file *file = NULL;

    HASH_FIND(hh, *held, path.ptr, path.len, file);
    if (!file) {
        file = arena_new(&e->turn, struct held_file);
        file->path = arena_str(&e->turn, path);
        HASH_ADD_KEYPTR(hh, *held, file->path.ptr, file->path.len, file);
    }
    file->change.template |= str_find_str(url, STR("orbit=template")) != STR_NONE;
    file->change.style |= str_find_str(url, STR("orbit=style")) != STR_NONE;
    file->change.code |= str_find_str(url, STR("orbit=code")) != STR_NONE;
}

/* "a.css, src/clock.orbit (template)", "12 files": what has been marked and what waits. */
static struct str describe_held(struct engine *e, const struct page *page)
{
    enum { NAMED = 3 };
    struct held_file *held = NULL;
    struct str text = STR("");
    size_t count;
    size_t waiting;
    bool fresh;
    const struct update *updates = page_updates(page, &count);
    struct node **nodes = page_waiting(page, &e->turn, &waiting, &fresh);

    for (size_t i = 0; i < count; i++) {
        add_held(e, &held, updates[i].path, updates[i].url);
    }
    for (size_t i = 0; i < waiting; i++) {
        add_held(e, &held, node_path(nodes[i]), node_url(nodes[i]));
    }
    if (HASH_COUNT(held) > NAMED) {
        text = arena_printf(&e->turn, "%u files", HASH_COUNT(held));
    } else {
        for (const struct held_file *f = held; f; f = f->hh.next) {
            struct str part =
                    orbit_is_file(f->path) ? orbit_change_describe(&f->change, &e->turn) : STR("");

            text = arena_printf(&e->turn, "%.*s%s%.*s%s%.*s%s", STR_FMT(text),
                    f == held ? "" : ", ", STR_FMT(f->path), part.len > 0 ? " (" : "",
                    STR_FMT(part), part.len > 0 ? ")" : "");
        }
    }
    HASH_CLEAR(hh, held);
    return text;
}

/* Sends what has been marked for the page, and the modules that wait in it. */
static void catch_up(struct engine *e, struct page *page, struct str reason)
{
    uint64_t now_ns = sys_now_ns();
    size_t waiting;
    bool fresh;

    (void)page_waiting(page, &e->turn, &waiting, &fresh);
    if (page_is_busy(page) || (!fresh && !page_has_news(page))) {
        modules_turn_after(e, page, NULL, 0); /* what it has loaded may be bad */
        return;
    }
    struct str what = describe_held(e, page);

    e->seq++;
    if (turn_send_page(
                e, page, NULL, 0, reason, &(struct message_timing){ .watch = 0, .build = -1 })) {
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

static void on_register(struct engine *e, struct page *page, const struct client_message *m)
{
    if (m->url.len > 0) {
        page_set_url(page, m->url);
    }
    if (m->failing) {
        page_set_faulty(page, true); /* what was wrong may be well by now; it is looked at below */
    }
    register_loaded(e, page, m);
    modules_turn_register_hot(page, m);
    tell_json(e, page, m);
    bool behind = send_behind_again(e, page, m);

    if (!m->more) {
        catch_up(e, page,
                behind ? STR("loaded while what it imports was replaced")
                       : STR("changed while the page was away or loading"));
        if (m->complete) {
            vite_turn_confirm(e);
        }
    }
}

static void on_applied(struct engine *e, struct page *page, const struct client_message *m)
{
    bool was_busy = page_is_busy(page);

    /* the page that a reload made answers for the one that was reloaded, in the same run */
    if (m->epoch.len == 0 || str_eq(m->epoch, str_from(e->epoch))) {
        why_answer(e->why, page_id_of(page), m, sys_now_ns());
    }
    modules_turn_applied(e, page, m);
    if (was_busy && !page_is_busy(page)) {
        catch_up(e, page, STR("changed while the page took the update before"));
    }
}

/* What the page's own code has thrown has a line; the stack, and all else that a page says, only with --verbose. */
static void on_log(struct engine *e, const struct page *page, const struct client_message *m)
{
    if (str_eq(m->level, STR("error"))) {
        struct str what = m->place.len > 0 ? m->place : page_url(page);
        struct str said = m->text;
        struct str line;

        if (m->place.len > 0 && str_starts(said, m->place)) {
            said = str_skip(said, m->place.len);
            said = str_starts(said, STR(": ")) ? str_skip(said, 2) : said;
        }
        (void)str_cut(said, '\n', &line, &(struct str){ 0 });
        turn_print(e, "throw", what, line);
    }
    term_verbosef(e->term, "page %.*s: %.*s", STR_FMT(m->level), STR_FMT(m->text));
}

void page_on_message(void *ctx, page_id id, struct str text)
{
    struct engine *e = ctx;
    struct page *page = pages_find(e->pages, id);
    struct client_message m;

    if (!page || !message_parse(&e->turn, text, &m)) {
        arena_reset(&e->turn);
        return;
    }
    fs_memo_begin(e->memo);
    switch (m.type) {
    case MESSAGE_REGISTER:
        if (!transform_turn_hold_message(e, id, &m, text)) {
            on_register(e, page, &m);
        }
        break;
    case MESSAGE_APPLIED: on_applied(e, page, &m); break;
    case MESSAGE_LOG: on_log(e, page, &m); break;
    case MESSAGE_INVALIDATE: modules_turn_invalidate(e, page, &m); break;
    case MESSAGE_TEXTS:
        if (!m.ok) {
            modules_carry_none(e->modules);
        }
        break;
    case MESSAGE_CUSTOM:
    case MESSAGE_UNKNOWN: break;
    }
    fs_memo_end(e->memo);
    report_changed(e);
    arena_reset(&e->turn);
}
