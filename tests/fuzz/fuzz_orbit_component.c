/* SPDX-License-Identifier: MIT */
/*
 * Two versions of a component, separated by a NUL, compiled one after the other as the dev loop does:
 * what says that it is known needs no build, what says that it is the same is the same, and the
 * texts that go to the page are whole.
 */
#include <jansson.h>

#include "base/path.h"
#include "orbit_fuzz.h"

static enum orbit_lookup find(
        void *ctx, struct str name, struct str *ret_path, struct str *ret_other)
{
    enum orbit_lookup found = find_by_name(ctx, name, ret_path, ret_other);

    *ret_other = STR("src/more/other.orbit");
    return str_starts(name, STR("Two")) ? ORBIT_LOOKUP_TWO : found;
}

/* A file with an extension is there, and says something of its kind. */
static bool read_some(void *ctx, struct str path, struct arena *a, struct str *ret)
{
    (void)ctx;
    (void)a;
    *ret = str_ends(path, STR("l")) ? STR("<p>{{ one }}</p>") : STR("p { color: red }");
    return str_find(path, '.') != STR_NONE;
}

static const struct orbit_surroundings around = { .find = find, .read = read_some };

static struct str url_of(struct arena *a, struct str path)
{
    return arena_printf(a, "/%.*s", STR_FMT(path));
}

static bool compile(struct orbit_component *ret, struct str text,
        const struct orbit_component *previous, const struct orbit_running *running)
{
    struct diag_list diags = { .count = 0 };
    bool good = orbit_component_compile(
            ret, STR("src/it.orbit"), text, previous, running, &around, &diags);

    check(good == (diag_list_errors(&diags) == 0));
    for (size_t i = 0; i < ret->other_count; i++) {
        struct str other;

        check(path_normalise(&ret->arena, ret->others[i], &other));
        check(str_eq(other, ret->others[i]));
    }
    diag_list_finish(&diags);
    return good;
}

static bool is_same(const struct orbit_component *a, const struct orbit_component *b)
{
    struct orbit_change change = orbit_component_compare(a, b);

    return !change.style && !change.template && !change.code && !change.children &&
           change.unknown == 0;
}

/* A part can be told as JSON. */
static void check_part(struct str text)
{
    struct str name, arguments;
    struct strbuf list;

    check_brackets(ORBIT_JS, text);
    check(orbit_part_read(text, &name, &arguments));
    strbuf_init(&list, 64 << 20);
    strbuf_addc(&list, '[');
    strbuf_add(&list, arguments);
    strbuf_addc(&list, ']');
    json_t *parsed = json_loadb(list.ptr, list.len, JSON_ALLOW_NUL, NULL);

    check(parsed);
    json_decref(parsed);
    strbuf_finish(&list);
}

static void check_texts(const struct orbit_component *c)
{
    struct strbuf out;

    strbuf_init(&out, 64 << 20);
    orbit_facade_write(c, url_of, &out);
    check_brackets(ORBIT_JS, strbuf_str(&out));
    strbuf_reset(&out);
    orbit_template_write(c, &out);
    check_part(strbuf_str(&out));
    for (size_t i = 0; i < c->style_count; i++) {
        strbuf_reset(&out);
        orbit_style_write(c->path, i, c->styles[i].text, &out);
        check_part(strbuf_str(&out));
    }
    check(!out.overflow);
    strbuf_finish(&out);
}

static void check_edit(const struct orbit_component *old, struct str text)
{
    struct orbit_running running = { 0 };
    struct orbit_component c;

    orbit_running_take(&running, old);
    if (compile(&c, text, old, &running)) {
        struct orbit_change change = orbit_component_compare(old, &c);

        check_texts(&c);
        (void)orbit_change_describe(&change, &c.arena);
        /* nothing unknown, and the block as it was: then nothing may start a build */
        if (!change.code && !change.children && change.unknown == 0 && c.unknown_count == 0 &&
                strcmp(old->table_id, c.table_id) == 0) {
            check(str_eq(strbuf_str(&old->code.text), strbuf_str(&c.code.text)));
        }
    }
    orbit_component_finish(&c);
    orbit_running_finish(&running);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct str newer;
    struct orbit_component old, again;

    (void)str_cut(text, '\0', &text, &newer);
    if (compile(&old, text, NULL, NULL)) {
        check_texts(&old);
        check_edit(&old, newer);
        check(compile(&again, text, &old, NULL));
        check(is_same(&old, &again));
        check(str_eq(strbuf_str(&old.code.text), strbuf_str(&again.code.text)));
        orbit_component_finish(&again);
    }
    orbit_component_finish(&old);
    return 0;
}
