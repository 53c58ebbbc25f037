/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_HTTP_HTTP_CHAR_H
#define ORBITON_HTTP_HTTP_CHAR_H

/* The character classes of RFC 9110 section 5.6 and RFC 3986, for the parsers of this folder. */

#include <stdbool.h>

#include "base/str.h"

/* Indexed by byte: 1 for a token character, 0 for any other. */
extern const unsigned char http_token_table[256];

static inline bool http_is_token(char c)
{
    return http_token_table[(unsigned char)c] != 0;
}

/* What may stand in a field value: tab, visible ASCII, space, and bytes from 0x80 on. */
static inline bool http_is_value(char c)
{
    unsigned char u = (unsigned char)c;

    return (u >= 0x20 && u != 0x7f) || u == '\t';
}

/* What may stand in a request target as sent; '#' is refused as well, a client never sends it. */
static inline bool http_is_target(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 0x21 && u <= 0x7e && u != '#';
}

/* The value of a hexadecimal digit, or -1. */
static inline int http_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Without the spaces and tabs at both ends: white space as HTTP has it inside a line. */
struct str http_trim(struct str s);

#endif
