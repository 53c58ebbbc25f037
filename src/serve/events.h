/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_EVENTS_H
#define ORBITON_SERVE_EVENTS_H

/* Server-sent events: the messages of a WebSocket where a proxy refuses upgrades. */

#include "serve/hub.h"

/* Answers with an event stream; the connection is a page from then on. */
void events_answer(struct conn *conn);

/* Queues one message as an event. */
void events_send(struct page *page, struct blob *text);

/* A comment, which shows a dead connection to both ends. */
void events_ping(struct page *page);

#endif
