/*
 * Fixtures: the messages that scenarios put into a maildrop (the files in scenarios/fixtures). Every delivered copy gets a
 * Message-ID of its own, by which a message-number is bound to a fixture and a copy.
 */
#ifndef SCENARIO_FIXTURE_H
#define SCENARIO_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct fixture {
    const char *name; /* "dotted" */
    const char *what; /* one line for lists */
    struct bytes
        octets; /* the message as RETR would send it before stuffing, CRLF line ends, with its Message-ID
                               line where `identified`; the id's unique part is FIXTURE_ID_OCTETS of '0' */
    size_t id_offset; /* where the unique part stands in `octets` */
    bool identified; /* false for messages that must not have a header of ours (identical twins, no header) */
    bool clean; /* lines of at most 998 octets, CRLF only, no NUL, final newline: stores keep it exactly */
    bool lines_clean; /* clean, or nothing but the final newline is missing: {message} may stand for it */
    bool final_newline;
    struct place place;
};

struct fixture_set {
    struct fixture *fixtures;
    size_t count;
};

enum { FIXTURE_ID_OCTETS = 16 };

/* NULL if there is none. */
const struct fixture *fixture_find(const struct fixture_set *set, const char *name);
/* Appends the message with its unique part replaced by SERIAL in hexadecimal. */
bool fixture_deliver(const struct fixture *fixture, uint64_t serial, struct buf *ret_message);
/* The serial in a Message-ID line's octets (any header text that holds one); false if it is not one of ours. */
bool fixture_serial(struct bytes text, uint64_t *ret_serial);

#endif
