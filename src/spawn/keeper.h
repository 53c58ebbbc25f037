/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SPAWN_KEEPER_H
#define ORBITON_SPAWN_KEEPER_H

/*
 * What spawn.c and keeper.c agree on. Any byte on the control socket asks the
 * keeper to end the group; its end orders it to do so at once. The keeper
 * answers with one int in the form of spawn's on_exit status.
 */

#define KEEPER_NAME "orbiton-keeper" /* argv[0] */

enum {
    KEEPER_FD = 3,
    KEEPER_GRACE_NS = 500 * 1000 * 1000, /* from SIGTERM to SIGKILL */
};

#endif
