/* SPDX-License-Identifier: MIT */
/*
 * The structs of a code block as values: by the names of their fields, and with
 * types that clang sees itself (ORBIT_KIND of orbit.h), so that typedefs need
 * not be followed here. What is read from the text of a declaration is only its
 * shape: an array, a pointer with a count beside it, a struct or enum of the
 * block or its headers, or something that has no value (a function, a union, another pointer).
 */
#include "orbit/gen_c.h"

#include "orbit/lex.h"

enum shape {
    SHAPE_VALUE, /* whatever orbit.h can do with it */
    SHAPE_BITS,
    SHAPE_STRUCT,
    SHAPE_ENUM,
    SHAPE_LOSS,
};

enum { DIMS_MAX = 3 };

struct form {
    enum shape shape;
    const struct orbit_item *item;      /* STRUCT, ENUM */
    unsigned dims;                      /* of an array; one of char has one less */
    const struct orbit_member *counter; /* of a pointer */
};

/* The type without qualifiers and tags; *ret_stars counts what it points through. */
static struct str base_of(struct str type, size_t *ret_stars)
{
    struct str word = STR("");
    size_t start = 0;

    *ret_stars = 0;
    for (size_t i = 0; i <= type.len; i++) {
        char c = i < type.len ? type.ptr[i] : ' ';
        bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '*';
        if (!is_blank) {
            continue;
        }
        struct str at = str_sub(type, start, i);
        if (at.len > 0 && !orbit_word_in(at, "const volatile struct enum")) {
            word = word.len == 0 ? at : str_sub(type, (size_t)(word.ptr - type.ptr), i);
        }
        *ret_stars += c == '*';
        start = i + 1;
    }
    return word;
}

struct str gen_c_type(const struct gen_c *g, const struct orbit_item *item)
{
    if (item->alias.len > 0) {
        return item->alias;
    }
    return arena_printf(g->arena, "%s %.*s", item->kind == ORBIT_ITEM_ENUM ? "enum" : "struct",
            STR_FMT(item->name));
}

static struct str name_of(const struct orbit_item *item)
{
    return item->alias.len > 0 ? item->alias : item->name;
}

const struct orbit_item *gen_c_item(const struct gen_c *g, struct str type)
{
    size_t stars;
    struct str base = base_of(type, &stars);

    for (size_t i = 0; i < g->items.count && base.len > 0; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if ((item->kind == ORBIT_ITEM_STRUCT || item->kind == ORBIT_ITEM_ENUM) && item->body > 0 &&
                (str_eq(item->alias, base) || str_eq(item->name, base))) {
            return item;
        }
    }
    return NULL;
}

bool gen_c_is_struct(const struct orbit_item *item)
{
    return item->kind == ORBIT_ITEM_STRUCT && item->body > 0 && name_of(item).len > 0 &&
           !item->is_union;
}

const struct orbit_member *gen_c_field(const struct orbit_item *item, struct str name)
{
    for (size_t i = 0; i < item->member_count; i++) {
        if (str_eq(item->members[i].name, name)) {
            return &item->members[i];
        }
    }
    return NULL;
}

static const struct orbit_member *field_named(
        const struct gen_c *g, const struct orbit_item *item, struct str stem, const char *ending)
{
    return gen_c_field(item, arena_printf(g->arena, "%.*s%s", STR_FMT(stem), ending));
}

/* Whether the field may be a number: "int word_len[10]" counts no words. */
static bool may_count(const struct orbit_member *field)
{
    return (field->array.len == 0 || str_starts(field->array, STR(":"))) &&
           str_find(field->type, '*') == STR_NONE && str_find(field->type, '{') == STR_NONE;
}

/* Whether the count of a list that is cut can be cut with it: it is plainly an integer. */
static bool can_be_cut(const struct orbit_member *counter)
{
    size_t stars;
    struct str type = base_of(counter->type, &stars);
    struct str word, rest = type;

    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &word, &rest);
        if (word.len > 0 && !orbit_word_in(word, "int unsigned signed short long char size_t "
                                                 "ssize_t ptrdiff_t int8_t int16_t int32_t "
                                                 "int64_t uint8_t uint16_t uint32_t uint64_t")) {
            return false;
        }
    }
    return type.len > 0 && stars == 0 && counter->array.len == 0;
}

static const struct orbit_member *companion(const struct gen_c *g, const struct orbit_item *item,
        struct str field, const char *const *endings, size_t count)
{
    struct str stems[3] = { field, str_sub(field, 0, field.len - (field.len > 1)), STR("") };

    if (!str_ends(field, STR("s"))) {
        stems[1] = STR("");
    }
    if (str_ends(field, STR("ies"))) {
        stems[2] = arena_printf(g->arena, "%.*sy", STR_FMT(str_sub(field, 0, field.len - 3)));
    } else if (str_ends(field, STR("es"))) {
        stems[2] = str_sub(field, 0, field.len - 2);
    }
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < count && stems[i].len > 0; k++) {
            const struct orbit_member *ret = field_named(g, item, stems[i], endings[k]);
            if (ret && may_count(ret)) {
                return ret;
            }
        }
    }
    return NULL;
}

const struct orbit_member *gen_c_counter(
        const struct gen_c *g, const struct orbit_item *item, struct str field)
{
    static const char *const endings[] = { "_count", "_len", "_length" };

    return companion(g, item, field, endings, 3);
}

static const struct orbit_member *capacity(
        const struct gen_c *g, const struct orbit_item *item, struct str field)
{
    static const char *const endings[] = { "_cap", "_capacity" };

    return companion(g, item, field, endings, 2);
}

/* How often an item is chosen in "[4][N + 1]". */
static unsigned dims_of(struct str array)
{
    unsigned dims = 0, depth = 0;

    for (size_t i = 0; i < array.len; i++) {
        dims += array.ptr[i] == '[' && depth == 0;
        depth += array.ptr[i] == '[';
        depth -= array.ptr[i] == ']' && depth > 0;
    }
    return dims;
}

/* Whether it is the "[]" of a struct's last field, whose length nothing says. */
static bool is_open(struct str array)
{
    return str_starts(array, STR("[")) && str_starts(str_trim(str_skip(array, 1)), STR("]"));
}

static struct form form_of(
        const struct gen_c *g, const struct orbit_item *of, const struct orbit_member *field)
{
    size_t stars;
    struct str base = base_of(field->type, &stars);
    const struct orbit_item *item = gen_c_item(g, field->type);
    struct form ret = { .shape = SHAPE_VALUE, .item = item };
    bool is_char = str_eq(base, STR("char"));

    if (str_find(field->type, '{') != STR_NONE || str_find(field->type, '(') != STR_NONE ||
            str_starts(field->array, STR(")")) || str_starts(field->array, STR("("))) {
        ret.shape = SHAPE_LOSS;
    } else if (str_starts(field->array, STR(":"))) {
        ret.shape = SHAPE_BITS;
    } else if (is_open(field->array)) {
        ret.shape = SHAPE_LOSS;
    } else if (str_starts(field->array, STR("["))) {
        ret.dims = dims_of(field->array) - (is_char && stars == 0); /* the last one is a text's */
        if (ret.dims > DIMS_MAX) {
            ret.shape = SHAPE_LOSS;
        }
    } else if (stars > 0 && !(is_char && stars == 1)) {
        ret.counter = gen_c_counter(g, of, field->name);
        ret.shape = ret.counter ? SHAPE_VALUE : SHAPE_LOSS;
        stars--;
    } else if (stars > 0) {
        stars--;
    }
    if (ret.shape == SHAPE_VALUE && item) {
        ret.shape = item->kind == ORBIT_ITEM_ENUM ? SHAPE_ENUM
                    : item->is_union              ? SHAPE_LOSS
                                                  : SHAPE_STRUCT;
    }
    if (ret.shape != SHAPE_VALUE && ret.shape != SHAPE_BITS && stars > 0) {
        ret.shape = SHAPE_LOSS;
    }
    if (str_find_str(field->type, STR("union ")) != STR_NONE) {
        ret.shape = SHAPE_LOSS;
    }
    return ret;
}

/* Whether the field only counts what another holds, or is the props, which come from outside. */
static bool is_left_out(
        const struct gen_c *g, const struct orbit_item *of, const struct orbit_member *field)
{
    if (g->props && of == g->component && gen_c_item(g, field->type) == g->props) {
        return true;
    }
    for (size_t i = 0; i < of->member_count; i++) {
        const struct orbit_member *other = &of->members[i];
        if (form_of(g, of, other).counter && (gen_c_counter(g, of, other->name) == field ||
                                                     capacity(g, of, other->name) == field)) {
            return true;
        }
    }
    return false;
}

static void put_one(struct gen_c *g, const struct form *form, const char *verb, struct str place)
{
    struct strbuf *out = &g->out->text;
    char io = verb[0] == 's' ? 'w' : 'r';

    switch (form->shape) {
    case SHAPE_STRUCT:
    case SHAPE_ENUM:
        strbuf_addf(out, "__%s_%.*s(%c, &%.*s);", verb, STR_FMT(name_of(form->item)), io,
                STR_FMT(place));
        break;
    case SHAPE_VALUE:
    case SHAPE_BITS:
    case SHAPE_LOSS: strbuf_addf(out, "orbit_%s(%c, %.*s);", verb, io, STR_FMT(place)); break;
    }
}

/* The names of a loop's variables: "" and "1" and "2" behind __i and __n. */
static const char *const levels[DIMS_MAX] = { "", "1", "2" };

static struct str item_of(struct gen_c *g, struct str list, unsigned level)
{
    return arena_printf(g->arena, "%.*s[__i%s]", STR_FMT(list), levels[level]);
}

static void put_save_array(
        struct gen_c *g, const struct form *form, struct str list, unsigned level)
{
    struct strbuf *out = &g->out->text;
    const char *l = levels[level];

    strbuf_addf(out,
            "{ size_t __n%s = sizeof(%.*s) / sizeof(%.*s[0]); orbit_list(w, __n%s); "
            "for (size_t __i%s = 0; __i%s < __n%s; __i%s++) { ",
            l, STR_FMT(list), STR_FMT(list), l, l, l, l, l);
    if (level + 1 < form->dims) {
        put_save_array(g, form, item_of(g, list, level), level + 1);
    } else {
        put_one(g, form, "save", item_of(g, list, level));
    }
    strbuf_add(out, STR(" } }"));
}

/* `flag` becomes true where the list itself is cut; empty: nobody asks. */
static void put_load_array(
        struct gen_c *g, const struct form *form, struct str list, unsigned level, struct str flag)
{
    struct strbuf *out = &g->out->text;
    const char *l = levels[level];

    strbuf_addf(out,
            "size_t __n%s = orbit_read_list(r);\n"
            "            for (size_t __i%s = 0; __i%s < __n%s && !r->is_bad; __i%s++) {\n"
            "                if (__i%s >= sizeof(%.*s) / sizeof(%.*s[0])) { orbit_skip(r); "
            "orbit_lose(r, r->where, \"the list was cut\"); ",
            l, l, l, l, l, l, STR_FMT(list), STR_FMT(list));
    if (flag.len > 0) {
        strbuf_addf(out, "__cut_%.*s = true; ", STR_FMT(flag));
    }
    strbuf_add(out, STR("continue; }\n                "));
    if (level + 1 < form->dims) {
        put_load_array(g, form, item_of(g, list, level), level + 1, STR(""));
    } else {
        put_one(g, form, "load", item_of(g, list, level));
    }
    strbuf_add(out, STR("\n            }"));
}

static void put_save(struct gen_c *g, const struct orbit_item *of, const struct orbit_member *field)
{
    struct strbuf *out = &g->out->text;
    struct form form = form_of(g, of, field);
    struct str place = arena_printf(g->arena, "v->%.*s", STR_FMT(field->name));

    strbuf_add(out, STR("    orbit_key(w, "));
    gen_c_literal(out, field->name);
    strbuf_add(out, STR(");\n    "));
    if (form.shape == SHAPE_BITS) {
        strbuf_addf(out, "{ __typeof__(%.*s + 0) __b = %.*s; orbit_save(w, __b); }\n",
                STR_FMT(place), STR_FMT(place));
        return;
    }
    if (form.dims > 0) {
        put_save_array(g, &form, place, 0);
    } else if (form.counter) {
        strbuf_addf(out, "{ size_t __n = (size_t)(v->%.*s); if (!%.*s) { __n = 0; } ",
                STR_FMT(form.counter->name), STR_FMT(place));
        strbuf_add(out, STR("orbit_list(w, __n); for (size_t __i = 0; __i < __n; __i++) { "));
        put_one(g, &form, "save", item_of(g, place, 0));
        strbuf_add(out, STR(" } }"));
    } else {
        put_one(g, &form, "save", place);
    }
    strbuf_addc(out, '\n');
}

/* The field that counts what is in an array, if it is cut with it. */
static const struct orbit_member *cut_with(
        const struct gen_c *g, const struct orbit_item *of, const struct orbit_member *field)
{
    struct form form = form_of(g, of, field);
    const struct orbit_member *counter = gen_c_counter(g, of, field->name);

    return form.dims > 0 && form.shape != SHAPE_LOSS && !is_left_out(g, of, field) && counter &&
                           can_be_cut(counter)
                   ? counter
                   : NULL;
}

static void put_load(struct gen_c *g, const struct orbit_item *of, const struct orbit_member *field)
{
    struct strbuf *out = &g->out->text;
    struct form form = form_of(g, of, field);
    struct str place = arena_printf(g->arena, "v->%.*s", STR_FMT(field->name));

    strbuf_addf(out, "        if (%s(&__k, ", of == g->props ? "orbit_is_name" : "orbit_is");
    gen_c_literal(out, field->name);
    strbuf_add(out, STR(")) {\n            r->where = "));
    gen_c_literal(
            out, arena_printf(g->arena, "%.*s.%.*s", STR_FMT(name_of(of)), STR_FMT(field->name)));
    strbuf_add(out, STR(";\n            "));
    if (form.shape == SHAPE_LOSS) {
        strbuf_add(out, STR("orbit_skip(r);"));
    } else if (form.shape == SHAPE_BITS) {
        strbuf_addf(out, "__typeof__(%.*s + 0) __b = %.*s; orbit_load(r, __b); %.*s = __b;",
                STR_FMT(place), STR_FMT(place), STR_FMT(place));
    } else if (form.dims > 0) {
        put_load_array(g, &form, place, 0, cut_with(g, of, field) ? field->name : STR(""));
    } else if (form.counter) {
        const struct orbit_member *cap = capacity(g, of, field->name);
        strbuf_addf(out,
                "size_t __n = orbit_read_list(r);\n"
                "            %.*s = __n ? orbit_array(r, __n, sizeof(%.*s[0])) : NULL;\n"
                "            v->%.*s = (__typeof__(v->%.*s + 0))__n;\n            ",
                STR_FMT(place), STR_FMT(place), STR_FMT(form.counter->name),
                STR_FMT(form.counter->name));
        if (cap) {
            strbuf_addf(out, "v->%.*s = (__typeof__(v->%.*s + 0))__n;\n            ",
                    STR_FMT(cap->name), STR_FMT(cap->name));
        }
        strbuf_add(out, STR("for (size_t __i = 0; __i < __n && !r->is_bad; __i++) { "));
        put_one(g, &form, "load", item_of(g, place, 0));
        strbuf_add(out, STR(" }"));
    } else {
        put_one(g, &form, "load", place);
    }
    strbuf_add(out, STR("\n            continue;\n        }\n"));
}

static void put_struct(struct gen_c *g, const struct orbit_item *item)
{
    struct strbuf *out = &g->out->text;
    struct str type = gen_c_type(g, item), name = name_of(item);
    size_t count = 0;

    for (size_t i = 0; i < item->member_count; i++) {
        count += !is_left_out(g, item, &item->members[i]) &&
                 form_of(g, item, &item->members[i]).shape != SHAPE_LOSS;
    }
    strbuf_addf(out, "static void __save_%.*s(struct orbit_writer *w, %.*s *v)\n{\n    (void)v;\n",
            STR_FMT(name), STR_FMT(type));
    strbuf_addf(out, "    orbit_record(w, \"%.*s\", %zu);\n", STR_FMT(name), count);
    for (size_t i = 0; i < item->member_count; i++) {
        if (!is_left_out(g, item, &item->members[i]) &&
                form_of(g, item, &item->members[i]).shape != SHAPE_LOSS) {
            put_save(g, item, &item->members[i]);
        }
    }
    strbuf_addf(out,
            "}\nstatic void __load_%.*s(struct orbit_reader *r, %.*s *v)\n{\n    (void)v;\n",
            STR_FMT(name), STR_FMT(type));
    for (size_t i = 0; i < item->member_count; i++) {
        if (cut_with(g, item, &item->members[i])) {
            strbuf_addf(out, "    bool __cut_%.*s = false;\n", STR_FMT(item->members[i].name));
        }
    }
    strbuf_addf(out,
            "    for (uint32_t __c = orbit_read_record(r); __c > 0 && !r->is_bad; __c--) {\n"
            "        struct orbit_value __k = orbit_read_key(r);\n");
    for (size_t i = 0; i < item->member_count; i++) {
        if (!is_left_out(g, item, &item->members[i])) {
            put_load(g, item, &item->members[i]);
        }
    }
    strbuf_addf(out, "        orbit_skip(r);\n        %s(r, \"%.*s\", &__k);\n    }\n",
            item == g->props ? "orbit_lose_prop" : "orbit_lose_field",
            STR_FMT(item == g->props ? g->in->name : name));
    for (size_t i = 0; i < item->member_count; i++) {
        const struct orbit_member *field = &item->members[i];
        const struct orbit_member *counter = cut_with(g, item, field);
        if (counter) { /* that the list was cut is said */
            strbuf_addf(out,
                    "    if (__cut_%.*s && v->%.*s > 0 && (size_t)(v->%.*s) > sizeof(v->%.*s) / "
                    "sizeof(v->%.*s[0])) {\n"
                    "        v->%.*s = (__typeof__(v->%.*s))(sizeof(v->%.*s) / sizeof(v->%.*s[0]));"
                    "\n    }\n",
                    STR_FMT(field->name), STR_FMT(counter->name), STR_FMT(counter->name),
                    STR_FMT(field->name), STR_FMT(field->name), STR_FMT(counter->name),
                    STR_FMT(counter->name), STR_FMT(field->name), STR_FMT(field->name));
        }
        if (!is_left_out(g, item, field) && form_of(g, item, field).shape == SHAPE_LOSS) {
            strbuf_addf(
                    out, "    orbit_lose(r, \"%.*s.%.*s\", ", STR_FMT(name), STR_FMT(field->name));
            gen_c_literal(out, arena_printf(g->arena, "a %.*s%.*s cannot be kept",
                                       STR_FMT(field->type), STR_FMT(field->array)));
            strbuf_add(out, STR(");\n"));
        }
    }
    strbuf_add(out, STR("}\n"));
}

static void put_enum(struct gen_c *g, const struct orbit_item *item)
{
    struct strbuf *out = &g->out->text;
    struct str type = gen_c_type(g, item), name = name_of(item);

    strbuf_addf(out, "static void __save_%.*s(struct orbit_writer *w, %.*s *v)\n{\n", STR_FMT(name),
            STR_FMT(type));
    for (size_t i = 0; i < item->member_count; i++) {
        struct str each = item->members[i].name;
        strbuf_addf(out, "    if (*v == %.*s) { orbit_variant(w, \"%.*s\", \"%.*s\"); return; }\n",
                STR_FMT(each), STR_FMT(name), STR_FMT(each));
    }
    strbuf_addf(out,
            "    orbit_save(w, *v);\n}\n"
            "static void __load_%.*s(struct orbit_reader *r, %.*s *v)\n{\n"
            "    const uint8_t *__at = r->at;\n    struct orbit_value __k = orbit_next(r);\n"
            "    if (__k.tag == 10) {\n        orbit_skip(r);\n    }\n"
            "    if (__k.tag == 10 || __k.tag == 6) { /* a page knows a variant by its name */\n",
            STR_FMT(name), STR_FMT(type));
    for (size_t i = 0; i < item->member_count; i++) {
        struct str each = item->members[i].name;
        strbuf_addf(out, "        if (orbit_is(&__k, \"%.*s\")) { *v = %.*s; return; }\n",
                STR_FMT(each), STR_FMT(each));
    }
    strbuf_add(out, STR("    }\n    if (__k.tag == 10) {\n"
                        "        orbit_lose(r, r->where, \"the enumerator is gone\");\n"
                        "        return;\n    }\n    r->at = __at;\n    orbit_load(r, *v);\n}\n"));
}

static bool is_form(const struct orbit_item *item)
{
    return gen_c_is_struct(item) ||
           (item->kind == ORBIT_ITEM_ENUM && item->body > 0 && name_of(item).len > 0);
}

void gen_c_items(struct gen_c *g)
{
    struct strbuf *out = &g->out->text;

    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (is_form(item)) {
            struct str type = gen_c_type(g, item), name = name_of(item);
            strbuf_addf(out,
                    "static void __save_%.*s(struct orbit_writer *w, %.*s *v);\n"
                    "static void __load_%.*s(struct orbit_reader *r, %.*s *v);\n",
                    STR_FMT(name), STR_FMT(type), STR_FMT(name), STR_FMT(type));
        }
    }
    strbuf_add(out, STR("#define __shows(x) _Generic((x), orbit_detail: 1"));
    for (size_t i = 0; i < g->items.count; i++) {
        if (gen_c_is_struct(&g->items.items[i])) {
            strbuf_addf(out, ", %.*s: 1", STR_FMT(gen_c_type(g, &g->items.items[i])));
        }
    }
    strbuf_add(out, STR(", default: ORBIT_KIND(x) != ORBIT_NONE)\n"
                        "#define __show(w, x) _Generic((x), orbit_detail: orbit_save_detail"));
    for (size_t i = 0; i < g->items.count; i++) {
        if (gen_c_is_struct(&g->items.items[i])) {
            const struct orbit_item *item = &g->items.items[i];
            strbuf_addf(out, ", %.*s: __give_%.*s", STR_FMT(gen_c_type(g, item)),
                    STR_FMT(name_of(item)));
        }
    }
    strbuf_add(out, STR(", default: orbit_save_value)(w, &(x), sizeof(x), ORBIT_KIND(x))\n"));
    for (size_t i = 0; i < g->items.count; i++) {
        const struct orbit_item *item = &g->items.items[i];
        if (gen_c_is_struct(item)) {
            struct str name = name_of(item);
            put_struct(g, item);
            strbuf_addf(out,
                    "static void __give_%.*s(struct orbit_writer *w, const void *p, size_t size, "
                    "int kind)\n{\n    (void)size, (void)kind;\n    __save_%.*s(w, (%.*s *)p);\n"
                    "}\n",
                    STR_FMT(name), STR_FMT(name), STR_FMT(gen_c_type(g, item)));
        } else if (is_form(item)) {
            put_enum(g, item);
        }
    }
}
