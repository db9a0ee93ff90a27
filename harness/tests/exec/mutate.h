/*
 * What may go wrong with one reply on the wire, operator by operator. An operator has a site for each place of the reply where
 * it can act, numbered from 0; beyond the last it says false and what it wrote is no mutant.
 */
#ifndef TESTS_EXEC_MUTATE_H
#define TESTS_EXEC_MUTATE_H

#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    MUTATE_LINES_MAX = 64,
    MUTATE_DIGITS_MAX = 18,  /* the last of a number that are counted on */
    MUTATE_FIRST_LINE = 513, /* octets, one more than RFC 1939 section 3 allows */
};

/* A correct reply by its lines, each with its CRLF. */
struct wire_reply {
    struct bytes whole;
    struct bytes lines[MUTATE_LINES_MAX];
    size_t count;
    size_t body_count; /* lines between the first and the terminator; those of a multi-line reply */
    bool multi;
};

typedef bool (*mutate_function)(const struct wire_reply *reply, size_t site, struct buf *ret_wire);

/* OCTETS must outlive the result, and hold no more than MUTATE_LINES_MAX lines. */
static inline struct wire_reply wire_reply_of(struct bytes octets)
{
    struct wire_reply reply = {.whole = octets};

    while (octets.size > 0 && reply.count < MUTATE_LINES_MAX) {
        size_t size = bytes_find(octets, BYTES_LITERAL("\r\n")) + 2;

        reply.lines[reply.count++] = bytes_slice(octets, 0, size);
        octets = bytes_from(octets, size);
    }
    reply.multi = reply.count > 1;
    reply.body_count = reply.multi ? reply.count - 2 : 0;
    return reply;
}

/* ---- pieces ---- */

/* The lines from FIRST to LAST, exclusive. */
static inline void mutate_keep(const struct wire_reply *reply, size_t first, size_t last,
                               struct buf *ret_wire)
{
    for (size_t i = first; i < last && i < reply->count; i++)
        buf_append(ret_wire, reply->lines[i]);
}

/* Line INDEX is REPLACEMENT; false where there is no such line. */
static inline bool mutate_replace(const struct wire_reply *reply, size_t index, struct bytes replacement,
                                  struct buf *ret_wire)
{
    mutate_keep(reply, 0, index, ret_wire);
    buf_append(ret_wire, replacement);
    mutate_keep(reply, index + 1, reply->count, ret_wire);
    return index < reply->count;
}

/* Line INDEX ends in LINE_END. */
static inline bool mutate_line_end(const struct wire_reply *reply, size_t index, const char *line_end,
                                   struct buf *ret_wire)
{
    if (index >= reply->count)
        return false;
    mutate_keep(reply, 0, index, ret_wire);
    buf_append(ret_wire, bytes_slice(reply->lines[index], 0, reply->lines[index].size - 2));
    buf_append_text(ret_wire, line_end);
    mutate_keep(reply, index + 1, reply->count, ret_wire);
    return true;
}

/* The octets of the first line's first word. */
static inline size_t mutate_indicator_size(const struct wire_reply *reply)
{
    size_t blank = bytes_find_octet(reply->lines[0], ' ');
    size_t end = reply->lines[0].size - 2;

    return blank < end ? blank : end;
}

/* At OFFSET of the whole, OLD_SIZE octets are REPLACEMENT. */
static inline bool mutate_splice(const struct wire_reply *reply, size_t offset, size_t old_size,
                                 struct bytes replacement, struct buf *ret_wire)
{
    buf_append(ret_wire, bytes_slice(reply->whole, 0, offset));
    buf_append(ret_wire, replacement);
    buf_append(ret_wire, bytes_from(reply->whole, offset + old_size));
    return true;
}

/* The index of the body line that is number SITE of those that begin with a dot; reply->count: none is. */
static inline size_t mutate_dotted(const struct wire_reply *reply, size_t site)
{
    for (size_t i = 1; i <= reply->body_count; i++) {
        if (reply->lines[i].data[0] == '.' && site-- == 0)
            return i;
    }
    return reply->count;
}

/* ---- line ends ---- */

static inline bool mutate_cr_lost(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return mutate_line_end(reply, site, "\n", ret_wire);
}

static inline bool mutate_lf_lost(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return mutate_line_end(reply, site, "\r", ret_wire);
}

static inline bool mutate_cr_doubled(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return mutate_line_end(reply, site, "\r\r\n", ret_wire);
}

/* ---- the first line ---- */

static inline bool mutate_lower_case(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t letters = mutate_indicator_size(reply);

    for (size_t i = 0; i < letters; i++)
        buf_append_octet(ret_wire, ascii_lower(reply->whole.data[i]));
    buf_append(ret_wire, bytes_from(reply->whole, letters));
    return site == 0 && letters > 1;
}

static inline bool mutate_plus_err(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return site == 0 &&
           mutate_splice(reply, 0, mutate_indicator_size(reply), BYTES_LITERAL("+ERR"), ret_wire);
}

static inline bool mutate_other_indicator(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    struct bytes other = reply->whole.data[0] == '-' ? BYTES_LITERAL("+OK") : BYTES_LITERAL("-ERR");

    return site == 0 && mutate_splice(reply, 0, mutate_indicator_size(reply), other, ret_wire);
}

static inline bool mutate_glued(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t blank = mutate_indicator_size(reply);

    return site == 0 && reply->whole.data[blank] == ' ' &&
           mutate_splice(reply, blank, 1, BYTES_EMPTY, ret_wire);
}

static inline bool mutate_two_blanks(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return site == 0 &&
           mutate_splice(reply, mutate_indicator_size(reply), 1, BYTES_LITERAL("  "), ret_wire) &&
           reply->whole.data[mutate_indicator_size(reply)] == ' ';
}

static inline bool mutate_first_line_long(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t text = reply->lines[0].size - 2;

    buf_append(ret_wire, bytes_slice(reply->whole, 0, text));
    if (mutate_indicator_size(reply) == text)
        buf_append_octet(ret_wire, ' ');
    while (ret_wire->size < MUTATE_FIRST_LINE - 2)
        buf_append_octet(ret_wire, 'A');
    return buf_append(ret_wire, bytes_from(reply->whole, text)) && site == 0;
}

static inline bool mutate_nul(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return site == 0 && mutate_splice(reply, reply->lines[0].size - 2, 0, bytes_make("\0", 1), ret_wire);
}

static inline bool mutate_trailing_blank(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return mutate_line_end(reply, site, " \r\n", ret_wire);
}

static inline bool mutate_first_line_doubled(const struct wire_reply *reply, size_t site,
                                             struct buf *ret_wire)
{
    mutate_keep(reply, 0, 1, ret_wire);
    mutate_keep(reply, 0, reply->count, ret_wire);
    return site == 0;
}

/* ---- the reply as a whole ---- */

static inline bool mutate_unanswered(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    (void)reply;
    (void)ret_wire;
    return site == 0;
}

static inline bool mutate_unasked(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    mutate_keep(reply, 0, reply->count, ret_wire);
    return buf_append_text(ret_wire, "+OK and more\r\n") && site == 0;
}

/* ---- numbers ---- */

/* Where the number that is INDEX of the reply's begins, and its size; false where there is none. */
static inline bool mutate_find_number(struct bytes octets, size_t index, size_t *ret_offset, size_t *ret_size)
{
    for (size_t i = 0; i < octets.size; i++) {
        size_t begin = i;

        while (i < octets.size && ascii_is_digit(octets.data[i]))
            i++;
        if (i == begin || index-- > 0)
            continue;
        *ret_size = i - begin < MUTATE_DIGITS_MAX ? i - begin : MUTATE_DIGITS_MAX;
        *ret_offset = i - *ret_size;
        return true;
    }
    return false;
}

/* One more, and one less; two for 0, which has none less. */
static inline bool mutate_off_by_one(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    char number[MUTATE_DIGITS_MAX + 4];
    uint64_t value;
    size_t offset;
    size_t size;

    if (!mutate_find_number(reply->whole, site / 2, &offset, &size) ||
        !bytes_to_u64(bytes_slice(reply->whole, offset, offset + size), &value))
        return false;
    uint64_t other = site % 2 == 0 ? value + 1 : value == 0 ? 2 : value - 1;

    snprintf(number, sizeof(number), "%" PRIu64, other);
    return mutate_splice(reply, offset, size, bytes_of(number), ret_wire);
}

/* ---- the body ---- */

static inline bool mutate_body_line_lost(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    return mutate_replace(reply, site + 1, BYTES_EMPTY, ret_wire) && site < reply->body_count;
}

static inline bool mutate_body_line_doubled(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    mutate_keep(reply, 0, site + 2, ret_wire);
    mutate_keep(reply, site + 1, reply->count, ret_wire);
    return site < reply->body_count;
}

static inline bool mutate_body_lines_swapped(const struct wire_reply *reply, size_t site,
                                             struct buf *ret_wire)
{
    if (site + 1 >= reply->body_count)
        return false;
    mutate_keep(reply, 0, site + 1, ret_wire);
    mutate_keep(reply, site + 2, site + 3, ret_wire);
    mutate_keep(reply, site + 1, site + 2, ret_wire);
    mutate_keep(reply, site + 3, reply->count, ret_wire);
    return true;
}

/* Another octet that begins no line end and no dot. */
static inline bool mutate_body_octet(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t offset = reply->lines[0].size;

    for (size_t i = 1; i <= reply->body_count; i++) {
        size_t octets = reply->lines[i].size - 2;

        if (site < octets)
            return mutate_splice(
                reply, offset + site, 1,
                reply->whole.data[offset + site] == 'x' ? BYTES_LITERAL("y") : BYTES_LITERAL("x"), ret_wire);
        site -= octets;
        offset += reply->lines[i].size;
    }
    return false;
}

static inline bool mutate_unstuffed(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t dotted = mutate_dotted(reply, site);

    return dotted < reply->count &&
           mutate_replace(reply, dotted, bytes_from(reply->lines[dotted], 1), ret_wire);
}

static inline bool mutate_stuffed_twice(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    size_t dotted = mutate_dotted(reply, site);

    mutate_keep(reply, 0, dotted, ret_wire);
    buf_append_octet(ret_wire, '.');
    mutate_keep(reply, dotted, reply->count, ret_wire);
    return dotted < reply->count;
}

/* ---- the terminator ---- */

static inline bool mutate_terminator_lost(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    mutate_keep(reply, 0, reply->count - 1, ret_wire);
    return site == 0 && reply->multi;
}

static inline bool mutate_terminator_doubled(const struct wire_reply *reply, size_t site,
                                             struct buf *ret_wire)
{
    mutate_keep(reply, 0, reply->count, ret_wire);
    return buf_append_text(ret_wire, ".\r\n") && site == 0 && reply->multi;
}

static inline bool mutate_blank_line(const struct wire_reply *reply, size_t site, struct buf *ret_wire)
{
    mutate_keep(reply, 0, reply->count - 1, ret_wire);
    buf_append_text(ret_wire, "\r\n");
    mutate_keep(reply, reply->count - 1, reply->count, ret_wire);
    return site == 0 && reply->multi;
}

/* ---- all of them ---- */

struct mutation {
    const char *name;
    mutate_function apply;
};

static const struct mutation MUTATIONS[] = {
    {"cr-lost", mutate_cr_lost},
    {"lf-lost", mutate_lf_lost},
    {"cr-doubled", mutate_cr_doubled},
    {"lower-case", mutate_lower_case},
    {"plus-err", mutate_plus_err},
    {"other-indicator", mutate_other_indicator},
    {"glued", mutate_glued},
    {"two-blanks", mutate_two_blanks},
    {"first-line-long", mutate_first_line_long},
    {"nul", mutate_nul},
    {"trailing-blank", mutate_trailing_blank},
    {"first-line-doubled", mutate_first_line_doubled},
    {"unanswered", mutate_unanswered},
    {"unasked", mutate_unasked},
    {"off-by-one", mutate_off_by_one},
    {"body-line-lost", mutate_body_line_lost},
    {"body-line-doubled", mutate_body_line_doubled},
    {"body-lines-swapped", mutate_body_lines_swapped},
    {"body-octet", mutate_body_octet},
    {"unstuffed", mutate_unstuffed},
    {"stuffed-twice", mutate_stuffed_twice},
    {"terminator-lost", mutate_terminator_lost},
    {"terminator-doubled", mutate_terminator_doubled},
    {"blank-line", mutate_blank_line},
};

enum { MUTATION_COUNT = sizeof(MUTATIONS) / sizeof(MUTATIONS[0]) };

#endif
