/* SPDX-License-Identifier: MIT */
/*
 * Projects out of the program. A template is an example of the repository,
 * which is tested there as it is; what differs in a project of its own (its
 * name, where the libraries lie) is a short list of words to replace.
 */
#include "cli/new.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "cli/template_files.h"

enum { FILE_MAX = 1024 * 1024, TEXT_MAX = 64 * 1024, EDITS_MAX = 4, PARTS_MAX = 3 };

struct part {
    struct str from; /* a folder or file of the repository */
    struct str to;   /* where it goes in the project; "" is its root */
};

struct edit {
    struct str file; /* in the project; "" is any */
    struct str from;
    struct str to; /* "@" stands for the project's name */
};

struct template
{
    struct str name;
    const char *what;
    struct part parts[PARTS_MAX];
    struct edit edits[EDITS_MAX];
    const char *first; /* a command before orbiton's; NULL: none */
};

#define NPM_TEMPLATE(id, text)                                                                     \
    {                                                                                              \
        .name = STR_INIT(id), .what = (text), .first = "npm install",                              \
        .parts = { { STR_INIT("examples/" id), STR_INIT("") } }, .edits = {                        \
            { STR_INIT("package.json"), STR_INIT("\"name\": \"example\""),                         \
                    STR_INIT("\"name\": \"@\"") }                                                  \
        }                                                                                          \
    }

static const struct template templates[] = {
    { .name = STR_INIT("counter"),
            .what = "one .orbit component in Rust",
            .parts = { { STR_INIT("examples/counter"), STR_INIT("") },
                    { STR_INIT("crates"), STR_INIT("crates") } },
            .edits = { { STR_INIT("Cargo.toml"), STR_INIT("../../crates/"), STR_INIT("crates/") },
                    { STR_INIT("Cargo.toml"), STR_INIT("name = \"counter\""),
                            STR_INIT("name = \"@\"") },
                    { STR_INIT("Cargo.lock"), STR_INIT("name = \"counter\""),
                            STR_INIT("name = \"@\"") } } },
    { .name = STR_INIT("todo"),
            .what = "several components in Rust: lists, forms, slots, routes",
            .parts = { { STR_INIT("examples/todo"), STR_INIT("") },
                    { STR_INIT("crates"), STR_INIT("crates") } },
            .edits = { { STR_INIT("Cargo.toml"), STR_INIT("../../crates/"), STR_INIT("crates/") },
                    { STR_INIT("Cargo.toml"), STR_INIT("name = \"todo\""),
                            STR_INIT("name = \"@\"") },
                    { STR_INIT("Cargo.lock"), STR_INIT("name = \"todo\""),
                            STR_INIT("name = \"@\"") } } },
    { .name = STR_INIT("c-counter"),
            .what = "one .orbit component in C",
            .parts = { { STR_INIT("examples/c-counter"), STR_INIT("") },
                    { STR_INIT("include"), STR_INIT("include") } },
            .edits = { { STR_INIT("Makefile"), STR_INIT("../../include"), STR_INIT("include") } } },
    { .name = STR_INIT("js-counter"),
            .what = ".orbit components in JavaScript, no build",
            .parts = { { STR_INIT("examples/js-counter"), STR_INIT("") } },
            .edits = { { STR_INIT("README.md"), STR_INIT(" --dir examples/js-counter"),
                    STR_INIT("") } } },
    { .name = STR_INIT("plain"),
            .what = "HTML, CSS and JavaScript modules, no build",
            .parts = { { STR_INIT("examples/plain"), STR_INIT("") } },
            .edits = { { STR_INIT("README.md"), STR_INIT(" --dir examples/plain"),
                    STR_INIT("") } } },
    NPM_TEMPLATE("react-ts", "React and TypeScript, with packages from npm"),
    NPM_TEMPLATE("vue", "Vue, with packages from npm"),
    NPM_TEMPLATE("svelte", "Svelte, with packages from npm"),
    NPM_TEMPLATE("vanilla-ts", "TypeScript alone, with packages from npm"),
};

enum { TEMPLATES = sizeof(templates) / sizeof(templates[0]) };

struct new_options {
    struct str name;    /* as it was written: a path */
    struct str project; /* its last part */
    const struct template *template;
};

static void print_help(struct strbuf *out)
{
    strbuf_add(
            out, STR("orbiton new: make a project that `orbiton dev` runs at once\n"
                     "\n"
                     "Usage: orbiton new NAME [--template TEMPLATE]\n"
                     "\n"
                     "  NAME                  the folder to make; one that is there must be empty\n"
                     "  -t, --template NAME   what to begin with (default: "));
    strbuf_addf(out, "%.*s)\n", STR_FMT(templates[0].name));
    for (size_t i = 0; i < TEMPLATES; i++) {
        strbuf_addf(out, "                        %-11.*s %s\n", STR_FMT(templates[i].name),
                templates[i].what);
    }
    strbuf_add(out,
            STR("  -h, --help            print this\n"
                "\n"
                "Everything comes out of the program; only packages from npm need a network.\n"));
}

static const struct template *find_template(struct str name, struct strbuf *err)
{
    struct str names[TEMPLATES];

    for (size_t i = 0; i < TEMPLATES; i++) {
        names[i] = templates[i].name;
        if (str_eq(names[i], name)) {
            return &templates[i];
        }
    }
    struct str nearest = str_nearest(name, names, TEMPLATES);

    strbuf_add(err, STR("orbiton: unknown template "));
    strbuf_add_printable(err, str_sub(name, 0, 200));
    if (nearest.len > 0) {
        strbuf_addf(err, "; did you mean %.*s?", STR_FMT(nearest));
    }
    strbuf_add(err, STR("\nSee orbiton new --help.\n"));
    return NULL;
}

/* A name that cargo, make and a URL take as it is, and that no library of a template has. */
static bool is_project_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '_'))) {
            return false;
        }
    }
    return name.len > 0 && name.len <= 64 && !str_eq(name, STR("orbit")) &&
           !str_eq(name, STR("orbit-macros"));
}

/* -1: go on; else the exit code. */
static int read_arguments(
        int argc, char **argv, struct new_options *ret, struct strbuf *out, struct strbuf *err)
{
    static const struct str flags[] = { STR_INIT("--template"), STR_INIT("--help") };
    struct str template = templates[0].name;

    for (int i = 0; i < argc; i++) {
        struct str word = str_from(argv[i]);

        if (str_eq(word, STR("--help")) || str_eq(word, STR("-h"))) {
            print_help(out);
            return 0;
        }
        if (str_eq(word, STR("--template")) || str_eq(word, STR("-t"))) {
            if (i + 1 == argc) {
                strbuf_add(err, STR("orbiton: --template needs a name\n"));
                return 2;
            }
            template = str_from(argv[++i]);
        } else if (str_starts(word, STR("--template="))) {
            template = str_skip(word, strlen("--template="));
        } else if (str_starts(word, STR("-"))) {
            struct str nearest = str_nearest(word, flags, sizeof(flags) / sizeof(flags[0]));

            strbuf_add(err, STR("orbiton: unknown flag "));
            strbuf_add_printable(err, str_sub(word, 0, 200));
            if (nearest.len > 0) {
                strbuf_addf(err, "; did you mean %.*s?", STR_FMT(nearest));
            }
            strbuf_add(err, STR("\nSee orbiton new --help.\n"));
            return 2;
        } else if (ret->name.len > 0) {
            strbuf_add(err, STR("orbiton: one project at a time\nSee orbiton new --help.\n"));
            return 2;
        } else {
            ret->name = word;
        }
    }
    if (ret->name.len == 0) {
        strbuf_add(err, STR("orbiton: a name is missing, as in orbiton new my-app\n"));
        return 2;
    }
    while (ret->name.len > 1 && str_ends(ret->name, STR("/"))) {
        ret->name = str_sub(ret->name, 0, ret->name.len - 1);
    }
    ret->project = path_name(ret->name);
    if (!is_project_name(ret->project)) {
        strbuf_add(err, STR("orbiton: "));
        strbuf_add_printable(err, str_sub(ret->project, 0, 200));
        strbuf_add(err, STR(" cannot be a project's name: up to 64 letters, digits, '-' and '_', "
                            "a letter first, and not the name of a library\n"));
        return 2;
    }
    ret->template = find_template(template, err);
    return ret->template ? -1 : 2;
}

/* The folder, new or empty. 0 or -errno; -ENOTEMPTY if something is in it. */
static int make_root(const char *path)
{
    if (mkdir(path, 0777) == 0) {
        return 0;
    }
    if (errno != EEXIST) {
        return -errno;
    }
    DIR *dir = opendir(path);

    if (!dir) {
        return -errno;
    }
    bool is_empty = true;

    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        /* "git init" may come first */
        is_empty =
                is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                                    strcmp(entry->d_name, ".git") == 0);
    }
    closedir(dir);
    return is_empty ? 0 : -ENOTEMPTY;
}

static int make_parents(int root, struct arena *a, struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '/' && mkdirat(root, arena_cstr(a, str_sub(path, 0, i)), 0777) < 0 &&
                errno != EEXIST) {
            return -errno;
        }
    }
    return 0;
}

static int write_file(int root, struct arena *a, struct str path, struct str bytes)
{
    int result = make_parents(root, a, path);

    if (result < 0) {
        return result;
    }
    int fd = openat(root, arena_cstr(a, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0) {
        return -errno;
    }
    result = sys_write_all(fd, bytes);
    if (close(fd) < 0 && result == 0) {
        result = -errno;
    }
    return result;
}

/* The text with all edits for this file. */
static void add_edited(
        const struct new_options *o, struct str file, struct str bytes, struct strbuf *out)
{
    const struct edit *edits = o->template->edits;

    for (size_t i = 0; i < bytes.len;) {
        const struct edit *found = NULL;

        for (size_t k = 0; k < EDITS_MAX && edits[k].from.len > 0 && !found; k++) {
            if ((edits[k].file.len == 0 || str_eq(edits[k].file, file)) &&
                    str_starts(str_skip(bytes, i), edits[k].from)) {
                found = &edits[k];
            }
        }
        if (!found) {
            strbuf_addc(out, bytes.ptr[i++]);
            continue;
        }
        for (size_t k = 0; k < found->to.len; k++) {
            if (found->to.ptr[k] == '@') {
                strbuf_add(out, o->project);
            } else {
                strbuf_addc(out, found->to.ptr[k]);
            }
        }
        i += found->from.len;
    }
}

/* Where a file of the repository goes; false if the template does not have it. */
static bool find_place(const struct template *t, struct str path, struct arena *a, struct str *ret)
{
    for (size_t i = 0; i < PARTS_MAX && t->parts[i].from.len > 0; i++) {
        const struct part *part = &t->parts[i];

        if (str_eq(path, part->from)) {
            *ret = part->to;
            return true;
        }
        if (path_is_below(path, part->from)) {
            *ret = path_join(a, part->to, str_skip(path, part->from.len + 1));
            return true;
        }
    }
    return false;
}

static int write_all(const struct new_options *o, int root, struct arena *a, struct str *ret_file)
{
    struct strbuf text;
    int result = 0;

    strbuf_init(&text, FILE_MAX);
    for (size_t i = 0; i < template_file_count && result == 0; i++) {
        if (find_place(o->template, template_files[i].path, a, ret_file)) {
            strbuf_reset(&text);
            add_edited(o, *ret_file, template_files[i].bytes, &text);
            result = write_file(root, a, *ret_file, strbuf_str(&text));
        }
    }
    strbuf_finish(&text);
    return result;
}

static int create(const struct new_options *o, struct strbuf *out, struct strbuf *err)
{
    struct arena a = { 0 };
    const char *path = arena_cstr(&a, o->name);
    struct str file = { 0 };
    int result = make_root(path);
    bool is_made = result == 0;

    if (is_made) {
        int root = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);

        result = root < 0 ? -errno : write_all(o, root, &a, &file);
        sys_close(root);
    }
    if (result == -ENOTEMPTY) {
        strbuf_addf(err, "orbiton: %s is there and not empty; choose another name\n", path);
    } else if (result == -ENOENT && !is_made) {
        struct str parent = path_parent(o->name);

        strbuf_addf(err, "orbiton: cannot make %s: there is no folder %.*s to make it in\n", path,
                STR_FMT(parent));
    } else if (result < 0) {
        strbuf_addf(err, "orbiton: cannot make %s%s%.*s: %.*s\n", path, file.len > 0 ? "/" : "",
                STR_FMT(file), STR_FMT(sys_error(result)));
    } else {
        const char *first = o->template->first;

        strbuf_addf(out,
                "Made %s from the template %.*s.\n"
                "\n"
                "  cd %s\n"
                "%s%s%s"
                "  orbiton dev --open\n"
                "\n"
                "README.md tells how to go on.\n",
                path, STR_FMT(o->template->name), path, first ? "  " : "", first ? first : "",
                first ? "\n" : "");
    }
    arena_finish(&a);
    return result < 0 ? 1 : 0;
}

int new_main(int argc, char **argv)
{
    struct new_options options = { 0 };
    struct strbuf out;
    struct strbuf err;

    strbuf_init(&out, TEXT_MAX);
    strbuf_init(&err, TEXT_MAX);
    int code = read_arguments(argc, argv, &options, &out, &err);

    if (code < 0) {
        code = create(&options, &out, &err);
    }
    (void)sys_write_all(STDOUT_FILENO, strbuf_str(&out)); /* nobody is left to tell */
    (void)sys_write_all(STDERR_FILENO, strbuf_str(&err));
    strbuf_finish(&out);
    strbuf_finish(&err);
    return code;
}
