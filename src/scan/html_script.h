/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SCAN_HTML_SCRIPT_H
#define ORBITON_SCAN_HTML_SCRIPT_H

/* What a <script> is, by its attributes (HTML, "prepare the script element"). */

#include "scan/facts.h"
#include "scan/html_lex.h"

/* HTML_OTHER_SCRIPT for what a browser that knows modules does not run. */
enum html_code_kind html_script_kind(const struct html_token *tag);

#endif
