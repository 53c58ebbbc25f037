/* SPDX-License-Identifier: MIT */
/* The sidecar's lines: any bytes are rubbish or read, and what is read lies inside the project. */
#include <stdint.h>
#include <stdlib.h>

#include "sidecar/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sidecar_folders in = { STR("/ws/app"), STR("/ws") };
    struct arena a = { 0 };
    struct sidecar_message m;

    sidecar_read((struct str){ (const char *)data, size }, in, &a, &m);
    if (m.output.dep_count > size || (diag_list_errors(&m.diags) > 0 && m.output.code.len > 0)) {
        abort();
    }
    for (size_t i = 0; i < m.output.dep_count; i++) {
        struct str dep = m.output.deps[i];

        if (str_starts(dep, STR("../")) || str_find_str(dep, STR("/../")) != STR_NONE) {
            abort();
        }
    }
    diag_list_finish(&m.diags);
    arena_finish(&a);
    return 0;
}
