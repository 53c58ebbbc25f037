/* SPDX-License-Identifier: MIT */
/*
 * Chunked bodies. The first byte says how the rest is cut. Properties: cut in
 * any way, the body, its end and the verdict are the same; a body is never
 * longer than what carried it.
 */
#include <stdlib.h>
#include <string.h>

#include "http/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

struct outcome {
    enum parse_status status;
    size_t used;
    char *body; /* owned */
    size_t body_len;
};

static struct outcome read_in_steps(struct str in, size_t step)
{
    struct http_chunked c = { 0 };
    struct outcome outcome = { PARSE_INCOMPLETE, 0, malloc(in.len + 1), 0 };

    demand(outcome.body != NULL);
    while (outcome.status == PARSE_INCOMPLETE && outcome.used < in.len) {
        struct str piece = str_sub(in, outcome.used, outcome.used + step);
        struct str body;
        size_t used = 0;

        outcome.status = http_chunked_read(&c, piece, &used, &body);
        demand(used <= piece.len && body.len <= used);
        demand(used > 0 || outcome.status == PARSE_MALFORMED);
        if (body.len > 0) {
            demand(body.ptr >= piece.ptr && body.ptr + body.len == piece.ptr + used);
            memcpy(outcome.body + outcome.body_len, body.ptr, body.len);
            outcome.body_len += body.len;
        }
        outcome.used += used;
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    struct str in = { (const char *)data + 1, size - 1 };
    struct outcome whole = read_in_steps(in, SIZE_MAX / 2);
    const size_t steps[] = { 1, 2, (size_t)data[0] + 1 };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct outcome cut = read_in_steps(in, steps[i]);

        demand(cut.status == whole.status && cut.used == whole.used);
        demand(cut.body_len == whole.body_len);
        demand(memcmp(cut.body, whole.body, whole.body_len) == 0);
        free(cut.body);
    }
    free(whole.body);
    return 0;
}
