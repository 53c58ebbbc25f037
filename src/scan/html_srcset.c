/* SPDX-License-Identifier: MIT */
#include "scan/html_srcset.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Behind the comma that ends a candidate; a comma in parentheses does not. */
static size_t skip_descriptors(struct str s, size_t i)
{
    bool in_parens = false;

    for (; i < s.len; i++) {
        if (s.ptr[i] == ',' && !in_parens) {
            return i + 1;
        }
        if (s.ptr[i] == '(' || s.ptr[i] == ')') {
            in_parens = s.ptr[i] == '(';
        }
    }
    return i;
}

bool html_srcset_next(struct str srcset, size_t *at, struct str *ret)
{
    size_t i = *at, start, end;

    while (i < srcset.len && (is_space(srcset.ptr[i]) || srcset.ptr[i] == ',')) {
        i++;
    }
    start = i;
    while (i < srcset.len && !is_space(srcset.ptr[i])) {
        i++;
    }
    end = i;
    while (end > start && srcset.ptr[end - 1] == ',') {
        end--;
    }
    *at = end < i ? i : skip_descriptors(srcset, i);
    *ret = str_sub(srcset, start, end);
    return end > start;
}
