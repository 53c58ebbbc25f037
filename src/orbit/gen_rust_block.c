/* SPDX-License-Identifier: MIT */
/*
 * The code block, copied so that line N of the .orbit file is line N of the
 * generated one. The one thing that is moved: methods that stand in "impl
 * Component for" and are none of the trait. People write them there, Rust
 * refuses them there, and meant is the component's own impl.
 */
#include <string.h>

#include "orbit/gen_rust.h"
#include "orbit/lex.h"

struct copier {
    struct gen_rust *g;
    struct orbit_tokens t;
    size_t at;          /* what is copied up to here */
    struct span *moved; /* in the arena */
    size_t moved_count;
};

static void copy(struct gen_rust *g, size_t from, size_t to)
{
    struct str text = str_sub(g->in->code, from, to);

    orbit_gen_copy(g->out, text, g->in->code_offset + from, orbit_gen_code_from(g->in));
}

static size_t count_lines(struct str text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '\n';
    }
    return count;
}

static size_t token_at(const struct orbit_tokens *t, size_t offset)
{
    size_t low = 0, high = t->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->items[middle].start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The whole method whose name is token `i`, with the comments before it. */
static struct span method_span(const struct orbit_tokens *t, size_t i)
{
    size_t first = i, last = i;

    while (first > 0 && !orbit_token_is(t, first - 1, "{") && !orbit_token_is(t, first - 1, "}") &&
            !orbit_token_is(t, first - 1, ";")) {
        first = orbit_token_closes(t, first - 1) ? t->items[first - 1].match : first - 1;
    }
    while (last < t->count && !orbit_token_is(t, last, "{")) {
        last = orbit_token_skip(t, last);
    }
    last = last < t->count ? t->items[last].match : t->count;
    return (struct span){ first > 0 ? t->items[first - 1].end : 0, t->items[last].end };
}

static void move_method(struct copier *c, const struct orbit_member *method)
{
    struct span span = method_span(&c->t, token_at(&c->t, method->offset));

    if (span.start < c->at || span.end > c->g->in->code.len) {
        return;
    }
    copy(c->g, c->at, span.start);
    for (size_t n = count_lines(str_sub(c->g->in->code, span.start, span.end)); n > 0; n--) {
        strbuf_addc(&c->g->out->text, '\n');
    }
    c->at = span.end;
    c->moved[c->moved_count++] = span;
}

static void copy_with_moves(struct gen_rust *g)
{
    const char *own = "new render mounted updated unmounted should_update set_props request_update";
    struct copier c = { .g = g };

    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (item->kind != ORBIT_ITEM_IMPL || !str_eq(item->name, g->in->name) ||
                !str_ends(item->trait_name, STR("Component"))) {
            continue;
        }
        for (size_t k = 0; k < item->member_count; k++) {
            const struct orbit_member *m = &item->members[k];
            if (m->kind != ORBIT_MEMBER_METHOD || orbit_word_in(m->name, own)) {
                continue;
            }
            if (!c.moved) {
                orbit_lex(g->arena, ORBIT_RUST, g->in->code, &c.t);
                c.moved = arena_array(g->arena, struct span, item->member_count);
            }
            move_method(&c, m);
        }
        if (c.moved) {
            break;
        }
    }
    copy(g, c.at, g->in->code.len);
    if (c.moved_count > 0) {
        strbuf_addf(&g->out->text, "\nimpl %.*s {", STR_FMT(g->in->name));
        for (size_t i = 0; i < c.moved_count; i++) {
            copy(g, c.moved[i].start, c.moved[i].end);
        }
        strbuf_add(&g->out->text, STR("\n}"));
    }
    strbuf_addc(&g->out->text, '\n');
}

unsigned gen_rust_block(struct gen_rust *g)
{
    const struct orbit_gen_input *in = g->in;
    size_t before = 0;

    if (!in->code_is_other) {
        struct str head = str_sub(in->source->text, 0, in->code_offset);
        size_t line = str_rfind(head, '\n');
        before = count_lines(head);
        for (size_t i = 0; i < before; i++) {
            strbuf_addc(&g->out->text, '\n');
        }
        if (in->code.len > 0 && in->code.ptr[0] != '\n' && in->code.ptr[0] != '\r') {
            /* Code behind its tag keeps its column. */
            size_t column = head.len - (line == STR_NONE ? 0 : line + 1);
            strbuf_addf(&g->out->text, "%*s", (int)(column < 1000 ? column : 0), "");
        }
    }
    copy_with_moves(g);
    return (unsigned)(before + count_lines(in->code) + 1);
}
