/* SPDX-License-Identifier: MIT */
#include "wire/message.h"

#include <jansson.h>

#include "base/mem.h"
#include "test.h"

static void assert_json(const struct strbuf *b)
{
    json_t *parsed = json_loadb(b->ptr, b->len, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(parsed);
    json_decref(parsed);
}

TEST(a_transaction_is_one_json_object)
{
    struct strbuf b;
    const struct str modules[] = { STR_INIT("counter"), STR_INIT("b\"<\n.css") };
    const struct update updates[] = {
        { .type = UPDATE_CSS,
                .url = STR_INIT("/b%22.css"),
                .path = STR_INIT("b\"<\n.css"),
                .module = STR_INIT("b\"<\n.css"),
                .to = { .known = true, .exists = true, .hash = { 1, 2 } } },
        { .type = UPDATE_JS, .url = STR_INIT("/a.js"), .to = { .known = true } },
    };

    strbuf_init(&b, MESSAGE_TEXT_MAX);
    message_hmr(&b, 7, modules, 2, updates, 2, STR("why"),
            &(struct message_timing){ .watch = 0.5, .build = -1 }, NULL);
    assert_json(&b);
    assert_str(strbuf_str(&b),
            STR("{\"type\":\"hmr\",\"seq\":7,\"modules\":[\"counter\",\"b\\\"\\u003c\\n.css\"],"
                "\"updates\":[{\"type\":\"css\",\"url\":\"/b%22.css\",\"path\":\"b\\\"\\u003c\\n.css\","
                "\"module\":\"b\\\"\\u003c\\n.css\",\"hash\":\"00000000000000020000000000000001\"},"
                "{\"type\":\"js\",\"url\":\"/a.js\",\"path\":\"\",\"module\":\"\",\"hash\":\"\","
                "\"deleted\":true}],\"reason\":\"why\",\"timing\":{\"watch\":0.50}}"));
    strbuf_finish(&b);
}

TEST(a_transaction_of_modules_says_who_takes_what)
{
    struct strbuf b;
    struct str replaced[] = { STR_INIT("/b.js"), STR_INIT("/a.js") };
    struct plan_boundary boundary = { .by = STR_INIT("/app.js"), .accepted = STR_INIT("/a.js") };
    struct str refused = STR("/c.js");
    struct str chain[] = { STR_INIT("/c.js"), STR_INIT("/index.html") };
    const struct plan plan = { .replaced = replaced,
        .replaced_count = 2,
        .boundaries = &boundary,
        .boundary_count = 1,
        .refused = &refused,
        .refused_count = 1,
        .chain = chain,
        .chain_count = 2,
        .by_worker = true };
    const struct update update = { .type = UPDATE_CSS,
        .url = STR_INIT("/a.css"),
        .to = { .known = true },
        .has_text = true,
        .text = STR_INIT("a{}"),
        .has_base = true,
        .part = STR_INIT("style"),
        .arguments = STR_INIT("\"a.orbit\",0") };

    strbuf_init(&b, MESSAGE_TEXT_MAX);
    message_hmr(&b, 12, NULL, 0, &update, 1, STR(""), &(struct message_timing){ .build = -1 },
            &(struct message_js){ .stamp = 11, .seq = 12, .page = 3, .plan = &plan });
    assert_json(&b);
    assert_str(strbuf_str(&b),
            STR("{\"type\":\"hmr\",\"seq\":12,\"modules\":[],\"updates\":[{\"type\":\"css\","
                "\"url\":\"/a.css\",\"path\":\"\",\"module\":\"\",\"hash\":\"\",\"deleted\":true,"
                "\"text\":\"a{}\",\"base\":\"\",\"part\":\"style\",\"args\":[\"a.orbit\",0]}],\"js\":{\"stamp\":\"11\",\"replaced\":[\"/b.js\","
                "\"/a.js\"],\"boundaries\":[{\"by\":\"/app.js\",\"accepted\":\"/a.js\"}],"
                "\"refused\":[\"/c.js\"],\"chain\":[\"/c.js\",\"/index.html\"],\"worker\":true,"
                "\"pruned\":[],\"rollback\":\"12r3\"},\"reason\":\"\",\"timing\":{\"watch\":0.00}}"));
    strbuf_finish(&b);
}

TEST(what_modules_accept_and_which_instance_runs_is_read)
{
    struct arena a = { 0 };
    struct client_message m;

    assert_true(message_parse(&a,
            STR("{\"type\":\"register\",\"loaded\":{"
                "\"/a.js\":\"00000000000000020000000000000001@12r3\",\"/b.js\":\"missing@7\","
                "\"/c.js\":\"00000000000000020000000000000001@9007199254740992\","
                "\"/d.js\":\"@x\",\"/e.js\":\"pruned@9\"},\"failing\":true,\"complete\":true,"
                "\"hot\":{\"/a.js\":{\"self\":true,\"deps\":[\"/b.js\",7],\"exports\":[\"x\"]},"
                "\"/b.js\":5},\"edges\":{\"/a.js\":[\"/c.js\"],\"/b.js\":{}}}"),
            &m));
    assert_true(m.loaded[0].version.known);
    assert_true(stamp_eq(m.loaded[0].stamp, (struct stamp){ .seq = 12, .page = 3 }));
    assert_true(m.loaded[1].version.known && !m.loaded[1].version.exists);
    assert_int_equal(m.loaded[1].stamp.seq, 7);
    assert_int_equal(m.loaded[2].stamp.seq, 0);
    assert_int_equal(m.loaded[3].stamp.seq, 0);
    assert_true(m.loaded[4].pruned && !m.loaded[4].version.known && !m.loaded[0].pruned);
    assert_int_equal(m.loaded[4].stamp.seq, 9);
    assert_true(m.failing);
    assert_true(m.complete);
    assert_int_equal(m.hot_count, 2);
    assert_true(m.hot[0].self);
    assert_int_equal(m.hot[0].dep_count, 1);
    assert_str(m.hot[0].exports[0], STR("x"));
    assert_false(m.hot[1].self);
    assert_int_equal(m.edge_count, 2);
    assert_str(m.edges[0].targets[0], STR("/c.js"));
    assert_int_equal(m.edges[1].target_count, 0);
    assert_true(message_parse(&a,
            STR("{\"type\":\"invalidate\",\"url\":\"/a.js\",\"message\":\"no\",\"stamp\":\"12\"}"),
            &m));
    assert_int_equal(m.type, MESSAGE_INVALIDATE);
    assert_str(m.text, STR("no"));
    assert_int_equal(m.stamp.seq, 12);
    assert_true(message_parse(
            &a, STR("{\"type\":\"applied\",\"seq\":1,\"ok\":false,\"rolledBack\":true}"), &m));
    assert_true(m.rolled_back);
    arena_finish(&a);
}

TEST(every_message_is_valid_json)
{
    struct strbuf b;
    struct diag_list diags = { 0 };
    const struct str path = STR("src/\xff.rs");

    diag_list_add(&diags, &(struct diag){ .path = path,
                                  .line = 3,
                                  .col = 4,
                                  .end_line = 3,
                                  .end_col = 9,
                                  .code = STR("E0308"),
                                  .text = STR("mismatched"),
                                  .hint = STR("try"),
                                  .frame = STR("1 | x") });
    diag_list_addf(&diags, "no place");
    strbuf_init(&b, MESSAGE_TEXT_MAX);
    message_hello(&b, STR("e1"), 3, 9, &(struct message_config){ .badge = true },
            &(struct message_stamp){ .key = path, .seq = 4 }, 1);
    assert_json(&b);
    strbuf_reset(&b);
    message_hello(&b, STR("e1"), 3, 9, &(struct message_config){ .badge = true },
            &(struct message_stamp){ .key = STR("/a.js"), .seq = 4 }, 1);
    assert_str(strbuf_str(&b),
            STR("{\"type\":\"hello\",\"protocol\":1,\"epoch\":\"e1\",\"seq\":3,\"page\":9,"
                "\"stamps\":{\"/a.js\":4},\"config\":{\"hotOnly\":false,\"badge\":true,"
                "\"overlay\":false}}"));
    strbuf_reset(&b);
    message_config(&b, &(struct message_config){ .hot_only = true, .overlay = true });
    assert_str(strbuf_str(&b), STR("{\"type\":\"config\",\"config\":{\"hotOnly\":true,"
                                   "\"badge\":false,\"overlay\":true}}"));
    strbuf_reset(&b);
    message_file_change(&b, &path, 1, STR("modified"));
    assert_json(&b);
    strbuf_reset(&b);
    message_rebuild(&b, STR("failed"), 12, &diags);
    assert_json(&b);
    strbuf_reset(&b);
    message_reload(&b, 4, STR("key R"), true);
    assert_json(&b);
    strbuf_reset(&b);
    message_error(&b, &diags);
    assert_json(&b);
    strbuf_reset(&b);
    message_clear(&b);
    assert_json(&b);
    strbuf_reset(&b);
    message_versions(&b, &(struct update){ .url = STR_INIT("/a"), .to = { .known = true } }, 1);
    assert_json(&b);
    strbuf_finish(&b);
    diag_list_finish(&diags);
}

TEST(a_registration_is_read)
{
    struct arena a = { 0 };
    struct client_message m;

    assert_true(message_parse(&a,
            STR("{\"type\":\"register\",\"url\":\"/?x\",\"epoch\":\"e\",\"seq\":5,\"future\":{},"
                "\"loaded\":{\"/a.js\":\"00000000000000020000000000000001\",\"/b.js\":\"missing\","
                "\"/c.js\":\"\",\"/d.js\":7,"
                "\"/e.js\":\"00000000000000020000000000000001@12+~13\"}}"),
            &m));
    assert_int_equal(m.type, MESSAGE_REGISTER);
    assert_int_equal(m.seq, 5);
    assert_str(m.epoch, STR("e"));
    assert_str(m.url, STR("/?x"));
    assert_int_equal(m.loaded_count, 5);
    assert_true(m.loaded[0].version.known && m.loaded[0].version.exists);
    assert_int_equal(m.loaded[0].version.hash.high, 2);
    assert_true(m.loaded[1].version.known && !m.loaded[1].version.exists);
    assert_false(m.loaded[2].version.known);
    assert_false(m.loaded[3].version.known);
    assert_false(m.loaded[0].carried);
    assert_true(m.loaded[4].version.known && m.loaded[4].carried);
    assert_int_equal(m.loaded[4].stamp.seq, 12);
    assert_int_equal(m.loaded[4].seen, 13);
    assert_true(message_parse(&a, STR("{\"type\":\"texts\",\"ok\":false}"), &m));
    assert_int_equal(m.type, MESSAGE_TEXTS);
    assert_false(m.ok);
    arena_finish(&a);
}

TEST(an_acknowledgement_is_read)
{
    struct arena a = { 0 };
    struct client_message m;

    assert_true(message_parse(&a,
            STR("{\"type\":\"applied\",\"seq\":9,\"ok\":true,\"mode\":\"handler\","
                "\"ms\":{\"apply\":1.5,\"paint\":16}}"),
            &m));
    assert_int_equal(m.type, MESSAGE_APPLIED);
    assert_true(m.ok);
    assert_int_equal(m.mode, APPLIED_HANDLER);
    assert_true(m.apply_ms > 1.4 && m.apply_ms < 1.6);
    assert_true(m.paint_ms > 15.9 && m.paint_ms < 16.1);
    arena_finish(&a);
}

TEST(what_is_no_message_is_refused_and_unknown_types_are_kept_apart)
{
    struct arena a = { 0 };
    struct client_message m;
    const struct str bad[] = { STR_INIT(""), STR_INIT("{"), STR_INIT("[]"), STR_INIT("7"),
        STR_INIT("{\"type\":7}"), STR_INIT("{\"type\":\"a\",\"type\":\"b\"}"), STR_INIT("null") };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(message_parse(&a, bad[i], &m));
    }
    assert_true(message_parse(&a, STR("{\"type\":\"later\"}"), &m));
    assert_int_equal(m.type, MESSAGE_UNKNOWN);
    assert_true(message_parse(&a, STR("{\"type\":\"register\",\"loaded\":[],\"seq\":-1}"), &m));
    assert_int_equal(m.loaded_count, 0);
    arena_finish(&a);
}

TEST(stamps_that_do_not_fit_into_hello_follow_until_all_are_said)
{
    enum { MANY = 2500, LONG = 100 };
    static const struct message_config config = { .badge = true };
    struct message_stamp *stamps = mem_alloc(MANY, sizeof(*stamps));
    struct arena a = { 0 };
    struct strbuf b;
    size_t told;

    for (size_t i = 0; i < MANY; i++) {
        stamps[i] = (struct message_stamp){ arena_printf(&a, "/m%zu.js", i), i + 1 };
    }
    strbuf_init(&b, MESSAGE_TEXT_MAX);
    told = message_hello(&b, STR("e"), 1, 2, &config, stamps, MANY);
    assert_int_equal(told, MESSAGE_STAMPS_MAX);
    assert_true(str_find_str(strbuf_str(&b), STR("\"/m999.js\":1000}")) != STR_NONE);
    while (told < MANY) {
        strbuf_reset(&b);
        told += message_stamps(&b, stamps + told, MANY - told);
        assert_false(b.overflow);
    }
    assert_int_equal(told, MANY);
    assert_true(str_starts(
            strbuf_str(&b), STR("{\"type\":\"stamps\",\"stamps\":{\"/m2000.js\":2001,")));
    assert_true(str_ends(strbuf_str(&b), STR("\"/m2499.js\":2500}}")));

    /* the longest URLs there are, each byte of them escaped */
    char *url = mem_alloc(4096, 1);

    memset(url, 1, 4096);
    for (size_t i = 0; i < LONG; i++) {
        stamps[i].key = (struct str){ url, 4096 };
    }
    for (told = 0; told < LONG;) {
        size_t before = told;

        strbuf_reset(&b);
        told += message_stamps(&b, stamps + told, LONG - told);
        assert_true(told > before);
        assert_false(b.overflow);
    }
    free(url);
    free(stamps);
    strbuf_finish(&b);
    arena_finish(&a);
}

TEST(a_transaction_too_large_for_a_message_is_known_by_its_overflow)
{
    enum { MANY = 10000 };
    static const struct message_timing timing = { .watch = 1, .build = -1 };
    struct update *updates = mem_alloc(MANY, sizeof(*updates));
    struct str *modules = mem_alloc(MANY, sizeof(*modules));
    struct arena a = { 0 };
    struct strbuf b;

    strbuf_init(&b, MESSAGE_TEXT_MAX);
    for (int padding = 1; padding <= 100; padding += 99) {
        for (size_t i = 0; i < MANY; i++) {
            struct str url = arena_printf(&a, "/src/%0*zu.js", padding, i);

            modules[i] = str_skip(url, 1);
            updates[i] = (struct update){ .type = UPDATE_JS,
                .url = url,
                .path = modules[i],
                .module = modules[i],
                .to = { .known = true, .exists = true } };
        }
        strbuf_reset(&b);
        message_hmr(&b, 1, modules, MANY, updates, MANY, STR(""), &timing, NULL);
        assert_int_equal(b.overflow, padding > 1);
        assert_true(b.len <= MESSAGE_TEXT_MAX);
    }
    strbuf_reset(&b); /* what is sent instead */
    message_reload(&b, 1, STR("too many changes for one message"), false);
    assert_false(b.overflow);
    strbuf_finish(&b);
    free(modules);
    free(updates);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_transaction_is_one_json_object),
        CASE(a_transaction_of_modules_says_who_takes_what),
        CASE(what_modules_accept_and_which_instance_runs_is_read),
        CASE(every_message_is_valid_json),
        CASE(a_registration_is_read),
        CASE(an_acknowledgement_is_read),
        CASE(stamps_that_do_not_fit_into_hello_follow_until_all_are_said),
        CASE(a_transaction_too_large_for_a_message_is_known_by_its_overflow),
        CASE(what_is_no_message_is_refused_and_unknown_types_are_kept_apart),
    };

    return RUN(cases);
}
