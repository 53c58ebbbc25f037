/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_MODULE_SYNTAX_H
#define ORBITON_RESOLVE_MODULE_SYNTAX_H

/*
 * Whether a source in a package is an ES module by what it says: an import or
 * export statement, or import.meta. Only for files whose package does not tell;
 * the full scanner of sources is elsewhere. Pure.
 */

#include <stdbool.h>

#include "base/str.h"

bool module_syntax_is_module(struct str text);

#endif
