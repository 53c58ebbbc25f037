/* SPDX-License-Identifier: MIT */
/*
 * The prescan of the first 1,024 bytes, and the labels of the Encoding
 * Standard. The prescan is an algorithm of its own and not the tokenizer: it
 * knows no script and no title, and it must find what a browser finds. Where it
 * runs out of bytes it ends without an answer, even in the middle of a <meta>.
 */
#include "scan/html_encoding.h"

/* clang-format off */
static const struct {
    struct str name;
    struct str labels; /* lower case, with one space between them */
} encodings[] = {
    { STR_INIT("UTF-8"),
            STR_INIT("unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8"
                     " x-unicode20utf8") },
    { STR_INIT("Big5"),
            STR_INIT("big5 big5-hkscs cn-big5 csbig5 x-x-big5") },
    { STR_INIT("EUC-JP"),
            STR_INIT("cseucpkdfmtjapanese euc-jp x-euc-jp") },
    { STR_INIT("EUC-KR"),
            STR_INIT("cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987"
                     " ks_c_5601-1989 ksc5601 ksc_5601 windows-949") },
    { STR_INIT("gb18030"),
            STR_INIT("gb18030") },
    { STR_INIT("GBK"),
            STR_INIT("chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk"
                     " iso-ir-58 x-gbk") },
    { STR_INIT("IBM866"),
            STR_INIT("866 cp866 csibm866 ibm866") },
    { STR_INIT("ISO-2022-JP"),
            STR_INIT("csiso2022jp iso-2022-jp") },
    { STR_INIT("ISO-8859-10"),
            STR_INIT("csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6") },
    { STR_INIT("ISO-8859-13"),
            STR_INIT("iso-8859-13 iso8859-13 iso885913") },
    { STR_INIT("ISO-8859-14"),
            STR_INIT("iso-8859-14 iso8859-14 iso885914") },
    { STR_INIT("ISO-8859-15"),
            STR_INIT("csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9") },
    { STR_INIT("ISO-8859-16"),
            STR_INIT("iso-8859-16") },
    { STR_INIT("ISO-8859-2"),
            STR_INIT("csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2"
                     " iso_8859-2:1987 l2 latin2") },
    { STR_INIT("ISO-8859-3"),
            STR_INIT("csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3"
                     " iso_8859-3:1988 l3 latin3") },
    { STR_INIT("ISO-8859-4"),
            STR_INIT("csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4"
                     " iso_8859-4:1988 l4 latin4") },
    { STR_INIT("ISO-8859-5"),
            STR_INIT("csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5"
                     " iso88595 iso_8859-5 iso_8859-5:1988") },
    { STR_INIT("ISO-8859-6"),
            STR_INIT("arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114"
                     " iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6"
                     " iso88596 iso_8859-6 iso_8859-6:1987") },
    { STR_INIT("ISO-8859-7"),
            STR_INIT("csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7"
                     " iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987"
                     " sun_eu_greek") },
    { STR_INIT("ISO-8859-8"),
            STR_INIT("csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e"
                     " iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual") },
    { STR_INIT("ISO-8859-8-I"),
            STR_INIT("csiso88598i iso-8859-8-i logical") },
    { STR_INIT("KOI8-R"),
            STR_INIT("cskoi8r koi koi8 koi8-r koi8_r") },
    { STR_INIT("KOI8-U"),
            STR_INIT("koi8-ru koi8-u") },
    { STR_INIT("macintosh"),
            STR_INIT("csmacintosh mac macintosh x-mac-roman") },
    { STR_INIT("replacement"),
            STR_INIT("csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr"
                     " replacement") },
    { STR_INIT("Shift_JIS"),
            STR_INIT("csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j"
                     " x-sjis") },
    { STR_INIT("UTF-16BE"),
            STR_INIT("unicodefffe utf-16be") },
    { STR_INIT("UTF-16LE"),
            STR_INIT("csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16"
                     " utf-16le") },
    { STR_INIT("windows-1250"),
            STR_INIT("cp1250 windows-1250 x-cp1250") },
    { STR_INIT("windows-1251"),
            STR_INIT("cp1251 windows-1251 x-cp1251") },
    { STR_INIT("windows-1252"),
            STR_INIT("ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1"
                     " iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1"
                     " latin1 us-ascii windows-1252 x-cp1252") },
    { STR_INIT("windows-1253"),
            STR_INIT("cp1253 windows-1253 x-cp1253") },
    { STR_INIT("windows-1254"),
            STR_INIT("cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599"
                     " iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254") },
    { STR_INIT("windows-1255"),
            STR_INIT("cp1255 windows-1255 x-cp1255") },
    { STR_INIT("windows-1256"),
            STR_INIT("cp1256 windows-1256 x-cp1256") },
    { STR_INIT("windows-1257"),
            STR_INIT("cp1257 windows-1257 x-cp1257") },
    { STR_INIT("windows-1258"),
            STR_INIT("cp1258 windows-1258 x-cp1258") },
    { STR_INIT("windows-874"),
            STR_INIT("dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874") },
    { STR_INIT("x-mac-cyrillic"),
            STR_INIT("x-mac-cyrillic x-mac-ukrainian") },
    { STR_INIT("x-user-defined"),
            STR_INIT("x-user-defined") },
};
/* clang-format on */

/* A cursor over the bytes of the prescan. */
struct prescan {
    struct str s;
    size_t at; /* s.len once the bytes have run out */
};

struct attribute {
    struct str name, value;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t skip_spaces(struct str s, size_t i)
{
    while (i < s.len && is_space(s.ptr[i])) {
        i++;
    }
    return i;
}

struct str html_encoding_get(struct str label)
{
    label = str_trim(label);
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        struct str rest = encodings[i].labels;
        struct str one;
        bool more;

        do {
            more = str_cut(rest, ' ', &one, &rest);
            if (str_ieq(one, label)) {
                return encodings[i].name;
            }
        } while (more);
    }
    return STR("");
}

/* As html_encoding_get(), for a declaration that is evidently written in an ASCII superset. */
static struct str get_declared(struct str label)
{
    struct str name = html_encoding_get(label);

    if (str_starts(name, STR("UTF-16"))) {
        return STR("UTF-8");
    }
    return name;
}

/* "Extracting a character encoding from a meta element": the charset in a content attribute. */
static struct str extract_charset(struct str content)
{
    size_t i = 0;

    for (; i + 7 <= content.len; i++) {
        size_t start;

        if (!str_ieq(str_sub(content, i, i + 7), STR("charset"))) {
            continue;
        }
        start = skip_spaces(content, i + 7);
        if (start == content.len || content.ptr[start] != '=') {
            continue;
        }
        start = skip_spaces(content, start + 1);
        if (start == content.len) {
            break;
        }
        if (content.ptr[start] == '"' || content.ptr[start] == '\'') {
            struct str quoted = str_skip(content, start + 1);
            size_t end = str_find(quoted, content.ptr[start]);

            return end == STR_NONE ? STR("") : html_encoding_get(str_sub(quoted, 0, end));
        }
        i = start;
        while (i < content.len && !is_space(content.ptr[i]) && content.ptr[i] != ';') {
            i++;
        }
        return html_encoding_get(str_sub(content, start, i));
    }
    return STR("");
}

static size_t skip_to(struct str s, size_t i, char c)
{
    size_t found = str_find(str_skip(s, i), c);

    return found == STR_NONE ? s.len : i + found;
}

/* "Get an attribute"; false at the end of the tag, and when the bytes have run out. */
static bool next_attribute(struct prescan *p, struct attribute *ret)
{
    struct str s = p->s;
    size_t i = p->at;
    size_t start;

    while (i < s.len && (is_space(s.ptr[i]) || s.ptr[i] == '/')) {
        i++;
    }
    start = p->at = i;
    if (i == s.len || s.ptr[i] == '>') {
        return false;
    }
    i++;
    while (i < s.len && !is_space(s.ptr[i]) && s.ptr[i] != '/' && s.ptr[i] != '>' &&
            s.ptr[i] != '=') {
        i++;
    }
    ret->name = str_sub(s, start, i);
    ret->value = STR("");
    i = skip_spaces(s, i);
    if (i < s.len && s.ptr[i] == '=') {
        i = skip_spaces(s, i + 1);
        if (i < s.len && (s.ptr[i] == '"' || s.ptr[i] == '\'')) {
            size_t end = skip_to(s, i + 1, s.ptr[i]);

            ret->value = str_sub(s, i + 1, end);
            i = end < s.len ? end + 1 : end;
        } else {
            start = i;
            while (i < s.len && !is_space(s.ptr[i]) && s.ptr[i] != '>') {
                i++;
            }
            ret->value = str_sub(s, start, i);
        }
    }
    p->at = i;
    return i < s.len;
}

/* The attributes of a <meta>; the encoding it declares, or empty. */
static struct str read_meta(struct prescan *p)
{
    struct attribute a;
    struct str charset = STR("");
    bool has_http_equiv = false, has_content = false, has_charset = false;
    bool got_pragma = false, need_pragma = false;

    while (next_attribute(p, &a)) {
        if (str_ieq(a.name, STR("http-equiv")) && !has_http_equiv) {
            has_http_equiv = true;
            got_pragma = str_ieq(a.value, STR("content-type"));
        } else if (str_ieq(a.name, STR("content")) && !has_content) {
            has_content = true;
            if (!has_charset) {
                charset = extract_charset(a.value);
                need_pragma = charset.len > 0;
            }
        } else if (str_ieq(a.name, STR("charset")) && !has_charset) {
            has_charset = true;
            charset = html_encoding_get(a.value);
            need_pragma = false;
        }
    }
    if (p->at == p->s.len || (need_pragma && !got_pragma)) {
        return STR("");
    }
    if (str_starts(charset, STR("UTF-16"))) {
        return STR("UTF-8");
    }
    return str_eq(charset, STR("x-user-defined")) ? STR("windows-1252") : charset;
}

/* One step at '<': moves behind what stands there, to the byte that is looked at next. */
static struct str read_markup(struct prescan *p)
{
    struct str s = p->s;
    size_t i = p->at;
    struct str rest = str_skip(s, i);
    struct attribute a;
    char c = i + 1 < s.len ? s.ptr[i + 1] : '\0';

    if (str_starts(rest, STR("<!--"))) {
        /* The dashes of the opening count: "<!-->" is a whole comment. */
        size_t end = str_find_str(str_skip(rest, 2), STR("-->"));

        p->at = end == STR_NONE ? s.len : i + 2 + end + 3;
        return STR("");
    }
    if (str_ieq(str_sub(rest, 0, 5), STR("<meta")) && rest.len > 5 &&
            (is_space(rest.ptr[5]) || rest.ptr[5] == '/')) {
        p->at = i + 5;
        return read_meta(p);
    }
    if (is_letter(c) || (c == '/' && i + 2 < s.len && is_letter(s.ptr[i + 2]))) {
        while (p->at < s.len && !is_space(s.ptr[p->at]) && s.ptr[p->at] != '>') {
            p->at++;
        }
        while (next_attribute(p, &a)) {
        }
        return STR("");
    }
    p->at = c == '!' || c == '/' || c == '?' ? skip_to(s, i, '>') : i + 1;
    return STR("");
}

/* "Get an XML encoding": what browsers honour in text/html too, after every <meta>. */
static struct str read_xml_declaration(struct str s)
{
    size_t end = str_find(s, '>');
    size_t i, len;
    struct str label;

    if (!str_starts(s, STR("<?xml")) || end == STR_NONE) {
        return STR("");
    }
    s = str_sub(s, 0, end);
    i = str_find_str(s, STR("encoding"));
    if (i == STR_NONE) {
        return STR("");
    }
    i += 8;
    while (i < s.len && (unsigned char)s.ptr[i] <= 0x20) {
        i++;
    }
    if (i == s.len || s.ptr[i] != '=') {
        return STR("");
    }
    i++;
    while (i < s.len && (unsigned char)s.ptr[i] <= 0x20) {
        i++;
    }
    if (i == s.len || (s.ptr[i] != '"' && s.ptr[i] != '\'')) {
        return STR("");
    }
    label = str_skip(s, i + 1);
    len = str_find(label, s.ptr[i]);
    if (len == STR_NONE) {
        return STR("");
    }
    for (size_t k = 0; k < len; k++) {
        if ((unsigned char)label.ptr[k] <= 0x20) {
            return STR("");
        }
    }
    return get_declared(str_sub(label, 0, len));
}

struct str html_encoding_prescan(struct str document)
{
    struct prescan p = { str_sub(document, 0, HTML_PRESCAN_MAX), 0 };

    if (str_starts(p.s, STR("<\0?\0x\0"))) {
        return STR("UTF-16LE");
    }
    if (str_starts(p.s, STR("\0<\0?\0x"))) {
        return STR("UTF-16BE");
    }
    while (p.at < p.s.len) {
        struct str name = STR("");

        if (p.s.ptr[p.at] == '<') {
            name = read_markup(&p);
        } else {
            p.at = skip_to(p.s, p.at, '<');
        }
        if (name.len > 0) {
            return name;
        }
    }
    return read_xml_declaration(p.s);
}
