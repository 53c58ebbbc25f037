/* SPDX-License-Identifier: MIT */
/* The program: a command line becomes a command. */
#include <unistd.h>

#include "base/strbuf.h"
#include "base/sys.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/dev.h"
#include "cli/memory.h"
#include "cli/new.h"
#include "spawn/spawn.h"
#include "term/term.h"

enum { TEXT_MAX = 64 * 1024 };

int main(int argc, char **argv)
{
    static char help[] = "--help";
    struct strbuf out;
    struct strbuf err;

    term_mark_start();
    spawn_keeper_main(argc, argv);
    memory_use_everywhere();
    strbuf_init(&out, TEXT_MAX);
    strbuf_init(&err, TEXT_MAX);
    enum args_command command = args_read(argc, argv, &out, &err);

    (void)sys_write_all(STDOUT_FILENO, strbuf_str(&out)); /* nobody is left to tell */
    (void)sys_write_all(STDERR_FILENO, strbuf_str(&err));
    strbuf_finish(&out);
    strbuf_finish(&err);
    switch (command) {
    case ARGS_DEV: return dev_main(argc - 2, argv + 2);
    case ARGS_NEW: return new_main(argc - 2, argv + 2);
    case ARGS_WHY: return ask_why_main(argc - 2, argv + 2);
    case ARGS_EXPLAIN: return ask_explain_main(argc - 2, argv + 2);
    case ARGS_DEV_HELP: return dev_main(1, (char *[]){ help, NULL });
    case ARGS_NEW_HELP: return new_main(1, (char *[]){ help, NULL });
    case ARGS_WHY_HELP: return ask_why_main(1, (char *[]){ help, NULL });
    case ARGS_EXPLAIN_HELP: return ask_explain_main(1, (char *[]){ help, NULL });
    case ARGS_DONE: return 0;
    case ARGS_WRONG: break;
    }
    return 2;
}
