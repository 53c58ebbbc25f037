/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_ARGS_H
#define ORBITON_CLI_ARGS_H

/* The first word of the command line: which command it is, or what to print instead. Pure. */

#include "base/strbuf.h"

enum args_command {
    ARGS_DEV, /* run it with the arguments behind the word */
    ARGS_NEW,
    ARGS_WHY,
    ARGS_EXPLAIN,
    ARGS_DEV_HELP, /* "help dev": run it with --help */
    ARGS_NEW_HELP,
    ARGS_WHY_HELP,
    ARGS_EXPLAIN_HELP,
    ARGS_DONE,  /* printed to `out`; exit 0 */
    ARGS_WRONG, /* printed to `err`; exit 2 */
};

/* `argc` and `argv` as main() got them. */
enum args_command args_read(int argc, char **argv, struct strbuf *out, struct strbuf *err);

#endif
