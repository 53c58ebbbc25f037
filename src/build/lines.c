/* SPDX-License-Identifier: MIT */
/* See lines.h. A line within one piece of output is handed on without a copy. */
#include "build/lines.h"

void lines_init(struct lines *lines, size_t max)
{
    *lines = (struct lines){ 0 };
    strbuf_init(&lines->buf, max);
}

static void end_line(struct lines *lines, lines_fn fn, void *ctx)
{
    struct str line = strbuf_str(&lines->buf);

    if (lines->buf.overflow || lines->is_skipping) {
        lines->dropped++;
    } else {
        fn(ctx, str_ends(line, STR("\r")) ? str_sub(line, 0, line.len - 1) : line);
    }
    lines->is_skipping = false;
    strbuf_reset(&lines->buf);
}

static void add(struct lines *lines, struct str bytes)
{
    if (!lines->is_skipping) {
        strbuf_add(&lines->buf, bytes);
    }
    if (lines->buf.overflow) {
        lines->is_skipping = true;
        strbuf_reset(&lines->buf);
    }
}

void lines_feed(struct lines *lines, struct str bytes, lines_fn fn, void *ctx)
{
    struct str line;

    while (str_find(bytes, '\n') != STR_NONE) {
        (void)str_cut(bytes, '\n', &line, &bytes);
        add(lines, line);
        end_line(lines, fn, ctx);
    }
    add(lines, bytes);
}

void lines_end(struct lines *lines, lines_fn fn, void *ctx)
{
    if (lines->buf.len > 0 || lines->is_skipping) {
        end_line(lines, fn, ctx);
    }
}

void lines_finish(struct lines *lines)
{
    strbuf_finish(&lines->buf);
}

void tail_add(struct strbuf *tail, struct str bytes)
{
    if (bytes.len > TAIL_MAX) {
        bytes = str_skip(bytes, bytes.len - TAIL_MAX);
    }
    if (tail->len + bytes.len > 2 * TAIL_MAX) {
        strbuf_consume(tail, tail->len + bytes.len - TAIL_MAX);
    }
    strbuf_add(tail, bytes);
}

struct str tail_lines(const struct strbuf *tail, size_t count)
{
    struct str text = str_trim(strbuf_str(tail));
    size_t from = text.len;

    while (from > 0 && count > 0) {
        size_t at = str_rfind(str_sub(text, 0, from), '\n');

        count--;
        if (at == STR_NONE) {
            return text;
        }
        if (count == 0) {
            return str_skip(text, at + 1);
        }
        from = at;
    }
    return text;
}
