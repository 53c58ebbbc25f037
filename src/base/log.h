/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_BASE_LOG_H
#define ORBITON_BASE_LOG_H

/*
 * Debug lines by topic, switched on with ORBITON_LOG=watch,plan (or =all).
 * They go to stderr. Messages for users never come through here.
 */

#include <stdbool.h>

enum log_topic {
    LOG_WATCH,
    LOG_BUILD,
    LOG_SERVE,
    LOG_PLAN,
    LOG_WIRE,
    LOG_TOPICS,
};

/* Reads the list of topics; NULL switches all off. Returns false if a name is unknown. */
bool log_enable(const char *topics);

bool log_enabled(enum log_topic topic);

/* One line "topic: text"; control bytes in it are shown as \xNN. */
void log_line(enum log_topic topic, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As log_line, but the arguments are evaluated only when the topic is on. */
#define log_debug(topic, ...)                                                                      \
    do {                                                                                           \
        if (log_enabled(topic)) {                                                                  \
            log_line((topic), __VA_ARGS__);                                                        \
        }                                                                                          \
    } while (0)

#endif
