#include "scenario/template.h"

#include "base/base64.h"

#include <inttypes.h>

struct expansion {
    int connection;
    const struct resolver *resolver;
    const char **ret_why;
    uint64_t turn; /* of the innermost repeat, from 1 */
};

static bool expand(const struct expansion *expansion, const struct template *template, struct buf *out);

static bool expand_hole(const struct expansion *expansion, const struct hole *hole, struct buf *out)
{
    struct hole_value value = {.count = 0};

    expansion->resolver->resolve(expansion->resolver->context, expansion->connection, hole, &value);
    if (value.count == 0) {
        *expansion->ret_why = value.why_not != NULL ? value.why_not : "the value of a hole is not known yet";
        return false;
    }
    return buf_append(out, value.texts[0]);
}

static bool expand_fill(const struct template_part *part, struct buf *out)
{
    for (uint64_t i = 0; i < part->count; i++) {
        if (!buf_append_octet(out, part->octet))
            return false;
    }
    return true;
}

static bool expand_repeat(const struct expansion *expansion, const struct template_part *part,
                          struct buf *out)
{
    struct expansion turns = *expansion;

    for (turns.turn = 1; turns.turn <= part->count; turns.turn++) {
        if (!expand(&turns, &part->inner, out))
            return false;
    }
    return true;
}

static bool expand_base64(const struct expansion *expansion, const struct template_part *part,
                          struct buf *out)
{
    struct buf inner;

    buf_init(&inner, out->size_max);
    bool ok = expand(expansion, &part->inner, &inner);

    ok = ok && base64_encode(buf_bytes(&inner), out);
    buf_release(&inner);
    return ok;
}

static bool expand(const struct expansion *expansion, const struct template *template, struct buf *out)
{
    bool ok = true;

    for (size_t i = 0; ok && i < template->count; i++) {
        const struct template_part *part = &template->parts[i];

        switch (part->kind) {
        case PART_LITERAL:
            ok = buf_append(out, part->literal);
            break;
        case PART_HOLE:
            ok = expand_hole(expansion, &part->hole, out);
            break;
        case PART_FILL:
            ok = expand_fill(part, out);
            break;
        case PART_REPEAT:
            ok = expand_repeat(expansion, part, out);
            break;
        case PART_TURN:
            ok = buf_append_format(out, "%" PRIu64, expansion->turn * part->count);
            break;
        case PART_BASE64:
            ok = expand_base64(expansion, part, out);
            break;
        }
    }
    return ok;
}

bool template_expand(const struct template *template, int connection, const struct resolver *resolver,
                     struct buf *out, const char **ret_why)
{
    struct expansion expansion = {.connection = connection, .resolver = resolver, .ret_why = ret_why};

    *ret_why = NULL;
    return expand(&expansion, template, out);
}
