/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_SECTION_H
#define ORBITON_ORBIT_SECTION_H

/*
 * An .orbit file as its sections: at most one <template>, at most one <code>, any number of
 * <style>. What stands in a section is not read here, but for the tags that a template needs to
 * find its end: a nested <template> belongs to it.
 *
 * The content of <style> and <code> ends at the first "</style" or "</code", whatever it stands
 * in: the rule of HTML for raw text, which needs no knowledge of the language.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "orbit/expr.h"
#include "orbit/source.h"
#include "scan/facts.h"

enum {
    ORBIT_FILE_MAX = 4 << 20, /* bytes of an .orbit file */
    ORBIT_SECTIONS_MAX = 64,
};

enum orbit_section_kind {
    ORBIT_SECTION_TEMPLATE,
    ORBIT_SECTION_STYLE,
    ORBIT_SECTION_CODE,
};

struct orbit_section {
    enum orbit_section_kind kind;
    enum orbit_lang lang; /* of <code> */
    bool global;          /* <style global> */
    struct span tag;      /* the start tag */
    struct span content;  /* between the tags; blank with src */
    struct str src;       /* the file that has the content instead, decoded; empty if none */
    struct span src_at;   /* where `src` is written */
};

struct orbit_file {
    struct orbit_section *sections; /* in their order; in the arena */
    size_t count;
    const struct orbit_section *template_section; /* NULL if none */
    const struct orbit_section *code;             /* NULL if none */
    enum orbit_lang lang;                         /* of the code; JavaScript without one */
};

/* Finds the sections. False if something was reported: what was found is there all the same. */
bool orbit_file_parse(const struct orbit_source *source, struct arena *a, struct orbit_file *ret);

/* "js", "ts", "rust", "c". */
struct str orbit_lang_name(enum orbit_lang lang);

#endif
