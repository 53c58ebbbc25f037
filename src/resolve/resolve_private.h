/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_RESOLVE_RESOLVE_PRIVATE_H
#define ORBITON_RESOLVE_RESOLVE_PRIVATE_H

/* What the files of the resolver share. One question is one struct job. */

#include "resolve/manifests.h"
#include "resolve/package.h"
#include "resolve/resolve.h"

enum {
    JOB_HOPS_MAX = 8,    /* from one package's map to another package */
    JOB_NESTING_MAX = 3, /* from a folder's entry to a folder */
    CANDIDATES_MAX = 12,
};

struct known; /* a file that was looked into for its module syntax */

struct resolver {
    struct fs fs;
    struct str *mounts; /* folders served from "/": the root first */
    size_t mount_count;
    struct arena arena; /* the mounts */
    const struct vite_config *vite_config;
    struct manifests *manifests;
    struct known *known;
};

struct job {
    struct resolver *r;
    const struct resolve_request *q;
    struct arena *a;
    struct resolved *ret;
    struct str url; /* the path of the URL that the browser comes to; empty for a bare name */
    struct str *tried;
    struct str *manifests;
    int hops;
    int nesting;
    bool is_module; /* reached by a name that only ES modules are given */
    bool mapped;    /* a browser field has spoken already */
};

/* What was found, and the folder served from "/" that it was found in. */
struct found {
    struct str path;
    struct str mount;
};

/* resolve_file.c */

/* Whether a file is there; what is not is noted as tried. */
bool job_try(struct job *j, struct str path);

/* A file by its path from the root, with the conveniences of the request's kind. */
bool job_find(struct job *j, struct str path, struct str *ret);

/* A file by its URL's path (decoded, relative), in the root and the static folders. `folder`: it
 * was written with a slash at its end. */
bool job_find_url(struct job *j, struct str path, bool folder, struct found *ret);

/* The names near a missing path, as its hint. */
void job_suggest(struct job *j, struct str path);

/* resolve_package.c */

/* The package.json of a folder, noted in the result. */
const struct manifest *job_manifest(struct job *j, struct str folder);

/* The nearest package.json above a file; `found` is false if there is none. */
const struct manifest *job_scope(struct job *j, struct str path);

/* The entry of a package or folder by main and its kin, or its index file. */
bool job_find_entry(struct job *j, const struct manifest *m, struct str *ret);

void job_bare(struct job *j, struct str specifier);
void job_imports(struct job *j, struct str specifier);

/* What the browser field of a package says of one of its own files; true if that has ended the
 * question. The file need not be there. */
bool job_end_by_map(struct job *j, struct str path);

/* Ends with a file, unless the browser field of its package says otherwise. `mount` as in struct
 * found; `by_exports`: the package's exports named it, and that is the last word. */
void job_end(struct job *j, struct found found, bool by_exports);

/* Ends with RESOLVED_MISSING or RESOLVED_LEAVE. */
void job_fail(struct job *j, enum resolved_kind kind, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* commonjs.c */
bool commonjs_is(struct resolver *r, struct str path, bool in_package);
void commonjs_forget(struct resolver *r, struct str folder);

#endif
