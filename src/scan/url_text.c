/* SPDX-License-Identifier: MIT */
#include "scan/url_text.h"

#include <stddef.h>

struct str url_trim(struct str url)
{
    size_t from = 0, to = url.len;

    while (from < to && (unsigned char)url.ptr[from] <= ' ') {
        from++;
    }
    while (to > from && (unsigned char)url.ptr[to - 1] <= ' ') {
        to--;
    }
    return str_sub(url, from, to);
}

bool url_is_fetched(struct str url)
{
    static const struct str schemes[] = {
        STR_INIT("data:"),
        STR_INIT("blob:"),
        STR_INIT("about:"),
        STR_INIT("javascript:"),
    };

    url = url_trim(url);
    if (url.len == 0 || url.ptr[0] == '#') {
        return false;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (str_ieq(str_sub(url, 0, schemes[i].len), schemes[i])) {
            return false;
        }
    }
    return true;
}
