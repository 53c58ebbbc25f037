/* SPDX-License-Identifier: MIT */
/*
 * Runs the transcripts of tests/protocol/http against a real server.
 *
 *     == title         a new connection
 *     > line           sent with CR LF
 *     >| bytes         sent as they are, without a line end; \r \n \0 \\ are understood
 *     < HTTP/1.1 200*  the status line of the next answer
 *     < Name: value    the answer has this header; the order does not matter
 *     <! Name          it does not have it
 *     <= text          the body is exactly this (escapes as above)
 *     <~ text          the body contains this
 *     <!~ text         it does not
 *     <# length        the body has this length
 *     < close          the server closes the connection
 *     # comment
 *
 * In what is expected * matches anything, and ${name} matches anything and
 * remembers it; in what is sent ${name} is what was remembered. ${host}, ${port}
 * and ${token} are known from the start.
 */
#include "world.h"

#include <dirent.h>

#include "base/sys.h"
#include "modules/modules.h"
#include "resolve/fs.h"

enum { NAMES_MAX = 32, LINES_MAX = 2000 };

struct names {
    char name[NAMES_MAX][32];
    char value[NAMES_MAX][512];
    size_t count;
};

struct answer {
    struct str head; /* with its last CR LF */
    struct str body;
    size_t len;
};

static const char *where = "";
static struct names names;
static bool head_request;

static void fail_at(const char *what, struct str text, struct str seen)
{
    fail_msg("%s: %s \"%.*s\" in\n%.*s", where, what, STR_FMT(text), STR_FMT(seen));
}

static const char *get_name(struct str name)
{
    for (size_t i = 0; i < names.count; i++) {
        if (str_eq(str_from(names.name[i]), name)) {
            return names.value[i];
        }
    }
    return NULL;
}

static void set_name(struct str name, struct str value)
{
    size_t i = 0;

    while (i < names.count && !str_eq(str_from(names.name[i]), name)) {
        i++;
    }
    assert_true(i < NAMES_MAX);
    names.count = i == names.count ? i + 1 : names.count;
    (void)snprintf(names.name[i], sizeof(names.name[i]), "%.*s", STR_FMT(name));
    (void)snprintf(names.value[i], sizeof(names.value[i]), "%.*s", STR_FMT(value));
}

/* Appends with ${names} and, if asked for, escapes replaced. */
static void expand(struct strbuf *out, struct str s, bool escapes)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '$' && i + 1 < s.len && s.ptr[i + 1] == '{') {
            size_t len = str_find(str_skip(s, i), '}');
            const char *value = get_name(str_sub(s, i + 2, i + len));

            if (!value) {
                fail_at("unknown name", s, s);
            }
            strbuf_add(out, str_from(value));
            i += len;
        } else if (escapes && s.ptr[i] == '\\' && i + 1 < s.len) {
            char c = s.ptr[++i];

            strbuf_addc(out, c == 'r' ? '\r' : c == 'n' ? '\n' : c == '0' ? '\0' : c);
        } else {
            strbuf_addc(out, s.ptr[i]);
        }
    }
}

/* Whether `text` is like `pattern`; remembers the ${names} that are not known yet. */
static bool matches(struct str pattern, struct str text)
{
    while (pattern.len > 0) {
        if (pattern.ptr[0] == '*' || str_starts(pattern, STR("${"))) {
            size_t len = pattern.ptr[0] == '*' ? 1 : str_find(pattern, '}') + 1;
            struct str name = len > 1 ? str_sub(pattern, 2, len - 1) : STR("");
            const char *known = name.len > 0 ? get_name(name) : NULL;

            for (size_t i = 0; i <= text.len; i++) {
                struct str value = str_sub(text, 0, i);

                if ((!known || str_eq(value, str_from(known))) &&
                        matches(str_skip(pattern, len), str_skip(text, i))) {
                    if (name.len > 0 && !known) {
                        set_name(name, value);
                    }
                    return true;
                }
            }
            return false;
        }
        if (text.len == 0 || text.ptr[0] != pattern.ptr[0]) {
            return false;
        }
        pattern = str_skip(pattern, 1);
        text = str_skip(text, 1);
    }
    return text.len == 0;
}

static bool find_line(struct str head, struct str pattern)
{
    struct str line;

    while (head.len > 0) {
        (void)str_cut(head, '\n', &line, &head);
        if (line.len > 0 && matches(pattern, str_sub(line, 0, line.len - 1))) {
            return true;
        }
    }
    return false;
}

static bool find_header(struct str head, struct str name, struct str *ret)
{
    struct str line;

    while (head.len > 0) {
        (void)str_cut(head, '\n', &line, &head);
        if (line.len > name.len && line.ptr[name.len] == ':' &&
                str_ieq(str_sub(line, 0, name.len), name)) {
            *ret = str_trim(str_skip(line, name.len + 1));
            return true;
        }
    }
    return false;
}

/* Reads one answer at the front of what the client has. False if there is more to come. */
static bool read_answer(struct client *c, struct answer *ret)
{
    struct str in = strbuf_str(&c->in);
    size_t end = str_find_str(in, STR("\r\n\r\n"));
    struct str value;
    uint64_t len = 0;

    if (end == STR_NONE) {
        return false;
    }
    ret->head = str_sub(in, 0, end + 2);
    struct str status = str_sub(in, 9, 12);
    struct str rest = str_skip(in, end + 4);

    if (head_request || str_eq(status, STR("304")) || str_eq(status, STR("204")) ||
            status.ptr[0] == '1') {
        len = 0;
    } else if (find_header(ret->head, STR("Content-Length"), &value)) {
        assert_true(str_parse_u64(value, &len));
        if (rest.len < len) {
            return false;
        }
    } else if (c->ended) {
        len = rest.len;
    } else {
        return false;
    }
    ret->body = str_sub(rest, 0, (size_t)len);
    ret->len = end + 4 + (size_t)len;
    return true;
}

static void expect(struct world *w, struct client *c, struct answer *a, struct str line)
{
    struct strbuf text;
    struct str value;
    uint64_t number;

    strbuf_init(&text, 1 << 20);
    if (str_eq(line, STR("< close"))) {
        strbuf_consume(&c->in, a->len);
        *a = (struct answer){ 0 };
        world_until(w, c->ended);
        if (c->in.len > 0) {
            fail_at("more than expected", STR(""), strbuf_str(&c->in));
        }
    } else if (str_starts(line, STR("< HTTP/"))) {
        strbuf_consume(&c->in, a->len);
        *a = (struct answer){ 0 };
        while (!read_answer(c, a)) {
            if (c->ended) {
                fail_at("closed before", line, strbuf_str(&c->in));
            }
            uv_run(&w->loop, UV_RUN_ONCE);
        }
        (void)str_cut(a->head, '\r', &value, &(struct str){ 0 });
        if (!matches(str_skip(line, 2), value)) {
            fail_at("not", line, a->head);
        }
    } else if (str_starts(line, STR("<= "))) {
        expand(&text, str_skip(line, 3), true);
        if (!str_eq(a->body, strbuf_str(&text))) {
            fail_at("body is not", strbuf_str(&text), a->body);
        }
    } else if (str_starts(line, STR("<~ "))) {
        expand(&text, str_skip(line, 3), true);
        if (str_find_str(a->body, strbuf_str(&text)) == STR_NONE) {
            fail_at("body has not", strbuf_str(&text), a->body);
        }
    } else if (str_starts(line, STR("<!~ "))) {
        expand(&text, str_skip(line, 4), true);
        if (str_find_str(a->body, strbuf_str(&text)) != STR_NONE) {
            fail_at("body has", strbuf_str(&text), a->body);
        }
    } else if (str_starts(line, STR("<# "))) {
        assert_true(str_parse_u64(str_skip(line, 3), &number));
        if (a->body.len != number) {
            fail_at("length is not", line, a->head);
        }
    } else if (str_starts(line, STR("<! "))) {
        if (find_header(a->head, str_skip(line, 3), &value)) {
            fail_at("has", line, a->head);
        }
    } else if (!find_line(a->head, str_skip(line, 2))) {
        fail_at("has not", line, a->head);
    }
    strbuf_finish(&text);
}

static void run_transcript(struct world *w, const char *name, struct str text)
{
    static char place[256];
    struct client *c = NULL;
    struct answer a = { 0 };
    struct strbuf out;
    struct str line;
    struct str title = { 0 };
    unsigned number = 0;

    strbuf_init(&out, 1 << 20);
    while (text.len > 0) {
        (void)str_cut(text, '\n', &line, &text);
        (void)snprintf(place, sizeof(place), "%s:%u (%.*s)", name, ++number, STR_FMT(title));
        where = place;
        if (str_starts(line, STR("=="))) {
            if (c) {
                client_close(w, c);
            }
            title = str_trim(str_skip(line, 2));
            c = client_open(w);
            a = (struct answer){ 0 };
            head_request = false;
        } else if (str_starts(line, STR(">"))) {
            bool raw = str_starts(line, STR(">|"));
            struct str content = str_skip(line, raw ? 3 : 2);

            if (!raw && str_find_str(content, STR(" HTTP/1")) != STR_NONE) {
                head_request = str_starts(content, STR("HEAD "));
            }
            expand(&out, content, raw);
            strbuf_add(&out, raw ? STR("") : STR("\r\n"));
        } else if (str_starts(line, STR("<"))) {
            if (out.len > 0) {
                client_send(c, strbuf_str(&out));
                strbuf_reset(&out);
            }
            expect(w, c, &a, line);
        } else if (line.len > 0 && line.ptr[0] != '#') {
            fail_at("not a line of a transcript", line, STR(""));
        }
    }
    if (c) {
        client_close(w, c);
    }
    strbuf_finish(&out);
}

static void link_to(struct world *w, const char *target, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    assert_int_equal(symlink(target, path), 0);
}

static void make_site(struct world *w)
{
    static char big[300000];
    char path[256];

    for (size_t i = 0; i < sizeof(big); i++) {
        big[i] = (char)('a' + i % 26);
    }
    write_file(w, "index.html",
            STR("<!doctype html>\n<html><head><title>t</title></head><body>home</body></html>\n"));
    write_file(w, "page.html", STR("<p>plain</p>\n"));
    write_file(w, "latin.html",
            STR("<html><head><meta charset=\"iso-8859-2\"></head><body>\xe9</body></html>\n"));
    write_file(w, "app.js", STR("export const a = 1;\n"));
    write_file(w, "import.js", STR("import './app';\nimport './style.css';\n"));
    write_file(w, "broken.js", STR("import './gone.js';\n"));
    write_file(w, "type.ts", STR("let a: number;\n"));
    write_file(w, "inline.html", STR("<script type=module>import './app'</script>\n"));
    write_file(w, "mod.mjs", STR("export {};\n"));
    write_file(w, "style.css", STR("b { color: red }\n"));
    write_file(w, "logo.svg", STR("<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"));
    write_file(w, "data.json", STR("{}\n"));
    write_file(w, "notes.txt", STR("0123456789"));
    write_file(w, "empty.txt", STR(""));
    write_file(w, "mod.wasm", (struct str){ "\0asm\1\0\0\0", 8 });
    write_file(w, "pixel.png", STR("\x89PNG"));
    write_file(w, "thing.unknownending", STR("?"));
    write_file(w, "my page.html", STR("<p>space</p>\n"));
    write_file(w, "caf\xc3\xa9.txt", STR("coffee\n"));
    write_file(w, "100%.txt", STR("percent\n"));
    write_file(w, "a%20b.txt", STR("literal\n"));
    write_file(w, "a<b>&.txt", STR("odd\n"));
    write_file(w, "big.bin", (struct str){ big, sizeof(big) });
    write_file(w, "sub/index.html", STR("<title>sub</title>\n"));
    write_file(w, "sub/a.txt", STR("a\n"));
    write_file(w, "javascript:x/index.html", STR("<title>odd</title>\n"));
    write_file(w, "nothing/here.txt", STR("x\n"));
    write_file(w, ".env", STR("SECRET=1\n"));
    write_file(w, ".git/config", STR("SECRET=2\n"));
    write_file(w, ".well-known/x.txt", STR("known\n"));
    write_file(w, "server.key", STR("SECRET=3\n"));
    write_file(w, "cert.PEM", STR("SECRET=4\n"));
    write_file(w, "target/CACHEDIR.TAG", STR("Signature: 8a477f597d28d172789f06886806bc55\n"));
    write_file(w, "target/debug/out.txt", STR("SECRET=5\n"));
    write_file(w, "docs/target/page.txt", STR("no build folder\n"));
    write_file(w, "node_modules/.cache/x.js", STR("SECRET=6\n"));
    write_file(w, "node_modules/ok.js", STR("ok\n"));
    write_file(w, "public/pub.txt", STR("public\n"));
    write_file(w, "public/app.js", STR("shadowed\n"));
    write_file(w, "public/.hidden", STR("SECRET=7\n"));
    write_file(w, ".out/made.txt", STR("made\n"));
    link_to(w, ".env", "link-env");
    link_to(w, ".git", "link-git");
    link_to(w, "target/debug", "link-build");
    link_to(w, "server.key", "link-key.txt");
    link_to(w, "/etc/passwd", "link-out");
    link_to(w, "..", "link-up");
    link_to(w, "/proc/self/root/etc/passwd", "link-magic");
    link_to(w, "app.js", "link-ok.js");
    link_to(w, "app.js", ".link-private");
    link_to(w, "loop", "loop");
    (void)snprintf(path, sizeof(path), "%s/fifo", w->dir);
    assert_int_equal(mkfifo(path, 0666), 0);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

TEST(protocol_transcripts)
{
    static const struct str dirs[] = { STR_INIT("public"), STR_INIT("./.out/"), STR_INIT("gone") };
    static const struct dev_server_header headers[] = {
        { STR_INIT("X-Custom"), STR_INIT("yes\r\nX-Smuggled: 1") },
        { STR_INIT("Content-Length"), STR_INIT("7") },
    };
    static const struct str hosts[] = { STR_INIT("dev.example.com") };
    struct world w;
    char folder[512];
    char *files[64];
    size_t count = 0;
    const struct dirent *entry;
    char port[16];
    char host[32];

    assert_non_null(getenv("ORBITON_TESTS"));
    (void)snprintf(folder, sizeof(folder), "%s/protocol/http", getenv("ORBITON_TESTS"));
    world_init(&w);
    make_site(&w);
    struct fs fs = fs_real(w.files);
    struct graph *graph = graph_create();

    w.options.modules = modules_create(&(struct modules_options){
            .files = w.files,
            .graph = graph,
            .fs = &fs,
            .static_dirs = dirs,
            .static_dir_count = 1,
            .hmr = true,
    });
    w.options.static_dirs = dirs;
    w.options.static_dir_count = 3;
    w.options.headers = headers;
    w.options.header_count = 2;
    w.options.allowed_hosts = hosts;
    w.options.allowed_host_count = 1;
    world_start(&w);
    (void)snprintf(port, sizeof(port), "%u", dev_server_port(w.server));
    (void)snprintf(host, sizeof(host), "localhost:%s", port);

    DIR *dir = opendir(folder);

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (str_ends(str_from(entry->d_name), STR(".txt"))) {
            assert_true(count < 64);
            files[count++] = strdup(entry->d_name);
        }
    }
    (void)closedir(dir);
    qsort(files, count, sizeof(*files), compare_names);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        char path[1024];
        struct strbuf text;

        names.count = 0;
        set_name(STR("port"), str_from(port));
        set_name(STR("host"), str_from(host));
        set_name(STR("token"), dev_server_token(w.server));
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        strbuf_init(&text, 1 << 20);
        assert_int_equal(sys_read_file(str_from(path), &text), 0);
        run_transcript(&w, files[i], strbuf_str(&text));
        strbuf_finish(&text);
        free(files[i]);
    }
    world_finish(&w);
    modules_destroy(w.options.modules);
    graph_destroy(graph);
}

int main(void)
{
    const struct CMUnitTest cases[] = { CASE(protocol_transcripts) };

    return RUN(cases);
}
