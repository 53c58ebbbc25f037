/* SPDX-License-Identifier: MIT */
/*
 * Components in the dev loop.
 *
 * Invariant: a record's `running` is the table of the code that pages can load; its
 * `building` that of the sources which the running build was started with.
 */
#include "engine/orbit_turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "engine/state.h"
#include "modules/orbit_store.h"
#include "orbit/lex.h"

#define RUST_FOLDER STR("target/orbit")
#define C_FOLDER    STR("build/orbit")

static struct orbit_store *store_of(struct engine *e)
{
    return modules_orbit(e->modules);
}

bool orbit_turn_is_generated(struct str path)
{
    return path_is_below(path, RUST_FOLDER) || path_is_below(path, C_FOLDER);
}

/* ---- files ---- */

/* Reads the file into `present`, which the caller finishes. */
static bool read_present(struct engine *e, struct str path, struct strbuf *present)
{
    int fd = sys_open_beneath(files_root_fd(e->files), path, O_RDONLY);
    bool good;

    strbuf_init(present, ORBIT_GEN_MAX);
    good = fd >= 0 && sys_read_all(fd, present) >= 0;
    sys_close(fd);
    return good;
}

static bool has_bytes(struct engine *e, struct str path, struct str bytes)
{
    struct strbuf present;
    bool same = read_present(e, path, &present) && str_eq(strbuf_str(&present), bytes);

    strbuf_finish(&present);
    return same;
}

static int make_folder(struct engine *e, struct str folder)
{
    int root = files_root_fd(e->files);
    struct str parent = path_parent(folder);

    if (mkdirat(root, arena_cstr(&e->turn, parent), 0777) < 0 && errno != EEXIST) {
        return -errno;
    }
    return mkdirat(root, arena_cstr(&e->turn, folder), 0777) < 0 && errno != EEXIST ? -errno : 0;
}

/* Puts the whole text in its place, or leaves what is there. */
static int replace_file(struct engine *e, struct str folder, struct str name, struct str text)
{
    int result = make_folder(e, folder);
    int dir = result < 0
                      ? result
                      : sys_open_beneath(files_root_fd(e->files), folder, O_RDONLY | O_DIRECTORY);
    struct str passing = arena_printf(&e->turn, ".%.*s.tmp", STR_FMT(name));

    if (dir < 0) {
        return dir;
    }
    int fd = openat(dir, passing.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

    result = fd < 0 ? -errno : sys_write_all(fd, text);
    if (fd >= 0 && close(fd) < 0 && result >= 0) {
        result = -errno;
    }
    if (result >= 0 && renameat(dir, passing.ptr, dir, arena_cstr(&e->turn, name)) < 0) {
        result = -errno;
    }
    sys_close(dir);
    return result < 0 ? result : 0;
}

/* Whether the file is another one now. */
static bool put_file(struct engine *e, struct str folder, struct str name, struct str text)
{
    struct str path = path_join(&e->turn, folder, name);

    if (has_bytes(e, path, text)) {
        return false;
    }
    int result = replace_file(e, folder, name, text);

    if (result < 0) {
        term_errorf(e->term, "cannot write %.*s: %.*s", STR_FMT(path), STR_FMT(sys_error(result)));
    }
    return result >= 0;
}

/* The file of all components in C was called app.c once; a build that takes both does not link. */
static void remove_old_whole(struct engine *e)
{
    struct str path = path_join(&e->turn, C_FOLDER, STR("app.c"));
    struct strbuf text;

    if (read_present(e, path, &text) && orbit_gen_c_is_app(strbuf_str(&text))) {
        (void)unlinkat(files_root_fd(e->files), arena_cstr(&e->turn, path), 0);
    }
    strbuf_finish(&text);
}

/* ---- generating ---- */

struct built_list {
    struct orbit_record **items;
    size_t count, cap;
    enum orbit_lang lang;
};

static void add_built(void *ctx, struct orbit_record *r)
{
    struct built_list *list = ctx;

    if (r->has_good && r->exists && orbit_is_built(r->good.lang) && r->good.lang == list->lang) {
        vec_push(list, r);
    }
}

static struct orbit_gen_input input_of(const struct orbit_component *c)
{
    return (struct orbit_gen_input){
        .name = c->name,
        .path = c->path,
        .module = c->module,
        .id = c->id,
        .table = &c->table,
        .table_id = str_from(c->table_id),
    };
}

/* Notes the component's file as what the next build is for. */
static void add_cause(struct engine *e, struct str path, uint64_t first_ns)
{
    (void)hmr_context_record_file_change(e->context, path, sys_now_ns() / 1000000);
    rebuild_add_cause(e, path, first_ns);
}

static bool generate_lang(struct engine *e, enum orbit_lang lang, uint64_t first_ns)
{
    struct built_list list = { .lang = lang };
    struct str folder = lang == ORBIT_RUST ? RUST_FOLDER : C_FOLDER;
    struct strbuf whole;
    bool any = false;

    orbit_store_each(store_of(e), add_built, &list);
    if (list.count == 0) {
        return false;
    }
    struct orbit_gen_input *inputs = arena_array(&e->turn, struct orbit_gen_input, list.count);

    for (size_t i = 0; i < list.count; i++) {
        const struct orbit_component *c = &list.items[i]->good;
        struct str name = arena_printf(
                &e->turn, "%.*s.%s", STR_FMT(c->module), lang == ORBIT_RUST ? "rs" : "c");

        inputs[i] = input_of(c);
        if (put_file(e, folder, name, strbuf_str(&c->code.text))) {
            add_cause(e, c->path, first_ns);
            any = true;
        }
    }
    strbuf_init(&whole, ORBIT_GEN_MAX);
    if (lang == ORBIT_RUST) {
        orbit_gen_rust_mod(inputs, list.count, &whole);
    } else {
        orbit_gen_c_app(inputs, list.count, &whole);
    }
    bool written = put_file(
            e, folder, lang == ORBIT_RUST ? STR("mod.rs") : STR("orbit-app.c"), strbuf_str(&whole));

    if (written && lang == ORBIT_C) {
        remove_old_whole(e);
    }
    if (written && !any) {
        add_cause(e, list.items[0]->path, first_ns);
        any = true;
    }
    strbuf_finish(&whole);
    vec_finish(&list);
    return any;
}

bool orbit_turn_generate(struct engine *e, uint64_t first_ns)
{
    if (build_get_tool(e->build) == BUILD_NONE) {
        return false;
    }
    bool rust = generate_lang(e, ORBIT_RUST, first_ns);

    return generate_lang(e, ORBIT_C, first_ns) || rust;
}

/* ---- what was built ---- */

static void find_built(void *ctx, struct orbit_record *r)
{
    bool *found = ctx;

    *found = *found || (r->has_good && orbit_is_built(r->good.lang));
}

static bool has_built(struct engine *e)
{
    bool found = false;

    orbit_store_each(store_of(e), find_built, &found);
    return found;
}

bool orbit_turn_is_artefact(struct engine *e, struct str path)
{
    struct str url;
    struct str own;

    return build_find_wasm(e->build, &url, &own) && str_eq(own, path) && has_built(e);
}

/* Tells the code modules which file they load. */
static void name_artefact(struct engine *e, bool versioned)
{
    char hex[HASH_HEX_LEN + 1];
    struct str url;
    struct str path;

    if (!build_find_wasm(e->build, &url, &path)) {
        return;
    }
    struct version version = turn_look(e, path);

    if (versioned && version.exists) {
        hash_format(version.hash, hex);
        modules_orbit_built(e->modules, arena_printf(&e->turn, "/%.*s?v=%s", STR_FMT(url), hex));
    } else {
        modules_orbit_built(e->modules, arena_printf(&e->turn, "/%.*s", STR_FMT(url)));
    }
}

static void note_building(void *ctx, struct orbit_record *r)
{
    (void)ctx;
    if (r->has_good && orbit_is_built(r->good.lang)) {
        orbit_running_take(&r->building, &r->good);
    }
}

void orbit_turn_build_started(struct engine *e)
{
    orbit_store_each(store_of(e), note_building, NULL);
}

static void note_built(void *ctx, struct orbit_record *r)
{
    (void)ctx;
    if (r->building.id[0]) {
        r->built = orbit_running_compare(&r->running, &r->building);
        orbit_running_finish(&r->running);
        r->running = r->building;
        r->building = (struct orbit_running){ 0 };
    }
}

void orbit_turn_built(struct engine *e, bool outputs_changed)
{
    if (!has_built(e)) {
        return;
    }
    orbit_store_each(store_of(e), note_built, NULL);
    if (outputs_changed && (e->built_once || e->failing)) {
        name_artefact(e, true);
    } /* else pages have it under the present name: requests wait for the first build */
    modules_turn_touch_components(e);
}

/* ---- reading ---- */

/* Without a page nobody else would tell. */
static void print_bad(struct engine *e, const struct orbit_record *r)
{
    for (size_t i = 0; i < r->diags.count && pages_count(e->pages) == 0; i++) {
        turn_print(e, r->diags.items[i].severity == DIAG_ERROR ? "bad" : "warn",
                turn_place(e, &r->diags.items[i]), r->diags.items[i].text);
    }
}

static void load(void *ctx, struct orbit_record *r)
{
    struct engine *e = ctx;

    orbit_record_load(store_of(e), r);
}

static void load_first(void *ctx, struct orbit_record *r)
{
    load(ctx, r);
    print_bad(ctx, r); /* it is no part of what is built */
}

void orbit_turn_open(struct engine *e)
{
    if (build_get_tool(e->build) == BUILD_NONE) {
        return; /* compiled when a page asks; nobody waits for a walk through the project */
    }
    orbit_store_each(store_of(e), load_first, e);
    (void)orbit_store_forget_changes(store_of(e));
    name_artefact(e, false);
    (void)orbit_turn_generate(e, sys_now_ns());
}

static void load_stale(void *ctx, struct orbit_record *r)
{
    if (r->stale) {
        load(ctx, r);
    }
}

/* Mostly a page's module has read the announced text already. */
static bool is_compiled(struct engine *e, const struct orbit_record *r)
{
    struct hash hash;

    return !r->stale && r->exists && watch_find_hash(e->watch, r->path, &hash) &&
           hash_eq(hash, r->seen);
}

/* ---- props ---- */

struct props_check {
    struct engine *e;
    struct diag_list diags;
};

/* What a component gives to others, if it or the other was saved. */
static void check_props(void *ctx, struct orbit_record *r)
{
    struct props_check *check = ctx;
    const struct orbit_component *c = &r->good;

    if (!r->exists || !r->has_good || r->bad) {
        return;
    }
    for (size_t i = 0; i < c->child_count; i++) {
        const struct orbit_record *child = orbit_store_get(store_of(check->e), c->children[i].path);
        if (child && child->has_good && !child->bad && (r->changed || child->changed)) {
            orbit_props_check(c->markup_path, &c->givens, c->children[i].name, &child->good.props,
                    &check->diags);
        }
    }
}

static void warn_of_props(struct engine *e)
{
    struct props_check check = { .e = e };

    orbit_store_each(store_of(e), check_props, &check);
    for (size_t i = 0; i < check.diags.count; i++) {
        turn_print(e, "warn", turn_place(e, &check.diags.items[i]), check.diags.items[i].text);
    }
    diag_list_finish(&check.diags);
}

/* ---- names that nothing declares ---- */

struct undeclared_check {
    const struct orbit_component *c;
    struct str name;
    bool is_given;
};

static void look_for_giver(void *ctx, struct orbit_record *r)
{
    struct undeclared_check *check = ctx;
    const struct orbit_component *giver = &r->good;

    for (size_t i = 0; r->has_good && i < giver->child_count && !check->is_given; i++) {
        check->is_given = str_eq(giver->children[i].path, check->c->path) &&
                          orbit_props_gives(&giver->givens, giver->children[i].name, check->name);
    }
}

/* Of a component in JavaScript that was saved: what is no prop either, as far as anybody gives one. */
static void warn_of_names(void *ctx, struct orbit_record *r)
{
    struct engine *e = ctx;
    const struct orbit_component *c = &r->good;

    if (!r->exists || !r->has_good || r->bad || !r->changed) {
        return;
    }
    for (size_t i = 0; i < c->code.undeclared.count; i++) {
        const struct orbit_undeclared *u = &c->code.undeclared.items[i];
        struct undeclared_check check = { .c = c, .name = u->name };
        struct diag d = { .path = c->markup_path, .line = u->line, .col = u->col };

        orbit_store_each(store_of(e), look_for_giver, &check);
        if (!check.is_given) {
            struct str near = u->near.len > 0 ? arena_printf(&e->turn, "; did you mean %.*s?",
                                                        STR_FMT(u->near))
                                              : STR("");

            turn_print(e, "warn", turn_place(e, &d),
                    arena_printf(&e->turn, "%.*s.%.*s: nothing declares it%.*s", STR_FMT(c->name),
                            STR_FMT(u->name), STR_FMT(near)));
        }
    }
}

void orbit_turn_read(struct engine *e, const struct change_set *set)
{
    bool any = false;

    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->entries[i];

        if (c->kind != CHANGE_SAME && orbit_is_file(c->path)) {
            struct orbit_record *r = orbit_store_get(store_of(e), c->path);

            if (r) {
                if (!is_compiled(e, r)) {
                    load(e, r);
                }
                print_bad(e, r);
            }
            any = true;
        }
    }
    if (any) {
        orbit_store_each(store_of(e), load_stale, e);
        warn_of_props(e);
        orbit_store_each(store_of(e), warn_of_names, e);
    }
}

struct str orbit_turn_describe(struct engine *e, struct str path)
{
    const struct orbit_record *r = orbit_is_file(path) ? orbit_store_get(store_of(e), path) : NULL;

    if (!r || !r->exists || !r->has_good || (!r->changed && !r->bad)) {
        return STR("");
    }
    if (r->bad) {
        return STR("error");
    }
    bool builds = orbit_is_built(r->good.lang) && (r->change.code || r->change.unknown > 0) &&
                  build_get_tool(e->build) != BUILD_NONE;
    struct str text = orbit_change_describe(&r->change, &e->turn);

    return builds ? arena_printf(&e->turn, "%.*s: building", STR_FMT(text)) : text;
}

struct str orbit_turn_describe_built(struct engine *e, struct str path)
{
    const struct orbit_record *r = orbit_is_file(path) ? orbit_store_get(store_of(e), path) : NULL;

    return r ? orbit_change_describe(&r->built, &e->turn) : STR("");
}

/* ---- diagnostics ---- */

struct search {
    const struct diag *diag;
    const struct orbit_record *found;
    bool by_line; /* the compiler was told the lines of the .orbit file */
};

static void match_record(void *ctx, struct orbit_record *r)
{
    struct search *s = ctx;
    struct str path = s->diag->path;
    struct str name = path_name(path);

    if (s->found || !r->has_good || !orbit_is_built(r->good.lang)) {
        return;
    }
    for (size_t i = 0; i < ORBIT_FROM_COUNT; i++) {
        if (str_eq(path, r->good.mapped[i].path)) {
            s->found = r;
            s->by_line = true;
            return;
        }
    }
    if (orbit_turn_is_generated(path) && str_starts(name, r->good.module) &&
            name.len == r->good.module.len + path_ext(name).len) {
        s->found = r;
    }
}

/* The offset of a place; columns are characters. */
static size_t offset_of(struct str text, unsigned line, unsigned col)
{
    size_t at = 0;

    for (unsigned n = 1; n < line && at < text.len; n++) {
        size_t end = str_find(str_skip(text, at), '\n');

        at = end == STR_NONE ? text.len : at + end + 1;
    }
    for (unsigned n = 1; n < col && at < text.len && text.ptr[at] != '\n'; n++) {
        at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80) {
            at++;
        }
    }
    return at;
}

static void set_place(
        struct engine *e, const struct orbit_mapped *from, size_t offset, struct diag *d)
{
    struct str text = from->text;

    diag_place(text, offset, &d->line, &d->col);
    d->path = from->path;
    d->end_line = d->end_col = 0;
    d->frame = diag_frame(&e->turn, text, d->line, d->col);
}

/* The begin of the line in `text` that holds `at`. */
static size_t line_begin(struct str text, size_t at)
{
    size_t sign = str_rfind(str_sub(text, 0, at), '\n');

    return sign == STR_NONE ? 0 : sign + 1;
}

static bool follows(const struct orbit_map_entry *entry, const struct orbit_map_entry *next)
{
    return entry->from == next->from && entry->source_offset + entry->len == next->source_offset;
}

/* Lines are the source's (#line), columns those of the generated line. What is generated for a piece
 * stands behind it in its line: what the compiler says of that is said of the begin of the piece. */
static bool place_by_line(
        struct engine *e, const struct orbit_component *c, const struct diag *d, struct diag *ret)
{
    struct str out = strbuf_str(&c->code.text);
    const struct orbit_map *map = &c->code.map;
    size_t nearest = map->count;
    size_t least = STR_NONE;
    size_t within = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct orbit_map_entry *entry = &map->items[i];
        const struct orbit_mapped *from = &c->mapped[entry->from];
        unsigned line;
        unsigned col;
        size_t at = line_begin(out, entry->out_offset) + (d->col > 0 ? d->col - 1 : 0);
        size_t end = entry->out_offset + entry->len;
        size_t away = at > end ? at - end : 0;

        diag_place(from->text, entry->source_offset, &line, &col);
        if (str_eq(from->path, d->path) && line == d->line && at >= entry->out_offset &&
                away < least && line_begin(out, at < out.len ? at : out.len) <= end) {
            nearest = i;
            least = away;
            within = away == 0 ? at - entry->out_offset : 0;
        }
    }
    if (nearest == map->count) {
        return false;
    }
    while (least > 0 && nearest > 0 && follows(&map->items[nearest - 1], &map->items[nearest])) {
        nearest--; /* what is inserted parts a piece */
    }
    set_place(e, &c->mapped[map->items[nearest].from], map->items[nearest].source_offset + within,
            ret);
    return true;
}

static void match_object(void *ctx, struct orbit_record *r)
{
    struct search *s = ctx;
    struct str file;
    struct str rest;
    struct str module = r->has_good ? r->good.module : STR("");

    if (!s->found && str_cut(s->diag->text, ':', &file, &rest) && path_is_below(file, C_FOLDER) &&
            str_starts(path_name(file), module) && str_eq(path_ext(file), STR(".o")) &&
            path_name(file).len == module.len + 2) {
        s->found = r;
    }
}

/* Whether a piece is of the code block; else it is of the template. */
static bool is_of_block(const struct orbit_component *c, const struct orbit_map_entry *entry)
{
    enum orbit_from from = str_eq(c->code_path, c->path) ? ORBIT_FROM_FILE : ORBIT_FROM_CODE;
    size_t begin = str_find_str(c->mapped[from].text, c->block);

    return entry->from == from && begin != STR_NONE && entry->source_offset >= begin &&
           entry->source_offset < begin + c->block.len;
}

/* Where `word` stands in a piece of code, and not in a comment or literal; or STR_NONE. */
static size_t find_in_piece(struct arena *a, const struct orbit_component *c,
        const struct orbit_map_entry *entry, struct str word)
{
    struct orbit_tokens tokens;

    orbit_lex(a, c->lang,
            str_sub(c->mapped[entry->from].text, entry->source_offset,
                    entry->source_offset + entry->len),
            &tokens);
    for (size_t i = 0; i < tokens.count; i++) {
        if (tokens.items[i].kind == ORBIT_TOKEN_WORD &&
                str_eq(orbit_token_text(&tokens, i), word)) {
            return entry->source_offset + tokens.items[i].start;
        }
    }
    return STR_NONE;
}

/* A linker names the object and what it lacks: the first use of that in the template, or else in the
 * code block. */
static void place_symbol(struct engine *e, const struct diag *d, struct diag *ret)
{
    struct str head = STR(": undefined symbol: ");
    size_t at = str_find_str(d->text, head);
    struct search s = { .diag = d };

    if (at == STR_NONE || d->path.len > 0) {
        return;
    }
    orbit_store_each(store_of(e), match_object, &s);
    if (!s.found) {
        return;
    }
    struct str symbol = str_skip(d->text, at + head.len);

    const struct orbit_component *c = &s.found->good;

    for (size_t i = 0; i < 2 * c->code.map.count; i++) {
        bool is_second = i >= c->code.map.count;
        const struct orbit_map_entry *entry = &c->code.map.items[i % c->code.map.count];
        size_t use = is_of_block(c, entry) == is_second ? find_in_piece(&e->turn, c, entry, symbol)
                                                        : STR_NONE;
        if (use != STR_NONE) {
            set_place(e, &c->mapped[entry->from], use, ret);
            ret->text = arena_printf(&e->turn, "undefined symbol: %.*s", STR_FMT(symbol));
            return;
        }
    }
}

static void place(struct engine *e, const struct diag *d, struct diag *ret)
{
    struct search s = { .diag = d };
    size_t offset;
    enum orbit_from from;

    *ret = *d;
    if (d->path.len == 0 || d->line == 0) {
        place_symbol(e, d, ret);
        return;
    }
    orbit_store_each(store_of(e), match_record, &s);
    if (!s.found) {
        return;
    }
    const struct orbit_component *c = &s.found->good;

    if (s.by_line) {
        (void)place_by_line(e, c, d, ret); /* else the line alone is right */
        return;
    }
    struct str out = strbuf_str(&c->code.text);

    size_t at = offset_of(out, d->line, d->col);
    size_t end = d->end_line == d->line && d->end_col > d->col ? at + (d->end_col - d->col) : at;

    /* What rustc marks may begin with the generated parentheses around the code. */
    for (; at <= end && at <= out.len; at++) {
        if (orbit_map_find(&c->code.map, at, &offset, &from)) {
            set_place(e, &c->mapped[from], offset, ret);
            return;
        }
    }
}

void orbit_turn_place_diags(struct engine *e, const struct diag_list *from, struct diag_list *ret)
{
    for (size_t i = 0; i < from->count; i++) {
        struct diag placed;

        place(e, &from->items[i], &placed);
        diag_list_add(ret, &placed);
    }
    ret->dropped += from->dropped;
}
