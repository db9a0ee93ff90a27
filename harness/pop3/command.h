/*
 * The command parser that the driver (lint, model) and the reference server share: RFC 1939 section 3, RFC 2449
 * section 3. Two parts, both pure:
 *
 *   struct command_reader   octets in any cut -> lines, with facts; fixed storage, no allocation
 *   command_parse()         one line -> keyword, arguments, facts
 *
 * Both report facts and judge nothing: whether a double space or a bare LF is to be refused is its user's business.
 */
#ifndef POP3_COMMAND_H
#define POP3_COMMAND_H

#include "base/bytes.h"

enum command_verb {
    COMMAND_UNKNOWN,
#define COMMAND(name, keyword, arguments_min, arguments_max, rest, shape) COMMAND_##name,
#include "pop3/vocabulary.def"
#undef COMMAND
    COMMAND_VERB_COUNT
};

enum command_fact {
    COMMAND_FACT_BARE_LF = 1 << 0, /* the line ended in LF without CR before it */
    COMMAND_FACT_BARE_CR = 1 << 1, /* a CR stands inside the line */
    COMMAND_FACT_NUL = 1 << 2,
    COMMAND_FACT_CONTROL = 1 << 3, /* an octet below 0x20 or 0x7F other than CR, NUL and TAB */
    COMMAND_FACT_8BIT = 1 << 4,
    COMMAND_FACT_TAB = 1 << 5,
    COMMAND_FACT_LEADING_SPACE = 1 << 6,
    COMMAND_FACT_TRAILING_SPACE = 1 << 7,
    COMMAND_FACT_DOUBLE_SPACE = 1 << 8,  /* two spaces in a row before the end of the line */
    COMMAND_FACT_LONG_ARGUMENT = 1 << 9, /* an argument of more than 40 octets */
    COMMAND_FACT_OVERLONG = 1 << 10,     /* the line passes 255 octets with its line end */
    COMMAND_FACT_CUT = 1 << 11,          /* the reader dropped octets: the line passed its storage */
    COMMAND_FACT_EMPTY = 1 << 12,        /* nothing before the line end */
    COMMAND_FACT_TOO_FEW = 1 << 13,      /* fewer arguments than the keyword takes */
    COMMAND_FACT_TOO_MANY = 1 << 14,
    COMMAND_FACT_LOWER_CASE = 1 << 15, /* a lower-case letter in the keyword: legal */
};

enum {
    COMMAND_ARGUMENTS_MAX = 4, /* kept one by one; `argument_count` counts on */
    /* Storage of a reader: over 255 so that the suite's own longer probes (512 octets) are seen whole. */
    COMMAND_READER_OCTETS = 1024,
};

struct command {
    enum command_verb verb;
    struct bytes keyword; /* as it stands on the wire */
    struct bytes rest;    /* all behind the first space, as it stands; data NULL if none */
    struct bytes
        arguments[COMMAND_ARGUMENTS_MAX]; /* separated by runs of spaces; empty ones are not counted */
    size_t argument_count;                /* may pass COMMAND_ARGUMENTS_MAX */
    unsigned facts;                       /* of enum command_fact */
};

enum reply_shape { SHAPE_SINGLE, SHAPE_MULTI, SHAPE_MULTI_BARE, SHAPE_CHALLENGE };
enum command_rest { REST_NONE, REST_LAST };

struct command_info {
    enum command_verb verb;
    const char *keyword;
    size_t arguments_min;
    size_t arguments_max;
    enum command_rest rest;
    enum reply_shape shape;
};

/* The row of VERB in the vocabulary; COMMAND_UNKNOWN has a row too (single line, any arguments). */
const struct command_info *command_info(enum command_verb verb);
/* The verb of KEYWORD, compared without case; COMMAND_UNKNOWN if there is none. */
enum command_verb command_verb_of(struct bytes keyword);

/*
 * Takes LINE (without its line end) apart. LINE must outlive the result. Never fails: what is not a known command has
 * verb COMMAND_UNKNOWN. Facts of the line end are the reader's; they are passed in with LINE_FACTS and kept.
 */
struct command command_parse(struct bytes line, unsigned line_facts);

/*
 * A message-number or a count as an argument: decimal digits, no sign (RFC 1939 sections 4 and 5). Leading zeros are
 * taken, and said in *ret_leading_zero (may be NULL). False when it is anything else or passes 64 bits.
 */
bool command_number(struct bytes argument, uint64_t *ret_number, bool *ret_leading_zero);

/* True when a +OK to COMMAND opens a multi-line reply. */
bool command_reply_is_multi(const struct command *command);

struct command_reader {
    uint8_t storage[COMMAND_READER_OCTETS];
    size_t size;          /* octets in storage */
    uint64_t line_octets; /* octets of the line so far, those dropped included */
    bool last_was_cr;
};

struct command_line {
    struct bytes line; /* without line end; points into the input or the reader, valid until the next call */
    uint64_t octets;   /* of the whole line with its line end, even where the storage dropped some */
    unsigned facts;
};

void command_reader_init(struct command_reader *reader);

/*
 * Reads octets from the front of *input and steps over them. True when a line is complete (*ret_line; octets behind
 * it stay in *input); false when all of *input was read and no line ended. A line longer than the storage keeps its
 * head, has COMMAND_FACT_CUT, and its tail is dropped, never taken for a line of its own.
 */
bool command_reader_next(struct command_reader *reader, struct bytes *input, struct command_line *ret_line);
/* True when part of a line is pending. */
bool command_reader_pending(const struct command_reader *reader);

/*
 * Puts COMMAND back into a line with CRLF: canonical keyword in upper case where it is known, single spaces. False
 * when an argument holds CR, LF or NUL (nothing may be injected), or OUT is too small; *ret_size is set on success.
 */
bool command_print(const struct command *command, uint8_t *out, size_t out_size, size_t *ret_size);

#endif
