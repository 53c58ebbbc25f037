/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_CONFIG_OPTIONS_H
#define ORBITON_CONFIG_OPTIONS_H

/*
 * What the user asked for: flags over ORBITON_* variables over orbiton.toml
 * (or .orbiton.toml) over defaults, in one struct. Every key is read by
 * something; an unknown one is an error with its line and the nearest name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

struct str_list {
    struct str *items;
    size_t count;
};

struct options_header {
    struct str name;
    struct str value;
};

/* One of [dev_server.proxy]. */
struct options_proxy {
    struct str path;    /* its key: the begin of a URL's path, or "^...", a regular expression */
    struct str target;  /* http://HOST[:PORT][/BASE] */
    struct str strip;   /* what is taken away at the begin; empty: nothing */
    struct str headers; /* "Name: value\r\n" each */
    bool change_origin; /* default: true */
    bool ws;
};

struct options {
    struct arena arena; /* owns every text below */

    struct str dir;    /* absolute path of the project's root */
    struct str config; /* path of the file that was read; empty if none */

    struct str project_name; /* [project] name; default: the folder's name */

    uint16_t port;                 /* [dev_server] port, --port, ORBITON_PORT, PORT; 8000 */
    bool strict_port;              /* [dev_server] strict_port, --strict-port */
    struct str host;               /* [dev_server] host, --host; "": loopback */
    struct str_list allowed_hosts; /* [dev_server] allowed_hosts */
    bool open;                     /* [dev_server] auto_open, --open */
    struct str_list static_dirs;   /* [dev_server] static_dirs; default: see dev.c */
    bool static_dirs_given;
    struct options_header *headers; /* [dev_server.headers] */
    size_t header_count;
    struct options_proxy *proxies; /* [dev_server.proxy], in the order of the file */
    size_t proxy_count;

    bool hmr;                        /* [hmr] enabled, --no-hmr */
    bool hot_only;                   /* [hmr] hot_only, --hot-only */
    unsigned debounce_ms;            /* [hmr] debounce_ms; 50 */
    struct str_list ignore_patterns; /* [hmr] ignore_patterns */
    bool show_notifications;         /* [hmr] show_notifications: the badge */
    bool overlay;                    /* [hmr] overlay */

    struct str build_command;   /* [build] command; empty: cargo or none */
    struct str_list inputs;     /* [build] inputs */
    struct str_list depfiles;   /* [build] depfiles */
    struct str_list outputs;    /* [build] outputs */
    struct str_list cargo_args; /* [build] cargo_args */
    struct str_list build_env;  /* [build.env], as "NAME=value" */
    bool release;               /* [build] release */
    bool beta;                  /* [build] use_beta_toolchain, --beta */

    bool quiet, verbose, json; /* --quiet, --verbose, --json */
};

enum options_outcome {
    OPTIONS_RUN,   /* go on */
    OPTIONS_EXIT,  /* --help, --version: printed; exit 0 */
    OPTIONS_WRONG, /* wrong use: message printed to stderr; exit 2 */
};

/* Defaults; what options_read() starts from and options_read_toml() changes. */
void options_init(struct options *ret);

/*
 * Reads `orbiton dev`'s arguments (those behind "dev"), the environment (`getenv`-like function,
 * so that tests choose it) and the configuration file. Prints help to `out`, errors and warnings
 * to `err`: show it for OPTIONS_RUN, too. options_finish() is needed in any case.
 */
struct strbuf;
enum options_outcome options_read(struct options *ret, int argc, char **argv,
        const char *(*env)(const char *name), struct strbuf *out, struct strbuf *err);

/*
 * The same when the file has changed: `err` takes what is wrong outside it, `diags` what is wrong
 * in it. OPTIONS_RUN or OPTIONS_WRONG.
 */
enum options_outcome options_read_again(struct options *ret, int argc, char **argv,
        const char *(*env)(const char *name), struct strbuf *err, struct diag_list *diags);

/* Reads one configuration text (pure; `name` is for messages). Problems become diagnostics. */
void options_read_toml(
        struct options *options, struct str name, struct str text, struct diag_list *diags);

void options_finish(struct options *options);

#endif
