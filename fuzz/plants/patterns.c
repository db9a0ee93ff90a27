#include "plants.h"

#include "base/memory.h"
#include "scenario/line_pattern.h"
#include "scenario/pattern.h"
#include "scenario/pattern_parse.h"
#include "scenario/regex.h"
#include "scenario/template_parse.h"

WRAP(int, reply_pattern_match, const struct reply_pattern *pattern, enum command_verb verb,
     const struct status_line *status, int connection, const struct resolver *resolver, const char **ret_why)
{
    int index = REAL(reply_pattern_match)(pattern, verb, status, connection, resolver, ret_why);

    if (PLANTED("takes-the-last-alternative", "patterns-line") && index == 0 &&
        pattern->alternative_count > 1)
        return 1;
    if (PLANTED("meets-and-says-why-not", "patterns-said") && index >= 0)
        *ret_why = "no reason";
    if (PLANTED("demands-more-than-it-says", "patterns-described") && verb == COMMAND_UNKNOWN && index == 0 &&
        status->text.size < 8 && pattern->alternative_count == 1)
        return -1;
    return index;
}

WRAP(bool, line_pattern_match, struct line_pattern *pattern, struct bytes line)
{
    bool met = REAL(line_pattern_match)(pattern, line);

    for (size_t i = 0; PLANTED("binds-the-whole-line", "patterns-bound") && i < pattern->count; i++)
        pattern->items[i].bound = line;
    return met;
}

WRAP(bool, body_matcher_end, struct body_matcher *matcher)
{
    bool met = REAL(body_matcher_end)(matcher);

    return met && !PLANTED("never-meets-a-body", "patterns-body");
}

WRAP(bool, body_matcher_line, struct body_matcher *matcher, struct bytes wire_line)
{
    bool alive = REAL(body_matcher_line)(matcher, wire_line);

    return alive || (PLANTED("comes-back-to-life", "patterns-final") && wire_line.size == 2);
}

WRAP(enum regex_result, regex_match, const struct regex *regex, struct bytes text)
{
    enum regex_result result = REAL(regex_match)(regex, text);

    return PLANTED("meets-every-line", "patterns-regex") && result == REGEX_NO ? REGEX_YES : result;
}

WRAP(bool, pattern_parse_body, struct arena *arena, struct bytes text, struct place place,
     enum body_form form, struct error *error, struct body_pattern *ret_pattern)
{
    bool ok = REAL(pattern_parse_body)(arena, text, place, form, error, ret_pattern);

    if (!ok && PLANTED("points-behind-the-text", "patterns-place"))
        error->column += 1000;
    return ok;
}

WRAP(bool, template_expand, const struct template *template, int connection, const struct resolver *resolver,
     struct buf *out, const char **ret_why)
{
    bool ok = REAL(template_expand)(template, connection, resolver, out, ret_why);

    if (PLANTED("sends-seven-bits", "patterns-escapes") && out->size > 0)
        out->data[0] ^= 0x80;
    return ok;
}

WRAP(struct body_matcher *, body_matcher_new, const struct reply_pattern *pattern, int connection,
     const struct resolver *resolver, const char **ret_why)
{
    if (PLANTED("hoards", "patterns-memory"))
        free(memory_new_array(1024, 1024 * 1024));
    return REAL(body_matcher_new)(pattern, connection, resolver, ret_why);
}
