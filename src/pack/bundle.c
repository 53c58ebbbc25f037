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
#include "pack/cache.h"
#include "pack/rolldown.h"
#include "pack/text.h"
#include "spawn/spawn.h"
#include "transform/transform.h"

/* What the bundler is to call the text that it is given. */
#define INPUT "orbiton-pack.js"

enum {
    LOG_MAX = 64 * 1024,
    META_MAX = 16 * 1024 * 1024,
    INPUT_MAX = 16 * 1024 * 1024,
    LINE_MAX_BYTES = 2 * INPUT_MAX,
};

struct bundle {
    struct arena arena; /* of the paths */
    const struct pack_list *list;
    void (*on_done)(void *ctx, struct strbuf *text, struct str said, struct str odd);
    void *ctx;
    struct spawn_child *child; /* esbuild, or */
    struct rolldown *rolldown;
    struct str outfile, metafile; /* absolute; terminated */
    struct strbuf err;            /* of esbuild */
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
static bool take_text(struct bundle *b, struct strbuf *text, struct str *ret_odd)
{
    struct strbuf code;
    struct strbuf meta;

    strbuf_init(&code, TRANSFORM_OUTPUT_MAX);
    strbuf_init(&meta, META_MAX);
    bool good = read_whole(b->outfile, &code) && read_whole(b->metafile, &meta) &&
                pack_is_of(b->list, strbuf_str(&meta), STR(INPUT), &b->arena, ret_odd) &&
                pack_add_output(text, strbuf_str(&code), STR(CACHE_FOLDER));

    strbuf_finish(&code);
    strbuf_finish(&meta);
    return good;
}

/* It has ended, or says that it is done; `has_made` is what it says of it. */
static void end(struct bundle *b, bool has_made, struct str said)
{
    struct strbuf text;
    struct str odd = STR("");

    strbuf_init(&text, TRANSFORM_OUTPUT_MAX);
    bool good = has_made && take_text(b, &text, &odd);

    b->on_done(b->ctx, good ? &text : NULL, said, odd);
    strbuf_finish(&text);
    destroy(b);
}

static void on_exit_of(void *ctx, int status)
{
    struct bundle *b = ctx; /* the child frees itself */

    if (status == -ENOENT || status == -EACCES) {
        strbuf_add(&b->err, STR("its program is not installed"));
    }
    end(b, status == 0, strbuf_str(&b->err));
}

static void on_rolled(void *ctx, bool good, struct str said)
{
    end(ctx, good, said);
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

/* Starts esbuild, and gives it the input. */
static void start_child(struct bundle *b, const struct bundle_request *request, struct str input)
{
    struct arena a = { 0 };
    const struct pack_list *list = request->list;
    const char **argv =
            arena_array(&a, const char *, FLAGS_MAX + list->outside_count + list->name_count + 1);
    size_t count = esbuild_flags(&a, b, request->bundler->path, argv);

    for (size_t i = 0; i < list->outside_count; i++) {
        argv[count++] = arena_printf(
                &a, "--external:%.*s/%.*s", STR_FMT(request->root), STR_FMT(list->outside[i]))
                                .ptr;
    }
    for (size_t i = 0; i < list->name_count; i++) {
        argv[count++] = arena_printf(&a, "--external:%.*s", STR_FMT(list->names[i])).ptr;
    }
    argv[count] = NULL;
    b->child = spawn_start(request->loop, &(struct spawn_request){ .kind = SPAWN_SERVICE,
                                                  .argv = argv,
                                                  .env = bundler_env(&a),
                                                  .cwd = arena_cstr(&a, request->root),
                                                  .on_output = on_output,
                                                  .on_exit = on_exit_of,
                                                  .ctx = b });
    (void)spawn_write(b->child, input); /* if not, it has ended, and says so */
    spawn_end_input(b->child);
    arena_finish(&a);
}

static void add_list(struct strbuf *line, const char *name, const struct str *items, size_t count)
{
    strbuf_addf(line, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        strbuf_add(line, i > 0 ? STR(",") : STR(""));
        strbuf_add_json(line, items[i]);
    }
    strbuf_addc(line, ']');
}

/* Gives rolldown what sidecar/pack.mjs says. False: it is too long. */
static bool start_rolldown(struct bundle *b, const struct bundle_request *request, struct str input)
{
    const struct pack_list *list = request->list;
    struct strbuf line;

    strbuf_init(&line, LINE_MAX_BYTES);
    strbuf_add(&line, STR("{\"outfile\":"));
    strbuf_add_json(&line, b->outfile);
    strbuf_add(&line, STR(",\"metafile\":"));
    strbuf_add_json(&line, b->metafile);
    add_list(&line, "files", list->outside, list->outside_count);
    add_list(&line, "names", list->names, list->name_count);
    strbuf_add(&line, STR(",\"input\":"));
    strbuf_add_json(&line, input);
    strbuf_addc(&line, '}');
    bool fits = !line.overflow;

    if (fits) {
        b->rolldown = rolldown_start(request->rolldowns,
                &(struct rolldown_request){
                        .line = strbuf_str(&line), .on_done = on_rolled, .ctx = b });
    }
    strbuf_finish(&line);
    return fits;
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
    bool has_begun = make_files(b, request->root);

    if (has_begun && request->rolldowns) {
        has_begun = start_rolldown(b, request, strbuf_str(&input));
    } else if (has_begun) {
        start_child(b, request, strbuf_str(&input));
    }
    if (!has_begun) {
        destroy(b);
        b = NULL;
    }
    strbuf_finish(&input);
    return b;
}

void bundle_abandon(struct bundle *b)
{
    if (b) {
        if (b->rolldown) {
            rolldown_abandon(b->rolldown);
        } else {
            spawn_abandon(b->child);
        }
        destroy(b);
    }
}
