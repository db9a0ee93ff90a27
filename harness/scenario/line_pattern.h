/*
 * The words of a pattern with their holes filled in, matched against one line. Owns copies of every value, since a
 * resolver's are valid until its next call only. Private to scenario.
 */
#ifndef SCENARIO_LINE_PATTERN_H
#define SCENARIO_LINE_PATTERN_H

#include "scenario/template.h"

enum line_item_kind {
    ITEM_TEXT,    /* one of some texts */
    ITEM_NUMBER,  /* any decimal number */
    ITEM_WORD,    /* {?name}: one octet or more, no space */
    ITEM_OTHER,   /* {!name}: a word to its end, which must not be the text; that is set as for EARLIER */
    ITEM_EARLIER, /* {name} that an earlier line of the same body binds: its text is set when it is known */
};

struct line_item {
    enum line_item_kind kind;
    struct bytes texts[HOLE_VALUES_MAX]; /* TEXT, OTHER, EARLIER; on the heap */
    size_t text_count;
    bool without_case;  /* TEXT, EARLIER */
    const char *name;   /* WORD, OTHER, EARLIER */
    struct bytes bound; /* WORD: what it met, a view into the line of the last match */
};

struct line_pattern {
    struct line_item *items;
    size_t count;
    size_t capacity;
    bool exact; /* the line ends behind the last item; else a space may follow, and anything behind it */
    bool
        size_last; /* the last item is a listing's size: behind its last digit any text but a digit may follow */
};

/* A name that an earlier line of the same body will bind is not asked of the resolver. */
typedef bool (*bound_earlier)(const void *context, const char *name);

struct line_pattern_source {
    const struct template *words;
    size_t count;
    bool exact;
    bool size_last;
    bool tag_first;     /* the first word is a language tag, compared without case (RFC 5646 section 2.1.1) */
    bool response_code; /* a first word that begins with "[" is compared without case, up to the "]" */
    int connection;
    const struct resolver *resolver;
    bound_earlier bound_earlier; /* NULL: none */
    const void *context;         /* of bound_earlier */
};

/* Fills in the holes. False when one has no value (*ret_why). Release it either way. */
bool line_pattern_init(struct line_pattern *pattern, const struct line_pattern_source *source,
                       const char **ret_why);
void line_pattern_release(struct line_pattern *pattern);

/*
 * True when LINE meets PATTERN; then the items of kind WORD hold what they met. Of several ways the one with the
 * shortest words is taken. Time and memory: at most items times octets.
 */
bool line_pattern_match(struct line_pattern *pattern, struct bytes line);
/* Tells EARLIER and OTHER items of NAME their text. */
void line_pattern_learn(struct line_pattern *pattern, const char *name, struct bytes text);
/* What is demanded, for a report: the first of several texts, names in braces. */
void line_pattern_describe(const struct line_pattern *pattern, struct buf *out);

#endif
