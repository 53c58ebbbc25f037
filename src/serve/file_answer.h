/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_FILE_ANSWER_H
#define ORBITON_SERVE_FILE_ANSWER_H

/* Answers for files: validators, ranges, injection, and the 404 with near names. */

#include "serve/static_file.h"

/* Answers a GET or HEAD for a file of the project, or holds it for the build. */
void file_answer(
        struct conn *conn, const struct http_request *request, const struct http_target *target);

/* Whether the request is for a document that a person navigates to. */
bool is_navigation(const struct http_request *request);

#endif
