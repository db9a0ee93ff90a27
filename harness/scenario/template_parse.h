/* The language's escapes and holes -> templates. Private to scenario. */
#ifndef SCENARIO_TEMPLATE_PARSE_H
#define SCENARIO_TEMPLATE_PARSE_H

#include "base/arena.h"
#include "scenario/template.h"

/* TEXT behind its first COUNT octets, COUNT at most its size; unlike bytes_from(), an empty rest points there too. */
static inline struct bytes rest_of(struct bytes text, size_t count)
{
    return (struct bytes){text.data != NULL ? text.data + count : NULL, text.size - count};
}

enum template_use {
    TEMPLATE_SENT,    /* C:, raw: */
    TEMPLATE_MATCHED, /* S: {?name} may bind */
    TEMPLATE_STATIC,  /* a fixture: no holes, only {fill}, {repeat}, {turn} and {b64} */
};

enum {
    TEMPLATE_DEPTH_MAX = 8,
    TEMPLATE_OCTETS_MAX = 64 * 1024 * 1024, /* what {fill} and {repeat} may make */
    HOLE_OCTETS_GUESS = 64,                 /* a hole's value, for estimates */
};

/* Compiles TEXT, which begins at PLACE, into ARENA. False with ERROR, whose column points into the text. */
bool template_parse(struct arena *arena, struct bytes text, struct place place, enum template_use use,
                    struct error *error, struct template *ret_template);
/* Adds octets behind the last part. */
void template_append(struct arena *arena, struct template *template, struct bytes literal);

/* About how many octets it expands to; holes count as HOLE_OCTETS_GUESS. Saturates at SIZE_MAX / 4. */
size_t template_octets(const struct template *template);

/*
 * Index behind the "}" that closes the "{" at START, braces in braces and escapes considered; BYTES_NOT_FOUND if none
 * does.
 */
size_t hole_end(struct bytes text, size_t start);

/* Calls VISIT for every hole, those within {repeat} and {b64} included (then `nested` is true). */
void template_visit(const struct template *template,
                    void (*visit)(void *context, const struct hole *hole, bool nested), void *context);

#endif
