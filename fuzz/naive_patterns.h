/*
 * A second matcher of patterns, for comparison with the one of scenario/: it tries every way, one after the other, and
 * knows nothing of tables or automata. It gives up where the ways are too many.
 */
#ifndef FUZZ_NAIVE_PATTERNS_H
#define FUZZ_NAIVE_PATTERNS_H

#include "scenario/pattern.h"

enum naive_answer { NAIVE_NO, NAIVE_YES, NAIVE_GAVE_UP };

/* How a line's pattern was written. */
struct naive_line {
    const struct template *words;
    size_t word_count;
    bool exact;
    bool size_last;
    bool response_code;
    bool tag_first; /* the first word is compared without case */
};

/* Whether LINE meets PATTERN; "name=value;" of each {?name} in order goes to BOUND. A hole without a value: NAIVE_NO. */
enum naive_answer naive_line_match(const struct naive_line *pattern, const struct resolver *resolver,
                                   struct bytes line, struct buf *bound);

/* Whether the lines meet the patterns of a body, in which there is neither a name nor a message: GAVE_UP if there is. */
enum naive_answer naive_body_match(const struct reply_pattern *pattern, const struct resolver *resolver,
                                   const struct bytes *lines, size_t line_count);

/* Whether TEXT meets SOURCE anywhere; GAVE_UP if SOURCE is more than characters, dots, stars and anchors. */
enum naive_answer naive_regex_match(struct bytes source, struct bytes text);

#endif
