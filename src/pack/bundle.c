/* SPDX-License-Identifier: MIT */
#include "pack/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/sys.h"
#include "pack/bundler_files.h"
#include "pack/cache.h"
#include "pack/text.h"
#include "spawn/spawn.h"
#include "transform/transform.h"

/* What the bundler is to call the text that it is given. */
#define INPUT "orbiton-pack.js"

enum {
    LOG_MAX = 64 * 1024,
    META_MAX = 16 * 1024 * 1024,
    INPUT_MAX = 16 * 1024 * 1024,
};

struct bundle {
    struct arena arena; /* of the paths */
    const struct pack_list *list;
    void (*on_done)(void *ctx, struct strbuf *text, struct str said, struct str odd);
    void *ctx;
    struct spawn_child *child;
    struct str outfile, metafile; /* absolute; terminated */
    struct strbuf err;
};

static void destroy(struct bundle *b)
{
    (void)unlink(b->outfile.ptr);
    (void)unlink(b->metafile.ptr);
    strbuf_finish(&b->err);
    arena_finish(&b->arena);
    free(b);
}

static void on_output(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct bundle *b = ctx;

    (void)stream; /* it writes to files */
    strbuf_add(&b->err, bytes);
}

static bool read_whole(struct str path, struct strbuf *into)
{
    return sys_read_file(path, into) == 0 && !into->overflow;
}

/* What the bundler has made, if it is what it was asked for. */
static bool take_text(struct bundle *b, int status, struct strbuf *text, struct str *ret_odd)
{
    struct strbuf code;
    struct strbuf meta;

    strbuf_init(&code, TRANSFORM_OUTPUT_MAX);
    strbuf_init(&meta, META_MAX);
    bool good = status == 0 && read_whole(b->outfile, &code) && read_whole(b->metafile, &meta) &&
                pack_is_of(b->list, strbuf_str(&meta), STR(INPUT), &b->arena, ret_odd) &&
                pack_add_output(text, strbuf_str(&code), STR(CACHE_FOLDER));

    strbuf_finish(&code);
    strbuf_finish(&meta);
    return good;
}

static void on_exit_of(void *ctx, int status)
{
    struct bundle *b = ctx; /* the child frees itself */
    struct strbuf text;

    strbuf_init(&text, TRANSFORM_OUTPUT_MAX);
    if (status == -ENOENT || status == -EACCES) {
        strbuf_add(&b->err, STR("its program, or Node for it, is not installed"));
    }
    struct str odd = STR("");
    bool good = take_text(b, status, &text, &odd);

    b->on_done(b->ctx, good ? &text : NULL, strbuf_str(&b->err), odd);
    strbuf_finish(&text);
    destroy(b);
}

/* Makes the two files that the bundler writes to, under a name that is nobody else's. */
static bool make_files(struct bundle *b, struct str root)
{
    struct str name =
            arena_printf(&b->arena, "%.*s/" CACHE_FOLDER "/.pack-XXXXXX.js", STR_FMT(root));
    char *path = arena_cstr(&b->arena, name);
    int fd = mkostemps(path, sizeof(".js") - 1, O_CLOEXEC);

    b->outfile = str_from(path);
    b->metafile = arena_printf(&b->arena, "%son", path);
    sys_close(fd);
    return fd >= 0;
}

enum { FLAGS_MAX = 16 };

/* How esbuild is called, without what stays outside; the number of arguments. */
static size_t esbuild_flags(
        struct arena *a, const struct bundle *b, const char *program, const char *argv[FLAGS_MAX])
{
    const char *const flags[] = { program, "--bundle", "--format=esm", "--platform=browser",
        "--conditions=module,development", "--ignore-annotations", "--tree-shaking=false",
        b->list->makes_workers ? "--keep-names=false" : "--keep-names", "--charset=utf8",
        "--target=esnext", "--log-level=error", "--color=false", "--tsconfig-raw={}",
        "--sourcefile=" INPUT, arena_printf(a, "--outfile=%.*s", STR_FMT(b->outfile)).ptr,
        arena_printf(a, "--metafile=%.*s", STR_FMT(b->metafile)).ptr };

    _Static_assert(sizeof(flags) / sizeof(flags[0]) <= FLAGS_MAX, "there is no room for them");
    memcpy(argv, flags, sizeof(flags));
    return sizeof(flags) / sizeof(flags[0]);
}

/* The same of rolldown; sidecar/pack.mjs says what they are. */
static size_t rolldown_flags(
        struct arena *a, const struct bundle *b, const char *folder, const char *argv[FLAGS_MAX])
{
    const char *const flags[] = { "node", "--input-type=module", "--eval",
        arena_cstr(a, bundler_files[0].bytes), folder, b->outfile.ptr, b->metafile.ptr };

    memcpy(argv, flags, sizeof(flags));
    return sizeof(flags) / sizeof(flags[0]);
}

/* Our NODE_OPTIONS without --inspect and its like: a bundler is not what somebody wants to debug, and waits
 * for them, or has no port. */
static const char *node_options(struct arena *a)
{
    struct str rest = str_from(getenv("NODE_OPTIONS"));
    struct str all = STR("");
    struct str word;

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &word, &rest);
        if (word.len > 0 && !str_starts(word, STR("--inspect"))) {
            all = arena_printf(
                    a, "%.*s%s%.*s", STR_FMT(all), all.len > 0 ? " " : "", STR_FMT(word));
        }
    }
    return arena_printf(a, "NODE_OPTIONS=%.*s", STR_FMT(all)).ptr;
}

static void start_child(struct bundle *b, const struct bundle_request *request)
{
    struct arena a = { 0 };
    const char *const env[] = { "NO_COLOR=1", "FORCE_COLOR=0", node_options(&a), NULL };
    const struct pack_list *list = request->list;
    const char *path = request->bundler->path;
    bool is_rolldown = bundler_is_rolldown(request->bundler);
    const char **argv =
            arena_array(&a, const char *, FLAGS_MAX + list->outside_count + list->name_count + 1);
    size_t count =
            is_rolldown ? rolldown_flags(&a, b, path, argv) : esbuild_flags(&a, b, path, argv);

    for (size_t i = 0; i < list->outside_count; i++) {
        struct str outside = list->outside[i];

        argv[count++] = is_rolldown ? arena_cstr(&a, outside)
                                    : arena_printf(&a, "--external:%.*s/%.*s",
                                              STR_FMT(request->root), STR_FMT(outside))
                                              .ptr;
    }
    for (size_t i = 0; i < list->name_count; i++) {
        struct str name = list->names[i];

        argv[count++] = is_rolldown ? arena_cstr(&a, name)
                                    : arena_printf(&a, "--external:%.*s", STR_FMT(name)).ptr;
    }
    argv[count] = NULL;
    b->child = spawn_start(request->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                                  .argv = argv,
                                                  .env = env,
                                                  .cwd = arena_cstr(&a, request->root),
                                                  .on_output = on_output,
                                                  .on_exit = on_exit_of,
                                                  .ctx = b });
    arena_finish(&a);
}

struct bundle *bundle_start(const struct bundle_request *request)
{
    struct bundle *b;
    struct strbuf input;

    strbuf_init(&input, INPUT_MAX);
    pack_add_input(&input, request->list, request->root);
    if (input.overflow) {
        strbuf_finish(&input);
        return NULL;
    }
    b = mem_new(struct bundle);
    b->list = request->list;
    b->on_done = request->on_done;
    b->ctx = request->ctx;
    strbuf_init(&b->err, LOG_MAX);
    if (!make_files(b, request->root)) {
        strbuf_finish(&input);
        destroy(b);
        return NULL;
    }
    start_child(b, request);
    (void)spawn_write(b->child, strbuf_str(&input)); /* if not, it has ended, and says so */
    spawn_end_input(b->child);
    strbuf_finish(&input);
    return b;
}

void bundle_abandon(struct bundle *b)
{
    if (b) {
        spawn_abandon(b->child);
        destroy(b);
    }
}
