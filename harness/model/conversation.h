/*
 * One connection's conversation, seen from outside: every octet of both sides passes through here. It knows which
 * commands are owed a reply, hands the replies on as events, and checks two kinds of rule on the way: the auditor's,
 * about the wire (auditor.h), and the model's, about the maildrop (maildrop.h). What breaks one becomes an observation.
 *
 * Where the standard allows more than one reading of what we sent (does a bare LF end a line? did a refused number
 * mark a message?), the conversation holds a small set of readings at once. Each reply removes the readings that it
 * contradicts; a rule is broken only when none is left. When the set would pass READINGS_MAX, or the wire cannot be
 * followed any more, the conversation falls silent: it goes on handing out events and accuses nobody.
 */
#ifndef MODEL_CONVERSATION_H
#define MODEL_CONVERSATION_H

#include "base/time.h"
#include "model/maildrop.h"
#include "pop3/capability.h"
#include "pop3/command.h"
#include "pop3/reply.h"
#include "result/observation.h"

enum {
    READINGS_MAX = 8,
    /* Commands in flight on one connection: far above any scenario's pipeline; past it the conversation falls silent. */
    OWED_MAX = 8192,
};

enum session_state {
    SESSION_GREETING, /* the greeting is due */
    SESSION_AUTHORIZATION,
    SESSION_TRANSACTION,
    SESSION_OVER,    /* QUIT was answered: the connection is to be closed */
    SESSION_UNKNOWN, /* a rule was broken in a way that leaves the state open */
};

struct conversation_options {
    int connection;
    bool capa; /* 255-octet commands are owed a reply */
    bool resp_codes;
    bool auth_resp_code;
    bool pipelining; /* a command may be sent before the reply to the one before it */
    bool
        accompanied; /* another connection is open: a server may serve one behind the other (RFC 1939 section 10) */
    bool utf8;       /* CAPA lists UTF8: sizes may be inexact (RFC 6856 section 2.1) */
    const struct message_hint *hints; /* by message-number from 1 (hints[0] is message 1); may be NULL */
    size_t hint_count;
    struct observer observer;
};

struct conversation;

/* OPTIONS' hints must outlive the conversation. A greeting is due from the start. */
struct conversation *conversation_new(const struct conversation_options *options);
void conversation_free(struct conversation *conversation);

/* We sent OCTETS. SHAPE_BY_COMMAND is what the vocabulary says; FORCE_* speaks for the next whole line in OCTETS. */
enum conversation_shape { CONVERSATION_BY_COMMAND, CONVERSATION_SINGLE, CONVERSATION_MULTI };
void conversation_sent(struct conversation *conversation, struct bytes octets, enum conversation_shape shape);

/*
 * Reads the target's octets from the front of *input, up to the next event, and steps over them. REPLY_NONE: all was
 * read. Octets that no command is owed are taken as events too, with conversation_unasked() true while they last.
 */
struct conversation_event {
    struct reply_event reply;
    struct status_line status; /* STATUS */
    enum command_verb verb;    /* what it answers; COMMAND_UNKNOWN for the greeting and unasked lines */
    bool greeting;
    bool unasked;
    bool body_follows; /* STATUS: a body comes before the END */
    bool bodiless;     /* END: the body that could have come did not, see conversation_settle_body() */
};
void conversation_next(struct conversation *conversation, struct bytes *input, time_us now_us,
                       struct conversation_event *ret_event);

/*
 * The short way for a message that the caller does not look at: reads those lines at the front of *input that break no
 * rule by themselves, and takes note of them as conversation_next() does. The result is how many they were, often 0;
 * conversation_next() says what comes next.
 */
uint64_t conversation_pass_lines(struct conversation *conversation, struct bytes *input);

/*
 * The reply to LANG without argument "will usually consist of multiple lines" (RFC 6856 section 3.2): one line is legal, too,
 * and told from a list by what comes behind it, another reply or nothing. True when the first line of such a reply is all
 * that came; from then on the reply counts as complete. To be asked when no more is waited for; the end, a timeout and
 * another reply behind it are taken for that answer by themselves.
 */
bool conversation_settle_body(struct conversation *conversation);

/* The target closed (RESET: by RST, or our writing failed). Pending rules are settled. */
void conversation_ended(struct conversation *conversation, bool reset, time_us now_us);
/* ... and under TLS it did so without a close alert. Told before conversation_ended. */
void conversation_truncated(struct conversation *conversation, time_us now_us);
/* True when the end, if it came now, would leave a command unanswered that must be answered. */
bool conversation_reply_is_missing(const struct conversation *conversation);
/* A reply, or the close behind QUIT, was waited for in vain. */
void conversation_timed_out(struct conversation *conversation, time_us now_us);
/* How long the close behind a refusal may take that makes it a farewell. */
#define CONVERSATION_FAREWELL_US (2 * US_PER_S)
/* We close, or stop listening. Pending rules are settled; a refusal that came but now may have been a farewell. */
void conversation_left(struct conversation *conversation, time_us now_us);
/* We send no more: whether the server goes on for what it has received is its own business. */
void conversation_half_closed(struct conversation *conversation);
/*
 * A TLS handshake was completed on the connection. CLEAR is what came in the clear behind the +OK to STLS and was not given
 * to conversation_next() yet: it is judged with what was.
 */
void conversation_secured(struct conversation *conversation, struct bytes clear, time_us now_us);

/* Replies that some reading owes us, the greeting included. */
size_t conversation_owed_max(const struct conversation *conversation);
/* Replies that every reading owes us. */
size_t conversation_owed_min(const struct conversation *conversation);
/* The state, where all readings agree, else SESSION_UNKNOWN. */
enum session_state conversation_state(const struct conversation *conversation);
/* True once it cannot follow the wire any more; nothing more should be sent that needs a judged reply. */
bool conversation_lost(const struct conversation *conversation);
/* True once it accuses nobody any more: what is known of the session may be wrong. */
bool conversation_silent(const struct conversation *conversation);
/* True when it is not silent, and all readings take the reply to a command that was read last for one to the same command. */
bool conversation_certain(const struct conversation *conversation);
/* True when the last whole reply was negative: a close behind it is legal. */
bool conversation_close_is_legal(const struct conversation *conversation);
/* True when replies are due, and none of them need come: to a bare LF, to commands that may be dropped. */
bool conversation_silence_is_legal(const struct conversation *conversation);
/* True when the close may stand for the reply that is due: to an overlong line, to NUL. */
bool conversation_end_is_legal(const struct conversation *conversation);
/*
 * True when a rule was broken after which replies cannot be told apart, or one reply cannot be read: what a scenario finds
 * from there on follows from that breach. *ret_rule is the rule.
 */
bool conversation_derailed(const struct conversation *conversation, enum rule *ret_rule);
/* True when a refusal, or a line too many, is judged by whether the target closes next: worth a moment's wait. */
bool conversation_undecided(const struct conversation *conversation);
/* Octets of the target that were read so far. */
uint64_t conversation_read_octets(const struct conversation *conversation);
/* Octets of a line that has not ended yet. */
uint64_t conversation_partial_octets(const struct conversation *conversation);
/*
 * True when the reply read last may be a farewell in a pipeline: a refusal behind a refusal, where the next command had been
 * sent before the first of them came. If the target closes next, it answers no command.
 */
bool conversation_may_be_farewell(const struct conversation *conversation);
/* True while a body is being read whose terminator has not come. */
bool conversation_in_body(const struct conversation *conversation);
/* True when lines came that no command was owed. */
bool conversation_saw_unasked(const struct conversation *conversation);
/* True when the target closed with a refusal that no command was owed: legal, but not without a word. */
bool conversation_said_farewell(const struct conversation *conversation);
/* True between the +OK to STLS and the handshake: no command may be sent. */
bool conversation_handshake_due(const struct conversation *conversation);
/*
 * The client of an AUTH exchange finds that the server has not proved itself, as its mechanism demands by RULE; ACTUAL says how.
 */
void conversation_server_unproved(struct conversation *conversation, enum rule rule, time_us now_us,
                                  const char *actual);
/* The handshake failed since the server speaks neither TLS 1.2 nor 1.3; ACTUAL says how that came out. */
void conversation_versions_refused(struct conversation *conversation, time_us now_us, const char *actual);
/* True when a "+ " challenge waits for our answer. */
bool conversation_challenged(const struct conversation *conversation);

/* Marks: true when NUMBER is marked under every reading; under any reading; when any message may be marked. */
bool conversation_marked(const struct conversation *conversation, uint64_t number);
bool conversation_maybe_marked(const struct conversation *conversation, uint64_t number);
bool conversation_any_mark(const struct conversation *conversation);

/*
 * What is known of the messages of the maildrop that was just opened, by message-number from 1 (HINTS[0] is message 1).
 * HINTS must outlive the conversation.
 */
void conversation_hint_messages(struct conversation *conversation, const struct message_hint *hints,
                                size_t hint_count);
/* True when LIST, or STAT of all, has said how large the message is at most that the reply being read sends: *ret_octets. */
bool conversation_octets_at_most(const struct conversation *conversation, uint64_t *ret_octets);
/* What this session said of its maildrop. */
const struct maildrop *conversation_maildrop(const struct conversation *conversation);
/* The greeting's timestamp with its brackets; data NULL if it has none. */
struct bytes conversation_timestamp(const struct conversation *conversation);
/* The last CAPA reply, NULL if there was none since the last change of state. */
const struct capability_set *conversation_capabilities(const struct conversation *conversation);

#endif
