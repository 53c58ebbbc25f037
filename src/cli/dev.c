/* SPDX-License-Identifier: MIT */
/* `orbiton dev`: reads what was asked for, runs the engine until told to stop, and cleans up. */
#include "cli/dev.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "base/sys.h"
#include "cli/running.h"
#include "config/options.h"
#include "engine/engine.h"
#include "term/term.h"

enum { TEXT_MAX = 1024 * 1024, SIGNALS = 3 };

struct dev {
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS];
    struct term *term;
    struct engine *engine;
    int argc; /* the arguments, for reading the options again */
    char **argv;
    struct arena arena;
    struct running running; /* what other commands are told; port 0: nothing. In `arena` */
    bool stopping;
};

static const char *get_env(const char *name)
{
    return getenv(name);
}

static void stop(struct dev *dev)
{
    if (dev->stopping) {
        return;
    }
    dev->stopping = true;
    engine_stop(dev->engine);
    term_destroy(dev->term);
    for (size_t i = 0; i < SIGNALS; i++) {
        uv_close((uv_handle_t *)&dev->signals[i], NULL);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct dev *dev = handle->data;

    if (number == SIGINT && dev->stopping) {
        term_restore();
        _exit(130); /* asked twice: whatever still closes is left to the kernel */
    }
    stop(dev);
}

static void on_key(void *ctx, char key)
{
    struct dev *dev = ctx;

    if (key == 'q') {
        stop(dev);
    } else if (dev->engine && !dev->stopping) {
        engine_key(dev->engine, key);
    }
}

static void handle_signals(struct dev *dev)
{
    static const int numbers[SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

    for (size_t i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(&dev->loop, &dev->signals[i]); /* cannot fail on a fresh loop */
        dev->signals[i].data = dev;
        (void)uv_signal_start(&dev->signals[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&dev->signals[i]);
    }
}

static bool read_options(
        void *ctx, struct options *ret, struct strbuf *err, struct diag_list *diags)
{
    const struct dev *dev = ctx;

    return options_read_again(ret, dev->argc, dev->argv, get_env, err, diags) == OPTIONS_RUN;
}

/* Other commands find the server by this. Without it they cannot, and all else goes on. */
static void say_running(struct dev *dev, const struct options *options)
{
    struct running running = {
        .root = arena_str(&dev->arena, options->dir),
        .token = arena_str(&dev->arena, engine_token(dev->engine)),
        .port = engine_port(dev->engine),
    };

    if (running_write(&running, get_env) == 0) {
        dev->running = running;
    }
}

static int run(const struct options *options, int argc, char **argv)
{
    struct dev dev = { .argc = argc, .argv = argv };
    struct term_options term = { 0 };

    if (!log_enable(get_env("ORBITON_LOG"))) {
        (void)sys_write_all(STDERR_FILENO, STR("orbiton: unknown topic in ORBITON_LOG\n"));
        return 2;
    }
    if (uv_loop_init(&dev.loop) < 0) {
        (void)sys_write_all(STDERR_FILENO, STR("orbiton: cannot create an event loop\n"));
        return 1;
    }
    term_options_detect(&term, get_env);
    term.quiet = options->quiet;
    term.verbose = options->verbose;
    term.json = options->json;
    term.on_key = on_key;
    term.ctx = &dev;
    dev.term = term_create(&dev.loop, &term);
    handle_signals(&dev);

    int result = engine_create(&dev.loop,
            &(struct engine_options){ .options = options,
                    .term = dev.term,
                    .env = get_env,
                    .read_options = read_options,
                    .read_ctx = &dev },
            &dev.engine);

    if (result < 0) {
        stop(&dev);
    } else {
        say_running(&dev, options);
    }
    (void)uv_run(&dev.loop, UV_RUN_DEFAULT); /* until stop() has closed every handle */
    if (dev.running.port > 0) {
        running_remove(&dev.running, get_env);
    }
    arena_finish(&dev.arena);
    engine_free(dev.engine);
    if (uv_loop_close(&dev.loop) < 0) {
        return 1;
    }
    return result < 0 ? 1 : 0;
}

int dev_main(int argc, char **argv)
{
    struct options options = { 0 };
    struct strbuf out;
    struct strbuf err;
    int code = 0;

    strbuf_init(&out, TEXT_MAX);
    strbuf_init(&err, TEXT_MAX);
    enum options_outcome outcome = options_read(&options, argc, argv, get_env, &out, &err);

    (void)sys_write_all(STDOUT_FILENO, strbuf_str(&out)); /* nobody is left to tell */
    (void)sys_write_all(STDERR_FILENO, strbuf_str(&err));
    strbuf_finish(&out);
    strbuf_finish(&err);
    switch (outcome) {
    case OPTIONS_RUN: code = run(&options, argc, argv); break;
    case OPTIONS_EXIT: code = 0; break;
    case OPTIONS_WRONG: code = 2; break;
    }
    options_finish(&options);
    return code;
}
