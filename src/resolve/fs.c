/* SPDX-License-Identifier: MIT */
/* What every file system can be asked. */
#include "resolve/fs.h"

enum fs_kind fs_kind_of(const struct fs *fs, struct str path)
{
    struct fs_stat st = { 0 };

    return fs->stat(fs->ctx, path, &st) ? st.kind : FS_NONE;
}
