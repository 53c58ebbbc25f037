/* SPDX-License-Identifier: MIT */
/* Source maps of texts that are edited once more, with mappings that can be read by hand: A is 0, C 1,
 * D -1, E 2, G 3, I 4, and so on. */
#include "modules/source_map.h"

#include "test.h"

#include "base/vec.h"

static char *map_of(const char *mappings, const char *source)
{
    static char text[512];

    (void)snprintf(text, sizeof(text),
            "{\"version\":3,\"sources\":[\"whatever.ts\"],\"sourcesContent\":[\"%s\"],"
            "\"names\":[],\"mappings\":\"%s\"}",
            source, mappings);
    return text;
}

/* The mappings after the edits; "" if it was no map. */
static const char *edited(const char *mappings, const char *code, struct edit_list *edits)
{
    static char found[256];
    struct strbuf out;

    found[0] = '\0';
    strbuf_init(&out, 4096);
    if (source_map_edit(
                &out, str_from(map_of(mappings, "s")), STR("a.ts"), str_from(code), edits)) {
        struct str text = strbuf_str(&out);
        size_t at = str_find_str(text, STR("\"mappings\":\""));

        assert_true(str_find_str(text, STR("\"sources\":[\"a.ts\"]")) != STR_NONE);
        text = str_skip(text, at + sizeof("\"mappings\":\"") - 1);
        (void)snprintf(found, sizeof(found), "%.*s", (int)str_find(text, '"'), text.ptr);
    } else {
        assert_int_equal(out.len, 0);
    }
    strbuf_finish(&out);
    vec_finish(edits);
    return found;
}

TEST(what_stands_behind_an_edit_moves_with_it_and_no_line_does)
{
    struct edit_list edits = { 0 };

    assert_string_equal(edited("AAAA,OAAO;AACA", "a(\"x\");b\nc", &edits), "AAAA,OAAO;AACA");

    edit_add(&edits, 3, 4, STR("/long"));
    assert_string_equal(edited("AAAA,OAAO;AACA", "a(\"x\");b\nc", &edits), "AAAA,WAAO;AACA");

    edit_add(&edits, 0, 0, STR("pre;"));
    edit_add(&edits, 9, 10, STR("")); /* a whole line */
    assert_string_equal(edited("AAAA,OAAO;AACA", "a(\"x\");b\nc", &edits), "IAAA,OAAO;AACA");
}

TEST(columns_are_units_of_utf_16)
{
    struct edit_list edits = { 0 };

    /* a character of two units put in, one of one unit (three bytes) taken out */
    edit_add(&edits, 1, 1, STR("\xF0\x9F\x98\x80"));
    edit_add(&edits, 1, 4, STR(""));
    assert_string_equal(edited("AAAA,EAAE", "'\xE2\x82\xAC", &edits), "AAAA,GAAE");
}

TEST(an_edit_over_lines_moves_what_follows_on_its_last_line)
{
    struct edit_list edits = { 0 };

    edit_add(&edits, 0, 6, STR("O({\n\n})"));
    assert_string_equal(edited("AAAA;AACA;EAEE", "g(\n1\n);b", &edits), "AAAA;AACA;GAEE");
}

/* A bundle in one line, all of whose calls are edited: the test ends, in well under a second. */
TEST(many_edits_of_one_line_cost_no_more_than_on_many_lines)
{
    enum { CALLS = 300000 };
    struct edit_list edits = { 0 };
    struct strbuf code;
    struct strbuf map;
    struct strbuf out;

    strbuf_init(&code, 10000000);
    strbuf_init(&map, 10000000);
    strbuf_init(&out, 10000000);
    strbuf_add(&map, STR("{\"sources\":[\"a\"],\"mappings\":\"AAAA"));
    for (size_t i = 0; i < CALLS; i++) {
        strbuf_add(&code, STR("a;"));
        strbuf_add(&map, STR(",EAAE")); /* two columns on */
        edit_add(&edits, 2 * i, 2 * i + 1, STR("bc"));
    }
    strbuf_add(&map, STR("\"}"));
    assert_true(source_map_edit(&out, strbuf_str(&map), STR("a"), strbuf_str(&code), &edits));
    size_t at = str_find_str(strbuf_str(&out), STR("AAAA"));
    struct str mappings = str_skip(strbuf_str(&out), at + 4);

    for (size_t i = 0; i < CALLS; i++) { /* three now */
        assert_str(str_sub(mappings, 5 * i, 5 * i + 5), STR(",GAAE"));
    }
    strbuf_finish(&code);
    strbuf_finish(&map);
    strbuf_finish(&out);
    vec_finish(&edits);
}

TEST(what_is_no_map_is_none)
{
    static const char *const bad[] = { "!", "AAAAAA", "AA", "D", "AAAA,gggggggggggggA", "AADA" };
    struct edit_list none = { 0 };
    struct strbuf out;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_string_equal(edited(bad[i], "a", &none), "");
    }
    assert_string_equal(edited("", "a", &none), "");
    strbuf_init(&out, 100);
    assert_false(source_map_edit(&out, STR("{"), STR("a"), STR("a"), &none));
    assert_false(source_map_edit(&out, STR("[]"), STR("a"), STR("a"), &none));
    assert_false(source_map_edit(
            &out, STR("{\"mappings\":\"\",\"sources\":[]}"), STR("a"), STR("a"), &none));
    assert_int_equal(out.len, 0);
    strbuf_finish(&out);
}

TEST(a_place_in_the_code_leads_to_the_source)
{
    struct arena a = { 0 };
    struct source_map_found at;
    /* line 2 of the code: column 0 is line 3, column 1 of the source; column 4 is line 3, column 5 */
    char *map = map_of(";AAEC,IAAI", "\xC3\xA4\\n\\n \xE2\x82\xAC"
                                     "bcd");

    assert_true(source_map_find(str_from(map), STR("x\nabcdef"), 2, 6, &a, &at));
    assert_int_equal(at.line, 3);
    assert_int_equal(at.col, 6);
    assert_str(at.source, STR("whatever.ts"));
    assert_true(str_starts(at.text, STR("\xC3\xA4\n")));
    assert_true(source_map_find(str_from(map), STR("x\nabcdef"), 2, 2, &a, &at));
    assert_int_equal(at.col, 2);
    assert_false(source_map_find(str_from(map), STR("x\nabcdef"), 1, 1, &a, &at));
    assert_false(source_map_find(str_from(map), STR("x\nabcdef"), 9, 1, &a, &at));
    assert_false(source_map_find(STR(""), STR(""), 1, 1, &a, &at));
    arena_finish(&a);
}

/* The map's mappings, and a place by it as "source:line:col". */
static const char *mappings_of(struct str map)
{
    static char found[256];
    size_t at = str_find_str(map, STR("\"mappings\":\""));

    assert_true(at != STR_NONE);
    map = str_skip(map, at + sizeof("\"mappings\":\"") - 1);
    (void)snprintf(found, sizeof(found), "%.*s", (int)str_find(map, '"'), map.ptr);
    return found;
}

static const char *where(struct str map, const char *code, unsigned line, unsigned col)
{
    static char found[256];
    struct arena a = { 0 };
    struct source_map_found at;

    found[0] = '\0';
    if (source_map_find(map, str_from(code), line, col, &a, &at)) {
        (void)snprintf(found, sizeof(found), "%.*s:%u:%u", STR_FMT(at.source), at.line, at.col);
    }
    arena_finish(&a);
    return found;
}

static const char text[] = "one(x);\nput: { ($self.two), 3 }\nend";
static const struct source_map_source sources[] = {
    { STR_INIT("a.orbit"), STR_INIT("\xC3\xA4 two\none(x);") },
    { STR_INIT("b.js"), STR_INIT("3") },
};
static const struct source_map_piece pieces[] = {
    { .at = 0, .len = 7, .from = 7, .source = 0 },
    { .at = 22, .len = 3, .from = 3, .source = 0 },
    { .at = 28, .len = 1, .from = 0, .source = 1 },
};

TEST(each_word_of_a_piece_leads_to_its_source)
{
    struct strbuf map;

    strbuf_init(&map, 4096);
    source_map_write(&map, str_from(text), pieces, 3, sources, 2);
    assert_string_equal(where(strbuf_str(&map), text, 1, 1), "a.orbit:2:1");
    assert_string_equal(where(strbuf_str(&map), text, 1, 3), "a.orbit:2:1");
    assert_string_equal(where(strbuf_str(&map), text, 1, 5), "a.orbit:2:5");
    assert_string_equal(where(strbuf_str(&map), text, 2, 15), "a.orbit:1:3");
    assert_string_equal(where(strbuf_str(&map), text, 2, 21), "b.js:1:1");
    strbuf_finish(&map);
}

TEST(what_stands_before_a_piece_is_its_begin_and_other_text_has_no_place)
{
    struct strbuf map;

    strbuf_init(&map, 4096);
    source_map_write(&map, str_from(text), pieces, 3, sources, 2);
    assert_string_equal(where(strbuf_str(&map), text, 2, 9), "a.orbit:1:3");
    assert_string_equal(where(strbuf_str(&map), text, 2, 18), "b.js:1:1");
    assert_string_equal(where(strbuf_str(&map), text, 2, 23), "");
    assert_string_equal(where(strbuf_str(&map), text, 3, 1), "");
    strbuf_reset(&map);
    source_map_write(&map, str_from(text), NULL, 0, sources, 0);
    assert_string_equal(mappings_of(strbuf_str(&map)), "");
    strbuf_finish(&map);
}

TEST(a_map_of_what_was_made_of_pieces_leads_to_their_sources)
{
    struct strbuf inner;
    struct strbuf joined;
    /* made of line 2: column 0 is its column 20, 1 its column 22 (no piece), 2 line 1, column 4 */
    char *outer = map_of("AACoB,CAAE,CADlB", "");

    strbuf_init(&inner, 4096);
    strbuf_init(&joined, 4096);
    source_map_write(&inner, str_from(text), pieces, 3, sources, 2);
    assert_true(source_map_join(&joined, str_from(outer), strbuf_str(&inner)));
    assert_string_equal(where(strbuf_str(&joined), "abc", 1, 1), "b.js:1:1");
    assert_string_equal(where(strbuf_str(&joined), "abc", 1, 2), "");
    assert_string_equal(where(strbuf_str(&joined), "abc", 1, 3), "a.orbit:2:5");

    strbuf_reset(&joined);
    assert_false(source_map_join(&joined, str_from(outer), STR("{}")));
    assert_false(source_map_join(&joined, STR("["), strbuf_str(&inner)));
    assert_int_equal(joined.len, 0);
    strbuf_finish(&inner);
    strbuf_finish(&joined);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(what_stands_behind_an_edit_moves_with_it_and_no_line_does),
        CASE(columns_are_units_of_utf_16),
        CASE(an_edit_over_lines_moves_what_follows_on_its_last_line),
        CASE(many_edits_of_one_line_cost_no_more_than_on_many_lines),
        CASE(what_is_no_map_is_none),
        CASE(a_place_in_the_code_leads_to_the_source),
        CASE(each_word_of_a_piece_leads_to_its_source),
        CASE(what_stands_before_a_piece_is_its_begin_and_other_text_has_no_place),
        CASE(a_map_of_what_was_made_of_pieces_leads_to_their_sources),
    };

    return RUN(cases);
}
