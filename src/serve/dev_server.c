/* SPDX-License-Identifier: MIT */
/*
 * The server's life: its sockets, its token, its end.
 *
 * Sockets are made by hand before libuv gets them, so that "the port is busy"
 * is known at once and a half-made server leaves nothing behind for the loop.
 * SO_REUSEADDR, so that a restart does not wait for old connections, and never
 * SO_REUSEPORT, with which another process could take half of them.
 */
#include "serve/dev_server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "http/http_reply.h"
#include "modules/modules.h"
#include "serve/conn.h"
#include "serve/hub.h"
#include "serve/listen.h"
#include "serve/proxy_rules.h"
#include "serve/static_file.h"

void dev_server_unref(struct dev_server *server)
{
    assert(server->handles > 0);
    if (--server->handles > 0) {
        return;
    }
    arena_finish(&server->arena);
    arena_finish(&server->address_arena);
    strbuf_finish(&server->answer);
    proxy_rules_unref(server->proxy);
    free(server->root_real);
    free(server);
}

static void on_handle_closed(uv_handle_t *handle)
{
    dev_server_unref(handle->data);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct dev_server *server = stream->data;

    if (status == 0) {
        conn_accept(server, stream);
    }
}

static int make_token(char ret[SERVE_TOKEN_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SERVE_TOKEN_LEN / 2];
    int result = sys_random(bytes, sizeof(bytes));

    if (result < 0) {
        return result;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[SERVE_TOKEN_LEN] = '\0';
    return 0;
}

/* The addresses of this machine, which are its names when we listen on all of them. */
static void learn_addresses(struct dev_server *server)
{
    uv_interface_address_t *list = NULL;
    int count = 0;
    size_t known = 0;

    arena_reset(&server->address_arena);
    if (uv_interface_addresses(&list, &count) == 0) {
        for (int i = 0; i < count && known < SERVE_ADDRESSES_MAX; i++) {
            char name[INET6_ADDRSTRLEN];
            const uv_interface_address_t *item = &list[i];
            int result = item->address.address4.sin_family == AF_INET6
                                 ? uv_ip6_name(&item->address.address6, name, sizeof(name))
                                 : uv_ip4_name(&item->address.address4, name, sizeof(name));

            if (result == 0) {
                server->addresses[known++] = arena_str(&server->address_arena, str_from(name));
            }
        }
        uv_free_interface_addresses(list, count);
    }
    server->guard.addresses = server->addresses;
    server->guard.address_count = known;
}

bool dev_server_learn_address(struct dev_server *server, struct str host)
{
    /* only an address can be new; names are not asked for, so they cannot be rebound */
    if (!server->is_wildcard || host.len == 0 ||
            !(host.ptr[0] == '[' || (host.ptr[0] >= '0' && host.ptr[0] <= '9'))) {
        return false;
    }
    learn_addresses(server);
    return guard_host(&server->guard, host);
}

/* All sockets are taken over, also if one of them fails: the first error comes back. */
static int adopt(struct dev_server *server, const struct listen_set *set)
{
    int result = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct listener *l = &server->listeners[i];

        l->tcp.data = server;
        int error = uv_tcp_init(server->loop, &l->tcp);

        if (error == 0) {
            server->handles++;
            l->open = true;
            error = uv_tcp_open(&l->tcp, set->fds[i]);
        }
        if (error < 0) {
            sys_close(set->fds[i]);
        } else {
            error = uv_listen((uv_stream_t *)&l->tcp, LISTEN_BACKLOG, on_connection);
        }
        result = result < 0 ? result : error;
    }
    server->listener_count = set->count;
    return result;
}

static bool is_hidden(void *ctx, struct str path)
{
    return static_file_is_secret(ctx, path);
}

int dev_server_create(
        uv_loop_t *loop, const struct dev_server_options *options, struct dev_server **ret)
{
    struct dev_server *server = mem_new(struct dev_server);
    struct listen_set set = { 0 };
    int result = make_token(server->token);

    if (result == 0) {
        result = listen_open(options->host, options->port, options->strict_port, &set);
    }
    if (result < 0) {
        free(server);
        return result;
    }
    server->loop = loop;
    server->options = *options;
    server->is_wildcard = set.wildcard;
    server->guard = (struct guard){
        .port = set.port,
        .host = options->host,
        .allowed = options->allowed_hosts,
        .allowed_count = options->allowed_host_count,
    };
    strbuf_init(&server->answer, SERVE_ANSWER_MAX);
    server->proxy = proxy_rules_create(options->proxies, options->proxy_count);
    static_file_learn_root(server);
    if (options->modules) {
        modules_set_hidden(options->modules, is_hidden, server);
    }
    if (server->is_wildcard) {
        learn_addresses(server);
    }
    server->handles = 1;
    server->timer.data = server;
    (void)uv_timer_init(loop, &server->timer); /* cannot fail */
    result = adopt(server, &set);
    if (result < 0) {
        dev_server_destroy(server);
        return result;
    }
    *ret = server;
    return 0;
}

void dev_server_configure(struct dev_server *server, const struct dev_server_options *options)
{
    struct dev_server_options *own = &server->options;

    own->allowed_hosts = server->guard.allowed = options->allowed_hosts;
    own->allowed_host_count = server->guard.allowed_count = options->allowed_host_count;
    own->static_dirs = options->static_dirs;
    own->static_dir_count = options->static_dir_count;
    own->headers = options->headers;
    own->header_count = options->header_count;
    own->hmr = options->hmr;
    proxy_rules_unref(server->proxy);
    server->proxy = proxy_rules_create(options->proxies, options->proxy_count);
}

uint16_t dev_server_port(const struct dev_server *server)
{
    return server->guard.port;
}

struct str dev_server_token(const struct dev_server *server)
{
    return str_from(server->token);
}

void dev_server_send(struct dev_server *server, page_id id, struct blob *text)
{
    struct page *page = hub_find(server, id);

    if (page) {
        hub_send(page, text);
    }
}

void dev_server_offer(struct dev_server *server, page_id id, struct blob *text)
{
    struct page *page = hub_find(server, id);

    if (page && hub_has_room(page, text->len + 2 * PAGE_FRAME_MAX)) {
        hub_send(page, text);
    }
}

struct str dev_server_origin(const struct dev_server *server, page_id id)
{
    const struct page *page = hub_find(server, id);

    return str_from(page ? page->origin : "");
}

void dev_server_hold(struct dev_server *server, bool hold)
{
    hub_hold(server, hold);
}

void dev_server_release(struct dev_server *server)
{
    for (struct conn *conn = server->conns; conn; conn = conn->next) {
        conn_resume(conn);
    }
}

void dev_server_sync_done(struct dev_server *server, uint64_t ticket, struct str json)
{
    struct conn *conn = server->conns;

    while (conn && !(conn->state == CONN_SYNC && conn->ticket == ticket)) {
        conn = conn->next;
    }
    if (conn) {
        conn_answer_sync(conn, json);
    }
}

static struct str put(struct str path, char *buffer, size_t size)
{
    if (path.len >= size) {
        return STR("");
    }
    if (path.len > 0) {
        memcpy(buffer, path.ptr, path.len);
    }
    buffer[path.len] = '\0';
    return (struct str){ buffer, path.len };
}

bool dev_server_resolve(
        struct dev_server *server, struct str url, char *buffer, size_t size, struct str *ret_path)
{
    struct arena_mark mark = arena_get_mark(&server->arena);
    struct http_target target;
    struct found_file file = { .fd = -1 };
    bool found = false;
    struct str ours = STR("__orbit");

    *ret_path = STR("");
    (void)str_cut(url, '#', &url, &(struct str){ 0 });
    if (http_target_parse(&server->arena, url, STR(""), &target) &&
            !path_is_below(target.path, ours) &&
            !proxy_rules_find(server->proxy, &server->arena, url, false)) {
        struct str path = target.folder || target.path.len == 0
                                  ? path_join(&server->arena, target.path, STR("index.html"))
                                  : target.path;

        struct stat st;
        int there = -1;

        found = static_file_find(server, &target, true, &file) == FOUND_FILE;
        if (!found) {
            there = files_open(server->options.files, path, &st);
            /* it may have come between the two */
            found = there >= 0 && static_file_find(server, &target, true, &file) == FOUND_FILE;
        }
        if (found) {
            path = file.path;
            sys_close(file.fd);
        } else if (there >= 0 || static_file_is_hidden(server, STR(""), path)) {
            path = STR(""); /* it is there, perhaps as a link to a secret: its coming is no news */
        }
        sys_close(there);
        *ret_path = put(path, buffer, size);
        found = found && ret_path->len > 0;
    }
    arena_rewind(&server->arena, mark);
    return found;
}

void dev_server_get_stats(const struct dev_server *server, struct dev_server_stats *ret)
{
    *ret = (struct dev_server_stats){
        .connections = server->conn_count,
        .pages = server->page_count,
        .requests = server->requests,
        .dropped_pages = server->dropped_pages,
    };
}

void dev_server_destroy(struct dev_server *server)
{
    if (!server || server->closing) {
        return;
    }
    server->closing = true;
    if (server->options.modules) {
        modules_set_hidden(server->options.modules, NULL, NULL);
    }
    for (struct conn *conn = server->conns; conn; conn = conn->next) {
        if (conn->state == CONN_PAGE) {
            hub_shutdown(conn->page);
        }
        conn_close(conn);
    }
    for (size_t i = 0; i < server->listener_count; i++) {
        if (server->listeners[i].open) {
            uv_close((uv_handle_t *)&server->listeners[i].tcp, on_handle_closed);
        }
    }
    uv_close((uv_handle_t *)&server->timer, on_handle_closed);
}
