/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_MODULES_WORLD_H
#define ORBITON_TESTS_MODULES_WORLD_H

/* A real temporary folder with a project in it, and what requests for its modules are served as. */
#include "modules/modules.h"

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/sys.h"
#include "resolve/fs.h"

/* A project, and all that stands around its modules. */
static struct project {
    char root[64];
    struct files *files;
    struct fs fs;
    struct graph *graph;
    struct modules *modules;
    struct arena arena;
    struct str transformed; /* what a tool was last said to have done its work on */
    char warning[512];
    size_t warnings;
    struct hash old; /* of /src/m.js, in a page's record */
    size_t stats;    /* questions that resolution has asked */
    bool unfinished; /* all files */
    bool ended;      /* no page runs what it was sent */
    size_t asked;    /* whether one is */
} p;

static struct fs real;

static inline bool counted_stat(void *ctx, struct str path, struct fs_stat *ret)
{
    p.stats++;
    return real.stat(ctx, path, ret);
}

static inline void on_warning(void *ctx, const struct diag *diag)
{
    (void)ctx;
    p.warnings++;
    (void)snprintf(p.warning, sizeof(p.warning), "%.*s", STR_FMT(diag->text));
}

static inline bool is_hidden(void *ctx, struct str path)
{
    (void)ctx;
    return str_starts(path_name(path), STR("."));
}

/* What a page ran: transaction 12 replaced /src/m.js and /src/x.js; /src/dir is at 7. */
static inline bool find_record(
        void *ctx, uint64_t transaction, uint64_t page, struct str url, struct module_record *ret)
{
    (void)ctx;
    if (transaction != 12 || page != 3) {
        return false;
    }
    if (str_eq(url, STR("/src/m.js"))) {
        *ret = (struct module_record){ .member = true, .hash = p.old };
        return true;
    }
    if (str_eq(url, STR("/src/x.js"))) {
        *ret = (struct module_record){ .member = true };
        return true;
    }
    if (str_eq(url, STR("/src/dir/index.js"))) {
        *ret = (struct module_record){ .stamp = 7 };
        return true;
    }
    return false;
}

static inline bool is_unfinished(void *ctx, struct str path, const struct file_facts *found)
{
    (void)ctx;
    (void)path;
    (void)found;
    p.asked++;
    return p.unfinished;
}

static inline bool is_run(void *ctx, const struct node *node, uint64_t stamp)
{
    (void)ctx;
    (void)node;
    (void)stamp;
    return !p.ended;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void on_transformed(void *ctx, struct str name)
{
    (void)ctx;
    p.transformed = arena_str(&p.arena, name);
}

static inline void begin_as(bool hmr, struct transform *transform)
{
    memset(&p, 0, sizeof(p));
    (void)snprintf(p.root, sizeof(p.root), "/tmp/orbiton-modules-XXXXXX");
    assert_non_null(mkdtemp(p.root));
    assert_int_equal(files_create(str_from(p.root), &p.files), 0);
    assert_int_equal(chdir(p.root), 0);
    real = fs_real(p.files);
    p.fs = real;
    p.fs.stat = counted_stat;
    p.graph = graph_create();
    p.modules = modules_create(&(struct modules_options){
            .files = p.files,
            .graph = p.graph,
            .fs = &p.fs,
            .hmr = hmr,
            .on_warning = on_warning,
            .find_record = find_record,
            .is_run = is_run,
            .is_unfinished = is_unfinished,
            .transform = transform,
            .on_transformed = on_transformed,
    });
    modules_set_hidden(p.modules, is_hidden, NULL);
}

static inline void begin_with(bool hmr)
{
    begin_as(hmr, NULL);
}

static inline void begin(void)
{
    begin_with(true);
}

static inline void end(void)
{
    modules_destroy(p.modules);
    graph_destroy(p.graph);
    files_destroy(p.files);
    arena_finish(&p.arena);
    assert_int_equal(chdir("/"), 0);
    (void)nftw(p.root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void put_bytes(const char *path, struct str bytes)
{
    char folder[256];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0755);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(sys_write_all(fd, bytes), 0);
    sys_close(fd);
}

static inline void put(const char *path, const char *text)
{
    put_bytes(path, str_from(text));
}

/* The request, of which all but the file is there. */
static inline struct module_answer ask_with(struct module_request request)
{
    struct module_answer answer;

    request.fd = files_open(p.files, request.path, &request.st);
    assert_true(request.fd >= 0);
    assert_int_equal(
            files_look_open(p.files, request.path, request.fd, &request.st, &request.facts), 0);
    modules_answer(p.modules, &request, &p.arena, &answer);
    if (answer.form == MODULE_TEXT) {
        assert_true(modules_answer_text(p.modules, &request, &p.arena, &answer));
        assert_true(hash_eq(answer.etag, hash_bytes(answer.text)));
    }
    sys_close(request.fd);
    return answer;
}

/* `asker`: of the Referer, which means `asker_path`. */
static inline struct module_answer ask_by(const char *url, const char *path, bool as_script,
        const char *asker, const char *asker_path)
{
    return ask_with((struct module_request){
            .url = str_from(url),
            .path = str_from(path),
            .as_script = as_script,
            .asker = str_from(asker),
            .asker_path = str_from(asker_path),
    });
}

static inline struct module_answer ask_as(const char *url, const char *path, bool as_script)
{
    return ask_by(url, path, as_script, "", "");
}

static inline struct module_answer ask(const char *url)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(url + 1, "?"), url + 1);
    return ask_as(url, path, true);
}

/* What most projects have of each kind. */
static inline void put_files(void)
{
    put("src/x.js", "export const x = 1;");
    put("src/dir/index.js", "export default 1;");
    put("src/a.css", "body { background: url(p.png) }");
    put("src/d.json", "{\"name\": \"n\", \"list\": [1]}");
    put("src/t.txt", "text");
    put("src/p.svg", "<svg/>");
    put("src/w.js", "postMessage(1);");
    put("src/y.ts", "export const y: number = 1;");
    put("node_modules/dep/package.json",
            "{\"name\":\"dep\",\"type\":\"module\",\"exports\":{\".\":\"./main.js\"}}");
    put("node_modules/dep/main.js", "export const dep = 1;");
}

/* Writes a document; what it is served as. */
static inline struct str document_at(const char *path, const char *html)
{
    struct file_facts facts;
    struct hash version;

    put(path, html);
    assert_int_equal(files_look(p.files, str_from(path), &facts), 0);
    struct str text =
            modules_document(p.modules, str_from(path), str_from(html), &facts, &p.arena, &version);

    assert_true(hash_eq(version, facts.hash));
    return text;
}

static inline struct str document(const char *html)
{
    return document_at("index.html", html);
}

/* What a file that was written, or came or went, concerns. */
static inline struct node **touch(const char *path, bool came_or_went, size_t *ret_count)
{
    const struct touch change = { .path = str_from(path), .came_or_went = came_or_went };

    return modules_touch(p.modules, &change, 1, &p.arena, ret_count);
}

/* What `/src/m.js` with this text is served as; the text itself if nothing changes. */
static inline struct str served(const char *text)
{
    put("src/m.js", text);
    struct module_answer answer = ask("/src/m.js");

    return answer.form == MODULE_TEXT ? answer.text : str_from(text);
}

#define SERVED(text, want) assert_str(served(text), STR(want))
#define SAME(text)         assert_str(served(text), str_from(text))

#endif
