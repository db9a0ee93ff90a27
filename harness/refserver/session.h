/*
 * One connection to the reference server, without a socket (base/peer.h). The files of a session:
 *
 *   session.c        life, input, output, autologout          dispatch.c       lines -> commands, by state
 *   authorization.c  USER PASS APOP STLS CAPA, login          sasl.c           AUTH; sasl_<what>.c its mechanisms
 *   transaction.c    STAT LIST RETR DELE NOOP RSET TOP UIDL LAST               update.c   QUIT, UPDATE, leaving
 *   reply.c          structured replies and their rows        wire.c           their encoding
 *   body.c           what follows a status line, piece by piece               language.c       UTF8 LANG, in which words
 *
 * This header is theirs, and the faults' (which read it only); everybody else sees refserver.h.
 */
#ifndef REFSERVER_SESSION_H
#define REFSERVER_SESSION_H

#include "base/buf.h"
#include "base/peer.h"
#include "pop3/command.h"
#include "refserver/maildrop.h"
#include "refserver/refserver.h"
#include "refserver/scram.h"
#include "refserver/seam.h"

enum session_state {
    SESSION_AUTHORIZATION,
    SESSION_TRANSACTION,
    SESSION_OVER, /* nothing is executed any more */
};

enum sasl_mechanism {
    SASL_NONE,
    SASL_PLAIN,
    SASL_LOGIN,
    SASL_CRAM_MD5,
    SASL_SCRAM_SHA_1,
    SASL_SCRAM_SHA_256,
    SASL_DIGEST_MD5,
    SASL_XOAUTH2,
    SASL_OAUTHBEARER,
    SASL_MECHANISM_COUNT
};

enum {
    NAME_OCTETS_MAX = 255, /* of a user; RFC 4616 section 2 owes as many */
    NONCE_OCTETS_MAX = 16,
    TIMESTAMP_OCTETS_MAX = 320,  /* two numbers and the host's name */
    REPLY_TEXT_OCTETS_MAX = 506, /* 512 less indicator, space and CRLF (RFC 1939 section 3) */
};

struct body {
    enum response_body kind;       /* NONE: no body is being sent */
    size_t row;                    /* LINES, LIST, UIDL: sent so far */
    size_t index;                  /* LIST, UIDL: next message to look at */
    size_t lines_offset;           /* LINES: next line in session->lines */
    struct stored_message *stored; /* MESSAGE: one reference */
    struct buf surrogate; /* MESSAGE: the header that is sent in the place of the stored one; empty: none */
    size_t surrogate_sent;
    bool bodiless; /* MESSAGE: nothing follows the surrogate's header */
    uint64_t stored_offset;
    struct canonicaliser canonicaliser;
    bool whole;
    bool blank_line;
    bool in_headers;
    uint64_t lines_left; /* of the message's body */
    uint64_t octets_left;
    uint64_t column; /* octets in the line so far, CR excluded */
    bool finished;   /* nothing more to read */
};

struct wire {
    uint64_t offset;
    uint64_t line;
    uint64_t column;
    bool line_open;        /* LINE_START was passed */
    bool cr_pending;       /* a CR whose next octet hasn't come */
    bool line_end_pending; /* a line end that may be the last */
    bool newline_missing;
};

struct session {
    struct refserver *server;
    uint64_t serial; /* of the connection, from 1 */
    struct peer_info info;
    time_us now_us;
    time_us deadline_us;
    enum session_state state;
    bool tls;        /* all octets go through TLS */
    bool tls_wanted; /* STLS was answered by +OK; the handshake is not done */
    bool stls_late;  /* STLS waits for its reply, up to the deadline; a fault's doing */
    bool stls_begins;
    enum peer_handshake handshake; /* of STLS */
    bool stls_greets;              /* a fault's doing, too */
    bool greeted;
    bool served; /* it counts for the policy's connections_max */
    bool closing;
    bool unnotified; /* it closes without saying so to TLS */
    bool aborting;
    bool ended; /* the client sends no more */
    bool left;  /* session_leave() has been passed */

    struct command_reader reader;
    struct buf input;      /* received, not read */
    struct buf carried;    /* the line before a bare LF that is part of the line */
    struct buf spaced;     /* the line, its tabs taken for spaces */
    size_t input_read;     /* octets of input that the line being executed took */
    bool rest_dropped;     /* behind STLS: octets that are not TLS yet are thrown away */
    bool bare_lf_accepted; /* whatever the policy says */
    struct buf output;     /* encoded, not written */

    char timestamp[TIMESTAMP_OCTETS_MAX + 1];
    char name[NAME_OCTETS_MAX + 1]; /* of USER, while `named`; of the maildrop later */
    bool named;
    enum sasl_mechanism mechanism; /* of the exchange that is going on */
    unsigned round;                /* of it: client's messages so far */
    struct buf challenge;          /* the last one, before base 64 */
    struct buf
        claimed; /* whom the client says to be; LOGIN's and DIGEST-MD5's, and of a refusal that was told */
    bool refusal_told;                /* the reason was sent as a challenge; -ERR is to follow */
    struct scram scram;               /* SCRAM's */
    char nonce[NONCE_OCTETS_MAX + 1]; /* DIGEST-MD5's */

    struct user *user; /* whose maildrop is open; NULL */
    struct opened_maildrop maildrop;
    bool live;        /* the maildrop is listed anew before each command */
    uint64_t ordinal; /* of the sessions that opened it since it was emptied, from 1; for faults */
    bool read_only;   /* another session was there first: nothing is removed */

    struct command command; /* being executed; its octets are valid until it is done */
    uint64_t number;        /* its first argument, 0 if that is no number */
    bool command_pipelined; /* more octets came with it in one piece */
    bool behind_pipelined;  /* it came in one piece with the one before; for faults */
    bool positive;          /* its reply */
    size_t subject;         /* index of the message that the reply is about */
    size_t remaining;       /* messages left behind UPDATE */
    unsigned bad_commands;
    unsigned failed_logins;
    unsigned failed_auths; /* AUTH answered by -ERR behind a mechanism that is known */
    unsigned capas;        /* CAPA answered so far */
    bool utf8;             /* UTF-8 mode was enabled */
    size_t language;       /* of enum language; LANGUAGE_COUNT: none was asked for */
    bool named_twice;      /* USER came twice in a row, and was accepted */
    time_us opened_us;     /* when the connection was made */
    uint64_t commands;     /* executed so far */
    uint64_t octets_sent;
    bool rset_seen;
    unsigned retrieved; /* RETR answered by +OK so far */
    bool identified;    /* UIDL was answered by +OK */

    struct body body;
    struct buf unique_id;      /* of the last view_unique_id() */
    struct buf lines;          /* for RESPONSE_BODY_LINES, each ended by LF */
    struct bytes reply_behind; /* literal octets behind the body */
    struct wire wire;
};

/* session.c */
void session_touch(struct session *session);
/* Nothing is executed for so long. */
void session_wait(struct session *session, int64_t span_us);
void session_close(struct session *session);
void session_abort(struct session *session);
/* Another connection may be served in its place. */
void session_make_room(struct session *session);
/* A new timestamp or challenge: a msg-id (RFC 822). */
void session_timestamp(struct session *session, char *out, size_t size);

/* dispatch.c: one line as the reader gave it. */
void session_line(struct session *session, const struct command_line *line, bool in_pieces,
                  bool line_end_in_pieces);

/* authorization.c */
void authorization_capa(struct session *session);
void authorization_user(struct session *session);
void authorization_pass(struct session *session);
void authorization_apop(struct session *session);
void authorization_stls(struct session *session);
/* +OK to STLS, and the negotiation begins. */
void authorization_stls_answer(struct session *session);
bool authorization_stls_offered(const struct session *session);
bool authorization_plaintext_allowed(const struct session *session);
/* NAME with the right proof (RIGHT) wants its maildrop; answers the command. */
void authorization_login(struct session *session, struct bytes name, bool right);
/* The user of that name, prepared by SASLprep where names may be UTF-8, or NULL. */
struct user *authorization_find(const struct session *session, struct bytes name);
/* The user whom the session has named; NULL if there is none of that name. */
struct user *authorization_named(const struct session *session);

/* language.c: RFC 6856. */
void language_utf8(struct session *session);
void language_lang(struct session *session);
/* The line of CAPA's list that announces UTF8. */
const char *language_utf8_capability(const struct session *session);
/* Both as at the beginning: neither UTF-8 mode nor a language. */
void language_forget(struct session *session);
/* The sentence of the session's language for TEXT (of enum reply_text), or NULL. */
const char *language_sentence(const struct session *session, size_t text);
/* True where texts may be UTF-8. */
bool language_speaks_utf8(const struct session *session);

/* sasl.c */
void sasl_auth(struct session *session);
void sasl_response(struct session *session, struct bytes line);
/* The exchange, if one is going on, is over. */
void sasl_end(struct session *session);
/* True for the name of a mechanism that this server has, offered now or not. */
bool sasl_knows(struct bytes name);
/* True when POLICY has any mechanism. */
bool sasl_is_known(const struct policy *policy);
/* Appends the mechanisms that are offered now, SEPARATOR between them. */
void sasl_append_mechanisms(const struct session *session, char separator, struct buf *text);

/* transaction.c */
void transaction_stat(struct session *session);
void transaction_list(struct session *session);
void transaction_uidl(struct session *session);
void transaction_retr(struct session *session);
void transaction_top(struct session *session);
void transaction_dele(struct session *session);
void transaction_noop(struct session *session);
void transaction_rset(struct session *session);
void transaction_last(struct session *session);

/* update.c */
void update_quit(struct session *session);
/* The session ends for CAUSE, once: locks and references are given back. */
void session_leave(struct session *session, enum leave_cause cause);

/* view.c: what replies may say of the maildrop. */
bool view_find(struct session *session, struct bytes argument, size_t *ret_index);
bool view_row(struct session *session, size_t index, uint64_t *ret_number);
uint64_t view_size(struct session *session, size_t index);
/* The unique-id of message INDEX; valid until the next seam is passed. */
struct bytes view_unique_id(struct session *session, size_t index);
void view_totals(struct session *session, uint64_t *ret_count, uint64_t *ret_octets);

/* How message INDEX would be sent if nothing else were wrong. */
enum content_form view_content_form(const struct session *session, size_t index);

/* body.c */
enum body_begun { BODY_BEGUN, BODY_UNREADABLE, BODY_NEEDS_UTF8 };
/* Begins to send message INDEX, unless it cannot be read any more or needs UTF-8 mode. */
enum body_begun body_begin_message(struct session *session, size_t index, bool whole, uint64_t body_lines);
void body_begin_rows(struct session *session, enum response_body kind);
/* Sends on until the body is over or enough is waiting to be written. */
void body_fill(struct session *session);
void body_release(struct body *body);

#endif
