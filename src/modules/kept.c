/* SPDX-License-Identifier: MIT */
/*
 * What browsers keep of packages.
 *
 * A page that is loaded again asks for each of its modules whether it is still the same: a package
 * of a hundred files is a hundred questions. So a page has its packages by URLs with a version,
 *
 *     /@packages/3f2a9c01bd5e/node_modules/react/index.js?cjs
 *
 * which only an import map in the page makes of the URLs that all texts name (client/first/stamps.js).
 * Whoever imports a module and however, the browser comes to one URL in one page; other pages may have
 * other versions. What is answered there is kept for good.
 *
 * Invariant: below one version a URL is never given two texts to keep. When a document is asked for, all
 * that was given is compared with what would be given now; if anything differs, the document gets the
 * next version, and pages that are open stay with theirs. A run's versions are its own.
 */
#include <string.h>

#include "modules/modules_private.h"

void kept_forget(struct modules *m)
{
    char hex[HASH_HEX_LEN + 1];

    m->kept.number++;
    uint64_t parts[] = { m->kept.run.low, m->kept.run.high, m->kept.number };

    hash_format(hash_bytes((struct str){ (const char *)parts, sizeof(parts) }), hex);
    memcpy(m->kept.version, hex, PACKAGES_VERSION_LEN);
}

/* Whether the module would be answered with what was given to be kept. */
static bool is_as_kept(struct modules *m, const struct entry *e)
{
    const struct edition *ed = node_current(e->node);
    struct file_facts facts;

    if (!ed || e->is_waiting || files_look(m->options.files, node_path(e->node), &facts) < 0 ||
            !entry_is_current(m, e, ed, facts.hash)) {
        return false;
    }
    uint64_t signature = signature_of(m, ed);

    return !e->is_compiled && e->plain && signature == 0
                   ? hash_eq(e->kept, facts.hash)
                   : e->has_served && e->signature == signature && hash_eq(e->kept, e->served);
}

/* Whether anything that was given below the present version would be another text now. */
static bool has_changed(struct modules *m)
{
    bool changed = false;

    for (const struct entry *e = m->entries; e && !changed; e = e->next) {
        changed = e->kept_in == m->kept.number && !is_as_kept(m, e);
    }
    return changed;
}

/* A <script src> is not led by an import map: a module of it and one that is imported would be two. */
static bool has_package_as_script(const struct modules *m, struct str document)
{
    struct arena a = { 0 };
    const struct node *node = graph_find(m->options.graph, resolve_url_of(&a, document));
    const struct edition *ed = node ? node_current(node) : NULL;
    size_t count = ed ? edition_edge_count(ed) : 0;
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = edition_edge(ed, i);

        found = found || (edge->kind == DEP_MODULE && module_url_is_package(edge->url));
    }
    arena_finish(&a);
    return found;
}

struct str modules_packages(struct modules *m, struct str document, struct arena *a)
{
    const struct fs *fs = m->options.fs;

    if (!m->options.hmr || m->maps || has_package_as_script(m, document) ||
            (fs_kind_of(fs, STR("node_modules")) != FS_FOLDER &&
                    fs_kind_of(fs, STR("@workspace/node_modules")) != FS_FOLDER)) {
        return STR("");
    }
    if (has_changed(m)) {
        kept_forget(m);
    }
    return arena_str(a, (struct str){ m->kept.version, PACKAGES_VERSION_LEN });
}

bool modules_keep(struct modules *m, const struct node *node, struct str url, struct hash sent)
{
    struct entry *e = node ? entry_find(m, node) : NULL;
    struct str version;

    /* a URL with a stamp is another than the node's */
    if (!e || !module_url_cut_packages(&url, &version) || !str_eq(url, node_url(node)) ||
            !str_eq(version, (struct str){ m->kept.version, PACKAGES_VERSION_LEN }) ||
            !module_url_is_package(url)) {
        return false;
    }
    if ((node_kind_of(node) != NODE_JS && node_kind_of(node) != NODE_CSS_JS) || e->globs ||
            m->maps) {
        return false;
    }
    if (e->kept_in != m->kept.number) {
        if (!may_keep_variant(m, node)) {
            return false;
        }
        e->kept_in = m->kept.number;
        e->kept = sent;
    }
    return hash_eq(e->kept, sent);
}
