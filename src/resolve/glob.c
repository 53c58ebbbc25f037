/* SPDX-License-Identifier: MIT */
/*
 * Patterns as small automata: after braces are resolved a pattern is a list of at most 63 segments,
 * and the set of segments that may come next is one 64-bit word. A name moves all of them on at
 * once, so that no pattern takes longer than its length for each name; and a folder whose word is
 * empty need not be listed.
 */
#include "resolve/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

enum {
    SEGMENTS_MAX = 63,
    BRACES_DEEP = 16, /* braces inside one another; deeper ones are plain text */
};

struct pattern {
    struct str *segments;
    size_t count;
    bool negative;
    bool absolute;
};

struct glob {
    struct pattern *items;
    size_t count;
    struct str importer;
    struct str *folders;
    size_t folder_count;
};

struct parse {
    struct arena *a;
    struct glob *glob;
    struct str importer;
    struct str source; /* the pattern as it is written */
    size_t made;       /* patterns by braces of this source */
    struct str error;
};

static bool is_any_depth(struct str segment)
{
    return str_eq(segment, STR("**"));
}

static bool is_magic(struct str segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        if (memchr("*?[\\", segment.ptr[i], 4)) {
            return true;
        }
    }
    return false;
}

/* The bytes of the character at `i`; a byte that begins none counts for itself. */
static size_t char_len(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.ptr[i];
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

    return len <= s.len - i ? len : 1;
}

/* Takes the class at `*at` ("[a-z]"); false if it is none, for want of its end. */
static bool match_class(struct str glob, size_t *at, struct str name, size_t i, bool *ret)
{
    size_t len = char_len(name, i);
    struct str c = str_sub(name, i, i + len);
    size_t k = *at + 1;
    bool not = k < glob.len && (glob.ptr[k] == '!' || glob.ptr[k] == '^');
    bool hit = false;

    k += not ? 1 : 0;
    for (size_t first = k; k < glob.len && (glob.ptr[k] != ']' || k == first);) {
        k += glob.ptr[k] == '\\' && k + 1 < glob.len ? 1 : 0;
        struct str low = str_sub(glob, k, k + char_len(glob, k));
        struct str high = low;

        k += low.len;
        if (k + 1 < glob.len && glob.ptr[k] == '-' && glob.ptr[k + 1] != ']') {
            high = str_sub(glob, k + 1, k + 1 + char_len(glob, k + 1));
            k += 1 + high.len;
        }
        /* UTF-8 sorts as the characters do. */
        hit = hit || (str_cmp(low, c) <= 0 && str_cmp(c, high) <= 0);
    }
    if (k >= glob.len) {
        return false;
    }
    *at = k + 1;
    *ret = hit != not ;
    return true;
}

/* Whether one segment matches one name, with '*' tried from the shortest. */
static bool match_name(struct str glob, struct str name)
{
    size_t g = 0;
    size_t n = 0;
    size_t star = STR_NONE;
    size_t star_name = 0;

    while (n < name.len) {
        bool hit = false;
        size_t next = g;

        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            star_name = n;
            continue;
        }
        if (g < glob.len && glob.ptr[g] == '?') {
            n += char_len(name, n);
            g++;
            continue;
        }
        if (g < glob.len && glob.ptr[g] == '[' && match_class(glob, &next, name, n, &hit)) {
            if (hit) {
                g = next;
                n += char_len(name, n);
                continue;
            }
        } else if (g < glob.len) {
            next = g + (glob.ptr[g] == '\\' && g + 1 < glob.len ? 1 : 0);
            if (glob.ptr[next] == name.ptr[n]) {
                g = next + 1;
                n++;
                continue;
            }
        }
        if (star == STR_NONE) {
            return false;
        }
        g = star + 1;
        star_name += char_len(name, star_name);
        n = star_name;
    }
    while (g < glob.len && glob.ptr[g] == '*') {
        g++;
    }
    return g == glob.len;
}

static bool is_hidden(struct str name)
{
    return str_starts(name, STR(".")) || str_eq(name, STR("node_modules"));
}

static bool match_segment(const struct pattern *p, struct str segment, struct str name)
{
    if (p->negative || !is_hidden(name)) {
        return match_name(segment, name);
    }
    if (name.ptr[0] != '.') {
        return str_eq(segment, name);
    }
    return (str_starts(segment, STR(".")) || str_starts(segment, STR("\\."))) &&
           match_name(segment, name);
}

/* "**" may also stand for no folder at all. */
static uint64_t close_set(const struct pattern *p, uint64_t set)
{
    for (size_t i = 0; i < p->count; i++) {
        if ((set >> i & 1) && is_any_depth(p->segments[i])) {
            set |= UINT64_C(1) << (i + 1);
        }
    }
    return set;
}

static uint64_t start(const struct pattern *p)
{
    return close_set(p, 1);
}

/* `deep`: whether "**" may go through this name. */
static uint64_t step(const struct pattern *p, uint64_t set, struct str name, bool deep)
{
    uint64_t next = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (!(set >> i & 1)) {
            continue;
        }
        if (is_any_depth(p->segments[i])) {
            if (deep && (p->negative || !is_hidden(name))) {
                next |= UINT64_C(1) << i;
            }
        } else if (match_segment(p, p->segments[i], name)) {
            next |= UINT64_C(1) << (i + 1);
        }
    }
    return close_set(p, next);
}

static bool accepts(const struct pattern *p, uint64_t set)
{
    return set >> p->count & 1;
}

static bool match_pattern(const struct pattern *p, struct str path)
{
    uint64_t set = start(p);
    struct str name;

    while (path.len > 0 && set != 0) {
        str_cut(path, '/', &name, &path);
        set = step(p, set, name, true);
    }
    return accepts(p, set);
}

static const struct pattern *find(const struct glob *glob, struct str path, bool negative)
{
    for (size_t i = 0; i < glob->count; i++) {
        if (glob->items[i].negative == negative && match_pattern(&glob->items[i], path)) {
            return &glob->items[i];
        }
    }
    return NULL;
}

bool glob_match(const struct glob *glob, struct str path)
{
    return path.len > 0 && !str_eq(path, glob->importer) && find(glob, path, false) &&
           !find(glob, path, true);
}

static bool fail(struct parse *p, const char *why)
{
    p->error = arena_printf(
            p->a, "import.meta.glob: \"%.*s\" %s", STR_FMT(str_sub(p->source, 0, 200)), why);
    return false;
}

/* Adds a pattern without braces, from the root. */
static bool add(struct parse *p, struct str text, bool negative)
{
    struct pattern *to = &p->glob->items[p->glob->count];
    struct str folder = STR("");
    struct str from_root;
    struct str rest;

    to->negative = negative;
    to->absolute = str_starts(text, STR("/")) || str_starts(text, STR("**"));
    if (!to->absolute && !str_starts(text, STR("./")) && !str_starts(text, STR("../"))) {
        return fail(p, "must begin with ./, ../ or /");
    }
    if (!to->absolute) {
        folder = path_parent(p->importer);
    }
    while (str_starts(text, STR("/"))) {
        text = str_skip(text, 1);
    }
    if (!path_normalise(p->a, path_join(p->a, folder, text), &from_root)) {
        return fail(p, "leads out of the project");
    }
    to->segments = arena_array(p->a, struct str, SEGMENTS_MAX);
    for (rest = from_root; rest.len > 0;) {
        if (to->count == SEGMENTS_MAX) {
            return fail(p, "has too many parts");
        }
        str_cut(rest, '/', &to->segments[to->count++], &rest);
    }
    p->glob->count++;
    return true;
}

/* The end of the brace group at `open`, or STR_NONE; *ret_commas counts its commas. */
static size_t group_end(struct str text, size_t open, size_t *ret_commas)
{
    size_t depth = 0;

    *ret_commas = 0;
    for (size_t i = open; i < text.len; i++) {
        if (text.ptr[i] == '\\') {
            i++;
        } else if (text.ptr[i] == '{') {
            if (++depth > BRACES_DEEP) {
                return STR_NONE;
            }
        } else if (text.ptr[i] == ',' && depth == 1) {
            ++*ret_commas;
        } else if (text.ptr[i] == '}' && --depth == 0) {
            return i;
        }
    }
    return STR_NONE;
}

/* The next group with a comma at or behind `from`, or STR_NONE. */
static size_t next_group(struct str text, size_t from, size_t *ret_end)
{
    size_t commas;

    for (size_t i = from; i < text.len; i++) {
        if (text.ptr[i] == '\\') {
            i++;
        } else if (text.ptr[i] == '{') {
            *ret_end = group_end(text, i, &commas);
            if (*ret_end == STR_NONE) {
                return STR_NONE;
            }
            if (commas > 0) {
                return i;
            }
        }
    }
    return STR_NONE;
}

/* Puts each alternative of the first group in its place and goes on with the result. */
static bool expand_braces(struct parse *p, struct str text, bool negative)
{
    size_t end;
    size_t open = next_group(text, 0, &end);

    if (open == STR_NONE) {
        if (++p->made > GLOB_BRACES_MAX || p->glob->count == GLOB_PATTERNS_MAX) {
            return fail(p, "has too many alternatives");
        }
        return add(p, text, negative);
    }
    size_t from = open + 1;
    size_t depth = 0;

    for (size_t i = from; i <= end; i++) {
        if (text.ptr[i] == '\\') {
            i++;
        } else if (i == end || (text.ptr[i] == ',' && depth == 0)) {
            struct str one = arena_printf(p->a, "%.*s%.*s%.*s", STR_FMT(str_sub(text, 0, open)),
                    STR_FMT(str_sub(text, from, i)), STR_FMT(str_skip(text, end + 1)));

            if (!expand_braces(p, one, negative)) {
                return false;
            }
            from = i + 1;
        } else if (text.ptr[i] == '{') {
            depth++;
        } else if (text.ptr[i] == '}') {
            depth--;
        }
    }
    return true;
}

static void note_folders(struct arena *a, struct glob *glob)
{
    glob->folders = arena_array(a, struct str, glob->count + 1);
    for (size_t i = 0; i < glob->count; i++) {
        const struct pattern *p = &glob->items[i];
        struct str folder = STR("");
        bool known = p->negative;

        for (size_t k = 0; k + 1 < p->count && !is_magic(p->segments[k]); k++) {
            folder = path_join(a, folder, p->segments[k]);
        }
        for (size_t k = 0; k < glob->folder_count && !known; k++) {
            known = str_eq(glob->folders[k], folder);
        }
        if (!known) {
            glob->folders[glob->folder_count++] = folder;
        }
    }
}

struct glob *glob_parse(struct arena *a, const struct str *patterns, size_t count,
        struct str importer, struct str *ret_error)
{
    struct parse p = { .a = a, .glob = arena_new(a, struct glob), .importer = importer };

    p.glob->importer = arena_str(a, importer);
    p.glob->items = arena_array(a, struct pattern, GLOB_PATTERNS_MAX);
    for (size_t i = 0; i < count; i++) {
        bool negative = str_starts(patterns[i], STR("!"));
        struct str text = str_skip(patterns[i], negative ? 1 : 0);

        p.source = patterns[i];
        p.made = 0;
        if (text.len > GLOB_PATTERN_MAX || str_find(text, '\0') != STR_NONE) {
            fail(&p, "is too long, or no text");
        } else if (expand_braces(&p, arena_str(a, text), negative)) {
            continue;
        }
        *ret_error = p.error;
        return NULL;
    }
    note_folders(a, p.glob);
    return p.glob;
}

const struct str *glob_folders(const struct glob *glob, size_t *ret_count)
{
    *ret_count = glob->folder_count;
    return glob->folders;
}

struct str glob_key(const struct glob *glob, struct arena *a, struct str path)
{
    const struct pattern *p = find(glob, path, false);
    struct str folder = path_parent(glob->importer);
    size_t up = 0;

    if (!p || p->absolute) {
        return arena_printf(a, "/%.*s", STR_FMT(path));
    }
    while (!path_is_below(path, folder)) {
        folder = path_parent(folder);
        up++;
    }
    struct str below = folder.len > 0 ? str_skip(path, folder.len + 1) : path;

    if (up == 0) {
        return arena_printf(a, "./%.*s", STR_FMT(below));
    }
    char *to = arena_alloc(a, up * 3 + below.len + 1);

    for (size_t i = 0; i < up; i++) {
        memcpy(to + i * 3, "../", 3);
    }
    memcpy(to + up * 3, below.ptr, below.len);
    return (struct str){ to, up * 3 + below.len };
}

struct walk {
    const struct glob *glob;
    const struct fs *fs;
    struct arena *a;
    struct glob_file *files;
    size_t count;
    size_t cap;
    size_t folders;
    bool complete;
};

static void found(struct walk *w, struct str path)
{
    if (!glob_match(w->glob, path)) {
        return;
    }
    if (w->count == GLOB_MATCHES_MAX) {
        w->complete = false;
        return;
    }
    if (w->count == w->cap) {
        struct glob_file *wider = arena_array(w->a, struct glob_file, w->cap * 2 + 16);

        if (w->count > 0) {
            memcpy(wider, w->files, w->count * sizeof(*wider));
        }
        w->files = wider;
        w->cap = w->cap * 2 + 16;
    }
    w->files[w->count++] = (struct glob_file){ path, glob_key(w->glob, w->a, path) };
}

/* `sets` holds one word for each pattern. */
static void walk(struct walk *w, struct str folder, const uint64_t *sets, size_t depth)
{
    const struct glob *glob = w->glob;
    struct fs_entry *entries;
    size_t count;

    if (depth > GLOB_DEPTH_MAX || ++w->folders > GLOB_FOLDERS_MAX) {
        w->complete = false;
        return;
    }
    int result = w->fs->list(w->fs->ctx, folder, w->a, &entries, &count, GLOB_LIST_MAX);

    if (result == -ENOENT) {
        return;
    }
    w->complete = w->complete && result == 0;
    uint64_t *next = arena_array(w->a, uint64_t, glob->count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct fs_entry *e = &entries[i];
        bool alive = false;
        bool whole = false;

        for (size_t k = 0; k < glob->count; k++) {
            const struct pattern *p = &glob->items[k];

            /* "**" stays out of linked folders, which may lead to where they lie themselves. */
            next[k] = p->negative ? 0 : step(p, sets[k], e->name, !e->link || e->kind == FS_FILE);
            alive = alive || next[k] != 0;
            whole = whole || accepts(p, next[k]);
        }
        if (e->kind == FS_FILE && whole) {
            found(w, path_join(w->a, folder, e->name));
        } else if (e->kind == FS_FOLDER && alive) {
            walk(w, path_join(w->a, folder, e->name), next, depth + 1);
        }
    }
}

static int by_path(const void *left, const void *right)
{
    return str_cmp(((const struct glob_file *)left)->path, ((const struct glob_file *)right)->path);
}

bool glob_expand(const struct glob *glob, const struct fs *fs, struct arena *a,
        struct glob_file **ret, size_t *ret_count)
{
    struct walk w = { .glob = glob, .fs = fs, .a = a, .complete = true };
    uint64_t *sets = arena_array(a, uint64_t, glob->count + 1);

    for (size_t i = 0; i < glob->count; i++) {
        sets[i] = glob->items[i].negative ? 0 : start(&glob->items[i]);
    }
    walk(&w, STR(""), sets, 0);
    if (w.count > 0) {
        qsort(w.files, w.count, sizeof(*w.files), by_path);
    }
    *ret = w.files;
    *ret_count = w.count;
    return w.complete;
}
