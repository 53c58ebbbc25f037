/* SPDX-License-Identifier: MIT */
#include "term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "test.h"

/* A term that writes into memory, at a fixed time. */
static uv_loop_t loop;
static struct term_options options;
static struct term *term;
static struct strbuf text;

static uint64_t get_wall_ns(void)
{
    return (uint64_t)(10 * 3600 + 49 * 60 + 34) * 1000000000U;
}

static int begin(void **state)
{
    (void)state;
    (void)setenv("TZ", "UTC", 1);
    strbuf_init(&text, 16 * 1024 * 1024);
    options = (struct term_options){ .in_fd = -1, .get_wall_ns = get_wall_ns };
    options.out_fd = memfd_create("out", MFD_CLOEXEC);
    return uv_loop_init(&loop);
}

static void start(void)
{
    term = term_create(&loop, &options);
}

/* What was written until now. */
static struct str written(void)
{
    strbuf_reset(&text);
    assert_int_equal(lseek(options.out_fd, 0, SEEK_SET), 0);
    assert_int_equal(sys_read_all(options.out_fd, &text), 0);
    return strbuf_str(&text);
}

static void restart(void)
{
    term_destroy(term);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(ftruncate(options.out_fd, 0), 0);
    assert_int_equal(lseek(options.out_fd, 0, SEEK_SET), 0);
    start();
}

static int end(void **state)
{
    (void)state;
    term_destroy(term);
    term = NULL;
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    strbuf_finish(&text);
    (void)close(options.out_fd);
    return uv_loop_close(&loop);
}

static struct term_line hot(void)
{
    return (struct term_line){ .verb = "hot",
        .what = STR("src/components/counter.orbit (style)"),
        .pages = 1,
        .ms = 11.2,
        .times = { 1, -1, 0, 3, 7 } };
}

TEST(the_banner_has_the_known_form)
{
    const struct str notes[] = { STR_INIT("8000 is in use, using 8001") };

    start();
    term_banner(term, &(struct term_banner){ .version = STR("0.1.0"),
                              .felt_ms = 9.3,
                              .url = STR("http://localhost:8001/"),
                              .port = 8001,
                              .notes = notes,
                              .note_count = 1,
                              .build = STR("cargo 1.63") });

    assert_str(written(), STR("\n  ORBITON 0.1.0  ready in 9 ms\n\n"
                              "  ->  Local:    http://localhost:8001/\n"
                              "  ->  Network:  use --host to expose\n"
                              "  ->  Build:    cargo 1.63\n"
                              "  8000 is in use, using 8001\n\n"));
}

TEST(network_addresses_are_listed)
{
    const struct str network[] = { STR_INIT("http://10.0.0.1:8000/"),
        STR_INIT("http://10.0.0.2:8000/") };

    start();
    term_banner(term, &(struct term_banner){ .version = STR("1"),
                              .felt_ms = -1,
                              .url = STR("http://localhost:8000/"),
                              .network = network,
                              .network_count = 2 });

    assert_str(written(), STR("\n  ORBITON 1\n\n"
                              "  ->  Local:    http://localhost:8000/\n"
                              "  ->  Network:  http://10.0.0.1:8000/\n"
                              "  ->  Network:  http://10.0.0.2:8000/\n\n"));
    restart();
    options.quiet = true;
    restart();
    term_banner(
            term, &(struct term_banner){ .version = STR("1"), .url = STR("http://localhost/") });
    assert_str(written(), STR("  ->  Local:    http://localhost/\n"));
}

TEST(why_lines_are_aligned)
{
    struct term_line line = hot();

    start();
    term_line(term, &line);
    term_line(term, &(struct term_line){ .verb = "reload",
                            .what = STR("src/b.js"),
                            .why = STR("not accepted: src/b.js > src/a.js"),
                            .pages = -1,
                            .ms = -1,
                            .times = TERM_TIMES_NONE });
    term_line(term, &(struct term_line){ .verb = "build",
                            .what = STR("app"),
                            .pages = 2,
                            .ms = 12345,
                            .times = { -1, 12345, -1, -1, -1 } });

    assert_str(written(),
            STR("10:49:34  hot     src/components/counter.orbit (style)          1 page    "
                "11 ms  watch 1 send 0 apply 3 paint 7\n"
                "10:49:34  reload  src/b.js   not accepted: src/b.js > src/a.js\n"
                "10:49:34  build   app                                           2 pages  "
                "12.3 s  build 12.3 s\n"));
}

TEST(names_cannot_move_the_cursor)
{
    struct diag_list list = { 0 };

    start();
    term_line(term, &(struct term_line){ .verb = "hot",
                            .what = STR("a\033[2J\r\nb"),
                            .why = STR("c\007"),
                            .pages = -1,
                            .ms = -1,
                            .times = TERM_TIMES_NONE });
    diag_list_add(&list, &(struct diag){ .path = STR("p\033"),
                                 .text = STR("t\033\nsecond\r"),
                                 .code = STR("\033"),
                                 .hint = STR("h\x9b"),
                                 .frame = STR("f\033\n") });
    term_diags(term, &list);
    term_notef(term, "n%s", "\033");
    term_errorf(term, "e%s", "\033");
    term_text(term, STR("x\033"));
    term_why(term);
    diag_list_finish(&list);

    struct str all = written();

    assert_true(all.len > 0);
    for (size_t i = 0; i < all.len; i++) {
        assert_true(all.ptr[i] == '\n' || (unsigned char)all.ptr[i] >= 0x20);
    }
}

static void repeat(unsigned count)
{
    struct term_line line = hot();

    for (unsigned i = 0; i < count; i++) {
        term_line(term, &line);
    }
}

static size_t count_of(struct str s, const char *needle)
{
    size_t count = 0;

    for (;;) {
        size_t at = str_find_str(s, str_from(needle));

        if (at == STR_NONE) {
            return count;
        }
        count++;
        s = str_skip(s, at + 1);
    }
}

TEST(repeated_lines_are_folded_on_a_terminal_only)
{
    struct term_line line = {
        .verb = "same", .what = STR("a.css"), .pages = -1, .ms = -1, .times = TERM_TIMES_NONE
    };

    start();
    repeat(3);
    assert_int_equal(count_of(written(), "\n"), 3);
    assert_int_equal(count_of(written(), "\033"), 0);

    options.tty = true;
    restart();
    term_line(term, &line);
    term_line(term, &line);
    term_notef(term, "between");
    term_line(term, &line);
    term_line(term, &line);
    term_line(term, &line);
    assert_str(written(), STR("10:49:34  same    a.css\n"
                              "\033[1A\r\033[2K10:49:34  same    a.css  (x2)\n"
                              "10:49:34  note    between\n"
                              "10:49:34  same    a.css\n"
                              "\033[1A\r\033[2K10:49:34  same    a.css  (x2)\n"
                              "\033[1A\r\033[2K10:49:34  same    a.css  (x3)\n"));
}

TEST(a_line_longer_than_the_terminal_is_not_folded)
{
    options.tty = true;
    start();
    repeat(2); /* longer than the 80 columns that are assumed where none are known */

    assert_int_equal(count_of(written(), "\033"), 0);
    assert_int_equal(count_of(written(), "(x2)"), 1);
    /* The next one is short enough, but the one above it still takes two rows. */
    struct term_line line = hot();

    line.pages = -1;
    line.ms = -1;
    line.times = TERM_TIMES_NONE;
    term_line(term, &line);
    assert_int_equal(count_of(written(), "\033"), 0);
    term_line(term, &line);
    assert_int_equal(count_of(written(), "\033[1A"), 1);
}

TEST(colors_end_where_they_began)
{
    options.color = true;
    start();
    repeat(1);

    struct str all = written();
    size_t resets = count_of(all, "\033[0m");

    assert_true(count_of(all, "\033[32mhot\033[0m") == 1);
    assert_true(resets > 0);
    assert_int_equal(count_of(all, "\033["), 2 * resets);
}

static void add_errors(struct diag_list *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        diag_list_add(list, &(struct diag){ .severity = i % 2 ? DIAG_WARNING : DIAG_ERROR,
                                    .path = STR("src/lib.rs"),
                                    .line = 3,
                                    .col = 5,
                                    .code = STR("E0308"),
                                    .text = STR("mismatched types\nmore"),
                                    .hint = STR("use a u32"),
                                    .frame = STR("> 3 | x\n") });
    }
}

TEST(diagnostics_have_place_frame_and_hint)
{
    struct diag_list list = { 0 };

    start();
    add_errors(&list, 1);
    term_diags(term, &list);

    assert_str(written(), STR("error[E0308] src/lib.rs:3:5 mismatched types\n"
                              "  more\n"
                              "  > 3 | x\n"
                              "  = use a u32\n"));
    diag_list_finish(&list);
}

TEST(ten_diagnostics_are_shown_and_the_rest_counted)
{
    struct diag_list list = { 0 };

    start();
    add_errors(&list, 120);
    term_diags(term, &list);
    assert_int_equal(count_of(written(), "[E0308]"), 10);
    assert_int_equal(count_of(written(), "and 110 more\n"), 1);

    options.quiet = true;
    restart();
    term_diags(term, &list);
    assert_int_equal(count_of(written(), "warning"), 0);

    options.quiet = false;
    options.verbose = true;
    restart();
    term_diags(term, &list);
    assert_int_equal(count_of(written(), "[E0308]"), 100);
    diag_list_finish(&list);
}

TEST(quiet_leaves_errors)
{
    options.quiet = true;
    start();
    repeat(1);
    term_notef(term, "not shown");
    term_verbosef(term, "not shown");
    term_errorf(term, "port %d is in use", 8000);
    term_line(term, &(struct term_line){ .verb = "throw",
                            .what = STR("src/a.ts:3:7"),
                            .why = STR("Error: no"),
                            .pages = -1,
                            .ms = -1,
                            .times = TERM_TIMES_NONE });

    assert_str(written(), STR("10:49:34  error   port 8000 is in use\n"
                              "10:49:34  throw   src/a.ts:3:7   Error: no\n"));
}

TEST(json_is_one_object_a_line)
{
    const struct str network[] = { STR_INIT("http://10.0.0.1:8000/") };
    struct diag_list list = { 0 };
    struct term_line line = hot();

    options.json = true;
    options.color = true;
    options.tty = true;
    options.quiet = true;
    start();
    term_banner(term, &(struct term_banner){ .version = STR("0.1.0"),
                              .felt_ms = 9.25,
                              .url = STR("http://localhost:8000/"),
                              .port = 8000,
                              .network = network,
                              .network_count = 1 });
    line.why = STR("a\"b\n");
    term_line(term, &line);
    add_errors(&list, 1);
    term_diags(term, &list);
    term_notef(term, "hello %d", 1);
    term_errorf(term, "bad");
    term_json(term, STR("{\"event\":\"own\"}"));
    term_help(term);
    term_urls(term);
    term_why(term);
    diag_list_finish(&list);

    assert_str(written(),
            STR("{\"event\":\"ready\",\"version\":\"0.1.0\",\"ms\":9.250,\"url\":\"http://"
                "localhost:8000/\",\"port\":8000,\"network\":[\"http://10.0.0.1:8000/\"],"
                "\"build\":\"\"}\n"
                "{\"event\":\"update\",\"verb\":\"hot\",\"what\":\"src/components/counter.orbit "
                "(style)\",\"why\":\"a\\\"b\\n\",\"pages\":1,\"ms\":11.200,\"timing\":{\"watch\":"
                "1.000,\"send\":0.000,\"apply\":3.000,\"paint\":7.000}}\n"
                "{\"event\":\"diagnostics\",\"diagnostics\":[{\"severity\":\"error\",\"path\":"
                "\"src/lib.rs\",\"line\":3,\"col\":5,\"end_line\":0,\"end_col\":0,\"code\":"
                "\"E0308\",\"text\":\"mismatched types\\nmore\",\"hint\":\"use a u32\",\"frame\":"
                "\"> 3 | x\\n\"}],\"dropped\":0}\n"
                "{\"event\":\"note\",\"text\":\"hello 1\"}\n"
                "{\"event\":\"error\",\"text\":\"bad\"}\n"
                "{\"event\":\"own\"}\n"));
}

TEST(large_diagnostics_stay_one_whole_object)
{
    static char big[DIAG_TEXT_MAX];
    struct diag_list list = { 0 };

    memset(big, '\001', sizeof(big));
    options.json = true;
    start();
    for (int i = 0; i < DIAG_MAX; i++) {
        diag_list_add(&list,
                &(struct diag){ .text = { big, sizeof(big) }, .frame = { big, sizeof(big) } });
    }
    term_diags(term, &list);
    struct str all = written();

    assert_true(all.len < TERM_UNSENT_MAX);
    assert_int_equal(count_of(all, "\n"), 1);
    assert_true(str_starts(all, STR("{\"event\":\"diagnostics\"")));
    assert_true(str_find_str(all, STR("\"dropped\":")) != STR_NONE);

    options.json = false;
    restart();
    term_diags(term, &list);
    assert_true(count_of(written(), "more\n") == 1);
    diag_list_finish(&list);
}

TEST(why_repeats_the_last_reasons)
{
    start();
    term_why(term);
    assert_str(written(), STR("  nothing has been updated yet\n"));
    restart();
    options.quiet = true;
    restart();
    for (char c = 'a'; c < 'h'; c++) {
        term_line(term, &(struct term_line){ .verb = "reload",
                                .what = { &c, 1 },
                                .why = STR("because"),
                                .pages = -1,
                                .ms = -1,
                                .times = TERM_TIMES_NONE });
    }
    term_why(term);
    struct str all = written();

    assert_int_equal(count_of(all, "because"), TERM_WHY_KEPT);
    assert_true(str_starts(all, STR("  reload  c\n          because\n  reload  d\n")));
}

TEST(odd_numbers_are_not_shown)
{
    struct term_line line = hot();

    line.ms = 0.0 / (line.pages - 1.0);
    line.times.watch = 1 / (line.pages - 1.0);
    options.json = true;
    start();
    term_line(term, &line);

    assert_int_equal(count_of(written(), "nan"), 0);
    assert_int_equal(count_of(written(), "inf"), 0);
}

TEST(a_reader_that_is_gone_ends_nothing)
{
    int fds[2];
    int memory = options.out_fd;

    term_mark_start();
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    options.out_fd = fds[1];
    start();
    (void)close(fds[0]);
    repeat(10);
    term_destroy(term);
    term = NULL;
    (void)close(fds[1]);
    options.out_fd = memory;
}

static void on_wake(uv_timer_t *timer)
{
    (void)uv_timer_stop(timer);
}

TEST(a_slow_reader_neither_blocks_nor_loses_the_count)
{
    int fds[2];
    int memory = options.out_fd;
    char chunk[65536];
    struct strbuf all;

    options.json = true;
    strbuf_init(&all, 16 * 1024 * 1024);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    options.out_fd = fds[1];
    start();
    repeat(10000);   /* more than the pipe and the queue hold */
    uv_timer_t wake; /* keeps the loop alive; term's own timer does not */

    (void)uv_timer_init(&loop, &wake);
    (void)uv_timer_start(&wake, on_wake, 10, 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    for (int i = 0; i < 10000 && count_of(strbuf_str(&all), "dropped") == 0; i++) {
        ssize_t n = read(fds[0], chunk, sizeof(chunk));

        if (n > 0) {
            strbuf_add(&all, (struct str){ chunk, (size_t)n });
            continue;
        }
        (void)uv_timer_start(&wake, on_wake, 10, 0);
        (void)uv_run(&loop, UV_RUN_ONCE);
    }
    size_t at = str_find_str(strbuf_str(&all), STR("{\"event\":\"dropped\",\"count\":"));

    assert_true(at != STR_NONE);
    size_t dropped = (size_t)atol(all.ptr + at + 27);

    assert_int_equal(count_of(strbuf_str(&all), "\"update\"") + dropped, 10000);
    term_destroy(term);
    term = NULL;
    uv_close((uv_handle_t *)&wake, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)close(fds[0]);
    (void)close(fds[1]);
    strbuf_finish(&all);
    options.out_fd = memory;
}

TEST(felt_time_begins_before_main)
{
    assert_true(term_felt_ms() >= 0);
    term_mark_start();
    assert_true(term_felt_ms() > 0);
}

#define ON_TERM(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        ON_TERM(the_banner_has_the_known_form),
        ON_TERM(network_addresses_are_listed),
        ON_TERM(why_lines_are_aligned),
        ON_TERM(names_cannot_move_the_cursor),
        ON_TERM(repeated_lines_are_folded_on_a_terminal_only),
        ON_TERM(a_line_longer_than_the_terminal_is_not_folded),
        ON_TERM(colors_end_where_they_began),
        ON_TERM(diagnostics_have_place_frame_and_hint),
        ON_TERM(ten_diagnostics_are_shown_and_the_rest_counted),
        ON_TERM(quiet_leaves_errors),
        ON_TERM(json_is_one_object_a_line),
        ON_TERM(large_diagnostics_stay_one_whole_object),
        ON_TERM(why_repeats_the_last_reasons),
        ON_TERM(odd_numbers_are_not_shown),
        ON_TERM(a_reader_that_is_gone_ends_nothing),
        ON_TERM(a_slow_reader_neither_blocks_nor_loses_the_count),
        CASE(felt_time_begins_before_main),
    };

    return RUN(cases);
}
