#include "scenario/diagnostics.h"

#include <string.h>

static bool same_error(const struct error *a, const struct error *b)
{
    return a->line == b->line && a->column == b->column && strcmp(a->file, b->file) == 0 &&
           strcmp(a->text, b->text) == 0;
}

void diagnostics_add(struct diagnostics *diagnostics, const struct error *error)
{
    size_t kept = diagnostics->count < DIAGNOSTICS_MAX ? diagnostics->count : DIAGNOSTICS_MAX;

    for (size_t i = 0; i < kept; i++) {
        if (same_error(&diagnostics->errors[i], error))
            return;
    }
    if (kept < DIAGNOSTICS_MAX)
        diagnostics->errors[kept] = *error;
    diagnostics->count++;
}

void diagnostics_say(struct diagnostics *diagnostics, struct place place, const char *hint,
                     const char *format, ...)
{
    char text[ERROR_TEXT_SIZE];
    struct error error;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    error_at(&error, place, "%s", text);
    if (hint != NULL)
        error_hint(&error, "%s", hint);
    diagnostics_add(diagnostics, &error);
}

bool diagnostics_full(const struct diagnostics *diagnostics)
{
    return diagnostics->count >= DIAGNOSTICS_MAX;
}
