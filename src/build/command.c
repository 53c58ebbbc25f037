/* SPDX-License-Identifier: MIT */
/*
 * See command.h. The command line is the user's own, so it is given to sh, the
 * only shell this program starts. Its output is read for diagnostics as it
 * comes; memory is bounded however much it prints.
 */
#include "build/command.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/sys.h"
#include "base/vec.h"
#include "build/cc_diag.h"
#include "build/depfile.h"
#include "build/lines.h"
#include "build/pattern.h"
#include "spawn/spawn.h"

enum { LINE_MAX_BYTES = 64 * 1024, STREAMS = 2 };

struct command {
    struct tool_host host;
    struct spawn_child *child; /* while it runs */
    struct diag_list *diags;   /* borrowed while it runs */
    struct cc_diag cc[STREAMS];
    struct lines lines[STREAMS];
    struct strbuf tail;
    struct path_set inputs;
};

struct command *command_create(const struct tool_host *host)
{
    struct command *command = mem_new(struct command);

    command->host = *host;
    return command;
}

static void line_cb(void *ctx, struct str line)
{
    cc_diag_line(ctx, line);
}

static void output_cb(void *ctx, enum spawn_stream stream, struct str bytes)
{
    struct command *command = ctx;

    tail_add(&command->tail, bytes);
    lines_feed(&command->lines[stream], bytes, line_cb, &command->cc[stream]);
}

static void finish_run(struct command *command)
{
    for (int i = 0; i < STREAMS; i++) {
        lines_finish(&command->lines[i]);
        cc_diag_finish(&command->cc[i]);
    }
    command->child = NULL;
}

static void input_cb(void *ctx, struct str path)
{
    struct command *command = ctx;
    struct arena arena = { 0 };
    struct str relative;

    if (path_relative(&arena, command->host.root, command->host.root, path, &relative)) {
        path_set_add(&command->inputs, relative);
    }
    arena_finish(&arena);
}

static void read_depfile(struct command *command, struct str path)
{
    struct arena arena = { 0 };
    struct strbuf text;

    strbuf_init(&text, DEPFILE_MAX);
    if (sys_read_file(path_join(&arena, command->host.root, path), &text) == 0) {
        depfile_parse(strbuf_str(&text), input_cb, command);
    }
    strbuf_finish(&text);
    arena_finish(&arena);
}

/* The last part of a dependency file's path may be a pattern: "build/<star>.d". */
static void read_depfiles(struct command *command, struct str pattern)
{
    struct arena arena = { 0 };
    struct str folder = path_parent(pattern);
    struct str name = path_name(pattern);
    DIR *dir;

    if (!pattern_is_glob(name)) {
        read_depfile(command, pattern);
        return;
    }
    dir = opendir(arena_cstr(&arena, path_join(&arena, command->host.root, folder)));
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (pattern_match_name(name, str_from(entry->d_name))) {
            read_depfile(command, path_join(&arena, folder, str_from(entry->d_name)));
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    arena_finish(&arena);
}

static void exit_cb(void *ctx, int status)
{
    struct command *command = ctx;
    const struct build_options *options = command->host.options;

    for (int i = 0; i < STREAMS; i++) {
        lines_end(&command->lines[i], line_cb, &command->cc[i]);
    }
    finish_run(command);
    if (status == 0) {
        path_set_reset(&command->inputs);
        for (size_t i = 0; i < options->depfile_count; i++) {
            read_depfiles(command, options->depfiles[i]);
        }
    } else if (diag_list_errors(command->diags) == 0) {
        struct arena arena = { 0 };

        tool_add_failure(command->diags, arena_printf(&arena, "\"%s\"", options->command), status,
                &command->tail);
        arena_finish(&arena);
    }
    strbuf_finish(&command->tail);
    command->host.on_done(command->host.ctx, status == 0);
}

void command_start(struct command *command, struct diag_list *diags)
{
    const struct build_options *options = command->host.options;
    const char *argv[] = { "sh", "-c", options->command, NULL };
    struct {
        const char **items;
        size_t count;
        size_t cap;
    } env = { 0 };

    command->diags = diags;
    strbuf_init(&command->tail, 2 * TAIL_MAX);
    for (int i = 0; i < STREAMS; i++) {
        lines_init(&command->lines[i], LINE_MAX_BYTES);
        cc_diag_init(&command->cc[i], diags, command->host.root);
    }
    /* The parser reads plain English without colours; the configuration has the last word. */
    vec_push(&env, "CLICOLOR=0");
    vec_push(&env, "NO_COLOR=1");
    vec_push(&env, "TERM=dumb");
    vec_push(&env, "LC_MESSAGES=C");
    for (size_t i = 0; options->env && options->env[i]; i++) {
        vec_push(&env, options->env[i]);
    }
    vec_push(&env, NULL);
    command->child = spawn_start(command->host.loop, &(struct spawn_request){
                                                             .kind = SPAWN_BUILD,
                                                             .argv = argv,
                                                             .env = env.items,
                                                             .cwd = command->host.root.ptr,
                                                             .on_output = output_cb,
                                                             .on_exit = exit_cb,
                                                             .ctx = command,
                                                     });
    free(env.items);
}

void command_kill(struct command *command)
{
    if (command->child) {
        spawn_kill(command->child);
    }
}

struct path_set *command_inputs(struct command *command)
{
    return &command->inputs;
}

void command_destroy(struct command *command)
{
    if (!command) {
        return;
    }
    if (command->child) {
        spawn_abandon(command->child);
        finish_run(command);
    }
    strbuf_finish(&command->tail);
    path_set_finish(&command->inputs);
    free(command);
}
