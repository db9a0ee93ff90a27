/*
 * What a script is played on: a server, its clients, and for each client a judge. session_play.c plays; session_judge.c says what
 * must hold of any correct server, session_expected.c what of the default policy, session_logins.c what of logins, session_mail.c what
 * of mail.
 */
#ifndef FUZZ_SESSION_STAGE_H
#define FUZZ_SESSION_STAGE_H

#include "chunks.h"
#include "session_play.h"

#include "base/limits.h"
#include "model/conversation.h"

#define STAGE_USER     "u"
#define STAGE_PASSWORD "p"

/* Messages that are delivered in turn. */
enum { STAGE_MESSAGES = 5, DELIVERIES_MAX = 16 };

struct stage_message {
    const char *octets;
    const char *sent;         /* by RETR, without what byte-stuffing adds */
    struct message_hint hint; /* but for what it is the same as */
};

extern const struct stage_message stage_messages[STAGE_MESSAGES];

/* A message that is being read: as far as it has come, it is one of those that were delivered. */
struct retrieval {
    unsigned candidates; /* bit n: stage_messages[n]; 0: nothing is being read, or it is not compared */
    bool whole;          /* by RETR */
    size_t octets;       /* so far */
};

/* Messages by the order of their delivery, from 0, as a maildrop has them. */
struct mail_list {
    bool known;
    size_t count;
    int serials[DELIVERIES_MAX];
};

struct client {
    void *peer; /* NULL: not connected */
    struct conversation *conversation;
    struct buf *output;
    enum session_state state; /* when the last reply had been judged */
    bool judge_was_silent;    /* before the reply that is being read */
    bool named;               /* USER got +OK, and PASS may follow */
    bool misnamed;            /* ... with another name than the user's */
    bool just_named;          /* the last reply was +OK to the right USER */
    bool may_speak_utf8;      /* the server: it was asked for a language or for UTF-8, or may have been */
    struct mail_list opened;  /* by the login */
    struct retrieval retrieval;
    time_us active_us; /* when the last whole line was sent, or the connection began */
    bool handshake;    /* the server waits for one: what we send would be ciphertext */
    bool silent;       /* half-closed */
    bool mid_line;     /* what was sent does not end in CRLF */
    bool after_cr;     /* its last octet is a CR */
    bool swallowing;   /* the output answers a NOOP that the script does not hold */
};

/* What one step of the script may have done to the mail, as its replies have it. */
struct update {
    bool possible;      /* QUIT may have been answered in the TRANSACTION state */
    bool certain;       /* it was, and no other: then so many messages were marked */
    size_t marks_least; /* under every reading */
    size_t marks_most;  /* under any */
};

/* RFC 1939 section 7. */
struct unique_id {
    size_t size; /* 0: nobody has asked for it */
    uint8_t octets[UNIQUE_ID_OCTETS_MAX];
};

struct stage {
    struct refserver *server;
    struct policy policy;
    const struct play_options *options;
    struct client clients[SCRIPT_CLIENTS];
    struct client *current;
    struct chunk_room room; /* where octets stand that go to the server or to the judge */
    time_us now_us;
    int sessions;
    int deliveries;
    struct message_hint hints[DELIVERIES_MAX]; /* of what was delivered */
    size_t mail_count;                         /* when the last step had ended */
    bool mail_went;                            /* the hints are no longer those of what is there */
    struct update update;
    struct mail_list present;
    struct unique_id unique_ids[DELIVERIES_MAX]; /* by the order of delivery; what is gone keeps its own */
};

/* session_judge.c */
struct conversation *stage_new_conversation(struct stage *stage);
/* What the judge is told before CLIENT sends anything. */
void stage_give_hints(const struct stage *stage, const struct client *client);
/* Judges what the server sent to CLIENT. */
void stage_judge(struct stage *stage, struct client *client, struct bytes octets);
/* The server has had its say and a turn. */
void stage_check_answered(const struct stage *stage, const struct client *client);
/* No timer runs out too early, the one that a step has set included. */
void stage_check_timers(const struct stage *stage);
/* CLIENT, which was last active at ACTIVE_US, has had its turn because time had passed. */
void stage_check_autologout(const struct stage *stage, const struct client *client, time_us active_us);
/* What holds behind each step of the script. */
void stage_check_lock(const struct stage *stage);

/*
 * session_expected.c. The command that the reply being read answers, NULL where the judge cannot tell: model/reading.h, private to
 * the model but for these oracles, says what is known of it.
 */
struct exchange;
const struct exchange *stage_answered(const struct client *client);
/* Whether COMMAND is LINE, but for the case of the keyword. */
bool stage_is_line(const struct exchange *command, const char *line);
/* EVENT is a status line, which came to CLIENT in the state BEFORE. */
void stage_check_expected(const struct stage *stage, const struct client *client,
                          const struct conversation_event *event, enum session_state before);
void stage_check_text(const struct stage *stage, struct client *client,
                      const struct conversation_event *event);

/* session_logins.c: EVENT is a status line. */
void stage_check_credentials(const struct stage *stage, struct client *client,
                             const struct conversation_event *event);
void stage_check_refusal(const struct stage *stage, const struct conversation_event *event);

/* session_mail.c: a status line to CLIENT, which was in the state BEFORE; what comes behind it; and what each step leaves. */
void stage_note_delivery(struct stage *stage, int serial);
void stage_note_login(const struct stage *stage, struct client *client, enum session_state before);
void stage_note_update(struct stage *stage, const struct client *client, enum session_state before);
void stage_begin_message(const struct stage *stage, struct client *client,
                         const struct conversation_event *event);
void stage_check_message(struct retrieval *retrieval, const struct reply_event *reply);
void stage_end_message(struct retrieval *retrieval);
void stage_check_unique_ids(struct stage *stage, const struct client *client);
void stage_check_mail(struct stage *stage);

#endif
