/* SPDX-License-Identifier: MIT */
/*
 * One JSON array:
 *
 *     [ground, key, files, outside, packages, names, before, makes_workers]
 *
 * where a file is [path, version, exports, stars] and a star the number of a file or a specifier.
 */
#include "pack/list_text.h"

#include <stdlib.h>

#include <jansson.h>

static json_t *text_of(struct str s)
{
    json_t *text = json_stringn(s.ptr, s.len);

    return text ? text : json_null(); /* no UTF-8: the list will not be read */
}

static json_t *texts_of(const struct str *items, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(array, text_of(items[i]));
    }
    return array;
}

static json_t *hash_text(struct hash hash)
{
    char hex[HASH_HEX_LEN + 1];

    hash_format(hash, hex);
    return json_string(hex);
}

static json_t *file_of(const struct pack_file *file)
{
    json_t *stars = json_array();

    for (size_t i = 0; i < file->star_count; i++) {
        const struct pack_star *star = &file->stars[i];

        (void)json_array_append_new(stars, star->specifier.len > 0
                                                   ? text_of(star->specifier)
                                                   : json_integer((json_int_t)star->file));
    }
    return json_pack("[o,I,o,o]", text_of(file->path), (json_int_t)file->version,
            texts_of(file->exports, file->export_count), stars);
}

void pack_list_write(struct strbuf *out, const struct pack_list *list, struct hash ground)
{
    json_t *files = json_array();

    for (size_t i = 0; i < list->count; i++) {
        (void)json_array_append_new(files, file_of(&list->files[i]));
    }
    json_t *root = json_pack("[o,o,o,o,o,o,o,b]", hash_text(ground), hash_text(list->key), files,
            texts_of(list->outside, list->outside_count),
            texts_of(list->packages, list->package_count), texts_of(list->names, list->name_count),
            texts_of(list->before, list->before_count), list->makes_workers);
    char *text = json_dumps(root, JSON_COMPACT);

    strbuf_add(out, str_from(text));
    free(text);
    json_decref(root);
}

/* A text of the JSON in the arena; empty: it is none. */
static struct str read_text(struct arena *a, const json_t *value)
{
    return json_is_string(value) ? arena_str(a, (struct str){ json_string_value(value),
                                                        json_string_length(value) })
                                 : STR("");
}

static bool read_texts(struct arena *a, const json_t *array, struct str **ret, size_t *ret_count)
{
    bool good = json_is_array(array);

    *ret_count = json_array_size(array);
    *ret = arena_array(a, struct str, *ret_count);
    for (size_t i = 0; good && i < *ret_count; i++) {
        (*ret)[i] = read_text(a, json_array_get(array, i));
        good = (*ret)[i].len > 0;
    }
    return good;
}

static bool read_file(struct arena *a, const json_t *value, size_t count, struct pack_file *file)
{
    const json_t *stars = json_array_get(value, 3);
    bool good = json_is_array(stars) && json_is_integer(json_array_get(value, 1)) &&
                read_texts(a, json_array_get(value, 2), &file->exports, &file->export_count);

    file->path = read_text(a, json_array_get(value, 0));
    file->version = (uint64_t)json_integer_value(json_array_get(value, 1));
    file->star_count = json_array_size(stars);
    file->stars = arena_array(a, struct pack_star, file->star_count);
    for (size_t i = 0; good && i < file->star_count; i++) {
        const json_t *star = json_array_get(stars, i);

        file->stars[i].specifier = read_text(a, star);
        file->stars[i].file = (size_t)json_integer_value(star);
        good = file->stars[i].specifier.len > 0 ||
               (json_is_integer(star) && file->stars[i].file < count);
    }
    return good && file->path.len > 0;
}

static bool read_hash(const json_t *value, struct hash *ret)
{
    return json_is_string(value) && hash_parse(str_from(json_string_value(value)), ret);
}

static bool read_root(
        struct arena *a, const json_t *root, struct pack_list *list, struct hash *ret_ground)
{
    const json_t *files = json_array_get(root, 2);
    bool good = read_hash(json_array_get(root, 0), ret_ground) &&
                read_hash(json_array_get(root, 1), &list->key) && json_array_size(files) > 0 &&
                read_texts(a, json_array_get(root, 3), &list->outside, &list->outside_count) &&
                read_texts(a, json_array_get(root, 4), &list->packages, &list->package_count) &&
                read_texts(a, json_array_get(root, 5), &list->names, &list->name_count) &&
                read_texts(a, json_array_get(root, 6), &list->before, &list->before_count);

    list->makes_workers = json_is_true(json_array_get(root, 7));
    list->count = json_array_size(files);
    list->files = arena_array(a, struct pack_file, list->count);
    for (size_t i = 0; good && i < list->count; i++) {
        good = read_file(a, json_array_get(files, i), list->count, &list->files[i]);
    }
    return good && list->package_count > 0 && list->count <= PACK_FILES_MAX &&
           json_array_size(root) == 8;
}

bool pack_list_read(
        struct str text, struct arena *a, struct pack_list *ret, struct hash *ret_ground)
{
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);

    *ret = (struct pack_list){ 0 };
    bool good = read_root(a, root, ret, ret_ground);

    json_decref(root);
    return good;
}
