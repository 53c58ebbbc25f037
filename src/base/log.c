/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "base/strbuf.h"

static const char *const names[LOG_TOPICS] = {
    [LOG_WATCH] = "watch",
    [LOG_BUILD] = "build",
    [LOG_SERVE] = "serve",
    [LOG_PLAN] = "plan",
    [LOG_WIRE] = "wire",
};

static unsigned enabled; /* a bit a topic; set once at start */

bool log_enable(const char *topics)
{
    struct str rest = str_from(topics);
    struct str name;

    enabled = 0;
    while (rest.len > 0) {
        bool known = false;

        str_cut(rest, ',', &name, &rest);
        for (unsigned i = 0; i < LOG_TOPICS; i++) {
            if (str_eq(name, str_from(names[i])) || str_eq(name, STR("all"))) {
                enabled |= 1u << i;
                known = true;
            }
        }
        if (!known) {
            return false;
        }
    }
    return true;
}

bool log_enabled(enum log_topic topic)
{
    return (enabled >> topic & 1u) != 0;
}

void log_line(enum log_topic topic, const char *format, ...)
{
    char text[1024];
    struct strbuf line;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* a longer text is cut */
    va_end(args);
    strbuf_init(&line, 8 * sizeof(text));
    strbuf_addf(&line, "%s: ", names[topic]);
    strbuf_add_printable(&line, str_from(text));
    strbuf_addc(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, stderr); /* a lost debug line is no error */
    strbuf_finish(&line);
}
