/* SPDX-License-Identifier: MIT */
/*
 * Any text as orbiton.toml. Every problem has a place inside the text; what was
 * taken is within its bounds; the same text gives the same problems again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "config/options.h"
#include "config/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check_place(struct str text, unsigned line, unsigned col)
{
    unsigned lines;
    unsigned cols;

    diag_place(text, text.len, &lines, &cols);
    check(line <= lines);
    if (line == 0 || col == 0) {
        return;
    }
    for (unsigned i = 1; i < line; i++) {
        struct str one;

        str_cut(text, '\n', &one, &text);
    }
    /* The newline itself may be the place, or the end of the text behind it. */
    check(col <= str_sub(text, 0, str_find(text, '\n')).len + 2);
}

static void check_text(struct str s)
{
    check(str_find(s, '\0') == STR_NONE);
}

static void check_list(struct str_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        check_text(list.items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    size_t counts[2];

    for (int round = 0; round < 2; round++) {
        struct options o;
        struct diag_list diags = { 0 };

        options_init(&o);
        options_read_toml(&o, STR("orbiton.toml"), text, &diags);
        for (size_t i = 0; i < diags.count; i++) {
            check(diags.items[i].text.len > 0);
            check(size > TOML_TEXT_MAX || diags.items[i].line > 0);
            check_place(text, diags.items[i].line, diags.items[i].col);
        }
        check(o.debounce_ms <= 60000);
        check_text(o.project_name);
        check_text(o.host);
        check_text(o.build_command);
        check_list(o.allowed_hosts);
        check_list(o.static_dirs);
        check_list(o.ignore_patterns);
        check_list(o.build_env);
        for (size_t i = 0; i < o.header_count; i++) {
            check(o.headers[i].name.len > 0);
            check(str_find(o.headers[i].value, '\n') == STR_NONE);
        }
        counts[round] = diags.count + diags.dropped;
        diag_list_finish(&diags);
        options_finish(&o);
    }
    check(counts[0] == counts[1]);
    return 0;
}
