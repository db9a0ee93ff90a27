/*
 * Patterns: what S: lines demand of a reply. A reply pattern is one or more alternatives for the first line and, for a
 * multi-line reply, patterns for its body. Regular expressions are PCRE2's, with match limits, confined to regex.c.
 */
#ifndef SCENARIO_PATTERN_H
#define SCENARIO_PATTERN_H

#include "pop3/command.h"
#include "pop3/reply.h"
#include "scenario/template.h"

struct regex; /* a compiled regular expression */

enum alternative_kind {
    ALTERNATIVE_OK,
    ALTERNATIVE_ERR,
    ALTERNATIVE_CONTINUE, /* "+ " challenge */
    ALTERNATIVE_CLOSED,   /* the connection ends instead of a reply */
};

struct alternative {
    enum alternative_kind kind;
    struct template *words; /* demanded words behind the indicator, one SP before each */
    size_t word_count;
    bool exact;                /* pattern ended in $: nothing may follow */
    const struct regex *regex; /* instead of words: over the text behind indicator and SP; NULL: none */
    bool decoded;     /* CONTINUE: the regular expression is over what the challenge means in base 64 */
    const char *text; /* as written, for reports: "+OK 2 320" */
};

enum body_pattern_kind {
    BODY_LINE, /* the whole line, octet for octet as on the wire */
    BODY_ROW, /* words separated by one SP; what follows the last is free in LIST, forbidden in UIDL (`exact`) */
    BODY_REGEX,   /* over the whole line as on the wire */
    BODY_ANY,     /* "...": any number of lines; with `regex`, of lines that meet it */
    BODY_MESSAGE, /* a whole message or the top of it, from HOLE_MESSAGE or HOLE_TOP */
    BODY_END,     /* ".?": meets no line; the body may end here, before the patterns behind */
};

struct body_pattern {
    enum body_pattern_kind kind;
    struct template *words; /* LINE: one template; ROW: one a word; MESSAGE: one that is the hole */
    size_t word_count;
    bool exact;
    bool size_last; /* ROW: of LIST, whose last word is a size */
    bool tag_first; /* ROW: of LANG, whose first word is a language tag */
    const struct regex *regex;
    const char *text;
    struct place place;
};

struct reply_pattern {
    struct alternative *alternatives;
    size_t alternative_count;
    bool has_body; /* body patterns were written, perhaps none but the terminator */
    struct body_pattern *body;
    size_t body_count;
    const char *text; /* as written, for reports */
};

/*
 * The index of the first alternative that STATUS, the reply to VERB, meets, or -1; names in it are bound. *ret_why (may be set only on -1)
 * is a sentence when a hole had no value, which makes the step impossible rather than failed, else NULL.
 */
int reply_pattern_match(const struct reply_pattern *pattern, enum command_verb verb,
                        const struct status_line *status, int connection, const struct resolver *resolver,
                        const char **ret_why);
/* The index of the alternative "closed", or -1. */
int reply_pattern_closed(const struct reply_pattern *pattern);
/* What the pattern demands, with holes filled in where they have values ("+OK 2 320"), appended to OUT for a report. */
void reply_pattern_describe(const struct reply_pattern *pattern, int connection,
                            const struct resolver *resolver, struct buf *out);

/* Matches body lines one at a time against the body patterns of a reply; "..." tries every way. */
struct body_matcher;

/* PATTERN and RESOLVER must outlive the matcher. *ret_why as for reply_pattern_match; NULL is answered then. */
struct body_matcher *body_matcher_new(const struct reply_pattern *pattern, int connection,
                                      const struct resolver *resolver, const char **ret_why);
void body_matcher_free(struct body_matcher *matcher);
/* A body line as on the wire (still stuffed, without line end). False once no way is left; stays false. */
bool body_matcher_line(struct body_matcher *matcher, struct bytes wire_line);
/* The terminator came: true when everything demanded was seen. */
bool body_matcher_end(struct body_matcher *matcher);
/* After a false answer: what was demanded at that point, appended to OUT for a report ("line 3: ..foo"). */
void body_matcher_describe(const struct body_matcher *matcher, struct buf *out);

#endif
