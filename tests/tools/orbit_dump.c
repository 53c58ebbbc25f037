/* SPDX-License-Identifier: MIT */
/* Prints sections, messages, the table of identities, and the descriptor of an .orbit file. */
#include "orbit_dump.h"

#include "orbit/descriptor.h"
#include "orbit/section.h"
#include "orbit/slots.h"
#include "orbit/template.h"

struct result {
    struct orbit_file file;
    struct orbit_template tree;
    struct orbit_table table;
    bool has_table;
};

static void read_file(const struct orbit_source *source, struct arena *a, struct result *ret)
{
    struct orbit_template_options options = { .lang = ORBIT_JS };

    *ret = (struct result){ .has_table = false };
    (void)orbit_file_parse(source, a, &ret->file);
    options.lang = ret->file.lang;
    if (ret->file.template_section &&
            orbit_template_parse(
                    source, ret->file.template_section->content, &options, a, &ret->tree)) {
        ret->has_table = orbit_table_build(&ret->tree, source, a, &ret->table);
    }
}

static void add_sections(struct strbuf *out, const struct orbit_file *file)
{
    static const char *const kinds[] = { "template", "style", "code" };

    strbuf_add(out, STR("\"sections\":["));
    for (size_t i = 0; i < file->count; i++) {
        const struct orbit_section *s = &file->sections[i];
        strbuf_addf(out, "%s{\"kind\":\"%s\",\"content\":[%u,%u]", i > 0 ? ",\n " : "\n ",
                kinds[s->kind], s->content.start, s->content.end);
        if (s->kind == ORBIT_SECTION_CODE) {
            strbuf_addf(out, ",\"lang\":\"%.*s\"", STR_FMT(orbit_lang_name(s->lang)));
        }
        if (s->src.len > 0) {
            strbuf_add(out, STR(",\"src\":"));
            strbuf_add_json(out, s->src);
        }
        strbuf_add(out, s->global ? STR(",\"global\":true}") : STR("}"));
    }
    strbuf_addc(out, ']');
}

static void add_diags(struct strbuf *out, const struct diag_list *diags)
{
    strbuf_add(out, STR(",\n \"messages\":["));
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];
        struct strbuf line;
        strbuf_init(&line, 2 * (size_t)DIAG_TEXT_MAX);
        strbuf_addf(&line, "%u:%u-%u:%u %.*s", d->line, d->col, d->end_line, d->end_col,
                STR_FMT(d->text));
        if (d->hint.len > 0) {
            strbuf_addf(&line, "; %.*s", STR_FMT(d->hint));
        }
        strbuf_add(out, i > 0 ? STR(",\n ") : STR("\n "));
        strbuf_add_json(out, strbuf_str(&line));
        strbuf_finish(&line);
    }
    strbuf_addc(out, ']');
}

static void add_table(struct strbuf *out, const struct orbit_table *table)
{
    static const char *const scopes[] = { "root", "if", "else-if", "else", "for", "fill" };

    strbuf_add(out, STR(",\n \"scopes\":["));
    for (size_t i = 0; i < table->scope_count; i++) {
        const struct orbit_scope *s = &table->scopes[i];
        strbuf_addf(out, "%s[%u,\"%s\",%u,", i > 0 ? ",\n " : "\n ", s->parent, scopes[s->kind],
                s->after);
        strbuf_add_json(out, s->expression);
        for (size_t k = 0; k < s->variable_count; k++) {
            strbuf_addc(out, ',');
            strbuf_add_json(out, s->variables[k]);
        }
        strbuf_addc(out, ']');
    }
    strbuf_add(out, STR("],\n \"slots\":["));
    for (size_t i = 0; i < table->slot_count; i++) {
        const struct orbit_slot *s = &table->slots[i];
        strbuf_addf(out, "%s[%u,\"%s\",", i > 0 ? ",\n " : "\n ", s->scope,
                s->kind == ORBIT_SLOT_VALUE ? "value" : "component");
        strbuf_add_json(out, s->expression);
        strbuf_addc(out, ']');
    }
    strbuf_add(out, STR("],\n \"handlers\":["));
    for (size_t i = 0; i < table->handler_count; i++) {
        const struct orbit_handler *h = &table->handlers[i];
        strbuf_addf(out, "%s[%u,\"%s\",", i > 0 ? ",\n " : "\n ", h->scope,
                h->kind == ORBIT_HANDLER_EVENT ? "event" : "model");
        strbuf_add_json(out, h->text);
        strbuf_addc(out, ']');
    }
    strbuf_addc(out, ']');
}

void orbit_dump(struct str text, struct arena *a, struct strbuf *out)
{
    struct diag_list diags = { .count = 0 };
    struct orbit_source source = { STR("it.orbit"), text, &diags };
    struct result result;

    read_file(&source, a, &result);
    strbuf_addc(out, '{');
    add_sections(out, &result.file);
    add_diags(out, &diags);
    if (result.has_table) {
        add_table(out, &result.table);
        strbuf_add(out, STR(",\n \"descriptor\":"));
        orbit_descriptor_write(&result.tree, &result.table, out);
    }
    strbuf_addc(out, '}');
    diag_list_finish(&diags);
}

void orbit_dump_scan(struct str text, struct arena *a)
{
    struct diag_list diags = { .count = 0 };
    struct orbit_source source = { STR("it.orbit"), text, &diags };
    struct result result;

    read_file(&source, a, &result);
    diag_list_finish(&diags);
}
