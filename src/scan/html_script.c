/* SPDX-License-Identifier: MIT */
#include "scan/html_script.h"

static bool is_javascript(struct str type)
{
    static const struct str types[] = {
        STR_INIT("text/javascript"),
        STR_INIT("application/javascript"),
        STR_INIT("application/ecmascript"),
        STR_INIT("application/x-ecmascript"),
        STR_INIT("application/x-javascript"),
        STR_INIT("text/ecmascript"),
        STR_INIT("text/javascript1.0"),
        STR_INIT("text/javascript1.1"),
        STR_INIT("text/javascript1.2"),
        STR_INIT("text/javascript1.3"),
        STR_INIT("text/javascript1.4"),
        STR_INIT("text/javascript1.5"),
        STR_INIT("text/jscript"),
        STR_INIT("text/livescript"),
        STR_INIT("text/x-ecmascript"),
        STR_INIT("text/x-javascript"),
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_ieq(type, types[i])) {
            return true;
        }
    }
    return false;
}

/* The old attribute `language` names a type without its "text/". */
static bool is_javascript_language(struct str language)
{
    static const struct str languages[] = {
        STR_INIT("javascript"),
        STR_INIT("ecmascript"),
        STR_INIT("javascript1.0"),
        STR_INIT("javascript1.1"),
        STR_INIT("javascript1.2"),
        STR_INIT("javascript1.3"),
        STR_INIT("javascript1.4"),
        STR_INIT("javascript1.5"),
        STR_INIT("jscript"),
        STR_INIT("livescript"),
        STR_INIT("x-ecmascript"),
        STR_INIT("x-javascript"),
    };

    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        if (str_ieq(language, languages[i])) {
            return true;
        }
    }
    return language.len == 0;
}

/* Whether a classic script is held back: for browsers without modules, or for an event that is not
 * window.onload. */
static bool is_held_back(const struct html_token *tag)
{
    struct str value, target, event;

    if (html_attribute(tag, STR("nomodule"), &value)) {
        return true;
    }
    if (!html_attribute(tag, STR("for"), &target) || !html_attribute(tag, STR("event"), &event)) {
        return false;
    }
    event = str_trim(event);
    return !str_ieq(str_trim(target), STR("window")) ||
           (!str_ieq(event, STR("onload")) && !str_ieq(event, STR("onload()")));
}

enum html_code_kind html_script_kind(const struct html_token *tag)
{
    struct str type, language = { NULL, 0 };
    bool is_classic;

    if (html_attribute(tag, STR("type"), &type)) {
        struct str trimmed = str_trim(type);
        if (str_ieq(trimmed, STR("module"))) {
            return HTML_MODULE_SCRIPT;
        }
        if (str_ieq(trimmed, STR("importmap"))) {
            return HTML_IMPORT_MAP;
        }
        is_classic = type.len == 0 || is_javascript(trimmed);
    } else {
        html_attribute(tag, STR("language"), &language);
        is_classic = is_javascript_language(language);
    }
    return is_classic && !is_held_back(tag) ? HTML_CLASSIC_SCRIPT : HTML_OTHER_SCRIPT;
}
