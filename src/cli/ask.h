/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_ASK_H
#define ORBITON_CLI_ASK_H

/* The commands that ask a running server: each finds it by the folder, and prints what it says. */

/* `orbiton why [-n N] [--dir D] [--json]`: the last saves, what came of them, and why. */
int ask_why_main(int argc, char **argv);

/* `orbiton explain FILE [--dir D] [--json]`: what a save of the file would do. */
int ask_explain_main(int argc, char **argv);

#endif
