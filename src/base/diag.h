/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_DIAG_H
#define ORBITON_BASE_DIAG_H

/*
 * Diagnostics: messages for people about their own files, as data. The
 * terminal, the overlay, --json and the tests all show the same list.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum diag_severity {
    DIAG_ERROR,
    DIAG_WARNING,
    DIAG_NOTE,
};

struct diag {
    enum diag_severity severity;
    struct str path;   /* relative to the root; empty when the message has no place */
    unsigned line;     /* from 1; 0 when unknown */
    unsigned col;      /* from 1, in characters; 0 when unknown */
    unsigned end_line; /* of the marked range; 0 when unknown */
    unsigned end_col;  /* one past the last character; 0 when unknown */
    struct str code;   /* the tool's own code ("E0308"); may be empty */
    struct str text;   /* what failed, without place and severity */
    struct str hint;   /* what to do; may be empty */
    struct str frame; /* source lines around the place, or the tool's own rendering; may be empty */
};

/* A list that owns its texts. A zeroed list is an empty one. */
struct diag_list {
    struct arena arena;
    struct diag *items;
    size_t count;
    size_t cap;
    size_t dropped; /* how many more there were than DIAG_MAX */
};

enum { DIAG_MAX = 100, DIAG_TEXT_MAX = 16 * 1024 };

/* Appends a copy of `d` and of its texts (each cut at DIAG_TEXT_MAX bytes). */
void diag_list_add(struct diag_list *list, const struct diag *d);

/* Appends an error without a place. */
void diag_list_addf(struct diag_list *list, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The number of errors (not warnings or notes). */
size_t diag_list_errors(const struct diag_list *list);

void diag_list_reset(struct diag_list *list);
void diag_list_finish(struct diag_list *list);

/* "error", "warning", "note". */
struct str diag_severity_name(enum diag_severity severity);

/* Line and column (both from 1; the column in UTF-8 characters) of a byte offset. */
void diag_place(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_col);

/* A code frame in `a`: the line with its number, two before, one after, a caret under the column. */
struct str diag_frame(struct arena *a, struct str text, unsigned line, unsigned col);

#endif
