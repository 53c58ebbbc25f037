/* SPDX-License-Identifier: MIT */
/*
 * Thousands of random operations against a model: what the watcher handed over,
 * applied to the tree as it was, must give the tree as it is. Once with the
 * loop turning between the operations, and once with another process making them
 * at the same time. ORBITON_TEST_SEED takes other ones.
 */
#include "watch/watch.h"

#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/table.h"
#include "watch/watch_private.h"

enum { OPERATIONS = 3000, ROUND = 25, RACING = 3000, PATH_LEN = 200 };

struct known {
    UT_hash_handle hh;
    struct hash hash;
    bool seen;
    char path[PATH_LEN];
};

static char root[64];
static struct files *files;
static uv_loop_t loop;
static struct watch *watch;
static struct known *model;
static unsigned long long seed;
static int serial;

static unsigned roll(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static struct hash hash_file(const char *path)
{
    struct strbuf text;

    strbuf_init(&text, 1 << 20);
    (void)sys_read_file(str_from(path), &text); /* a file that is gone again hashes as empty */
    struct hash hash = hash_bytes(strbuf_str(&text));

    strbuf_finish(&text);
    return hash;
}

static void apply(void *ctx, const struct change_set *set)
{
    (void)ctx;
    for (size_t i = 0; i < set->count; i++) {
        const struct change *change = &set->entries[i];
        struct known *known;
        char path[PATH_LEN];

        (void)snprintf(path, sizeof(path), "%.*s", STR_FMT(change->path));
        HASH_FIND_STR(model, path, known);
        if (change->kind == CHANGE_DELETED) {
            assert_non_null(known);
            HASH_DEL(model, known);
            free(known);
        } else if (change->kind != CHANGE_SAME) {
            if (!known) {
                known = calloc(1, sizeof(*known));
                memcpy(known->path, path, sizeof(path));
                HASH_ADD_STR(model, path, known);
            }
            known->hash = hash_file(path);
        }
    }
}

static int compare_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    struct known *known;

    (void)ftw;
    path += strlen(root) + 1;
    if (type != FTW_F || !S_ISREG(st->st_mode) || watch_ignores(watch, str_from(path), false)) {
        return 0;
    }
    HASH_FIND_STR(model, path, known);
    if (!known) {
        fail_msg("'%s' was made and not announced", path);
    }
    if (!hash_eq(known->hash, hash_file(path))) {
        fail_msg("'%s' was changed and not announced", path);
    }
    known->seen = true;
    return 0;
}

static void on_sync(void *ctx)
{
    *(bool *)ctx = true;
    uv_stop(&loop); /* or this very turn would go on to wait for an event that never comes */
}

static void settle_and_compare(void)
{
    bool done = false;

    (void)alarm(100);
    watch_sync(watch, on_sync, &done);
    while (!done) {
        (void)uv_run(&loop, UV_RUN_ONCE);
    }
    for (struct known *k = model; k; k = k->hh.next) {
        k->seen = false;
    }
    (void)nftw(root, compare_one, 32, FTW_PHYS);
    for (struct known *k = model; k; k = k->hh.next) {
        if (!k->seen) {
            fail_msg("'%s' was deleted and not announced", k->path);
        }
    }
}

/* A folder three levels deep at most; "." for the root. */
static void roll_folder(char *ret)
{
    static const char *const names[] = { "a", "b", "c" };

    strcpy(ret, ".");
    for (unsigned depth = roll(4); depth > 0; depth--) {
        (void)strcat(ret, "/");
        (void)strcat(ret, names[roll(3)]);
    }
}

static void roll_file(char *ret)
{
    static const char *const names[] = { "f", "g", "h\n", "b", "i~" };

    roll_folder(ret);
    (void)strcat(ret, "/");
    (void)strcat(ret, names[roll(5)]);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void write_file(const char *path, int flags)
{
    char text[64];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

    /* sometimes the bytes that were there before */
    int len = snprintf(text, sizeof(text), "%d", roll(8) ? serial++ : serial);

    if (fd >= 0) {
        (void)!write(fd, text, (size_t)len);
        if (roll(4) == 0) {
            (void)!write(fd, text, (size_t)len);
        }
        sys_close(fd);
    }
}

/* Most of them fail now and then, for there is a folder, or none: that is as it may be. */
static void operate(void)
{
    char a[PATH_LEN];
    char b[PATH_LEN];

    switch (roll(12)) {
    case 0:
    case 1:
        roll_folder(a);
        (void)mkdir(a, 0755);
        break;
    case 2:
    case 3:
        roll_file(a);
        write_file(a, O_TRUNC);
        break;
    case 4:
        roll_file(a);
        write_file(a, O_APPEND);
        break;
    case 5:
        roll_file(a);
        (void)unlink(a);
        break;
    case 6:
        roll_file(a);
        roll_file(b);
        (void)rename(a, b);
        break;
    case 7:
        roll_folder(a);
        roll_folder(b);
        (void)rename(a, b);
        break;
    case 8:
        roll_folder(a);
        if (roll(2) && strcmp(a, ".") != 0) {
            (void)nftw(a, remove_one, 32, FTW_DEPTH | FTW_PHYS);
        }
        break;
    case 9: /* save by rename */
        roll_file(a);
        (void)snprintf(b, sizeof(b), "%.100s.tmp", a);
        write_file(b, O_TRUNC);
        (void)rename(b, a);
        break;
    case 10:
        roll_folder(a);
        (void)mkdir(a, 0755);
        (void)strcat(a, "/c");
        (void)mkdir(a, 0755);
        (void)strcat(a, "/f");
        write_file(a, O_TRUNC);
        break;
    case 11:
        roll_file(a);
        (void)truncate(a, (off_t)roll(3));
        break;
    default: break;
    }
}

static void begin(void)
{
    const char *given = getenv("ORBITON_TEST_SEED");

    seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("seed %llu\n", seed);
    (void)snprintf(root, sizeof(root), "/tmp/orbiton-model-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(files_create(str_from(root), &files), 0);
    assert_int_equal(uv_loop_init(&loop), 0);
    struct watch_options options = { .files = files, .on_changes = apply };

    assert_int_equal(watch_create(&loop, &options, &watch), 0);
}

static void end(void)
{
    struct watch_stats stats;

    watch_get_stats(watch, &stats);
    assert_int_equal(stats.polled_folders, 0); /* every folder kept or got its watch */
    watch_destroy(watch);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    files_destroy(files);
    while (model) {
        struct known *known = model;

        HASH_DEL(model, known);
        free(known);
    }
    assert_int_equal(chdir("/"), 0);
    (void)nftw(root, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

TEST(operations_between_turns_of_the_loop)
{
    begin();
    for (int i = 1; i <= OPERATIONS; i++) {
        operate();
        if (roll(3) == 0) {
            (void)uv_run(&loop, UV_RUN_NOWAIT);
        }
        if (i % ROUND == 0) {
            settle_and_compare();
        }
    }
    end();
}

static void on_child_gone(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    uv_close((uv_handle_t *)poll, NULL);
    *(bool *)poll->data = true;
}

TEST(another_process_at_the_same_time)
{
    int ends[2];
    bool gone = false;
    uv_poll_t poll = { .data = &gone };

    begin();
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < RACING; i++) {
            operate();
        }
        _exit(0);
    }
    sys_close(ends[1]);
    assert_int_equal(uv_poll_init(&loop, &poll, ends[0]), 0);
    assert_int_equal(uv_poll_start(&poll, UV_READABLE | UV_DISCONNECT, on_child_gone), 0);
    while (!gone) {
        (void)uv_run(&loop, UV_RUN_ONCE);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    settle_and_compare();
    sys_close(ends[0]);
    end();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(operations_between_turns_of_the_loop),
        CASE(another_process_at_the_same_time),
    };

    return RUN(cases);
}
