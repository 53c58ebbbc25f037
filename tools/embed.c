/* SPDX-License-Identifier: MIT */

/*
 * Writes files into one C file: `embed OUT.c FILE...`. Runs while orbiton is
 * built and stands alone, so that nothing else has to exist before it. What it
 * writes implements src/serve/client_files.h; a file's name is its last path
 * component. Invariant: equal inputs give equal output, on any machine.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LEN = 64, COLUMNS = 16 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Names go into C literals as they are, so only harmless ones are taken. */
static int is_plain_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return len > 0 && len <= NAME_MAX_LEN && name[len] == '\0';
}

/* Appends the file as an array and tells its FNV-1a hash (the entity tag). 0 or -1. */
static int write_bytes(FILE *out, const char *path, int index, uint64_t *ret_hash)
{
    FILE *in = fopen(path, "rb");
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

static int write_all(FILE *out, int count, char **paths)
{
    enum { FILES_MAX = 64 };
    uint64_t hashes[FILES_MAX];
    if (count > FILES_MAX) {
        fprintf(stderr, "embed: more than %d files\n", FILES_MAX);
        return -1;
    }
    fprintf(out, "/* Written by tools/embed.c. */\n\n#include \"serve/client_files.h\"\n\n"
                 "#include <string.h>\n\n");
    for (int i = 0; i < count; i++) {
        if (!is_plain_name(base_name(paths[i]))) {
            fprintf(stderr, "embed: %s: not a plain file name\n", paths[i]);
            return -1;
        }
        if (write_bytes(out, paths[i], i, &hashes[i]) < 0) {
            return -1;
        }
    }
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
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed OUT.c FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int failed = write_all(out, argc - 2, argv + 2);
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
