/*
 * The conversation's inside, shared by the files of model/ that carry it: conversation_sent.c (what we send),
 * conversation.c (what is answered), conversation_state.c (the end, and questions), auditor.c (rules about the wire),
 * response_codes.c (of those, the ones about response codes), challenges.c (about what challenges say), capabilities.c (rules about what CAPA lists), listings.c (rules
 * about the maildrop).
 */
#ifndef MODEL_CONVERSATION_PRIVATE_H
#define MODEL_CONVERSATION_PRIVATE_H

#include "model/reading.h"

enum {
    DEFERRED_MAX = 4, /* observations held back until it is known whether a close follows */
    OBSERVED_WIRE_OCTETS = 200,
    ROWS_MAX = MAILDROP_MESSAGES_MAX,
};

/* How RULE_ONE_REPLY is broken: what was expected, and what came. */
#define NOTHING_DUE   "nothing, for no reply is due"
#define ONE_LINE_MORE "one more line"

/* An observation held back. */
struct deferred {
    enum rule rule;
    uint64_t offset;
    time_us at_us;
    char expected[160];
    char actual[200];
    uint8_t wire[OBSERVED_WIRE_OCTETS];
    size_t wire_size;
};

/* A row of LIST or UIDL, until the listing is complete. */
struct row {
    uint64_t number;
    uint64_t octets;        /* LIST */
    struct bytes unique_id; /* UIDL: in the maildrop's arena */
};

struct conversation {
    struct conversation_options options;
    struct command_reader command_reader;
    struct reply_reader reply_reader;
    struct exchange *exchanges; /* all in flight; compacted when every reading is past them */
    size_t exchange_count;
    size_t exchange_capacity;
    struct reading readings[READINGS_MAX];
    size_t reading_count;
    bool joined; /* a bare LF was sent: under CRLF only, the next line begins with what stood before */
    bool greeting_due;
    bool handshake_due; /* STLS got +OK, and TLS has not begun */
    bool
        clear_spoken; /* since then both sides spoke in the clear: breaches count if TLS begins all the same */
    bool clear_held;
    struct deferred clear; /* the first such breach, where clear_held */
    bool challenged;
    bool refused;       /* by the greeting */
    bool line_answered; /* the endless line being sent has got its reply already */
    bool in_reply;      /* between a reply's first octet and its END */
    bool end_due;       /* the next event is the END of a reply without body */
    bool
        body_optional; /* of the reply being read the first line came; a body may follow or not (LANG alone) */
    bool unasked;      /* the reply being read answers nothing */
    bool silent;       /* accuse nobody any more */
    bool lost;         /* cannot follow the wire any more */
    bool derailed;
    enum rule derailed_by;
    bool saw_unasked;
    bool said_farewell; /* a refusal that no command was owed, and then the close */
    bool last_was_negative;
    uint64_t sent_count;        /* commands, in any reading */
    uint64_t sent_when_refused; /* of them, when the last reply came; 0: it was no refusal */
    bool may_be_farewell; /* the last reply was one behind a refusal, to a command sent before that came */
    bool announced_codes; /* by CAPA in this session */
    bool announced_auth_codes;
    bool announced_pipelining;
    bool announced_utf8;
    bool proven[COMMAND_VERB_COUNT]; /* got +OK in this session */
    bool agreed;                     /* all readings say that the reply being read answers the same command */
    struct exchange current;         /* what the reply being read answers */
    bool capabilities_known;
    struct capability_set *capabilities; /* from the first CAPA on; NULL before it */
    bool before_login_known;             /* what CAPA said before login, under the TLS that there is */
    struct capability_set *before_login;
    struct maildrop maildrop;
    char timestamp[256];
    size_t timestamp_size;
    struct deferred deferred[DEFERRED_MAX];
    size_t deferred_count;
    /* The body being read. */
    struct row *rows;
    size_t row_count;
    size_t row_capacity;
    bool rows_bad; /* a row was not of the form: the set is not compared */
    struct line_chain chain;
    struct line_feed feed;
    uint64_t body_offset;
    bool body_odd; /* bare CR, LF or NUL in the body: judged for framing only */
    bool
        first_line_in_lf; /* the last first line ended in a bare LF: what comes next may be the rest of its text */
    bool after_bare_lf; /* the body line before ended in a bare LF: a dot behind it may stand inside a line */
};

/* What follows on this connection may come of RULE's breach, since replies are taken for others. */
void conversation_derail(struct conversation *conversation, enum rule rule);
/* Reports a broken rule now, unless the conversation is silent. ACTUAL is a sentence; WIRE may be empty. */
void conversation_observe(struct conversation *conversation, enum rule rule, uint64_t offset, time_us now_us,
                          struct bytes wire, const char *expected, const char *format, ...) PRINTF_LIKE(7, 8);
/* The same, held back: dropped when the target closes next, reported by another reply, by silence, or when we leave. */
void conversation_defer(struct conversation *conversation, enum rule rule, uint64_t offset, time_us now_us,
                        struct bytes wire, const char *expected, const char *actual);
/* Reports what was held back: nothing that excuses it has come. */
void conversation_report_deferred(struct conversation *conversation);
/* Adds a reading, or falls silent where the set is full. Takes over READING's storage. */
void conversation_add_reading(struct conversation *conversation, struct reading reading);
/* TLS has begun, although both sides had gone on in the clear: what was held back is reported. */
void conversation_end_clear_speech(struct conversation *conversation);
/* What a server may begin TLS with (RFC 8446 section 5.1; RFC 5246 section 7.4.1.1 lets it ask for the handshake). */
bool conversation_begins_record(struct bytes octets);
/* The next exchange that READING is owed a reply to; NULL if none. */
const struct exchange *conversation_owed_head(const struct conversation *conversation,
                                              const struct reading *reading);
/* True where text that begins with [ is a response code (RFC 2449 section 6.4). */
bool conversation_has_codes(const struct conversation *conversation);
/* True where sizes need not be exact, and a message that needs UTF-8 mode may be refused (RFC 6856 section 2.1). */
bool conversation_has_utf8(const struct conversation *conversation);
/*
 * True where message NUMBER may be one that needs UTF-8 mode: what is sent in its place, if it isn't refused, is the
 * server's own making (RFC 6856 section 2.1), and may be another each time.
 */
bool conversation_may_be_surrogate(const struct conversation *conversation, uint64_t number);
/* What is known of message NUMBER from its delivery; NULL if nothing. */
const struct message_hint *conversation_hint(const struct conversation *conversation, uint64_t number);

/* auditor.c */
void audit_status(struct conversation *conversation, const struct conversation_event *event, time_us now_us);
void audit_body(struct conversation *conversation, const struct reply_event *event, time_us now_us);
void audit_end(struct conversation *conversation, const struct reply_event *event, time_us now_us);

/* response_codes.c: called for the status line of every reply to a command. */
void response_codes_status(struct conversation *conversation, const struct conversation_event *event,
                           time_us now_us);

/* challenges.c: called for every challenge of an AUTH exchange. */
void challenges_status(struct conversation *conversation, const struct conversation_event *event,
                       time_us now_us);

/* capabilities.c: a line of CAPA's list, and its end. */
void capabilities_line(struct conversation *conversation, const struct reply_event *event, time_us now_us);
void capabilities_end(struct conversation *conversation, time_us now_us);

/* listings.c: called for replies that are +OK, after the readings were filtered by the status line. */
void listings_status(struct conversation *conversation, const struct conversation_event *event,
                     time_us now_us);
void listings_body(struct conversation *conversation, const struct reply_event *event, time_us now_us);
/* The same for whole lines without facts, of a message. */
void listings_message_lines(struct conversation *conversation, const struct bytes *texts, size_t count);
void listings_end(struct conversation *conversation, time_us now_us);

#endif
