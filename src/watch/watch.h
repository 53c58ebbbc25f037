/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_WATCH_WATCH_H
#define ORBITON_WATCH_WATCH_H

/*
 * The file watcher's face: kernel events in, settled change sets out.
 *
 * Nothing lost: a folder is watched first and listed afterwards; overflow, a
 * lost root or an exhausted watch limit lead to a rescan, never to silence.
 * Nothing torn: a file counts when its writer has closed it or renamed it into
 * place. Nothing for nothing: content decides (files_look()).
 *
 * A single settled file is handed over at once; a burst when it is quiet, with
 * a limit; while git works, when git is done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/str.h"
#include "files/files.h"
#include "watch/change_set.h"

struct watch;

/* The watcher hands over a settled, non-empty set; it is borrowed for the call. */
typedef void (*watch_changes_fn)(void *ctx, const struct change_set *set);

/* Something the user should know (degraded to polling, root gone, limit reached), one sentence. */
typedef void (*watch_notice_fn)(void *ctx, struct str text);

typedef void (*watch_sync_fn)(void *ctx);

struct watch_options {
    struct files *files;      /* borrowed; says where the root is */
    const struct str *ignore; /* more patterns in gitignore syntax, after the built-in ones */
    size_t ignore_count;
    const struct str *unignore_paths; /* folders or files watched even if .gitignore names them */
    size_t unignore_count;
    /* as getenv; NULL: no file of rules for all repositories is looked for */
    const char *(*env)(const char *name);
    unsigned poll_ms; /* interval for trees where no events arrive; 0: 1000 */
    watch_changes_fn on_changes;
    watch_notice_fn on_notice;
    void *ctx;
};

/* Opens inotify and watches the root. Lists the tree in slices on the loop, so that it returns
 * at once; changes made from now on are not missed. 0 or -errno. */
int watch_create(uv_loop_t *loop, const struct watch_options *options, struct watch **ret);

/*
 * Calls `fn` when every change made before this call has been handed over by on_changes. On Linux
 * an inotify event is queued before the system call that caused it returns, so reading the queue
 * dry is enough; files still settling are waited for. `fn` is called from the loop, and nothing
 * need follow it: who runs the loop for it alone calls uv_stop() there.
 */
void watch_sync(struct watch *watch, watch_sync_fn fn, void *ctx);

/*
 * Whether somebody is at the file, in which `found` was seen a moment ago (NULL: it was not there):
 * its writer has not closed it, or it was deleted and may come back. It is not to be trusted then,
 * and an announcement follows; CHANGE_SAME if the bytes are in the end what they were. The kernel
 * shows what is written, and above all what is cut off, a little before it queues the event, so
 * fresh bytes that no event has told of are unfinished as well. Reads the queue; calls nobody.
 */
bool watch_is_unfinished(struct watch *watch, struct str path, const struct file_facts *found);

/* The hash of the content that was last announced, or is about to be; false if it is not known. */
bool watch_find_hash(const struct watch *watch, struct str path, struct hash *ret);

/* Whether there are symbolic links to folders, and whether one is on the way of the path, above its last
 * part: what lies behind such a link is announced by its own name alone. */
bool watch_has_folder_links(const struct watch *watch);
bool watch_is_behind_link(const struct watch *watch, struct str path);

/* Whether a symbolic link was seen there last, of whatever. */
bool watch_is_link(const struct watch *watch, struct str path);

/* Whether a path is ignored (gitignore, built-in list, options). */
bool watch_ignores(struct watch *watch, struct str path, bool is_dir);

/*
 * Pages use a folder of a package beside the root ("@workspace/packages/ui/src"; files_on_use()): it is
 * watched from now on, and the package with it, whatever ignore rules say of what is used. Calls nobody;
 * what is changed from now on is not missed. PACKAGE_FOLDERS_MAX folders of packages are watched, of
 * which a notice tells.
 */
void watch_use(struct watch *watch, struct str folder, bool is_package);

/* Takes over the patterns of new options, both kinds. The tree is listed again: what is watched from
 * now on is no change, and what is not watched any more is forgotten. */
void watch_set_rules(struct watch *watch, const struct watch_options *options);

struct watch_stats {
    size_t files;
    size_t folders; /* = inotify watches */
    size_t polled_folders;
    size_t overflows;
    bool listed; /* the first listing is complete */
    bool hashed; /* and the contents of all files it found are known */
};
void watch_get_stats(const struct watch *watch, struct watch_stats *ret);

/* Closes everything; `watch` is freed in its close callbacks, so run the loop afterwards. Pending
 * syncs are dropped. Accepts NULL. */
void watch_destroy(struct watch *watch);

#endif
