/* SPDX-License-Identifier: MIT */
#include "wire/message.h"

#include <inttypes.h>
#include <jansson.h>

enum { STAMPS_TEXT_MAX = 256 * 1024 }; /* in one message */

static void add_member(struct strbuf *b, const char *name, struct str value)
{
    strbuf_addf(b, ",\"%s\":", name);
    strbuf_add_json(b, value);
}

static void begin(struct strbuf *b, const char *type)
{
    strbuf_addf(b, "{\"type\":\"%s\"", type);
}

static void add_strings(struct strbuf *b, const char *name, const struct str *items, size_t count)
{
    strbuf_addf(b, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            strbuf_addc(b, ',');
        }
        strbuf_add_json(b, items[i]);
    }
    strbuf_addc(b, ']');
}

static const char *bool_text(bool value)
{
    return value ? "true" : "false";
}

static void add_config(struct strbuf *b, const struct message_config *config)
{
    strbuf_addf(b, ",\"config\":{\"hotOnly\":%s,\"badge\":%s,\"overlay\":%s}}",
            bool_text(config->hot_only), bool_text(config->badge), bool_text(config->overlay));
}

void message_config(struct strbuf *b, const struct message_config *config)
{
    begin(b, "config");
    add_config(b, config);
}

/* How many of them were added. */
static size_t add_stamps(struct strbuf *b, const struct message_stamp *stamps, size_t count)
{
    size_t begin = b->len;
    size_t added = 0;

    strbuf_add(b, STR(",\"stamps\":{"));
    while (added < count && added < MESSAGE_STAMPS_MAX && b->len - begin < STAMPS_TEXT_MAX) {
        if (added > 0) {
            strbuf_addc(b, ',');
        }
        strbuf_add_json(b, stamps[added].key);
        strbuf_addf(b, ":%" PRIu64, stamps[added].seq);
        added++;
    }
    strbuf_addc(b, '}');
    return added;
}

size_t message_hello(struct strbuf *b, struct str epoch, uint64_t seq, uint64_t page,
        const struct message_config *config, const struct message_stamp *stamps, size_t stamp_count)
{
    size_t added = 0;

    begin(b, "hello");
    strbuf_addf(b, ",\"protocol\":%d", MESSAGE_PROTOCOL);
    add_member(b, "epoch", epoch);
    strbuf_addf(b, ",\"seq\":%" PRIu64 ",\"page\":%" PRIu64, seq, page);
    if (stamp_count > 0) {
        added = add_stamps(b, stamps, stamp_count);
    }
    add_config(b, config);
    return added;
}

size_t message_stamps(struct strbuf *b, const struct message_stamp *stamps, size_t count)
{
    begin(b, "stamps");
    size_t added = add_stamps(b, stamps, count);

    strbuf_addc(b, '}');
    return added;
}

void message_file_change(struct strbuf *b, const struct str *paths, size_t count, struct str kind)
{
    begin(b, "fileChange");
    add_strings(b, "paths", paths, count < MESSAGE_PATHS_MAX ? count : MESSAGE_PATHS_MAX);
    add_member(b, "kind", kind);
    strbuf_addf(b, ",\"count\":%zu}", count);
}

static void add_diag(struct strbuf *b, const struct diag *d)
{
    strbuf_add(b, STR("{\"severity\":"));
    strbuf_add_json(b, diag_severity_name(d->severity));
    if (d->path.len > 0) {
        add_member(b, "path", d->path);
    }
    if (d->line > 0) {
        strbuf_addf(b, ",\"line\":%u", d->line);
    }
    if (d->col > 0) {
        strbuf_addf(b, ",\"col\":%u", d->col);
    }
    if (d->end_line > 0) {
        strbuf_addf(b, ",\"endLine\":%u,\"endCol\":%u", d->end_line, d->end_col);
    }
    if (d->code.len > 0) {
        add_member(b, "code", d->code);
    }
    add_member(b, "text", d->text);
    if (d->hint.len > 0) {
        add_member(b, "hint", d->hint);
    }
    if (d->frame.len > 0) {
        add_member(b, "frame", d->frame);
    }
    strbuf_addc(b, '}');
}

void message_add_diags(struct strbuf *b, const struct diag_list *diags)
{
    strbuf_addc(b, '[');
    for (size_t i = 0; i < diags->count; i++) {
        if (i > 0) {
            strbuf_addc(b, ',');
        }
        add_diag(b, &diags->items[i]);
    }
    strbuf_addc(b, ']');
}

void message_rebuild(
        struct strbuf *b, struct str status, uint64_t ms, const struct diag_list *diags)
{
    begin(b, "rebuild");
    add_member(b, "status", status);
    if (!str_eq(status, STR("started"))) {
        strbuf_addf(b, ",\"ms\":%" PRIu64, ms);
    }
    if (diags) {
        strbuf_add(b, STR(",\"diagnostics\":"));
        message_add_diags(b, diags);
    }
    strbuf_addc(b, '}');
}

static void add_hash(struct strbuf *b, struct version v)
{
    char hex[HASH_HEX_LEN + 1] = "";

    if (v.exists) {
        hash_format(v.hash, hex);
    }
    add_member(b, "hash", str_from(hex));
}

static void add_edit(struct strbuf *b, const struct update *u)
{
    char hex[HASH_HEX_LEN + 1];

    hash_format(u->from, hex);
    strbuf_addf(b, ",\"edit\":{\"from\":\"%s\",\"at\":%zu,\"removed\":%zu", hex, u->edit.at,
            u->edit.removed);
    add_member(b, "text", u->edit.text);
    strbuf_addc(b, '}');
}

static void add_update(struct strbuf *b, const struct update *u)
{
    strbuf_add(b, STR("{\"type\":"));
    strbuf_add_json(b, update_type_name(u->type));
    add_member(b, "url", u->url);
    add_member(b, "path", u->path);
    add_member(b, "module", u->module);
    add_hash(b, u->to);
    if (!u->to.exists) {
        strbuf_add(b, STR(",\"deleted\":true"));
    }
    if (u->has_text) {
        add_member(b, "text", u->text);
    }
    if (u->has_base) {
        add_member(b, "base", u->base);
    }
    if (u->has_edit) {
        add_edit(b, u);
    }
    if (u->part.len > 0) {
        add_member(b, "part", u->part);
        strbuf_add(b, STR(",\"args\":["));
        strbuf_add(b, u->arguments);
        strbuf_addc(b, ']');
    }
    strbuf_addc(b, '}');
}

static void add_js(struct strbuf *b, const struct message_js *js)
{
    const struct plan *plan = js->plan;

    strbuf_addf(b, ",\"js\":{\"stamp\":\"%" PRIu64 "\"", js->stamp);
    add_strings(b, "replaced", plan->replaced, plan->replaced_count);
    strbuf_add(b, STR(",\"boundaries\":["));
    for (size_t i = 0; i < plan->boundary_count; i++) {
        strbuf_add(b, i > 0 ? STR(",{\"by\":") : STR("{\"by\":"));
        strbuf_add_json(b, plan->boundaries[i].by);
        add_member(b, "accepted", plan->boundaries[i].accepted);
        strbuf_addc(b, '}');
    }
    strbuf_addc(b, ']');
    add_strings(b, "refused", plan->refused, plan->refused_count);
    add_strings(b, "chain", plan->chain, plan->chain_count);
    if (plan->by_worker) {
        strbuf_add(b, STR(",\"worker\":true"));
    }
    add_strings(b, "pruned", plan->pruned, plan->pruned_count);
    if (js->carried_count > 0) {
        strbuf_add(b, STR(",\"carried\":{"));
        for (size_t i = 0; i < js->carried_count; i++) {
            strbuf_add(b, i > 0 ? STR(",") : STR(""));
            strbuf_add_json(b, js->carried[i].key);
            strbuf_addc(b, ':');
            strbuf_add_json(b, js->carried[i].text);
        }
        strbuf_addc(b, '}');
    }
    strbuf_addf(b, ",\"rollback\":\"%" PRIu64 "r%" PRIu64 "\"}", js->seq, js->page);
}

void message_hmr(struct strbuf *b, uint64_t seq, const struct str *modules, size_t module_count,
        const struct update *updates, size_t update_count, struct str reason,
        const struct message_timing *timing, const struct message_js *js)
{
    begin(b, "hmr");
    strbuf_addf(b, ",\"seq\":%" PRIu64, seq);
    add_strings(b, "modules", modules, module_count);
    strbuf_add(b, STR(",\"updates\":["));
    for (size_t i = 0; i < update_count; i++) {
        if (i > 0) {
            strbuf_addc(b, ',');
        }
        add_update(b, &updates[i]);
    }
    strbuf_addc(b, ']');
    if (js) {
        add_js(b, js);
    }
    add_member(b, "reason", reason);
    strbuf_add(b, STR(",\"timing\":{"));
    strbuf_addf(b, "\"watch\":%.2f", timing->watch > 0 ? timing->watch : 0.0);
    if (timing->build >= 0) {
        strbuf_addf(b, ",\"build\":%.0f", timing->build);
    }
    strbuf_add(b, STR("}}"));
}

void message_reload(struct strbuf *b, uint64_t seq, struct str reason, bool force)
{
    begin(b, "reload");
    strbuf_addf(b, ",\"seq\":%" PRIu64, seq);
    add_member(b, "reason", reason);
    strbuf_addf(b, ",\"chain\":[],\"force\":%s}", bool_text(force));
}

void message_error(struct strbuf *b, const struct diag_list *diags)
{
    begin(b, "error");
    strbuf_add(b, STR(",\"diagnostics\":"));
    message_add_diags(b, diags);
    strbuf_addc(b, '}');
}

void message_clear(struct strbuf *b)
{
    begin(b, "clear");
    strbuf_addc(b, '}');
}

void message_versions(struct strbuf *b, const struct update *updates, size_t count)
{
    begin(b, "versions");
    strbuf_add(b, STR(",\"loaded\":{"));
    for (size_t i = 0; i < count; i++) {
        char hex[HASH_HEX_LEN + 1];

        if (i > 0) {
            strbuf_addc(b, ',');
        }
        strbuf_add_json(b, updates[i].url);
        hash_format(updates[i].to.hash, hex);
        strbuf_addf(b, ":\"%s\"", updates[i].to.exists ? hex : "missing");
    }
    strbuf_add(b, STR("}}"));
}

static struct str get_string(struct arena *a, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value)) {
        return (struct str){ NULL, 0 };
    }
    return arena_str(a, (struct str){ json_string_value(value), json_string_length(value) });
}

static uint64_t get_u64(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));

    return value > 0 ? (uint64_t)value : 0;
}

static double get_ms(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    double ms = json_is_number(value) ? json_number_value(value) : -1;

    return ms >= 0 && ms < 1e9 ? ms : -1;
}

static struct version parse_version(struct str text)
{
    struct version v = { .known = true, .exists = true };

    if (str_eq(text, STR("missing"))) {
        v.exists = false;
    } else if (!hash_parse(text, &v.hash)) {
        v.known = false;
    }
    return v;
}

/* A number that a script could not count to is no stamp of ours. */
static void read_stamp(struct str text, struct stamp *ret)
{
    if (!stamp_parse(text, ret) || ret->seq > MESSAGE_SEQ_MAX) {
        *ret = (struct stamp){ 0 };
    }
}

/* "HASH", with "@STAMP" and "~SEEN" behind it where they are known, and "+" behind a stamp of what was carried */
static void read_loaded(struct arena *a, json_t *loaded, struct client_message *ret)
{
    const char *url;
    json_t *value;

    ret->loaded = arena_array(a, struct message_loaded, json_object_size(loaded));
    json_object_foreach(loaded, url, value)
    {
        struct message_loaded *l = &ret->loaded[ret->loaded_count++];

        l->url = arena_str(a, str_from(url));
        struct str text = { json_string_value(value),
            json_is_string(value) ? json_string_length(value) : 0 };
        struct str stamp;
        struct str seen;

        if (!str_cut(text, '~', &text, &seen) || !str_parse_u64(seen, &l->seen)) {
            l->seen = UINT64_MAX;
        }
        (void)str_cut(text, '@', &text, &stamp);
        l->carried = str_cut(stamp, '+', &stamp, &(struct str){ 0 });
        l->version = parse_version(text);
        l->pruned = str_eq(text, STR("pruned"));
        read_stamp(stamp, &l->stamp);
    }
}

static struct str *read_strings(struct arena *a, const json_t *array, size_t *ret_count)
{
    struct str *items = arena_array(a, struct str, json_array_size(array));
    const json_t *value;
    size_t i;

    *ret_count = 0;
    json_array_foreach(array, i, value)
    {
        if (json_is_string(value)) {
            items[(*ret_count)++] = arena_str(
                    a, (struct str){ json_string_value(value), json_string_length(value) });
        }
    }
    return items;
}

static void read_hot(struct arena *a, json_t *hot, struct client_message *ret)
{
    const char *key;
    json_t *value;

    ret->hot = arena_array(a, struct message_hot, json_object_size(hot));
    json_object_foreach(hot, key, value)
    {
        struct message_hot *h = &ret->hot[ret->hot_count++];

        h->key = arena_str(a, str_from(key));
        h->self = json_is_true(json_object_get(value, "self"));
        h->deps = read_strings(a, json_object_get(value, "deps"), &h->dep_count);
        h->exports = read_strings(a, json_object_get(value, "exports"), &h->export_count);
    }
}

static void read_edges(struct arena *a, json_t *edges, struct client_message *ret)
{
    const char *key;
    json_t *value;

    ret->edges = arena_array(a, struct message_edges, json_object_size(edges));
    json_object_foreach(edges, key, value)
    {
        struct message_edges *e = &ret->edges[ret->edge_count++];

        e->key = arena_str(a, str_from(key));
        e->targets = read_strings(a, value, &e->target_count);
    }
}

static void read_applied(struct arena *a, const json_t *object, struct client_message *ret)
{
    static const struct {
        struct str name;
        enum applied_mode mode;
    } modes[] = {
        { STR_INIT("hot"), APPLIED_HOT },
        { STR_INIT("handler"), APPLIED_HANDLER },
        { STR_INIT("reload"), APPLIED_RELOAD },
        { STR_INIT("held"), APPLIED_HELD },
    };
    const json_t *ms = json_object_get(object, "ms");
    struct str mode = get_string(a, object, "mode");

    ret->ok = json_is_true(json_object_get(object, "ok"));
    ret->mode = APPLIED_FAILED;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (str_eq(mode, modes[i].name)) {
            ret->mode = modes[i].mode;
        }
    }
    ret->apply_ms = get_ms(ms, "apply");
    ret->paint_ms = get_ms(ms, "paint");
    ret->rolled_back = json_is_true(json_object_get(object, "rolledBack"));
    ret->reason = get_string(a, object, "error");
    if (ret->reason.len == 0) {
        ret->reason = get_string(a, object, "reason");
    }
}

bool message_parse(struct arena *a, struct str text, struct client_message *ret)
{
    json_t *object = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(object, "type"));
    struct str name = str_from(type);

    *ret = (struct client_message){ .apply_ms = -1, .paint_ms = -1 };
    if (!type) {
        json_decref(object);
        return false;
    }
    ret->seq = get_u64(object, "seq");
    ret->epoch = get_string(a, object, "epoch");
    if (str_eq(name, STR("register"))) {
        ret->type = MESSAGE_REGISTER;
        ret->url = get_string(a, object, "url");
        ret->more = json_is_true(json_object_get(object, "more"));
        ret->failing = json_is_true(json_object_get(object, "failing"));
        ret->complete = json_is_true(json_object_get(object, "complete"));
        read_loaded(a, json_object_get(object, "loaded"), ret);
        read_hot(a, json_object_get(object, "hot"), ret);
        read_edges(a, json_object_get(object, "edges"), ret);
    } else if (str_eq(name, STR("applied"))) {
        ret->type = MESSAGE_APPLIED;
        read_applied(a, object, ret);
    } else if (str_eq(name, STR("log"))) {
        ret->type = MESSAGE_LOG;
        ret->level = get_string(a, object, "level");
        ret->text = get_string(a, object, "text");
        ret->place = get_string(a, object, "place");
    } else if (str_eq(name, STR("texts"))) {
        ret->type = MESSAGE_TEXTS;
        ret->ok = json_is_true(json_object_get(object, "ok"));
    } else if (str_eq(name, STR("custom"))) {
        ret->type = MESSAGE_CUSTOM;
    } else if (str_eq(name, STR("invalidate"))) {
        ret->type = MESSAGE_INVALIDATE;
        ret->url = get_string(a, object, "url");
        ret->text = get_string(a, object, "message");
        read_stamp(get_string(a, object, "stamp"), &ret->stamp);
    }
    json_decref(object);
    return true;
}
