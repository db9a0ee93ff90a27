/*
 * A stored message as it goes over the wire: every line ends in CRLF, whatever the store uses (RFC 1939 section 11).
 * A bare LF becomes CRLF, a bare CR stays what it is, and a last line without an end gets one.
 */
#ifndef REFSERVER_CONTENT_H
#define REFSERVER_CONTENT_H

#include "base/bytes.h"

/* Turns stored octets, in pieces, into canonical ones. Zeroed is its start. */
struct canonicaliser {
    bool last_was_cr;
    bool line_open; /* octets behind the last line end */
};

/* Writes the canonical form of PIECE to OUT, which holds at least twice as many octets; returns how many. */
size_t canonicaliser_next(struct canonicaliser *canonicaliser, struct bytes piece, uint8_t *out);
/* Behind the last piece: writes the missing final line end (at most 2 octets) to OUT; returns how many. */
size_t canonicaliser_end(struct canonicaliser *canonicaliser, uint8_t *out);

/* What a look through a whole message finds. */
struct content_facts {
    uint64_t octets;       /* of the canonical form: what RETR sends before byte-stuffing */
    uint64_t lines;        /* of the canonical form */
    uint64_t body_lines;   /* those behind the first empty line */
    uint64_t dotted_lines; /* those that begin with a dot */
    uint64_t hash;         /* of the stored octets (FNV-1a), to find identical messages */
    bool newline_missing;  /* the last line had no end */
    bool damaged;          /* no Internet text message: see content.c */

    uint64_t header_octets; /* stored octets up to the body: the header and its blank line */
    uint64_t header_sent;   /* the same in the canonical form */
    bool
        header_8bit; /* octets above 127 in the header: it takes UTF-8 mode to send it (RFC 6856 section 2.1) */
    bool body_8bit;
};

struct content_scan {
    struct canonicaliser canonicaliser;
    struct content_facts facts;
    uint64_t line_octets; /* of the line so far, without CR */
    uint64_t stored;      /* octets seen */
    bool in_body;
};

void content_scan_init(struct content_scan *scan);
void content_scan_next(struct content_scan *scan, struct bytes piece);
struct content_facts content_scan_end(struct content_scan *scan);

#endif
