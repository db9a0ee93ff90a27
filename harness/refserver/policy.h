/*
 * struct policy: everything in which correct POP3 servers may differ, as data. The default is the reading closest to
 * the letter of the RFCs; each row of variants.def changes it into another one that is just as legal. Nothing in here
 * makes the server break a clause: that is what faults/ is for.
 */
#ifndef REFSERVER_POLICY_H
#define REFSERVER_POLICY_H

#include "base/bytes.h"
#include "base/time.h"

/* The words behind a status indicator. */
enum policy_text {
    TEXT_OWN,          /* the server's own sentences */
    TEXT_RFC,          /* word for word what the RFCs' examples print */
    TEXT_NONE,         /* nothing: a bare "+OK" wherever no format is demanded */
    TEXT_BLANK,        /* nothing behind a space: "+OK " (RFC 1957 knows such servers) */
    TEXT_LONGEST,      /* filled up to 512 octets with the line end (RFC 2449 section 4) */
    TEXT_UNKNOWN_CODE, /* behind a response code of the server's own (RFC 2449 section 8) */
};

enum policy_bare_lf {
    BARE_LF_REFUSED,  /* -ERR: commands end in CRLF (RFC 1939 section 3) */
    BARE_LF_ACCEPTED, /* a line end like CRLF */
    BARE_LF_IGNORED,  /* an octet like others: the line goes on up to CRLF */
};

enum policy_injection {
    INJECTION_DROPPED, /* STLS answers +OK, what stands behind it is never executed */
    INJECTION_REFUSED, /* STLS with octets behind it answers -ERR */
    INJECTION_CLOSED,  /* the connection is closed at once */
    INJECTION_FATAL,   /* STLS answers +OK, and what stands behind it makes the negotiation fail */
};

/* RFC 6856. */
enum policy_utf8 {
    UTF8_UNKNOWN, /* UTF8 is no command, and messages are sent as they are */
    UTF8_ACCEPTED,
    UTF8_REFUSED, /* announced, and -ERR all the same (section 2.1) */
    UTF8_ONCE,    /* +OK, and -ERR when it comes again */
};

enum policy_lang {
    LANG_UNKNOWN,
    LANG_LISTED,       /* without argument the languages are listed */
    LANG_NONE,         /* the list has no lines, and no language can be selected */
    LANG_LIST_REFUSED, /* without argument -ERR (section 3.3) */
    LANG_ONE_LINE,     /* without argument one line: the list is multi-line "usually" (section 3.2) */
};

struct policy {
    /* Words. */
    enum policy_text text;
    const char *host;         /* in texts and timestamps; borrowed, must outlive the server */
    const char *timestamp;    /* of every greeting, with its brackets; NULL: a new one each time. Borrowed */
    const char *challenge;    /* of every CRAM-MD5 exchange, likewise */
    const char *digest_nonce; /* of every DIGEST-MD5 exchange, likewise */
    const char *digest_realm; /* NULL: the host. Borrowed */
    bool timestamp_in_the_middle; /* of the greeting, not at its end (RFC 2449 section 3) */
    /* What follows STAT's and LIST's octets (RFC 1939 section 5 leaves it open); NULL: nothing. */
    const char *listing_text;
    bool rset_counts;          /* RSET says what is in the maildrop */
    const char *greeting_note; /* at the end of the greeting; NULL: none. Borrowed */
    bool listings_backwards;   /* LIST and UIDL begin with the last message */

    /* Commands and capabilities. */
    bool capa;
    bool top;
    bool uidl;
    bool apop;
    bool stls;
    bool stls_fails;          /* announced and refused, for want of a certificate (RFC 8314 section 4) */
    bool stls_in_both_states; /* listed behind login too (RFC 2449 section 5) */
    bool last;
    bool last_remembers; /* LAST counts what earlier sessions accessed (RFC 1225), which RFC 1460 does not */
    bool top_headers_only; /* TOP with lines of the body is refused (RFC 1939 section 8) */
    bool user_pass;
    bool auth_plain;
    bool auth_login;
    bool auth_cram_md5;
    bool auth_scram_sha_1;
    bool auth_scram_sha_256;
    bool auth_digest_md5;
    bool auth_xoauth2; /* this and the next where a user has a token */
    bool auth_oauthbearer;
    bool auth_needs_tls;         /* no mechanism is offered before it */
    bool login_initial_accepted; /* AUTH LOGIN takes the name as initial response: it has no standard */
    bool scram_says_error; /* SCRAM's last challenge says why a message is refused (RFC 5802 section 7) */
    bool
        last_answer_unread; /* the answer to the last challenge, in which nothing is left to say, is not looked at */
    bool
        digest_initial_refused; /* AUTH DIGEST-MD5 refuses an initial response, by which a client comes back */
    bool tokens_need_tls;       /* XOAUTH2 and OAUTHBEARER are offered under TLS alone */
    bool token_needs_name;      /* OAUTHBEARER without a name is refused (RFC 7628 section 3.1) */
    bool token_error_untold;    /* a token is refused without the error result (RFC 4422 section 3.5) */
    uint32_t scram_iterations;
    bool external_listed;          /* as a mechanism, for clients that bring a certificate */
    bool auth_alone_lists;         /* AUTH without argument lists the mechanisms */
    bool response_codes;           /* used */
    bool response_codes_announced; /* as RESP-CODES and AUTH-RESP-CODE, if they are used */
    bool auth_resp_code_announced; /* if RESP-CODES is */
    bool in_use_code;              /* behind the refusal of a login to a locked maildrop */
    bool pipelining_announced;
    bool implementation_announced;
    bool implementation_behind_login; /* after login only (RFC 2449 section 6.9) */
    bool greeting_names_implementation;
    bool unlisted_optional_commands; /* TOP and UIDL work and are not in CAPA's list */
    bool private_capabilities;       /* lines nobody else knows stand among CAPA's */
    bool capabilities_lower_case;
    bool capabilities_end_in_blanks;
    bool capabilities_grow_under_tls; /* EXPIRE and IMPLEMENTATION are announced there only */
    const char *capabilities; /* CAPA's lines instead of all these, separated by LF; NULL: none. Borrowed */

    /* UTF-8 and languages (RFC 6856). */
    enum policy_utf8 utf8;
    bool utf8_user;       /* names and passwords may be UTF-8; needs SASLprep, see refserver_set_saslprep() */
    bool utf8_surrogates; /* for messages that need UTF-8 mode, outside of it; otherwise they are refused */
    bool utf8_surrogates_bodiless; /* such a surrogate is a header only, without the blank line */
    bool utf8_list_refused;        /* LIST n refuses them, too */
    bool utf8_bodies_refused;      /* 8-bit octets in a body need UTF-8 mode, too */
    bool
        stat_inexact; /* octets are rounded up (section 2.1), those of nothing too, where UTF8 is announced */
    bool list_inexact;   /* sizes count a line end as one octet, likewise (section 2.1 advises against it) */
    bool utf8_bars_stls; /* STLS behind UTF8 gets -ERR (section 2.1) */
    enum policy_lang lang;
    bool lang_lookup;             /* a range gets a language by RFC 4647 section 3.4, too: en-US gets en */
    bool lang_reversed;           /* languages are listed in another order */
    bool lang_capitals;           /* ... in capitals, which mean the same */
    const char *lang_preferred;   /* the tag that LANG * selects. Borrowed */
    const char *lang_of_the_user; /* the same once somebody has logged in; NULL: no other. Borrowed */

    /* AUTHORIZATION. */
    bool unknown_user_refused;
    bool unknown_user_told; /* with the code AUTH (RFC 3206 section 5 recommends against it) */
    bool busy_once;         /* the first login to a maildrop is refused with SYS/TEMP, where codes are sent */
    bool auth_in_trouble;   /* AUTH by any mechanism is refused with SYS/TEMP, where codes are sent */
    int64_t penalty_s; /* so long behind a failed login every other one of its user is refused; 0: never */
    bool user_again_accepted; /* USER behind USER replaces the name */
    bool user_kept_over_stls; /* PASS under TLS may follow a USER before it */
    bool capa_forgets_user;   /* PASS must follow USER immediately, CAPA counts too */
    bool plaintext_needs_tls; /* USER, PASS and PLAIN are refused without TLS */
    bool pass_spaces_refused; /* instead of being part of the password (RFC 1939 section 7) */
    bool close_after_failed_login;
    bool user_refused_while_locked; /* USER is, not PASS */
    bool exclusive_lock;            /* otherwise each session has its own view of what was there at login */
    int64_t lock_lingers_s;         /* so long behind a session that ended without QUIT */
    int64_t login_delay_s;          /* 0: none */
    int64_t login_delay_users_s;    /* the longest of any user, announced before login; 0: the same for all */
    bool second_session_read_only;  /* without an exclusive lock: who comes second removes nothing */
    bool login_delay_announced;     /* even if there is none */
    bool login_delay_at_user;       /* USER is refused, not PASS */
    enum policy_injection injection;

    /* Lines. */
    bool spaces_accepted;    /* several, leading and trailing ones */
    bool tabs_accepted;      /* as spaces, but in passwords */
    bool surplus_ignored;    /* what stands behind a command that has no arguments */
    bool plus_sign_accepted; /* before a message-number */
    bool long_lines_taken;   /* whatever is longer than 255 octets is a command like others */
    bool leading_zeros_refused;
    enum policy_bare_lf bare_lf;
    bool close_after_long_line;
    bool close_after_error;
    unsigned bad_commands_max; /* the last of so many is followed by a farewell and the close; 0: no limit */

    /* Maildrop. */
    bool identical_share_unique_id;
    bool unique_ids_longest;         /* 70 characters, of all that are legal */
    bool newest_first;               /* the last message delivered is number 1 */
    bool damaged_refused;            /* RETR and TOP refuse what is no Internet text message */
    bool retrieved_once;             /* RETR refuses what it has sent in this session (RFC 1939 section 8) */
    bool missing_newline_uncounted;  /* LIST counts a message without final newline two octets shorter */
    bool delivery_adds_header;       /* fields of its own before those of what is delivered */
    bool delivery_quotes_from;       /* lines that begin with "From " get a > before them */
    bool failed_update_removes_some; /* an UPDATE that fails may have got half way (RFC 1939 section 6) */
    bool retrieved_removed;          /* at UPDATE, as if marked */
    int64_t expire_days;             /* EXPIRE in CAPA; EXPIRE_NEVER, or EXPIRE_UNANNOUNCED */
    int64_t expire_users_days; /* the shortest of any user, announced before login; 0: the same for all */

    /* The connection. */
    unsigned connections_max;  /* at a time, from all clients; more are greeted by -ERR; 0: no limit */
    bool connections_wait;     /* ... or when one of the others has ended */
    int64_t autologout_s;      /* 0: none; at least 600 otherwise (RFC 1939 section 3) */
    bool autologout_speaks;    /* says -ERR before it closes */
    size_t segment_octets_max; /* of a write, for the first SMALL_SEGMENTS_OCTETS of a connection */
};

#define EXPIRE_NEVER       INT64_C(-1)
#define EXPIRE_UNANNOUNCED INT64_C(-2)

enum {
    AUTOLOGOUT_S = 600, /* RFC 1939 section 3: not less */
    SEGMENT_OCTETS_MAX = 32 * 1024,
    /* Segments that are made small stay so for this much: a message of megabytes would take for ever. */
    SMALL_SEGMENTS_OCTETS = 128 * 1024,
};

enum variant {
#define VARIANT(name, id, clause, what, skips, warns, ...) VARIANT_##name,
#include "refserver/variants.def"
#undef VARIANT
    VARIANT_COUNT
};

struct variant_info {
    const char *id;     /* "no-capa" */
    const char *clause; /* id of the clause that leaves it open */
    const char *what;   /* one line for lists */
    const char *skips; /* abilities that a server with it lacks, separated by spaces; "later-steps:N": what it
                           answers makes the steps behind impossible, in N percent of all cases at most; "" for none */
    const char *warns; /* ids of the `should` clauses that must give warn, separated by spaces; "" for none */
};

/* The default. */
void policy_init(struct policy *policy);
/* The policy under which the RFCs' printed examples come out word for word: host dewey, fixed timestamp and texts. */
void policy_init_rfc(struct policy *policy);
/* Changes POLICY as VARIANT says; several may follow each other, the last one wins where they meet. */
void policy_apply(struct policy *policy, enum variant variant);

const struct variant_info *variant_info(enum variant variant);
/* False when ID names no variant. */
bool variant_of_id(const char *id, enum variant *ret_variant);

#endif
