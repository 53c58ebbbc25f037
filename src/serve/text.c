/* SPDX-License-Identifier: MIT */
/* HTML and URLs made from text that is not to be trusted. */
#include "serve/text.h"

enum { JSON_MAX = TEXT_TAG_MAX / 2 };

/* The length of the UTF-8 sequence at the start of `s`; 0 if it is none. */
static size_t sequence_len(struct str s)
{
    for (size_t len = 1; len <= 4 && len <= s.len; len++) {
        if (str_is_utf8(str_sub(s, 0, len))) {
            return len;
        }
    }
    return 0;
}

void text_add_html(struct strbuf *b, struct str s)
{
    while (s.len > 0) {
        size_t len = sequence_len(s);
        unsigned char c = (unsigned char)s.ptr[0];

        if (len == 0 || c < 0x20 || c == 0x7f) {
            strbuf_add(b, STR("\xef\xbf\xbd"));
        } else if (c == '<') {
            strbuf_add(b, STR("&lt;"));
        } else if (c == '>') {
            strbuf_add(b, STR("&gt;"));
        } else if (c == '&') {
            strbuf_add(b, STR("&amp;"));
        } else if (c == '"') {
            strbuf_add(b, STR("&quot;"));
        } else if (c == '\'') {
            strbuf_add(b, STR("&#39;"));
        } else {
            strbuf_add(b, str_sub(s, 0, len));
        }
        s = str_skip(s, len > 0 ? len : 1);
    }
}

void text_add_url_path(struct strbuf *b, struct str path)
{
    strbuf_add_encoded(b, path, STR("-._~/"));
}

void text_add_tag(struct strbuf *b, struct str token, struct str epoch, uint64_t seq,
        struct str packages, struct str own, struct str define)
{
    struct strbuf json;

    strbuf_init(&json, JSON_MAX);
    strbuf_add(&json, STR("{\"token\":"));
    strbuf_add_json(&json, token);
    strbuf_add(&json, STR(",\"epoch\":"));
    strbuf_add_json(&json, epoch);
    strbuf_addf(&json, ",\"seq\":%llu", (unsigned long long)seq);
    if (packages.len > 0) {
        strbuf_add(&json, STR(",\"packages\":"));
        strbuf_add_json(&json, packages);
    }
    if (own.len > 0) {
        strbuf_add(&json, STR(",\"own\":"));
        strbuf_add(&json, own);
    }
    if (define.len > 0) {
        strbuf_add(&json, STR(",\"define\":"));
        strbuf_add(&json, define);
    }
    strbuf_addc(&json, '}');

    strbuf_add(b, STR("<script src=\"/__orbit/client.js\" data-orbit='"));
    /* within single quotes only these two need it, and people read this line */
    for (size_t i = 0; i < json.len; i++) {
        if (json.ptr[i] == '\'') {
            strbuf_add(b, STR("&#39;"));
        } else if (json.ptr[i] == '&') {
            strbuf_add(b, STR("&amp;"));
        } else {
            strbuf_addc(b, json.ptr[i]);
        }
    }
    strbuf_add(b, STR("'></script>"));
    strbuf_finish(&json);
}

void text_add_missing_page(struct strbuf *b, struct str path, struct str tag,
        const struct str *near, size_t near_count)
{
    strbuf_add(b, STR("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"));
    strbuf_add(b, tag);
    strbuf_add(b, STR("<title>Not found</title></head>\n<body><h1>Not found</h1>\n"
                      "<p>There is no file for <code>/"));
    text_add_html(b, path);
    strbuf_add(b, STR("</code>.</p>\n"));
    if (near_count > 0) {
        strbuf_add(b, STR("<p>Did you mean:</p>\n<ul>\n"));
        for (size_t i = 0; i < near_count; i++) {
            strbuf_add(b, STR("<li><a href=\"/"));
            text_add_url_path(b, near[i]);
            strbuf_add(b, STR("\">/"));
            text_add_html(b, near[i]);
            strbuf_add(b, STR("</a></li>\n"));
        }
        strbuf_add(b, STR("</ul>\n"));
    }
    strbuf_add(b, STR("</body></html>\n"));
}
