/* What a struct refserver is made of: for refserver's own files only. */
#ifndef REFSERVER_SERVER_H
#define REFSERVER_SERVER_H

#include "base/buf.h"
#include "base/rng.h"
#include "base/time.h"
#include "refserver/refserver.h"
#include "refserver/store.h"

struct user {
    char *name;          /* owned */
    char *password;      /* owned */
    char *apop_secret;   /* owned; NULL: the password */
    char *token;         /* owned; NULL: none */
    struct store *store; /* owned */
    bool update_fails;   /* nothing can be removed at UPDATE, as on a full disk */
    uint64_t lock_owner; /* serial of the session that holds the exclusive lock; 0: none */
    time_us
        lock_until_us; /* when it is given back although its owner did not: TIME_NEVER while that one lives */
    size_t last;       /* for LAST: the highest message-number that sessions before accessed */
    size_t session_count;  /* sessions that have the maildrop open */
    bool logged_in_before; /* since the last reset */
    time_us last_login_us;

    /* Since the last reset, for faults that remember what the correct server has no need to. */
    unsigned named_count;     /* USER with this name */
    time_us penalty_until_us; /* logins of whoever has the password are refused up to here, too */
    unsigned login_count;     /* credentials for it, right or wrong */
    uint64_t oldest_serial;   /* of the connections made since then: what older ones do counts no more */
    uint64_t opened_count;    /* sessions that opened the maildrop */
    unsigned broken_count;    /* sessions that ended without QUIT */
    size_t
        abandoned_marks; /* the highest message-number that was marked when the last of them ended; 0: none */
};

struct refserver {
    struct policy policy;
    const struct refserver_digests *digests; /* borrowed; may be NULL */
    refserver_saslprep *saslprep;            /* may be NULL */
    struct rng rng;
    struct user **users; /* each stays where it is while others are added */
    size_t user_count;
    bool has_tokens;            /* of some user */
    uint64_t session_count;     /* ever */
    size_t open_count;          /* sessions that have not been freed; for faults, as what follows */
    bool cut_short_behind_stls; /* the same, behind STLS or the handshake */
    size_t served_count;        /* sessions that were greeted and have not ended */
    bool cut_short; /* a client broke off within a line or a reply since the last connection was made */
    bool vanished;  /* ... before its first command, likewise */
    bool silent;    /* a client ended its connection without a command, likewise */
    uint64_t
        first_serial; /* of the connections made since the record was cleared: what older ones do counts no more */
    uint64_t longest_line; /* octets of the longest line that the last session sent */
    bool formatted;        /* a line of the last session had a percent sign */
    bool
        encoded_badly; /* a SASL response of the last session had an exclamation mark, which is not base 64 */
    bool line_empty;   /* a line of the last session was empty */
    bool eighth_bit;   /* a line of the last session had octets above 127 */
    bool puzzled;      /* a command of the last session had an argument that is no message-number */
    uint64_t timestamp_count;

    enum fault active[FAULT_COUNT]; /* in the order in which they were switched on */
    size_t active_count;
    bool survey;
    /* SEAM_COUNT of them: the faults of each seam; NULL before the first survey. */
    enum fault (*surveyed)[FAULT_COUNT];
    size_t surveyed_count[SEAM_COUNT];
    struct buf scratch[2]; /* for the octets of hooks: a hook may read one while it writes the other */
    size_t scratch_index;
    struct refserver_record record;
};

/* What earlier connections did is over. */
void refserver_forget_connections(struct refserver *server);
/* The user called NAME, or NULL. */
struct user *refserver_find_user(const struct refserver *server, struct bytes name);

#endif
