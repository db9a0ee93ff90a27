/*
 * The step machine: runs one compiled scenario as an actor (base/actor.h), without descriptors, clock or randomness. It
 * feeds the model and its auditor with every octet, checks the scenario's own lines, keeps the transcript, and ends
 * in an outcome. The same machine serves run, prove, fuzzing and load.
 *
 * Safety by construction (design section 5): without `may_delete`, nothing that can be read as DELE is sent, QUIT is
 * refused while a mark may exist, and a session that used RETR or TOP ends by abort.
 */
#ifndef EXEC_MACHINE_H
#define EXEC_MACHINE_H

#include "base/actor.h"
#include "pop3/login.h"
#include "result/observation.h"
#include "result/transcript.h"
#include "scenario/fixture.h"
#include "scenario/program.h"

struct account {
    const char *user;
    const char *pass;
    const char *apop_secret; /* NULL: APOP is not for this account */
    const char *token;       /* NULL: neither is XOAUTH2 or OAUTHBEARER */
    const char *host;        /* of the server, as DIGEST-MD5 and OAUTHBEARER name it */
    uint16_t port;
    enum login_method login;
};

/*
 * What needs cryptography or a SASL library, handed in so that exec links neither. Each appends to RET_TEXT; false:
 * it cannot be done.
 */
struct credential_ops {
    /* The APOP digest in lower-case hexadecimal (RFC 1939 section 7). */
    bool (*apop_digest)(struct bytes timestamp, struct bytes secret, struct buf *ret_text);
    /* Begins an exchange as ACCOUNT, which must outlive it; NULL when METHOD is not AUTH or the account lacks its secret. */
    void *(*sasl_begin)(enum login_method method, const struct account *account);
    /* The client's next message, before base 64; CHALLENGE is the server's last, decoded. */
    enum sasl_progress (*sasl_step)(void *exchange, struct bytes challenge, struct buf *ret_text);
    /* Takes NULL. */
    void (*sasl_end)(void *exchange);
};

/* A message that was delivered to the mailbox of account 1 before the case began, in order of delivery. */
struct delivered {
    const struct fixture *fixture;
    uint64_t serial;
    struct bytes octets; /* as delivered; outlives the machine */
};

/* What is known of the target's abilities when the case starts. */
struct target_facts {
    bool capa; /* CAPA is supported: commands up to 255 octets are owed */
    bool pipelining;
    bool resp_codes;
    bool auth_resp_code;
    bool utf8;
    bool delivery_order; /* message-number n is the nth delivered */
    bool exact_store;    /* messages come back octet for octet */
    bool expire_zero;    /* EXPIRE 0 is announced: RETR and QUIT may delete */
};

struct transport {
    const char *name; /* "lines", "octets", "crlf", "pipelined", "stls", "implicit" */
    enum split_mode split;
    bool pipelined; /* commands are sent ahead of the replies before them, where that is legal */
    bool starttls;  /* connections are upgraded before the dialog begins */
    bool implicit_tls;
};

struct machine_options {
    const struct scenario *scenario;
    const struct fixture_set *fixtures;
    const struct account *accounts; /* {user}, {user 2}, ... */
    size_t account_count;
    const struct delivered *mailbox; /* when scenario->mailbox_given */
    size_t mailbox_count;
    struct target_facts facts;
    struct transport transport;
    struct credential_ops credentials;
    bool may_delete;
    int64_t reply_timeout_us;            /* how long a reply is waited for */
    int64_t login_patience_us;           /* how long a refused login is tried again (35 s) */
    bool lock_may_stay;                  /* an earlier case left a session of these accounts without QUIT */
    int64_t time_scale_percent;          /* 100: spans of the scenario as written */
    const char *const *variables;        /* "name=value", NULL at the end; NULL: none */
    struct observer observer;            /* auditor's and model's observations */
    struct transcript_listener listener; /* of the transcript, as it grows */
};

enum outcome_kind {
    OUTCOME_RUNNING,
    OUTCOME_PASSED,
    OUTCOME_FAILED,  /* a line of the scenario was not met */
    OUTCOME_BLOCKED, /* the way there failed: connect, greeting, TLS, login */
    OUTCOME_SKIPPED, /* a step became impossible in a legal way; reason says how */
    OUTCOME_REFUSED, /* a safety rule stopped it; reason says which */
    OUTCOME_ERROR,   /* the scenario could not go on for a reason of ours or the host's */
};

struct outcome {
    enum outcome_kind kind;
    const struct step *step; /* where it ended; NULL at the way there */
    struct buf reason;       /* a sentence; may quote the target */
    struct buf expected;     /* FAILED */
    struct buf actual;       /* FAILED; raw octets of the target may stand in it */
    int connection;
    bool connected;    /* some connection was opened */
    bool logged_in;    /* some session came to TRANSACTION */
    bool left_session; /* one of them ended without QUIT: its lock may outlive the case */
    bool locked_out;   /* SKIPPED, since a login was refused where such a lock may stay */
    bool in_vain;      /* something owed was awaited until its time was up: a host under load may be why */
    bool two_readings; /* an alternative other than the first was taken: worth an info */
    bool
        may_hold_mail; /* RETR or TOP was used, or messages marked: provisioning must not trust the mailbox */
    time_us began_us;
    time_us ended_us;
};

struct machine;

extern const struct actor_ops machine_actor_ops; /* the actor is the struct machine */

/* What OPTIONS points to must outlive the machine. */
struct machine *machine_new(const struct machine_options *options);
void machine_free(struct machine *machine);
/* Final once the machine has asked ASK_DONE. Valid until machine_free. */
const struct outcome *machine_outcome(const struct machine *machine);
const struct transcript *machine_transcript(const struct machine *machine);
/* What was known of the target when the case began. */
const struct target_facts *machine_facts(const struct machine *machine);
/* Ends it now: the outcome becomes ERROR with REASON (an interrupt), unless it has one. */
void machine_stop(struct machine *machine, const char *reason);

#endif
