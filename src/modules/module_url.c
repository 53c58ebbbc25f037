/* SPDX-License-Identifier: MIT */
/*
 * Module URLs.
 *
 * Invariant: a key has no parameter of ours, and the key of a key is itself. The
 * client has the same rule (client/client.js): both must find the same key.
 */
#include "modules/module_url.h"

#include "base/hash.h"
#include "base/path.h"

/* Reads "12" or "12r3". */
static bool parse_stamp(struct str s, uint64_t *ret_stamp, uint64_t *ret_page)
{
    struct str number;
    struct str page;
    bool rollback = str_cut(s, 'r', &number, &page);

    *ret_page = 0;
    return str_parse_u64(number, ret_stamp) && (!rollback || str_parse_u64(page, ret_page));
}

static bool is_ours(struct str parameter, struct module_url *ret)
{
    struct str name;
    struct str value;
    struct hash hash;
    uint64_t stamp = 0;
    uint64_t page = 0;

    if (!str_cut(parameter, '=', &name, &value)) {
        return false;
    }
    if (str_eq(name, STR("v"))) {
        if (hash_parse(value, &hash)) {
            ret->version = hash;
            ret->has_version = true;
            return true;
        }
        return str_eq(value, STR("missing"));
    }
    if (!str_eq(name, STR("orbit")) || !parse_stamp(value, &stamp, &page)) {
        return false;
    }
    ret->stamp = stamp;
    ret->stamp_page = page;
    return true;
}

static enum module_want want_of(struct str parameter)
{
    static const struct {
        struct str name;
        enum module_want want;
    } wants[] = {
        { STR_INIT("import"), WANT_IMPORT },
        { STR_INIT("raw"), WANT_RAW },
        { STR_INIT("url"), WANT_URL },
        { STR_INIT("inline"), WANT_INLINE },
        { STR_INIT("worker"), WANT_WORKER },
        { STR_INIT("sharedworker"), WANT_SHARED_WORKER },
        { STR_INIT("init"), WANT_INIT },
        { STR_INIT("cjs"), WANT_CJS },
        { STR_INIT("require"), WANT_REQUIRE },
    };

    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        if (str_eq(parameter, wants[i].name)) {
            return wants[i].want;
        }
    }
    return WANT_FILE;
}

static void note_parameter(struct str parameter, struct module_url *ret)
{
    enum module_want want = want_of(parameter);

    /* "import" is only the mark of an import; what is asked for more exactly wins */
    if (want != WANT_FILE && (ret->want == WANT_FILE || ret->want == WANT_IMPORT)) {
        ret->want = want;
    }
    if (str_starts(parameter, STR("type="))) {
        ret->type = str_skip(parameter, 5);
    }
    if (str_starts(parameter, STR("names="))) {
        ret->names = str_skip(parameter, 6);
    }
    ret->node = ret->node || str_eq(parameter, STR("node"));
}

/* Cuts "http://host" off. */
static struct str cut_origin(struct str url)
{
    size_t sign = str_find_str(url, STR("://"));

    if (sign == STR_NONE || (url.len > 0 && url.ptr[0] == '/')) {
        return url;
    }
    struct str rest = str_skip(url, sign + 3);
    size_t slash = str_find(rest, '/');

    return slash == STR_NONE ? STR("/") : str_skip(rest, slash);
}

bool module_url_cut_packages(struct str *url, struct str *ret_version)
{
    struct str prefix = STR("/@packages/");
    struct str rest = str_skip(*url, prefix.len);

    if (!str_starts(*url, prefix) || rest.len <= PACKAGES_VERSION_LEN ||
            rest.ptr[PACKAGES_VERSION_LEN] != '/') {
        return false;
    }
    for (size_t i = 0; i < PACKAGES_VERSION_LEN; i++) {
        char c = rest.ptr[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    if (ret_version) {
        *ret_version = str_sub(rest, 0, PACKAGES_VERSION_LEN);
    }
    *url = str_skip(rest, PACKAGES_VERSION_LEN);
    return true;
}

bool module_url_is_package(struct str url)
{
    return str_starts(url, STR("/node_modules/")) ||
           str_starts(url, STR("/@workspace/node_modules/"));
}

void module_url_parse(struct arena *a, struct str url, struct module_url *ret)
{
    struct str query;
    struct str parameter;
    bool kept_all = true;
    size_t len = 0;

    *ret = (struct module_url){ 0 };
    url = cut_origin(url);
    (void)module_url_cut_packages(&url, NULL);
    (void)str_cut(url, '#', &url, &(struct str){ 0 });
    ret->key = url;
    if (!str_cut(url, '?', &ret->path, &ret->query)) {
        return;
    }
    char *kept = arena_alloc(a, url.len + 1);

    for (size_t i = 0; i < ret->path.len; i++) {
        kept[len++] = ret->path.ptr[i];
    }
    query = ret->query;
    for (bool more = true; more;) {
        more = str_cut(query, '&', &parameter, &query);
        if (is_ours(parameter, ret)) {
            kept_all = false;
            continue;
        }
        kept[len] = len == ret->path.len ? '?' : '&';
        len++;
        for (size_t i = 0; i < parameter.len; i++) {
            kept[len++] = parameter.ptr[i];
        }
        note_parameter(parameter, ret);
    }
    if (!kept_all) {
        ret->key = (struct str){ kept, len };
        ret->query = str_skip(ret->key, ret->path.len + 1);
    }
    if (ret->query.len == 0) {
        ret->key = ret->path; /* "/a.js?" too */
    }
}

static bool is_any(struct str ext, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(ext, list[i])) {
            return true;
        }
    }
    return false;
}

static bool is_css_module(struct str path)
{
    static const struct str endings[] = { STR_INIT(".module.css"), STR_INIT(".module.scss"),
        STR_INIT(".module.sass"), STR_INIT(".module.less"), STR_INIT(".module.styl"),
        STR_INIT(".module.stylus") };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (str_ends(path, endings[i])) {
            return true;
        }
    }
    return false;
}

enum file_kind module_file_kind(struct str path)
{
    static const struct str js[] = { STR_INIT(".js"), STR_INIT(".mjs"), STR_INIT(".cjs"),
        STR_INIT(".orbit") };
    static const struct str compiled[] = { STR_INIT(".ts"), STR_INIT(".mts"), STR_INIT(".cts"),
        STR_INIT(".tsx"), STR_INIT(".jsx"), STR_INIT(".vue"), STR_INIT(".svelte") };
    static const struct str transform[] = {
        STR_INIT(".astro"),
        STR_INIT(".mdx"),
        STR_INIT(".coffee"),
    };
    static const struct str sheets[] = { STR_INIT(".scss"), STR_INIT(".sass"), STR_INIT(".less"),
        STR_INIT(".styl"), STR_INIT(".stylus"), STR_INIT(".pcss") };
    struct str ext = path_ext(path);

    if (ext.len == 0) {
        return FILE_NAMELESS;
    }
    if (str_ends(path, STR(".svelte.js")) || is_css_module(path)) {
        return FILE_COMPILED;
    }
    if (is_any(ext, js, sizeof(js) / sizeof(js[0]))) {
        return FILE_JS;
    }
    if (is_any(ext, compiled, sizeof(compiled) / sizeof(compiled[0]))) {
        return FILE_COMPILED;
    }
    if (is_any(ext, transform, sizeof(transform) / sizeof(transform[0]))) {
        return FILE_TRANSFORM;
    }
    if (is_any(ext, sheets, sizeof(sheets) / sizeof(sheets[0]))) {
        return FILE_SHEET;
    }
    return str_ieq(ext, STR(".css"))                                 ? FILE_CSS
           : str_ieq(ext, STR(".json"))                              ? FILE_JSON
           : str_ieq(ext, STR(".wasm"))                              ? FILE_WASM
           : str_ieq(ext, STR(".html")) || str_ieq(ext, STR(".htm")) ? FILE_HTML
                                                                     : FILE_OTHER;
}

enum node_kind module_node_kind(const struct module_url *url, struct str path)
{
    enum file_kind kind = module_file_kind(path);

    if (url->want == WANT_IMPORT && (kind == FILE_CSS || kind == FILE_SHEET) &&
            url->type.len == 0) {
        return NODE_CSS_JS;
    }
    if (url->want != WANT_FILE) {
        return NODE_JS;
    }
    switch (kind) {
    case FILE_JS:
    case FILE_COMPILED:
    case FILE_TRANSFORM: return NODE_JS;
    case FILE_CSS:
    case FILE_SHEET: return NODE_CSS;
    case FILE_HTML: return NODE_DOCUMENT;
    case FILE_JSON:
    case FILE_WASM:
    case FILE_OTHER:
    case FILE_NAMELESS: break;
    }
    return NODE_ASSET;
}

bool module_type_is_known(struct str type)
{
    return str_eq(type, STR("json")) || str_eq(type, STR("css")) || str_eq(type, STR("text"));
}

struct str module_import_mark(struct str path, struct str query, struct str type)
{
    enum file_kind kind = module_file_kind(path);
    struct arena a = { 0 };
    struct module_url url;

    module_url_parse(&a, query, &url);
    arena_finish(&a);
    if (url.want != WANT_FILE) {
        return STR("");
    }
    if (str_eq(type, STR("css"))) {
        return STR("import&type=css");
    }
    if (str_eq(type, STR("text"))) {
        return STR("import&type=text");
    }
    if (str_eq(type, STR("json")) && kind != FILE_JSON) {
        return STR("import&type=json");
    }
    return kind == FILE_JS || kind == FILE_COMPILED || kind == FILE_TRANSFORM ||
                           kind == FILE_NAMELESS || kind == FILE_HTML
                   ? STR("")
                   : STR("import");
}

void module_url_add(struct strbuf *out, bool has_query, struct str parameter)
{
    if (parameter.len > 0) {
        strbuf_addc(out, has_query ? '&' : '?');
        strbuf_add(out, parameter);
    }
}
