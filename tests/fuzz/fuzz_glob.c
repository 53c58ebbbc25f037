/* SPDX-License-Identifier: MIT */
/*
 * Glob patterns, one a line. A plain path matches itself; what is found by walking is exactly what
 * matches of all files; keys lead back to their files from the importer; each match lies below one
 * of the folders that are named for watching.
 */
#include <stdlib.h>

#include "base/path.h"
#include "resolve/glob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 16 };

static const char *const paths[] = { "a.js", "src/a.js", "src/b.ts", "src/{x}.js", "src/d/e/f.js",
    "src/.g/h.js", "node_modules/i/j.js", "src/d/[k].js", "\xc3\xa4/b.js" };

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_file(const struct glob *glob, struct arena *a, const struct glob_file *file)
{
    struct str to;
    size_t count;
    bool watched = false;
    const struct str *folders = glob_folders(glob, &count);

    if (str_starts(file->key, STR("/"))) {
        check(str_eq(str_skip(file->key, 1), file->path));
    } else {
        check(path_normalise(a, path_join(a, STR("src"), file->key), &to) &&
                str_eq(to, file->path));
    }
    for (size_t i = 0; i < count; i++) {
        watched = watched || path_is_below(file->path, folders[i]);
    }
    check(watched);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct str lines[LINES_MAX];
    struct str error = STR("");
    size_t count = 0;
    struct arena a = { 0 };

    while (text.len > 0 && count < LINES_MAX) {
        str_cut(text, '\n', &lines[count++], &text);
    }
    struct glob *glob = glob_parse(&a, lines, count, STR("src/a.js"), &error);

    if (glob) {
        struct fs_mem *mem = fs_mem_create();
        struct fs fs = fs_mem_face(mem);
        struct glob_file *files;
        size_t found;
        size_t matching = 0;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
            fs_mem_add(mem, str_from(paths[i]), STR("x"));
            matching += glob_match(glob, str_from(paths[i]));
        }
        check(glob_expand(glob, &fs, &a, &files, &found) && found == matching);
        for (size_t i = 0; i < found; i++) {
            check(glob_match(glob, files[i].path));
            check(i == 0 || str_cmp(files[i - 1].path, files[i].path) < 0);
            check_file(glob, &a, &files[i]);
        }
        fs_mem_destroy(mem);
    } else {
        check(error.len > 0);
    }
    arena_finish(&a);
    return 0;
}
