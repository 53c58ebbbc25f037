/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CLI_DEV_H
#define ORBITON_CLI_DEV_H

/* `orbiton dev`: reads the options and runs the server until it is told to stop. */

/* The arguments behind "dev". Returns the exit code. */
int dev_main(int argc, char **argv);

#endif
