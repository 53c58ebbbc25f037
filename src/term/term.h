/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_TERM_TERM_H
#define ORBITON_TERM_TERM_H

/*
 * Everything `orbiton dev` says while it runs: the banner, one why line per
 * save, compiler diagnostics, notes; or, with --json, one JSON object per line
 * and nothing else. Text that comes from the project is printed so that it
 * cannot move the cursor. Output never blocks the loop and never kills the
 * program: what a slow or broken reader does not take is dropped, with a count.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/diag.h"
#include "base/str.h"

struct term;

enum {
    TERM_UNSENT_MAX = 1024 * 1024, /* bytes kept for a slow reader; more lines are dropped */
    TERM_DIAGS_SHOWN = 10,         /* the rest is counted; --verbose shows all */
    TERM_WHY_KEPT = 5,             /* why lines that term_why() repeats */
};

struct term_options {
    int out_fd; /* usually 1; borrowed */
    int in_fd;  /* usually 0; -1: no keys; borrowed */
    bool tty;   /* out_fd is a terminal: repeated lines are folded */
    bool keys;  /* in_fd is a terminal: single keys are read */
    bool color;
    bool quiet;   /* only the address and errors */
    bool verbose; /* also term_verbosef() and every diagnostic */
    bool json;
    uint64_t (*get_wall_ns)(void); /* for HH:MM:SS; NULL: sys_wall_ns */
    /*
     * A key the engine acts on: 'r' rebuild all, 'R' reload pages, 'o' open, 's' status, 'q' quit
     * (also Ctrl+D). 'h', 'u', 'y', 'c' and Enter are dealt with here. Ctrl+C and Ctrl+Z stay
     * signals: the engine handles SIGINT, term handles SIGTSTP and SIGCONT.
     */
    void (*on_key)(void *ctx, char key);
    void *ctx;
};

/*
 * stdout and stdin as they are: tty, keys, color. `env` is getenv or a stand-in. NO_COLOR and
 * TERM=dumb switch color off, FORCE_COLOR on; CI switches keys off.
 */
void term_options_detect(struct term_options *ret, const char *(*env)(const char *name));

/* First thing in main(): when the program started, for term_felt_ms(). Ignores SIGPIPE, too. */
void term_mark_start(void);

/* Milliseconds since the start, see term_mark_start() in felt.c for what that can mean. */
double term_felt_ms(void);

/* Reads keys from now on if options->keys. Never NULL. */
struct term *term_create(uv_loop_t *loop, const struct term_options *options);

/* Restores the terminal, writes what can still be written, closes; freed by the loop. */
void term_destroy(struct term *t);

/* Puts the terminal back as it was found. Safe in a signal handler and at any time. */
void term_restore(void);

struct term_banner {
    struct str version;
    double felt_ms;
    struct str url; /* "http://localhost:8000/" */
    uint16_t port;
    const struct str *network; /* addresses for other machines; none: "use --host to expose" */
    size_t network_count;
    const struct str *notes; /* "8000 is in use, using 8001" */
    size_t note_count;
    struct str build; /* "cargo (stable), crate app"; empty: not shown */
};

/* {"event":"ready","version","ms","url","port","network":[...],"build"} and a note event each. */
void term_banner(struct term *t, const struct term_banner *banner);

/* The part of a save's way that took how many milliseconds; negative: not known, not shown. */
struct term_times {
    double watch, build, send, apply, paint;
};

#define TERM_TIMES_NONE ((struct term_times){ -1, -1, -1, -1, -1 })

struct term_line {
    const char
            *verb; /* "hot", "reload", "same", "build", "error", "throw", "note", "back", "wait" */
    struct str what; /* "src/a.css (style)" */
    struct str why;  /* "not accepted: src/b.js > src/a.js"; may be empty */
    int pages;       /* that it went to; negative: not shown */
    double ms;       /* save to painted, or the build's time; negative: not shown */
    struct term_times times;
};

/* One line with the local time. {"event":"update","verb","what","why","pages","ms","timing":{}} */
void term_line(struct term *t, const struct term_line *line);

/* Diagnostics with place, frame and hint. {"event":"diagnostics","diagnostics":[...],"dropped"} */
void term_diags(struct term *t, const struct diag_list *list);

/* A sentence for the user. {"event":"note","text"} */
void term_notef(struct term *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, only with --verbose. */
void term_verbosef(struct term *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An error that is not about a file; shown even with --quiet. {"event":"error","text"} */
void term_errorf(struct term *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A block of several lines (status, for 's'); each line is printed safely. {"event":"note"} */
void term_text(struct term *t, struct str text);

/* One more JSON object, given whole and without newline; nothing happens without --json. */
void term_json(struct term *t, struct str object);
bool term_is_json(const struct term *t);

/* What the keys h, u and y print. Nothing with --json. */
void term_help(struct term *t);
void term_urls(struct term *t);
void term_why(struct term *t);

#endif
