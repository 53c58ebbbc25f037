/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_NEW_H
#define ORBITON_CLI_NEW_H

/*
 * `orbiton new NAME [--template T]`: a project that `orbiton dev` runs at once. Everything comes out
 * of the program, nothing from the network. An existing folder is taken only if it is empty.
 */
int new_main(int argc, char **argv);

#endif
