/* SPDX-License-Identifier: MIT */
/*
 * The life of the service.
 *
 *     NONE --> ASKING (esbuild --version) --> RUNNING (the service) --> NONE when it ends
 *
 * Invariant: each job that was taken is in `works` until it has been answered or cancelled. A work is
 * with nobody, or was sent to the running service, or has a program of its own (`once`).
 *
 * A service that ends while it has work is started again, and each work is given to it once more;
 * the second time it gets a program of its own, so that a text on which esbuild dies fails alone.
 */
#include "transform/esbuild.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "spawn/spawn.h"
#include "transform/esbuild_log.h"
#include "transform/esbuild_wire.h"

#if defined(__x86_64__)
#define PLATFORM "linux-x64"
#elif defined(__aarch64__)
#define PLATFORM "linux-arm64"
#elif defined(__i386__)
#define PLATFORM "linux-ia32"
#else
#define PLATFORM "linux-unknown"
#endif

enum {
    LOG_MAX = 256 * 1024, /* of an error output */
    VERSION_MAX = 64,     /* bytes of "0.28.2" */
    FLAGS_MAX = 16,
    DEATHS_MAX = 3,           /* of services, without an answer between: then no more are started */
    NUMBER_MASK = 0x3FFFFFFF, /* request numbers have room for this */
};

enum state { STATE_NONE, STATE_ASKING, STATE_RUNNING };

struct esbuild;

struct work {
    struct esbuild *esbuild;
    struct transform_job *job;
    uint32_t number; /* of the request */
    unsigned tries;  /* services that had it */
    bool is_sent;    /* the running service has it */
    struct spawn_child *once;
    struct strbuf out; /* of `once` */
    struct strbuf err;
    struct work *prev, *next;
};

struct esbuild {
    uv_loop_t *loop;
    char *root;
    char *path;
    struct tsconfigs *tsconfigs;

    char *binary; /* absolute; NULL: there is none */
    struct timespec mtime;
    off_t size;

    enum state state;
    struct spawn_child *child;
    char version[VERSION_MAX + 1];
    bool is_greeted;  /* the service has said its version */
    bool is_broken;   /* no more services */
    unsigned deaths;  /* since the last answer */
    struct strbuf in; /* what it has said and is not read yet */
    struct strbuf err;
    uint32_t last_number;
    struct work *works; /* oldest first */
};

static void advance(struct esbuild *e);

/* ---- which esbuild ---- */

bool esbuild_is_source(struct str path)
{
    static const struct str exts[] = { STR_INIT(".ts"), STR_INIT(".tsx"), STR_INIT(".jsx"),
        STR_INIT(".mts"), STR_INIT(".cts") };
    struct str ext = path_ext(path);

    for (size_t i = 0; i < sizeof(exts) / sizeof(exts[0]); i++) {
        if (str_ieq(ext, exts[i])) {
            return true;
        }
    }
    return false;
}

static bool is_program(const char *path, struct stat *ret)
{
    return stat(path, ret) == 0 && S_ISREG(ret->st_mode) && access(path, X_OK) == 0;
}

/* The program in node_modules of `folder` ("" is the file system's root), on the heap, or NULL. */
static char *find_in_modules(struct arena *a, struct str folder, struct stat *ret)
{
    /* as npm and yarn lay it out; as pnpm does; what the installer left beside its own program */
    static const char *const places[] = {
        "/node_modules/@esbuild/" PLATFORM "/bin/esbuild",
        "/node_modules/.pnpm/node_modules/@esbuild/" PLATFORM "/bin/esbuild",
        "/node_modules/esbuild/bin/esbuild",
    };
    char real[PATH_MAX];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct str path = arena_printf(a, "%.*s%s", STR_FMT(folder), places[i]);

        if (is_program(path.ptr, ret)) {
            return mem_strcopy(path);
        }
    }
    /* pnpm: beside the package that the link leads to */
    if (realpath(arena_printf(a, "%.*s/node_modules/esbuild", STR_FMT(folder)).ptr, real)) {
        struct str path = arena_printf(
                a, "%.*s/@esbuild/" PLATFORM "/bin/esbuild", STR_FMT(path_parent(str_from(real))));

        return is_program(path.ptr, ret) ? mem_strcopy(path) : NULL;
    }
    return NULL;
}

static char *find_on_path(const char *path_list, struct arena *a, struct stat *ret)
{
    struct str rest = str_from(path_list);

    for (bool more = rest.len > 0; more;) {
        struct str folder;

        more = str_cut(rest, ':', &folder, &rest);
        struct str path = arena_printf(a, "%.*s/esbuild", STR_FMT(folder));

        if (str_starts(path, STR("/")) && path.len > sizeof("/esbuild") - 1 &&
                is_program(path.ptr, ret)) {
            return mem_strcopy(path);
        }
    }
    return NULL;
}

char *esbuild_find(struct str root, const char *path, struct stat *ret)
{
    struct arena a = { 0 };
    struct str folder = root;
    char *found = NULL;

    while (!found && folder.len > 0) {
        found = find_in_modules(&a, folder, ret);
        folder = path_parent(folder);
    }
    found = found ? found : find_on_path(path, &a, ret);
    arena_finish(&a);
    return found;
}

/* ---- works ---- */

static void free_work(struct work *w)
{
    DL_DELETE(w->esbuild->works, w);
    if (w->once) {
        spawn_abandon(w->once);
        strbuf_finish(&w->out);
        strbuf_finish(&w->err);
    }
    free(w);
}

static void answer(struct work *w, struct str code, struct str map, const struct diag_list *diags)
{
    struct transform_job *job = w->job;
    bool bad = diag_list_errors(diags) > 0;

    free_work(w);
    transform_job_done(job, &(struct transform_output){ .type = TRANSFORM_JS,
                                    .code = bad ? STR("") : code,
                                    .map = bad ? STR("") : map,
                                    .diags = diags });
}

static void fail(struct work *w, struct str text, struct str hint)
{
    struct transform_job *job = w->job;

    free_work(w);
    transform_job_fail(job, text, hint);
}

static void fail_all(struct esbuild *e, struct str text, struct str hint)
{
    while (e->works) {
        fail(e->works, text, hint);
    }
}

/* Ends what runs; what it had is with nobody again. */
static void stop(struct esbuild *e)
{
    struct work *w;

    if (e->child) {
        spawn_abandon(e->child);
        e->child = NULL;
    }
    e->state = STATE_NONE;
    DL_FOREACH(e->works, w)
    {
        w->is_sent = false;
    }
}

/* Looks whether esbuild is what it was; it may have been installed, or replaced, meanwhile. */
static void look_for_binary(struct esbuild *e)
{
    struct stat st;

    if (e->binary && is_program(e->binary, &st) && st.st_size == e->size &&
            st.st_mtim.tv_sec == e->mtime.tv_sec && st.st_mtim.tv_nsec == e->mtime.tv_nsec) {
        return;
    }
    if (e->binary) {
        stop(e);
        free(e->binary);
    }
    e->version[0] = '\0';
    e->is_broken = false;
    e->deaths = 0;
    e->binary = esbuild_find(str_from(e->root), e->path, &st);
    if (e->binary) {
        e->size = st.st_size;
        e->mtime = st.st_mtim;
        log_debug(LOG_BUILD, "esbuild is %s", e->binary);
        advance(e); /* what the former one had; calls nobody back, since the version is asked first */
    }
}

/* ---- what it is told ---- */

static struct str loader_of(struct str path)
{
    struct str ext = path_ext(path);

    return str_ieq(ext, STR(".tsx"))   ? STR("--loader=tsx")
           : str_ieq(ext, STR(".jsx")) ? STR("--loader=jsx")
                                       : STR("--loader=ts");
}

/* 0.19 and later know the features by these names. */
static bool knows_features(const char *version)
{
    struct str major;
    struct str minor;
    struct str rest;
    uint64_t a = 0;
    uint64_t b = 0;

    (void)str_cut(str_from(version), '.', &major, &rest);
    (void)str_cut(rest, '.', &minor, &rest);
    return str_parse_u64(major, &a) && str_parse_u64(minor, &b) && (a > 0 || b >= 19);
}

/*
 * Everything that browsers have stays as it is written: what runs should look like the source.
 * Decorators and `using` are what not all of them have.
 */
static size_t flags_of(const struct esbuild *e, const struct transform_job *job, struct arena *a,
        bool by_service, struct str flags[FLAGS_MAX])
{
    struct str binary;
    struct str config;
    size_t count = 0;

    (void)str_cut(job->options, '\n', &binary, &config);
    flags[count++] = loader_of(job->path);
    flags[count++] = arena_printf(a, "--sourcefile=%.*s", STR_FMT(path_name(job->path)));
    flags[count++] = by_service ? STR("--sourcemap=external") : STR("--sourcemap=inline");
    flags[count++] = by_service ? STR("--log-level=silent") : STR("--log-level=warning");
    flags[count++] = STR("--log-limit=0");
    flags[count++] = STR("--color=false");
    flags[count++] = STR("--charset=utf8");
    flags[count++] = STR("--target=esnext");
    if (knows_features(e->version)) {
        flags[count++] = STR("--supported:decorators=false");
        flags[count++] = STR("--supported:using=false");
    }
    if (config.len > 0) {
        flags[count++] = arena_printf(a, "--tsconfig-raw=%.*s", STR_FMT(config));
    }
    return count;
}

/* ---- a program of its own ---- */

static void on_once_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct work *w = ctx;

    strbuf_add(stream == SPAWN_STDOUT ? &w->out : &w->err, bytes);
    if (w->out.overflow) {
        spawn_kill(w->once);
    }
}

static void on_once_exit(void *ctx, int status)
{
    struct work *w = ctx;
    struct arena a = { 0 };
    struct diag_list diags = { 0 };
    struct strbuf out = w->out;
    struct strbuf err = w->err;
    struct str code;
    struct str map;

    w->once = NULL; /* it frees itself */
    esbuild_read_log(strbuf_str(&err), w->job->text, &diags);
    esbuild_cut_map(strbuf_str(&out), &a, &code, &map);
    if (out.overflow) {
        fail(w, STR("what esbuild made of this file is too large"), STR(""));
    } else if (status != 0 && diag_list_errors(&diags) == 0) {
        fail(w, arena_printf(&a, "esbuild ended with status %d on this file", status), STR(""));
    } else {
        answer(w, code, map, &diags);
    }
    strbuf_finish(&out);
    strbuf_finish(&err);
    diag_list_finish(&diags);
    arena_finish(&a);
}

static void run_once(struct work *w)
{
    struct esbuild *e = w->esbuild;
    struct arena a = { 0 };
    struct str flags[FLAGS_MAX];
    size_t count = flags_of(e, w->job, &a, false, flags);
    const char *argv[FLAGS_MAX + 2] = { e->binary };

    for (size_t i = 0; i < count; i++) {
        argv[i + 1] = arena_cstr(&a, flags[i]);
    }
    strbuf_init(&w->out, ESBUILD_PACKET_MAX);
    strbuf_init(&w->err, LOG_MAX);
    w->once = spawn_start(e->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                           .argv = argv,
                                           .cwd = e->root,
                                           .on_output = on_once_output,
                                           .on_exit = on_once_exit,
                                           .ctx = w });
    (void)spawn_write(w->once, w->job->text); /* if it cannot be started, on_once_exit() says so */
    spawn_end_input(w->once);
    arena_finish(&a);
}

/* ---- the service ---- */

static struct work *find_work(const struct esbuild *e, uint32_t number)
{
    struct work *w;

    DL_FOREACH(e->works, w)
    {
        if (w->is_sent && w->number == number) {
            return w;
        }
    }
    return NULL;
}

static void send_work(struct work *w)
{
    struct esbuild *e = w->esbuild;
    struct arena a = { 0 };
    struct str flags[FLAGS_MAX];
    size_t count = flags_of(e, w->job, &a, true, flags);
    struct strbuf packet;

    w->number = e->last_number = (e->last_number + 1) & NUMBER_MASK;
    strbuf_init(&packet, ESBUILD_PACKET_MAX);
    esbuild_add_request(&packet, w->number, flags, count, w->job->text);
    /* what it does not take now is sent when it has answered something, or goes with its end */
    w->is_sent = !packet.overflow && spawn_write(e->child, strbuf_str(&packet));
    w->tries += w->is_sent;
    strbuf_finish(&packet);
    arena_finish(&a);
}

/*
 * The service is no use any more: it has ended, hangs, or says what nobody understands. Who was with
 * it begins anew, also in time: what hangs is one text, and the others were given at the same moment.
 */
static void give_up_service(struct esbuild *e)
{
    struct work *w;

    DL_FOREACH(e->works, w)
    {
        if (w->is_sent) {
            transform_job_again(w->job);
        }
    }
    e->deaths++;
    e->is_broken = e->is_broken || e->deaths >= DEATHS_MAX;
    log_debug(LOG_BUILD, "esbuild's service has ended: %.*s", STR_FMT(strbuf_str(&e->err)));
    stop(e);
    advance(e);
}

/* False if the packet is not what the protocol says. */
static bool take_packet(struct esbuild *e, struct str packet)
{
    struct arena a = { 0 };
    struct esbuild_answer read;
    struct work *w = NULL;
    bool good = true;

    if (!e->is_greeted) {
        e->is_greeted = true;
        return str_eq(packet, str_from(e->version));
    }
    if (packet.len >= 4) {
        /* the number is needed before the rest is read: code frames show the source */
        const unsigned char *p = (const unsigned char *)packet.ptr;

        w = find_work(
                e, (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24) >> 1);
    }
    good = esbuild_read_answer(packet, w ? w->job->text : STR(""), &a, &read);
    if (good && w && !read.is_request) {
        e->deaths = 0;
        answer(w, read.code, read.map, &read.diags);
    }
    if (good) {
        diag_list_finish(&read.diags);
    }
    arena_finish(&a);
    return good;
}

static void on_service_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct esbuild *e = ctx;
    enum esbuild_read status = ESBUILD_PACKET;
    const struct spawn_child *child = e->child;
    bool good = true;

    if (stream == SPAWN_STDERR) {
        strbuf_add(&e->err, bytes);
        return;
    }
    strbuf_add(&e->in, bytes);
    while (good && status == ESBUILD_PACKET && e->child == child) {
        size_t used;
        struct str packet;

        status = esbuild_read_packet(strbuf_str(&e->in), &used, &packet);
        if (status == ESBUILD_PACKET) {
            /* an answer may lead to anything, also to another service */
            struct str own = { mem_strcopy(packet), packet.len };

            strbuf_consume(&e->in, used);
            good = take_packet(e, own);
            free((void *)(uintptr_t)own.ptr);
        }
    }
    if (e->child == child && (!good || status == ESBUILD_MALFORMED || e->in.overflow)) {
        e->is_broken = true;
        give_up_service(e);
    } else if (e->child) {
        advance(e);
    }
}

static void on_service_exit(void *ctx, int status)
{
    struct esbuild *e = ctx;

    (void)status; /* it has no reason of its own to end, so none is a good one */
    e->child = NULL;
    give_up_service(e);
}

static void start_service(struct esbuild *e)
{
    char flag[sizeof("--service=") + VERSION_MAX];
    const char *argv[] = { e->binary, flag, NULL };

    (void)snprintf(flag, sizeof(flag), "--service=%s", e->version); /* fits */
    strbuf_reset(&e->in);
    strbuf_reset(&e->err);
    e->is_greeted = false;
    e->state = STATE_RUNNING;
    e->child = spawn_start(e->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                            .argv = argv,
                                            .cwd = e->root,
                                            .on_output = on_service_output,
                                            .on_exit = on_service_exit,
                                            .ctx = e });
}

/* ---- its version ---- */

static void on_version_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct esbuild *e = ctx;

    strbuf_add(stream == SPAWN_STDOUT ? &e->in : &e->err, bytes);
}

static bool is_version(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-')) {
            return false;
        }
    }
    return s.len > 0 && s.len <= VERSION_MAX && s.ptr[0] >= '0' && s.ptr[0] <= '9';
}

/* What waits for its version waits in vain; who asks for something later asks it again. */
static void refuse(struct esbuild *e, const char *why)
{
    struct arena a = { 0 };

    fail_all(e, arena_printf(&a, "%s cannot be used: %s", e->binary, why),
            STR("install it again: npm install -D esbuild"));
    arena_finish(&a);
}

static void on_version_exit(void *ctx, int status)
{
    struct esbuild *e = ctx;
    struct str version = str_trim(strbuf_str(&e->in));

    e->child = NULL;
    e->state = STATE_NONE;
    if (status == 0 && is_version(version)) {
        memcpy(e->version, version.ptr, version.len);
        e->version[version.len] = '\0';
        advance(e);
    } else {
        refuse(e, status < 0 ? "it cannot be started" : "it does not say its version");
    }
}

static void ask_version(struct esbuild *e)
{
    const char *argv[] = { e->binary, "--version", NULL };

    strbuf_reset(&e->in);
    strbuf_reset(&e->err);
    e->state = STATE_ASKING;
    e->child = spawn_start(e->loop, &(struct spawn_request){ .kind = SPAWN_BUILD,
                                            .argv = argv,
                                            .cwd = e->root,
                                            .on_output = on_version_output,
                                            .on_exit = on_version_exit,
                                            .ctx = e });
}

/* Brings every work on its way that can be. */
static void advance(struct esbuild *e)
{
    struct work *w;
    struct work *next;

    if (!e->works || e->state == STATE_ASKING) {
        return;
    }
    if (!e->binary) {
        fail_all(e, STR("TypeScript and JSX need esbuild, which is not installed here"),
                STR("npm install -D esbuild"));
        return;
    }
    if (!e->version[0]) {
        ask_version(e);
        return;
    }
    DL_FOREACH_SAFE(e->works, w, next)
    {
        if (w->is_sent || w->once) {
            continue;
        }
        if (e->is_broken || w->tries > 1) {
            run_once(w);
            continue;
        }
        if (e->state == STATE_NONE) {
            start_service(e);
        }
        send_work(w);
    }
}

/* ---- the backend ---- */

static bool takes(void *self, struct str path)
{
    (void)self;
    return esbuild_is_source(path);
}

/* One line for the program, and behind it what tsconfig.json says. */
static struct str options_of(void *self, struct str path, struct arena *a)
{
    struct esbuild *e = self;

    look_for_binary(e);
    if (!e->binary) {
        return STR("none");
    }
    return arena_printf(a, "%s %lld.%ld %lld\n%.*s", e->binary, (long long)e->mtime.tv_sec,
            e->mtime.tv_nsec, (long long)e->size,
            STR_FMT(tsconfigs_get(e->tsconfigs, path)->options));
}

static void start(void *self, struct transform_job *job)
{
    struct esbuild *e = self;
    struct work *w = mem_new(struct work);

    look_for_binary(e);
    w->esbuild = e;
    w->job = job;
    job->backend_data = w;
    DL_APPEND(e->works, w);
    advance(e);
}

static void cancel(void *self, struct transform_job *job, bool hangs)
{
    struct esbuild *e = self;
    struct work *w = job->backend_data;
    bool stuck = hangs && !w->once;

    free_work(w);
    if (stuck && e->state == STATE_ASKING) {
        stop(e);
        refuse(e, "it does not say its version");
    } else if (stuck) {
        give_up_service(e);
    }
}

static void destroy(void *self)
{
    struct esbuild *e = self;

    stop(e);
    strbuf_finish(&e->in);
    strbuf_finish(&e->err);
    free(e->binary);
    free(e->root);
    free(e->path);
    free(e);
}

struct transform_backend esbuild_create(const struct esbuild_options *options)
{
    struct esbuild *e = mem_new(struct esbuild);

    e->loop = options->loop;
    e->root = mem_strcopy(options->root);
    e->path = mem_strcopy(str_from(options->path));
    e->tsconfigs = options->tsconfigs;
    strbuf_init(&e->in, 2 * (size_t)ESBUILD_PACKET_MAX);
    strbuf_init(&e->err, LOG_MAX);
    return (struct transform_backend){ .name = "esbuild",
        .takes = takes,
        .options = options_of,
        .start = start,
        .cancel = cancel,
        .destroy = destroy,
        .self = e };
}
