/*
 * A target: the server under test as the user described it, by a target file (design section 5) or by
 * HOST[:PORT] or a POP3 URL with flags. Plain data in an arena of its own; nothing here opens a connection.
 *
 * The target file, all keys but `host` optional; an unknown key is an error with its place and a suggestion:
 *
 *   target: NAME
 *   software: TEXT        what it is, for reports: "Dovecot 2.3.19.1"
 *   repeat: COMMAND       what sets it up and runs all again, for reports
 *   host: HOST
 *   port: 110
 *   tls: {starttls: true, implicit-port: 995, use: none|starttls|implicit, name: HOST, ca: F, verify: false,
 *         cert: F, key: F}
 *   accounts:
 *     - {user: U, pass: P | pass-env: VARIABLE | pass-file: F, apop: true | apop: SECRET,
 *        token: T | token-env: VARIABLE | token-file: F,
 *        login: user-pass|apop|plain|login|cram-md5|scram-sha-1|scram-sha-256|digest-md5|xoauth2|oauthbearer}
 *   provision: {maildir: PATH, line-ends: lf|crlf}            {user} in PATH is the account's name
 *          or  {mbox: PATH, lock: dot|fcntl|both}
 *          or  {lmtp: HOST:PORT, recipient: "{user}"}         or smtp; without a port 24 and 25
 *          or  {command: {reset: COMMAND, deliver: COMMAND}}  for /bin/sh, in the folder of the target file
 *   health: {pid-file: F, log: F, log-pattern: "Panic|signal"}
 *   delays: {login: 0s, bad-login: 0s}
 *   bad-logins: alone|together   whether scenarios that send wrong passwords keep the server to themselves, and come last
 *   timeouts: {connect: 10s, reply: 10s, login: 35s, provision: 30s}
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "pop3/login.h"

/* How sessions reach the server unless a transport or a scenario says otherwise. */
enum target_tls {
    TARGET_TLS_NONE,
    TARGET_TLS_STARTTLS,
    TARGET_TLS_IMPLICIT,
};

enum target_provision {
    TARGET_PROVISION_NONE,
    TARGET_PROVISION_MAILDIR,
    TARGET_PROVISION_MBOX,
    TARGET_PROVISION_LMTP,
    TARGET_PROVISION_SMTP,
    TARGET_PROVISION_COMMAND,
};

enum target_lock { TARGET_LOCK_DOT, TARGET_LOCK_FCNTL, TARGET_LOCK_BOTH };

struct target_account {
    const char *user;
    const char *pass;        /* "" if none was given */
    const char *apop_secret; /* NULL: APOP is not for this account */
    const char *token;       /* for XOAUTH2 and OAUTHBEARER; NULL: neither is for this account */
    enum login_method login;
};

struct target {
    struct arena arena;     /* owns every text below */
    const char *name;       /* "dovecot-lab", or the address */
    const char *software;   /* for reports; NULL: not said */
    const char *repeat;     /* for reports; NULL: not said */
    const char *host;       /* name or address, no brackets */
    uint16_t port;          /* without TLS at first; 0: none is known (pop3s://) */
    uint16_t implicit_port; /* TLS from the first octet; 0: none is known */
    bool starttls;          /* STLS is worth trying: the user says so, or did not say otherwise */
    enum target_tls tls;
    const char *tls_name; /* name in the certificate; NULL: host */
    const char *tls_ca;   /* file; NULL: the system's */
    bool tls_verify;
    const char *tls_cert; /* client certificate and key; NULL: none */
    const char *tls_key;
    const char *source; /* local address to connect from; NULL: any */

    struct target_account *accounts;
    size_t account_count;

    enum target_provision provision;
    const char *provision_path;      /* maildir and mbox; holds {user} */
    bool provision_crlf;             /* maildir: messages are stored with CRLF line ends */
    enum target_lock provision_lock; /* mbox */
    const char *mail_host;           /* lmtp and smtp */
    uint16_t mail_port;
    const char *mail_recipient;  /* holds {user} */
    const char *command_reset;   /* command; NULL: a session of POP3 empties the mailbox */
    const char *command_deliver; /* the message comes on standard input */
    const char *command_folder;  /* where commands run; NULL: where we do */

    const char *health_pid_file; /* NULL: not watched */
    const char *health_log;
    const char *health_log_pattern; /* POSIX extended regular expression */

    int64_t login_delay_us;     /* kept between two logins of one account */
    int64_t bad_login_delay_us; /* kept behind each login that failed */
    bool bad_logins_together; /* a wrong password costs nobody else anything: such cases are like any other */
    int64_t connect_timeout_us;
    int64_t reply_timeout_us;
    int64_t login_patience_us;    /* how long a refused login is tried again */
    int64_t provision_timeout_us; /* for each delivery by lmtp and smtp, and for each command */
};

enum { TARGET_ACCOUNTS_MAX = 64 };

/* True when ACCOUNT has what a login by METHOD takes. */
bool target_account_allows(const struct target_account *account, enum login_method method);

/* A target with no host and the default timeouts; release it with target_release. */
void target_init(struct target *target);
void target_release(struct target *target);

/*
 * Fills TARGET (from target_init) in from FILE, or from TEXT that is reported as FILE. Relative paths in it
 * are relative to the directory of FILE. False with ERROR at the first thing that is wrong; TARGET must be
 * released either way.
 */
bool target_load(struct target *target, const char *file, struct error *error);
bool target_load_text(struct target *target, struct bytes text, const char *file, struct error *error);

/*
 * Fills in host, port and way of TLS from HOST, HOST:PORT, [::1]:110, pop3://[user@]host[:port] or
 * pop3s://[user@]host[:port] (RFC 2384's form, without its AUTH part); a user becomes account 1, without
 * password.
 */
bool target_parse_address(struct target *target, const char *address, struct error *error);

/*
 * The flags -u and -p: sets user and password of account 1, which is made if there is none. Either may be
 * NULL: left as it is. A password alone without an account is an error.
 */
bool target_set_login(struct target *target, const char *user, const char *pass, struct error *error);

/* What cannot work together (implicit TLS without a port for it, a key without a certificate); called by
 * loaders, and by the command line again when its flags have changed something. */
bool target_check(const struct target *target, struct error *error);

/* "none", "starttls", "implicit", with ", not verified" behind it where that is so: for reports. */
const char *target_tls_text(const struct target *target);
bool target_tls_of_name(const char *name, enum target_tls *ret_tls);
/* "127.0.0.1:10110", with brackets about IPv6 addresses; in the target's arena, or in ARENA. */
const char *target_address_text(struct target *target);
const char *target_address_print(const struct target *target, struct arena *arena);

#endif
