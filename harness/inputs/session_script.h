/*
 * What several clients do to one server, as octets that a fuzzer can change. The octets are what the current client
 * sends, as they stand on the wire (the first client's to begin with), but for these controls (inputs/controls.h):
 *
 *   0xFF 1 .. 0xFF 3   the first, second, third client speaks from here on; one that has left comes back. The third comes
 *                      in by implicit TLS
 *   0xFF |             a segment ends here
 *   0xFF t, 0xFF T     the client completes the TLS handshake, or fails in it
 *   0xFF e, 0xFF x     the client sends no more (FIN), or is gone (RST)
 *   0xFF d             new mail is delivered
 *   0xFF ~, 0xFF ^     ten seconds pass, or seven hundred
 *
 * Anything else behind 0xFF is taken as it stands. A corpus of ordinary sessions is thus one of scripts.
 */
#ifndef INPUTS_SESSION_SCRIPT_H
#define INPUTS_SESSION_SCRIPT_H

#include "base/buf.h"

#include <stdbool.h>

enum { SCRIPT_CLIENTS = 3 };

enum script_action {
    SCRIPT_SEND,   /* octets: one segment */
    SCRIPT_CLIENT, /* client: 0 to SCRIPT_CLIENTS - 1 */
    SCRIPT_TLS_DONE,
    SCRIPT_TLS_FAILED,
    SCRIPT_HALF_CLOSE,
    SCRIPT_ABORT,
    SCRIPT_DELIVER,
    SCRIPT_WAIT, /* seconds */
};

struct script_step {
    enum script_action action;
    struct bytes octets; /* in the reader's `segment`, until the next step */
    int client;
    int seconds;
};

struct script_reader {
    struct bytes rest;
    struct buf segment;
};

void script_begin(struct script_reader *reader, struct bytes script);
void script_end(struct script_reader *reader);
/* False at the end. */
bool script_next(struct script_reader *reader, struct script_step *ret_step);

/* Writes what a reader reads: the same steps come out again. OUT is the caller's. */
struct script_writer {
    struct buf *out;
    bool in_segment;
};

/* Appends STEP; one that sends nothing leaves no trace. A wait must be one of those that have a control. */
void script_append(struct script_writer *writer, const struct script_step *step);

#endif
