#include "yamldoc/prescan.h"

#include "base/utf8.h"

static bool is_line_end_of_yaml(uint32_t code)
{
    return code == 0x85 || code == 0x2028 || code == 0x2029;
}

static bool refuse_code(uint32_t code, struct bytes behind, struct place place, struct error *error)
{
    if (code == 0) {
        error_at(error, place, "a NUL octet");
        return error_hint(error, "in a dialog or message, write \\0");
    }
    if (code == '\r' && (behind.size == 0 || behind.data[0] != '\n')) {
        error_at(error, place, "a CR without LF behind it");
        return error_hint(error, "in a dialog or message, write \\r; save the file with LF line ends");
    }
    if (code == 0xFEFF) {
        error_at(error, place, "a byte order mark");
        return error_hint(error, "save the file as UTF-8 without one");
    }
    if (is_line_end_of_yaml(code)) {
        error_at(error, place, "the character U+%04X, which YAML takes for a line end", code);
        return error_hint(error, "in a dialog or message, write its octets as \\xHH");
    }
    bool allowed = code == '\t' || code == '\n' || code == '\r';

    if ((code < 0x20 && !allowed) || (code >= 0x7F && code < 0xA0) || code == 0xFFFE || code == 0xFFFF) {
        error_at(error, place, "the control character U+%04X", code);
        return error_hint(error, "in a dialog or message, write its octets as \\xHH");
    }
    return true;
}

bool text_is_visible(struct bytes text)
{
    struct error ignored;
    uint32_t code;
    size_t size;

    for (size_t i = 0; i < text.size; i += size) {
        size = utf8_character(bytes_from(text, i), &code);
        if (size == 0 || code == '\t' || code == '\n' || code == '\r' ||
            !refuse_code(code, BYTES_EMPTY, (struct place){NULL, 0, 0}, &ignored))
            return false;
    }
    return true;
}

static uint32_t *index_lines(struct document *document)
{
    uint32_t count = 1;

    for (size_t i = 0; i < document->text.size; i++)
        count += document->text.data[i] == '\n';
    uint32_t *starts = arena_new_array(&document->arena, count, sizeof(*starts));
    uint32_t line = 1;

    for (uint32_t i = 0; i < document->text.size; i++) {
        if (document->text.data[i] == '\n')
            starts[line++] = i + 1;
    }
    document->line_count = count;
    return starts;
}

bool prescan_document(struct document *document, struct error *error)
{
    struct bytes text = document->text;
    struct place place = {document->file, 1, 1};

    document->line_starts = index_lines(document);
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        size_t size = utf8_character(bytes_from(text, i), &code);

        if (size == 0) {
            error_at(error, place, "the octet 0x%02X is not UTF-8 here", text.data[i]);
            return error_hint(error, "in a dialog or message, write it as \\x%02X", text.data[i]);
        }
        if (!refuse_code(code, bytes_from(text, i + size), place, error))
            return false;
        i += size;
        place.column += (uint32_t)size;
        if (code == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return true;
}
