/* SPDX-License-Identifier: MIT */
/*
 * What the project's .env files give to pages: import.meta.env in modules, and %NAME% in documents.
 * import.meta.env is read again when one of the files has another stamp than when it was read.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "modules/modules_private.h"
#include "resolve/dotenv.h"
#include "resolve/vite_config.h"

#define MODE     STR("development")
#define BASE_URL STR("/")

static const struct str prefixes[] = { STR_INIT("VITE_"), STR_INIT("ORBIT_"),
    STR_INIT("ORBITON_PUBLIC_") };

enum { PREFIX_COUNT = sizeof(prefixes) / sizeof(prefixes[0]) };

/* The names that a page may see begin so: these, and what vite.config says. In `a`. */
static const struct str *prefixes_of(const struct modules *m, struct arena *a, size_t *ret_count)
{
    size_t more;
    const struct str *said = vite_config_prefixes(m->options.vite_config, &more);
    struct str *all = arena_array(a, struct str, PREFIX_COUNT + more);

    for (size_t i = 0; i < PREFIX_COUNT + more; i++) {
        all[i] = i < PREFIX_COUNT ? prefixes[i] : said[i - PREFIX_COUNT];
    }
    *ret_count = PREFIX_COUNT + more;
    return all;
}

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

/* With what vite.config defines in it. */
static struct str with_defined(struct modules *m, struct str json, struct arena *a)
{
    struct str defined = vite_config_env(m->options.vite_config);

    if (defined.len == 0) {
        return json;
    }
    json_t *all = json_loadb(json.ptr, json.len, 0, NULL);
    json_t *more = json_loadb(defined.ptr, defined.len, JSON_ALLOW_NUL, NULL);
    char *text = json_object_update(all, more) == 0 ? json_dumps(all, JSON_COMPACT) : NULL;
    struct str made = text ? arena_str(a, str_from(text)) : json;

    free(text);
    json_decref(all);
    json_decref(more);
    return made;
}

struct str env_get(struct modules *m)
{
    struct arena a = { 0 };
    uint64_t stamp = stamp_of_files(m, &a);

    if (stamp != 0) {
        stamp ^= vite_config_hash(m->options.vite_config).low;
    }

    if (m->env.len == 0 || stamp == 0 || stamp != m->env_stamp) {
        struct dotenv *env = dotenv_load(&a, m->options.fs, STR(""), MODE);
        size_t count;
        const struct str *all = prefixes_of(m, &a, &count);
        struct str json = with_defined(m, dotenv_json(env, &a, MODE, BASE_URL, all, count), &a);

        if (!str_eq(json, m->env)) {
            arena_reset(&m->env_arena);
            m->env = arena_str(&m->env_arena, json);
        }
        m->env_stamp = stamp;
    }
    arena_finish(&a);
    return m->env;
}

/* Whether a page may see a variable of that name. */
static bool is_public(const struct modules *m, struct str name, struct arena *a)
{
    size_t count;
    const struct str *all = prefixes_of(m, a, &count);

    for (size_t i = 0; i < count; i++) {
        if (str_starts(name, all[i])) {
            return true;
        }
    }
    return false;
}

/* What import.meta.env has by itself, as text. */
static bool find_own(struct str name, struct str *ret)
{
    const struct {
        struct str name, value;
    } own[] = {
        { STR("MODE"), MODE },
        { STR("BASE_URL"), BASE_URL },
        { STR("DEV"), STR("true") },
        { STR("PROD"), STR("false") },
        { STR("SSR"), STR("false") },
    };

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (str_eq(name, own[i].name)) {
            *ret = own[i].value;
            return true;
        }
    }
    return false;
}

/* The name at the beginning of `text` that a '%' ends; empty if there is none. */
static struct str name_at(struct str text)
{
    size_t len = 0;

    while (len < text.len && str_is_name_byte(text.ptr[len])) {
        len++;
    }
    return len < text.len && text.ptr[len] == '%' ? str_sub(text, 0, len) : STR("");
}

struct str env_fill(struct modules *m, struct str text, struct arena *a, bool *ret_uses)
{
    struct dotenv *env = NULL;
    struct strbuf out;
    size_t done = 0;

    *ret_uses = false;
    strbuf_init(&out, MODULES_TEXT_MAX);
    for (size_t at = str_find(text, '%'); at < text.len; at++) {
        struct str name = text.ptr[at] == '%' ? name_at(str_skip(text, at + 1)) : STR("");
        struct str value;

        if (name.len == 0) {
            continue;
        }
        bool is_known = find_own(name, &value);

        if (!is_known && is_public(m, name, a)) {
            *ret_uses = true;
            env = env ? env : dotenv_load(a, m->options.fs, STR(""), MODE);
            is_known = dotenv_get(env, name, &value);
        }
        if (is_known) {
            strbuf_add(&out, str_sub(text, done, at));
            strbuf_add(&out, value);
            at += name.len + 1;
            done = at + 1;
        }
    }
    if (done > 0 && str_is_utf8(text)) {
        strbuf_add(&out, str_skip(text, done));
        text = out.overflow ? text : arena_str(a, strbuf_str(&out));
    }
    strbuf_finish(&out);
    return text;
}
