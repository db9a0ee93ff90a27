#include "report_shapes.h"

#include "base/utf8.h"

#include <string.h>

enum { DEPTH_MAX = 32, KEYS_MAX = 64 };

/* ---- all formats ---- */

/* A mark that changes which way others are written, or stands for nothing: what follows looks like something else. */
static bool is_steering(uint32_t character)
{
    static const uint32_t marks[] = {0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D,
                                     0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF};
    size_t which = 0;

    while (which < sizeof(marks) / sizeof(marks[0]) && marks[which] != character)
        which++;
    return which < sizeof(marks) / sizeof(marks[0]);
}

/* Characters that a reader of any of the formats takes as text: well-formed, no control but the line's end. */
static bool is_text(struct bytes text)
{
    while (text.size > 0) {
        uint32_t character = text.data[0];
        size_t size = character >= 0x20 && character < 0x7F ? 1 : utf8_character(text, &character);

        if (size == 0 || (character < 0x20 && character != '\n') || (character >= 0x7F && character < 0xA0) ||
            character == 0x2028 || character == 0x2029 || (character & 0xFFFE) == 0xFFFE ||
            (character > 0x7F && is_steering(character)))
            return false;
        text = bytes_from(text, size);
    }
    return true;
}

static bool take(struct bytes *rest, const char *text)
{
    if (!bytes_start_with(*rest, bytes_of(text)))
        return false;
    *rest = bytes_from(*rest, strlen(text));
    return true;
}

static bool is_one_of(uint8_t octet, const char *octets)
{
    return octet != '\0' && strchr(octets, octet) != NULL;
}

/* Steps over octets of the set OCTETS; how many. */
static size_t skip(struct bytes *rest, const char *octets)
{
    size_t count = 0;

    while (rest->size > count && is_one_of(rest->data[count], octets))
        count++;
    *rest = bytes_from(*rest, count);
    return count;
}

/* What stands in front of END, which is stepped over. */
static bool take_until(struct bytes *rest, const char *end, struct bytes *ret_part)
{
    size_t found = bytes_find(*rest, bytes_of(end));

    if (found == BYTES_NOT_FOUND)
        return false;
    *ret_part = bytes_slice(*rest, 0, found);
    *rest = bytes_from(*rest, found + strlen(end));
    return true;
}

/* ---- JSON ---- */

static const char DIGITS[] = "0123456789";
static const char HEXADECIMAL[] = "0123456789abcdefABCDEF";
static const char BLANKS[] = " \n\t\r";

/* The octets of a string, its closing quote stepped over; *ret_raw is what stands between the quotes. */
static bool json_string(struct bytes *rest, struct bytes *ret_raw)
{
    size_t at = 0;

    if (!take(rest, "\""))
        return false;
    while (at < rest->size && rest->data[at] != '"') {
        if (rest->data[at] < 0x20)
            return false;
        if (rest->data[at++] != '\\')
            continue;
        if (at == rest->size || !is_one_of(rest->data[at], "\"\\/bfnrtu"))
            return false;
        for (size_t i = 1; rest->data[at] == 'u' && i <= 4; i++)
            if (at + i >= rest->size || !is_one_of(rest->data[at + i], HEXADECIMAL))
                return false;
        at++;
    }
    *ret_raw = bytes_slice(*rest, 0, at);
    *rest = bytes_from(*rest, at);
    return take(rest, "\"");
}

static bool json_number(struct bytes *rest)
{
    (void)take(rest, "-");
    if (!take(rest, "0") && skip(rest, DIGITS) == 0)
        return false;
    if (take(rest, ".") && skip(rest, DIGITS) == 0)
        return false;
    if (!take(rest, "e") && !take(rest, "E"))
        return true;
    (void)(take(rest, "+") || take(rest, "-"));
    return skip(rest, DIGITS) > 0;
}

static bool json_value(struct bytes *rest, struct buf *shape, size_t depth);

static bool json_member(struct bytes *rest, struct buf *shape, size_t depth, struct bytes *keys,
                        size_t *count)
{
    skip(rest, BLANKS);
    if (*count == KEYS_MAX || !json_string(rest, &keys[*count]))
        return false;
    for (size_t i = 0; i < *count; i++)
        if (bytes_equal(keys[i], keys[*count]))
            return false;
    buf_append(shape, keys[(*count)++]);
    skip(rest, BLANKS);
    return take(rest, ":") && json_value(rest, shape, depth);
}

static bool json_object(struct bytes *rest, struct buf *shape, size_t depth)
{
    struct bytes keys[KEYS_MAX];
    size_t count = 0;

    skip(rest, BLANKS);
    if (take(rest, "}"))
        return true;
    do {
        if (!json_member(rest, shape, depth, keys, &count))
            return false;
    } while (take(rest, ","));
    return take(rest, "}");
}

static bool json_array(struct bytes *rest, struct buf *shape, size_t depth)
{
    skip(rest, BLANKS);
    if (take(rest, "]"))
        return true;
    do {
        if (!json_value(rest, shape, depth))
            return false;
    } while (take(rest, ","));
    return take(rest, "]");
}

static bool json_scalar(struct bytes *rest, struct buf *shape)
{
    struct bytes raw;

    if (rest->size > 0 && rest->data[0] == '"')
        return buf_append_text(shape, "s") && json_string(rest, &raw);
    if (take(rest, "true") || take(rest, "false"))
        return buf_append_text(shape, "b");
    if (take(rest, "null"))
        return buf_append_text(shape, "n");
    return buf_append_text(shape, "0") && json_number(rest);
}

static bool json_value(struct bytes *rest, struct buf *shape, size_t depth)
{
    bool ok;

    if (depth == DEPTH_MAX)
        return false;
    skip(rest, BLANKS);
    if (take(rest, "{"))
        ok =
            buf_append_text(shape, "{") && json_object(rest, shape, depth + 1) && buf_append_text(shape, "}");
    else if (take(rest, "["))
        ok = buf_append_text(shape, "[") && json_array(rest, shape, depth + 1) && buf_append_text(shape, "]");
    else
        ok = json_scalar(rest, shape);
    skip(rest, BLANKS);
    return ok;
}

bool shape_json(struct bytes text, struct buf *shape)
{
    return is_text(text) && json_value(&text, shape, 0) && text.size == 0;
}

/* ---- markup ---- */

struct markup {
    struct bytes rest;
    struct buf *shape;
    struct bytes open[DEPTH_MAX];
    size_t depth;
    bool html;
};

/* &amp; and its like; the ampersand stands in front. */
static bool skip_reference(struct bytes *text)
{
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&ndash;"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (take(text, names[i]))
            return true;
    bool hexadecimal = take(text, "&#x");

    return (hexadecimal || take(text, "&#")) && skip(text, hexadecimal ? HEXADECIMAL : DIGITS) > 0 &&
           take(text, ";");
}

/* Text, or the value of an attribute: no markup in it, and every ampersand begins a reference. */
static bool is_character_data(struct bytes text)
{
    while (text.size > 0) {
        if (text.data[0] == '<' || bytes_start_with(text, BYTES_LITERAL("]]>")))
            return false;
        if (text.data[0] != '&')
            text = bytes_from(text, 1);
        else if (!skip_reference(&text))
            return false;
    }
    return true;
}

static struct bytes take_name(struct bytes *rest)
{
    size_t size = 0;

    while (size < rest->size && (ascii_is_letter(rest->data[size]) || ascii_is_digit(rest->data[size]) ||
                                 is_one_of(rest->data[size], "-_")))
        size++;
    struct bytes name = bytes_slice(*rest, 0, size);

    *rest = bytes_from(*rest, size);
    return name;
}

static bool take_attributes(struct markup *markup)
{
    while (skip(&markup->rest, BLANKS) > 0) {
        struct bytes name = take_name(&markup->rest);
        struct bytes value;

        if (name.size == 0)
            return true;
        buf_append_octet(markup->shape, ' ');
        buf_append(markup->shape, name);
        if (!take(&markup->rest, "=\"")) {
            if (!markup->html)
                return false;
            continue;
        }
        if (!take_until(&markup->rest, "\"", &value) || !is_character_data(value))
            return false;
    }
    return true;
}

static bool is_void(const struct markup *markup, struct bytes name)
{
    static const char *const names[] = {"meta", "br", "input", "link"};

    for (size_t i = 0; markup->html && i < sizeof(names) / sizeof(names[0]); i++)
        if (bytes_equal(name, bytes_of(names[i])))
            return true;
    return false;
}

/* Whether something in TEXT begins with "<" and MARK, in any letter case. */
static bool holds_tag(struct bytes text, const char *mark)
{
    struct bytes wanted = bytes_of(mark);
    size_t at;

    while ((at = bytes_find_octet(text, '<')) != BYTES_NOT_FOUND) {
        text = bytes_from(text, at + 1);
        if (bytes_equal_nocase(bytes_slice(text, 0, wanted.size), wanted))
            return true;
    }
    return false;
}

/* A script or style: code is structure, letter by letter; data is JSON. */
static bool take_raw(struct markup *markup, struct bytes name)
{
    bool script = bytes_equal(name, BYTES_LITERAL("script"));
    struct bytes raw;

    if (!take_until(&markup->rest, script ? "</script>" : "</style>", &raw) || holds_tag(raw, "!--") ||
        holds_tag(raw, script ? "script" : "style") || holds_tag(raw, script ? "/script" : "/style"))
        return false;
    if (script && raw.size > 0 && (raw.data[0] == '{' || raw.data[0] == '['))
        return shape_json(raw, markup->shape);
    return buf_append(markup->shape, raw);
}

static bool begin_element(struct markup *markup)
{
    struct bytes name = take_name(&markup->rest);

    buf_append_octet(markup->shape, '<');
    buf_append(markup->shape, name);
    if (name.size == 0 || !take_attributes(markup))
        return false;
    if (!markup->html && take(&markup->rest, "/>"))
        return buf_append_octet(markup->shape, '/');
    if (!take(&markup->rest, ">"))
        return false;
    if (is_void(markup, name))
        return true;
    if (markup->html &&
        (bytes_equal(name, BYTES_LITERAL("script")) || bytes_equal(name, BYTES_LITERAL("style"))))
        return take_raw(markup, name);
    if (markup->depth == DEPTH_MAX)
        return false;
    markup->open[markup->depth++] = name;
    return true;
}

static bool end_element(struct markup *markup)
{
    struct bytes name = take_name(&markup->rest);

    skip(&markup->rest, BLANKS);
    return buf_append_octet(markup->shape, '>') && take(&markup->rest, ">") && markup->depth > 0 &&
           bytes_equal(name, markup->open[--markup->depth]);
}

static bool read_markup(struct markup *markup)
{
    while (markup->rest.size > 0) {
        size_t size = bytes_find_octet(markup->rest, '<');
        struct bytes text = bytes_slice(markup->rest, 0, size);

        if (!is_character_data(text))
            return false;
        markup->rest = bytes_from(markup->rest, text.size);
        if (markup->rest.size == 0)
            break;
        if (take(&markup->rest, "</") ? !end_element(markup)
                                      : !(take(&markup->rest, "<") && begin_element(markup)))
            return false;
    }
    return markup->depth == 0;
}

bool shape_xml(struct bytes text, struct buf *shape)
{
    struct markup markup = {.rest = text, .shape = shape};

    return is_text(text) && take(&markup.rest, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") &&
           read_markup(&markup);
}

bool shape_html(struct bytes text, struct buf *shape)
{
    struct markup markup = {.rest = text, .shape = shape, .html = true};

    return is_text(text) && take(&markup.rest, "<!doctype html>") && read_markup(&markup);
}

/* ---- lines ---- */

static bool is_quoted(struct bytes text)
{
    if (!take(&text, "\""))
        return false;
    while (text.size > 0 && text.data[0] != '"') {
        if (text.data[0] == '\\' && (text.size < 2 || !is_one_of(text.data[1], "\"\\")))
            return false;
        text = bytes_from(text, text.data[0] == '\\' ? 2 : 1);
    }
    return bytes_equal(text, BYTES_LITERAL("\""));
}

/* A line between "---" and "...". */
static bool shape_yaml_line(struct bytes line, struct buf *shape)
{
    struct bytes key;

    if (take(&line, "    - "))
        return buf_append_text(shape, "-") && is_quoted(line);
    if (!take(&line, "  "))
        return false;
    key = take_name(&line);
    buf_append(shape, key);
    if (key.size == 0 || !take(&line, ":"))
        return false;
    if (line.size == 0)
        return true;
    if (!take(&line, " "))
        return false;
    if (line.size > 0 && line.data[0] == '"')
        return is_quoted(line);
    (void)take_name(&line);
    return line.size == 0;
}

/* A test point's description ends at a sharp that is not escaped, behind which a directive stands. */
static bool shape_description(struct bytes text, struct buf *shape)
{
    for (; text.size > 0 && text.data[0] != '#'; text = bytes_from(text, text.data[0] == '\\' ? 2 : 1))
        if (text.data[0] == '\\' && text.size < 2)
            return false;
    if (text.size == 0)
        return true;
    if (!take(&text, "# SKIP ") && !take(&text, "# TODO "))
        return false;
    buf_append_text(shape, "#");
    return shape_description(text, shape);
}

static bool shape_tap_line(struct bytes line, struct buf *shape, bool *in_yaml)
{
    if (*in_yaml && bytes_equal(line, BYTES_LITERAL("  ..."))) {
        *in_yaml = false;
        return true;
    }
    if (*in_yaml)
        return shape_yaml_line(line, shape);
    if (bytes_equal(line, BYTES_LITERAL("  ---"))) {
        *in_yaml = true;
        return true;
    }
    if (line.size > 0 && line.data[0] == '#')
        return true;
    bool ok = take(&line, "ok ");

    buf_append_text(shape, ok ? "ok" : "not");
    return (ok || take(&line, "not ok ")) && skip(&line, DIGITS) > 0 && take(&line, " - ") &&
           shape_description(line, shape);
}

bool shape_tap(struct bytes text, struct buf *shape)
{
    bool in_yaml = false;
    struct bytes line;

    if (!is_text(text) || !bytes_end_with(text, BYTES_LITERAL("\n")) || !take(&text, "TAP version 14\n") ||
        !take(&text, "1.."))
        return false;
    text.size--;
    if (!bytes_split(&text, '\n', &line))
        return false;
    buf_append(shape, line);
    while (bytes_split(&text, '\n', &line)) {
        buf_append_octet(shape, '\n');
        if (!shape_tap_line(line, shape, &in_yaml))
            return false;
    }
    return !in_yaml;
}

static bool skip_colour(struct bytes *rest)
{
    return take(rest, "\033[") && skip(rest, "0123456789;") > 0 && take(rest, "m");
}

bool shape_console(struct bytes text, struct buf *shape)
{
    while (text.size > 0) {
        size_t size = utf8_character(text, NULL);

        if (text.data[0] == '\033') {
            if (!skip_colour(&text))
                return false;
            buf_append_octet(shape, 'c');
            continue;
        }
        if (size == 0 || !is_text(bytes_slice(text, 0, size)))
            return false;
        if (text.data[0] == '\n')
            buf_append_octet(shape, '\n');
        text = bytes_from(text, size);
    }
    return true;
}

/* ---- Markdown ---- */

/*
 * Letters, digits, blanks, commas, slashes, hyphens and what is not ASCII are text anywhere but at the front of a line, where
 * ours alone stands; so are references. All else may be markup.
 */
bool shape_markdown(struct bytes text, struct buf *shape)
{
    if (!is_text(text) || !bytes_end_with(text, BYTES_LITERAL("\n")))
        return false;
    while (text.size > 0) {
        uint8_t octet = text.data[0];

        if (take(&text, "&#")) {
            if (skip(&text, DIGITS) == 0 || !take(&text, ";"))
                return false;
            continue;
        }
        text = bytes_from(text, 1);
        if (octet == '\n' || (octet > ' ' && octet < 0x7F && !ascii_is_letter(octet) &&
                              !ascii_is_digit(octet) && !is_one_of(octet, ",/-")))
            buf_append_octet(shape, octet);
    }
    return true;
}

/* ---- annotations ---- */

/* Nothing but these may stand behind a percent sign: what cannot stand for itself, and the ends of lines in a message. */
static bool shape_escaped(struct bytes text, const char *const *codes, struct buf *shape)
{
    for (size_t at; (at = bytes_find_octet(text, '%')) != BYTES_NOT_FOUND;) {
        size_t which = 0;

        text = bytes_from(text, at + 1);
        while (codes[which] != NULL && !take(&text, codes[which]))
            which++;
        if (codes[which] == NULL)
            return false;
        if (strcmp(codes[which], "0A") == 0)
            buf_append_octet(shape, '+');
    }
    return true;
}

/* file=...,line=...,title=...: a colon or a comma of a value is none of ours. */
static bool shape_properties(struct bytes text, struct buf *shape)
{
    static const char *const codes[] = {"25", "3A", "2C", NULL};
    struct bytes property;

    if (bytes_find_octet(text, ':') != BYTES_NOT_FOUND)
        return false;
    while (bytes_split(&text, ',', &property)) {
        struct bytes key = take_name(&property);

        buf_append(shape, key);
        if (key.size == 0 || !take(&property, "=") || !shape_escaped(property, codes, shape))
            return false;
    }
    return true;
}

bool shape_annotations(struct bytes text, struct buf *shape)
{
    static const char *const codes[] = {"25", "0A", NULL};
    struct bytes line;

    if (!is_text(text))
        return false;
    while (text.size > 0) {
        struct bytes properties;

        if (!take_until(&text, "\n", &line))
            return false;
        bool error = take(&line, "::error ");

        buf_append_text(shape, error ? "\ne" : "\nw");
        if (!(error || take(&line, "::warning ")) || !take_until(&line, "::", &properties) ||
            !shape_properties(properties, shape) || !shape_escaped(line, codes, shape))
            return false;
    }
    return true;
}
