/* SPDX-License-Identifier: MIT */
#include "cli/args.h"

#include <string.h>

static const struct str commands[] = {
    STR_INIT("dev"),
    STR_INIT("new"),
    STR_INIT("why"),
    STR_INIT("explain"),
    STR_INIT("help"),
};
static const struct str flags[] = { STR_INIT("--help"), STR_INIT("--version") };

static void print_help(struct strbuf *out)
{
    strbuf_add(out,
            STR("orbiton " ORBITON_VERSION ", a development server that updates running pages\n"
                "\n"
                "Usage: orbiton COMMAND [ARGUMENTS]\n"
                "\n"
                "  dev [DIR]       serve and build the project in DIR, update pages on each save\n"
                "  new NAME        make a project\n"
                "  why             the last saves: what came of each, why, and the times\n"
                "  explain FILE    what a save of FILE would do\n"
                "  help [COMMAND]  print this, or a command's help\n"
                "\n"
                "  -h, --help      print this\n"
                "  -V, --version   print the version\n"
                "\n"
                "Start with: orbiton new my-app, or in a project: orbiton dev --open\n"));
}

static enum args_command wrong(struct strbuf *err, const char *what, struct str word,
        const struct str *names, size_t count)
{
    struct str nearest = str_nearest(word, names, count);

    strbuf_addf(err, "orbiton: unknown %s ", what);
    strbuf_add_printable(err, str_sub(word, 0, 200));
    if (nearest.len > 0) {
        strbuf_addf(err, "; did you mean %.*s?", STR_FMT(nearest));
    }
    strbuf_add(err, STR("\nSee orbiton --help.\n"));
    return ARGS_WRONG;
}

enum args_command args_read(int argc, char **argv, struct strbuf *out, struct strbuf *err)
{
    enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };
    struct str word = argc > 1 ? str_from(argv[1]) : (struct str){ 0 };

    if (argc < 2) {
        print_help(err);
        return ARGS_WRONG;
    }
    if (str_eq(word, STR("dev"))) {
        return ARGS_DEV;
    }
    if (str_eq(word, STR("new"))) {
        return ARGS_NEW;
    }
    if (str_eq(word, STR("why"))) {
        return ARGS_WHY;
    }
    if (str_eq(word, STR("explain"))) {
        return ARGS_EXPLAIN;
    }
    if (str_eq(word, STR("help"))) {
        struct str topic = argc > 2 ? str_from(argv[2]) : STR("help");

        if (str_eq(topic, STR("dev"))) {
            return ARGS_DEV_HELP;
        }
        if (str_eq(topic, STR("new"))) {
            return ARGS_NEW_HELP;
        }
        if (str_eq(topic, STR("why"))) {
            return ARGS_WHY_HELP;
        }
        if (str_eq(topic, STR("explain"))) {
            return ARGS_EXPLAIN_HELP;
        }
        if (!str_eq(topic, STR("help"))) {
            return wrong(err, "command", topic, commands, COMMANDS);
        }
        print_help(out);
        return ARGS_DONE;
    }
    if (str_eq(word, STR("--help")) || str_eq(word, STR("-h"))) {
        print_help(out);
        return ARGS_DONE;
    }
    if (str_eq(word, STR("--version")) || str_eq(word, STR("-V"))) {
        strbuf_add(out, STR("orbiton " ORBITON_VERSION "\n"));
        return ARGS_DONE;
    }
    if (str_starts(word, STR("-"))) {
        return wrong(err, "flag", word, flags, sizeof(flags) / sizeof(flags[0]));
    }
    return wrong(err, "command", word, commands, COMMANDS);
}
