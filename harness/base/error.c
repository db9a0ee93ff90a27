#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

/* Errors quote what stands in files: nothing of it may steer the terminal that shows them. */
static void make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
        bool latin_control =
            (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xA0;

        if (latin_control)
            text[1] = '?';
        if (control || latin_control)
            *text = '?';
    }
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    va_list arguments;

    *error = (struct error){.kind = kind};
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    make_printable(error->text);
    return false;
}

bool error_at(struct error *error, struct place place, const char *format, ...)
{
    va_list arguments;

    *error = (struct error){.kind = ERROR_USAGE, .line = place.line, .column = place.column};
    if (place.file != NULL)
        snprintf(error->file, sizeof(error->file), "%s", place.file);
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    make_printable(error->text);
    return false;
}

bool error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->hint, sizeof(error->hint), format, arguments);
    va_end(arguments);
    make_printable(error->hint);
    return false;
}
