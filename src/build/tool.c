/* SPDX-License-Identifier: MIT */
/* See tool.h. */
#include "build/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "build/lines.h"

enum { FRAME_LINES = 24 };

struct str tool_getenv(const struct build_options *options, const char *name)
{
    size_t len = strlen(name);
    struct str value = str_from(getenv(name));

    for (size_t i = 0; options->env && options->env[i]; i++) {
        if (strncmp(options->env[i], name, len) == 0 && options->env[i][len] == '=') {
            value = str_from(options->env[i] + len + 1);
        }
    }
    return value;
}

struct str tool_describe_status(struct arena *a, int status)
{
    if (status < 0) {
        return arena_printf(a, "could not be started: %.*s", STR_FMT(sys_error(status)));
    }
    if (status > 128 && status < 128 + NSIG) {
        return arena_printf(
                a, "was ended by signal %d (%s)", status - 128, strsignal(status - 128));
    }
    return arena_printf(a, "exited with status %d", status);
}

void tool_add_failure(
        struct diag_list *diags, struct str program, int status, const struct strbuf *tail)
{
    struct arena arena = { 0 };

    diag_list_add(diags, &(struct diag){
                                 .severity = DIAG_ERROR,
                                 .text = arena_printf(&arena, "%.*s %.*s", STR_FMT(program),
                                         STR_FMT(tool_describe_status(&arena, status))),
                                 .frame = tail_lines(tail, FRAME_LINES),
                         });
    arena_finish(&arena);
}
