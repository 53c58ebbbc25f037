/* SPDX-License-Identifier: MIT */
/* Out of memory ends the program with one line, whoever asked for the memory. */
#include "cli/memory.h"

#include "test.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"

/* The sanitizers' own answer to a request that is too large is to end the program. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void use_json(void)
{
    json_malloc_t give;
    json_free_t take;

    json_get_alloc_funcs(&give, &take);
    assert_non_null(give);
    take(give(100));
    take(give(0));
    (void)!give(PTRDIFF_MAX);
}

TEST(json_ends_the_program)
{
    struct strbuf said;
    int fds[2];
    int status;

    strbuf_init(&said, 100000);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();

    if (child == 0) {
        (void)dup2(fds[1], STDERR_FILENO);
        memory_use_everywhere();
        use_json();
        _exit(0);
    }
    sys_close(fds[1]);
    assert_int_equal(sys_read_all(fds[0], &said), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_true(str_ends(strbuf_str(&said), STR("orbiton: out of memory\n")));
    sys_close(fds[0]);
    strbuf_finish(&said);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(json_ends_the_program),
    };

    return RUN(cases);
}
