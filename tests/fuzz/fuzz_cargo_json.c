/* SPDX-License-Identifier: MIT */
/*
 * cargo's output. Whatever it says, a diagnostic's path stays below the root, the same line adds
 * nothing the second time, and artefacts are absolute .wasm paths.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/cargo.h"
#include "build/cargo_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void on_wasm(void *ctx, struct str path)
{
    (void)ctx;
    check(str_starts(path, STR("/")) && str_ends(path, STR(".wasm")));
}

static void check_path(struct str path)
{
    struct arena a = { 0 };
    struct str normal;

    check(path_normalise(&a, path, &normal) && str_eq(normal, path));
    arena_finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cargo_places places = { STR_INIT("/p/app"), STR_INIT("/p") };
    struct str text = { (const char *)data, size };
    struct arena a = { 0 };
    struct diag_list list = { 0 };
    struct cargo_metadata metadata;
    struct diag d;
    size_t count;

    if (size >= DIAG_TEXT_MAX) {
        return 0; /* a text that was cut no longer equals the whole one */
    }
    (void)cargo_json_message(text, &places, &list, on_wasm, NULL);
    count = list.count;
    for (size_t i = 0; i < count; i++) {
        check_path(list.items[i].path);
        check(list.items[i].path.len > 0 || list.items[i].line == 0);
    }
    (void)cargo_json_message(text, &places, &list, on_wasm, NULL);
    check(list.count == count);
    diag_list_finish(&list);

    if (cargo_json_metadata(&a, text, &metadata)) {
        check(str_starts(metadata.target_directory, STR("/")));
    }
    check(cargo_guess_name(&a, text).len <= size);
    cargo_manifest_error(&a, STR("/p"), text, 101, &d);
    check_path(d.path);
    check(d.text.len > 0 || str_find_str(text, STR("error: ")) != STR_NONE);
    arena_finish(&a);
    return 0;
}
