/*
 * Text for reports, private to report/: what every sink says in the same words.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "base/buf.h"
#include "result/result.h"

/*
 * Appends TEXT with everything harmless as it is: printable ASCII and well-formed UTF-8 above U+009F. What could end a
 * line, steer a terminal or make XML or JSON malformed becomes \xHH. NULL appends nothing.
 */
void text_append(struct buf *out, const char *text);

/* True when TEXT is printable ASCII, so that text_append() changes nothing of it. */
bool text_is_plain(const char *text);

/* "rfc1939/dele/hides-message", with "@octets" behind it unless the transport is the plain one, or all of them. */
void text_append_case_name(struct buf *out, const struct case_result *result);

/* "0.412  C: RETR 1\r\n"; a connection other than the first has its digit: "C2:". Notes have no "C:". */
void text_append_wire(struct buf *out, const struct transcript_line *line);

/*
 * The transcript of RESULT from line FIRST on, a line each behind MARGIN and the label "wire"; below a line with an octet that
 * is not as it should be, a pointer to it.
 */
void text_append_transcript(struct buf *out, const struct case_result *result, size_t first,
                            const char *margin);

/* "12 pass, 1 fail, 3 skip": the verdicts that occur. */
void text_append_counts(struct buf *out, const struct run_result *result);

/* What a reader of a case is told, field by field. VALUE is one line of harmless text, borrowed for the call. */
struct field_sink {
    void (*field)(void *context, const char *label, const char *value);
    void *context;
};

/* demand, reason, matters, at, expected, actual, seen, times: those that the case has, in this order. */
void case_fields(const struct case_result *result, const struct field_sink *sink);
/* again, which stands behind the wire. */
void case_again(const struct case_result *result, const struct field_sink *sink);

/* True for the verdicts that a report shows in full: fail, warn, blocked, xpass, error. */
bool verdict_is_finding(enum verdict verdict);

/* The same for a case: flaky ones are shown in full, whatever came of them. */
bool case_is_finding(const struct case_result *result);

/* Cases with one verdict and the same reason, for "what was not tested and why". */
struct reason_group {
    const char *reason; /* "no reason given" if there was none */
    size_t count;
    const struct case_result *first; /* its evidence and id stand for all */
};

/* The groups of cases with VERDICT, the largest first; the caller frees the array. */
struct reason_group *reason_groups(const struct run_result *result, enum verdict verdict, size_t *ret_count);

#endif
