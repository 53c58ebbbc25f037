/* SPDX-License-Identifier: MIT */
/*
 * The layers: defaults, file, variables, flags, in this order. Flags are applied
 * twice: first alone, so that a wrong one is reported before any file is opened,
 * and again at the end, so that they win.
 */
#include "config/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "base/vec.h"
#include "config/option_keys.h"
#include "config/toml.h"

struct setting {
    const struct option_key *key;
    struct str flag; /* as written, for messages */
    struct str value;
};

struct reader {
    struct options *options;
    const char *(*env)(const char *name);
    struct strbuf *out;
    struct strbuf *err;
    struct diag_list *diags; /* of the file; NULL: they are printed to `err` */
    struct str dir;          /* as written */
    struct str config;       /* as written */
    bool dir_given;
    struct {
        struct setting *items;
        size_t count;
        size_t cap;
    } flags;
};

void options_init(struct options *ret)
{
    *ret = (struct options){
        .port = 8000,
        .hmr = true,
        .debounce_ms = 50,
        .show_notifications = true,
        .overlay = true,
    };
}

void options_finish(struct options *options)
{
    arena_finish(&options->arena);
    memset(options, 0, sizeof(*options));
}

static enum options_outcome wrong(
        struct reader *r, struct str before, struct str quoted, const char *after)
{
    strbuf_add(r->err, STR("orbiton dev: "));
    strbuf_add(r->err, before);
    strbuf_add_printable(r->err, str_sub(quoted, 0, 500));
    strbuf_add(r->err, str_from(after));
    strbuf_addc(r->err, '\n');
    return OPTIONS_WRONG;
}

static enum options_outcome wrong_flag(struct reader *r, struct str flag, const char *after)
{
    (void)wrong(r, (struct str){ 0 }, flag, after);
    strbuf_add(r->err, STR("See orbiton dev --help.\n"));
    return OPTIONS_WRONG;
}

static enum options_outcome wrong_unknown(struct reader *r, struct str flag)
{
    struct str names[OPTION_KEYS + 2];
    char texts[OPTION_KEYS][32];
    char after[80] = "";
    size_t count = 0;

    for (size_t i = 0; i < OPTION_KEYS; i++) {
        if (option_keys[i].flag) {
            int len = snprintf(texts[count], sizeof(texts[0]), "--%s%s",
                    option_keys[i].negative ? "no-" : "", option_keys[i].flag);

            names[count] = (struct str){ texts[count], (size_t)len };
            count++;
        }
    }
    names[count++] = STR("--help");
    names[count++] = STR("--version");
    struct str nearest = str_nearest(flag, names, count);

    if (nearest.len > 0) {
        (void)snprintf(after, sizeof(after), "; did you mean %.*s?", STR_FMT(nearest));
    }
    (void)wrong(r, STR("unknown flag "), flag, after);
    strbuf_add(r->err, STR("See orbiton dev --help.\n"));
    return OPTIONS_WRONG;
}

/* The key of "--name", "--no-name" or "-n"; *ret_off for the second form. */
static const struct option_key *find_flag(struct str flag, bool *ret_off)
{
    bool is_long = str_starts(flag, STR("--"));
    struct str name = str_skip(flag, is_long ? 2 : 1);

    *ret_off = false;
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];

        if (!key->flag) {
            continue;
        }
        if (!is_long) {
            if (name.len == 1 && key->letter && name.ptr[0] == key->letter) {
                return key;
            }
            continue;
        }
        if (str_eq(name, str_from(key->flag))) {
            return key;
        }
        if (key->type == OPTION_BOOL && str_starts(name, STR("no-")) &&
                str_eq(str_skip(name, 3), str_from(key->flag))) {
            *ret_off = true;
            return key;
        }
    }
    return NULL;
}

/*
 * Whether the word behind a bare --host is its value. "--host site" could also
 * mean the folder: a word that is a folder by its look ('/' or '.') is not taken.
 */
static bool is_host_word(const char *word)
{
    return word && word[0] != '-' && !strchr(word, '/') && strcmp(word, ".") != 0 &&
           strcmp(word, "..") != 0;
}

static void print_help(struct strbuf *out)
{
    enum { COLUMN = 20 };

    strbuf_add(out,
            STR("Usage: orbiton dev [DIR] [FLAGS]\n"
                "\n"
                "Serves the folder DIR (default: the current one), builds it, and updates running\n"
                "pages when a file is saved.\n"
                "\n"));
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];
        char flag[64];

        if (!key->flag) {
            continue;
        }
        (void)snprintf(flag, sizeof(flag), "%s%s%s%s", key->negative ? "no-" : "", key->flag,
                key->argument ? " " : "", key->argument ? key->argument : "");
        if (key->letter) {
            strbuf_addf(out, "  -%c, --%-*s", key->letter, COLUMN - 6, flag);
        } else {
            strbuf_addf(out, "      --%-*s", COLUMN - 6, flag);
        }
        /* "update running pages; off: ..." becomes "do not update running pages" */
        struct str help = str_from(key->help);

        if (key->negative) {
            str_cut(help, ';', &help, &(struct str){ 0 });
        }
        strbuf_addf(out, "%s%.*s", key->negative ? "do not " : "", STR_FMT(help));
        if (key->type != OPTION_BOOL) {
            strbuf_addf(out, " [%s]", key->fallback);
        }
        strbuf_addc(out, '\n');
    }
    strbuf_add(out,
            STR("  -h, --help          print this\n"
                "      --version       print the version\n"
                "\n"
                "A switch has an opposite: --no-open. Values may stand behind '=': --port=3000.\n"
                "\n"
                "The file orbiton.toml (or .orbiton.toml) sets the same and more; then these\n"
                "variables, then flags. Lists in variables have commas.\n"
                "\n"));
    strbuf_addf(out, "  %-28s%s\n", "key", "variable");
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        const struct option_key *key = &option_keys[i];
        char name[64];

        (void)snprintf(name, sizeof(name), "%s%s%s", key->table ? key->table : "",
                key->table ? "." : "", key->table ? key->key : "");
        if (key->table || key->env) {
            strbuf_addf(out, "  %-28s%s\n", key->table ? name : "-", key->env ? key->env : "-");
        }
    }
    strbuf_add(out,
            STR("\n"
                "PORT is read where ORBITON_PORT is not set. ORBITON_EDITOR, VISUAL or EDITOR\n"
                "opens files from the page, BROWSER the page; NO_COLOR is respected.\n"));
}

static void push(struct reader *r, const struct option_key *key, struct str flag, struct str value)
{
    struct setting s = { key, flag, value };

    vec_push(&r->flags, s);
}

static enum options_outcome take_dir(struct reader *r, struct str dir)
{
    if (r->dir_given && !str_eq(r->dir, dir)) {
        return wrong_flag(r, dir, ": a second folder; one project at a time");
    }
    if (dir.len == 0) {
        return wrong_flag(r, dir, "the folder's name is empty");
    }
    r->dir = dir;
    r->dir_given = true;
    return OPTIONS_RUN;
}

/* Splits the arguments; nothing is checked but that flags exist and have what they need. */
static enum options_outcome split_flags(struct reader *r, int argc, char **argv)
{
    bool only_words = false;

    for (int i = 0; i < argc; i++) {
        struct str arg = str_from(argv[i]);
        struct str flag;
        struct str value = { 0 };
        bool off;

        if (only_words || arg.len < 2 || arg.ptr[0] != '-') {
            enum options_outcome outcome = take_dir(r, arg);

            if (outcome != OPTIONS_RUN) {
                return outcome;
            }
            continue;
        }
        if (str_eq(arg, STR("--"))) {
            only_words = true;
            continue;
        }
        bool has_value = str_cut(arg, '=', &flag, &value);

        if (str_eq(flag, STR("--help")) || str_eq(flag, STR("-h"))) {
            print_help(r->out);
            return OPTIONS_EXIT;
        }
        if (str_eq(flag, STR("--version"))) {
            strbuf_add(r->out, STR("orbiton " ORBITON_VERSION "\n"));
            return OPTIONS_EXIT;
        }
        const struct option_key *key = find_flag(flag, &off);

        if (!key) {
            return wrong_unknown(r, flag);
        }
        if (key->type == OPTION_BOOL) {
            if (off && has_value) {
                return wrong_flag(r, flag, " takes no value");
            }
            push(r, key, flag, has_value ? value : off ? STR("false") : STR("true"));
            continue;
        }
        if (!has_value && key->check == CHECK_HOST) {
            bool word = i + 1 < argc && is_host_word(argv[i + 1]);

            value = word ? str_from(argv[++i]) : STR("0.0.0.0");
        } else if (!has_value) {
            if (i + 1 == argc) {
                char after[64];

                (void)snprintf(after, sizeof(after), " needs a value: %.*s %s", STR_FMT(flag),
                        key->argument);
                return wrong_flag(r, flag, after);
            }
            value = str_from(argv[++i]);
        }
        push(r, key, flag, value);
    }
    return OPTIONS_RUN;
}

/* dir and config say where to read, not what: they are taken before the layers. */
static bool is_place(const struct option_key *key)
{
    return key->offset == offsetof(struct options, dir) ||
           key->offset == offsetof(struct options, config);
}

static enum options_outcome apply_flags(struct reader *r)
{
    for (size_t i = 0; i < r->flags.count; i++) {
        const struct setting *s = &r->flags.items[i];
        const char *expected;
        char after[128];

        if (is_place(s->key)) {
            continue;
        }
        if (!option_set_from_text(r->options, s->key, s->value, &expected)) {
            (void)snprintf(after, sizeof(after), " must be %s, not ", expected);
            struct str before = arena_printf(&r->options->arena, "%.*s%s", STR_FMT(s->flag), after);

            (void)wrong(r, before, s->value.len > 0 ? s->value : STR("\"\""), "");
            strbuf_add(r->err, STR("See orbiton dev --help.\n"));
            return OPTIONS_WRONG;
        }
    }
    return OPTIONS_RUN;
}

static enum options_outcome take_places(struct reader *r)
{
    for (size_t i = 0; i < r->flags.count; i++) {
        const struct setting *s = &r->flags.items[i];

        if (s->key->offset == offsetof(struct options, dir)) {
            enum options_outcome outcome = take_dir(r, s->value);

            if (outcome != OPTIONS_RUN) {
                return outcome;
            }
        } else if (s->key->offset == offsetof(struct options, config)) {
            if (s->value.len == 0) {
                return wrong_flag(r, s->flag, " needs a file's name");
            }
            r->config = s->value;
        }
    }
    return OPTIONS_RUN;
}

/* One variable; unset and empty are the same. */
static enum options_outcome apply_variable(
        struct reader *r, const struct option_key *key, const char *name)
{
    struct str value = str_from(r->env(name));
    const char *expected;

    if (value.len == 0 || option_set_from_text(r->options, key, value, &expected)) {
        return OPTIONS_RUN;
    }
    struct str before =
            arena_printf(&r->options->arena, "the variable %s must be %s, not ", name, expected);

    return wrong(r, before, value, "");
}

static enum options_outcome apply_variables(struct reader *r)
{
    enum options_outcome outcome = OPTIONS_RUN;

    for (size_t i = 0; i < OPTION_KEYS && outcome == OPTIONS_RUN; i++) {
        const struct option_key *key = &option_keys[i];

        /* A PORT that ORBITON_PORT overrides may be whatever its owner likes. */
        if (key->type == OPTION_PORT && str_from(r->env("ORBITON_PORT")).len == 0) {
            outcome = apply_variable(r, key, "PORT");
        }
        if (outcome == OPTIONS_RUN && key->env && !is_place(key)) {
            outcome = apply_variable(r, key, key->env);
        }
    }
    return outcome;
}

static enum options_outcome find_dir(struct reader *r)
{
    struct options *o = r->options;
    struct str written = r->dir_given ? r->dir : STR(".");
    char resolved[PATH_MAX];
    struct stat st;

    if (!realpath(arena_cstr(&o->arena, written), resolved)) {
        const char *after = errno == ENOENT ? ": no such folder" : ": this folder cannot be opened";

        return wrong(r, (struct str){ 0 }, written, after);
    }
    if (stat(resolved, &st) || !S_ISDIR(st.st_mode)) {
        return wrong(r, (struct str){ 0 }, written, ": not a folder");
    }
    o->dir = arena_str(&o->arena, str_from(resolved));
    struct str name = path_name(o->dir);

    o->project_name = name.len > 0 ? name : STR("/");
    return OPTIONS_RUN;
}

static bool exists(struct arena *a, struct str path)
{
    struct stat st;

    return stat(arena_cstr(a, path), &st) == 0;
}

static void print_diag(struct strbuf *err, const struct diag *d)
{
    strbuf_add_printable(err, d->path);
    if (d->line > 0) {
        strbuf_addf(err, ":%u", d->line);
    }
    if (d->col > 0) {
        strbuf_addf(err, ":%u", d->col);
    }
    strbuf_addf(err, ": %.*s: ", STR_FMT(diag_severity_name(d->severity)));
    strbuf_add_printable(err, d->text);
    strbuf_addc(err, '\n');
    for (struct str rest = d->frame; rest.len > 0;) {
        struct str line;

        str_cut(rest, '\n', &line, &rest);
        strbuf_add(err, STR("  "));
        strbuf_add_printable(err, line);
        strbuf_addc(err, '\n');
    }
    if (d->hint.len > 0) {
        strbuf_add(err, STR("  "));
        strbuf_add_printable(err, d->hint);
        strbuf_addc(err, '\n');
    }
}

static enum options_outcome read_config(struct reader *r)
{
    struct options *o = r->options;
    struct str name = r->config.len > 0 ? r->config : str_from(r->env("ORBITON_CONFIG"));
    struct str path = name;

    if (name.len == 0) {
        struct str dotted = path_join(&o->arena, o->dir, STR(".orbiton.toml"));

        name = STR("orbiton.toml");
        path = path_join(&o->arena, o->dir, name);
        bool plain_exists = exists(&o->arena, path);
        bool dotted_exists = exists(&o->arena, dotted);

        if (!plain_exists && !dotted_exists) {
            return OPTIONS_RUN;
        }
        if (plain_exists && dotted_exists) {
            strbuf_add(r->err,
                    STR("orbiton dev: warning: orbiton.toml and .orbiton.toml are both here; "
                        "only orbiton.toml is read\n"));
        }
        if (!plain_exists) {
            name = STR(".orbiton.toml");
            path = dotted;
        }
    }
    struct strbuf text;

    strbuf_init(&text, TOML_TEXT_MAX);
    int rc = sys_read_file(path, &text);

    if (rc < 0) {
        char after[128];
        struct str error = rc == -EFBIG ? STR("larger than 256 KiB") : sys_error(rc);

        (void)snprintf(after, sizeof(after), ": %.*s", STR_FMT(error));
        strbuf_finish(&text);
        return wrong(r, (struct str){ 0 }, name, after);
    }
    struct diag_list diags = { 0 };

    options_read_toml(o, name, strbuf_str(&text), &diags);
    for (size_t i = 0; i < diags.count; i++) {
        if (r->diags) {
            diag_list_add(r->diags, &diags.items[i]);
        } else {
            print_diag(r->err, &diags.items[i]);
        }
    }
    bool ok = diag_list_errors(&diags) == 0;

    diag_list_finish(&diags);
    strbuf_finish(&text);
    char resolved[PATH_MAX];
    bool found = realpath(arena_cstr(&o->arena, path), resolved) != NULL;

    o->config = arena_str(&o->arena, found ? str_from(resolved) : path);
    return ok ? OPTIONS_RUN : OPTIONS_WRONG;
}

/* The layers one after the other; the first that fails ends it. */
static enum options_outcome read_layers(struct reader *r, int argc, char **argv)
{
    struct options *o = r->options;
    enum options_outcome outcome = split_flags(r, argc, argv);

    if (outcome == OPTIONS_RUN) {
        outcome = take_places(r);
    }
    if (outcome == OPTIONS_RUN) {
        outcome = apply_flags(r);
    }
    if (outcome == OPTIONS_RUN && o->quiet && o->verbose) {
        outcome = wrong_flag(r, STR("--quiet"), " and --verbose exclude each other");
    }
    if (outcome != OPTIONS_RUN) {
        return outcome;
    }
    options_finish(o);
    options_init(o);
    if ((outcome = find_dir(r)) == OPTIONS_RUN && (outcome = read_config(r)) == OPTIONS_RUN &&
            (outcome = apply_variables(r)) == OPTIONS_RUN) {
        outcome = apply_flags(r);
    }
    return outcome;
}

static enum options_outcome read_all(struct reader *r, int argc, char **argv)
{
    options_init(r->options);
    enum options_outcome outcome = read_layers(r, argc, argv);

    vec_finish(&r->flags);
    return outcome;
}

enum options_outcome options_read(struct options *ret, int argc, char **argv,
        const char *(*env)(const char *name), struct strbuf *out, struct strbuf *err)
{
    struct reader r = { .options = ret, .env = env, .out = out, .err = err };

    return read_all(&r, argc, argv);
}

enum options_outcome options_read_again(struct options *ret, int argc, char **argv,
        const char *(*env)(const char *name), struct strbuf *err, struct diag_list *diags)
{
    struct strbuf out;
    struct reader r = { .options = ret, .env = env, .out = &out, .err = err, .diags = diags };

    strbuf_init(&out, OPTION_TEXT_MAX); /* help, which a running program was not asked for */
    enum options_outcome outcome = read_all(&r, argc, argv);

    strbuf_finish(&out);
    return outcome;
}
