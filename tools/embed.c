/* SPDX-License-Identifier: MIT */

/*
 * Writes files into one C file. Runs while orbiton is built and stands alone, so
 * that nothing else has to exist before it.
 *
 *   embed OUT.c FILE...                   implements src/serve/client_files.h; a file's name is
 *                                         its last path component, or the last two of what
 *                                         lies in a folder orbit/; a line "// Part: NAME" stands
 *                                         for that file, named from the folder of the one it is in
 *   embed --templates ROOT OUT.c FILE...  implements src/cli/template_files.h; each FILE is a path
 *                                         below the folder ROOT, and that is its name
 *   embed --sidecar OUT.c FILE...         implements src/sidecar/sidecar_files.h, in the order given; a
 *                                         file's name is its last path component
 *   embed --bundler OUT.c FILE            implements src/pack/bundler_files.h, likewise
 *
 * Invariant: equal inputs give equal output, on any machine.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

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

/* The array that is being written, and what it holds so far. */
struct array {
    FILE *out;
    size_t count;
    uint64_t hash; /* FNV-1a */
};

static void put_bytes(struct array *array, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        fprintf(array->out, "%s%d,", array->count++ % COLUMNS == 0 ? "\n    " : " ", c);
        array->hash = (array->hash ^ c) * UINT64_C(1099511628211);
    }
}

/* The path of the part that the line stands for. 1, or 0 if it stands for none. */
static int read_part(const char *line, const char *path, char ret_path[static PATH_MAX])
{
    static const char mark[] = "// Part: ";
    const char *slash = strrchr(path, '/');
    const char *name = line + strspn(line, " ");

    if (strncmp(name, mark, sizeof(mark) - 1) != 0) {
        return 0;
    }
    name += sizeof(mark) - 1;
    int len = snprintf(ret_path, PATH_MAX, "%.*s%.*s", slash ? (int)(slash - path) + 1 : 0, path,
            (int)strcspn(name, "\r\n"), name);
    return len > 0 && len < PATH_MAX;
}

/* Appends the file, and with `has_parts` the parts that it names; a part has none. 0 or -1. */
static int put_file(struct array *array, const char *path, int has_parts)
{
    char part[PATH_MAX];
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int failed = 0;
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        fprintf(stderr, "embed: cannot open %s: %s\n", path, strerror(errno));
        return -1;
    }
    while (!failed && (len = getline(&line, &size, in)) >= 0) {
        if (has_parts && read_part(line, path, part)) {
            failed = put_file(array, part, 0) < 0;
        } else {
            put_bytes(array, line, (size_t)len);
        }
    }
    if (ferror(in)) {
        fprintf(stderr, "embed: cannot read %s\n", path);
        failed = 1;
    }
    free(line);
    fclose(in);
    return failed ? -1 : 0;
}

/* Appends the file as an array and tells its hash (the entity tag). 0 or -1. */
static int write_bytes(
        FILE *out, const char *root, const char *path, int index, int has_parts, uint64_t *ret_hash)
{
    struct array array = { .out = out, .hash = UINT64_C(14695981039346656037) };
    char full[PATH_MAX];
    int len = snprintf(full, sizeof(full), "%s%s%s", root ? root : "", root ? "/" : "", path);

    if (len < 0 || len >= PATH_MAX) {
        fprintf(stderr, "embed: %s: the name is too long\n", path);
        return -1;
    }
    fprintf(out, "static const unsigned char file_%d[] = {", index);
    int failed = put_file(&array, full, has_parts) < 0;
    /* The zero keeps the array of an empty file legal; it is not part of the bytes. */
    fprintf(out, "\n    0,\n};\n\n");
    *ret_hash = array.hash;
    return failed ? -1 : 0;
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

/* `table` is "sidecar" or "bundler"; without it and without `root` they are the client's. */
static int write_all(FILE *out, const char *root, const char *table, int count, char **paths)
{
    uint64_t hashes[FILES_MAX];
    if (count > FILES_MAX) {
        fprintf(stderr, "embed: more than %d files\n", FILES_MAX);
        return -1;
    }
    const char *header = root != NULL                    ? "cli/template_files.h"
                         : table == NULL                 ? "serve/client_files.h"
                         : strcmp(table, "sidecar") == 0 ? "sidecar/sidecar_files.h"
                                                         : "pack/bundler_files.h";

    fprintf(out, "/* Written by tools/embed.c. */\n\n#include \"%s\"\n\n#include <string.h>\n\n",
            header);
    for (int i = 0; i < count; i++) {
        const char *name = root != NULL ? paths[i] : base_name(paths[i]);

        if (!is_plain_name(name)) {
            fprintf(stderr, "embed: %s: not a plain file name\n", paths[i]);
            return -1;
        }
        if (write_bytes(out, root, paths[i], i, root == NULL && table == NULL, &hashes[i]) < 0) {
            return -1;
        }
    }
    if (root != NULL) {
        write_table(out, "template", count, paths, 1);
    } else if (table != NULL) {
        write_table(out, table, count, paths, 0);
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
    const char *table = NULL;
    if (argc > 2 && (strcmp(argv[1], "--sidecar") == 0 || strcmp(argv[1], "--bundler") == 0)) {
        table = argv[1] + 2;
        argc--;
        argv++;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: embed [--templates ROOT | --sidecar | --bundler] OUT.c FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int failed = write_all(out, root, table, argc - 2, argv + 2);
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
