/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_DESCRIPTOR_H
#define ORBITON_ORBIT_DESCRIPTOR_H

/*
 * The template as the browser runtime reads it: one JSON object, whose grammar stands in
 * docs/orbit-format.md. The same template and the same table give the same bytes, so that the text
 * can be compared by its hash.
 */

#include <stdbool.h>

#include "base/strbuf.h"
#include "orbit/slots.h"
#include "orbit/template.h"

enum { ORBIT_DESCRIPTOR_MAX = 16 << 20 }; /* bytes; give the builder this limit */

/* Appends the descriptor of a template that was numbered with (or matched against) `table`. Numbers
 * that are unknown are written as -1. Check out->overflow. */
void orbit_descriptor_write(
        const struct orbit_template *t, const struct orbit_table *table, struct strbuf *out);

#endif
