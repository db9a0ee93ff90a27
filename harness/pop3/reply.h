/*
 * The reply reader, the driver's alone: RFC 1939 section 3, RFC 2449 sections 3, 4 and 8. Two parts, both pure:
 *
 *   struct reply_reader     octets in any cut -> events (status line, body line or piece of one, terminator)
 *   status_line_parse()     one first line -> indicator, response code, text
 *
 * The reader is told, before each reply, what a positive one looks like. It never allocates, holds at most
 * READER_LINE_OCTETS of a line and hands longer ones on in pieces, and reads nothing past the reply's last octet: what
 * stands behind stays in the input. It reports facts and judges nothing.
 *
 * What ends a line is LF; a line that ended without CR before it carries FACT_BARE_LF. Only a body line that is
 * "." CRLF ends a body; "." LF ends it too, with FACT_BARE_LF (otherwise a server with LF line ends would hang the
 * driver: the judge accuses it of the line end instead).
 *
 * Events are the same at every cut of the input. A body line of more than READER_LINE_OCTETS comes in pieces: each ends
 * READER_LINE_OCTETS behind its start, or one octet earlier where a CR would be its last, and the last one behind the
 * line's LF. Of a first line of more than READER_LINE_OCTETS what would be its first piece is handed on, as `wire` and
 * `text`; the rest is counted in `line_octets` and looked at for facts.
 *
 * Un-stuffing is RFC 1939 section 3's: the dot that a body line begins with is taken away whatever follows it, so that
 * text is what a client of that RFC sees; the facts say whether it was a stuffed one.
 */
#ifndef POP3_REPLY_H
#define POP3_REPLY_H

#include "base/bytes.h"
#include "base/limits.h"

enum reply_fact {
    FACT_BARE_LF = 1 << 0, /* the line ended in LF without CR before it */
    FACT_BARE_CR = 1 << 1, /* a CR inside the line, not before its LF */
    FACT_NUL = 1 << 2,
    FACT_8BIT = 1 << 3,
    FACT_LONG_FIRST_LINE =
        1 << 4, /* over 512 octets with its line end (first lines only; not challenges, RFC 5034) */
    FACT_STUFFED = 1 << 5, /* body line began with two dots or more: one was taken away */
    FACT_UNSTUFFED_DOT =
        1 << 6, /* body line began with one dot and something else behind it: broken stuffing */
    FACT_LONG_LINE =
        1 << 7,        /* body line over 998 octets, un-stuffed, without line end (RFC 5322 section 2.1.1) */
    FACT_CUT = 1 << 8, /* the stream ended within this line */
};

enum reply_event_kind {
    REPLY_NONE,   /* all input read; more is needed */
    REPLY_STATUS, /* the first line, or a "+ " challenge line */
    REPLY_BODY,   /* a body line, or a piece of a long one */
    REPLY_END,    /* the reply is complete: behind the status line of a single one, or the terminator */
};

struct reply_event {
    enum reply_event_kind kind;
    struct bytes
        wire; /* as it stood on the wire, line end included; the terminator's octets for END (may be empty) */
    struct bytes text; /* without line end and un-stuffed */
    unsigned facts;    /* of enum reply_fact; on pieces those known so far, complete on the last */
    bool first_piece;  /* BODY: begins a line */
    bool last_piece;   /* BODY: ends a line */
    uint64_t offset; /* STATUS, BODY, END: stream offset of its first octet, counted from reply_reader_init */
    uint64_t
        line_octets; /* STATUS, END, BODY with last_piece: of the whole line with line end, as on the wire */
};

enum reply_reader_state { READING_FIRST_LINE, READING_BODY, READING_DONE };

struct reply_reader {
    enum reply_reader_state state;
    bool multi;                          /* a +OK opens a body */
    uint8_t storage[READER_LINE_OCTETS]; /* a piece that spans inputs; the head of a long first line */
    size_t size;                         /* octets in storage */
    uint64_t offset;                     /* octets read since init */
    uint64_t line_octets; /* of the current line: handed on in pieces, or of a long first line read */
    unsigned facts;       /* of those octets */
    bool end_is_due;      /* the next call answers REPLY_END before it reads */
    bool carried_cr;      /* the tail of a long first line was read up to a CR: not judged yet */
};

/* Once for each connection. */
void reply_reader_init(struct reply_reader *reader);

/* A new reply is due, and the one before is complete (or given up: what is pending of its line is dropped). MULTI: a
 * +OK opens a body that ends in a terminator. */
void reply_reader_expect(struct reply_reader *reader, bool multi);

/*
 * Reads from the front of *input, steps over what it read, and answers one event in *ret_event. Events point into the
 * input or the reader's storage and are valid until the next call. REPLY_NONE: call again with more. After REPLY_END,
 * and before the next expect(), it reads nothing and answers REPLY_NONE.
 */
void reply_reader_next(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event);

/*
 * The short way for bodies that are not looked at line by line: reads lines at the front of *input, at most TEXTS_MAX,
 * and answers their texts. Only lines that stand whole in *input, end in CRLF, have no fact, at most 998 octets and no
 * dot in front, as most do. It may leave such a line too: 0 says nothing, and reply_reader_next() what comes next.
 */
size_t reply_reader_plain_lines(struct reply_reader *reader, struct bytes *input, struct bytes *ret_texts,
                                size_t texts_max);

/*
 * The stream has ended: answers a pending partial line as a last event with FACT_CUT, else REPLY_NONE.
 */
void reply_reader_finish(struct reply_reader *reader, struct reply_event *ret_event);

enum status_indicator {
    STATUS_NONE,     /* neither of these */
    STATUS_OK,       /* "+OK", compared without case */
    STATUS_ERR,      /* "-ERR", compared without case */
    STATUS_CONTINUE, /* "+ " or a lone "+": a SASL challenge (RFC 5034 section 4) */
};

enum status_fact {
    STATUS_FACT_LOWER_CASE = 1 << 0,  /* indicator not in upper case */
    STATUS_FACT_GLUED = 1 << 1,       /* something other than a blank or the line end follows the indicator */
    STATUS_FACT_OTHER_BLANK = 1 << 2, /* a TAB follows the indicator */
    STATUS_FACT_CODE_UNCLOSED = 1 << 3, /* text begins with "[" and has no "]" */
};

struct status_line {
    enum status_indicator indicator;
    struct bytes
        text; /* behind the indicator and one blank; for a challenge the base 64 text; else the line */
    struct bytes code; /* response code without brackets, such as "IN-USE" or "SYS/TEMP"; data NULL if none */
    unsigned facts;    /* of enum status_fact */
};

/* Takes a first line (without line end) apart; LINE must outlive the result. "+OK" glued to text, as in "+OKay", has
 * indicator STATUS_OK and STATUS_FACT_GLUED. */
struct status_line status_line_parse(struct bytes line);

#endif
