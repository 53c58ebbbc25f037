/* SPDX-License-Identifier: MIT */
#include "http/mime.h"

#include <stddef.h>

#include "base/path.h"

struct mime {
    struct str ext;
    struct str type;
};

/*
 * Sources that are compiled before they are served (ts, jsx and the like) have the type of what is
 * sent under their name: with nosniff, a browser runs nothing else as a module.
 */
// clang-format off
static const struct mime types[] = {
    { STR_INIT(".js"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".mjs"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".css"), STR_INIT("text/css; charset=utf-8") },
    { STR_INIT(".html"), STR_INIT("text/html") },
    { STR_INIT(".htm"), STR_INIT("text/html") },
    { STR_INIT(".wasm"), STR_INIT("application/wasm") },
    { STR_INIT(".json"), STR_INIT("application/json; charset=utf-8") },
    { STR_INIT(".map"), STR_INIT("application/json; charset=utf-8") },
    { STR_INIT(".svg"), STR_INIT("image/svg+xml; charset=utf-8") },
    { STR_INIT(".png"), STR_INIT("image/png") },
    { STR_INIT(".jpg"), STR_INIT("image/jpeg") },
    { STR_INIT(".jpeg"), STR_INIT("image/jpeg") },
    { STR_INIT(".gif"), STR_INIT("image/gif") },
    { STR_INIT(".webp"), STR_INIT("image/webp") },
    { STR_INIT(".avif"), STR_INIT("image/avif") },
    { STR_INIT(".ico"), STR_INIT("image/x-icon") },
    { STR_INIT(".bmp"), STR_INIT("image/bmp") },
    { STR_INIT(".woff2"), STR_INIT("font/woff2") },
    { STR_INIT(".woff"), STR_INIT("font/woff") },
    { STR_INIT(".ttf"), STR_INIT("font/ttf") },
    { STR_INIT(".otf"), STR_INIT("font/otf") },
    { STR_INIT(".txt"), STR_INIT("text/plain; charset=utf-8") },
    { STR_INIT(".md"), STR_INIT("text/markdown; charset=utf-8") },
    { STR_INIT(".csv"), STR_INIT("text/csv; charset=utf-8") },
    { STR_INIT(".ts"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".mts"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".tsx"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".jsx"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".cjs"), STR_INIT("text/javascript; charset=utf-8") },
    { STR_INIT(".webmanifest"), STR_INIT("application/manifest+json; charset=utf-8") },
    { STR_INIT(".xml"), STR_INIT("application/xml") },
    { STR_INIT(".xhtml"), STR_INIT("application/xhtml+xml") },
    { STR_INIT(".vtt"), STR_INIT("text/vtt; charset=utf-8") },
    { STR_INIT(".pdf"), STR_INIT("application/pdf") },
    { STR_INIT(".mp4"), STR_INIT("video/mp4") },
    { STR_INIT(".webm"), STR_INIT("video/webm") },
    { STR_INIT(".ogv"), STR_INIT("video/ogg") },
    { STR_INIT(".mp3"), STR_INIT("audio/mpeg") },
    { STR_INIT(".ogg"), STR_INIT("audio/ogg") },
    { STR_INIT(".opus"), STR_INIT("audio/ogg") },
    { STR_INIT(".wav"), STR_INIT("audio/wav") },
    { STR_INIT(".flac"), STR_INIT("audio/flac") },
    { STR_INIT(".m4a"), STR_INIT("audio/mp4") },
    { STR_INIT(".glb"), STR_INIT("model/gltf-binary") },
    { STR_INIT(".gltf"), STR_INIT("model/gltf+json") },
    { STR_INIT(".zip"), STR_INIT("application/zip") },
    { STR_INIT(".gz"), STR_INIT("application/gzip") },
};
// clang-format on

struct str mime_type(struct str path)
{
    struct str ext = path_ext(path);

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_ieq(types[i].ext, ext)) {
            return types[i].type;
        }
    }
    return STR("application/octet-stream");
}
