/* SPDX-License-Identifier: MIT */
/*
 * How the JavaScript scanner notes what it finds: lists in the arena that grow
 * by doubling, each with the same limit.
 */
#include "scan/js_scan.h"
#include "scan/js_state.h"

#include <string.h>

const char *js_fail(struct js *s, const char *at, struct str text)
{
    struct scan_error *error = &s->facts->error;

    if (!error->failed) {
        *error = (struct scan_error){ true, js_at(s, at), text };
    }
    return NULL;
}

/* The list with room for one more; NULL beyond the limit. */
static void *grown(struct js *s, void *items, uint32_t count, size_t size)
{
    if (count == JS_FACTS_MAX) {
        js_fail(s, s->text.ptr, STR("too many imports, exports or names"));
        return NULL;
    }
    if (count != 0 && (count < 8 || (count & (count - 1)) != 0)) {
        return items;
    }
    void *bigger = arena_alloc_array(s->arena, count == 0 ? 8 : (size_t)count * 2, size);
    if (count > 0) {
        memcpy(bigger, items, count * size);
    }
    return bigger;
}

struct dep *js_add_dep(struct js *s, enum dep_kind kind, const char *start, uint32_t *ret_index)
{
    struct js_facts *facts = s->facts;
    struct dep *deps = grown(s, facts->deps, facts->dep_count, sizeof(*deps));
    struct dep *dep;

    if (!deps) {
        *ret_index = JS_NO_DEP;
        return arena_new(s->arena, struct dep);
    }
    facts->deps = deps;
    *ret_index = facts->dep_count++;
    dep = &deps[*ret_index];
    dep->kind = kind;
    dep->statement.start = dep->statement.end = js_at(s, start);
    return dep;
}

void js_set_specifier(struct js *s, struct dep *dep, const struct js_piece *t)
{
    struct str raw = js_piece_raw(t);

    dep->specifier = (struct span){ js_at(s, raw.ptr), js_at(s, raw.ptr + raw.len) };
    dep->text = js_decode(raw, s->arena);
}

void js_add_imported(struct js *s, uint32_t dep, const char *at, struct str name)
{
    struct js_facts *facts = s->facts;
    struct imported_name *names = grown(s, facts->imported, facts->imported_count, sizeof(*names));

    if (names) {
        facts->imported = names;
        names[facts->imported_count++] = (struct imported_name){ dep, js_at(s, at), name };
    }
}

void js_add_export(struct js *s, struct str name)
{
    struct js_facts *facts = s->facts;
    struct str *names = grown(s, facts->exports, facts->export_count, sizeof(*names));

    if (names) {
        facts->exports = names;
        names[facts->export_count++] = name;
    }
}

void js_add_accept(struct js *s, enum accept_kind kind, const struct js_piece *t)
{
    struct js_facts *facts = s->facts;
    struct accept *accepts = grown(s, facts->accepts, facts->accept_count, sizeof(*accepts));
    struct accept accept = { .kind = kind };

    if (t) {
        struct str raw = js_piece_raw(t);
        accept.specifier = (struct span){ js_at(s, raw.ptr), js_at(s, raw.ptr + raw.len) };
        accept.text = js_decode(raw, s->arena);
    }
    if (accepts) {
        facts->accepts = accepts;
        accepts[facts->accept_count++] = accept;
    }
}

void js_add_glob(struct js *s, struct js_glob glob)
{
    struct js_facts *facts = s->facts;
    struct js_glob *globs = grown(s, facts->globs, facts->glob_count, sizeof(*globs));

    if (globs) {
        facts->globs = globs;
        globs[facts->glob_count++] = glob;
    }
}

void js_add_node_env(struct js *s, struct span span)
{
    struct js_facts *facts = s->facts;
    struct span *spans = grown(s, facts->node_envs, facts->node_env_count, sizeof(*spans));

    if (spans) {
        facts->node_envs = spans;
        spans[facts->node_env_count++] = span;
    }
}
