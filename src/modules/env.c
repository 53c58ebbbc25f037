/* SPDX-License-Identifier: MIT */
/*
 * import.meta.env: what the project's .env files give to pages. Read again when
 * one of the files has another stamp than when it was read.
 */
#include "base/path.h"
#include "modules/modules_private.h"
#include "resolve/dotenv.h"

#define MODE STR("development")

static const struct str prefixes[] = { STR_INIT("VITE_"), STR_INIT("ORBIT_"),
    STR_INIT("ORBITON_PUBLIC_") };

bool env_is_file(struct str path)
{
    return str_eq(path, STR(".env")) || str_eq(path, STR(".env.local")) ||
           str_eq(path, STR(".env.development")) || str_eq(path, STR(".env.development.local"));
}

/* 0 if it cannot be told: then they are read. */
static uint64_t stamp_of_files(struct modules *m, struct arena *a)
{
    struct str names[DOTENV_FILES];
    uint64_t stamp = 1;

    dotenv_files(a, MODE, names);
    for (size_t i = 0; i < DOTENV_FILES; i++) {
        struct fs_stat st;

        if (m->options.fs->stat(m->options.fs->ctx, names[i], &st) && st.kind == FS_FILE) {
            if (st.version == 0) {
                return 0;
            }
            stamp = stamp * 31 + st.version;
        } else {
            stamp = stamp * 31;
        }
    }
    return stamp != 0 ? stamp : 1;
}

struct str env_get(struct modules *m)
{
    struct arena a = { 0 };
    uint64_t stamp = stamp_of_files(m, &a);

    if (m->env.len == 0 || stamp == 0 || stamp != m->env_stamp) {
        struct dotenv *env = dotenv_load(&a, m->options.fs, STR(""), MODE);
        struct str json = dotenv_json(
                env, &a, MODE, STR("/"), prefixes, sizeof(prefixes) / sizeof(prefixes[0]));

        if (!str_eq(json, m->env)) {
            arena_reset(&m->env_arena);
            m->env = arena_str(&m->env_arena, json);
        }
        m->env_stamp = stamp;
    }
    arena_finish(&a);
    return m->env;
}
