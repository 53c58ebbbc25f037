/* SPDX-License-Identifier: MIT */
/*
 * The life of a pack.
 *
 *     NEW --> RUNNING (the bundler) --> READY
 *                  \--> its files are served as they are
 *
 * Invariants: a file that is known belongs to one pack, or to none. A package that is known by its folder is
 * served as it is: something in it cannot be packed, and packs of what lies deeper would be made in the order
 * in which somebody asks; or it was refused with others (`refusals`). Each job that was taken is with its pack (`works`) until it was answered or
 * cancelled; a pack with works is not looked at anew.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <utlist.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "pack/bundle.h"
#include "pack/cache.h"
#include "pack/packs_private.h"
#include "pack/part.h"
#include "pack/rolldown.h"
#include "pack/text.h"
#include "resolve/markers.h"

/* Part of every key: another number where other texts are made of the same files, or others are found. */
#define FORMAT STR("4")

/* How the line begins in which sidecar/pack.mjs says why there is no pack. */
#define REASON_MARK STR("orbiton: ")

enum { FACADE_MAX = 16 * 1024 * 1024 };

/* ---- which files it has ---- */

static void begin_next(struct packs *p);

/* Its files are not its any more: what becomes of them is decided when somebody asks. */
static void release_files(struct pack *pack)
{
    for (size_t i = 0; i < pack->list.count; i++) {
        struct known *k = known_find(pack->packs, pack->list.files[i].path);

        if (k && k->pack == pack) {
            known_forget(pack->packs, k);
        }
    }
}

static void drop_pack(struct pack *pack)
{
    release_files(pack);
    if (pack->bundle) {
        bundle_abandon(pack->bundle);
        pack->packs->running--;
    }
    DL_DELETE(pack->packs->list, pack);
    strbuf_finish(&pack->text);
    arena_finish(&pack->arena);
    free(pack);
}

/* A file that nobody has asked for: all that it imports may become a pack. */
static void decide(struct packs *p, struct str path)
{
    struct pack *pack = mem_new(struct pack);
    struct str package = pack_package_of(path);
    struct str why;

    pack->packs = p;
    pack->round = p->round;
    uint64_t began = sys_now_ns();
    bool is_known = packs_recall(pack, path);
    enum pack_answer answer =
            is_known ? PACK_GOOD : packs_walk(p, path, NULL, &pack->arena, &pack->list, &why);

    DL_APPEND(p->list, pack);
    if (answer == PACK_GOOD) {
        bool is_said = is_known || packs_find_ground(p, &pack->list, &pack->ground);

        for (size_t i = 0; i < pack->list.count; i++) {
            struct known *k = known_add(p, pack->list.files[i].path);

            k->pack = pack;
            k->number = i;
        }
        log_debug(LOG_BUILD, "%.*s: a pack of %zu files of %zu packages, %s in %u ms",
                STR_FMT(path), pack->list.count, pack->list.package_count,
                is_known ? "known" : "read", (unsigned)((sys_now_ns() - began) / 1000000));
        if (!is_known && is_said && pack_has_same_stamps(pack)) { /* else they are too new */
            packs_remember(pack);
        }
        return;
    }
    if (answer == PACK_NO && package.len > 0) {
        log_debug(LOG_BUILD, "%.*s is not packed: %.*s", STR_FMT(package), STR_FMT(why));
        known_leave(p, package, package, why);
    } else {
        known_leave(p, path, package, STR(""));
        for (size_t i = 0; i < pack->list.count; i++) {
            struct str file = pack->list.files[i].path;

            known_leave(p, file, pack_package_of(file), STR(""));
        }
    }
    drop_pack(pack);
}

/* If the files are not what they were, what becomes of them is decided anew. */
static void look_again(struct pack *pack)
{
    struct packs *p = pack->packs;

    if (pack->works) {
        return; /* it will be looked at as soon as it is made */
    }
    pack->round = p->round;
    if (!pack_has_same_stamps(pack) || !pack_has_same_packages(pack)) {
        struct arena a = { 0 };
        struct str home = arena_str(&a, pack_home(pack));

        drop_pack(pack);
        begin_next(p);
        decide(p, home);
        arena_finish(&a);
    }
}

static void look_for_bundler(struct packs *p)
{
    struct arena a = { 0 };
    struct stat st;

    p->has_looked = true;
    if (bundler_find(str_from(p->root), p->path, &p->bundler)) {
        char hex[HASH_HEX_LEN + 1];

        hash_format(p->bundler.key, hex);
        p->tool = hash_bytes(arena_printf(&a, "%.*s %s %s", STR_FMT(FORMAT), p->bundler.name, hex));
        if (stat(arena_printf(&a, "%s/node_modules", p->root).ptr, &st) < 0 ||
                !S_ISDIR(st.st_mode) || !cache_make(str_from(p->folder))) {
            bundler_finish(&p->bundler);
        } else if (bundler_is_rolldown(&p->bundler)) {
            p->rolldowns = rolldowns_create(p->loop, str_from(p->root), str_from(p->bundler.path));
        }
    }
    arena_finish(&a);
}

static bool is_candidate(struct str path)
{
    /* what lies above the root has another path for the tool */
    return str_starts(path, STR("node_modules/")) && pack_is_script(path);
}

/* The file, which may be named with the pack's mark; NULL if it is served as it is. */
static const struct known *look(struct packs *p, struct str path)
{
    bool marked = str_ends(path, PACK_MARK);

    path = marked ? str_sub(path, 0, path.len - PACK_MARK.len) : path;
    if (!is_candidate(path)) {
        return NULL;
    }
    if (!p->has_looked) {
        look_for_bundler(p);
    }
    if (!p->bundler.name) {
        return NULL;
    }
    struct str package = pack_package_of(path);
    const struct known *k = known_find(p, path);

    if (k && k->pack && k->pack->round != p->round) {
        look_again(k->pack);
        k = known_find(p, path);
    }
    if (!k || !k->pack) {
        if (known_is_left(p, path, package) || known_is_left(p, package, package) ||
                HASH_COUNT(p->table) >= PACKS_FILES_MAX) {
            return NULL;
        }
        decide(p, path);
        k = known_find(p, path);
    }
    return k && k->pack && (!marked || k->number == 0) ? k : NULL;
}

/* ---- answers ---- */

static struct hash key_of(const struct pack *pack)
{
    struct hash both[2] = { pack->list.key, pack->packs->tool };

    return hash_bytes((struct str){ (const char *)both, sizeof(both) });
}

static void free_work(struct work *w)
{
    DL_DELETE(w->pack->works, w);
    free(w);
}

static void answer(struct transform_job *job, struct str code)
{
    struct diag_list none = { 0 };

    transform_job_done(job, &(struct transform_output){ .type = TRANSFORM_JS,
                                    .code = code,
                                    .diags = &none,
                                    /* they say that something was installed */
                                    .deps = resolve_markers,
                                    .dep_count = RESOLVE_MARKERS });
}

static const char *why_not_run(const struct packs *p)
{
    return p->has_hung ? "did not answer for another package" : "could not be run";
}

static bool begin(struct pack *pack);
static void give_up(struct pack *pack, const char *what, struct str said);
static void start(void *self, struct transform_job *job);

static void give_facade(struct pack *pack, struct transform_job *job)
{
    struct arena a = { 0 };
    const struct known *k =
            known_find(pack->packs, job->path); /* as long as the job is with the pack */
    struct str url = arena_printf(
            &a, "%.*s%.*s", STR_FMT(resolve_url_of(&a, pack_home(pack))), STR_FMT(PACK_MARK));
    struct strbuf text;

    strbuf_init(&text, FACADE_MAX);
    pack_add_facade(&text, &pack->list, k->number, url);
    if (text.overflow) {
        transform_job_fail(job, STR("this file exports too many names"), STR(""));
    } else {
        answer(job, strbuf_str(&text));
    }
    strbuf_finish(&text);
    arena_finish(&a);
}

/* Has the text from disk. */
static bool read_text(struct pack *pack)
{
    strbuf_finish(&pack->text);
    strbuf_init(&pack->text, TRANSFORM_OUTPUT_MAX);
    pack->is_on_disk = cache_read(str_from(pack->packs->folder), key_of(pack), &pack->text);
    if (!pack->is_on_disk) {
        strbuf_finish(&pack->text);
    }
    return pack->is_on_disk;
}

/* A job of a pack that is ready. False if the pack has to be made once more. */
static bool give(struct pack *pack, struct transform_job *job)
{
    if (!str_ends(job->path, PACK_MARK)) {
        give_facade(pack, job);
        return true;
    }
    if (pack->text.len == 0 && !read_text(pack)) {
        return false;
    }
    if (!pack->is_on_disk) {
        answer(job, strbuf_str(&pack->text));
        return true;
    }
    struct strbuf text = pack->text;

    pack->text = (struct strbuf){ 0 }; /* first: who is answered may ask for it again */
    answer(job, strbuf_str(&text));
    strbuf_finish(&text);
    return true;
}

/* All that waits, after the pack is ready. */
static void give_all(struct pack *pack)
{
    while (pack->works && pack->state == STATE_READY) {
        struct work *w = pack->works;
        struct transform_job *job = w->job;

        if (give(pack, job)) {
            free_work(w);
        } else {
            pack->state = STATE_NEW;
            if (!begin(pack)) {
                give_up(pack, why_not_run(pack->packs), STR(""));
                return;
            }
        }
    }
}

/* The file is in no pack any more. Who asks for the pack itself has got its names from a facade. */
static void answer_unpacked(struct transform_job *job)
{
    if (str_ends(job->path, PACK_MARK)) {
        transform_job_fail(job, STR("this package could not be bundled again"),
                STR("load the page again: its files are served one by one then"));
    } else {
        answer(job, job->text);
    }
}

/* The line that says why in what a bundler has written: the one that sidecar/pack.mjs marks, else the first. */
static struct str reason_in(struct str said)
{
    struct str first = STR("");
    struct str line;

    while (said.len > 0) {
        (void)str_cut(said, '\n', &line, &said);
        if (str_starts(line, REASON_MARK)) {
            return str_skip(line, REASON_MARK.len);
        }
        first = first.len > 0 ? first : line;
    }
    return first;
}

/* Nothing came of it, by what the bundler did, and `said` is what it has written: the package is served as it
 * is. */
static void give_up(struct pack *pack, const char *what, struct str said)
{
    struct arena a = { 0 };
    struct str package = pack_package_of(pack_home(pack));
    struct str line = reason_in(said);
    struct work *w;
    struct str why = arena_printf(&a, "%s %s%s%.*s", pack->packs->bundler.name, what,
            line.len > 0 ? ": " : "", STR_FMT(line));

    log_debug(LOG_BUILD, "%.*s is not packed: %.*s", STR_FMT(package), STR_FMT(why));
    if (said.len > line.len) {
        log_debug(LOG_BUILD, "all that it said: %.*s", STR_FMT(said));
    }
    known_leave(
            pack->packs, package, package, why); /* first: who is answered may ask for the next */
    release_files(pack);
    while ((w = pack->works) != NULL) {
        struct transform_job *job = w->job;

        free_work(w);
        answer_unpacked(job);
    }
    drop_pack(pack);
    arena_finish(&a);
}

/* Its files have become others while it was made. */
static void decide_anew(struct pack *pack)
{
    struct packs *p = pack->packs;
    struct work *works = pack->works;
    struct work *w;

    pack->works = NULL;
    drop_pack(pack);
    while ((w = works) != NULL) {
        struct transform_job *job = w->job;

        DL_DELETE(works, w);
        free(w);
        start(p, job);
    }
}

/* The bundler does not make one of these packages, perhaps since it reads the package.json of one otherwise:
 * they are packed again without that one, and after a few times the first without any. */
static void leave_others(struct pack *pack, struct str odd)
{
    struct arena a = { 0 };
    struct packs *p = pack->packs;
    struct str first = arena_str(&a, pack->list.packages[0]);
    struct str package = pack_package_of(odd);
    bool is_first = package.len == 0 || str_eq(package, first);

    log_debug(LOG_BUILD, "%.*s is packed without %.*s: %s leads to %.*s otherwise", STR_FMT(first),
            STR_FMT(is_first ? STR("others") : package), p->bundler.name, STR_FMT(odd));
    known_refuse(p, first, is_first ? PACKS_REFUSALS_MAX : 1);
    if (!is_first) {
        known_refuse(p, package, PACKS_REFUSALS_MAX);
    }
    decide_anew(pack);
    arena_finish(&a);
}

static void on_bundled(void *ctx, struct strbuf *text, struct str said, struct str odd)
{
    struct pack *pack = ctx;
    struct packs *p = pack->packs;

    pack->bundle = NULL; /* it frees itself */
    p->running--;
    if (!pack_has_same_files(pack)) {
        decide_anew(pack);
    } else if (!text && pack->list.package_count > 1) {
        leave_others(pack, odd);
    } else if (!text) {
        give_up(pack, "said no", said);
    } else {
        strbuf_finish(&pack->text);
        pack->text = *text;
        *text = (struct strbuf){ 0 };
        pack->state = STATE_READY;
        pack->is_on_disk = cache_write(str_from(p->folder), key_of(pack), strbuf_str(&pack->text));
        give_all(pack);
    }
    begin_next(p); /* last: who was answered may have asked for more */
}

/* Gives all files to the bundler; false if that cannot be done. */
static bool run(struct pack *pack)
{
    struct packs *p = pack->packs;
    struct work *w;

    if (p->has_hung) {
        return false;
    }
    pack->bundle = bundle_start(&(struct bundle_request){ .loop = p->loop,
            .bundler = &p->bundler,
            .rolldowns = p->rolldowns,
            .root = str_from(p->root),
            .list = &pack->list,
            .on_done = on_bundled,
            .ctx = pack });
    if (!pack->bundle) {
        return false;
    }
    pack->state = STATE_RUNNING;
    p->running++;
    DL_FOREACH(pack->works, w)
    {
        transform_job_again(w->job); /* its time counts from now */
    }
    return true;
}

static bool has_room(const struct packs *p)
{
    return p->running < (p->rolldowns ? (unsigned)ROLLDOWN_AT_ONCE : (unsigned)PACKS_AT_ONCE);
}

/* Has it from disk, or has it made, be it when another one has ended; false if that cannot be done. */
static bool begin(struct pack *pack)
{
    if (read_text(pack)) {
        pack->state = STATE_READY;
    } else if (has_room(pack->packs)) {
        return run(pack);
    }
    return true;
}

static struct pack *next_waiting(const struct packs *p)
{
    struct pack *pack;

    DL_FOREACH(p->list, pack)
    {
        if (pack->works && pack->state == STATE_NEW) {
            break;
        }
    }
    return pack;
}

/* Those that wait for a program that has ended. */
static void begin_next(struct packs *p)
{
    struct pack *pack;

    while (has_room(p) && (pack = next_waiting(p)) != NULL) {
        if (!run(pack)) {
            give_up(pack, why_not_run(p), STR(""));
        }
    }
}

/* ---- the backend ---- */

static bool takes(void *self, struct str path)
{
    return look(self, path) != NULL;
}

static struct str options_of(void *self, struct str path, struct arena *a)
{
    const struct known *k = look(self, path);
    char hex[HASH_HEX_LEN + 1];

    if (!k) {
        return STR("");
    }
    hash_format(key_of(k->pack), hex);
    return arena_printf(a, "%s", hex);
}

static void start(void *self, struct transform_job *job)
{
    const struct known *k = look(self, job->path);

    if (!k) {
        answer_unpacked(job); /* it was one of a pack when it was asked for */
        return;
    }
    struct pack *pack = k->pack;
    struct work *w = mem_new(struct work);

    w->pack = pack;
    w->job = job;
    job->backend_data = w;
    DL_APPEND(pack->works, w);
    if (pack->state == STATE_RUNNING) {
        transform_job_again(job); /* now its limit is the program's */
    } else if (pack->state == STATE_NEW && !begin(pack)) {
        give_up(pack, why_not_run(pack->packs), STR(""));
        return;
    }
    give_all(pack);
}

static unsigned limit(void *self, const struct transform_job *job)
{
    const struct work *w = job->backend_data;

    (void)self;
    return w && w->pack->state == STATE_RUNNING ? PACKS_LIMIT_MS : PACKS_WAIT_MS;
}

static void cancel(void *self, struct transform_job *job, bool hangs)
{
    struct work *w = job->backend_data;
    struct pack *pack = w->pack;
    struct packs *p = self;

    free_work(w);
    if (hangs) {
        p->has_hung = true;                       /* or each package would wait as long */
        give_up(pack, "did not answer", STR("")); /* the others have their files as they are */
        begin_next(p);
    }
}

static struct str remark(void *self, struct str path, struct arena *a)
{
    const struct packs *p = self;
    const struct known *k = known_find(p, path);
    const struct known *package = known_find(p, pack_package_of(path));

    if (k && k->pack) {
        return arena_printf(a, "bundled by %s, one of %zu files of %.*s%.*s", p->bundler.name,
                k->pack->list.count, STR_FMT(pack_home(k->pack)), STR_FMT(PACK_MARK));
    }
    return package && package->why
                   ? arena_printf(a, "its package is served file by file: %s", package->why)
                   : STR("");
}

static void look_anew(void *self)
{
    struct packs *p = self;

    p->round++;
}

static void destroy(void *self)
{
    struct packs *p = self;
    struct known *k;
    struct known *next;

    while (p->list) {
        drop_pack(p->list);
    }
    HASH_ITER(hh, p->table, k, next)
    {
        known_forget(p, k);
    }
    rolldowns_destroy(p->rolldowns);
    resolver_destroy(p->resolver);
    bundler_finish(&p->bundler);
    free(p->folder);
    free(p->path);
    free(p->root);
    free(p);
}

struct transform_backend packs_create(const struct packs_options *options)
{
    struct packs *p = mem_new(struct packs);
    struct arena a = { 0 };

    p->loop = options->loop;
    p->fs = *options->fs;
    p->transform = options->transform;
    p->has_maps = options->has_maps;
    p->ctx = options->ctx;
    p->resolver = resolver_create(
            &(struct resolver_options){ .fs = *options->fs, .vite_config = options->vite_config });
    p->vite_config = options->vite_config;
    p->root = mem_strcopy(options->root);
    p->folder = mem_strcopy(arena_printf(&a, "%.*s/" CACHE_FOLDER, STR_FMT(options->root)));
    p->path = mem_strcopy(str_from(options->path));
    arena_finish(&a);
    return (struct transform_backend){ .name = "the bundler",
        .takes = takes,
        .options = options_of,
        .start = start,
        .limit = limit,
        .cancel = cancel,
        .hint = "load the page again: the package's files are served one by one then",
        .remark = remark,
        .look_anew = look_anew,
        .destroy = destroy,
        .self = p };
}
