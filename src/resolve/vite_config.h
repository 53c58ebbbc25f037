/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_VITE_CONFIG_H
#define ORBITON_RESOLVE_VITE_CONFIG_H

/*
 * What a project's vite.config says that counts here. The file is code: the project's own Vite evaluates
 * it (sidecar/vite_config.mjs), and only if its text has one of the keys that are read at all. What comes
 * of that is JSON; this is its reader, and what everybody asks who resolves names. One object holds for a
 * project and is told what is new. Pure: files are seen through `struct fs`.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "resolve/fs.h"

enum {
    VITE_CONFIG_TEXT_MAX = 1024 * 1024,       /* bytes of the file; a longer one is not read */
    VITE_CONFIG_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of the JSON */
    VITE_CONFIG_ALIASES_MAX = 1000,
    VITE_CONFIG_DEFINE_MAX = 8 * 1024, /* bytes of the JSON of `define`: it is in every document */
    VITE_CONFIG_PREFIXES_MAX = 20,
    VITE_CONFIG_PROXIES_MAX = 100,
    VITE_CONFIG_NOTES_MAX = 20, /* sentences about what is not understood */
};

/* A rule of `server.proxy`; what its members mean is said in serve/dev_server.h. */
struct vite_proxy {
    struct str path, target, strip, add, headers;
    bool change_origin, ws;
};

/* Behind the path of the file, what its evaluation goes by in transform/. */
#define VITE_CONFIG_MARK "?config"

/* Behind the path and the URL of the file, before an encoded name: the module that its plugins give for that. */
#define VITE_CONFIG_PLUGIN_MARK "?plugin="

struct vite_config;

/* Says nothing yet. `root` is the project's folder, absolute; copied. `within` is that of struct fs. */
struct vite_config *vite_config_create(struct str root, struct str within);
void vite_config_destroy(struct vite_config *c); /* accepts NULL */

/* Whether a path from the root is one of the names that Vite looks for. */
bool vite_config_is_name(struct str path);

/* The file that Vite would take, static; empty if there is none. */
struct str vite_config_find(const struct fs *fs);

/* Whether the text has the name of something that is read, or imports plugins that orbiton has no part of its own
 * for, so that it is worth evaluating. */
bool vite_config_mentions(struct str text);

/* From now on there is none. */
void vite_config_reset(struct vite_config *c);

/* Takes over what `file` said, in JSON, and the other files that it was made of (paths from the root). What was
 * said before is forgotten. False, and all stays as it is, if that is no answer. */
bool vite_config_set(struct vite_config *c, struct str file, struct str json,
        const struct str *deps, size_t dep_count);

/* What the file says now cannot be had, and what it said before stays. `path`: where that was found; until it
 * says something again, that file counts as a part of it, and so does what is installed. */
void vite_config_set_wrong(struct vite_config *c, struct str path);

/* Whether what the file says may decide on what it says, or did until the last answer. `c` may be NULL. */
bool vite_config_is_part(const struct vite_config *c, struct str path);

/* The file that was taken over; empty if it says nothing. `c` may be NULL, here and below. */
struct str vite_config_file(const struct vite_config *c);

/* What the sidecar is to know of it for each file, as JSON: {"alias":[...],"css":"vite.config.js","plugins":
 * "vite.config.js","react":{...}}, `css` only if it says something about compilers of sheets, `plugins` if it has some
 * that are run, `react` as it came if it says something to plugins for React; empty if there is nothing. */
struct str vite_config_request(const struct vite_config *c);

/* Whether it has plugins that take part in what is made of the project's files. `c` may be NULL. */
bool vite_config_has_plugins(const struct vite_config *c);

/* The URL of a file that is named by where it lies on the disk, as plugins write it, in `a`; empty if it lies neither
 * in the project nor in its workspace. */
struct str vite_config_file_url(const struct vite_config *c, struct str name, struct arena *a);

/* The URL of what these give for a name that nothing else resolves, in `a`; empty if there are none, or it is
 * a name that no plugin is asked for: a path beside the importer, a part of Node, a URL of the web. */
struct str vite_config_plugin_url(const struct vite_config *c, struct str name, struct arena *a);

/* The globals that it defines, as JSON in ASCII: {"NAME.INNER":{"is":VALUE}} or {"of":"OTHER"}; empty: none. */
struct str vite_config_define(const struct vite_config *c);

/* What it defines in import.meta.env, as a JSON object; empty: nothing. */
struct str vite_config_env(const struct vite_config *c);

/* What else names of the .env files begin with that pages may see; none is empty. */
const struct str *vite_config_prefixes(const struct vite_config *c, size_t *ret_count);

/* What it hands to other servers, in its order. */
const struct vite_proxy *vite_config_proxies(const struct vite_config *c, size_t *ret_count);

/* Of all that it says: another one when anything is another. Zero if it says nothing. */
struct hash vite_config_hash(const struct vite_config *c);

/* Whether that is, byte by byte, what it has said. */
bool vite_config_says(const struct vite_config *c, struct str json);

/* What is not understood of it: sentences for a person. Until the next answer. */
const struct str *vite_config_notes(const struct vite_config *c, size_t *ret_count);

/*
 * What a name is to be resolved as: by the first alias that fits, a URL from the root on where it leads
 * into the project or its workspace, else what the alias makes of it. The query stays. In `a`; false if
 * none fits.
 */
bool vite_config_alias(
        const struct vite_config *c, struct str specifier, struct arena *a, struct str *ret);

#endif
