/* SPDX-License-Identifier: MIT */
/*
 * The injector: the place lies in the document and outside of what was cut off,
 * the output without the tag is the document, the charset may stand in a header, and what
 * is borrowed lies in the document. In an encoding of bytes the walk over the output meets
 * the tag as tokens of its own, right at the place.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "scan/html_lex.h"
#include "serve/inject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TAG "<script src=\"/client.js\"></script>"

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_borrowed(struct str document, struct str slice)
{
    check(slice.len == 0 ||
            (slice.ptr >= document.ptr && slice.ptr + slice.len <= document.ptr + document.len));
}

static bool is_utf16(const struct inject_place *place)
{
    return place->encoding == INJECT_UTF16LE || place->encoding == INJECT_UTF16BE;
}

/* The tokenizer, from the start of the output, must find our script at the place. */
static void check_visible(struct str out, const struct inject_place *place)
{
    size_t mark = str_starts(out, STR("\xEF\xBB\xBF")) ? 3 : 0;
    struct html_lex lex;
    struct html_token t;
    struct str src;

    html_lex_init(&lex, str_skip(out, mark));
    do {
        html_lex_next(&lex, &t);
    } while (t.kind != HTML_EOF && t.start + mark < place->offset);
    check(t.kind == HTML_START_TAG && t.start + mark == place->offset);
    check(str_eq(t.name, STR("script")));
    check(html_attribute(&t, STR("src"), &src) && str_eq(src, STR("/client.js")));
    html_lex_next(&lex, &t);
    check(t.kind == HTML_END_TAG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str document = { (const char *)data, size };
    struct inject_place place;
    struct strbuf b;
    struct str out;
    size_t added;

    inject_find(document, &place);
    check(place.offset <= document.len);
    check((place.charset.len == 0) == (place.encoding == INJECT_UNKNOWN));
    for (size_t i = 0; i < place.charset.len; i++) {
        check(place.charset.ptr[i] > ' ' && place.charset.ptr[i] < 0x7f);
    }
    check_borrowed(document, place.nonce);
    check((place.csp.len > 0) == place.csp_blocks_connect);

    strbuf_init(&b, 4 * size + 4096);
    inject_write(&b, document, &place, STR(TAG));
    check(!b.overflow);
    out = strbuf_str(&b);
    added = out.len - document.len;
    check(added >= sizeof(TAG) - 1);
    check(str_eq(str_sub(out, 0, place.offset), str_sub(document, 0, place.offset)));
    check(str_eq(str_skip(out, place.offset + added), str_skip(document, place.offset)));
    if (is_utf16(&place)) {
        check(place.offset % 2 == 0 && added % 2 == 0);
    } else {
        check_borrowed(document, place.csp);
        check_visible(out, &place);
    }
    strbuf_finish(&b);
    return 0;
}
