/* SPDX-License-Identifier: MIT */
/* Output cut into lines in bounded memory. */
#include "test.h"

#include "build/lines.h"

static void collect(void *ctx, struct str line)
{
    strbuf_add(ctx, line);
    strbuf_addc(ctx, '|');
}

TEST(lines_come_however_the_bytes_are_cut)
{
    struct str text = STR("one\ntwo\r\n\nfar too long a line\nend");

    for (size_t step = 1; step <= text.len; step++) {
        struct lines lines;
        struct strbuf found;

        lines_init(&lines, 8);
        strbuf_init(&found, 1000);
        for (size_t i = 0; i < text.len; i += step) {
            lines_feed(&lines, str_sub(text, i, i + step), collect, &found);
        }
        lines_end(&lines, collect, &found);
        assert_str(strbuf_str(&found), STR("one|two||end|"));
        assert_int_equal(lines.dropped, 1);
        strbuf_finish(&found);
        lines_finish(&lines);
    }
}

TEST(the_tail_is_the_end)
{
    struct strbuf tail;

    strbuf_init(&tail, 2 * TAIL_MAX);
    for (int i = 0; i < 100000; i++) {
        tail_add(&tail, STR("some line\n"));
    }
    tail_add(&tail, STR("a\nb\nc\n"));
    assert_true(tail.len <= 2 * TAIL_MAX);
    assert_false(tail.overflow);
    assert_str(tail_lines(&tail, 2), STR("b\nc"));
    strbuf_finish(&tail);

    strbuf_init(&tail, 2 * TAIL_MAX);
    assert_str(tail_lines(&tail, 2), STR(""));
    tail_add(&tail, STR("only"));
    assert_str(tail_lines(&tail, 2), STR("only"));
    strbuf_finish(&tail);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(lines_come_however_the_bytes_are_cut),
        CASE(the_tail_is_the_end),
    };

    return RUN(cases);
}
