/*
 * Templates: text with holes, as it stands behind C:, raw: and, word by word, behind S:. Compiled once from the
 * language's escapes and holes; expanded at run time with values that a resolver supplies. Storage is the suite's arena.
 */
#ifndef SCENARIO_TEMPLATE_H
#define SCENARIO_TEMPLATE_H

#include "base/buf.h"
#include "base/error.h"

enum hole_kind {
    HOLE_USER,      /* {user}, {user 2}: account's name */
    HOLE_PASS,      /* {pass}, {pass 2} */
    HOLE_TOKEN,     /* {token}, {token 2} */
    HOLE_APOP,      /* {apop}: account 1's digest for this greeting; {apop 2}: for connection 2's */
    HOLE_COUNT,     /* {count}: messages that are not marked */
    HOLE_OCTETS,    /* {octets}: sum over messages that are not marked; {octets dotted}: of one message */
    HOLE_UID,       /* {uid 1} by message-number, or {uid dotted} by fixture */
    HOLE_NUMBER,    /* {number dotted}: the message-number of a fixture */
    HOLE_MESSAGE,   /* {message dotted}: every line of the message, in a body only */
    HOLE_TOP,       /* {top dotted 3}: header, blank line, 3 lines, in a body only */
    HOLE_CHALLENGE, /* {cram-md5}: the answer to the last challenge on this connection, not yet in base 64 */
    HOLE_SASL, /* {sasl}: what the client of the exchange that `sasl` began says next, likewise; {sasl 2}: on connection 2 */
    HOLE_NAME,  /* {name}: bound by {?name}, or given by --variable */
    HOLE_OTHER, /* {!name}: matches one word that is another than {name} (patterns only) */
    HOLE_BIND,  /* {?name}: matches one word and binds it (patterns only) */
};

struct hole {
    enum hole_kind kind;
    const char
        *name; /* NAME, OTHER, BIND: the name; OCTETS, UID, NUMBER, MESSAGE, TOP: the fixture, or NULL */
    uint32_t ordinal; /* which copy of the fixture in the mailbox (short#2), from 1 */
    uint64_t number;  /* USER, PASS, TOKEN: account from 1; UID: message-number (0: by fixture); TOP: lines */
    struct place place;
};

enum part_kind {
    PART_LITERAL, /* bytes, escapes already decoded */
    PART_HOLE,
    PART_FILL,   /* {fill A 512}: octet, count times */
    PART_REPEAT, /* {repeat 1000 NOOP\r\n}: inner, count times */
    PART_TURN,   /* {turn} or {turn 2}: which turn of the innermost repeat it is, from 1, count times over */
    PART_BASE64, /* {b64 ...}: base 64 of inner */
};

struct template
{
    struct template_part *parts;
    size_t count;
    struct place place;
};

struct template_part {
    enum part_kind kind;
    struct bytes literal;
    struct hole hole;
    uint8_t octet;
    uint64_t count;
    struct template inner;
};

enum { HOLE_VALUES_MAX = 4 };

/* What a hole stands for now. More than one text where more than one is right (sizes without a final newline). */
struct hole_value {
    struct bytes texts[HOLE_VALUES_MAX]; /* owned by the resolver, valid until its next call */
    size_t count;
    bool any_number; /* nothing is known yet: any decimal number matches (patterns only) */
    const char
        *why_not; /* set when count is 0 and any_number is false: why the hole has no value (a sentence) */
};

/* Supplies values. `connection` is the one that the step is about. */
struct resolver {
    void (*resolve)(void *context, int connection, const struct hole *hole, struct hole_value *ret_value);
    /* NAME was bound to VALUE by a pattern that matched. */
    void (*bind)(void *context, const char *name, struct bytes value);
    void *context;
};

/*
 * Appends TEMPLATE to OUT with the first value of every hole. False when a hole has no value (*ret_why says why, in a
 * sentence, in storage that lives as long as the resolver's) or OUT is full (*ret_why is then NULL).
 */
bool template_expand(const struct template *template, int connection, const struct resolver *resolver,
                     struct buf *out, const char **ret_why);

#endif
