/*
 * The reference server: a POP3 server without sockets, files of configuration, clock or randomness of its own, which
 * keeps every clause the suite judges by - until a fault is switched on. Its sessions are carried by anything that
 * obeys base/peer.h; `pop3spec serve` puts sockets around it (refserver/shell), `prove` runs it in memory.
 *
 * It owns its users and their maildrops. It must outlive its sessions; policy and faults may change between sessions,
 * and hold for those that are open too.
 */
#ifndef REFSERVER_REFSERVER_H
#define REFSERVER_REFSERVER_H

#include "base/attributes.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/peer.h"
#include "refserver/faults/faults.h"
#include "refserver/policy.h"
#include "refserver/seam.h"

enum { REFSERVER_DIGEST_OCTETS = 16, REFSERVER_SCRAM_OCTETS_MAX = 32 };

/* What one of SCRAM's mechanisms is made of (RFC 5802 section 2.2): H, HMAC, Hi. All answer OCTETS octets. */
struct refserver_scram_digest {
    size_t octets; /* 0: the mechanism is not offered */
    void (*hash)(struct bytes octets, uint8_t *ret_digest);
    void (*hmac)(struct bytes key, struct bytes octets, uint8_t *ret_digest);
    void (*derive)(struct bytes password, struct bytes salt, uint32_t iterations, uint8_t *ret_key);
};

/* MD5 and HMAC-MD5 (RFC 1321, RFC 2104), handed in: without them neither APOP, CRAM-MD5, DIGEST-MD5 nor SCRAM is offered. */
struct refserver_digests {
    void (*md5)(struct bytes octets, uint8_t ret_digest[REFSERVER_DIGEST_OCTETS]);
    void (*hmac_md5)(struct bytes key, struct bytes octets, uint8_t ret_digest[REFSERVER_DIGEST_OCTETS]);
    struct refserver_scram_digest scram_sha_1;
    struct refserver_scram_digest scram_sha_256;
};

struct refserver;

/*
 * SASLprep (RFC 4013), handed in: appends TEXT as it is compared, as a stored string or as a query. False when it is
 * not well-formed UTF-8, or has what is prohibited.
 */
typedef bool refserver_saslprep(struct bytes text, bool stored, struct buf *ret_prepared);

/* The sessions; their `server` is a struct refserver. */
extern const struct peer_ops refserver_peer_ops;

/* SEED makes timestamps and challenges; DIGESTS may be NULL and must outlive the server. Freed by refserver_free(). */
struct refserver *refserver_new(uint64_t seed, const struct refserver_digests *digests);
void refserver_free(struct refserver *server);

/* Without it names and passwords are plain octets, and UTF8 is announced without USER (RFC 6856 section 2.2). */
void refserver_set_saslprep(struct refserver *server, refserver_saslprep *saslprep);

/* The policy; what it borrows must outlive the server. The default is policy_init()'s. */
void refserver_set_policy(struct refserver *server, const struct policy *policy);
const struct policy *refserver_policy(const struct refserver *server);

/* Switches a fault on or off. */
void refserver_set_fault(struct refserver *server, enum fault fault, bool active);
void refserver_clear_faults(struct refserver *server);

/* A user whose maildrop is in memory; the name and password are copied. False when the name is taken or too long. */
bool refserver_add_user(struct refserver *server, const char *name, const char *password);
/* A user whose maildrop is the Maildir FOLDER. */
bool refserver_add_maildir_user(struct refserver *server, const char *name, const char *password,
                                const char *folder, struct error *error);

/* APOP is answered by SECRET (copied) instead of the password. False for an unknown user. */
bool refserver_set_apop_secret(struct refserver *server, const char *user, const char *secret);
/* XOAUTH2 and OAUTHBEARER are offered from now on, and take TOKEN (copied) for the user. False for an unknown user. */
bool refserver_set_token(struct refserver *server, const char *user, const char *token);
/* While FAILS, nothing can be removed from the user's maildrop at UPDATE (RFC 1939 section 6). False for an unknown user. */
bool refserver_fail_update(struct refserver *server, const char *user, bool fails);

/*
 * Provisioning. Each is false (with ERROR set) for an unknown user or a maildrop that fails. Octets are delivered as
 * they are; UNIQUE_ID may be NULL. refserver_reset() empties the maildrop and forgets locks and login delays.
 */
bool refserver_reset(struct refserver *server, const char *user, struct error *error);
bool refserver_deliver(struct refserver *server, const char *user, struct bytes octets, struct error *error);
bool refserver_deliver_as(struct refserver *server, const char *user, const char *unique_id,
                          struct bytes octets, struct error *error);
/* How many messages are stored; marks of open sessions don't count. 0 for an unknown user. */
size_t refserver_message_count(struct refserver *server, const char *user);
/* Appends message INDEX (from 0) as stored; false when there is none, or RET_OCTETS is too small. */
bool refserver_message(struct refserver *server, const char *user, size_t index, struct buf *ret_octets);

/* What happened since the record was last cleared. */
struct refserver_record {
    unsigned seams; /* bit 1 << enum seam: the seam was passed */
    uint32_t verbs
        [SEAM_COUNT]; /* bit 1 << enum command_verb: by that command (bit 0: by none or an unknown one) */
    uint64_t acted[FAULT_WORDS]; /* faults that acted, or would have, where the server surveys */
    uint64_t sessions;           /* opened */
};

const struct refserver_record *refserver_record(const struct refserver *server);
/* Forgets also what earlier connections did: faults that depend on it act by what comes from now on. */
void refserver_clear_record(struct refserver *server);
/* The mask of seams in the record. */
unsigned refserver_seams_consulted(const struct refserver *server);
bool refserver_fault_acted(const struct refserver *server, enum fault fault);
/*
 * While it surveys, every fault is asked at every seam whether it would act, and none does. A fault that would never
 * have acted in a case cannot change that case: prove runs each fault only on those cases in which it would.
 */
void refserver_survey(struct refserver *server, bool survey);

#endif
