#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    va_list arguments;

    *error = (struct error){.kind = kind};
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
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
    return false;
}

bool error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->hint, sizeof(error->hint), format, arguments);
    va_end(arguments);
    return false;
}
