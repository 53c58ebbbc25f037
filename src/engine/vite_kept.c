/* SPDX-License-Identifier: MIT */
/* See vite_kept.h. */
#include "engine/vite_kept.h"

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "pack/cache.h"
#include "resolve/dotenv.h"
#include "resolve/markers.h"
#include "resolve/resolve.h"
#include "resolve/vite_config.h"
#include "sidecar/sidecar_files.h"

/* Part of every key: another number where the text has another form. */
#define FORMAT "1"

#define VITE STR("node_modules/vite/package.json")

static struct str folder_of(const struct vite_kept *kept, struct arena *a)
{
    return arena_printf(a, "%.*s/" CACHE_FOLDER, STR_FMT(kept->root));
}

/* The hash of a file's text; false, and zero, if it is not there. */
static bool find_hash(const struct fs *fs, struct str path, size_t max, struct hash *ret)
{
    struct arena a = { 0 };
    struct str text;
    bool found = fs->read(fs->ctx, path, &a, &text, max);

    *ret = found ? hash_bytes(text) : (struct hash){ 0 };
    arena_finish(&a);
    return found;
}

/* The package.json of the Vite that Node would find, as far up as can be seen. */
static bool find_vite(const struct fs *fs, struct hash *ret)
{
    struct arena a = { 0 };
    bool found = find_hash(fs, VITE, RESOLVE_PACKAGE_MAX, ret);

    for (struct str folder = path_parent(fs->within); !found && folder.len > 0;
            folder = path_parent(folder)) {
        found = find_hash(fs, path_join(&a, folder, VITE), RESOLVE_PACKAGE_MAX, ret);
    }
    arena_finish(&a);
    return found;
}

static void add_hash(struct hash_stream *stream, struct hash hash)
{
    hash_stream_add(stream, (struct str){ (const char *)&hash, sizeof(hash) });
}

/* False if something was installed so lately that its stamp says nothing. */
static bool add_stamps(struct hash_stream *stream, const struct fs *fs)
{
    bool good = true;

    for (size_t i = 0; i < RESOLVE_MARKERS; i++) {
        struct fs_stat st = { 0 };
        bool found = fs->stat(fs->ctx, resolve_markers[i], &st);

        st.version = found ? st.version : 0;
        good = good && (!found || st.version > 0);
        hash_stream_add(stream, (struct str){ (const char *)&st.version, sizeof(st.version) });
    }
    return good;
}

static void add_env_files(struct hash_stream *stream, const struct fs *fs)
{
    struct arena a = { 0 };
    struct str names[DOTENV_FILES];

    dotenv_files(&a, STR("development"), names);
    for (size_t i = 0; i < DOTENV_FILES; i++) {
        struct hash hash;

        (void)find_hash(fs, names[i], DOTENV_FILE_MAX, &hash); /* none is as good as any */
        add_hash(stream, hash);
    }
    arena_finish(&a);
}

/* By what the answer is kept: all but the other files, whose names only the answer says. */
static bool find_key(const struct vite_kept *kept, struct hash *ret)
{
    struct hash_stream *stream = hash_stream_create();
    struct hash vite;
    bool good = find_vite(kept->fs, &vite);

    add_hash(stream, hash_bytes(STR("vite.config " FORMAT " " ORBITON_VERSION)));
    for (size_t i = 0; i < sidecar_file_count; i++) {
        add_hash(stream, hash_bytes(sidecar_files[i].bytes));
    }
    add_hash(stream, hash_bytes(kept->root));
    add_hash(stream, hash_bytes(kept->file));
    add_hash(stream, kept->text);
    add_hash(stream, vite);
    add_env_files(stream, kept->fs);
    good = add_stamps(stream, kept->fs) && good;
    *ret = hash_stream_take(stream);
    hash_stream_destroy(stream);
    return good;
}

/* Takes the files in front of the answer, which is what is left of the text. False if it has another form, or one
 * of the files another text. */
static bool take_deps(const struct fs *fs, struct str *text, struct str deps[VITE_KEPT_DEPS_MAX],
        size_t *ret_count)
{
    struct str line;
    struct hash hash;
    struct hash said;

    for (*ret_count = 0; str_cut(*text, '\n', &line, text) && line.len > 0; (*ret_count)++) {
        struct str path = str_skip(line, HASH_HEX_LEN + 1);

        if (*ret_count == VITE_KEPT_DEPS_MAX || path.len == 0 ||
                !hash_parse(str_sub(line, 0, HASH_HEX_LEN), &said) ||
                !find_hash(fs, path, VITE_CONFIG_TEXT_MAX, &hash) || !hash_eq(hash, said)) {
            return false;
        }
        deps[*ret_count] = path;
    }
    return line.len == 0;
}

bool vite_kept_read(const struct vite_kept *kept, struct vite_config *config)
{
    struct arena a = { 0 };
    struct str deps[VITE_KEPT_DEPS_MAX];
    size_t dep_count;
    struct strbuf text;
    struct hash key;

    strbuf_init(&text, VITE_KEPT_TEXT_MAX);
    bool good = find_key(kept, &key) && cache_read(folder_of(kept, &a), key, &text);
    struct str json = strbuf_str(&text);

    good = good && take_deps(kept->fs, &json, deps, &dep_count) &&
           vite_config_set(config, kept->file, json, deps, dep_count);
    strbuf_finish(&text);
    arena_finish(&a);
    return good;
}

/* False if one of the files is not there, or has no name that fits into a line. */
static bool add_deps(
        struct strbuf *out, const struct fs *fs, const struct str *deps, size_t dep_count)
{
    bool good = dep_count <= VITE_KEPT_DEPS_MAX;

    for (size_t i = 0; good && i < dep_count; i++) {
        char hex[HASH_HEX_LEN + 1];
        struct hash hash;

        good = str_find(deps[i], '\n') == STR_NONE &&
               find_hash(fs, deps[i], VITE_CONFIG_TEXT_MAX, &hash);
        hash_format(hash, hex);
        strbuf_addf(out, "%s %.*s\n", hex, STR_FMT(deps[i]));
    }
    strbuf_addc(out, '\n');
    return good;
}

bool vite_kept_write(
        const struct vite_kept *kept, struct str json, const struct str *deps, size_t dep_count)
{
    struct arena a = { 0 };
    struct strbuf text;
    struct hash key;

    strbuf_init(&text, VITE_KEPT_TEXT_MAX);
    bool good = find_key(kept, &key) && add_deps(&text, kept->fs, deps, dep_count);

    strbuf_add(&text, json);
    good = good && !text.overflow && cache_make(folder_of(kept, &a)) &&
           cache_write(folder_of(kept, &a), key, strbuf_str(&text));
    strbuf_finish(&text);
    arena_finish(&a);
    return good;
}
