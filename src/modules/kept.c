/* SPDX-License-Identifier: MIT */
/*
 * What browsers keep of modules.
 *
 * A page that is loaded again asks for each of its modules whether it is still the same: a package
 * of a hundred files is a hundred questions. So a page has modules by URLs with a version,
 *
 *     /@packages/3f2a9c01bd5e/node_modules/react/index.js?cjs
 *     /src/app.tsx?v=173c45344bac8942db4200cc50e36e46
 *
 * which only an import map in the page makes of the URLs that all texts name (client/first/stamps.js).
 * Whoever imports a module and however, the browser comes to one URL in one page; other pages may have
 * other versions. What is answered there is kept for good.
 *
 * Of packages, which a page has many of and which hardly change, the version is one for all, and a page has them
 * by it from the first load on. Each of the project's own has a version of its own, of its text, which is known
 * once it was served.
 *
 * Invariant: below one version a URL is never given two texts to keep. When a document is asked for, all
 * that was given is compared with what would be given now; if anything of packages differs, the document gets
 * their next version, and pages that are open stay with theirs. A run's versions are its own.
 */
#include <string.h>

#include "modules/modules_private.h"

enum {
    OWN_MAX = 1024 * 1024
}; /* bytes, of some 10,000 modules; the others have their plain URLs */

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

/* What a URL with a version is asked by: it is of the text that is sent, of what is said of it, and of this run. */
static struct hash own_version(const struct modules *m, struct hash sent, struct hash version)
{
    struct hash parts[] = { m->kept.run, sent, version };

    return hash_bytes((struct str){ (const char *)parts, sizeof(parts) });
}

struct own {
    struct modules *modules;
    struct node *document;
    struct strbuf text;
};

/* No import map leads a tag of the document: what that loads has its plain URL, whoever else imports it. */
static bool is_in_tag(const struct own *o, const struct node *node)
{
    const struct edition *ed = node_current(o->document);
    size_t count;
    const uint32_t *edges = edition_edges_to(ed, node, &count);
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        found = found || edition_edge(ed, edges[i])->kind == DEP_MODULE;
    }
    return found;
}

/*
 * Whether a page may have the module, which is up to date, by another URL than its own. Files that are served as
 * they were written may not: in a debugger they would have another name with each edit, where others have a
 * source map.
 */
static bool may_have_version(const struct own *o, const struct entry *e)
{
    struct modules *m = o->modules;
    struct arena a = { 0 };
    struct module_url url;

    module_url_parse(&a, node_url(e->node), &url);
    bool has_map = e->is_compiled || wrapped_is(m, &url, node_path(e->node));
    /* in an import map such a name stands for all that begins with it */
    bool is_folder = str_ends(node_url(e->node), STR("/"));

    arena_finish(&a);
    return has_map && !is_folder && e->has_served &&
           e->signature == signature_of(m, node_current(e->node)) && !e->carried &&
           node_stamp(e->node) == 0 && !is_in_tag(o, e->node);
}

static bool add_own(void *ctx, struct node *node)
{
    struct own *o = ctx;
    struct modules *m = o->modules;
    const struct entry *e = entry_find(m, node);
    enum node_kind kind = node_kind_of(node);
    struct file_facts facts;
    char hex[HASH_HEX_LEN + 1];

    if (o->text.len > OWN_MAX - 2 * MODULE_URL_MAX) {
        return false;
    }
    /* what an old text imports, the new one may leave for later, when a version would be an old one */
    if (!e || (kind != NODE_JS && kind != NODE_CSS_JS) || module_url_is_package(node_url(node)) ||
            e->is_waiting || files_look(m->options.files, node_path(node), &facts) < 0 ||
            !hash_eq(e->file_hash, facts.hash)) {
        return false;
    }
    if (entry_is_current(m, e, node_current(node), facts.hash) && may_have_version(o, e)) {
        hash_format(own_version(m, e->served, edition_hash(node_current(node))), hex);
        strbuf_addc(&o->text, o->text.len > 0 ? ',' : '{');
        strbuf_add_json(&o->text, node_url(node));
        strbuf_addf(&o->text, ":\"%s\"", hex);
    }
    return true;
}

struct str modules_own_versions(struct modules *m, struct str document, struct arena *a)
{
    struct own o = { .modules = m,
        .document = graph_find(m->options.graph, resolve_url_of(a, document)) };
    struct str ret = STR("");

    if (!m->options.hmr || m->maps || !o.document || !node_current(o.document)) {
        return ret;
    }
    strbuf_init(&o.text, OWN_MAX);
    graph_each_reached(m->options.graph, o.document, add_own, &o);
    if (o.text.len > 0 && !o.text.overflow) {
        strbuf_addc(&o.text, '}');
        ret = o.text.overflow ? ret : arena_str(a, strbuf_str(&o.text));
    }
    strbuf_finish(&o.text);
    return ret;
}

static bool keep_package(struct modules *m, struct entry *e, struct str url, struct hash sent)
{
    const struct node *node = e->node;
    struct str version;

    /* a URL with a stamp is another than the node's */
    if (!module_url_cut_packages(&url, &version) || !str_eq(url, node_url(node)) ||
            !str_eq(version, (struct str){ m->kept.version, PACKAGES_VERSION_LEN }) ||
            !module_url_is_package(url)) {
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

bool modules_keep(struct modules *m, const struct node *node, struct str url, struct hash sent,
        struct hash version)
{
    struct entry *e = node ? entry_find(m, node) : NULL;
    struct arena a = { 0 };
    struct module_url parsed;

    if (!e || (node_kind_of(node) != NODE_JS && node_kind_of(node) != NODE_CSS_JS) || e->globs ||
            m->maps) {
        return false;
    }
    if (keep_package(m, e, url, sent)) {
        return true;
    }
    module_url_parse(&a, url, &parsed);
    bool keep = parsed.has_version && parsed.stamp == 0 &&
                hash_eq(parsed.version, own_version(m, sent, version));

    arena_finish(&a);
    return keep;
}
