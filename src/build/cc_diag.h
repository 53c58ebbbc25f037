/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BUILD_CC_DIAG_H
#define ORBITON_BUILD_CC_DIAG_H

/*
 * The text that compilers and linkers print, line by line, into diagnostics:
 *
 *     app.c:3:5: error: use of undeclared identifier 'x' [-Wcode]    gcc, clang, zig, swift
 *     app.go:3:5: undefined: x                                       go
 *     app.ts(3,5): error TS2304: Cannot find name 'x'.               tsc
 *     wasm-ld: error: app.o: undefined symbol: x                     linkers
 *
 * The source lines and notes below one become its frame. make's "Entering directory" is followed,
 * so that a path relative to it is understood. Lines that say nothing of this are skipped.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"

enum { CC_DIAG_FRAME_MAX = 8 * 1024, CC_DIAG_DIRS_MAX = 16 };

struct cc_diag {
    /* private */
    struct diag_list *list; /* borrowed */
    struct str root;        /* borrowed */
    struct arena arena;     /* what `current` points to; reset with each */
    struct diag current;
    bool has_current;
    bool wants_source; /* the next line is the source line of a head */
    struct strbuf frame;
    char *dirs[CC_DIAG_DIRS_MAX]; /* make's stack of folders; owned */
    size_t dir_count;
};

/* Diagnostics go to `list`; paths become relative to the absolute folder `root`. */
void cc_diag_init(struct cc_diag *cc, struct diag_list *list, struct str root);

void cc_diag_line(struct cc_diag *cc, struct str line);

/* Adds the last diagnostic and frees what it held. */
void cc_diag_finish(struct cc_diag *cc);

/* Adds `d` unless the list holds the same message for the same place already (a header that is
 * included often, a crate that is compiled twice). In a full list an error takes the place of a
 * warning, so that a failed build always has its reason. */
void diag_list_add_once(struct diag_list *list, const struct diag *d);

#endif
