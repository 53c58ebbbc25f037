/* SPDX-License-Identifier: MIT */
#include "term/open.h"

#include <string.h>

#include "base/path.h"

enum { WORDS_MAX = 32 };

struct words {
    const char *items[WORDS_MAX + 8]; /* room for what a form adds, and the NULL */
    size_t count;
};

static void push(struct words *w, const char *word)
{
    w->items[w->count++] = word;
}

/* Splits at spaces; quotes hold a word together. No other shell syntax: nothing is expanded. */
static bool split(struct arena *a, struct str command, struct words *w)
{
    size_t i = 0;

    while (i < command.len) {
        char *word = arena_alloc(a, command.len + 1);
        size_t len = 0;
        char quote = 0;

        while (i < command.len && (command.ptr[i] == ' ' || command.ptr[i] == '\t')) {
            i++;
        }
        size_t start = i;

        for (; i < command.len; i++) {
            char c = command.ptr[i];

            if (quote ? c == quote : c == '"' || c == '\'') {
                quote = quote ? 0 : c;
            } else if (!quote && (c == ' ' || c == '\t')) {
                break;
            } else {
                word[len++] = c;
            }
        }
        if (i > start) {
            if (w->count == WORDS_MAX) {
                return false;
            }
            push(w, word);
        }
    }
    return w->count > 0 && w->items[0][0] != '\0';
}

static open_argv finish(struct arena *a, const struct words *w)
{
    const char **argv = arena_array(a, const char *, w->count + 1);

    memcpy(argv, w->items, w->count * sizeof(*argv));
    return argv;
}

/* Replaces every `mark` in a word; whether there was one. */
static bool fill_in(struct arena *a, const char **word, struct str mark, struct str value)
{
    struct str rest = str_from(*word);
    struct str done = { 0 };
    bool found = false;

    for (;;) {
        size_t at = str_find_str(rest, mark);

        if (at == STR_NONE) {
            break;
        }
        found = true;
        done = arena_printf(
                a, "%.*s%.*s%.*s", STR_FMT(done), STR_FMT(str_sub(rest, 0, at)), STR_FMT(value));
        rest = str_skip(rest, at + mark.len);
    }
    if (found) {
        *word = arena_printf(a, "%.*s%.*s", STR_FMT(done), STR_FMT(rest)).ptr;
    }
    return found;
}

bool open_browser_argv(struct arena *a, struct str url, const char *(*env)(const char *name),
        open_argv *ret, struct str *ret_message)
{
    struct str browser = str_from(env("BROWSER"));
    struct words w = { 0 };
    bool filled = false;

    if (!str_starts(url, STR("http://")) && !str_starts(url, STR("https://"))) {
        *ret_message = STR("only http addresses are opened in the browser");
        return false;
    }
    if (str_eq(browser, STR("none"))) {
        *ret_message = STR("BROWSER=none: the page is not opened");
        return false;
    }
    str_cut(browser, ':', &browser, &(struct str){ 0 });
    if (str_trim(browser).len == 0) {
        browser = STR("xdg-open");
    }
    if (!split(a, browser, &w)) {
        *ret_message = STR("BROWSER is not a command");
        return false;
    }
    for (size_t i = 1; i < w.count; i++) {
        filled = fill_in(a, &w.items[i], STR("%s"), url) || filled;
    }
    if (!filled) {
        push(&w, arena_cstr(a, url));
    }
    *ret = finish(a, &w);
    return true;
}

/* How an editor is told the place: F is the file, L the line, C the column. */
enum form {
    FORM_PLAIN,      /* F */
    FORM_GOTO,       /* -g F:L:C */
    FORM_COLONS,     /* F:L:C */
    FORM_LONG,       /* --line L --column C F */
    FORM_SHORT,      /* -l L -c C F */
    FORM_PLUS,       /* +L F */
    FORM_PLUS_COL,   /* +L:C F */
    FORM_PLUS_COMMA, /* +L,C F */
};

struct editor {
    struct str name;
    enum form form;
    bool needs_terminal;
};

static const struct editor editors[] = {
    { STR_INIT("code"), FORM_GOTO, false },
    { STR_INIT("code-insiders"), FORM_GOTO, false },
    { STR_INIT("code-oss"), FORM_GOTO, false },
    { STR_INIT("codium"), FORM_GOTO, false },
    { STR_INIT("vscodium"), FORM_GOTO, false },
    { STR_INIT("cursor"), FORM_GOTO, false },
    { STR_INIT("windsurf"), FORM_GOTO, false },
    { STR_INIT("positron"), FORM_GOTO, false },
    { STR_INIT("subl"), FORM_COLONS, false },
    { STR_INIT("sublime_text"), FORM_COLONS, false },
    { STR_INIT("zed"), FORM_COLONS, false },
    { STR_INIT("zeditor"), FORM_COLONS, false },
    { STR_INIT("atom"), FORM_COLONS, false },
    { STR_INIT("pulsar"), FORM_COLONS, false },
    { STR_INIT("lapce"), FORM_COLONS, false },
    { STR_INIT("geany"), FORM_COLONS, false },
    { STR_INIT("idea"), FORM_LONG, false },
    { STR_INIT("idea64"), FORM_LONG, false },
    { STR_INIT("clion"), FORM_LONG, false },
    { STR_INIT("webstorm"), FORM_LONG, false },
    { STR_INIT("rustrover"), FORM_LONG, false },
    { STR_INIT("pycharm"), FORM_LONG, false },
    { STR_INIT("phpstorm"), FORM_LONG, false },
    { STR_INIT("goland"), FORM_LONG, false },
    { STR_INIT("kate"), FORM_SHORT, false },
    { STR_INIT("kwrite"), FORM_SHORT, false },
    { STR_INIT("gedit"), FORM_PLUS_COL, false },
    { STR_INIT("emacs"), FORM_PLUS_COL, false },
    { STR_INIT("emacsclient"), FORM_PLUS_COL, false },
    { STR_INIT("xed"), FORM_PLUS, false },
    { STR_INIT("pluma"), FORM_PLUS, false },
    { STR_INIT("gvim"), FORM_PLUS, false },
    { STR_INIT("mvim"), FORM_PLUS, false },
    { STR_INIT("hx"), FORM_COLONS, true },
    { STR_INIT("helix"), FORM_COLONS, true },
    { STR_INIT("micro"), FORM_PLUS_COL, true },
    { STR_INIT("kak"), FORM_PLUS_COL, true },
    { STR_INIT("nano"), FORM_PLUS_COMMA, true },
    { STR_INIT("vim"), FORM_PLUS, true },
    { STR_INIT("vi"), FORM_PLUS, true },
    { STR_INIT("nvim"), FORM_PLUS, true },
    { STR_INIT("joe"), FORM_PLUS, true },
    { STR_INIT("mg"), FORM_PLUS, true },
    { STR_INIT("ed"), FORM_PLUS, true },
};

static const struct editor *find_editor(const char *word)
{
    struct str name = path_name(str_from(word));

    for (size_t i = 0; i < sizeof(editors) / sizeof(editors[0]); i++) {
        if (str_eq(name, editors[i].name)) {
            return &editors[i];
        }
    }
    return NULL;
}

/* "emacs -nw" draws in the terminal, too. */
static bool has_terminal_flag(const struct words *w)
{
    for (size_t i = 1; i < w->count; i++) {
        if (strcmp(w->items[i], "-nw") == 0 || strcmp(w->items[i], "-t") == 0 ||
                strcmp(w->items[i], "--tty") == 0) {
            return true;
        }
    }
    return false;
}

static void push_place(struct arena *a, struct words *w, enum form form, struct str path,
        unsigned line, unsigned col)
{
    const char *file = arena_cstr(a, path);
    const char *colons = arena_printf(a, "%.*s:%u:%u", STR_FMT(path), line, col).ptr;

    switch (form) {
    case FORM_PLAIN: push(w, file); return;
    case FORM_GOTO:
        push(w, "-g");
        push(w, colons);
        return;
    case FORM_COLONS: push(w, colons); return;
    case FORM_LONG:
        push(w, "--line");
        push(w, arena_printf(a, "%u", line).ptr);
        push(w, "--column");
        push(w, arena_printf(a, "%u", col).ptr);
        break;
    case FORM_SHORT:
        push(w, "-l");
        push(w, arena_printf(a, "%u", line).ptr);
        push(w, "-c");
        push(w, arena_printf(a, "%u", col).ptr);
        break;
    case FORM_PLUS: push(w, arena_printf(a, "+%u", line).ptr); break;
    case FORM_PLUS_COL: push(w, arena_printf(a, "+%u:%u", line, col).ptr); break;
    case FORM_PLUS_COMMA: push(w, arena_printf(a, "+%u,%u", line, col).ptr); break;
    }
    push(w, file);
}

bool open_editor_argv(struct arena *a, struct str path, unsigned line, unsigned col,
        const char *(*env)(const char *name), open_argv *ret, struct str *ret_message)
{
    static const char *const names[] = { "ORBITON_EDITOR", "VISUAL", "EDITOR" };
    struct str command = { 0 };
    struct words w = { 0 };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && command.len == 0; i++) {
        command = str_trim(str_from(env(names[i])));
    }
    if (command.len == 0) {
        *ret_message = STR("no editor is set: start orbiton with ORBITON_EDITOR=code (or another)");
        return false;
    }
    if (!str_starts(path, STR("/")) || str_find(path, '\0') != STR_NONE) {
        *ret_message = STR("only a file with an absolute path is opened");
        return false;
    }
    if (!split(a, command, &w)) {
        *ret_message = STR("the editor's command cannot be read");
        return false;
    }
    bool has_place = line > 0;
    bool filled = false;

    line = has_place ? line : 1;
    col = col > 0 ? col : 1;
    for (size_t i = 1; i < w.count; i++) {
        filled = fill_in(a, &w.items[i], STR("{line}"), arena_printf(a, "%u", line)) || filled;
        filled = fill_in(a, &w.items[i], STR("{col}"), arena_printf(a, "%u", col)) || filled;
    }
    bool named = false;

    for (size_t i = 1; i < w.count; i++) {
        named = fill_in(a, &w.items[i], STR("{file}"), path) || named;
    }
    if (filled || named) {
        if (!named) {
            push(&w, arena_cstr(a, path));
        }
        *ret = finish(a, &w);
        return true;
    }
    const struct editor *editor = find_editor(w.items[0]);

    if (editor &&
            (editor->needs_terminal || (editor->form == FORM_PLUS_COL && has_terminal_flag(&w)))) {
        *ret_message = arena_printf(a,
                "%.*s needs a terminal of its own: set ORBITON_EDITOR to an editor with a window, "
                "or to a terminal that starts it, such as \"xterm -e %.*s\"",
                STR_FMT(editor->name), STR_FMT(editor->name));
        return false;
    }
    /* "xterm -e vim": the terminal comes first, the editor somewhere behind it */
    for (size_t i = w.count; !editor && i > 1; i--) {
        editor = find_editor(w.items[i - 1]);
    }
    push_place(a, &w, editor && has_place ? editor->form : FORM_PLAIN, path, line, col);
    *ret = finish(a, &w);
    return true;
}
