/* SPDX-License-Identifier: MIT */
/*
 * An .orbit file: sections lie inside of it and in order; a message has a place;
 * a template without messages is known to its own table, with the same numbers
 * and so the same descriptor; and is known in an element more.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "orbit/descriptor.h"
#include "orbit/section.h"
#include "orbit/slots.h"
#include "orbit/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_file(struct str text, const struct orbit_file *file)
{
    size_t at = 0;

    for (size_t i = 0; i < file->count; i++) {
        const struct orbit_section *s = &file->sections[i];
        check(s->tag.start >= at && s->tag.end > s->tag.start);
        check(s->content.start >= s->tag.end && s->content.end >= s->content.start);
        check(s->content.end <= text.len);
        at = s->content.end;
    }
}

static void check_template(struct str text, struct span content, enum orbit_lang lang)
{
    struct diag_list diags = { .count = 0 };
    struct orbit_source source = { STR("it.orbit"), text, &diags };
    struct orbit_template_options options = { .lang = lang };
    struct arena arena = { NULL };
    struct orbit_template tree, other;
    struct orbit_table table, kept;
    struct orbit_unknown *unknown;
    struct strbuf a, b, wrapped;

    strbuf_init(&a, ORBIT_DESCRIPTOR_MAX);
    strbuf_init(&b, ORBIT_DESCRIPTOR_MAX);
    strbuf_init(&wrapped, text.len + 16);
    if (!orbit_template_parse(&source, content, &options, &arena, &tree)) {
        check(diags.count > 0);
        for (size_t i = 0; i < diags.count; i++) {
            check(diags.items[i].line > 0 && diags.items[i].text.len > 0);
        }
    } else if (orbit_table_build(&tree, &source, &arena, &table)) {
        orbit_descriptor_write(&tree, &table, &a);
        kept = orbit_table_copy(&table, &arena);
        check(orbit_table_match(&tree, &kept, &arena, &unknown) == 0);
        orbit_descriptor_write(&tree, &kept, &b);
        check(str_eq(strbuf_str(&a), strbuf_str(&b)));
        strbuf_add(&wrapped, STR("<p>"));
        strbuf_add(&wrapped, str_sub(text, content.start, content.end));
        strbuf_add(&wrapped, STR("</p>"));
        source.text = strbuf_str(&wrapped);
        /* One element more can be one too many. */
        if (orbit_template_parse(
                    &source, (struct span){ 0, (uint32_t)wrapped.len }, &options, &arena, &other)) {
            check(orbit_table_match(&other, &kept, &arena, &unknown) == 0);
        }
    }
    strbuf_finish(&a);
    strbuf_finish(&b);
    strbuf_finish(&wrapped);
    diag_list_finish(&diags);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct diag_list diags = { .count = 0 };
    struct orbit_source source = { STR("it.orbit"), text, &diags };
    struct arena arena = { NULL };
    struct orbit_file file;

    if (orbit_file_parse(&source, &arena, &file)) {
        check(diags.count == 0 && file.template_section != NULL);
    } else {
        check(diags.count > 0);
    }
    check_file(text, &file);
    if (file.template_section) {
        check_template(text, file.template_section->content, file.lang);
    } else if (size <= ORBIT_TEMPLATE_MAX) {
        check_template(text, (struct span){ 0, (uint32_t)size }, ORBIT_JS);
    }
    diag_list_finish(&diags);
    arena_finish(&arena);
    return 0;
}
