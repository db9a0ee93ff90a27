#include "scenario/parameters.h"

#include "base/buf.h"
#include "base/limits.h"

static const struct parameter *parameter_at(const struct parameters *parameters, struct bytes text)
{
    for (size_t i = 0; i < parameters->count; i++) {
        struct bytes name = bytes_of(parameters->parameters[i].name);

        if (bytes_start_with(bytes_from(text, 1), name) && text.size > name.size + 1 &&
            text.data[name.size + 1] == '}')
            return &parameters->parameters[i];
    }
    return NULL;
}

struct bytes parameters_fill(const struct parameters *parameters, struct arena *arena, struct bytes text)
{
    struct buf filled;

    if (parameters->count == 0 || bytes_find_octet(text, '{') == BYTES_NOT_FOUND)
        return text;
    /* One line of a file, and values that are lines too: far below what a file may hold. */
    buf_init(&filled, DOCUMENT_OCTETS_MAX);
    for (size_t i = 0; i < text.size;) {
        const struct parameter *parameter =
            text.data[i] == '{' ? parameter_at(parameters, bytes_from(text, i)) : NULL;

        if (parameter != NULL) {
            buf_append(&filled, parameter->value);
            i += bytes_of(parameter->name).size + 2;
            continue;
        }
        size_t size = text.data[i] == '\\' && i + 1 < text.size ? 2 : 1;

        buf_append(&filled, bytes_slice(text, i, i + size));
        i += size;
    }
    struct bytes kept = arena_copy(arena, buf_bytes(&filled));

    buf_release(&filled);
    return kept;
}
