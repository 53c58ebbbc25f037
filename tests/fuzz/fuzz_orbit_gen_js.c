/* SPDX-License-Identifier: MIT */
/* An .orbit file whose code is JavaScript, as a module: its map is true and its brackets pair. */
#include "orbit_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct diag_list diags = { .count = 0 };
    struct orbit_component c;

    if (compile_alone(text, &c, &diags) && (c.lang == ORBIT_JS || c.lang == ORBIT_TS)) {
        check_map(text, &c.code);
        check_brackets(ORBIT_JS, strbuf_str(&c.code.text));
    }
    orbit_component_finish(&c);
    diag_list_finish(&diags);
    return 0;
}
