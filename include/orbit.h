/* SPDX-License-Identifier: MIT */
#ifndef ORBIT_H
#define ORBIT_H

/*
 * Components in C, compiled to wasm32 without a C library: what a code block of lang="c" may use,
 * and what the generated files stand on. build/orbit/orbit-app.c defines ORBIT_IMPLEMENTATION and holds
 * the one copy of the functions; if a C library is linked, its functions are taken.
 *
 * Invariant: no length from the page is believed; a bad buffer makes `is_bad`, never a wild read.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wincompatible-library-redeclaration"
#endif
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
#ifdef __clang__
#pragma clang diagnostic pop
#endif

/* ---- for code blocks ---- */

/* What another component gave, of a type that only it knows: with its event (`event.detail`), or to
 * the content of its slot. It lives until the handler or the rendering is over. */
typedef struct orbit_detail {
    const uint8_t *ptr;
    uint32_t len;
} orbit_detail;

/* `event` in a handler. Texts live until the handler returns. */
typedef struct orbit_event {
    const char *type, *value, *key, *code;
    bool checked;
    double x, y;
    int64_t button;
    struct orbit_detail detail;
    struct orbit_detail fills; /* of the contents of slots around the handler, outer ones first */
} orbit_event;

/* A number, or the number that a text begins with; 0 if it is neither. */
int64_t orbit_int(struct orbit_detail detail);
double orbit_double(struct orbit_detail detail);
/* As JavaScript has it: false for nothing, 0 and "". */
bool orbit_bool(struct orbit_detail detail);
/* Lives as long as the detail; "" if it is no text. */
const char *orbit_text(struct orbit_detail detail);

/* A field of a record, an item of a list: nothing (0, "", false) if there is none. A field is found by
 * its name however that is written: item-count, itemCount, item_count. */
struct orbit_detail orbit_get(struct orbit_detail detail, const char *name);
struct orbit_detail orbit_at(struct orbit_detail detail, size_t index);
/* How many items a list has; 0 if it is none. */
size_t orbit_count(struct orbit_detail detail);

/* A copy on the heap; NULL gives "". */
char *orbit_strdup(const char *text);

/* Copies a text into an array of char, cut at a whole character if it is too long. */
#define orbit_set(array, text) orbit_copy((array), sizeof(array), (text))
void orbit_copy(char *to, size_t size, const char *text);

/* As snprintf: %d %i %u %x %c %s %f %%, with l, ll, z, a width, - and 0, and a precision for %f
 * and %s. */
int orbit_format(char *to, size_t size, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Writes to the browser's console. */
void orbit_log(const char *text);

/* Another rendering is wanted, for what changed outside of a handler. */
void orbit_request_update(const void *self);

/* orbit_emit(self, "remove", self->id) or orbit_emit(self, "close"): an event for the parent. The value
 * is a number, a bool, a text or a detail. */
#define orbit_emit(...)                ORBIT_PICK(__VA_ARGS__, orbit_emit_value, orbit_emit_name, 0)(__VA_ARGS__)
#define ORBIT_PICK(a, b, c, name, ...) name
#define orbit_emit_name(self, name)    orbit_emit_end((self), (name), orbit_emit_begin())
#define orbit_emit_value(self, name, value)                                                        \
    do {                                                                                           \
        struct orbit_writer *orbit_w = orbit_emit_begin();                                         \
        __auto_type orbit_v = (value);                                                             \
        _Static_assert(ORBIT_SENDS(orbit_v), "no value of this type can be sent");                 \
        orbit_save(orbit_w, orbit_v);                                                              \
        orbit_emit_end((self), (name), orbit_w);                                                   \
    } while (0)

/* ---- for generated code ---- */

enum orbit_kind {
    ORBIT_NONE,
    ORBIT_BOOL,
    ORBIT_CHAR,
    ORBIT_INT,
    ORBIT_UINT,
    ORBIT_FLOAT,
    ORBIT_CHARS,  /* an array of char */
    ORBIT_STRING, /* char *, from orbit_strdup() when it is restored */
};

/* clang-format off */
#define ORBIT_KIND(x)                                                                              \
    _Generic((x), _Bool: ORBIT_BOOL, char: ORBIT_CHAR, signed char: ORBIT_INT, short: ORBIT_INT,   \
        int: ORBIT_INT, long: ORBIT_INT, long long: ORBIT_INT, unsigned char: ORBIT_UINT,          \
        unsigned short: ORBIT_UINT, unsigned: ORBIT_UINT, unsigned long: ORBIT_UINT,               \
        unsigned long long: ORBIT_UINT, float: ORBIT_FLOAT, double: ORBIT_FLOAT,                   \
        char *: __builtin_types_compatible_p(__typeof__(x), char *) ? ORBIT_STRING : ORBIT_CHARS,  \
        const char *: __builtin_types_compatible_p(__typeof__(x), const char *) ? ORBIT_STRING     \
                                                                               : ORBIT_CHARS,     \
        default: ORBIT_NONE)
/* clang-format on */

struct orbit_writer {
    uint8_t *ptr;
    size_t len, cap;
};

/* Memory that lives as long as the props or the event it is from. */
struct orbit_pool {
    struct orbit_pool *next;
};

struct orbit_reader {
    const uint8_t *at, *end;
    bool is_bad, is_props;
    const char *where;           /* "Counter.count": what is being restored */
    struct orbit_writer *losses; /* NULL: nobody asks */
    uint32_t loss_count;
    struct orbit_pool **pool; /* where texts go; NULL: the heap, and the component owns them */
};

struct orbit_value {
    int tag;
    union {
        int64_t i;
        uint64_t u;
        double f;
    };
    const char *text; /* of a str; the name of a variant */
    uint32_t len, count;
};

void orbit_save_value(struct orbit_writer *w, const void *p, size_t size, int kind);
void orbit_load_value(struct orbit_reader *r, void *p, size_t size, int kind);
void orbit_save_detail(struct orbit_writer *w, const void *p, size_t size, int kind);
#define ORBIT_SENDS(x) _Generic((x), orbit_detail : 1, default : ORBIT_KIND(x) != ORBIT_NONE)
#define orbit_save(w, x)                                                                           \
    _Generic((x), orbit_detail                                                                     \
             : orbit_save_detail, default                                                          \
             : orbit_save_value)((w), &(x), sizeof(x), ORBIT_KIND(x))
#define orbit_load(r, x)  orbit_load_value((r), &(x), sizeof(x), ORBIT_KIND(x))
#define orbit_model(x, e) orbit_model_value(&(x), sizeof(x), ORBIT_KIND(x), (e))
void orbit_model_value(void *p, size_t size, int kind, const orbit_event *event);

struct orbit_writer *orbit_emit_begin(void);
void orbit_emit_end(const void *self, const char *name, struct orbit_writer *w);

void orbit_mark(struct orbit_writer *w, uint32_t mark);
void orbit_list(struct orbit_writer *w, size_t count);
void orbit_record(struct orbit_writer *w, const char *name, size_t count);
void orbit_key(struct orbit_writer *w, const char *name);
void orbit_variant(struct orbit_writer *w, const char *type, const char *name);
void orbit_bool_value(struct orbit_writer *w, bool value);

struct orbit_value orbit_next(struct orbit_reader *r);
void orbit_skip(struct orbit_reader *r);
/* The fields of a record, or the items of a list; else 0, and it is passed over. */
uint32_t orbit_read_record(struct orbit_reader *r);
uint32_t orbit_read_list(struct orbit_reader *r);
struct orbit_value orbit_read_key(struct orbit_reader *r);
bool orbit_is(const struct orbit_value *v, const char *text);
/* The same for names that a template gives: item-count and itemCount are item_count. */
bool orbit_is_name(const struct orbit_value *v, const char *name);
void *orbit_array(struct orbit_reader *r, size_t count, size_t size);
void orbit_lose(struct orbit_reader *r, const char *where, const char *why);
void orbit_lose_field(struct orbit_reader *r, const char *type, const struct orbit_value *key);
void orbit_lose_prop(struct orbit_reader *r, const char *component, const struct orbit_value *key);
struct orbit_reader orbit_detail_reader(const orbit_event *event);
/* The items of a list, to be taken one by one: each call takes the one behind `skip` others. */
struct orbit_detail orbit_items(struct orbit_detail list, size_t *ret_count);
struct orbit_detail orbit_step(struct orbit_detail *items, size_t skip);

struct orbit_class {
    const char *name, *path, *table;
    size_t size;
    void (*init)(void *self, struct orbit_reader *props, bool is_new);
    void (*render)(void *self, struct orbit_writer *w);
    void (*fill)(void *self, uint32_t scope, const uint32_t *path, uint32_t count,
            struct orbit_detail fills, struct orbit_writer *w);
    void (*handle)(void *self, uint32_t handler, const uint32_t *path, uint32_t count,
            const orbit_event *event);
    void (*hook)(void *self, uint32_t which);
    void (*save)(void *self, struct orbit_writer *w);
    void (*restore)(void *self, struct orbit_reader *r);
};
extern const struct orbit_class *const orbit_classes[];
extern const uint32_t orbit_class_count;

#ifdef ORBIT_IMPLEMENTATION
#define ORBIT_IMPORT(name) __attribute__((import_module("orbit"), import_name(name)))
#define ORBIT_WEAK         __attribute__((weak, no_builtin))

ORBIT_IMPORT("log") void orbit_import_log(uint32_t level, const char *text, size_t len);
ORBIT_IMPORT("emit")
void orbit_import_emit(uint32_t id, const char *name, size_t name_len, const void *p, size_t len);
ORBIT_IMPORT("request_update") void orbit_import_request_update(uint32_t id);

enum { ORBIT_DEPTH = 100, ORBIT_LOSSES = 64 };

ORBIT_WEAK void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        ((char *)to)[i] = ((const char *)from)[i];
    }
    return to;
}

ORBIT_WEAK void *memmove(void *to, const void *from, size_t size)
{
    if ((uintptr_t)to <= (uintptr_t)from) {
        return memcpy(to, from, size);
    }
    while (size-- > 0) {
        ((char *)to)[size] = ((const char *)from)[size];
    }
    return to;
}

ORBIT_WEAK void *memset(void *to, int byte, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        ((char *)to)[i] = (char)byte;
    }
    return to;
}

ORBIT_WEAK int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a, *y = b;

    for (size_t i = 0; i < size; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

ORBIT_WEAK size_t strlen(const char *s)
{
    size_t len = 0;

    while (s[len]) {
        len++;
    }
    return len;
}

ORBIT_WEAK int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static void orbit_panic(const char *text)
{
    orbit_import_log(2, text, strlen(text));
    __builtin_trap();
}

/* The heap: blocks of powers of two, kept by size when they are given back. */
extern unsigned char __heap_base;
static uintptr_t orbit_heap_at;
static void *orbit_heap_free[32];

ORBIT_WEAK void *malloc(size_t size)
{
    uint32_t class = 4;
    size_t *p;

    while (class < 31 && ((size_t)1 << class) < size + 16 && size < (size_t)1 << 30) {
        class ++;
    }
    if (size >= (size_t)1 << 30) {
        return NULL;
    }
    if (orbit_heap_free[class]) {
        p = orbit_heap_free[class];
        orbit_heap_free[class] = *(void **)(p + 4);
        return p + 4;
    }
    if (orbit_heap_at == 0) {
        orbit_heap_at = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    }
    size_t have = __builtin_wasm_memory_size(0) << 16;
    size_t need = (size_t)1 << class;
    if (have - orbit_heap_at < need) {
        size_t pages = (need - (have - orbit_heap_at) + 65535) >> 16;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
            return NULL;
        }
    }
    p = (size_t *)orbit_heap_at;
    orbit_heap_at += need;
    p[0] = class;
    return p + 4;
}

ORBIT_WEAK void free(void *p)
{
    if (p) {
        size_t class = ((size_t *)p)[-4];
        *(void **)p = orbit_heap_free[class];
        orbit_heap_free[class] = (size_t *)p - 4;
    }
}

ORBIT_WEAK void *calloc(size_t count, size_t size)
{
    size_t all;

    if (__builtin_mul_overflow(count, size, &all)) {
        return NULL;
    }
    void *p = malloc(all);
    return p ? memset(p, 0, all) : NULL;
}

ORBIT_WEAK void *realloc(void *p, size_t size)
{
    size_t old = p ? ((size_t)1 << ((size_t *)p)[-4]) - 16 : 0;

    if (p && size <= old) {
        return p;
    }
    void *wider = malloc(size);
    if (p && wider) {
        memcpy(wider, p, old);
        free(p);
    }
    return wider;
}

static void *orbit_checked(void *p)
{
    if (!p) {
        orbit_panic("out of memory");
    }
    return p;
}

char *orbit_strdup(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    char *p = orbit_checked(malloc(len + 1));

    if (text) {
        memcpy(p, text, len);
    }
    p[len] = 0;
    return p;
}

static bool orbit_copy_part(char *to, size_t size, const char *text, size_t len)
{
    bool fits = len < size;

    if (size == 0) {
        return false;
    }
    if (!fits) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memmove(to, text, len);
    memset(to + len, 0, size - len);
    return fits;
}

void orbit_copy(char *to, size_t size, const char *text)
{
    (void)orbit_copy_part(to, size, text ? text : "", text ? strlen(text) : 0);
}

void orbit_log(const char *text)
{
    orbit_import_log(0, text, strlen(text));
}

/* ---- writing ---- */

static void orbit_raw(struct orbit_writer *w, const void *p, size_t len)
{
    if (w->cap - w->len < len) {
        w->cap = (w->len + len) * 2 + 64;
        w->ptr = orbit_checked(realloc(w->ptr, w->cap));
    }
    memcpy(w->ptr + w->len, p, len);
    w->len += len;
}

static void orbit_tag(struct orbit_writer *w, uint8_t tag)
{
    orbit_raw(w, &tag, 1);
}

static void orbit_number(struct orbit_writer *w, size_t number)
{
    uint32_t n = (uint32_t)number;

    orbit_raw(w, &n, 4);
}

/* Bytes that are no UTF-8 become '?', since the page would refuse the whole. */
static void orbit_put_text(struct orbit_writer *w, const char *text, size_t len)
{
    size_t from = w->len + 4;

    orbit_number(w, len);
    orbit_raw(w, text, len);
    for (size_t i = 0; i < len;) {
        uint8_t *p = w->ptr + from + i;
        size_t more = *p < 0x80                 ? 0
                      : *p >= 0xc2 && *p < 0xe0 ? 1
                      : *p >= 0xe0 && *p < 0xf0 ? 2
                      : *p >= 0xf0 && *p < 0xf5 ? 3
                                                : 9;
        bool good = more < 9 && i + more < len;
        for (size_t k = 1; good && k <= more; k++) {
            good = (p[k] & 0xc0) == 0x80;
        }
        if (good && more == 2) {
            good = !(p[0] == 0xe0 && p[1] < 0xa0) && !(p[0] == 0xed && p[1] > 0x9f);
        } else if (good && more == 3) {
            good = !(p[0] == 0xf0 && p[1] < 0x90) && !(p[0] == 0xf4 && p[1] > 0x8f);
        }
        if (!good) {
            *p = '?';
        }
        i += good ? more + 1 : 1;
    }
}

void orbit_mark(struct orbit_writer *w, uint32_t mark)
{
    uint16_t m = (uint16_t)mark;

    orbit_raw(w, &m, 2);
}

void orbit_list(struct orbit_writer *w, size_t count)
{
    orbit_tag(w, 7);
    orbit_number(w, count);
}

void orbit_key(struct orbit_writer *w, const char *name)
{
    orbit_put_text(w, name, strlen(name));
}

void orbit_record(struct orbit_writer *w, const char *name, size_t count)
{
    orbit_tag(w, 8);
    orbit_key(w, name);
    orbit_number(w, count);
}

void orbit_variant(struct orbit_writer *w, const char *type, const char *name)
{
    orbit_tag(w, 10);
    orbit_key(w, type);
    orbit_key(w, name);
    orbit_tag(w, 0);
}

void orbit_bool_value(struct orbit_writer *w, bool value)
{
    orbit_tag(w, value ? 2 : 1);
}

static int64_t orbit_signed_at(const void *p, size_t size)
{
    switch (size) {
    case 1: return *(const int8_t *)p;
    case 2: return *(const int16_t *)p;
    case 4: return *(const int32_t *)p;
    default: return *(const int64_t *)p;
    }
}

static uint64_t orbit_unsigned_at(const void *p, size_t size)
{
    switch (size) {
    case 1: return *(const uint8_t *)p;
    case 2: return *(const uint16_t *)p;
    case 4: return *(const uint32_t *)p;
    default: return *(const uint64_t *)p;
    }
}

void orbit_save_value(struct orbit_writer *w, const void *p, size_t size, int kind)
{
    const char *text = p;
    double f;
    int64_t i;
    uint64_t u;
    size_t len = 0;

    switch (kind) {
    case ORBIT_BOOL: orbit_bool_value(w, *(const bool *)p); return;
    case ORBIT_CHAR:
        orbit_tag(w, 6);
        orbit_put_text(w, text, *text ? 1 : 0);
        return;
    case ORBIT_INT:
        i = orbit_signed_at(p, size);
        orbit_tag(w, 3);
        orbit_raw(w, &i, 8);
        return;
    case ORBIT_UINT:
        u = orbit_unsigned_at(p, size);
        orbit_tag(w, u > INT64_MAX ? 4 : 3);
        orbit_raw(w, &u, 8);
        return;
    case ORBIT_FLOAT:
        f = size == 4 ? (double)*(const float *)p : *(const double *)p;
        orbit_tag(w, 5);
        orbit_raw(w, &f, 8);
        return;
    case ORBIT_CHARS:
        while (len < size && text[len]) {
            len++;
        }
        orbit_tag(w, 6);
        orbit_put_text(w, text, len);
        return;
    case ORBIT_STRING:
        text = *(const char *const *)p;
        if (text) {
            orbit_tag(w, 6);
            orbit_key(w, text);
            return;
        }
        break;
    default: break;
    }
    orbit_tag(w, 0);
}

/* ---- reading ---- */

static const uint8_t *orbit_take(struct orbit_reader *r, size_t len)
{
    const uint8_t *p = r->at;

    if (r->is_bad || (size_t)(r->end - r->at) < len) {
        r->is_bad = true;
        r->at = r->end;
        return NULL;
    }
    r->at += len;
    return p;
}

static uint32_t orbit_take_length(struct orbit_reader *r)
{
    const uint8_t *p = orbit_take(r, 4);
    uint32_t n = 0;

    if (p) {
        memcpy(&n, p, 4);
    }
    if (n > (size_t)(r->end - r->at)) {
        r->is_bad = true;
        n = 0;
    }
    return n;
}

static void orbit_take_text(struct orbit_reader *r, struct orbit_value *v)
{
    v->len = orbit_take_length(r);
    v->text = (const char *)orbit_take(r, v->len);
    v->len = v->text ? v->len : 0;
}

struct orbit_value orbit_read_key(struct orbit_reader *r)
{
    struct orbit_value v = { .tag = 6 };

    orbit_take_text(r, &v);
    return v;
}

struct orbit_value orbit_next(struct orbit_reader *r)
{
    const uint8_t *p = orbit_take(r, 1);
    struct orbit_value v = { .tag = p ? *p : 0 };

    switch (v.tag) {
    case 0:
    case 1:
    case 2: break;
    case 3:
    case 4:
    case 5:
        p = orbit_take(r, 8);
        if (p) {
            memcpy(&v.u, p, 8);
        }
        break;
    case 6:
    case 11: orbit_take_text(r, &v); break;
    case 8:
        orbit_take_text(r, &v);
        v.count = orbit_take_length(r);
        break;
    case 7:
    case 9: v.count = orbit_take_length(r); break;
    case 10:
        orbit_take_text(r, &v);
        orbit_take_text(r, &v);
        break;
    default: r->is_bad = true; v.tag = 0;
    }
    return v;
}

static void orbit_skip_deep(struct orbit_reader *r, int depth)
{
    struct orbit_value v = orbit_next(r);

    if (depth > ORBIT_DEPTH) {
        r->is_bad = true;
    }
    if (v.tag == 10) {
        orbit_skip_deep(r, depth + 1);
    }
    for (uint32_t i = 0; i < v.count && !r->is_bad; i++) {
        if (v.tag == 8) {
            (void)orbit_read_key(r);
        } else if (v.tag == 9) {
            orbit_skip_deep(r, depth + 1);
        }
        orbit_skip_deep(r, depth + 1);
    }
}

void orbit_skip(struct orbit_reader *r)
{
    orbit_skip_deep(r, 0);
}

void orbit_lose(struct orbit_reader *r, const char *where, const char *why)
{
    char text[256];

    if (!r->losses || r->is_bad || r->loss_count >= ORBIT_LOSSES) {
        return;
    }
    int len = orbit_format(text, sizeof(text), "%s: %s", where, why);
    uint32_t size = len < (int)sizeof(text) ? (uint32_t)len : (uint32_t)sizeof(text) - 1;
    /* Each once: items of a list lose the same. */
    for (size_t i = 0; i + 5 + size <= r->losses->len; i++) {
        const uint8_t *p = r->losses->ptr + i;
        if (p[0] == 6 && memcmp(p + 1, &size, 4) == 0 && memcmp(p + 5, text, size) == 0) {
            return;
        }
    }
    orbit_tag(r->losses, 6);
    orbit_put_text(r->losses, text, size);
    r->loss_count++;
}

void orbit_lose_field(struct orbit_reader *r, const char *type, const struct orbit_value *key)
{
    char where[128];

    if (r->is_props) {
        return; /* an item of the parent may have more fields than the child wants to know */
    }
    (void)orbit_format(where, sizeof(where), "%s.%.*s", type, (int)key->len, key->text);
    orbit_lose(r, where, "there is no such field now");
}

void orbit_lose_prop(struct orbit_reader *r, const char *component, const struct orbit_value *key)
{
    char where[128];

    (void)orbit_format(where, sizeof(where), "%s.%.*s", component, (int)key->len, key->text);
    orbit_lose(r, where, "there is no such prop");
}

static void orbit_misfit(struct orbit_reader *r)
{
    orbit_lose(r, r->where, r->is_props ? "the value does not fit" : "kept value does not fit");
}

static uint32_t orbit_read_many(struct orbit_reader *r, int tag)
{
    const uint8_t *from = r->at;
    struct orbit_value v = orbit_next(r);

    if (v.tag == tag) {
        return v.count;
    }
    r->at = from;
    orbit_skip(r);
    orbit_misfit(r);
    return 0;
}

uint32_t orbit_read_record(struct orbit_reader *r)
{
    return orbit_read_many(r, 8);
}

uint32_t orbit_read_list(struct orbit_reader *r)
{
    return orbit_read_many(r, 7);
}

bool orbit_is(const struct orbit_value *v, const char *text)
{
    return strlen(text) == v->len && memcmp(v->text, text, v->len) == 0;
}

static char orbit_letter(const char **at, const char *end)
{
    while (*at < end && (**at == '-' || **at == '_')) {
        ++*at;
    }
    char c = *at < end ? *(*at)++ : 0;
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool orbit_is_name(const struct orbit_value *v, const char *name)
{
    const char *a = v->text, *a_end = a + v->len, *b = name, *b_end = b + strlen(name);
    char c;

    do {
        c = orbit_letter(&a, a_end);
        if (c != orbit_letter(&b, b_end)) {
            return false;
        }
    } while (c);
    return true;
}

static void *orbit_pool_take(struct orbit_pool **pool, size_t size)
{
    struct orbit_pool *p;

    if (!pool) {
        return orbit_checked(calloc(1, size + 1));
    }
    p = orbit_checked(calloc(1, sizeof(*p) + 16 + size));
    p->next = *pool;
    *pool = p;
    return (char *)p + 16;
}

static void orbit_pool_clear(struct orbit_pool **pool)
{
    while (*pool) {
        struct orbit_pool *next = (*pool)->next;
        free(*pool);
        *pool = next;
    }
}

void *orbit_array(struct orbit_reader *r, size_t count, size_t size)
{
    size_t all;

    if (__builtin_mul_overflow(count, size, &all)) {
        orbit_panic("out of memory");
    }
    return orbit_pool_take(r->pool, all);
}

static bool orbit_is_number(const struct orbit_value *v)
{
    return v->tag >= 1 && v->tag <= 5;
}

static double orbit_as_double(const struct orbit_value *v)
{
    switch (v->tag) {
    case 2: return 1;
    case 3: return (double)v->i;
    case 4: return (double)v->u;
    case 5: return v->f;
    default: return 0;
    }
}

/* False: it is out of the range, or no number. */
static bool orbit_as_int(const struct orbit_value *v, size_t size, bool is_signed, void *p)
{
    uint64_t u = v->u;
    bool negative = false;

    if (v->tag == 5) {
        if (!(v->f > -9223372036854775808.0 && v->f < 18446744073709551616.0)) {
            return false;
        }
        negative = v->f <= -1;
        u = negative ? (uint64_t)(int64_t)v->f : v->f < 0 ? 0 : (uint64_t)v->f;
    } else if (v->tag == 3) {
        negative = v->i < 0;
    } else if (v->tag <= 2) {
        u = v->tag == 2;
    }
    if (negative && (!is_signed || (int64_t)u < -(int64_t)((uint64_t)1 << (size * 8 - 2)) * 2)) {
        return false;
    }
    if (!negative && u > UINT64_MAX >> (64 - size * 8 + is_signed)) {
        return false;
    }
    memcpy(p, &u, size);
    return true;
}

/* The number that a text begins with, up to *ret_end. */
static double orbit_parse(const char *text, uint32_t len, uint32_t *ret_end)
{
    double ret = 0, scale = 1;
    uint32_t i = 0;
    bool negative = false, fraction = false;

    while (i < len && text[i] == ' ') {
        i++;
    }
    if (i < len && (text[i] == '-' || text[i] == '+')) {
        negative = text[i++] == '-';
    }
    for (; i < len; i++) {
        if (text[i] == '.' && !fraction) {
            fraction = true;
        } else if (text[i] >= '0' && text[i] <= '9') {
            ret = ret * 10 + (text[i] - '0');
            scale *= fraction ? 10 : 1;
        } else {
            break;
        }
    }
    *ret_end = i;
    return (negative ? -ret : ret) / scale;
}

/* A text as a number, or as what an attribute says of a bool (it is there, "true", "false"). */
static bool orbit_of_text(struct orbit_value *v, int kind)
{
    uint32_t end;

    if (kind == ORBIT_BOOL) {
        bool is_false = orbit_is(v, "false");
        bool fits = v->len == 0 || is_false || orbit_is(v, "true");
        v->tag = is_false ? 1 : 2;
        return fits;
    }
    double f = orbit_parse(v->text, v->len, &end);
    bool fits = end == v->len && end > 0 && v->text[end - 1] >= '0' && v->text[end - 1] <= '9';
    v->f = f;
    v->tag = 5;
    return fits;
}

void orbit_load_value(struct orbit_reader *r, void *p, size_t size, int kind)
{
    const uint8_t *from = r->at;
    struct orbit_value v = orbit_next(r);
    bool fits = orbit_is_number(&v);

    if (v.tag == 7 || v.tag == 8 || v.tag == 9 || v.tag == 10) {
        r->at = from;
        orbit_skip(r);
        v.tag = 11;
    }
    if (r->is_bad) {
        return;
    }
    if (v.tag == 6 && (kind == ORBIT_BOOL || kind == ORBIT_INT || kind == ORBIT_UINT ||
                              kind == ORBIT_FLOAT)) {
        fits = orbit_of_text(&v, kind);
    }
    switch (kind) {
    case ORBIT_BOOL:
        if (fits) {
            *(bool *)p = v.tag == 2 || (v.tag > 2 && orbit_as_double(&v) != 0);
        }
        break;
    case ORBIT_CHAR:
        if (v.tag == 6 && v.len <= 1) {
            *(char *)p = v.len > 0 ? v.text[0] : 0;
            fits = true;
            break;
        }
        fits = fits && orbit_as_int(&v, size, (char)-1 < 0, p);
        break;
    case ORBIT_INT: fits = fits && orbit_as_int(&v, size, true, p); break;
    case ORBIT_UINT: fits = fits && orbit_as_int(&v, size, false, p); break;
    case ORBIT_FLOAT:
        if (fits && size == 4) {
            *(float *)p = (float)orbit_as_double(&v);
        } else if (fits) {
            *(double *)p = orbit_as_double(&v);
        }
        break;
    case ORBIT_CHARS:
        fits = v.tag == 6;
        if (fits && !orbit_copy_part(p, size, v.text, v.len)) {
            orbit_lose(r, r->where, "the text was cut");
        }
        break;
    case ORBIT_STRING:
        fits = v.tag == 6 || v.tag == 0;
        if (v.tag == 6) {
            char *copy = orbit_pool_take(r->pool, v.len + 1);
            memcpy(copy, v.text, v.len);
            *(char **)p = copy;
        } else if (v.tag == 0) {
            *(char **)p = NULL;
        }
        break;
    default: fits = false;
    }
    if (!fits) {
        orbit_misfit(r);
    }
}

/* ---- what other components gave ---- */

static struct orbit_pool *orbit_call_pool; /* until the handler or the rendering is over */

static struct orbit_reader orbit_reader_of(struct orbit_detail d)
{
    return (struct orbit_reader){
        .at = d.ptr, .end = d.ptr + d.len, .where = "detail", .pool = &orbit_call_pool
    };
}

struct orbit_reader orbit_detail_reader(const orbit_event *event)
{
    return orbit_reader_of(event->detail);
}

void orbit_save_detail(struct orbit_writer *w, const void *p, size_t size, int kind)
{
    const struct orbit_detail *d = p;

    (void)size, (void)kind;
    if (d->len > 0) {
        orbit_raw(w, d->ptr, d->len);
    } else {
        orbit_tag(w, 0);
    }
}

/* The value at the reader, whatever it is; nothing if that is bad. */
static struct orbit_detail orbit_take_detail(struct orbit_reader *r)
{
    struct orbit_detail ret = { r->at, 0 };

    orbit_skip(r);
    ret.len = r->is_bad ? 0 : (uint32_t)(r->at - ret.ptr);
    return ret;
}

struct orbit_detail orbit_items(struct orbit_detail list, size_t *ret_count)
{
    struct orbit_reader r = orbit_reader_of(list);
    struct orbit_value v = orbit_next(&r);

    *ret_count = v.tag == 7 && !r.is_bad ? v.count : 0;
    return (struct orbit_detail){ r.at, (uint32_t)(r.end - r.at) };
}

struct orbit_detail orbit_step(struct orbit_detail *items, size_t skip)
{
    struct orbit_reader r = orbit_reader_of(*items);

    while (skip-- > 0 && !r.is_bad) {
        orbit_skip(&r);
    }
    struct orbit_detail ret = orbit_take_detail(&r);
    *items = (struct orbit_detail){ r.at, (uint32_t)(r.end - r.at) };
    return ret;
}

size_t orbit_count(struct orbit_detail detail)
{
    size_t count;

    (void)orbit_items(detail, &count);
    return count;
}

struct orbit_detail orbit_at(struct orbit_detail detail, size_t index)
{
    size_t count;
    struct orbit_detail items = orbit_items(detail, &count);

    return index < count ? orbit_step(&items, index) : (struct orbit_detail){ NULL, 0 };
}

struct orbit_detail orbit_get(struct orbit_detail detail, const char *name)
{
    struct orbit_reader r = orbit_reader_of(detail);
    struct orbit_value v = orbit_next(&r);

    for (uint32_t i = 0; (v.tag == 8 || v.tag == 9) && i < v.count && !r.is_bad; i++) {
        struct orbit_value key = v.tag == 8 ? orbit_read_key(&r) : orbit_next(&r);
        r.is_bad = r.is_bad || key.tag > 6; /* no text and no number */
        struct orbit_detail value = orbit_take_detail(&r);
        if (!r.is_bad && key.tag == 6 && orbit_is_name(&key, name)) {
            return value;
        }
    }
    return (struct orbit_detail){ NULL, 0 };
}

double orbit_double(struct orbit_detail detail)
{
    struct orbit_reader r = orbit_reader_of(detail);
    struct orbit_value v = orbit_next(&r);
    uint32_t end;

    return v.tag == 6 ? orbit_parse(v.text, v.len, &end) : orbit_as_double(&v);
}

int64_t orbit_int(struct orbit_detail detail)
{
    struct orbit_reader r = orbit_reader_of(detail);
    struct orbit_value v = orbit_next(&r);
    int64_t ret = 0;
    uint32_t end;

    if (v.tag == 6) {
        v.f = orbit_parse(v.text, v.len, &end);
        v.tag = 5;
    }
    return orbit_as_int(&v, 8, true, &ret) ? ret : 0;
}

bool orbit_bool(struct orbit_detail detail)
{
    struct orbit_reader r = orbit_reader_of(detail);
    struct orbit_value v = orbit_next(&r);

    return v.tag == 6 ? v.len > 0 : v.tag > 6 || orbit_as_double(&v) != 0;
}

const char *orbit_text(struct orbit_detail detail)
{
    struct orbit_reader r = orbit_reader_of(detail);
    const char *ret = "";

    orbit_load_value(&r, &ret, sizeof(ret), ORBIT_STRING);
    return ret ? ret : "";
}

void orbit_model_value(void *p, size_t size, int kind, const orbit_event *event)
{
    struct orbit_reader r = orbit_detail_reader(event);
    struct orbit_writer w = { NULL, 0, 0 };
    struct orbit_value v = orbit_next(&r);
    uint32_t end;

    r = orbit_detail_reader(event);
    /* The component keeps the text: it is not the event's. */
    r.pool = NULL;
    if (v.tag == 6 && (kind == ORBIT_INT || kind == ORBIT_UINT || kind == ORBIT_FLOAT)) {
        double number = orbit_parse(v.text, v.len, &end);
        orbit_save(&w, number);
        r.at = w.ptr;
        r.end = w.ptr + w.len;
    }
    orbit_load_value(&r, p, size, kind);
    free(w.ptr);
}

static void orbit_read_event(struct orbit_reader *r, orbit_event *event)
{
    *event = (orbit_event){ .type = "", .value = "", .key = "", .code = "" };
    for (uint32_t n = orbit_read_record(r); n > 0 && !r->is_bad; n--) {
        struct orbit_value key = orbit_read_key(r);
        const uint8_t *from = r->at;
        if (orbit_is(&key, "type")) {
            orbit_load(r, event->type);
        } else if (orbit_is(&key, "value")) {
            orbit_load(r, event->value);
        } else if (orbit_is(&key, "key")) {
            orbit_load(r, event->key);
        } else if (orbit_is(&key, "code")) {
            orbit_load(r, event->code);
        } else if (orbit_is(&key, "checked")) {
            orbit_load(r, event->checked);
        } else if (orbit_is(&key, "x")) {
            orbit_load(r, event->x);
        } else if (orbit_is(&key, "y")) {
            orbit_load(r, event->y);
        } else if (orbit_is(&key, "button")) {
            orbit_load(r, event->button);
        } else {
            orbit_skip(r);
            struct orbit_detail value = { from, (uint32_t)(r->at - from) };
            if (orbit_is(&key, "detail")) {
                event->detail = value;
            } else if (orbit_is(&key, "fills")) {
                event->fills = value;
            }
        }
    }
}

/* ---- instances, by number ---- */

struct orbit_instance {
    const struct orbit_class *class; /* NULL: free */
    void *self;
    struct orbit_pool *props;
};

static struct orbit_instance *orbit_instances;
static uint32_t orbit_instance_count;
static struct orbit_writer orbit_out, orbit_emitted;

static struct orbit_instance *orbit_instance_at(uint32_t id)
{
    static struct orbit_instance none;

    if (id == 0 || id > orbit_instance_count || !orbit_instances[id - 1].class) {
        none = (struct orbit_instance){ .class = NULL };
        return &none;
    }
    return &orbit_instances[id - 1];
}

static uint32_t orbit_id_of(const void *self)
{
    for (uint32_t i = 0; i < orbit_instance_count; i++) {
        if (orbit_instances[i].class && orbit_instances[i].self == self) {
            return i + 1;
        }
    }
    return 0;
}

void orbit_request_update(const void *self)
{
    orbit_import_request_update(orbit_id_of(self));
}

struct orbit_writer *orbit_emit_begin(void)
{
    orbit_emitted.len = 0;
    return &orbit_emitted;
}

void orbit_emit_end(const void *self, const char *name, struct orbit_writer *w)
{
    if (w->len == 0) {
        orbit_tag(w, 0);
    }
    orbit_import_emit(orbit_id_of(self), name, strlen(name), w->ptr, w->len);
}

static uint64_t orbit_result(void)
{
    return (uint64_t)(uintptr_t)orbit_out.ptr | (uint64_t)orbit_out.len << 32;
}

__attribute__((export_name("orbit_alloc"))) void *orbit_alloc(uint32_t len)
{
    return orbit_checked(malloc(len));
}

__attribute__((export_name("orbit_free"))) void orbit_free(void *p, uint32_t len)
{
    (void)len;
    free(p);
}

__attribute__((export_name("orbit_describe"))) uint64_t orbit_describe(void)
{
    orbit_out.len = 0;
    orbit_list(&orbit_out, orbit_class_count);
    for (uint32_t i = 0; i < orbit_class_count; i++) {
        const struct orbit_class *c = orbit_classes[i];
        orbit_record(&orbit_out, "Component", 3);
        orbit_key(&orbit_out, "name");
        orbit_save(&orbit_out, c->name);
        orbit_key(&orbit_out, "path");
        orbit_save(&orbit_out, c->path);
        orbit_key(&orbit_out, "table");
        orbit_save(&orbit_out, c->table);
    }
    return orbit_result();
}

/* Gives an instance its props; what of them does not fit is a warning in the console. */
static void orbit_read_props(const struct orbit_class *class, void *self, const uint8_t *props,
        uint32_t len, struct orbit_pool **pool, bool is_new)
{
    struct orbit_writer losses = { NULL, 0, 0 };
    struct orbit_reader r = { .at = props,
        .end = props + len,
        .is_props = true,
        .where = "props",
        .losses = &losses,
        .pool = pool };

    class->init(self, &r, is_new);
    r = (struct orbit_reader){ .at = losses.ptr, .end = losses.ptr + losses.len };
    while (r.at < r.end && !r.is_bad) {
        struct orbit_value said = orbit_next(&r);
        orbit_import_log(1, said.text, said.len);
    }
    free(losses.ptr);
}

__attribute__((export_name("orbit_new"))) uint32_t orbit_new(
        uint32_t component, const uint8_t *props, uint32_t len)
{
    uint32_t at = 0;

    if (component >= orbit_class_count) {
        return 0;
    }
    while (at < orbit_instance_count && orbit_instances[at].class) {
        at++;
    }
    if (at == orbit_instance_count) {
        orbit_instances = orbit_checked(
                realloc(orbit_instances, (orbit_instance_count + 1) * sizeof(*orbit_instances)));
        orbit_instance_count++;
    }
    const struct orbit_class *class = orbit_classes[component];
    struct orbit_pool *pool = NULL;
    void *self = orbit_checked(calloc(1, class->size + 1));
    orbit_instances[at] = (struct orbit_instance){ class, self, NULL };
    orbit_read_props(class, self, props, len, &pool, true);
    orbit_instances[at].props = pool;
    return at + 1;
}

__attribute__((export_name("orbit_props"))) void orbit_props(
        uint32_t id, const uint8_t *props, uint32_t len)
{
    struct orbit_instance *instance = orbit_instance_at(id);
    struct orbit_pool *pool = NULL;

    if (instance->class) {
        orbit_read_props(instance->class, instance->self, props, len, &pool, false);
        orbit_pool_clear(&instance->props);
        instance->props = pool;
    }
}

__attribute__((export_name("orbit_render"))) uint64_t orbit_render(uint32_t id)
{
    struct orbit_instance *instance = orbit_instance_at(id);

    orbit_out.len = 0;
    if (instance->class) {
        instance->class->render(instance->self, &orbit_out);
        orbit_pool_clear(&orbit_call_pool);
    }
    return orbit_result();
}

__attribute__((export_name("orbit_fill"))) uint64_t orbit_fill(uint32_t id, uint32_t scope,
        const uint32_t *path, uint32_t count, const uint8_t *fills, uint32_t len)
{
    struct orbit_instance *instance = orbit_instance_at(id);

    orbit_out.len = 0;
    if (instance->class) {
        struct orbit_detail given = { fills, len };
        instance->class->fill(instance->self, scope, path, count, given, &orbit_out);
        orbit_pool_clear(&orbit_call_pool);
    }
    return orbit_result();
}

__attribute__((export_name("orbit_event"))) void orbit_event_in(uint32_t id, uint32_t handler,
        const uint32_t *path, uint32_t count, const uint8_t *p, uint32_t len)
{
    struct orbit_instance *instance = orbit_instance_at(id);
    struct orbit_reader r = { .at = p, .end = p + len, .where = "event", .pool = &orbit_call_pool };
    orbit_event event;

    orbit_read_event(&r, &event);
    if (instance->class && !r.is_bad) {
        instance->class->handle(instance->self, handler, path, count, &event);
    }
    orbit_pool_clear(&orbit_call_pool);
}

__attribute__((export_name("orbit_hook"))) void orbit_hook(uint32_t id, uint32_t which)
{
    struct orbit_instance *instance = orbit_instance_at(id);

    if (instance->class) {
        instance->class->hook(instance->self, which);
    }
}

__attribute__((export_name("orbit_drop"))) void orbit_drop(uint32_t id)
{
    struct orbit_instance *instance = orbit_instance_at(id);

    orbit_pool_clear(&instance->props);
    free(instance->self);
    instance->class = NULL;
}

__attribute__((export_name("orbit_save"))) uint64_t orbit_save_in(uint32_t id)
{
    struct orbit_instance *instance = orbit_instance_at(id);

    orbit_out.len = 0;
    if (instance->class) {
        instance->class->save(instance->self, &orbit_out);
    } else {
        orbit_tag(&orbit_out, 0);
    }
    return orbit_result();
}

__attribute__((export_name("orbit_restore"))) uint64_t orbit_restore(
        uint32_t id, const uint8_t *p, uint32_t len)
{
    struct orbit_instance *instance = orbit_instance_at(id);
    struct orbit_writer losses = { NULL, 0, 0 };
    struct orbit_reader r = { .at = p, .end = p + len, .where = "", .losses = &losses };

    if (instance->class) {
        r.where = instance->class->name;
        instance->class->restore(instance->self, &r);
        if (r.is_bad) {
            r.is_bad = false;
            orbit_lose(&r, instance->class->name, "the kept state is damaged");
        }
    }
    orbit_out.len = 0;
    orbit_list(&orbit_out, r.loss_count);
    orbit_raw(&orbit_out, losses.ptr, losses.len);
    free(losses.ptr);
    return orbit_result();
}

/* ---- texts ---- */

struct orbit_target {
    char *to;
    size_t size, len;
};

static void orbit_char(struct orbit_target *t, char c)
{
    if (t->len + 1 < t->size) {
        t->to[t->len] = c;
    }
    t->len++;
}

static void orbit_digits(struct orbit_target *t, uint64_t number, unsigned base, int least)
{
    char text[24];
    int n = 0;

    do {
        text[n++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0 || n < least);
    while (n > 0) {
        orbit_char(t, text[--n]);
    }
}

static void orbit_fraction(struct orbit_target *t, double f, int precision)
{
    double scale = 1;

    precision = precision < 0 ? 6 : precision > 15 ? 15 : precision;
    for (int i = 0; i < precision; i++) {
        scale *= 10;
    }
    if (f < 0) {
        orbit_char(t, '-');
        f = -f;
    }
    if (!(f < 9e15)) {
        orbit_char(t, f == f ? '~' : '?');
        return;
    }
    uint64_t whole = (uint64_t)f;
    uint64_t rest = (uint64_t)((f - (double)whole) * scale + 0.5);
    if ((double)rest >= scale) {
        whole++;
        rest = 0;
    }
    orbit_digits(t, whole, 10, 1);
    if (precision > 0) {
        orbit_char(t, '.');
        orbit_digits(t, rest, 10, precision);
    }
}

/* Digits, or "*": an argument. */
#define ORBIT_NUMBER(p, args) (*(p) == '*' ? ((p)++, va_arg(args, int)) : orbit_decimal(&(p)))

static int orbit_decimal(const char **p)
{
    int ret = 0;

    while (**p >= '0' && **p <= '9') {
        ret = ret < 10000 ? ret * 10 + (**p - '0') : ret;
        (*p)++;
    }
    return ret;
}

static void orbit_fill_up(struct orbit_target *t, char with, int count)
{
    while (count-- > 0) {
        orbit_char(t, with);
    }
}

/* A text in its width, where zeros go behind the sign. */
static void orbit_in_width(
        struct orbit_target *t, const char *text, size_t len, int width, bool left, bool zeros)
{
    int rest = width > 0 && (size_t)width > len ? width - (int)len : 0;

    if (zeros && !left && rest > 0) {
        if (len > 0 && *text == '-') {
            orbit_char(t, '-');
            text++;
            len--;
        }
        orbit_fill_up(t, '0', rest);
    } else if (!left) {
        orbit_fill_up(t, ' ', rest);
    }
    for (size_t i = 0; i < len; i++) {
        orbit_char(t, text[i]);
    }
    if (left) {
        orbit_fill_up(t, ' ', rest);
    }
}

int orbit_format(char *to, size_t size, const char *format, ...)
{
    struct orbit_target t = { to, size, 0 };
    va_list args;

    va_start(args, format);
    for (const char *p = format; *p; p++) {
        char number[64]; /* a fraction has at most 17 digits, a point and 15 */
        struct orbit_target n = { number, sizeof(number), 0 };
        int precision = -1, width, longs = 0;
        bool left = false, zeros = false;
        if (*p != '%') {
            orbit_char(&t, *p);
            continue;
        }
        for (p++; *p == '-' || *p == '0'; p++) {
            left = left || *p == '-';
            zeros = zeros || *p == '0';
        }
        width = ORBIT_NUMBER(p, args);
        if (width < 0) {
            left = true;
            width = -width;
        }
        if (*p == '.') {
            p++;
            precision = ORBIT_NUMBER(p, args);
        }
        while (*p == 'l' || *p == 'z') {
            longs += *p++ == 'l' ? 1 : 0;
        }
        if (*p == 'd' || *p == 'i') {
            int64_t i = longs > 1 ? va_arg(args, long long) : va_arg(args, int);
            if (i < 0) {
                orbit_char(&n, '-');
            }
            orbit_digits(&n, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, 10, 1);
        } else if (*p == 'u' || *p == 'x') {
            uint64_t u = longs > 1 ? va_arg(args, unsigned long long) : va_arg(args, unsigned);
            orbit_digits(&n, u, *p == 'u' ? 10 : 16, 1);
        } else if (*p == 'f') {
            orbit_fraction(&n, va_arg(args, double), precision);
        } else if (*p == 'c') {
            orbit_char(&n, (char)va_arg(args, int));
        } else if (*p == 's') {
            const char *s = va_arg(args, const char *);
            size_t len = 0;
            while (s && (precision < 0 || len < (size_t)precision) && s[len]) {
                len++;
            }
            orbit_in_width(&t, s, len, width, left, false);
            continue;
        } else if (*p) {
            orbit_char(&n, *p);
        } else {
            break;
        }
        orbit_in_width(&t, number, n.len, width, left, zeros);
    }
    va_end(args);
    if (size > 0) {
        to[t.len < size ? t.len : size - 1] = 0;
    }
    return (int)t.len;
}
#endif
#endif
