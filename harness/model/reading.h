/*
 * A reading: one legal way to understand what was sent on a connection so far. Private to model/.
 */
#ifndef MODEL_READING_H
#define MODEL_READING_H

#include "model/conversation.h"

/* How a server may cut what it receives into lines. */
enum line_mode {
    LINE_MODE_LF = 1 << 0,   /* a bare LF ends a line */
    LINE_MODE_CRLF = 1 << 1, /* only CRLF does */
};

/* A command in flight. */
struct exchange {
    enum command_verb verb;
    unsigned facts;  /* of enum command_fact */
    unsigned modes;  /* of enum line_mode: the readings in which this is a command */
    bool answerable; /* so plain a line that a reply of some kind is owed to it, and not the close instead */
    bool canonical;  /* the form that RFC 1939 and 2449 define: it is owed the reply they define */
    bool optional;   /* sent where it may be dropped (behind STLS, say): may go unanswered */
    bool challenged; /* AUTH: a challenge came */
    bool odd_number; /* its message-number is not plain digits, or has leading zeros */
    bool has_number;
    uint64_t order;  /* of sending, from 1 */
    uint64_t number; /* message-number; saturated where it does not fit */
    uint64_t lines;  /* TOP */
    size_t argument_count;
    enum conversation_shape shape;
    char text[48]; /* the head of the line, for reports; octets made safe */
};

struct marks {
    uint64_t *words; /* bit n-1 of the run: message n */
    size_t word_count;
    size_t count;
};

struct reading {
    unsigned modes; /* of enum line_mode: those not yet told apart */
    enum session_state state;
    bool user_given;
    struct marks marks;
    size_t cursor; /* index of the next exchange that may be owed */
};

void reading_release(struct reading *reading);
struct reading reading_copy(const struct reading *reading);
/* Two readings that can never differ again are one. */
bool reading_same(const struct reading *a, const struct reading *b);

bool marks_has(const struct marks *marks, uint64_t number);
void marks_add(struct marks *marks, uint64_t number);
void marks_clear(struct marks *marks);

/* A rule that a reply breaks under a reading. */
struct breach {
    enum rule rule;
    const char *expected; /* a constant sentence; NULL: no breach */
    bool negative;        /* the reply was -ERR where +OK is owed: settled only when no close follows */
};

/*
 * What a status line for EXCHANGE breaks under READING; `expected` is NULL when it is legal. MAILDROP is what the
 * session said so far; PROVEN tells whether the verb already got +OK in it (optional commands).
 */
struct breach reading_judge(const struct reading *reading, const struct exchange *exchange,
                            const struct status_line *status, const struct maildrop *maildrop, bool proven);

/*
 * Carries out what a reply to EXCHANGE means in the session that said MAILDROP of itself so far. When the reply leaves two states possible (a refused form was taken),
 * the second is put in *ret_fork and true is answered.
 */
bool reading_apply(struct reading *reading, const struct exchange *exchange, enum status_indicator indicator,
                   const struct maildrop *maildrop, struct reading *ret_fork);

#endif
