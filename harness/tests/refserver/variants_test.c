/* Every variant does what it says, to the letter. */
#include "refserver/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LOGIN      "open\nC: USER u\nC: PASS secret word\n"
#define A50        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define A250       A50 A50 A50 A50 A50
#define SHORT_BODY "Subject: one|From: a.b@c||first line  |second|third|"
#define CAPABILITIES                                                                                         \
    "+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "                \
    "NEVER|UIDL|IMPLEMENTATION "                                                                             \
    "pop3spec-refserver|.|"

struct conversation {
    enum variant variant;
    const char *script;
    const char *said;
};

/* Over a server that has no words, no timestamp, and neither UTF8 nor LANG, except where those are the point. */
static const struct conversation conversations[] = {
    {VARIANT_BARE_STATUS, LOGIN "C: NOOP\nC: XYZZY\nC: QUIT", "+OK|+OK|+OK|+OK|-ERR|+OK|<CLOSE>"},
    {VARIANT_BLANK_STATUS, LOGIN "C: STAT\nC: XYZZY", "+OK|+OK |+OK |+OK 0 0|-ERR |"},
    {VARIANT_RFC_TEXTS, LOGIN "deliver short\nC: LIST\nC: RETR 1",
     "+OK POP3 server ready|+OK u is a real hoopy frood|+OK u's maildrop has 0 messages (0 octets)|"
     "+OK 0 messages (0 octets)|.|-ERR no such message, only 0 messages in maildrop|"},
    {VARIANT_UNKNOWN_RESPONSE_CODES, LOGIN "C: NOOP\nC: STAT",
     "+OK [X-POP3SPEC/DETAIL] pop.example POP3 server ready|+OK [X-POP3SPEC/DETAIL] now the password of u|"
     "+OK [X-POP3SPEC/DETAIL] u has 0 messages in 0 octets|+OK [X-POP3SPEC/DETAIL] nothing done|+OK 0 0|"},
    {VARIANT_LISTING_TEXT, "deliver short\n" LOGIN "C: STAT\nC: LIST\nC: LIST 1",
     "+OK|+OK|+OK|+OK 1 58 octets, as stored|+OK|1 58 octets, as stored|.|+OK 1 58 octets, as stored|"},
    {VARIANT_LISTING_TEXT_GLUED, "deliver short\n" LOGIN "C: STAT\nC: LIST\nC: LIST 1",
     "+OK|+OK|+OK|+OK 1 58,octets,as-stored|+OK|1 58,octets,as-stored|.|+OK 1 58,octets,as-stored|"},
    {VARIANT_RSET_BARE, LOGIN "C: RSET", "+OK|+OK|+OK|+OK|"},
    {VARIANT_LISTINGS_BACKWARDS,
     "deliver short\ndeliver open\n" LOGIN "C: LIST\nC: LIST 1\nC: DELE 1\nC: LIST",
     "+OK|+OK|+OK|+OK|2 35|1 58|.|+OK 1 58|+OK|+OK|2 35|.|"},
    {VARIANT_NO_CAPA, "open\nC: CAPA\nC: STLS\nC: AUTH PLAIN\nC: USER u\nC: PASS x",
     "+OK|-ERR|-ERR|-ERR|+OK|-ERR|"},
    {VARIANT_NO_TOP, "deliver short\n" LOGIN "C: TOP 1 0\nC: CAPA",
     "+OK|+OK|+OK|-ERR|+OK|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_NO_UIDL, LOGIN "C: UIDL\nC: CAPA",
     "+OK|+OK|+OK|-ERR|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "NEVER|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_NO_APOP, "open\nC: APOP u c4c9334bac560ecc979e58001b3e22fb", "+OK|-ERR|"},
    {VARIANT_NOTE_IN_BRACKETS, "open\nC: APOP u c4c9334bac560ecc979e58001b3e22fb",
     "+OK <4711.1700000000>|-ERR|"},
    {VARIANT_MINIMAL, LOGIN "C: CAPA\nC: TOP 1 0\nC: UIDL\nC: STAT", "+OK|+OK|+OK|-ERR|-ERR|-ERR|+OK 0 0|"},
    {VARIANT_NO_STLS, "open\nC: STLS\nC: CAPA",
     "+OK|-ERR|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_NO_AUTH, "open\nC: AUTH PLAIN\nC: CAPA",
     "+OK|-ERR|+OK|TOP|USER|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE NEVER|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_PLAIN_ONLY, "open\nC: AUTH CRAM-MD5\nC: AUTH PLAIN", "+OK|-ERR|+ |"},
    {VARIANT_CRAM_MD5_ONLY, "open\nC: AUTH PLAIN\nC: AUTH CRAM-MD5 x", "+OK|-ERR|-ERR|"},
    {VARIANT_SCRAM_ONLY, "open\nC: AUTH PLAIN\nC: AUTH CRAM-MD5\nC: AUTH SCRAM-SHA-256", "+OK|-ERR|-ERR|+ |"},
    {VARIANT_MECHANISMS_UNDER_TLS, "open\nC: AUTH PLAIN\nopen tls\nC: AUTH PLAIN", "+OK|-ERR|+OK|+ |"},
    {VARIANT_LOGIN_INITIAL_ACCEPTED,
     "open\nC: AUTH LOGIN dQ==\nC: c2VjcmV0IHdvcmQ=", "+OK|+ UGFzc3dvcmQ6|+OK|"},
    {VARIANT_SCRAM_ITERATES_LESS, "open\nC: AUTH SCRAM-SHA-1 biwsbj11LHI9YWJj",
     "+OK|+ cj1hYmM5MTBhMmRlYzg5MDI1Y2MxLHM9UXpiQUNqV1d4Z0lCaE56dixpPTQwOTU=|"},
    /* The proof is that of another session. */
    {VARIANT_SCRAM_SAYS_ERROR,
     "open\nC: AUTH SCRAM-SHA-1\nC: biwsbj11LHI9YWJj\nC: "
     "Yz1iaXdzLHI9YWJjYmVlYjhkYTE2NThlZWM2NyxwPUFBQUE=\nC: ",
     "+OK|+ |+ cj1hYmM5MTBhMmRlYzg5MDI1Y2MxLHM9UXpiQUNqV1d4Z0lCaE56dixpPTQwOTY=|+ "
     "ZT1pbnZhbGlkLXByb29m|-ERR [AUTH]|"},
    {VARIANT_LAST_ANSWER_UNREAD,
     "open\nC: AUTH SCRAM-SHA-1\nC: biwsbj11LHI9YWJj\nC: "
     "Yz1iaXdzLHI9YWJjOTEwYTJkZWM4OTAyNWNjMSxwPVN6UVBodVFXOWd2Smc3WG1UR1E5R2dmOTBGdz0=\nC: AAAA",
     "+OK|+ |+ cj1hYmM5MTBhMmRlYzg5MDI1Y2MxLHM9UXpiQUNqV1d4Z0lCaE56dixpPTQwOTY=|+ "
     "dj1uSzNob3FOeUlPa29XeTBNNHI5Y0I5aGlWUkk9|+OK|"},
    {VARIANT_SURPLUS_IGNORED, LOGIN "C: STAT 1\nC: NOOP x y\nC: LIST 1 2\nC: QUIT now",
     "+OK|+OK|+OK|+OK 0 0|+OK|-ERR|+OK|<CLOSE>"},
    {VARIANT_DIGEST_INITIAL_REFUSED, "open\nC: AUTH DIGEST-MD5 x\nC: AUTH DIGEST-MD5 =", "+OK|-ERR|-ERR|"},
    {VARIANT_TOKENS_UNDER_TLS,
     "open\nC: AUTH XOAUTH2\nC: AUTH OAUTHBEARER\nopen tls\nC: AUTH XOAUTH2\nC: *\nC: AUTH OAUTHBEARER",
     "+OK|-ERR|-ERR|+OK|+ |-ERR|+ |"},
    {VARIANT_TOKEN_NEEDS_NAME,
     "open\nC: AUTH OAUTHBEARER biwsAWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB\nC: AQ==\nC: AUTH OAUTHBEARER "
     "bixhPXUsAWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB",
     "+OK|+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0=|-ERR [AUTH]|+OK|"},
    {VARIANT_TOKEN_ERROR_UNTOLD,
     "open\nC: AUTH OAUTHBEARER bixhPXUsAWF1dGg9QmVhcmVyIHgBAQ==\nC: AUTH XOAUTH2 "
     "dXNlcj11AWF1dGg9QmVhcmVyIHgBAQ==",
     "+OK|-ERR [AUTH]|-ERR [AUTH]|"},
    {VARIANT_AUTH_ALONE_LISTS, "open\nC: AUTH",
     "+OK|+OK|PLAIN|LOGIN|CRAM-MD5|SCRAM-SHA-1|SCRAM-SHA-256|DIGEST-MD5|XOAUTH2|OAUTHBEARER|.|"},
    {VARIANT_NO_RESPONSE_CODES, "open\nC: USER u\nC: PASS x\nC: CAPA",
     "+OK|+OK|-ERR|+OK|TOP|USER|SASL " TALK_MECHANISMS "|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_RESPONSE_CODES_UNANNOUNCED, "open\nC: USER u\nC: PASS x\nC: CAPA",
     "+OK|+OK|-ERR [AUTH]|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|PIPELINING|STLS|EXPIRE NEVER|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_AUTH_RESP_CODE_UNANNOUNCED, "open\nC: USER u\nC: PASS x\nC: CAPA",
     "+OK|+OK|-ERR [AUTH]|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_IN_USE_CODE_LOST, LOGIN LOGIN, "+OK|+OK|+OK|+OK|+OK|-ERR|"},
    {VARIANT_PIPELINING_UNANNOUNCED, "open\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|STLS|EXPIRE NEVER|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_IMPLEMENTATION_UNANNOUNCED, "open\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE NEVER|UIDL|.|"},
    {VARIANT_IMPLEMENTATION_BEHIND_LOGIN, "open\nC: CAPA\n" LOGIN "C: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE NEVER|UIDL|.|"
     "+OK|+OK|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_IMPLEMENTATION_IN_GREETING, "open", "+OK by pop3spec-refserver|"},
    {VARIANT_UNLISTED_COMMANDS, LOGIN "C: CAPA\nC: UIDL",
     "+OK|+OK|+OK|+OK|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "NEVER|IMPLEMENTATION pop3spec-refserver|.|+OK|.|"},
    {VARIANT_PRIVATE_CAPABILITIES, "open\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|XPOP3SPEC a=b,c [d] "
     "..|X-POP3SPEC.2 |EXPIRE NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_LOWER_CASE_CAPABILITIES, "open\nC: CAPA",
     "+OK|+OK|top|user|sasl plain login cram-md5 scram-sha-1 "
     "scram-sha-256 digest-md5 xoauth2 oauthbearer|resp-codes|auth-resp-code|pipelining|stls|expire "
     "NEVER|uidl|implementation pop3spec-refserver|.|"},
    {VARIANT_CAPABILITIES_END_IN_BLANKS, "open\nC: CAPA",
     "+OK|+OK|TOP |USER |SASL " TALK_MECHANISMS " |RESP-CODES |AUTH-RESP-CODE "
     "|PIPELINING |STLS |EXPIRE "
     "NEVER |UIDL |IMPLEMENTATION pop3spec-refserver |.|"},
    {VARIANT_CAPABILITIES_GROW_UNDER_TLS, "open\nC: CAPA\nC: STLS\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|UIDL|.|+OK|<TLS>"
     "+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE NEVER|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_STLS_IN_BOTH_STATES, LOGIN "C: CAPA\nC: STLS", "+OK|+OK|+OK|" CAPABILITIES "-ERR|"},
    {VARIANT_STLS_FAILS, "open\nC: STLS\nC: CAPA", "+OK|-ERR|" CAPABILITIES},
    {VARIANT_LAST_COMMAND,
     "deliver short\ndeliver short\n" LOGIN "C: LAST\nC: RETR 3\nC: DELE 2\nC: LAST\nC: RSET\nC: LAST",
     "+OK|+OK|+OK|+OK 0|-ERR|+OK|+OK 2|+OK|+OK 0|"},
    {VARIANT_LAST_REMEMBERS,
     "deliver short\ndeliver short\ndeliver short\n" LOGIN "C: RETR 2\nC: DELE 1\nC: QUIT\n" LOGIN
     "C: LAST\nC: RETR 2\nC: LAST\nC: RSET\nC: LAST",
     "+OK|+OK|+OK|+OK|" SHORT_BODY ".|+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK 1|+OK|" SHORT_BODY ".|+OK 2|+OK|+OK 1|"},
    {VARIANT_TOP_HEADERS_ONLY, "deliver short\n" LOGIN "C: TOP 1 0\nC: TOP 1 1",
     "+OK|+OK|+OK|+OK|Subject: one|From: a.b@c||.|-ERR|"},
    {VARIANT_EXTERNAL_LISTED, "open\nC: CAPA\nC: AUTH EXTERNAL dQ==",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS " EXTERNAL|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|-ERR|"},
    {VARIANT_NO_UTF8, "deliver raw\n" LOGIN "C: RETR 1\nend\nopen\nC: UTF8",
     "+OK|+OK|+OK|+OK|Subject: gr\\xc3\\xbc\\xc3\\x9f| dich|From: p\\xc3\\xa9@b.c|X: "
     "y||body|.|<CLOSE>+OK|-ERR|"},
    {VARIANT_UTF8_REFUSED, "deliver raw\nopen\nC: UTF8\nC: USER u\nC: PASS secret word\nC: RETR 1",
     "+OK|-ERR|+OK|+OK|-ERR [UTF8]|"},
    {VARIANT_UTF8_ONCE, "open\nC: UTF8\nC: UTF8", "+OK|+OK|-ERR|"},
    {VARIANT_UTF8_WITHOUT_USER, "open\nC: CAPA\nC: UTF8",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|UTF8|IMPLEMENTATION pop3spec-refserver|.|+OK|"},
    {VARIANT_UTF8_SURROGATES, "deliver raw\n" LOGIN "C: RETR 1\nC: TOP 1 0\nC: LIST 1",
     "+OK|+OK|+OK|+OK|Subject: =?UTF-8?B?Z3LDvMOfIGRpY2g=?=|From: =?UTF-8?B?cMOpQGIuYw==?= :;|X: y||body|.|"
     "+OK|Subject: =?UTF-8?B?Z3LDvMOfIGRpY2g=?=|From: =?UTF-8?B?cMOpQGIuYw==?= :;|X: y||.|+OK 1 88|"},
    {VARIANT_UTF8_SURROGATES_BODILESS, "deliver raw\n" LOGIN "C: RETR 1\nC: TOP 1 1\nC: LIST 1",
     "+OK|+OK|+OK|+OK|Subject: =?UTF-8?B?Z3LDvMOfIGRpY2g=?=|From: =?UTF-8?B?cMOpQGIuYw==?= :;|X: y|.|"
     "+OK|Subject: =?UTF-8?B?Z3LDvMOfIGRpY2g=?=|From: =?UTF-8?B?cMOpQGIuYw==?= :;|X: y|.|+OK 1 80|"},
    {VARIANT_UTF8_LIST_REFUSED, "deliver raw\ndeliver short\n" LOGIN "C: LIST 1\nC: LIST 2",
     "+OK|+OK|+OK|-ERR [UTF8]|+OK 2 58|"},
    {VARIANT_UTF8_BODIES_REFUSED, "deliver odd\n" LOGIN "C: RETR 1\nC: TOP 1 0\nC: LIST 1",
     "+OK|+OK|+OK|-ERR [UTF8]|-ERR [UTF8]|+OK 1 47|"},
    {VARIANT_UTF8_STAT_INEXACT,
     "deliver short\ndeliver large\n" LOGIN "C: LIST 1\nC: STAT\nC: DELE 2\nC: STAT",
     "+OK|+OK|+OK|+OK 1 58|+OK 2 132000|+OK|+OK 1 1000|"},
    {VARIANT_UTF8_LIST_INEXACT, "deliver short\n" LOGIN "C: LIST\nC: STAT",
     "+OK|+OK|+OK|+OK|1 52|.|+OK 1 52|"},
    {VARIANT_UTF8_BARS_STLS, "open\nC: UTF8\nC: STLS\nopen\nC: STLS", "+OK|+OK|-ERR|+OK|+OK|<TLS>"},
    {VARIANT_NO_LANG, "open\nC: LANG\nC: LANG en\nC: CAPA",
     "+OK|-ERR|-ERR|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_LANG_WITHOUT_LANGUAGES, "open\nC: LANG\nC: LANG de\nC: LANG *", "+OK|+OK|.|-ERR|-ERR|"},
    {VARIANT_LANG_LIST_REFUSED, "open\nC: LANG\nC: LANG de", "+OK|-ERR|+OK de |"},
    {VARIANT_LANG_ONE_LINE, "open\nC: LANG\nC: LANG de", "+OK|+OK|+OK de |"},
    {VARIANT_LANG_REVERSED, "open\nC: LANG",
     "+OK|+OK|fr Fran\\xc3\\xa7ais|i-default|de Deutsch|en English|.|"},
    {VARIANT_LANG_CAPITALS, "open\nC: LANG\nC: LANG *",
     "+OK|+OK|EN English|DE Deutsch|I-DEFAULT|FR Fran\\xc3\\xa7ais|.|+OK en |"},
    {VARIANT_LANG_LOOKUP, "open\nC: LANG de-CH-1996\nC: LANG mul-x", "+OK|+OK de |-ERR|"},
    {VARIANT_LANG_PREFERRED_BY_USER, "open\nC: LANG *\nC: USER u\nC: PASS secret word\nC: LANG *",
     "+OK|+OK en |+OK|+OK|+OK de |"},
    {VARIANT_UNKNOWN_USER_REFUSED, "open\nC: USER nobody\nC: USER u\nC: PASS secret word",
     "+OK|-ERR|+OK|+OK|"},
    {VARIANT_UNKNOWN_USER_TOLD, "open\nC: USER nobody\nC: USER u", "+OK|-ERR [AUTH]|+OK|"},
    {VARIANT_BUSY_ONCE, LOGIN LOGIN, "+OK|+OK|-ERR [SYS/TEMP]|+OK|+OK|+OK|"},
    {VARIANT_AUTH_IN_TROUBLE, "open\nC: AUTH PLAIN\nC: AUTH XYZZY", "+OK|-ERR [SYS/TEMP]|-ERR|"},
    {VARIANT_FAILED_LOGIN_PENALTY,
     "open\nC: USER u\nC: PASS x\nwait 4\nC: USER u\nC: PASS secret word\nwait 1\nC: USER u\nC: PASS secret "
     "word",
     "+OK|+OK|-ERR [AUTH]|+OK|-ERR|+OK|+OK|"},
    {VARIANT_USER_AGAIN_ACCEPTED, "open\nC: USER nobody\nC: USER u\nC: PASS secret word", "+OK|+OK|+OK|+OK|"},
    {VARIANT_CAPA_FORGETS_USER, "open\nC: USER u\nC: CAPA\nC: PASS secret word",
     "+OK|+OK|" CAPABILITIES "-ERR|"},
    {VARIANT_USER_KEPT_OVER_STLS, "open\nC: USER u\nC: STLS\nC: PASS secret word", "+OK|+OK|+OK|<TLS>+OK|"},
    {VARIANT_PLAINTEXT_NEEDS_TLS,
     "open\nC: USER u\nC: AUTH PLAIN\nC: CAPA\nC: STLS\nC: USER u\nC: PASS secret word",
     "+OK|-ERR|-ERR|+OK|TOP|SASL CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 DIGEST-MD5 XOAUTH2 "
     "OAUTHBEARER|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"
     "+OK|<TLS>+OK|+OK|"},
    {VARIANT_NO_USER_PASS,
     "open\nC: USER u\nC: PASS secret word\nC: AUTH PLAIN AHUAc2VjcmV0IHdvcmQ=", "+OK|-ERR|-ERR|+OK|"},
    {VARIANT_PASS_SPACES_REFUSED, LOGIN, "+OK|+OK|-ERR [AUTH]|"},
    {VARIANT_CLOSES_AFTER_FAILED_LOGIN, "open\nC: XYZZY\nC: USER u\nC: PASS x",
     "+OK|-ERR|+OK|-ERR [AUTH]|<CLOSE>"},
    {VARIANT_NO_EXCLUSIVE_LOCK,
     "deliver short\n" LOGIN LOGIN "C: DELE 1\nC: QUIT\nuse 1\nC: TOP 1 0\nC: DELE 1\nC: QUIT",
     "+OK|+OK|+OK|+OK|+OK|+OK|+OK|+OK|<CLOSE>+OK|Subject: one|From: a.b@c||.|+OK|+OK|<CLOSE>"},
    {VARIANT_USER_REFUSED_WHILE_LOCKED, LOGIN "open\nC: USER u\nuse 1\nC: QUIT\nuse 2\nC: USER u",
     "+OK|+OK|+OK|+OK|-ERR|+OK|<CLOSE>+OK|"},
    {VARIANT_LOCK_LINGERS, LOGIN "end\n" LOGIN "wait 20\nC: USER u\nC: PASS secret word\nC: QUIT\n" LOGIN,
     "+OK|+OK|+OK|<CLOSE>+OK|+OK|-ERR [IN-USE]|+OK|+OK|+OK|<CLOSE>+OK|+OK|+OK|"},
    {VARIANT_LOCK_STAYS_FOR_MINUTES,
     LOGIN "end\n" LOGIN "wait 299\nC: USER u\nC: PASS secret word\nwait 1\nC: USER u\nC: PASS secret word",
     "+OK|+OK|+OK|<CLOSE>+OK|+OK|-ERR [IN-USE]|+OK|-ERR [IN-USE]|+OK|+OK|"},
    {VARIANT_LOGIN_DELAY_BY_USER, LOGIN "C: CAPA\nopen\nC: CAPA",
     "+OK|+OK|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|LOGIN-DELAY 5|EXPIRE "
     "NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|"
     "PIPELINING|STLS|LOGIN-DELAY 30 USER|EXPIRE NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_LOGIN_DELAY_UNEXPLAINED, LOGIN "C: QUIT\nwait 4\n" LOGIN,
     "+OK|+OK|+OK|+OK|<CLOSE>+OK|+OK|-ERR|"},
    {VARIANT_LOGIN_DELAY, LOGIN "C: QUIT\nwait 4\n" LOGIN "wait 1\nC: USER u\nC: PASS secret word",
     "+OK|+OK|+OK|+OK|<CLOSE>+OK|+OK|-ERR [LOGIN-DELAY]|+OK|+OK|"},
    {VARIANT_SECOND_SESSION_READ_ONLY,
     "deliver short\n" LOGIN LOGIN "C: DELE 1\nC: QUIT\nuse 1\nC: DELE 1\nC: QUIT\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|+OK|+OK|+OK|-ERR [SYS/TEMP]|<CLOSE>+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK 0 0|"},
    {VARIANT_LOGIN_DELAY_NONE, LOGIN "C: CAPA\nC: QUIT\n" LOGIN,
     "+OK|+OK|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|LOGIN-DELAY "
     "0|EXPIRE NEVER|UIDL|IMPLEMENTATION pop3spec-refserver|.|+OK|<CLOSE>+OK|+OK|+OK|"},
    {VARIANT_LOGIN_DELAY_AT_USER, LOGIN "C: QUIT\nopen\nC: USER u\nwait 5\nC: USER u\nC: PASS secret word",
     "+OK|+OK|+OK|+OK|<CLOSE>+OK|-ERR [LOGIN-DELAY]|+OK|+OK|"},
    {VARIANT_STLS_INJECTION_REFUSED, "open\nR: STLS\\r\\nNOOP\\r\\n\nC: STLS", "+OK|-ERR|-ERR|+OK|<TLS>"},
    {VARIANT_STLS_INJECTION_CLOSES, "open\nR: STLS\\r\\nNOOP\\r\\n\nC: STLS", "+OK|<CLOSE>"},
    {VARIANT_STLS_INJECTION_FATAL, "open\nR: STLS\\r\\nNOOP\\r\\n\nC: STLS", "+OK|+OK|<CLOSE>"},
    {VARIANT_TABS_ACCEPTED, "deliver short\n" LOGIN "C: LIST\\t1\nC: NOOP\\t\nC: LIST 1\\t1",
     "+OK|+OK|+OK|+OK 1 58|+OK|-ERR|"},
    {VARIANT_PLUS_SIGN_ACCEPTED,
     "deliver short\n" LOGIN "C: LIST +1\nC: LIST ++1\nC: LIST +\nC: LIST +2\nC: LIST 1",
     "+OK|+OK|+OK|+OK 1 58|-ERR|-ERR|-ERR|+OK 1 58|"},
    {VARIANT_LONG_LINES_TAKEN,
     "open\nC: USER " A250 "\nC: PASS x\nC: USER u\nC: PASS secret word\nC: NOOP" A250,
     "+OK|+OK|-ERR [AUTH]|+OK|+OK|-ERR|"},
    {VARIANT_SPACES_ACCEPTED, "deliver short\n" LOGIN "C: LIST   1\nC:  NOOP \nC: LIST 1 1",
     "+OK|+OK|+OK|+OK 1 58|+OK|-ERR|"},
    {VARIANT_LEADING_ZEROS_REFUSED, "deliver short\n" LOGIN "C: LIST 01\nC: LIST 1",
     "+OK|+OK|+OK|-ERR|+OK 1 58|"},
    {VARIANT_BARE_LF_IS_A_LINE_END, LOGIN "R: NOOP\\nNOOP\\n\n", "+OK|+OK|+OK|+OK|+OK|"},
    {VARIANT_BARE_LF_IS_AN_OCTET, LOGIN "R: NOOP\\nNOOP\\n\nC: \nC: NOOP", "+OK|+OK|+OK|-ERR|+OK|"},
    {VARIANT_CLOSES_AFTER_LONG_LINE, "open\nC: USER " A250, "+OK|<CLOSE>"},
    {VARIANT_CLOSES_AFTER_ERROR, "open\nC: XYZZY\nC: NOOP", "+OK|-ERR|<CLOSE>"},
    {VARIANT_FAREWELL, "open\nC: XYZZY\nC: CAPA\nC: NOOP\nC: STAT",
     "+OK|-ERR|" CAPABILITIES "-ERR|-ERR|-ERR|<CLOSE>"},
    {VARIANT_FAREWELL_AT_ONCE, "open\nC: XYZZY", "+OK|-ERR|-ERR|<CLOSE>"},
    {VARIANT_SHARED_UNIQUE_IDS, "deliver open\ndeliver open\ndeliver short\n" LOGIN "C: UIDL 1\nC: UIDL 2",
     "+OK|+OK|+OK|+OK 1 29595de427d83852|+OK 2 29595de427d83852|"},
    {VARIANT_MISSING_NEWLINE_UNCOUNTED, "deliver open\ndeliver short\n" LOGIN "C: LIST\nC: STAT\nC: RETR 1",
     "+OK|+OK|+OK|+OK|1 33|2 58|.|+OK 2 91|+OK|Subject: no final newline||body|.|"},
    {VARIANT_DELIVERY_ADDS_HEADER, "deliver short\n" LOGIN "C: RETR 1\nC: LIST 1",
     "+OK|+OK|+OK|+OK|Received: by pop.example|Status: O|" SHORT_BODY ".|+OK 1 95|"},
    {VARIANT_DELIVERY_QUOTES_FROM, "deliver blank\n" LOGIN "C: RETR 1",
     "+OK|+OK|+OK|+OK|Subject: blanks| folded||>From here| .dot||.|"},
    {VARIANT_FAILED_UPDATE_REMOVES_SOME,
     "deliver short\ndeliver short\ndeliver short\nfull\n" LOGIN "C: DELE 1\nC: DELE 2\nC: QUIT\n" LOGIN
     "C: STAT",
     "+OK|+OK|+OK|+OK|+OK|-ERR [SYS/TEMP]|<CLOSE>+OK|+OK|+OK|+OK 2 116|"},
    {VARIANT_EXPIRE_ZERO,
     "deliver open\ndeliver short\n" LOGIN "C: RETR 1\nC: TOP 2 0\nC: QUIT\n" LOGIN "C: LIST",
     "+OK|+OK|+OK|+OK|Subject: no final newline||body|.|+OK|Subject: one|From: "
     "a.b@c||.|+OK|<CLOSE>+OK|+OK|+OK|+OK|1 58|.|"},
    {VARIANT_RETRIEVED_REMOVED,
     "deliver open\n" LOGIN "C: RETR 1\nend\n" LOGIN "C: RETR 1\nC: QUIT\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|Subject: no final newline||body|.|<CLOSE>+OK|+OK|+OK|+OK|Subject: no final "
     "newline||body|.|+OK|<CLOSE>"
     "+OK|+OK|+OK|+OK 0 0|"},
    {VARIANT_EXPIRE_UNANNOUNCED, "open\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|UIDL|IMPLEMENTATION "
     "pop3spec-refserver|.|"},
    {VARIANT_EXPIRE_THIRTY, "open\nC: CAPA",
     "+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "30|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_EXPIRE_BY_USER, LOGIN "C: CAPA\nopen\nC: CAPA",
     "+OK|+OK|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE "
     "30|UIDL|IMPLEMENTATION pop3spec-refserver|.|+OK|+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|"
     "PIPELINING|STLS|EXPIRE 3 USER|UIDL|IMPLEMENTATION pop3spec-refserver|.|"},
    {VARIANT_NEWEST_FIRST,
     "deliver open\ndeliver short\n" LOGIN "C: LIST\nC: DELE 1\nC: QUIT\n" LOGIN "C: LIST",
     "+OK|+OK|+OK|+OK|1 58|2 35|.|+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK|1 35|.|"},
    {VARIANT_DAMAGED_REFUSED,
     "deliver odd\ndeliver large\ndeliver open\ndeliver dotted\ndeliver short\n" LOGIN
     "C: RETR 1\nC: TOP 2 0\nC: RETR 3\nC: TOP 4 0\nC: TOP 5 0\nC: LIST 1",
     "+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|+OK|Subject: one|From: a.b@c||.|+OK 1 47|"},
    {VARIANT_RETRIEVED_ONCE, "deliver open\n" LOGIN "C: RETR 1\nC: RETR 1\nC: TOP 1 0",
     "+OK|+OK|+OK|+OK|Subject: no final newline||body|.|-ERR|+OK|Subject: no final newline||.|"},
    {VARIANT_ONE_AFTER_THE_OTHER, "open\nopen\nC: NOOP\nwait 1\nuse 1\nC: QUIT\nwait 1\nuse 2\nC: QUIT",
     "+OK|+OK|<CLOSE>+OK|-ERR|+OK|<CLOSE>"},
    {VARIANT_ONE_CONNECTION, "open\nopen\nuse 1\nC: QUIT", "+OK|-ERR [SYS/TEMP]|<CLOSE>+OK|<CLOSE>"},
    {VARIANT_NO_AUTOLOGOUT, LOGIN "wait 100000\nC: STAT", "+OK|+OK|+OK|+OK 0 0|"},
    {VARIANT_LONG_AUTOLOGOUT, LOGIN "wait 1799\nC: STAT\nwait 1800", "+OK|+OK|+OK|+OK 0 0|<CLOSE>"},
    {VARIANT_AUTOLOGOUT_SPEAKS, "deliver short\n" LOGIN "C: DELE 1\nwait 600\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|-ERR|<CLOSE>+OK|+OK|+OK|+OK 1 58|"},
};

enum { CONVERSATION_COUNT = sizeof(conversations) / sizeof(conversations[0]) };

static void init_with(struct talk *talk, enum variant variant)
{
    struct policy policy;

    talk_init(talk);
    policy_init(&policy);
    policy.text = TEXT_NONE;
    policy.apop = false;
    policy.utf8 = UTF8_UNKNOWN;
    policy.lang = LANG_UNKNOWN;
    if (variant == VARIANT_UNKNOWN_RESPONSE_CODES)
        policy.text = TEXT_OWN;
    policy_apply(&policy, variant);
    refserver_set_policy(talk->server, &policy);
}

static void every_variant_says_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONVERSATION_COUNT; i++) {
        struct talk talk;

        init_with(&talk, conversations[i].variant);
        talk_play(&talk, conversations[i].script);
        char *said = talk_take(&talk);

        if (strcmp(said, conversations[i].said) != 0)
            print_error("%s\n", variant_info(conversations[i].variant)->id);
        assert_string_equal(said, conversations[i].said);
        free(said);
        talk_release(&talk);
    }
}

static bool has_conversation(enum variant variant)
{
    for (size_t i = 0; i < CONVERSATION_COUNT; i++)
        if (conversations[i].variant == variant)
            return true;
    return false;
}

static void every_variant_has_a_test(void **state)
{
    enum variant found;

    (void)state;
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        bool has_its_own = variant == VARIANT_LONGEST_STATUS || variant == VARIANT_TIMESTAMP_IN_THE_MIDDLE ||
                           variant == VARIANT_SMALL_SEGMENTS || variant == VARIANT_LONGEST_UNIQUE_IDS;

        if (!has_conversation(variant) && !has_its_own)
            print_error("%s\n", variant_info(variant)->id);
        assert_true(has_conversation(variant) || has_its_own);
        assert_true(variant_of_id(variant_info(variant)->id, &found));
        assert_int_equal(found, variant);
    }
    assert_false(variant_of_id("no-such-variant", &found));
}

/* Exactly 512 octets with CRLF, for +OK and -ERR and the greeting, with its timestamp. */
static void status_lines_are_filled_up(void **state)
{
    struct policy policy;
    struct talk talk;
    struct bytes line;

    (void)state;
    talk_init(&talk);
    policy_init(&policy);
    policy_apply(&policy, VARIANT_LONGEST_STATUS);
    refserver_set_policy(talk.server, &policy);
    talk_play(&talk, "open\nC: CAPA\nC: XYZZY\nC: USER u\nC: PASS x\nC: QUIT");
    struct bytes rest = buf_bytes(&talk.output);
    size_t filled = 0;

    while (bytes_split(&rest, '\n', &line)) {
        bool status =
            bytes_start_with(line, BYTES_LITERAL("+OK")) || bytes_start_with(line, BYTES_LITERAL("-ERR"));

        if (status)
            assert_int_equal(line.size + 1, 512);
        filled += status ? 1 : 0;
    }
    assert_int_equal(filled, 6);
    assert_int_not_equal(bytes_find(buf_bytes(&talk.output), BYTES_LITERAL("@pop.example>")),
                         BYTES_NOT_FOUND);
    assert_int_not_equal(bytes_find(buf_bytes(&talk.output), BYTES_LITERAL("-ERR [AUTH] ")), BYTES_NOT_FOUND);
    talk_release(&talk);
}

/* Whatever the default policy has. */
static void a_minimal_server_knows_no_later_command(void **state)
{
    struct policy policy;
    struct talk talk;

    (void)state;
    talk_init(&talk);
    policy_init(&policy);
    policy_apply(&policy, VARIANT_BARE_STATUS);
    policy_apply(&policy, VARIANT_MINIMAL);
    refserver_set_policy(talk.server, &policy);
    talk_play(&talk, "open\nC: CAPA\nC: UTF8\nC: LANG\nC: LANG en\nC: STLS\nC: AUTH PLAIN\nC: AUTH CRAM-MD5\n"
                     "C: USER u\nC: PASS secret word\nC: CAPA\nC: LANG\nC: TOP 1 0\nC: UIDL");
    char *said = talk_take(&talk);

    assert_string_equal(said, "+OK|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|+OK|+OK|-ERR|-ERR|-ERR|-ERR|");
    free(said);
    talk_release(&talk);
}

static void timestamps_may_stand_in_the_middle(void **state)
{
    struct policy policy;
    struct talk talk;

    (void)state;
    talk_init(&talk);
    policy_init_rfc(&policy);
    policy_apply(&policy, VARIANT_TIMESTAMP_IN_THE_MIDDLE);
    refserver_set_policy(talk.server, &policy);
    talk_play(&talk, "open\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb");
    char *said = talk_take(&talk);

    assert_string_equal(said, "+OK <1896.697170952@dbc.mtview.ca.us> POP3 server ready|"
                              "+OK mrose's maildrop has 0 messages (0 octets)|");
    free(said);
    talk_release(&talk);
}

/* 70 characters each, and between them all that there are from 0x21 to 0x7E. */
static void unique_ids_may_be_long(void **state)
{
    bool seen[256] = {false};
    struct talk talk;
    struct bytes row;

    (void)state;
    init_with(&talk, VARIANT_LONGEST_UNIQUE_IDS);
    talk_play(&talk, "deliver short\ndeliver dotted\ndeliver open\ndeliver lf\ndeliver odd\n" LOGIN);
    buf_clear(&talk.output);
    talk_play(&talk, "C: UIDL");
    struct bytes rest = buf_bytes(&talk.output);
    size_t rows = 0;

    while (bytes_split(&rest, '\n', &row)) {
        if (row.size == 0 || !ascii_is_digit(row.data[0]))
            continue;
        assert_int_equal(row.size, strlen("1 ") + 70 + strlen("\r"));
        for (size_t i = strlen("1 "); i < row.size - 1; i++)
            seen[row.data[i]] = true;
        rows++;
    }
    assert_int_equal(rows, 5);
    for (int octet = 0; octet < 256; octet++)
        assert_int_equal(seen[octet], octet >= 0x21 && octet <= 0x7E);
    talk_release(&talk);
}

static void segments_may_be_small(void **state)
{
    struct talk talk;

    (void)state;
    init_with(&talk, VARIANT_SMALL_SEGMENTS);
    talk_play(&talk, "deliver short\n" LOGIN "C: RETR 1");
    assert_int_equal(talk.largest_segment, 7);
    char *said = talk_take(&talk);

    assert_string_equal(said, "+OK|+OK|+OK|+OK|Subject: one|From: a.b@c||first line  |second|third|.|");
    free(said);
    talk_release(&talk);
}

/* Two at once, each with each: whatever they make of it, a session can be had and ends. */
static void variants_go_together(void **state)
{
    (void)state;
    for (enum variant one = 0; one < VARIANT_COUNT; one++)
        for (enum variant other = 0; other < VARIANT_COUNT; other++) {
            struct policy policy;
            struct talk talk;

            talk_init(&talk);
            policy_init(&policy);
            policy_apply(&policy, one);
            policy_apply(&policy, other);
            refserver_set_policy(talk.server, &policy);
            talk_play(&talk, "deliver short\n" LOGIN "C: STAT\nC: RETR 1\nC: QUIT");
            assert_true(bytes_start_with(buf_bytes(&talk.output), BYTES_LITERAL("+OK")));
            assert_true(bytes_end_with(buf_bytes(&talk.output), BYTES_LITERAL("<CLOSE>")));
            talk_release(&talk);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_says_what_is_expected),
        cmocka_unit_test(every_variant_has_a_test),
        cmocka_unit_test(status_lines_are_filled_up),
        cmocka_unit_test(a_minimal_server_knows_no_later_command),
        cmocka_unit_test(timestamps_may_stand_in_the_middle),
        cmocka_unit_test(unique_ids_may_be_long),
        cmocka_unit_test(segments_may_be_small),
        cmocka_unit_test(variants_go_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
