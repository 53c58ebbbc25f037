/* SPDX-License-Identifier: MIT */
/* A page's message: any bytes are refused or read, and what is read lies inside its limits. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct client_message m;

    if (message_parse(&a, (struct str){ (const char *)data, size }, &m)) {
        if (m.loaded_count > size || m.url.len > size || !str_is_utf8(m.url)) {
            abort();
        }
    }
    arena_finish(&a);
    return 0;
}
