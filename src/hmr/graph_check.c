/* SPDX-License-Identifier: MIT */
/*
 * What can be seen to be wrong with a module before any browser has tried it.
 * Only what is certain: a name behind `export *` of something that we cannot
 * read may well be there.
 */
#include <stdlib.h>

#include "base/table.h"
#include "base/vec.h"
#include "hmr/graph.h"

enum {
    STARS_MAX = 1000, /* modules looked at behind `export *`; beyond, a name counts as there */
    NEAR_MAX = 2000,  /* exports compared for "did you mean" */
};

/* Editions in the order in which they were met, each once. */
struct seen_edition {
    const struct edition *edition; /* the key */
    UT_hash_handle hh;
};

struct seen {
    struct arena arena;
    struct seen_edition *table;
    const struct edition **items;
    size_t count, cap;
};

/* `export * from`, which gives all names of its target but "default". */
static bool is_star(const struct edge *e)
{
    if (e->kind != DEP_REEXPORT) {
        return false;
    }
    for (size_t i = 0; i < e->name_count; i++) {
        if (str_eq(e->names[i].name, STR("*"))) {
            return true;
        }
    }
    return e->name_count == 0;
}

static void meet(struct seen *seen, const struct edition *ed)
{
    struct seen_edition *known = NULL;

    HASH_FIND_PTR(seen->table, &ed, known);
    if (!known) {
        known = arena_new(&seen->arena, struct seen_edition);
        known->edition = ed;
        HASH_ADD_PTR(seen->table, edition, known);
        vec_push(seen, ed);
    }
}

/* Whether the edition may give the name. */
static bool gives(const struct edition *start, struct str name)
{
    struct seen seen = { 0 };
    bool found = false;

    meet(&seen, start);
    for (size_t at = 0; at < seen.count && !found; at++) {
        const struct edition *ed = seen.items[at];

        if (!edition_exists(ed) || !edition_knows_exports(ed) || edition_error(ed) ||
                seen.count > STARS_MAX) {
            found = true;
            break;
        }
        found = edition_has_export(ed, name);
        if (found || str_eq(name, STR("default"))) {
            break;
        }
        for (size_t i = 0; i < edition_edge_count(ed) && !found; i++) {
            if (!is_star(edition_edge(ed, i))) {
                continue;
            }
            const struct node *to = edition_target(ed, i);
            const struct edition *behind = to ? node_current(to) : NULL;

            found = !behind || node_kind_of(to) != NODE_JS;
            if (!found) {
                meet(&seen, behind);
            }
        }
    }
    HASH_CLEAR(hh, seen.table);
    arena_finish(&seen.arena);
    vec_finish(&seen);
    return found;
}

/* The diagnostic with its place and the lines around it, where the text is still to be had. */
static void add_at(const struct graph *graph, const struct node *node, size_t offset,
        struct diag *d, struct diag_list *list)
{
    struct arena a = { 0 };
    struct str text;

    d->severity = DIAG_ERROR;
    d->path = node_path(node);
    if (graph_text(graph, edition_hash(node_current(node)), &text)) {
        diag_place(text, offset, &d->line, &d->col);
        if (!graph_place(graph, node, d, &a)) {
            d->frame = diag_frame(&a, text, d->line, d->col);
        }
    }
    diag_list_add(list, d);
    arena_finish(&a);
}

/* Whether the last word of the text is one that a declaration's name stands behind. */
static bool ends_in_declarator(struct str before)
{
    static const struct str words[] = { STR_INIT("function"), STR_INIT("class"), STR_INIT("const"),
        STR_INIT("let"), STR_INIT("var") };
    size_t end = before.len;

    while (end > 0 && (before.ptr[end - 1] == ' ' || before.ptr[end - 1] == '*')) {
        end--;
    }
    size_t start = end;

    while (start > 0 && str_is_name_byte(before.ptr[start - 1])) {
        start--;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && end < before.len; i++) {
        if (str_eq(str_sub(before, start, end), words[i])) {
            return true;
        }
    }
    return false;
}

/* Where the text declares the name, as far as single words show it; or STR_NONE. */
static size_t find_declaration(struct str text, struct str name)
{
    size_t at = str_find_word(text, name, 0);

    while (at != STR_NONE && !ends_in_declarator(str_sub(text, 0, at))) {
        at = str_find_word(text, name, at + name.len);
    }
    return at;
}

/*
 * ", which declares it at b.js:3:17": where a misspelt `export`, which only the browser's parser knows
 * to be an error of b.js, is what takes the name away. Empty if no text shows it.
 */
static struct str tell_declaration(
        const struct graph *graph, const struct node *node, struct str name, struct arena *a)
{
    struct diag at = { .path = node_path(node) };
    struct str text;

    if (!graph_text(graph, edition_hash(node_current(node)), &text)) {
        return STR("");
    }
    size_t offset = find_declaration(text, name);

    if (offset == STR_NONE) {
        return STR("");
    }
    diag_place(text, offset, &at.line, &at.col);
    (void)graph_place(graph, node, &at, a);
    return arena_printf(a, ", which declares it at %.*s:%u:%u", STR_FMT(at.path), at.line, at.col);
}

static bool check_names(const struct graph *graph, const struct node *node, const struct edge *e,
        const struct node *to, struct diag_list *list)
{
    const struct edition *ed = node_current(to);
    bool good = true;

    if (!ed || !edition_exists(ed) || node_kind_of(to) != NODE_JS) {
        return true;
    }
    for (size_t i = 0; i < e->name_count; i++) {
        const struct imported_name *name = &e->names[i];

        if (str_eq(name->name, STR("*")) || gives(ed, name->name)) {
            continue;
        }
        struct arena a = { 0 };
        size_t count;
        const struct str *exports = edition_exports(ed, &count);
        struct str near = str_nearest(name->name, exports, count < NEAR_MAX ? count : NEAR_MAX);
        struct str declared = tell_declaration(graph, to, name->name, &a);
        struct diag d = {
            .text = arena_printf(&a, "'%.*s' is not exported by %.*s%.*s", STR_FMT(name->name),
                    STR_FMT(node_url(to)), STR_FMT(declared)),
        };

        if (declared.len > 0) {
            /* which may be a word of a comment, or of a function's inside */
            d.hint = arena_printf(&a, "is an 'export' missing there, or misspelt%s%.*s%s?",
                    near.len > 0 ? "; or did you mean '" : "", STR_FMT(near),
                    near.len > 0 ? "'" : "");
        } else if (near.len > 0) {
            d.hint = arena_printf(&a, "did you mean '%.*s'?", STR_FMT(near));
        }
        add_at(graph, node, name->offset, &d, list);
        arena_finish(&a);
        good = false;
    }
    return good;
}

static bool check_edge(const struct graph *graph, const struct node *node, const struct edge *e,
        const struct node *to, struct diag_list *list)
{
    const struct edition *ed = to ? node_current(to) : NULL;
    struct arena a = { 0 };
    struct diag d = { 0 };

    if (e->missing || (ed && !edition_exists(ed))) {
        d.text = e->problem.len > 0 && e->missing
                         ? e->problem
                         : arena_printf(&a, "the imported file %.*s does not exist",
                                   STR_FMT(e->path.len > 0 ? e->path : e->url));
        add_at(graph, node, e->specifier.start, &d, list);
        arena_finish(&a);
        return false;
    }
    return !to || check_names(graph, node, e, to, list);
}

bool graph_check(const struct graph *graph, const struct node *node, struct diag_list *list)
{
    const struct edition *ed = node_current(node);
    bool good = true;

    if (!ed || !edition_exists(ed)) {
        return true; /* a file that is gone is a fault of those that still import it */
    }
    if (edition_error(ed)) {
        struct diag d = *edition_error(ed);

        if (d.path.len == 0) {
            d.path = node_path(node);
        }
        diag_list_add(list, &d);
        return false; /* what else was found in a text that is no module is not worth telling */
    }
    for (size_t i = 0; i < edition_edge_count(ed); i++) {
        const struct edge *e = edition_edge(ed, i);

        if (e->kind == DEP_IMPORT || e->kind == DEP_REEXPORT) {
            good &= check_edge(graph, node, e, edition_target(ed, i), list);
        }
    }
    return good;
}
