/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TESTS_ORBIT_DUMP_H
#define ORBITON_TESTS_ORBIT_DUMP_H

/* The mode `orbit` of scan_dump: what the front end of the compiler makes of an .orbit file. */

#include "base/arena.h"
#include "base/strbuf.h"

void orbit_dump(struct str text, struct arena *a, struct strbuf *out);
void orbit_dump_scan(struct str text, struct arena *a);

#endif
