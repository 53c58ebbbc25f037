/* SPDX-License-Identifier: MIT */
#include "hmr/update.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/path.h"

void stamp_format(struct stamp stamp, char ret[STAMP_LEN])
{
    if (stamp.page > 0) {
        (void)snprintf(ret, STAMP_LEN, "%" PRIu64 "r%" PRIu64, stamp.seq, stamp.page); /* fits */
    } else {
        (void)snprintf(ret, STAMP_LEN, "%" PRIu64, stamp.seq);
    }
}

bool stamp_parse(struct str text, struct stamp *ret)
{
    struct str seq;
    struct str page;
    struct stamp s = { 0 };

    if (str_cut(text, 'r', &seq, &page) && (!str_parse_u64(page, &s.page) || s.page == 0)) {
        return false;
    }
    if (!str_parse_u64(seq, &s.seq)) {
        return false;
    }
    *ret = s;
    return true;
}

bool stamp_eq(struct stamp a, struct stamp b)
{
    return a.seq == b.seq && a.page == b.page;
}

struct str update_type_name(enum update_type type)
{
    switch (type) {
    case UPDATE_CSS: return STR("css");
    case UPDATE_ASSET: return STR("asset");
    case UPDATE_JS: return STR("js");
    case UPDATE_HTML: return STR("html");
    case UPDATE_WASM: return STR("wasm");
    case UPDATE_OTHER: return STR("other");
    }
    return STR("other");
}

enum update_type update_type_of(struct str path, bool is_document)
{
    static const struct {
        struct str ext;
        enum update_type type;
    } types[] = {
        { STR_INIT(".css"), UPDATE_CSS },
        { STR_INIT(".scss"), UPDATE_CSS },
        { STR_INIT(".sass"), UPDATE_CSS },
        { STR_INIT(".less"), UPDATE_CSS },
        { STR_INIT(".styl"), UPDATE_CSS },
        { STR_INIT(".stylus"), UPDATE_CSS },
        { STR_INIT(".pcss"), UPDATE_CSS },
        { STR_INIT(".js"), UPDATE_JS },
        { STR_INIT(".mjs"), UPDATE_JS },
        { STR_INIT(".wasm"), UPDATE_WASM },
        { STR_INIT(".png"), UPDATE_ASSET },
        { STR_INIT(".jpg"), UPDATE_ASSET },
        { STR_INIT(".jpeg"), UPDATE_ASSET },
        { STR_INIT(".gif"), UPDATE_ASSET },
        { STR_INIT(".webp"), UPDATE_ASSET },
        { STR_INIT(".avif"), UPDATE_ASSET },
        { STR_INIT(".svg"), UPDATE_ASSET },
        { STR_INIT(".ico"), UPDATE_ASSET },
        { STR_INIT(".bmp"), UPDATE_ASSET },
        { STR_INIT(".woff"), UPDATE_ASSET },
        { STR_INIT(".woff2"), UPDATE_ASSET },
        { STR_INIT(".ttf"), UPDATE_ASSET },
        { STR_INIT(".otf"), UPDATE_ASSET },
    };
    struct str ext = path_ext(path);

    if (is_document) {
        return UPDATE_HTML;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_ieq(ext, types[i].ext)) {
            return types[i].type;
        }
    }
    return UPDATE_OTHER;
}

bool version_eq(struct version a, struct version b)
{
    if (!a.known || !b.known || a.exists != b.exists) {
        return false;
    }
    return !a.exists || hash_eq(a.hash, b.hash);
}
