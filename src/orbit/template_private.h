/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ORBIT_TEMPLATE_PRIVATE_H
#define ORBITON_ORBIT_TEMPLATE_PRIVATE_H

/* What the files of the template parser share. Only template*.c include this. */

#include "orbit/markup.h"
#include "orbit/template.h"

/* An element whose end tag has not come. */
struct template_open {
    struct str name;
    struct span tag;
    struct orbit_node *outer; /* where its siblings go */
};

struct template_parser {
    const struct orbit_source *source;
    const struct orbit_template_options *options;
    struct arena *arena;  /* of the tree */
    struct arena scratch; /* of one tag */
    struct orbit_template *tree;
    struct orbit_node *parent; /* the node whose children are being read */
    struct template_open open[ORBIT_DEPTH_MAX];
    size_t depth;
    bool failed;
    bool stopped; /* a limit is reached: the rest is not read */
};

#define template_report(p, start, end, hint, ...)                                                  \
    do {                                                                                           \
        (p)->failed = true;                                                                        \
        orbit_report((p)->source, start, end, hint, __VA_ARGS__);                                  \
    } while (0)

/* The attributes of a start tag, those that decide over its place in the tree apart. */
struct template_tag {
    const struct orbit_markup_token *token;
    bool is_component;         /* by its name */
    struct str condition_name; /* "o-if", "o-else-if", "o-else" as written; empty if none */
    struct orbit_piece condition;
    struct str loop_name; /* "o-for" as written; empty if none */
    struct orbit_piece list, list_end;
    bool is_range, is_inclusive;
    struct str *loop_variables;
    size_t loop_variable_count;
    struct str fill_name; /* "#name" as written; empty if none */
    struct str fill;      /* "name" */
    struct str *fill_variables;
    size_t fill_variable_count;
    bool fill_is_pattern;
    struct str is_name; /* the value of `is`; the attribute of <component> */
    struct orbit_piece is_code;
    struct orbit_attribute *attributes; /* all others; in the arena */
    size_t attribute_count;
};

/* template_attributes.c: reads the attributes of a start tag and reports what is wrong in each. */
void template_read_tag(struct template_parser *p, const struct orbit_markup_token *token,
        bool is_component, struct template_tag *ret);

/* template_directive.c: the syntax inside of attribute values. */

/* A slice of the source as code; empty code, too long code and what is no expression of the
 * language is reported. `owner` is where an empty piece is reported. */
struct orbit_piece template_piece(struct template_parser *p, struct str raw, bool is_attribute,
        bool allow_statement, struct str owner);

void template_read_loop(struct template_parser *p, const struct orbit_markup_attribute *a,
        struct template_tag *ret);
void template_read_fill(struct template_parser *p, const struct orbit_markup_attribute *a,
        struct str name, struct template_tag *ret);

/* Whether :class or :style has an object, which is then taken apart: `add` gets each entry. */
typedef void template_entry_fn(void *ctx, struct str name, const struct orbit_piece *code);
bool template_read_object(struct template_parser *p, const struct orbit_markup_attribute *a,
        template_entry_fn *add, void *ctx);

/* template_text.c: white space as it is rendered, in the whole tree. */
void template_condense(struct template_parser *p, struct orbit_node *root);
struct orbit_text template_attribute_text(struct template_parser *p, struct str raw);

/* The offset of a slice of the source. */
static inline size_t template_offset(const struct template_parser *p, struct str slice)
{
    return slice.len > 0 || slice.ptr ? (size_t)(slice.ptr - p->source->text.ptr) : 0;
}

#endif
