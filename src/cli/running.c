/* SPDX-License-Identifier: MIT */
#include "cli/running.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/sys.h"

enum { FILE_MAX = 16 * 1024 };

/* The folder, made if it is not there; -EACCES if it is not this user's alone. */
static int open_folder(running_env env)
{
    const char *base = env("XDG_RUNTIME_DIR");
    char path[PATH_MAX];
    struct stat st;
    int n = base && base[0] == '/'
                    ? snprintf(path, sizeof(path), "%s/orbiton", base)
                    : snprintf(path, sizeof(path), "/tmp/orbiton-%u", (unsigned)geteuid());

    if (n < 0 || (size_t)n >= sizeof(path)) {
        return -ENAMETOOLONG;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        return -errno;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        sys_close(fd);
        return -EACCES;
    }
    return fd;
}

static void name_of(struct str root, char ret[HASH_HEX_LEN + 6])
{
    hash_format(hash_bytes(root), ret);
    (void)snprintf(ret + HASH_HEX_LEN, 6, ".json");
}

static int read_at(int folder, const char *name, struct arena *a, struct running *ret)
{
    struct strbuf text;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int result = -EINVAL;

    if (fd < 0) {
        return -errno;
    }
    strbuf_init(&text, FILE_MAX);
    json_t *json = sys_read_all(fd, &text) == 0
                           ? json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL)
                           : NULL;
    const char *root = json_string_value(json_object_get(json, "root"));
    const char *token = json_string_value(json_object_get(json, "token"));
    json_int_t port = json_integer_value(json_object_get(json, "port"));

    if (root && token && port > 0 && port <= UINT16_MAX) {
        ret->root = arena_str(a, str_from(root));
        ret->token = arena_str(a, str_from(token));
        ret->port = (uint16_t)port;
        result = 0;
    }
    json_decref(json);
    strbuf_finish(&text);
    sys_close(fd);
    return result;
}

int running_write(const struct running *running, running_env env)
{
    char name[HASH_HEX_LEN + 6];
    char beside[HASH_HEX_LEN + 32];
    struct strbuf text;
    int folder = open_folder(env);
    int result;

    if (folder < 0) {
        return folder;
    }
    name_of(running->root, name);
    (void)snprintf(beside, sizeof(beside), "%s.%u", name, (unsigned)getpid());
    strbuf_init(&text, FILE_MAX);
    strbuf_add(&text, STR("{\"root\":"));
    strbuf_add_json(&text, running->root);
    strbuf_addf(&text, ",\"port\":%u,\"token\":", running->port);
    strbuf_add_json(&text, running->token);
    strbuf_add(&text, STR("}\n"));
    /* renamed into place: who reads it finds all of it or none */
    int fd = openat(folder, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    result = fd < 0 ? -errno : sys_write_all(fd, strbuf_str(&text));
    sys_close(fd);
    if (result == 0 && renameat(folder, beside, folder, name) < 0) {
        result = -errno;
    }
    if (result < 0) {
        (void)unlinkat(folder, beside, 0); /* it may not be there */
    }
    strbuf_finish(&text);
    sys_close(folder);
    return result;
}

void running_remove(const struct running *running, running_env env)
{
    struct arena arena = { 0 };
    char name[HASH_HEX_LEN + 6];
    struct running found;
    int folder = open_folder(env);

    if (folder < 0) {
        return;
    }
    name_of(running->root, name);
    if (read_at(folder, name, &arena, &found) == 0 && str_eq(found.token, running->token)) {
        (void)unlinkat(folder, name, 0); /* what stays is harmless */
    }
    arena_finish(&arena);
    sys_close(folder);
}

bool running_find(struct str dir, running_env env, struct arena *a, struct running *ret)
{
    int folder = open_folder(env);
    bool found = false;

    while (folder >= 0 && !found && dir.len > 0) {
        char name[HASH_HEX_LEN + 6];

        name_of(dir, name);
        found = read_at(folder, name, a, ret) == 0 && str_eq(ret->root, dir);
        size_t slash = str_rfind(dir, '/');

        dir = slash == STR_NONE || dir.len == 1 ? STR("") : str_sub(dir, 0, slash > 0 ? slash : 1);
    }
    sys_close(folder);
    return found;
}
