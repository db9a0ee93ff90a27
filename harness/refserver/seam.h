/*
 * The seams: five places that every session passes, at which faults/ may change what is about to happen. The correct
 * server fills in an event with its own decision, passes it through seam_<name>(), and does what the event says then.
 * Without an active fault an event comes back as it went in.
 *
 *   command     a line as read          -> what is executed
 *   transition  a change of state       -> whether and how it happens
 *   view        a look at the maildrop  -> what the replies will say of it
 *   reply       a structured reply      -> indicator, text, rows, what stands around it
 *   wire        octets of the encoding  -> the octets that leave
 *
 * A fault's hook changes nothing but its event (and EVENT->scratch, for octets of its own) and answers whether it did.
 * It remembers nothing. So a run without faults can tell which faults would have acted in it (refserver_survey()).
 */
#ifndef REFSERVER_SEAM_H
#define REFSERVER_SEAM_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/time.h"

#include "base/peer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum seam { SEAM_COMMAND, SEAM_TRANSITION, SEAM_VIEW, SEAM_REPLY, SEAM_WIRE, SEAM_COUNT };

enum line_verdict {
    LINE_EXECUTED,
    LINE_REFUSED, /* answered by -ERR */
    LINE_IGNORED, /* not answered */
};

struct command_event {
    struct bytes line; /* without its line end; a SASL response where `response` is set */
    unsigned facts;    /* of enum command_fact, the line's own */
    uint64_t octets;   /* of the whole line as read, with its line end */
    enum line_verdict verdict;
    bool response;           /* the line answers a challenge */
    bool pipelined;          /* more octets came with it in one piece */
    bool in_pieces;          /* it came in more than one piece */
    bool line_end_in_pieces; /* CR and LF came in different ones */
    bool rest_dropped;       /* what came behind it is thrown away */
    struct bytes further;    /* lines to execute behind it, separated by LF; empty: none */
    struct buf *scratch;
};

enum transition_kind {
    TRANSITION_GREETING, /* fresh: with a new timestamp */
    TRANSITION_GATE, /* allowed: the command is valid in this state; logs_out: its refusal ends TRANSACTION */
    TRANSITION_NAME, /* allowed: USER names somebody whom it may */
    TRANSITION_CREDENTIALS, /* allowed: user and proof fit; opens: the TRANSACTION state is entered then */
    TRANSITION_LOGIN_DELAY, /* allowed: the login does not come too soon */
    TRANSITION_LOCK, /* exclusive: an exclusive lock is taken; live: the maildrop is listed anew before each command;
                        marked: the number of a message that is marked from the beginning */
    TRANSITION_MARK, /* allowed: message `index` gets its mark; at_once: and is removed; again: it is marked already */
    TRANSITION_UNMARK,   /* allowed: message `index` loses its mark, or keeps none */
    TRANSITION_UTF8,     /* allowed: UTF-8 mode is enabled, which is answered by +OK either way */
    TRANSITION_LANGUAGE, /* allowed: `language` is selected; LANGUAGE_COUNT: none is there that matches */
    TRANSITION_START_TLS, /* rest_dropped: octets behind STLS are thrown away; begins: the negotiation begins; late: after a while, in
                             which what comes is read; greets: the server greets again inside; handshake: how it is made */
    TRANSITION_IMPLICIT_TLS, /* handshake: how it is made on the port for implicit TLS; the session has not begun */
    TRANSITION_REMOVE,       /* allowed: message `index` is removed at UPDATE */
    TRANSITION_UPDATE,       /* allowed: the removal is carried out; succeeded: and said to be */
    TRANSITION_LEAVE, /* commit: UPDATE is entered; release: the lock is given back; close: so is the connection;
                         arrivals_lost: what has arrived meanwhile is removed; emptied: so is all that the named user has */
    TRANSITION_TIMER, /* allowed: the autologout timer starts again, and runs for span_us */
};

enum leave_cause { LEAVE_QUIT, LEAVE_END, LEAVE_RESET, LEAVE_AUTOLOGOUT, LEAVE_REFUSAL };

struct transition_event {
    enum transition_kind kind;
    enum leave_cause cause; /* LEAVE */
    size_t index;           /* MARK, UNMARK, REMOVE: from 0 */
    size_t language;        /* LANGUAGE: of enum language */
    int64_t span_us;        /* TIMER; 0: no timer */
    bool allowed;
    bool again;
    bool at_once;
    bool fresh;
    bool exclusive;
    bool live;
    bool rest_dropped;
    bool bare_lf_accepted; /* START_TLS: from now on a bare LF ends a command */
    bool begins;
    bool late;
    bool greets;
    enum peer_handshake handshake;
    bool opens;
    bool logs_out;
    size_t marked;
    bool succeeded;
    bool arrivals_lost;
    bool emptied;
    bool commit;
    bool release;
    bool close;
    bool speaks;     /* LEAVE by autologout: -ERR is sent */
    bool unnotified; /* LEAVE under TLS: without close_notify */
    struct buf *scratch;
};

enum view_part {
    VIEW_TOTALS,    /* count, octets: of all messages not marked */
    VIEW_FIND,      /* message-number `number` -> visible, index */
    VIEW_ROW,       /* visible: message `index` stands in the listing, as `number` */
    VIEW_SIZE,      /* octets of message `index` */
    VIEW_UNIQUE_ID, /* unique_id of message `index` */
    VIEW_CONTENT,   /* which part of message `index` is sent */
};

/* How a message that needs UTF-8 mode is sent (RFC 6856 section 2.1). */
enum content_form {
    CONTENT_AS_IS,
    CONTENT_SURROGATE, /* with a header that is all ASCII */
    CONTENT_REFUSED,   /* not at all */
};

struct view_event {
    enum view_part part;
    uint64_t number;
    size_t index;
    bool visible;
    uint64_t count;
    uint64_t octets;
    struct bytes unique_id;
    bool whole; /* CONTENT: all of it; otherwise headers, blank line and body_lines */
    uint64_t body_lines;
    enum content_form form; /* CONTENT */
    bool blank_line;        /* CONTENT: the one behind the headers is sent */
    uint64_t octets_max;    /* CONTENT: cut behind so many */
    struct buf *scratch;
};

enum response_body {
    RESPONSE_BODY_NONE,
    RESPONSE_BODY_LINES,   /* rows made when the command was executed */
    RESPONSE_BODY_LIST,    /* scan listings */
    RESPONSE_BODY_UIDL,    /* unique-id listings */
    RESPONSE_BODY_MESSAGE, /* a message, or its top */
};

enum response_part {
    RESPONSE_GREETING,
    RESPONSE_STATUS,
    RESPONSE_CHALLENGE,
    RESPONSE_ROW,
    RESPONSE_FAREWELL
};

struct response_event {
    enum response_part part;
    bool positive;           /* STATUS */
    const char *indicator;   /* not for ROW; a literal */
    bool blank;              /* a space behind the indicator even without text */
    struct bytes text;       /* behind indicator and space, or the row */
    enum response_body body; /* what follows a positive STATUS; for ROW, what it belongs to */
    size_t row;              /* ROW: from 0 */
    bool silent;             /* it isn't sent */
    struct bytes before;     /* whole lines sent before and behind it; literals */
    struct bytes behind;
    struct buf *scratch;
};

enum wire_part {
    WIRE_INDICATOR,
    WIRE_TEXT,       /* with the space before it */
    WIRE_STATUS_END, /* the line end of a status line */
    WIRE_LINE_START, /* byte-stuffing: "." or nothing */
    WIRE_OCTETS,     /* a run inside a body line, up to 512 octets */
    WIRE_LINE_END,   /* of a body line */
    WIRE_TERMINATOR,
};

struct wire_event {
    enum wire_part part;
    struct bytes octets;     /* what will leave */
    enum response_body body; /* what it belongs to */
    uint64_t offset;         /* in the body before byte-stuffing, from 0 */
    uint64_t line;           /* of the body, from 0 */
    uint64_t column;         /* in the line, from 0 */
    int next;                /* LINE_START: the line's first octet, or -1 for an empty line */
    bool last;               /* LINE_END: no line follows */
    bool newline_missing;    /* LINE_END: the stored message has no such line end */
    struct buf *scratch;
};

void seam_command(struct session *session, struct command_event *event);
void seam_transition(struct session *session, struct transition_event *event);
void seam_view(struct session *session, struct view_event *event);
void seam_reply(struct session *session, struct response_event *event);
void seam_wire(struct session *session, struct wire_event *event);

#endif
