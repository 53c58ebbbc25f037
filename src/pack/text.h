/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_PACK_TEXT_H
#define ORBITON_PACK_TEXT_H

/*
 * The texts around a pack, from its list alone.
 *
 *     the bundler's input     export { a as __TAG_a, default as __TAG_default } from "/root/node_modules/p/a.js";
 *     served for p/a.js       export { __TAG_a as a, __TAG_default as default } from "/node_modules/p/index.js?pack";
 *
 * TAG is 16 hexadecimal digits of the hash of the file's path.
 */

#include "base/strbuf.h"
#include "pack/walk.h"

/* What the bundler is given: all files of the list, the entry first, and all that they export. `root` is
 * the absolute path that the files' paths begin from. */
void pack_add_input(struct strbuf *out, const struct pack_list *list, struct str root);

/* What a file of a pack is served as; `url` is that of the pack. */
void pack_add_facade(struct strbuf *out, const struct pack_list *list, size_t file, struct str url);

/* Appends what the bundler made. It names files that stay outside by their way from the folder of its
 * output, `folder` (from the root); they become URLs. False if that is not possible. */
bool pack_add_output(struct strbuf *out, struct str code, struct str folder);

/*
 * Whether the bundler, by the JSON that it wrote of what it did, took exactly the files of the list, and
 * `input` beside them. If not, *ret_odd is one that it took or did not take, in `a`; empty: it says nothing
 * that could be read.
 */
bool pack_is_of(const struct pack_list *list, struct str metafile, struct str input,
        struct arena *a, struct str *ret_odd);

#endif
