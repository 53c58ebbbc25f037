/* SPDX-License-Identifier: MIT */
/* The engine's life: opening everything in order, keys, and closing it again. */
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "engine/orbit_turn.h"
#include "engine/state.h"
#include "spawn/spawn.h"
#include "term/open.h"

enum { NETWORK_MAX = 16 };

static uint64_t get_seq(void *ctx)
{
    const struct engine *e = ctx;

    return e->seq;
}

static bool find_artefact(void *ctx, struct str url_path, struct str *ret_path)
{
    const struct engine *e = ctx;

    return e->build && build_find_artefact(e->build, url_path, ret_path);
}

static bool holds(void *ctx, struct str url_path)
{
    const struct engine *e = ctx;
    struct str path;

    if (!e->build || e->built_once || !build_is_running(e->build)) {
        return false;
    }
    return build_find_artefact(e->build, url_path, &path) || build_is_output(e->build, url_path) ||
           str_ieq(path_ext(url_path), STR(".wasm"));
}

static void on_notice(void *ctx, struct str text)
{
    struct engine *e = ctx;

    term_notef(e->term, "%.*s", STR_FMT(text));
}

struct sync_wait {
    struct engine *engine; /* borrowed */
    uint64_t ticket;
    struct sync_wait *prev, *next;
};

static void on_watch_synced(void *ctx)
{
    struct sync_wait *wait = ctx;
    struct engine *e = wait->engine;

    if (e->sync_count < SYNCS_MAX) {
        e->syncs[e->sync_count++] = wait->ticket;
    }
    DL_DELETE(e->waits, wait);
    free(wait);
    rebuild_finish_syncs(e);
    arena_reset(&e->turn);
}

static void on_sync(void *ctx, uint64_t ticket)
{
    struct engine *e = ctx;
    struct sync_wait *wait = mem_new(struct sync_wait);

    wait->engine = e;
    wait->ticket = ticket;
    DL_APPEND(e->waits, wait);
    watch_sync(e->watch, on_watch_synced, wait);
}

static void say_launched(struct engine *e, const char *what, int status)
{
    if (status < 0 && !e->closing) {
        term_errorf(e->term, "cannot start the %s: %.*s", what, STR_FMT(sys_error(status)));
    }
}

static void on_editor_launched(void *ctx, int status)
{
    say_launched(ctx, "editor (of ORBITON_EDITOR, VISUAL or EDITOR)", status);
}

static void on_browser_launched(void *ctx, int status)
{
    say_launched(ctx, "browser", status);
}

static void launch(struct engine *e, enum spawn_kind kind, const char *const *argv)
{
    struct spawn_request request = {
        .kind = kind,
        .argv = argv,
        .cwd = arena_cstr(&e->turn, e->options->dir),
        .on_exit = kind == SPAWN_EDITOR ? on_editor_launched : on_browser_launched,
        .ctx = e,
    };

    (void)spawn_start(e->loop, &request); /* it frees itself after on_exit */
}

static void on_open_editor(void *ctx, struct str path, unsigned line, unsigned col)
{
    struct engine *e = ctx;
    struct str message = { 0 };
    open_argv argv;
    struct str full = files_full_path(e->files, path, &e->turn);

    if (open_editor_argv(&e->turn, full, line, col, e->env, &argv, &message)) {
        launch(e, SPAWN_EDITOR, argv);
    } else {
        term_notef(e->term, "%.*s", STR_FMT(message));
    }
    arena_reset(&e->turn);
}

static struct str local_url(struct engine *e)
{
    return arena_printf(&e->turn, "http://localhost:%u/", dev_server_port(e->server));
}

static void open_browser(struct engine *e)
{
    struct str message = { 0 };
    open_argv argv;

    if (open_browser_argv(&e->turn, local_url(e), e->env, &argv, &message)) {
        launch(e, SPAWN_BROWSER, argv);
    } else {
        term_notef(e->term, "%.*s", STR_FMT(message));
    }
}

static bool is_folder_with(struct engine *e, struct str folder, struct str name)
{
    struct arena_mark mark = arena_get_mark(&e->turn);
    struct str path = path_join(&e->turn, folder, name);
    int fd = sys_open_beneath(files_root_fd(e->files), path, O_PATH);

    arena_rewind(&e->turn, mark);
    sys_close(fd);
    return fd >= 0;
}

/*
 * The folders that are searched after the root. Those of the configuration; else public/ and
 * static/, and where the root has no index.html the usual folders that have one.
 */
static const struct str *static_dirs(struct engine *e, struct arena *a, size_t *ret_count)
{
    static const struct str usual[] = { STR_INIT("public"), STR_INIT("static"), STR_INIT("web"),
        STR_INIT("www"), STR_INIT("dist") };
    enum { ALWAYS = 2, USUAL = sizeof(usual) / sizeof(usual[0]) };
    const struct str index = STR("index.html");
    const struct options *o = e->options;
    struct str *dirs;
    size_t count = 0;

    if (o->static_dirs_given) {
        *ret_count = o->static_dirs.count;
        return o->static_dirs.items;
    }
    bool root_has_page = is_folder_with(e, STR(""), index);

    dirs = arena_array(a, struct str, USUAL);
    for (size_t i = 0; i < USUAL; i++) {
        if (i < ALWAYS ? is_folder_with(e, usual[i], STR(""))
                       : !root_has_page && is_folder_with(e, usual[i], index)) {
            dirs[count++] = usual[i];
        }
    }
    *ret_count = count;
    return dirs;
}

/* The server's options by ours; what they need beside our texts is made in `a`. */
static struct dev_server_options server_options(struct engine *e, struct arena *a)
{
    const struct options *o = e->options;
    struct dev_server_header *headers = arena_array(a, struct dev_server_header, o->header_count);
    struct dev_server_options server = {
        .files = e->files,
        .modules = e->modules,
        .host = o->host,
        .port = o->port,
        .strict_port = o->strict_port,
        .allowed_hosts = o->allowed_hosts.items,
        .allowed_host_count = o->allowed_hosts.count,
        .headers = headers,
        .header_count = o->header_count,
        .hmr = o->hmr,
        .epoch = str_from(e->epoch),
        .get_seq = get_seq,
        .find_artefact = find_artefact,
        .holds = holds,
        .on_page_open = page_on_open,
        .on_page_message = page_on_message,
        .on_page_close = page_on_close,
        .on_sync = on_sync,
        .on_ask = report_on_ask,
        .on_proxy_trouble = proxy_turn_on_trouble,
        .on_open_editor = on_open_editor,
        .ctx = e,
    };

    for (size_t i = 0; i < o->header_count; i++) {
        headers[i] = (struct dev_server_header){ o->headers[i].name, o->headers[i].value };
    }
    server.proxies = proxy_turn_rules(e, a, &server.proxy_count);
    server.static_dirs = static_dirs(e, a, &server.static_dir_count);
    return server;
}

static int listen_on(struct engine *e)
{
    struct dev_server_options server = server_options(e, &e->served);

    return dev_server_create(e->loop, &server, &e->server);
}

void engine_configure_server(struct engine *e)
{
    struct arena fresh = { 0 };
    struct dev_server_options server = server_options(e, &fresh);

    dev_server_configure(e->server, &server);
    modules_configure(e->modules, server.static_dirs, server.static_dir_count, server.hmr);
    arena_finish(&e->served);
    e->served = fresh;
}

static struct watch_options watch_options(struct engine *e)
{
    const struct options *o = e->options;

    return (struct watch_options){
        .files = e->files,
        .ignore = o->ignore_patterns.items,
        .ignore_count = o->ignore_patterns.count,
        .unignore_paths = o->outputs.items,
        .unignore_count = o->outputs.count,
        .env = e->env,
        .on_changes = turn_on_changes,
        .on_notice = on_notice,
        .ctx = e,
    };
}

static void on_use(void *ctx, struct str folder, bool is_package)
{
    struct engine *e = ctx;

    watch_use(e->watch, folder, is_package);
}

static int start_watching(struct engine *e)
{
    struct watch_options watch = watch_options(e);
    int result = watch_create(e->loop, &watch, &e->watch);

    if (result == 0) {
        files_on_use(e->files, on_use, e);
    }
    return result;
}

void engine_configure_watch(struct engine *e)
{
    struct watch_options watch = watch_options(e);

    watch_set_rules(e->watch, &watch);
}

void engine_create_build(struct engine *e)
{
    const struct options *o = e->options;
    const char **env = mem_alloc(o->build_env.count + 1, sizeof(*env));
    struct build_options build = {
        .files = e->files,
        .command = o->build_command.len > 0 ? o->build_command.ptr : NULL,
        .inputs = o->inputs.items,
        .input_count = o->inputs.count,
        .depfiles = o->depfiles.items,
        .depfile_count = o->depfiles.count,
        .outputs = o->outputs.items,
        .output_count = o->outputs.count,
        .cargo_args = o->cargo_args.items,
        .cargo_arg_count = o->cargo_args.count,
        .env = env,
        .use_beta = o->beta,
        .release = o->release,
        .on_started = rebuild_on_started,
        .on_finished = rebuild_on_finished,
        .ctx = e,
    };

    for (size_t i = 0; i < o->build_env.count; i++) {
        env[i] = o->build_env.items[i].ptr;
    }
    e->build = build_create(e->loop, &build);
    free(e->build_env);
    e->build_env = env;
}

static struct str *network_urls(struct engine *e, size_t *ret_count)
{
    struct str host = e->options->host;
    struct str *urls = arena_array(&e->turn, struct str, NETWORK_MAX);
    uv_interface_address_t *interfaces;
    int interface_count;
    unsigned port = dev_server_port(e->server);

    *ret_count = 0;
    if (host.len == 0 || str_eq(host, STR("localhost")) || str_eq(host, STR("127.0.0.1")) ||
            str_eq(host, STR("::1"))) {
        return urls;
    }
    if (!str_eq(host, STR("0.0.0.0")) && !str_eq(host, STR("::"))) {
        urls[(*ret_count)++] = arena_printf(&e->turn,
                str_find(host, ':') == STR_NONE ? "http://%.*s:%u/" : "http://[%.*s]:%u/",
                STR_FMT(host), port);
        return urls;
    }
    if (uv_interface_addresses(&interfaces, &interface_count) < 0) {
        return urls;
    }
    for (int i = 0; i < interface_count && *ret_count < NETWORK_MAX; i++) {
        char text[INET6_ADDRSTRLEN];

        if (interfaces[i].is_internal || interfaces[i].address.address4.sin_family != AF_INET ||
                uv_ip4_name(&interfaces[i].address.address4, text, sizeof(text)) < 0) {
            continue;
        }
        urls[(*ret_count)++] = arena_printf(&e->turn, "http://%s:%u/", text, port);
    }
    uv_free_interface_addresses(interfaces, interface_count);
    return urls;
}

static void print_banner(struct engine *e)
{
    const struct options *o = e->options;
    struct str notes[1];
    size_t note_count = 0;
    struct term_banner banner = {
        .version = STR(ORBITON_VERSION),
        .felt_ms = term_felt_ms(),
        .url = local_url(e),
        .port = dev_server_port(e->server),
    };

    banner.network = network_urls(e, &banner.network_count);
    if (o->port != 0 && banner.port != o->port) {
        notes[note_count++] =
                arena_printf(&e->turn, "%u is in use, using %u", o->port, banner.port);
    }
    banner.notes = notes;
    banner.note_count = note_count;
    banner.build = build_describe(e->build);
    term_banner(e->term, &banner);
}

static int make_epoch(struct engine *e)
{
    unsigned char bytes[EPOCH_LEN / 2];
    int result = sys_random(bytes, sizeof(bytes));

    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(e->epoch + 2 * i, 3, "%02x", bytes[i]); /* always fits */
    }
    return result;
}

static int fail(struct engine *e, const char *what, int error)
{
    term_errorf(e->term, "cannot %s: %.*s", what, STR_FMT(sys_error(error)));
    return error;
}

static int open_parts(struct engine *e)
{
    const struct options *o = e->options;
    int result = make_epoch(e);

    if (result < 0) {
        return fail(e, "read random bytes", result);
    }
    result = files_create(o->dir, &e->files);
    if (result < 0) {
        return fail(e, "open the project folder", result);
    }
    files_find_workspace(e->files);
    size_t dir_count;
    const struct str *dirs = static_dirs(e, &e->turn, &dir_count);

    modules_turn_open(e, dirs, dir_count);
    /* the port first: what a person waits for is the first answer */
    result = listen_on(e);
    if (result == -EADDRINUSE) {
        term_errorf(e->term, "port %u is in use%s", o->port,
                o->strict_port ? "; choose another with --port, or leave out --strict-port"
                               : ", and so are the next hundred; choose another with --port");
        return result;
    }
    if (result < 0) {
        return fail(e, "listen", result);
    }
    vite_turn_open(e);
    result = start_watching(e);
    if (result < 0) {
        return fail(e, "watch the project folder", result);
    }
    engine_create_build(e);
    return 0;
}

int engine_create(uv_loop_t *loop, const struct engine_options *options, struct engine **ret)
{
    struct engine *e = mem_new(struct engine);

    e->loop = loop;
    e->options = options->options;
    e->first_options = options->options;
    e->read_options = options->read_options;
    e->read_ctx = options->read_ctx;
    e->term = options->term;
    e->env = options->env;
    e->context = hmr_context_create();
    e->graph = graph_create();
    e->pages = pages_create(e->graph);
    e->why = why_create(loop, options->term);
    e->syncs = mem_alloc(SYNCS_MAX, sizeof(*e->syncs));
    (void)uv_timer_init(loop, &e->debounce); /* cannot fail */
    report_start(e);
    e->debounce.data = e;

    int result = open_parts(e);

    *ret = e;
    if (result < 0) {
        return result;
    }
    print_banner(e);
    vite_turn_opened(e);
    if (e->options->open) {
        open_browser(e);
    }
    orbit_turn_open(e);
    rebuild_force(e);
    arena_reset(&e->turn);
    return 0;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_status(struct engine *e)
{
    struct watch_stats watch;
    struct dev_server_stats server;
    struct str text;

    watch_get_stats(e->watch, &watch);
    dev_server_get_stats(e->server, &server);
    text = arena_printf(&e->turn,
            "project    %.*s in %.*s\n"
            "watching   %zu file%s in %zu folder%s%s, %zu polled, %zu overflow%s\n"
            "serving    %zu connection%s, %zu page%s, %" PRIu64 " request%s, %" PRIu64 " dropped\n"
            "build      %s\n"
            "changes    %" PRIu64 " transaction%s, %zu waiting for a page\n",
            STR_FMT(e->options->project_name), STR_FMT(e->options->dir), watch.files,
            plural(watch.files), watch.folders, plural(watch.folders),
            watch.listed ? "" : " (still listing)", watch.polled_folders, watch.overflows,
            plural(watch.overflows), server.connections, plural(server.connections), server.pages,
            plural(server.pages), server.requests, plural(server.requests), server.dropped_pages,
            build_get_tool(e->build) == BUILD_NONE ? "none"
            : build_is_running(e->build)           ? "running"
            : e->failing                           ? "failed"
                                                   : "done",
            e->seq, plural(e->seq), why_open(e->why));
    term_text(e->term, text);
}

static void reload_pages(struct engine *e)
{
    struct strbuf text;

    e->seq++;
    strbuf_init(&text, MESSAGE_TEXT_MAX);
    message_reload(&text, e->seq, STR("asked for in the terminal"), true);
    size_t pages = pages_count(e->pages);

    turn_broadcast(e, &text);
    strbuf_finish(&text);
    if (pages > 0) {
        uint64_t now = sys_now_ns();

        why_begin(e->why,
                &(struct why_begin){ .seq = e->seq,
                        .what = STR("all pages"),
                        .reason = STR("asked for in the terminal"),
                        .pages = pages,
                        .first_ns = now,
                        .taken_ns = now,
                        .build_ms = -1 },
                now);
    }
}

void engine_key(struct engine *e, char key)
{
    switch (key) {
    case 'r':
        if (build_get_tool(e->build) == BUILD_NONE) {
            term_notef(e->term, "there is nothing to build here; R reloads the pages");
        }
        rebuild_force(e);
        break;
    case 'R': reload_pages(e); break;
    case 'o': open_browser(e); break;
    case 's': print_status(e); break;
    default: break;
    }
    arena_reset(&e->turn);
}

uint16_t engine_port(const struct engine *e)
{
    return dev_server_port(e->server);
}

struct str engine_token(const struct engine *e)
{
    return dev_server_token(e->server);
}

void engine_stop(struct engine *e)
{
    if (!e || e->closing) {
        return;
    }
    e->closing = true;
    transform_turn_stop(e);
    build_destroy(e->build);
    files_on_use(e->files, NULL, NULL);
    watch_destroy(e->watch);
    dev_server_destroy(e->server);
    why_destroy(e->why);
    uv_close((uv_handle_t *)&e->debounce, NULL);
    report_stop(e);
}

void engine_free(struct engine *e)
{
    struct sync_wait *wait;
    struct sync_wait *next;

    if (!e) {
        return;
    }
    DL_FOREACH_SAFE(e->waits, wait, next)
    {
        free(wait);
    }
    hmr_context_destroy(e->context);
    modules_turn_close(e);
    files_destroy(e->files);
    diag_list_finish(&e->diags);
    arena_finish(&e->causes.arena);
    arena_finish(&e->turn);
    arena_finish(&e->served);
    reconfigure_finish(e);
    vite_turn_close(e);
    free((void *)(uintptr_t)e->self.path.ptr);
    free(e->syncs);
    free(e->build_env);
    free(e);
}
