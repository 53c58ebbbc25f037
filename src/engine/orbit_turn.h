/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_ENGINE_ORBIT_TURN_H
#define ORBITON_ENGINE_ORBIT_TURN_H

/*
 * The components' part of a turn and of a build. What the compiler of Rust or C reads of one is
 * written below target/orbit/ or build/orbit/, and only when its bytes are others; that alone
 * starts a build, so an edit of a style, or of a template whose pieces are known, never does.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/str.h"
#include "watch/change_set.h"

struct engine;

/* Once the build is known and before the first one starts. */
void orbit_turn_open(struct engine *e);

/* Whether a path is a generated source: the engine's own, whatever a watcher says of it. */
bool orbit_turn_is_generated(struct str path);

/* Whether a path is what was built of the components: pages get it by their code modules. */
bool orbit_turn_is_artefact(struct engine *e, struct str path);

/* Compiles what the set has changed; before anything is described. */
void orbit_turn_read(struct engine *e, const struct change_set *set);

/* "style", "template, 1 new expression: building"; empty if nothing is to be said of the file. In
 * the turn's arena. */
struct str orbit_turn_describe(struct engine *e, struct str path);

/* What the build that has just ended well has brought of the component: "code", "template", both,
 * or "" if the file is no component or it was its first build. In the turn's arena. */
struct str orbit_turn_describe_built(struct engine *e, struct str path);

/* Writes the generated sources that have changed; true if a build is due for them. */
bool orbit_turn_generate(struct engine *e, uint64_t first_ns);

/* A build begins: what lies on disk now is what it will know. */
void orbit_turn_build_started(struct engine *e);

/* A build was good: what it was made from runs from now on; the components are touched. */
void orbit_turn_built(struct engine *e, bool outputs_changed);

/* Moves what a compiler says of generated sources to where it was written. */
void orbit_turn_place_diags(struct engine *e, const struct diag_list *from, struct diag_list *ret);

#endif
