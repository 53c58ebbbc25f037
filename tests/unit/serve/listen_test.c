/* SPDX-License-Identifier: MIT */
/* Where the server listens: addresses, ports in use, strict ports. */
#include "clients.h"

#include <arpa/inet.h>
#include <sys/socket.h>

TEST(server_listens_on_both_loopback_addresses)
{
    struct world w;
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    bool has6 = probe >= 0 && bind(probe, (struct sockaddr *)&name, sizeof(name)) == 0;

    if (probe >= 0) {
        (void)close(probe);
    }
    world_init(&w);
    world_start(&w);
    if (has6) {
        struct client *c = client_open_at(&w, "::1", dev_server_port(w.server));

        ask(&w, c, "GET", "/none", "");
        world_until(&w, has(c, "404"));
        client_close(&w, c);
    }
    struct client *c = client_open_at(&w, "127.0.0.1", dev_server_port(w.server));

    ask(&w, c, "GET", "/none", "");
    world_until(&w, has(c, "404"));
    client_close(&w, c);
    world_finish(&w);
}

/* Takes a port on one address, as another program would. */
static int take_port(int family, uint16_t *port)
{
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(*port)
    };
    struct sockaddr_in in4 = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port)
    };
    bool is6 = family == AF_INET6;
    socklen_t len = is6 ? sizeof(in6) : sizeof(in4);
    struct sockaddr *name = is6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in4;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, name, len) < 0 || listen(fd, 1) < 0 || getsockname(fd, name, &len) < 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    *port = ntohs(is6 ? in6.sin6_port : in4.sin_port);
    return fd;
}

static void expect_busy(int family)
{
    struct world w;
    uint16_t port = 0;
    int fd = take_port(family, &port);

    if (fd < 0) {
        assert_int_equal(family, AF_INET6); /* a machine without it */
        return;
    }
    world_init(&w);
    w.options.port = port;
    w.options.strict_port = true;
    assert_int_equal(dev_server_create(&w.loop, &w.options, &w.server), -EADDRINUSE);
    w.options.strict_port = false;
    /* the last ports have no next one */
    if (port < 65000) {
        world_start(&w);
        assert_true(dev_server_port(w.server) > port);
        assert_true(dev_server_port(w.server) < port + 100);
        struct client *c = client_open(&w);

        ask(&w, c, "GET", "/none", "");
        world_until(&w, has(c, "404"));
        client_close(&w, c);
    } else {
        w.server = NULL;
    }
    world_finish(&w);
    (void)close(fd);
}

TEST(server_takes_the_next_port_if_one_address_is_busy)
{
    expect_busy(AF_INET);
    expect_busy(AF_INET6);
}

TEST(server_strict_port_is_that_port)
{
    struct world w;
    uint16_t port = 0;
    int fd = take_port(AF_INET, &port);

    (void)close(fd);
    world_init(&w);
    w.options.port = port;
    w.options.strict_port = true;
    world_start(&w);
    assert_int_equal(dev_server_port(w.server), port);
    world_finish(&w);
}

TEST(server_on_all_addresses_knows_those_of_the_machine)
{
    struct world w;

    world_init(&w);
    w.options.host = STR("0.0.0.0");
    world_start(&w);
    struct client *c = client_open(&w);

    ask(&w, c, "GET", "/none", "");
    world_until(&w, has(c, "404"));
    strbuf_reset(&c->in);
    client_send(c, STR("GET / HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n"));
    world_until(&w, has(c, "HTTP/1.1 403"));
    client_close(&w, c);
    world_finish(&w);
}

TEST(server_refuses_a_host_that_is_not_there)
{
    struct world w;

    world_init(&w);
    w.options.host = STR("203.0.113.9");
    assert_true(dev_server_create(&w.loop, &w.options, &w.server) < 0);
    w.options.host = STR("no host\n");
    assert_true(dev_server_create(&w.loop, &w.options, &w.server) < 0);
    w.server = NULL;
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(server_listens_on_both_loopback_addresses),
        CASE(server_takes_the_next_port_if_one_address_is_busy),
        CASE(server_strict_port_is_that_port),
        CASE(server_on_all_addresses_knows_those_of_the_machine),
        CASE(server_refuses_a_host_that_is_not_there),
    };

    return RUN(cases);
}
