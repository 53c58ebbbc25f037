// SPDX-License-Identifier: MIT
//
// The one file in C++: toml++ behind the C face of toml.h. Compiled without exceptions, so a
// problem in the text comes back as a value and nothing can unwind into C. Depth is bounded twice:
// nested values by toml++'s own limit, dotted keys by a look at the text before, because
// toml++ 3.3 recurses into them without a limit of its own.

#define TOML_EXCEPTIONS        0
#define TOML_HEADER_ONLY       1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

#include <algorithm>
#include <cstring>
#include <string_view>

extern "C" {
#include "config/toml.h"
}

namespace
{

// The offset of the first key with too many dots, or npos. Strings and comments are skipped; where
// the text is not TOML this may guess wrong, and then the parser stops there as well.
size_t find_deep_key(std::string_view text)
{
    size_t dots = 0;

    for (size_t i = 0; i < text.size(); i++) {
        const char c = text[i];

        if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
            dots = 0;
        } else if (c == '"' || c == '\'') {
            const bool multi = text.compare(i, 3, std::string(3, c)) == 0;

            for (i += multi ? 3 : 1; i < text.size(); i++) {
                if (text[i] == '\\' && c == '"') {
                    i++;
                } else if (multi ? text.compare(i, 3, std::string(3, c)) == 0 : text[i] == c) {
                    i += multi ? 2 : 0;
                    break;
                } else if (!multi && text[i] == '\n') {
                    break;
                }
            }
        } else if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') {
            dots = 0;
        } else if (c == '.' && ++dots > TOML_DOTS_MAX) {
            return i;
        }
    }
    return std::string_view::npos;
}

struct str copy(struct arena *a, std::string_view s)
{
    return arena_str(a, { s.data(), s.size() });
}

void fill(struct arena *a, struct toml_node *to, const toml::node &from);

void place(struct toml_node *to, const toml::node &from)
{
    to->line = from.source().begin.line;
    to->col = from.source().begin.column;
    to->key_line = to->line;
    to->key_col = to->col;
}

bool is_before(const struct toml_node &a, const struct toml_node &b)
{
    return a.key_line != b.key_line ? a.key_line < b.key_line : a.key_col < b.key_col;
}

void fill_table(struct arena *a, struct toml_node *to, const toml::table &table)
{
    to->type = TOML_TABLE;
    to->items = static_cast<struct toml_node *>(
            arena_alloc_array(a, table.size(), sizeof(struct toml_node)));
    for (const auto &[key, value] : table) {
        struct toml_node *item = &to->items[to->count++];

        fill(a, item, value);
        item->key = copy(a, key.str());
        if (key.source().begin.line > 0) {
            item->key_line = key.source().begin.line;
            item->key_col = key.source().begin.column;
        }
    }
    std::stable_sort(to->items, to->items + to->count, is_before);
}

void fill_array(struct arena *a, struct toml_node *to, const toml::array &array)
{
    to->type = TOML_ARRAY;
    to->items = static_cast<struct toml_node *>(
            arena_alloc_array(a, array.size(), sizeof(struct toml_node)));
    for (const toml::node &value : array) {
        fill(a, &to->items[to->count++], value);
    }
}

void fill(struct arena *a, struct toml_node *to, const toml::node &from)
{
    place(to, from);
    switch (from.type()) {
    case toml::node_type::table: fill_table(a, to, *from.as_table()); break;
    case toml::node_type::array: fill_array(a, to, *from.as_array()); break;
    case toml::node_type::string:
        to->type = TOML_STRING;
        to->text = copy(a, from.as_string()->get());
        break;
    case toml::node_type::integer:
        to->type = TOML_INTEGER;
        to->integer = from.as_integer()->get();
        break;
    case toml::node_type::boolean:
        to->type = TOML_BOOL;
        to->boolean = from.as_boolean()->get();
        break;
    case toml::node_type::floating_point: to->type = TOML_FLOAT; break;
    default: to->type = TOML_DATE; break;
    }
}

} // namespace

extern "C" struct toml_node *toml_parse(
        struct arena *a, struct str text, struct toml_error *ret_error)
{
    const std::string_view source(text.ptr ? text.ptr : "", text.len);

    if (text.len > TOML_TEXT_MAX) {
        *ret_error = { arena_printf(a, "the file is larger than %d KiB", TOML_TEXT_MAX / 1024), 0,
            0 };
        return nullptr;
    }
    const size_t deep = find_deep_key(source);

    if (deep != std::string_view::npos) {
        const auto before = source.substr(0, deep);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;

        *ret_error = { arena_printf(a, "a key with more than %d dots", TOML_DOTS_MAX),
            static_cast<unsigned>(line), 0 };
        return nullptr;
    }
    const toml::parse_result result = toml::parse(source);

    if (!result) {
        const toml::parse_error &error = result.error();

        *ret_error = { copy(a, error.description()), error.source().begin.line,
            error.source().begin.column };
        return nullptr;
    }
    auto *root = static_cast<struct toml_node *>(arena_alloc(a, sizeof(struct toml_node)));

    fill(a, root, result.table());
    return root;
}

extern "C" const char *toml_type_name(enum toml_type type)
{
    switch (type) {
    case TOML_STRING: return "a string";
    case TOML_INTEGER: return "an integer";
    case TOML_FLOAT: return "a number with a fraction";
    case TOML_BOOL: return "true or false";
    case TOML_DATE: return "a date or time";
    case TOML_ARRAY: return "a list";
    case TOML_TABLE: return "a table";
    }
    return "something else";
}
