/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over files and folders of inputs without a fuzzer, so that
 * corpus and old crashes are replayed by every compiler and in every test run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (!f) {
        return 0;
    }
    for (;;) {
        bytes = realloc(bytes, len + 65536);
        if (!bytes) {
            abort();
        }
        size_t got = fread(bytes + len, 1, 65536, f);

        len += got;
        if (got < 65536) {
            break;
        }
    }
    (void)fclose(f);
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that one byte too far is seen */

    if (!exact) {
        abort();
    }
    memcpy(exact, bytes, len);
    free(bytes);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        struct dirent *e;

        if (!d) {
            count += run_file(argv[i]);
            continue;
        }
        while ((e = readdir(d))) {
            char path[4096];

            if (e->d_name[0] == '.') {
                continue;
            }
            (void)snprintf(path, sizeof(path), "%s/%s", argv[i], e->d_name);
            count += run_file(path);
        }
        (void)closedir(d);
    }
    (void)printf("%d inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
