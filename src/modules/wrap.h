/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_MODULES_WRAP_H
#define ORBITON_MODULES_WRAP_H

/*
 * The JavaScript modules that files of other kinds become when they are imported.
 * Pure: texts in, text out. URLs are paths from the server's root on.
 */

#include <stddef.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "modules/json_scan.h"
#include "modules/wasm_scan.h"

/*
 * A stylesheet: the client puts it into the page, or the module itself where there is none, and
 * the module waits until it is loaded. Without a document (in a worker) nothing is done.
 */
void wrap_css(struct strbuf *out, struct str key, struct str url, bool has_client);

/* A stylesheet imported with {type: "css"}: a CSSStyleSheet. Its URLs must be absolute. */
void wrap_css_object(struct strbuf *out, struct str text);

/* JSON: the value as default export, and each of its names; only default if `names` is empty. */
void wrap_json(struct strbuf *out, struct str text, const struct str *names, size_t count);

/* A string as default export. */
void wrap_string(struct strbuf *out, struct str text);

/* A data: URL as default export. */
void wrap_data(struct strbuf *out, struct str type, struct str bytes);

/* A class that starts a worker: new X(options). */
void wrap_worker(struct strbuf *out, struct str url, bool shared);

/* A function that starts a wasm module: init(imports) gives its instance. */
void wrap_wasm_init(struct strbuf *out, struct str url);

/*
 * A wasm module as an ES module: its exports by name, and all of them as default. `specifiers` are
 * what its imported modules are to be imported by, in the order of facts->modules.
 */
void wrap_wasm(struct strbuf *out, struct str url, const struct wasm_facts *facts,
        const struct str *specifiers);

/* A module that cannot be had: it says so when it is run. */
void wrap_error(struct strbuf *out, struct str message);

#endif
