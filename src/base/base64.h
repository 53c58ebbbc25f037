/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648, section 4), and its digits, which source maps use by themselves.
 */
#ifndef ORBITON_BASE_BASE64_H
#define ORBITON_BASE_BASE64_H

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"

/* The digits of 0 to 63. */
extern const char base64_digits[65];

/* The value of a digit, 0 to 63; -1 for any other byte. */
int base64_value(char digit);

/* Adds the bytes, padded with "=". */
void base64_encode(struct strbuf *out, struct str bytes);

/* The bytes, from `a`, up to the first byte that is no digit; bits that make no byte are left out. */
struct str base64_decode(struct arena *a, struct str text);

#endif
