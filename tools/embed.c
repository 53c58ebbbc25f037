/* SPDX-License-Identifier: MIT */

/*
 * Writes files into one C file. Runs while orbiton is built and stands alone, so
 * that nothing else has to exist before it.
 *
 *   embed OUT.c FILE...                   implements src/serve/client_files.h; a file's name is
 *                                         its last path component, or the last two of what
 *                                         lies in a folder orbit/
 *   embed --templates ROOT OUT.c FILE...  implements src/cli/template_files.h; each FILE is a path
 *                                         below the folder ROOT, and that is its name
 *   embed --sidecar OUT.c FILE...         implements src/sidecar/sidecar_files.h, in the order given; a
 *                                         file's name is its last path component
 *
 * Invariant: equal inputs give equal output, on any machine.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LEN = 128, COLUMNS = 16, FILES_MAX = 256 };

static const char *base_name(const char *path)
{
    static const char folder[] = "/orbit";
    const size_t len = sizeof(folder) - 1;
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return path;
    }
    /* the folder of the file alone counts: the source may lie anywhere */
    int is_runtime = (size_t)(slash - path) >= len && strncmp(slash - len, folder, len) == 0;
    return is_runtime ? slash - len + 1 : slash + 1;
}

/* Names go into C literals as they are, so only harmless ones are taken. */
static int is_plain_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/");
    return len > 0 && len <= NAME_MAX_LEN && name[len] == '\0';
}

/* Appends the file as an array and tells its FNV-1a hash (the entity tag). 0 or -1. */
static int write_bytes(FILE *out, const char *root, const char *path, int index, uint64_t *ret_hash)
{
    char full[PATH_MAX];
    int len = snprintf(full, sizeof(full), "%s%s%s", root ? root : "", root ? "/" : "", path);
    FILE *in = len > 0 && len < PATH_MAX ? fopen(full, "rb") : NULL;
    if (in == NULL) {
        fprintf(stderr, "embed: cannot open %s: %s\n", path, strerror(errno));
        return -1;
    }
    uint64_t hash = UINT64_C(14695981039346656037);
    fprintf(out, "static const unsigned char file_%d[] = {", index);
    int c;
    for (size_t n = 0; (c = getc(in)) != EOF; n++) {
        fprintf(out, "%s%d,", n % COLUMNS == 0 ? "\n    " : " ", c);
        hash = (hash ^ (uint64_t)c) * UINT64_C(1099511628211);
    }
    /* The zero keeps the array of an empty file legal; it is not part of the bytes. */
    fprintf(out, "\n    0,\n};\n\n");
    int failed = ferror(in);
    fclose(in);
    if (failed) {
        fprintf(stderr, "embed: cannot read %s\n", path);
        return -1;
    }
    *ret_hash = hash;
    return 0;
}

static void write_clients(FILE *out, int count, char **paths, const uint64_t *hashes)
{
    fprintf(out, "static const struct client_file client_files[] = {\n");
    for (int i = 0; i < count; i++) {
        fprintf(out,
                "    { STR_INIT(\"%s\"), { (const char *)file_%d, sizeof(file_%d) - 1 },\n"
                "            STR_INIT(\"\\\"%016" PRIx64 "\\\"\") },\n",
                base_name(paths[i]), i, i, hashes[i]);
    }
    fprintf(out,
            "};\n\n"
            "const struct client_file *client_file_find(struct str name)\n{\n"
            "    for (size_t i = 0; i < sizeof(client_files) / sizeof(client_files[0]); i++) {\n"
            "        const struct client_file *file = &client_files[i];\n"
            "        if (file->name.len == name.len\n"
            "                && (name.len == 0 || memcmp(file->name.ptr, name.ptr, name.len) == 0)) {\n"
            "            return file;\n        }\n    }\n    return NULL;\n}\n");
}

/* A table of names and bytes, `WHAT_files`, and their number. */
static void write_table(FILE *out, const char *what, int count, char **paths, int whole_names)
{
    fprintf(out, "const struct %s_file %s_files[] = {\n", what, what);
    for (int i = 0; i < count; i++) {
        fprintf(out, "    { STR_INIT(\"%s\"), { (const char *)file_%d, sizeof(file_%d) - 1 } },\n",
                whole_names ? paths[i] : base_name(paths[i]), i, i);
    }
    fprintf(out, "};\n\nconst size_t %s_file_count = %d;\n", what, count);
}

static int write_all(FILE *out, const char *root, int is_sidecar, int count, char **paths)
{
    uint64_t hashes[FILES_MAX];
    if (count > FILES_MAX) {
        fprintf(stderr, "embed: more than %d files\n", FILES_MAX);
        return -1;
    }
    fprintf(out, "/* Written by tools/embed.c. */\n\n#include \"%s\"\n\n#include <string.h>\n\n",
            root != NULL ? "cli/template_files.h"
            : is_sidecar ? "sidecar/sidecar_files.h"
                         : "serve/client_files.h");
    for (int i = 0; i < count; i++) {
        const char *name = root != NULL ? paths[i] : base_name(paths[i]);

        if (!is_plain_name(name)) {
            fprintf(stderr, "embed: %s: not a plain file name\n", paths[i]);
            return -1;
        }
        if (write_bytes(out, root, paths[i], i, &hashes[i]) < 0) {
            return -1;
        }
    }
    if (root != NULL) {
        write_table(out, "template", count, paths, 1);
    } else if (is_sidecar) {
        write_table(out, "sidecar", count, paths, 0);
    } else {
        write_clients(out, count, paths, hashes);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *root = NULL;
    if (argc > 3 && strcmp(argv[1], "--templates") == 0) {
        root = argv[2];
        argc -= 2;
        argv += 2;
    }
    int is_sidecar = argc > 2 && strcmp(argv[1], "--sidecar") == 0;
    argc -= is_sidecar;
    argv += is_sidecar;
    if (argc < 3) {
        fprintf(stderr, "usage: embed [--templates ROOT | --sidecar] OUT.c FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int failed = write_all(out, root, is_sidecar, argc - 2, argv + 2);
    /* A full disk shows at the latest here. */
    if (fclose(out) != 0 && failed == 0) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        failed = -1;
    }
    if (failed != 0) {
        remove(argv[1]);
        return 1;
    }
    return 0;
}
