/* SPDX-License-Identifier: MIT */
/* What esbuild may say: any bytes are refused or read, as a packet, as an answer, as a log, and as an
 * output with a map. What is read lies inside of what was said. */
#include <stdint.h>
#include <stdlib.h>

#include "transform/esbuild_log.h"
#include "transform/esbuild_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str in = { (const char *)data, size };
    struct arena a = { 0 };
    struct diag_list diags = { 0 };
    struct esbuild_answer answer;
    struct str packet = { 0 };
    size_t used = 0;
    struct str code;
    struct str map;

    if (esbuild_read_packet(in, &used, &packet) == ESBUILD_PACKET) {
        check(used == packet.len + 4 && used <= size);
    }
    if (esbuild_read_answer(in, STR("let a;\nlet b;\n"), &a, &answer)) {
        check(answer.code.len + answer.map.len <= size);
        diag_list_finish(&answer.diags);
    }
    esbuild_read_log(in, STR("let a;\nlet b;\n"), &diags);
    for (size_t i = 0; i < diags.count; i++) {
        check(diags.items[i].line <= 15 && diags.items[i].text.len > 0);
    }
    esbuild_cut_map(in, &a, &code, &map);
    check(code.len <= size && map.len <= size && (map.len == 0 || code.len < size));
    diag_list_finish(&diags);
    arena_finish(&a);
    return 0;
}
