/* What stands behind S: -> patterns. Private to scenario. */
#ifndef SCENARIO_PATTERN_PARSE_H
#define SCENARIO_PATTERN_PARSE_H

#include "base/arena.h"
#include "scenario/pattern.h"

enum body_form {
    BODY_FORM_LINES, /* whole lines */
    BODY_FORM_LIST,  /* scan listings: text may follow */
    BODY_FORM_UIDL,  /* unique-id listings: nothing may follow */
    BODY_FORM_LANG,  /* language listings: a description may follow */
};

/* True when TEXT begins a reply (+OK, -ERR, + or closed) rather than describing a line of a body. */
bool pattern_begins_reply(struct bytes text);
/* "." alone: the terminator. */
bool pattern_is_terminator(struct bytes text);

/* Compiles the pattern of a first line into ARENA. TEXT begins at PLACE. */
bool pattern_parse_reply(struct arena *arena, struct bytes text, struct place place, struct error *error,
                         struct reply_pattern *ret_pattern);
/* The same for a line of a body. */
bool pattern_parse_body(struct arena *arena, struct bytes text, struct place place, enum body_form form,
                        struct error *error, struct body_pattern *ret_pattern);

#endif
