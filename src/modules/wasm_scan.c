/* SPDX-License-Identifier: MIT */
/*
 * Reads the import and the export section of the binary format; what is between
 * them is skipped by its length.
 *
 * Invariant: every read asks `left` first, and a count never makes more memory
 * than the section has bytes for.
 */
#include "modules/wasm_scan.h"

#include <stdint.h>
#include <string.h>

#include "base/table.h"

enum { SECTION_IMPORT = 2, SECTION_EXPORT = 7 };

struct reader {
    const unsigned char *at;
    size_t left;
    bool bad;
};

struct seen {
    UT_hash_handle hh;
};

static unsigned read_byte(struct reader *r)
{
    if (r->left == 0) {
        r->bad = true;
        return 0;
    }
    r->left--;
    return *r->at++;
}

/* A LEB128 number of at most `bits` bits, 32 or 64. */
static uint64_t read_number(struct reader *r, unsigned bits)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < bits; shift += 7) {
        unsigned byte = read_byte(r);

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            return value;
        }
    }
    r->bad = true;
    return 0;
}

static struct reader cut(struct reader *r, uint64_t len)
{
    struct reader part = { .at = r->at, .left = len <= r->left ? (size_t)len : 0 };

    if (len > r->left) {
        r->bad = true;
        return part;
    }
    r->at += part.left;
    r->left -= part.left;
    return part;
}

static struct str read_name(struct reader *r)
{
    struct reader part = cut(r, read_number(r, 32));

    return (struct str){ (const char *)part.at, part.left };
}

static void skip_limits(struct reader *r)
{
    uint64_t flags = read_number(r, 32);

    (void)read_number(r, 64);
    if (flags & 1) {
        (void)read_number(r, 64);
    }
}

/* A value or reference type: one byte, or (ref ...) with a heap type behind it. */
static void skip_type(struct reader *r)
{
    unsigned byte = read_byte(r);

    if (byte == 0x63 || byte == 0x64) {
        (void)read_number(r, 64);
    }
}

static void skip_import_kind(struct reader *r)
{
    switch (read_byte(r)) {
    case 0: (void)read_number(r, 32); break; /* function: its type */
    case 1:                                  /* table */
        skip_type(r);
        skip_limits(r);
        break;
    case 2: skip_limits(r); break; /* memory */
    case 3:                        /* global: type, mutability */
        skip_type(r);
        (void)read_byte(r);
        break;
    case 4: /* tag */
        (void)read_byte(r);
        (void)read_number(r, 32);
        break;
    default: r->bad = true;
    }
}

/* How many items a section says it has; each is at least 3 bytes long. */
static size_t read_count(struct reader *r)
{
    uint64_t count = read_number(r, 32);

    if (count > WASM_NAMES_MAX || count > r->left / 3) {
        r->bad = true;
        return 0;
    }
    return (size_t)count;
}

static void read_imports(struct reader *r, struct arena *a, struct wasm_facts *ret)
{
    size_t count = read_count(r);
    struct seen *seen = NULL;

    ret->modules = arena_array(a, struct str, count);
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct str module = read_name(r);
        struct seen *known;

        (void)read_name(r);
        skip_import_kind(r);
        if (r->bad) {
            break;
        }
        HASH_FIND(hh, seen, module.ptr, module.len, known);
        if (!known) {
            known = arena_new(a, struct seen);
            HASH_ADD_KEYPTR(hh, seen, module.ptr, module.len, known);
            ret->modules[ret->module_count++] = module;
        }
    }
    HASH_CLEAR(hh, seen);
}

static void read_exports(struct reader *r, struct arena *a, struct wasm_facts *ret)
{
    size_t count = read_count(r);

    ret->exports = arena_array(a, struct str, count);
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct str name = read_name(r);

        (void)read_byte(r);
        (void)read_number(r, 32);
        if (!r->bad) {
            ret->exports[ret->export_count++] = name;
        }
    }
}

bool wasm_scan(struct str bytes, struct arena *a, struct wasm_facts *ret)
{
    struct reader r = { .at = (const unsigned char *)bytes.ptr, .left = bytes.len };
    struct str head = STR("\0asm\1\0\0\0");

    *ret = (struct wasm_facts){ 0 };
    if (!str_starts(bytes, head)) {
        ret->error = "it does not begin as a wasm module of version 1 does";
        return false;
    }
    (void)cut(&r, head.len);
    while (r.left > 0 && !r.bad) {
        unsigned id = read_byte(&r);
        struct reader section = cut(&r, read_number(&r, 32));

        if (id == SECTION_IMPORT && !ret->modules) {
            read_imports(&section, a, ret);
        } else if (id == SECTION_EXPORT && !ret->exports) {
            read_exports(&section, a, ret);
        }
        r.bad = r.bad || section.bad;
    }
    if (r.bad) {
        ret->error = "a section is malformed";
    }
    return !r.bad;
}
