/* SPDX-License-Identifier: MIT */
#ifndef ORBITON_SERVE_STATIC_FILE_H
#define ORBITON_SERVE_STATIC_FILE_H

/*
 * From a URL's path to a file on disk. The kernel
 * says what lies beneath the root, the guard what may be shown, under the name
 * that was asked for and under the one that it leads to.
 */

#include <sys/stat.h>

#include "serve/server.h"

struct found_file {
    int fd; /* the caller closes it */
    struct stat st;
    struct str path; /* relative to the root, or absolute for an artefact outside; in the arena */
    bool artefact;   /* the build made it */
    bool fallback;   /* it is index.html for a path of the page's own router */
};

enum found { FOUND_NOTHING, FOUND_FILE, FOUND_FOLDER /* asked for without its slash */ };

/* Looks for what `target` means; `navigation` allows the fallback to index.html. */
enum found static_file_find(struct dev_server *server, const struct http_target *target,
        bool navigation, struct found_file *ret);

/* Opens a file of the project by its path, by the same rules. A descriptor or -errno. */
int static_file_open(struct dev_server *server, struct str path, struct stat *ret);

/* Opens a folder of the project for listing, by the same rules. A descriptor or -errno. */
int static_file_open_folder(struct dev_server *server, struct str path);

/* Whether `path` below the folder `base` may not be served, whatever it is. */
bool static_file_is_hidden(struct dev_server *server, struct str base, struct str path);

/* Whether a file of the project may not be served under any URL, by its name from the root. */
bool static_file_is_secret(struct dev_server *server, struct str path);

/* Reads the root's path from the kernel; again after it may have been moved. */
void static_file_learn_root(struct dev_server *server);

#endif
