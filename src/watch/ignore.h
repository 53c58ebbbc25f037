/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_IGNORE_H
#define ORBITON_WATCH_IGNORE_H

/*
 * Ignore rules in git's language (gitignore(5)), and the names that editors
 * leave behind. Text in, verdicts out; nothing here reads the disk. Which files
 * hold rules, and which of them wins, is the business of folder_rules.h.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct ignore_pattern {
    struct str glob; /* terminated by nothing; without '!', leading and trailing slash */
    size_t literal;  /* how many bytes at its front stand for themselves */
    bool negated;    /* "!": a match is not ignored */
    bool dir_only;   /* "foo/": matches folders only */
    bool name_only;  /* no slash inside: compared with the last part of the path */
};

/* The rules of one file, in its order. A zeroed one has no rules. */
struct ignore_rules {
    struct arena arena;
    struct ignore_pattern *items;
    size_t count;
    size_t cap;
};

enum {
    IGNORE_TEXT_MAX = 1024 * 1024, /* bytes of one ignore file that are read */
    IGNORE_PATTERNS_MAX = 20000,   /* more than that are dropped */
};

/* Appends the rules in `text`, one a line. */
void ignore_rules_parse(struct ignore_rules *rules, struct str text);

void ignore_rules_finish(struct ignore_rules *rules);

enum ignore_verdict { IGNORE_UNDECIDED, IGNORE_YES, IGNORE_NO };

/*
 * What the last matching rule says about `path`, which is relative to the
 * folder the rules belong to. Does not look at the folders above it: git
 * never descends into an ignored one, and neither may the caller.
 */
enum ignore_verdict ignore_rules_match(
        const struct ignore_rules *rules, struct str path, bool is_dir);

/* Whether an editor or a desktop makes files of this name and nobody wants to see them. */
bool ignore_is_dropping(struct str name);

/* Whether the name looks like that of a file about to be renamed (sed -i): worth a second look,
 * not worth ignoring, because a person might choose it. */
bool ignore_is_passing(struct str name);

#endif
