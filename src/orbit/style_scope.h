/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_STYLE_SCOPE_H
#define ORBITON_ORBIT_STYLE_SCOPE_H

/*
 * Scoped styles: a sheet whose rules hold for the elements of one component
 * only, which carry an attribute. It is the caller's business to leave
 * `global` styles alone.
 *
 *   .a .b                .a .b[x]             the last compound of each selector
 *   .a:hover::before     .a[x]:hover::before  before its pseudo-classes and -elements
 *   :hover  :not(.a)     [x]:hover  [x]:not(.a)
 *   :is(.a, .b)          :is(.a[x], .b[x])    and :where(), where nothing stands before them;
 *   .a:is(.b)            .a[x]:is(.b)         else they are as other pseudo-classes
 *   .a :deep(.b) .c      .a[x] .b .c          from :deep() on, anything below .a
 *   :deep(.b, .c)        [x] :is(.b, .c)
 *   :global(.a) .b       .a .b[x]             the last compound that is not global
 *   .a :global(.b)       .a[x] .b
 *   .a { c: d; .b {} }   .a { &[x]{c: d;} .b[x] {} }   as ".a .b", whose .a may be of a parent
 *   .a { :deep(.b) {} }  .a { &[x] .b {} }
 *   @keyframes f         @keyframes f-x       and f in animation and animation-name
 *
 * Rules in @media, @supports, @layer, @container, @scope, @starting-style are scoped; all other
 * at-rules (@font-face, @page, @property) stay as they are, and so do animation names in custom
 * properties. Lines and comments stay where they are: text is inserted, and the words ":deep(" and
 * ":global(" with their ")" are taken out. What is no CSS stays unchanged, with a warning whose
 * line and column are those of `css`.
 */

#include "base/diag.h"
#include "base/str.h"
#include "base/strbuf.h"

enum {
    ORBIT_STYLE_MAX = 1024 * 1024,    /* bytes; a longer sheet stays unchanged */
    ORBIT_STYLE_NEST_MAX = 64,        /* rules in rules; deeper ones stay unchanged */
    ORBIT_STYLE_ANIMATIONS_MAX = 256, /* names of @keyframes; those above keep their name */
};

/*
 * Appends `css` to `out`, scoped by the attribute of this name ("data-o-1f2e"); animations get the
 * name as a suffix, without "data-". `diags` may be NULL.
 */
void orbit_style_scope(
        struct strbuf *out, struct str css, struct str attribute, struct diag_list *diags);

#endif
