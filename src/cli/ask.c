/* SPDX-License-Identifier: MIT */
/*
 * One question over loopback, blocking, with a time limit: these commands have
 * nothing else to do while they wait.
 */
#include "cli/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "cli/running.h"
#include "files/workspace.h"

enum {
    ANSWER_MAX = 16 * 1024 * 1024,
    TEXT_MAX = 1024 * 1024,
    REQUEST_MAX = 16 * 1024,
    WAIT_S = 5,
    SHOWN = 10,      /* saves that `why` prints without -n */
    SHOWN_MAX = 100, /* what the server keeps */
};

struct ask_options {
    struct str dir;  /* where to look from */
    struct str file; /* of explain */
    uint64_t count;
    bool json;
};

static const char *get_env(const char *name)
{
    return getenv(name);
}

static void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print_error(const char *format, ...)
{
    struct strbuf text;
    va_list args;

    strbuf_init(&text, TEXT_MAX);
    strbuf_add(&text, STR("orbiton: "));
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    strbuf_addc(&text, '\n');
    (void)sys_write_all(STDERR_FILENO, strbuf_str(&text)); /* nobody is left to tell */
    strbuf_finish(&text);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct timeval wait = { .tv_sec = WAIT_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) {
        return -errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)); /* then it waits longer */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = -errno;

        sys_close(fd);
        return error;
    }
    return fd;
}

/* Sends the question and reads the whole answer; *ret_body is its body. 0 or -errno. */
static int ask(const struct running *server, const char *what, struct str file,
        struct strbuf *answer, struct str *ret_body)
{
    struct strbuf request;
    int fd = connect_to(server->port);
    size_t head;
    int result;

    if (fd < 0) {
        return fd;
    }
    strbuf_init(&request, REQUEST_MAX);
    strbuf_addf(&request, "GET /__orbit/%s?token=%.*s&file=", what, STR_FMT(server->token));
    strbuf_add_encoded(&request, file, STR("-_.~/"));
    strbuf_addf(
            &request, " HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n\r\n", server->port);
    result = request.overflow ? -ENAMETOOLONG : sys_write_all(fd, strbuf_str(&request));
    if (result == 0) {
        result = sys_read_all(fd, answer);
    }
    strbuf_finish(&request);
    sys_close(fd);
    if (result < 0) {
        return result;
    }
    head = str_find_str(strbuf_str(answer), STR("\r\n\r\n"));
    if (head == STR_NONE) {
        return -EPROTO;
    }
    *ret_body = str_skip(strbuf_str(answer), head + 4);
    if (!str_starts(strbuf_str(answer), STR("HTTP/1.1 200 "))) {
        return str_starts(strbuf_str(answer), STR("HTTP/1.1 403 ")) ? -EACCES : -EPROTO;
    }
    return 0;
}

static struct str text_of(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);

    return json_is_string(value)
                   ? (struct str){ json_string_value(value), json_string_length(value) }
                   : STR("");
}

static double number_of(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);

    return json_is_number(value) ? json_number_value(value) : -1;
}

static void add_save(struct strbuf *out, const json_t *save)
{
    static const char *const stages[] = { "watch", "build", "send", "apply", "paint" };
    time_t at = (time_t)(number_of(save, "at") / 1000);
    char clock[16] = "";
    struct tm local;
    const json_t *page;
    size_t i;

    if (localtime_r(&at, &local)) {
        (void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
    }
    strbuf_addf(out, "%s  %-11.*s ", clock, STR_FMT(text_of(save, "verb")));
    strbuf_add_printable(out, text_of(save, "what"));
    strbuf_addf(out, "  %zu page%s", json_array_size(json_object_get(save, "pages")),
            json_array_size(json_object_get(save, "pages")) == 1 ? "" : "s");
    if (number_of(save, "total") >= 0) {
        strbuf_addf(out, "  %.0f ms ", number_of(save, "total"));
    }
    for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (number_of(save, stages[i]) >= 0) {
            strbuf_addf(out, " %s %.1f", stages[i], number_of(save, stages[i]));
        }
    }
    strbuf_addc(out, '\n');
    if (text_of(save, "why").len > 0) {
        strbuf_add(out, STR("            "));
        strbuf_add_printable(out, text_of(save, "why"));
        strbuf_addc(out, '\n');
    }
    json_array_foreach(json_object_get(save, "pages"), i, page)
    {
        if (text_of(page, "error").len > 0 &&
                !str_eq(text_of(page, "error"), text_of(save, "why"))) {
            strbuf_addf(out, "            page %.0f: ", number_of(page, "page"));
            strbuf_add_printable(out, text_of(page, "error"));
            strbuf_addc(out, '\n');
        }
    }
}

static void print_why(struct strbuf *out, const json_t *answer, const struct ask_options *options)
{
    const json_t *saves = json_object_get(answer, "transactions");
    size_t count = json_array_size(saves);
    size_t from = count > options->count ? count - (size_t)options->count : 0;

    if (count == 0) {
        strbuf_add(out, STR("nothing has been saved since the server started\n"));
    }
    for (size_t i = from; i < count; i++) {
        add_save(out, json_array_get(saves, i));
    }
}

static void print_explain(struct strbuf *out, const json_t *answer)
{
    const json_t *line;
    size_t i;

    strbuf_add_printable(out, text_of(answer, "file"));
    strbuf_add(out, STR(": "));
    strbuf_add_printable(out, text_of(answer, "summary"));
    strbuf_addc(out, '\n');
    json_array_foreach(json_object_get(answer, "lines"), i, line)
    {
        strbuf_add(out, STR("  "));
        strbuf_add_printable(out, str_from(json_string_value(line)));
        strbuf_addc(out, '\n');
    }
}

/* The value behind a flag: "--dir D" or "--dir=D". */
static bool take_value(int argc, char **argv, int *i, const char *flag, const char **ret)
{
    size_t len = strlen(flag);

    if (strncmp(argv[*i], flag, len) != 0) {
        return false;
    }
    if (argv[*i][len] == '=') {
        *ret = argv[*i] + len + 1;
        return true;
    }
    if (argv[*i][len] == '\0' && *i + 1 < argc) {
        *ret = argv[++*i];
        return true;
    }
    return false;
}

/* Reads the arguments; -1 to go on, else the exit code. */
static int read_arguments(
        int argc, char **argv, bool takes_file, const char *help, struct ask_options *ret)
{
    for (int i = 0; i < argc; i++) {
        const char *value = NULL;

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)sys_write_all(STDOUT_FILENO, str_from(help)); /* nobody is left to tell */
            return 0;
        }
        if (strcmp(argv[i], "--json") == 0) {
            ret->json = true;
        } else if (take_value(argc, argv, &i, "--dir", &value)) {
            ret->dir = str_from(value);
        } else if (!takes_file && take_value(argc, argv, &i, "-n", &value) &&
                   str_parse_u64(str_from(value), &ret->count) && ret->count > 0) {
            continue;
        } else if (takes_file && argv[i][0] != '-' && ret->file.len == 0) {
            ret->file = str_from(argv[i]);
        } else {
            print_error("cannot use '%.200s' here; see orbiton %s --help", argv[i],
                    takes_file ? "explain" : "why");
            return 2;
        }
    }
    if (takes_file && ret->file.len == 0) {
        print_error("explain needs a file; see orbiton explain --help");
        return 2;
    }
    return -1;
}

/* The same for one of the workspace that the root is part of. */
static bool file_in_workspace(struct arena *a, struct str root, struct str normal, struct str *file)
{
    struct workspace *w = workspace_find(root);
    struct str folder = w ? str_skip(workspace_folder(w), 1) : STR("");
    bool found = w && normal.len > folder.len && path_is_below(normal, folder);

    if (found) {
        *file = path_join(a, WORKSPACE_NAME, str_skip(normal, folder.len + 1));
    }
    workspace_destroy(w);
    return found;
}

/* The path of the asked file from the server's root; it need not exist. */
static bool file_in_root(struct arena *a, struct str cwd, struct str root, struct str *file)
{
    struct str full = str_starts(*file, STR("/")) ? *file : path_join(a, cwd, *file);
    struct str normal;

    /* by text, as the server names it: a link is saved under the name that was written */
    if (!path_normalise(a, str_skip(full, 1), &normal)) {
        return false;
    }
    if (!path_is_below(normal, str_skip(root, 1))) {
        return file_in_workspace(a, root, normal, file);
    }
    *file = root.len == 1 ? normal : str_skip(normal, root.len);
    return file->len > 0;
}

static int fail(int error, struct str root)
{
    if (error == -ECONNREFUSED || error == -EACCES) {
        print_error("orbiton dev is not running in '%.*s' any more", STR_FMT(root));
    } else {
        print_error("the server of '%.*s' does not answer: %.*s", STR_FMT(root),
                STR_FMT(sys_error(error)));
    }
    return 1;
}

static int run(int argc, char **argv, const char *what, const char *help)
{
    bool explains = strcmp(what, "explain") == 0;
    struct ask_options options = { .count = SHOWN };
    struct arena arena = { 0 };
    char cwd[PATH_MAX];
    char dir[PATH_MAX];
    struct running server;
    struct strbuf answer;
    struct strbuf out;
    struct str body;
    int code = read_arguments(argc, argv, explains, help, &options);

    if (code >= 0) {
        return code;
    }
    strbuf_init(&answer, ANSWER_MAX);
    strbuf_init(&out, ANSWER_MAX);
    code = 1;
    if (!getcwd(cwd, sizeof(cwd)) || !realpath(options.dir.len > 0 ? options.dir.ptr : cwd, dir)) {
        print_error("there is no folder '%.*s'", STR_FMT(options.dir));
    } else if (!running_find(str_from(dir), get_env, &arena, &server)) {
        print_error(
                "no orbiton dev is running in '%s' or above it; start one with: orbiton dev", dir);
    } else if (explains && !file_in_root(&arena, str_from(options.dir.len > 0 ? dir : cwd),
                                   server.root, &options.file)) {
        print_error("'%.*s' is not a file of '%.*s'", STR_FMT(options.file), STR_FMT(server.root));
    } else {
        int result = ask(&server, what, options.file, &answer, &body);
        json_t *json = result == 0 ? json_loadb(body.ptr, body.len, 0, NULL) : NULL;

        if (result < 0 || !json) {
            code = fail(result < 0 ? result : -EPROTO, server.root);
        } else {
            if (options.json) {
                strbuf_add(&out, body);
                strbuf_addc(&out, '\n');
            } else if (explains) {
                print_explain(&out, json);
            } else {
                print_why(&out, json, &options);
            }
            (void)sys_write_all(STDOUT_FILENO, strbuf_str(&out)); /* nobody is left to tell */
            code = 0;
        }
        json_decref(json);
    }
    arena_finish(&arena);
    strbuf_finish(&answer);
    strbuf_finish(&out);
    return code;
}

int ask_why_main(int argc, char **argv)
{
    return run(argc, argv, "why",
            "Usage: orbiton why [-n N] [--dir DIR] [--json]\n"
            "\n"
            "The last saves that the running orbiton dev has seen: what came of each in every\n"
            "page, why, and where the time went.\n"
            "\n"
            "  -n N       how many; 10\n"
            "  --dir DIR  the project; the folder you are in, or above it\n"
            "  --json     as JSON\n");
}

int ask_explain_main(int argc, char **argv)
{
    return run(argc, argv, "explain",
            "Usage: orbiton explain FILE [--dir DIR] [--json]\n"
            "\n"
            "What saving FILE now would do in the pages that are open: which modules would run\n"
            "anew, who takes them, or why a page would be loaded again. Nothing is changed.\n"
            "\n"
            "  --dir DIR  the project; the folder you are in, or above it\n"
            "  --json     as JSON\n");
}
