/* SPDX-License-Identifier: MIT */
#include "hmr/text_edit.h"

static bool is_inside_character(struct str s, size_t at)
{
    return at < s.len && str_utf16_units(s.ptr[at]) == 0;
}

static size_t count_units(struct str utf8)
{
    size_t units = 0;

    for (size_t i = 0; i < utf8.len; i++) {
        units += str_utf16_units(utf8.ptr[i]);
    }
    return units;
}

bool text_edit_find(struct str base, struct str text, struct text_edit *ret)
{
    size_t least = base.len < text.len ? base.len : text.len;
    size_t start = 0;
    size_t end = 0; /* bytes behind the edit */

    while (start < least && base.ptr[start] == text.ptr[start]) {
        start++;
    }
    while (start > 0 && (is_inside_character(base, start) || is_inside_character(text, start))) {
        start--;
    }
    while (end < least - start && base.ptr[base.len - end - 1] == text.ptr[text.len - end - 1]) {
        end++;
    }
    while (end > 0 && is_inside_character(base, base.len - end)) {
        end--;
    }
    struct str old = str_sub(base, 0, base.len - end);
    struct str new = str_sub(text, 0, text.len - end);

    if (str_starts(base, STR("\xef\xbb\xbf")) || str_starts(text, STR("\xef\xbb\xbf")) ||
            !str_is_utf8(old) || !str_is_utf8(new)) {
        return false;
    }
    *ret = (struct text_edit){
        .at = count_units(str_sub(base, 0, start)),
        .removed = count_units(str_skip(old, start)),
        .text = str_skip(new, start),
    };
    return true;
}
