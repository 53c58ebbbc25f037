/* SPDX-License-Identifier: MIT */
/*
 * One turn: a change set has been taken; the context records it, the pages that
 * use what changed are told, and a build is considered when one of its inputs
 * is among them. Everything that one change set brings to a page travels in one
 * message: two files that only work together arrive together.
 */
#include "base/path.h"
#include "base/sys.h"
#include "base/table.h"
#include "base/vec.h"
#include "engine/orbit_turn.h"
#include "engine/state.h"
#include "modules/module_url.h"
#include "modules/orbit_store.h"
#include "watch/ignore.h"

struct version turn_look(struct engine *e, struct str path)
{
    struct file_facts facts;

    if (files_look(e->files, path, &facts) < 0) {
        return (struct version){ .known = true, .exists = false };
    }
    return (struct version){ .known = true, .exists = true, .hash = facts.hash };
}

struct str turn_module(struct engine *e, struct str path)
{
    return hmr_module_name(&e->turn, path);
}

void turn_send(struct engine *e, uint64_t page, const struct strbuf *text)
{
    if (text->overflow) {
        return; /* no message is better than half of one: the page catches up when it registers */
    }
    struct blob *blob = blob_create(strbuf_str(text));

    dev_server_send(e->server, page, blob);
    blob_unref(blob);
}

static void send_all(struct engine *e, const struct strbuf *text,
        void (*send)(struct dev_server *server, page_id page, struct blob *text))
{
    if (text->overflow) {
        return;
    }
    struct blob *blob = blob_create(strbuf_str(text));

    for (struct page *p = pages_first(e->pages); p;) {
        struct page *next = pages_next(p); /* sending may drop a page that does not read */

        send(e->server, page_id_of(p), blob);
        p = next;
    }
    blob_unref(blob);
}

void turn_broadcast(struct engine *e, const struct strbuf *text)
{
    send_all(e, text, dev_server_send);
}

/* As turn_look(), by the hash that the watcher has just computed for its change. */
static struct version look_at_change(struct engine *e, const struct change *change)
{
    struct version v = { .known = true, .exists = change->kind != CHANGE_DELETED };

    if (v.exists && !watch_find_hash(e->watch, change->path, &v.hash)) {
        return turn_look(e, change->path);
    }
    return v;
}

struct named {
    struct str name; /* the key */
    UT_hash_handle hh;
};

/* The modules of a page's updates, each once. */
static struct str *modules_of(
        struct arena *a, const struct update *updates, size_t count, size_t *ret_count)
{
    struct str *modules = arena_array(a, struct str, count);
    struct named *names = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct str module = updates[i].module;
        struct named *known = NULL;

        HASH_FIND(hh, names, module.ptr, module.len, known);
        if (!known) {
            known = arena_new(a, struct named);
            known->name = module;
            HASH_ADD_KEYPTR(hh, names, module.ptr, module.len, known);
            modules[(*ret_count)++] = module;
        }
    }
    HASH_CLEAR(hh, names);
    return modules;
}

static void note_target(struct engine *e, const struct page *page, const struct plan *plan)
{
    struct why_target target = { .page = page_id_of(page), .url = page_url(page) };

    if (plan) {
        target.replaced = plan->replaced;
        target.replaced_count = plan->replaced_count;
        target.chain = plan->chain;
        target.chain_count = plan->chain_count;
        target.by_worker = plan->by_worker;
        target.pruned = plan->pruned;
        target.pruned_count = plan->pruned_count;
    }
    vec_push(&e->targets, target);
}

bool turn_send_step(struct engine *e, struct page *page, const struct page_step *step,
        uint64_t stamp, const struct str *modules, size_t module_count, struct str reason,
        const struct message_timing *timing)
{
    const struct plan *plan = step && !step->bad ? &step->plan : NULL;
    uint64_t id = page_id_of(page);
    struct strbuf text;
    size_t count;

    if (plan) {
        page_begin(e->pages, page, e->seq, stamp, plan->replaced, plan->replaced_count,
                plan->pruned, plan->pruned_count, step->by_page);
    }
    const struct update *updates = modules_turn_updates(e, page, &count);
    struct message_js js = { .stamp = stamp, .seq = e->seq, .page = id, .plan = plan };

    if (!plan && !page_has_news(page)) {
        return false;
    }
    if (module_count == 0) {
        modules = modules_of(&e->turn, updates, count, &module_count);
    }
    if (plan) {
        modules_turn_carry(e, page, updates, count, &js);
    }
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_hmr(&text, e->seq, modules, module_count, updates, count, reason, timing,
            plan ? &js : NULL);
    if (text.overflow) {
        strbuf_reset(&text);
        message_reload(&text, e->seq, STR("too many changes for one message"), false);
    }
    note_target(e, page, plan);
    page_sent(e->pages, page, e->seq);
    turn_send(e, id, &text);
    strbuf_finish(&text);
    return true;
}

bool turn_send_page(struct engine *e, struct page *page, const struct str *modules,
        size_t module_count, struct str reason, const struct message_timing *timing)
{
    size_t count;
    struct page_step *steps = modules_turn_plan(e, page, &count);

    e->targets.count = 0;
    bool sent = turn_send_step(
            e, page, count > 0 ? &steps[0] : NULL, e->seq, modules, module_count, reason, timing);

    modules_turn_after(e, page, steps, count);
    return sent;
}

size_t turn_send_updates(struct engine *e, const struct str *modules, size_t module_count,
        struct str reason, const struct message_timing *timing)
{
    size_t count;
    struct page_step *steps = modules_turn_plan(e, NULL, &count);
    size_t sent = 0;
    size_t at = 0;

    e->targets.count = 0;
    for (struct page *p = pages_first(e->pages); p;) {
        struct page *next = pages_next(p); /* sending may drop a page that does not read */
        /* both lists go by the order of the pages */
        const struct page_step *step = at < count && steps[at].page == p ? &steps[at++] : NULL;

        /* what comes while the page is busy waits as a whole: on_applied() sends it */
        if (!page_is_busy(p)) {
            sent += turn_send_step(e, p, step, e->seq, modules, module_count, reason, timing);
        }
        p = next;
    }
    modules_turn_after(e, NULL, steps, count);
    return sent;
}

/*
 * "a.css", "a.css, b.js", "214 files (switched to branch x)"; empty if there is none. A build that
 * writes the same output again is told by the line of the build.
 */
static struct str describe(struct engine *e, const struct change_set *set, bool same)
{
    enum { NAMED = 3 };
    struct strbuf b;
    size_t count = 0;

    strbuf_init(&b, 16 * 1024);
    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->entries[i];

        if ((c->kind == CHANGE_SAME) != same || (same && build_is_output(e->build, c->path))) {
            continue;
        }
        if (++count <= NAMED) {
            strbuf_addf(&b, "%s%.*s", count > 1 ? ", " : "", STR_FMT(c->path));
            if (c->kind == CHANGE_DELETED || c->kind == CHANGE_CREATED) {
                strbuf_addf(&b, " (%.*s)", STR_FMT(change_kind_name(c->kind)));
            } else if (!same) {
                struct str part = orbit_turn_describe(e, c->path);

                strbuf_addf(&b, part.len > 0 ? " (%.*s)" : "%.*s", STR_FMT(part));
            }
        }
    }
    if (count > NAMED) {
        strbuf_reset(&b);
        strbuf_addf(&b, "%zu files", count);
    }
    if (set->git_note.len > 0) {
        strbuf_addf(&b, " (%.*s)", STR_FMT(set->git_note));
    }
    struct str text = count > 0 ? arena_str(&e->turn, strbuf_str(&b)) : STR("");

    strbuf_finish(&b);
    return text;
}

static void announce(struct engine *e, const struct change_set *set)
{
    struct str *paths = arena_array(&e->turn, struct str, set->count);
    enum change_kind kind = CHANGE_MODIFIED;
    size_t count = 0;
    struct strbuf text;

    for (size_t i = 0; i < set->count; i++) {
        if (set->entries[i].kind != CHANGE_SAME) {
            kind = count == 0 || kind == set->entries[i].kind ? set->entries[i].kind
                                                              : CHANGE_MODIFIED;
            paths[count++] = set->entries[i].path;
        }
    }
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_file_change(&text, paths, count, change_kind_name(kind));
    /* to none that still has much to read: an update that is on its way is worth more */
    send_all(e, &text, dev_server_offer);
    strbuf_finish(&text);
}

struct str turn_place(struct engine *e, const struct diag *d)
{
    if (d->line == 0) {
        return arena_str(&e->turn, d->path);
    }
    return arena_printf(&e->turn, "%.*s:%u:%u", STR_FMT(d->path), d->line, d->col);
}

void turn_print(struct engine *e, const char *verb, struct str what, struct str why)
{
    term_line(e->term, &(struct term_line){ .verb = verb,
                               .what = what,
                               .why = why,
                               .pages = -1,
                               .ms = -1,
                               .times = TERM_TIMES_NONE });
}

/* All are touched before one is read: what a new file says may name another new one. */
static void read_modules(
        struct engine *e, const struct change_set *set, bool building, const struct linked *linked)
{
    struct touch *changes = arena_array(&e->turn, struct touch, set->count + linked->count);
    size_t count = 0;

    for (size_t i = 0; i < linked->count; i++) {
        changes[count++] = (struct touch){ .path = linked->paths[i] };
    }

    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->entries[i];

        if (c->kind != CHANGE_SAME && !(building && build_is_output(e->build, c->path))) {
            changes[count++] =
                    (struct touch){ .path = c->path, .came_or_went = c->kind != CHANGE_MODIFIED };
        }
    }
    modules_turn_touch(e, changes, count);
    modules_turn_read(e, set);
    orbit_turn_read(e, set);
}

/* Whether some page has to answer for another transaction before it is told of this one. */
static bool some_page_waits(struct engine *e)
{
    for (struct page *p = pages_first(e->pages); p; p = pages_next(p)) {
        bool fresh;
        size_t count;

        (void)page_waiting(p, &e->turn, &count, &fresh);
        if (page_is_busy(p) && (fresh || page_has_news(p))) {
            return true;
        }
    }
    return false;
}

void turn_on_changes(void *ctx, const struct change_set *announced)
{
    struct engine *e = ctx;

    if (!transform_turn_hold(e, announced)) {
        turn_take(e, announced);
    }
}

/* Whether all that has changed is compiled, and so may have changed nothing that runs. */
static bool is_all_compiled(const struct engine *e, const struct change_set *set)
{
    size_t changed = 0;
    size_t compiled = 0;

    for (size_t i = 0; i < set->count; i++) {
        changed += set->entries[i].kind != CHANGE_SAME;
        compiled += set->entries[i].kind == CHANGE_MODIFIED &&
                    modules_is_compiled(e->modules, set->entries[i].path);
    }
    return changed == compiled;
}

void turn_take(struct engine *e, const struct change_set *announced)
{
    const struct change_set settled = doubts_settle(e, announced);
    const struct change_set *set = &settled;
    uint64_t now_ns = sys_now_ns();
    uint64_t taken_ns = e->arrived_ns > 0 ? e->arrived_ns : now_ns;
    double compile_ms = e->arrived_ns > 0 ? (double)(now_ns - e->arrived_ns) / 1e6 : -1;
    uint64_t first_ns = set->first_ns > 0 && set->first_ns < taken_ns ? set->first_ns : taken_ns;
    bool building = build_is_running(e->build);
    size_t changes = change_set_changes(set);
    size_t inputs = 0;
    size_t sources = 0; /* of components, or made of them */
    size_t direct = 0;
    size_t users = 0;
    bool config = false;

    struct str same = describe(e, set, true);

    if (same.len > 0) {
        turn_print(e, "same", same, STR("saved, nothing changed"));
    }
    if (changes == 0) {
        arena_reset(&e->turn);
        return;
    }
    struct linked linked = linked_find(e, set);

    e->seq++;
    fs_memo_begin(e->memo);
    read_modules(e, set, building, &linked);
    for (size_t i = 0; i < set->count; i++) {
        struct str path = set->entries[i].path;

        if (set->entries[i].kind == CHANGE_SAME) {
            continue;
        }
        sources += orbit_is_file(path) || orbit_turn_is_generated(path);
        if (orbit_turn_is_generated(path)) {
            continue;
        }
        config = config || reconfigure_is_file(e, path);
        bool output = build_is_output(e->build, path);

        if (output && building) {
            continue; /* looked at when the build has ended */
        }
        struct str module = hmr_context_record_file_change(e->context, path, taken_ns / 1000000);
        bool artefact = orbit_turn_is_artefact(e, path);

        /* a component is an input by what is generated of it */
        if (!orbit_is_file(path) && build_is_input(e->build, path)) {
            inputs++;
            rebuild_add_cause(e, path, first_ns);
        } else {
            /* what writes a file under a passing name and renames it has nothing to tell, and of
             * what a build writes its line has told, which often stands there before the event */
            direct +=
                    !reconfigure_is_file(e, path) && !ignore_is_passing(path_name(path)) && !output;
            hmr_context_mark_updated(e->context, module);
        }
        if (artefact) {
            continue; /* loaded by the components' code, which a good build changes */
        }
        size_t users_of = pages_mark(e->pages, path, module, look_at_change(e, &set->entries[i]));

        users += output ? 0 : users_of;
    }
    for (size_t i = 0; i < linked.count; i++) {
        struct str path = linked.paths[i];

        (void)pages_mark(e->pages, path, turn_module(e, path), turn_look(e, path));
    }
    modules_turn_mark(e);

    struct message_timing timing = { .watch = (double)(taken_ns - first_ns) / 1e6,
        .build = compile_ms };
    struct str what = describe(e, set, false);
    /* updates first: nothing may stand before them on their way to the screen */
    dev_server_hold(e->server, true);
    size_t sent = turn_send_updates(e, NULL, 0, set->git_note, &timing);

    fs_memo_end(e->memo);
    announce(e, set);
    dev_server_hold(e->server, false);
    /* before each build, too: somebody may have cleaned up */
    bool compiled = orbit_store_forget_changes(modules_orbit(e->modules));
    bool generated = (compiled || sources > 0 || inputs > 0) && orbit_turn_generate(e, first_ns);

    if (sent > 0) {
        why_begin(e->why,
                &(struct why_begin){ .seq = e->seq,
                        .what = what,
                        .pages = sent,
                        .targets = e->targets.items,
                        .target_count = e->targets.count,
                        .first_ns = first_ns,
                        .taken_ns = taken_ns,
                        .build_ms = compile_ms },
                sys_now_ns());
    } else if (some_page_waits(e) || generated) {
        /* its line comes when it has gone out, or when it is built */
    } else if (users > 0 && e->module_diags.count == 0) {
        /* as after a mistake that no page was told of is mended */
        turn_print(e, "same", what,
                is_all_compiled(e, set)
                        ? STR("the code that comes of it is what the open pages run")
                        : STR("the open pages run this version already"));
    } else if (direct > 0 && e->module_diags.count == 0) {
        turn_print(e, "saved", what,
                pages_count(e->pages) > 0 ? STR("no open page has loaded it")
                                          : STR("no page is open"));
    }
    if (config) {
        reconfigure_read(e);
    }
    if (generated || inputs > 0) {
        rebuild_consider(e);
    }
    report_changed(e);
    arena_reset(&e->turn);
}
