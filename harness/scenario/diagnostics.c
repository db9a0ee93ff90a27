#include "scenario/diagnostics.h"

#include <stdlib.h>
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

static int compare_errors(const void *a, const void *b)
{
    const struct error *x = a;
    const struct error *y = b;
    int order = strcmp(x->file, y->file);

    if (order != 0)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return strcmp(x->text, y->text);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
    size_t kept = diagnostics->count < DIAGNOSTICS_MAX ? diagnostics->count : DIAGNOSTICS_MAX;

    qsort(diagnostics->errors, kept, sizeof(diagnostics->errors[0]), compare_errors);
}

bool diagnostics_full(const struct diagnostics *diagnostics)
{
    return diagnostics->count >= DIAGNOSTICS_MAX;
}
