/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_SOURCE_H
#define ORBITON_ORBIT_SOURCE_H

/*
 * The text that is compiled, and where its mistakes go. All spans of src/orbit are byte offsets
 * into this text, so that every message stands at its line and column without further ado.
 */

#include <stddef.h>

#include "base/diag.h"
#include "base/str.h"

struct orbit_source {
    struct str path; /* as messages name it; relative to the root */
    struct str text; /* borrowed: what is parsed points into it */
    struct diag_list *diags;
};

/* Reports an error at [start, end). `hint` says what was expected or what to do. Behind DIAG_MAX
 * messages more are only counted. */
void orbit_report(const struct orbit_source *source, size_t start, size_t end, struct str hint,
        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The line of an offset, from 1. */
unsigned orbit_source_line(const struct orbit_source *source, size_t offset);

#endif
