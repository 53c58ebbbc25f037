/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_GIT_CONFIG_H
#define ORBITON_WATCH_GIT_CONFIG_H

/*
 * Git's configuration files (git-config(1)), as far as the watcher needs them:
 * which file holds the rules that a person keeps for all repositories. Git
 * itself is not run: it may not be there, and starting it would cost more than
 * the first listing of a small project.
 *
 * `include.path` is followed; conditional includes and environment variables
 * of git's own tests (GIT_CONFIG_COUNT and the like) are not.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum {
    GIT_CONFIG_TEXT_MAX = 1024 * 1024, /* bytes of one file that are read */
    GIT_CONFIG_DEPTH_MAX = 10,         /* files that include one another; git's own limit */
    GIT_CONFIG_FILES_MAX = 64,         /* files altogether */
};

/* Reads a text setting by setting. Pure; a zeroed one with `rest` set stands at the beginning. */
struct git_config_reader {
    struct str rest;
    struct str section; /* of the current setting, as written; a subsection is left out */
    bool has_subsection;
};

struct git_setting {
    struct str section, key; /* names, as written: case does not count */
    bool has_subsection;
    bool has_value; /* "key" alone means true */
    struct str value;
};

/* The next setting, its value without quotes in `a`; false at the end or at the first line that
 * git would not read either. */
bool git_config_next(struct git_config_reader *reader, struct arena *a, struct git_setting *ret);

/*
 * The path of the file that core.excludesFile names, or that git takes without one
 * ($XDG_CONFIG_HOME/git/ignore); "" if there is none. In `a`. The system's configuration is read
 * first, the person's next, and the repository's (`config_fd` is its folder, or -1) last; a
 * relative path is one below `top`, the folder that has the .git.
 */
struct str git_config_excludes_file(
        struct arena *a, const char *(*env)(const char *name), int config_fd, struct str top);

#endif
