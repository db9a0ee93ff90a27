/*
 * Every fault does what it says: played against one small script, the server with the fault says something else than
 * the correct one. And the survey tells the truth: a fault that would not have acted changes nothing.
 */
#include "refserver/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LOGIN "open\nC: USER u\nC: PASS secret word\n"
/* For the first timestamp of a server whose seed is 1. */
#define APOP  "APOP u dd2f8f111667fb2c507cf14dbb786466"
#define PLAIN "AHUAc2VjcmV0IHdvcmQ="
/* What a client of SCRAM says to a server whose seed is 1, on its first connection. */
#define SCRAM_1                                                                                              \
    "C: AUTH SCRAM-SHA-1\nC: biwsbj11LHI9YWJj\nC: "                                                          \
    "Yz1iaXdzLHI9YWJjYmVlYjhkYTE2NThlZWM2NyxwPWMwOTUvcmdweEhoeFJRUDFxSE5xRVAyU2NEQT0=\n"
#define SCRAM_256                                                                                            \
    "C: AUTH SCRAM-SHA-256\nC: biwsbj11LHI9YWJj\nC: "                                                        \
    "Yz1iaXdzLHI9YWJjYmVlYjhkYTE2NThlZWM2NyxwPVZwV3p1Yk4raDA2Y1pmTXg5Vk5MQ3lsWlZiM0ZPMkIvQlBPS3djcWlvVTQ9\n"
#define A10     "AAAAAAAAAA"
#define A50     A10 A10 A10 A10 A10
#define A250    A50 A50 A50 A50 A50
#define FIVE    "open\nopen\nopen\nopen\nopen"
#define SHORT   "deliver short\n" LOGIN
#define THREE   "deliver short\ndeliver dotted\ndeliver open\n" LOGIN
#define TEN     "deliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\n" THREE
#define DOTTED  "deliver dotted\n" LOGIN
#define LARGE   "deliver large\n" LOGIN
#define LASTING "variant last-command\n"
#define RAW     "deliver raw\n" LOGIN
/* In UTF-8 mode. */
#define UTF8_LOGIN "open\nC: UTF8\nC: USER u\nC: PASS secret word\n"
#define RAW_UTF8   "deliver raw\n" UTF8_LOGIN
#define SURROGATES "variant utf8-surrogates\n"

struct script {
    enum fault fault;
    const char *text;
};

static const struct script scripts[] = {
    /* command */
    {FAULT_PASS_CUT_AT_SPACE, "open\nC: USER mrose\nC: PASS tanstaaf really"},
    {FAULT_OVERLONG_TAIL_EXECUTED, LOGIN "C: NOOP " A250 "STAT"},
    {FAULT_OVERLONG_TAIL_AT_512, LOGIN "C: NOOP " A250 A250 "AAAAAAASTAT"},
    {FAULT_OVERLONG_MIDDLE_EXECUTED, LOGIN "C: NOOP " A250 "STAT"},
    {FAULT_OVERLONG_UNANSWERED, LOGIN "C: NOOP " A250 A250},
    {FAULT_NUL_CUTS_LINE, LOGIN "C: NOOP\\0STAT"},
    {FAULT_LETTERS_BEHIND_NUMBER, SHORT "C: DELE 1x\nC: STAT"},
    {FAULT_NUMBER_WRAPS, SHORT "C: LIST 4294967297"},
    {FAULT_NUMBER_OF_16_BITS, SHORT "C: LIST 65537"},
    {FAULT_NUMBER_OF_64_BITS, SHORT "C: LIST 18446744073709551617"},
    {FAULT_NUMBER_SIGN_IGNORED, SHORT "C: RETR -1"},
    {FAULT_NUMBER_HEXADECIMAL, SHORT "C: TOP 0x1 0"},
    {FAULT_EXTRA_ARGUMENT_IGNORED, LOGIN "C: STAT now"},
    {FAULT_CAPA_ARGUMENT_IGNORED, "open\nC: CAPA all"},
    {FAULT_STLS_ARGUMENT_IGNORED, "open\nC: STLS now"},
    {FAULT_LAST_ARGUMENT_IGNORED, LASTING LOGIN "C: LAST 1"},
    {FAULT_TOP_WITHOUT_COUNT, SHORT "C: TOP 1"},
    {FAULT_RETR_WITH_COUNT, SHORT "C: RETR 1 0"},
    {FAULT_TOP_NEGATIVE_COUNT, SHORT "C: TOP 1 -1"},
    {FAULT_PIPELINED_COMMAND_LOST, LOGIN "R: NOOP\\r\\nSTAT\\r\\n"},
    {FAULT_PIPELINED_LOGIN_LOST, "open\nR: USER u\\r\\nPASS secret word\\r\\nSTAT\\r\\n"},
    {FAULT_PIPELINED_PASS_LOST, "open\nR: USER u\\r\\nPASS secret word\\r\\n"},
    {FAULT_LOWER_CASE_UNKNOWN, LOGIN "C: noop"},
    {FAULT_LONG_KEYWORD_CUT, LOGIN "C: STATUS"},
    {FAULT_UNKNOWN_COMMAND_OK, LOGIN "C: XYZZY"},
    {FAULT_EMPTY_LINE_UNANSWERED, LOGIN "C: \nC: NOOP"},
    {FAULT_ODD_LINE_UNANSWERED, LOGIN "C: NOOP\\t1"},
    {FAULT_BARE_LF_DROPS_ALL, LOGIN "R: NOOP\\nNOOP\\r\\n"},
    {FAULT_PASS_IN_PIECES_REFUSED, "open\nC: USER u\nR: PASS sec\nC: ret word"},
    {FAULT_SECOND_USER_UNANSWERED, "open\nC: USER u\nC: USER u"},
    {FAULT_PASS_BEHIND_SECOND_USER_REFUSED,
     "variant user-again-accepted\nopen\nC: USER u\nC: USER u\nC: PASS secret word"},
    {FAULT_PASS_UNANSWERED_BEHIND_CAPA, "open\nC: USER u\nC: CAPA\nC: PASS secret word"},
    {FAULT_STLS_UNDER_TLS_UNANSWERED, "open tls\nC: STLS"},
    {FAULT_PASS_UNANSWERED_BEHIND_STLS, "open tls\nC: PASS secret word"},
    {FAULT_USER_BEHIND_UNKNOWN_REFUSED, "variant unknown-user-refused\nopen\nC: USER nobody\nC: USER u"},
    {FAULT_UNKNOWN_NAME_IS_FIRST, "open\nC: USER nobody\nC: PASS secret word"},
    {FAULT_RPOP_TRUSTS_ANYBODY, "open\nC: RPOP u"},
    {FAULT_APOP_OPENS_NEXT, SHORT "C: QUIT\nopen\nC: " APOP "\nC: STAT"},
    {FAULT_APOP_REFUSED_BEHIND_FAILED_LOGIN, "open\nC: USER u\nC: PASS x\nC: " APOP},
    {FAULT_APOP_UNANSWERED_BEHIND_USER, "open\nC: USER u\nC: " APOP},
    {FAULT_NOOP_IN_PIECES_REFUSED, LOGIN "R: NO\nC: OP"},
    {FAULT_NOOP_LINE_END_CUT, LOGIN "R: NOOP\\r\nR: \\n\n"},
    {FAULT_BASE64_JUNK_IGNORED, "open\nC: AUTH PLAIN\nC: AHUAc2Vj!cmV0IHdvcmQ="},
    {FAULT_BASE64_JUNK_IN_INITIAL_IGNORED, "open\nC: AUTH PLAIN !" PLAIN},
    {FAULT_INITIAL_RESPONSE_IGNORED, "open\nC: AUTH PLAIN " PLAIN},
    {FAULT_INITIAL_RESPONSE_REFUSED, "open\nC: AUTH PLAIN " PLAIN},
    {FAULT_CRAM_MD5_INITIAL_IGNORED, "open\nC: AUTH CRAM-MD5 " PLAIN},
    {FAULT_UNKNOWN_MECHANISM_IS_PLAIN, "open\nC: AUTH KERBEROS_V4"},
    {FAULT_MECHANISM_IN_LOWER_CASE_UNKNOWN, "open\nC: AUTH plain"},
    {FAULT_CANCEL_UNANSWERED, "open\nC: AUTH PLAIN\nC: *"},
    {FAULT_LONG_RESPONSE_UNANSWERED, "open\nC: AUTH PLAIN\nC: " A250 A250 A250 A250 A50},
    {FAULT_CANCEL_LATE_UNANSWERED, "open\nC: AUTH LOGIN\nC: dQ==\nC: *"},
    {FAULT_BASE64_JUNK_LATE_IGNORED, "open\nC: AUTH LOGIN\nC: dQ==\nC: c2Vjcm!V0IHdvcmQ="},
    {FAULT_EMPTY_INITIAL_IS_NONE, "open\nC: AUTH PLAIN ="},
    {FAULT_RESPONSE_LIKE_COMMAND_UNANSWERED, "open\nC: AUTH PLAIN\nC: " A250 A10},
    {FAULT_EMPTY_RESPONSE_UNANSWERED, "open\nC: AUTH PLAIN\nC: "},
    {FAULT_IDENTITY_EMPTIED, "open\nC: AUTH PLAIN\nC: wq0AdQBzZWNyZXQgd29yZA=="},
    {FAULT_AUTH_ARGUMENT_IGNORED, "open\nC: AUTH PLAIN " PLAIN " x"},
    {FAULT_AUTH_REFUSED_BEHIND_FAILED_AUTH, "open\nC: AUTH PLAIN\nC: *\nC: AUTH PLAIN"},
    {FAULT_USER_REFUSED_BEHIND_FAILED_AUTH, "open\nC: AUTH PLAIN\nC: *\nC: USER u"},
    {FAULT_STAT_BEHIND_FAILED_AUTH, "open\nC: AUTH PLAIN\nC: *\nC: STAT"},
    {FAULT_LOGIN_UNCHECKED, "open\nC: AUTH LOGIN\nC: dQ==\nC: eA=="},
    {FAULT_SCRAM_SHA_256_UNCHECKED, "open\nC: AUTH SCRAM-SHA-256 biwsbj11LHI9YWJj\nC: Yz1iaXdz"},
    {FAULT_SCRAM_SHA_1_UNCHECKED, "open\nC: AUTH SCRAM-SHA-1 biwsbj11LHI9YWJj\nC: Yz1iaXdz"},
    {FAULT_PLAIN_WITHOUT_FIRST_NUL, "open\nC: AUTH PLAIN\nC: dQBzZWNyZXQgd29yZA=="},
    {FAULT_LONG_ARGUMENT_UNANSWERED, "open\nC: USER " A10 A10 A10 A10},
    {FAULT_LONG_COMMAND_UNANSWERED, "open\nC: USER " A50 A50 A50 A50},
    {FAULT_LIST_NUMBER_IGNORED, SHORT "C: LIST 1"},
    {FAULT_UIDL_NUMBER_IGNORED, SHORT "C: UIDL 1"},
    {FAULT_MIXED_CASE_UNKNOWN, LOGIN "C: NooP"},
    {FAULT_EMPTY_PASSWORD_TAKEN, "open\nC: USER u\nC: PASS "},
    /* transition */
    {FAULT_STLS_INJECTION, "open\nR: STLS\\r\\nQUIT\\r\\n\nC: CAPA"},
    {FAULT_STLS_INJECTION_LATE, "open\nR: STLS\\r\\nQUIT\\r\\n\nwait 1\nC: CAPA"},
    {FAULT_STLS_INJECTION_BARE_LF, "open\nR: STLS\\r\\nQUIT\\n\nC: CAPA"},
    {FAULT_STLS_AFTER_LOGIN, LOGIN "C: STLS"},
    {FAULT_NOOP_BEFORE_LOGIN, "open\nC: NOOP"},
    {FAULT_RSET_BEFORE_LOGIN, "open\nC: RSET"},
    {FAULT_STAT_BEFORE_LOGIN, "open\nC: STAT"},
    {FAULT_LIST_BEFORE_LOGIN, "open\nC: LIST"},
    {FAULT_USER_AFTER_LOGIN, LOGIN "C: USER u"},
    {FAULT_AUTH_AFTER_LOGIN, LOGIN "C: AUTH PLAIN"},
    {FAULT_TOP_LISTED_AND_REFUSED, SHORT "C: TOP 1 0"},
    {FAULT_UIDL_LISTED_AND_REFUSED, SHORT "C: UIDL 1"},
    {FAULT_STLS_LISTED_AND_REFUSED, "open\nC: STLS"},
    {FAULT_STLS_REFUSED_BEHIND_FAILED_LOGIN, "open\nC: USER u\nC: PASS x\nC: STLS"},
    {FAULT_STLS_REFUSED_BEHIND_CAPA, "open\nC: CAPA\nC: STLS"},
    {FAULT_STLS_WITHOUT_TLS, "open\nC: STLS"},
    {FAULT_STAT_UNDER_IMPLICIT_TLS, "open tls\nC: STAT"},
    {FAULT_STAT_UNDER_TLS_BEFORE_LOGIN, "open tls\nC: STAT"},
    {FAULT_LAST_BEFORE_LOGIN, LASTING "open\nC: LAST"},
    {FAULT_USER_REFUSED_BEHIND_FAILED_LOGIN, "open\nC: USER u\nC: PASS x\nC: USER u"},
    {FAULT_AUTH_REFUSED_BEHIND_FAILED_LOGIN, "open\nC: USER u\nC: PASS x\nC: AUTH PLAIN"},
    {FAULT_USER_REFUSED_WHEN_LATE, "open\nwait 2\nC: USER u"},
    {FAULT_USER_LOGS_OUT, LOGIN "C: USER u\nC: STAT"},
    {FAULT_DELE_OF_UNREAD_REFUSED, SHORT "C: DELE 1"},
    {FAULT_DELE_TWICE, SHORT "C: DELE 1\nC: DELE 1"},
    {FAULT_DELE_AT_ONCE, SHORT "C: DELE 1\ndrop\n" LOGIN "C: STAT"},
    {FAULT_DELE_MARKS_NEXT, THREE "C: DELE 1\nC: LIST"},
    {FAULT_RSET_FORGETS_ONE, THREE "C: DELE 1\nC: DELE 2\nC: RSET\nC: LIST"},
    {FAULT_RSET_UNMARKS_NOTHING, SHORT "C: DELE 1\nC: RSET\nC: STAT"},
    {FAULT_END_COMMITS, SHORT "C: DELE 1\nend\n" LOGIN "C: STAT"},
    {FAULT_END_UNDER_TLS_COMMITS,
     "deliver short\nopen\nC: STLS\nC: AUTH PLAIN " PLAIN "\nC: DELE 1\nend\n" LOGIN "C: STAT"},
    {FAULT_END_UNDER_IMPLICIT_TLS_COMMITS,
     "deliver short\nopen tls\nC: AUTH PLAIN " PLAIN "\nC: DELE 1\nend\n" LOGIN "C: STAT"},
    {FAULT_RESET_COMMITS, SHORT "C: DELE 1\ndrop\n" LOGIN "C: STAT"},
    {FAULT_END_WITHIN_COMMAND_COMMITS, SHORT "C: DELE 1\nR: QUI\nend\n" LOGIN "C: STAT"},
    {FAULT_RESET_WITHIN_COMMAND_COMMITS, SHORT "C: DELE 1\nR: QUI\ndrop\n" LOGIN "C: STAT"},
    {FAULT_END_BEHIND_LISTING_COMMITS, SHORT "C: DELE 1\nC: LIST\nend\n" LOGIN "C: STAT"},
    {FAULT_RESET_BEHIND_TOP_COMMITS, SHORT "C: DELE 1\nC: TOP 1 0\ndrop\n" LOGIN "C: STAT"},
    {FAULT_END_REMOVES_RETRIEVED, SHORT "C: RETR 1\nend\n" LOGIN "C: STAT"},
    {FAULT_AUTOLOGOUT_COMMITS, SHORT "C: DELE 1\nwait 600\n" LOGIN "C: STAT"},
    {FAULT_AUTOLOGOUT_EARLY_AUTHORIZATION, "open\nwait 598"},
    {FAULT_AUTOLOGOUT_EARLY_TRANSACTION, LOGIN "wait 598"},
    {FAULT_AUTOLOGOUT_GOES_ON, LOGIN "wait 400\nC: NOOP\nwait 400\nC: STAT"},
    {FAULT_LOCK_KEPT_BEHIND_END, LOGIN "end\n" LOGIN},
    {FAULT_LOCK_KEPT_WITHIN_COMMAND, LOGIN "R: QUI\nend\n" LOGIN},
    {FAULT_LOCK_KEPT_BEHIND_QUIT, SHORT "C: DELE 1\nfull\nC: QUIT\n" LOGIN},
    {FAULT_LOCK_KEPT_BEHIND_SHORT_SESSION, LOGIN "C: QUIT\n" LOGIN},
    {FAULT_LOCK_DISTURBED, SHORT LOGIN "C: DELE 1\nC: QUIT\nuse 1\nC: RETR 1"},
    {FAULT_ONE_LOCK_FOR_ALL, LOGIN "open\nC: USER mrose\nC: PASS tanstaaf"},
    {FAULT_MARKS_ABANDONED_AND_FOUND, SHORT "C: DELE 1\nend\n" LOGIN "C: LIST"},
    {FAULT_NEW_MAIL_APPEARS, SHORT "deliver short\nC: STAT"},
    {FAULT_QUIT_REMOVES_NOTHING, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_KEEPS_ONE, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_REMOVES_ONE_MORE, THREE "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_WITHOUT_MARKS_REMOVES, THREE "C: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_LOSES_NEW_MAIL, SHORT "deliver short\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_BEFORE_LOGIN_REMOVES, "deliver short\nopen\nC: USER u\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_REMOVES_RETRIEVED, SHORT "C: RETR 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_FAILED_UPDATE_OK, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_STAYS_OPEN, "open\nC: QUIT"},
    {FAULT_APOP_TIMESTAMP_REPEATED, "open\nopen"},
    {FAULT_PASS_UNCHECKED, "open\nC: USER u\nC: PASS x"},
    {FAULT_APOP_UNCHECKED, "open\nC: APOP u x"},
    {FAULT_AUTH_UNCHECKED, "open\nC: AUTH PLAIN AHUAeA=="},
    {FAULT_FIRST_USER_REFUSED, "open\nC: USER u"},
    {FAULT_FIRST_PASS_REFUSED, LOGIN},
    {FAULT_FIRST_APOP_REFUSED, "open\nC: " APOP},
    {FAULT_FIRST_AUTH_REFUSED, "open\nC: AUTH PLAIN " PLAIN},
    {FAULT_LOGIN_UNDER_TLS_REFUSED, "open tls\nC: USER u\nC: PASS secret word"},
    {FAULT_LOGIN_UNDER_IMPLICIT_TLS_REFUSED, "open tls\nC: USER u\nC: PASS secret word"},
    {FAULT_PASS_OPENS_NOTHING, LOGIN "C: STAT"},
    {FAULT_APOP_OPENS_NOTHING, "open\nC: " APOP "\nC: STAT"},
    {FAULT_AUTH_OPENS_NOTHING, "open\nC: AUTH PLAIN " PLAIN "\nC: STAT"},
    {FAULT_LOGIN_DELAY_NOT_ENFORCED, "variant login-delay\n" LOGIN "C: QUIT\n" LOGIN},
    {FAULT_FAILED_LOGIN_STICKS, "open\nC: USER u\nC: PASS x\nC: USER u\nC: PASS secret word"},
    {FAULT_TLS_CLOSE_UNNOTIFIED, "open tls\nC: QUIT"},
    {FAULT_UIDL_BEFORE_LOGIN, "open\nC: UIDL"},
    {FAULT_STAT_BEHIND_USER, "open\nC: USER u\nC: STAT"},
    {FAULT_LIST_BEHIND_FAILED_LOGIN, "open\nC: USER u\nC: PASS x\nC: LIST"},
    {FAULT_QUIT_BEFORE_LOGIN_STAYS_OPEN, "open\nC: QUIT"},
    {FAULT_QUIT_WITH_MARKS_STAYS_OPEN, SHORT "C: DELE 1\nC: QUIT"},
    {FAULT_FAILED_QUIT_STAYS_OPEN, "full\n" SHORT "C: DELE 1\nC: QUIT"},
    {FAULT_FAILED_UPDATE_EMPTIES, "full\n" SHORT "C: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_KEEPS_LAST, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_RSET_WITH_ALL_MARKED_IGNORED, SHORT "C: DELE 1\nC: RSET\nC: STAT"},
    /* view */
    {FAULT_LIST_SHOWS_DELETED, THREE "C: DELE 1\nC: LIST"},
    {FAULT_UIDL_SHOWS_DELETED, THREE "C: DELE 1\nC: UIDL"},
    {FAULT_LIST_ONE_SHOWS_DELETED, SHORT "C: DELE 1\nC: LIST 1"},
    {FAULT_UIDL_ONE_SHOWS_DELETED, SHORT "C: DELE 1\nC: UIDL 1"},
    {FAULT_RETR_SHOWS_DELETED, SHORT "C: DELE 1\nC: RETR 1"},
    {FAULT_TOP_SHOWS_DELETED, SHORT "C: DELE 1\nC: TOP 1 0"},
    {FAULT_STAT_COUNTS_DELETED, SHORT "C: DELE 1\nC: STAT"},
    {FAULT_STAT_OCTETS_COUNT_DELETED, SHORT "C: DELE 1\nC: STAT"},
    {FAULT_STAT_OCTETS_OFF, SHORT "C: STAT"},
    {FAULT_STAT_COUNT_OFF, THREE "C: STAT"},
    {FAULT_SIZE_COUNTS_LF, SHORT "C: LIST"},
    {FAULT_SIZE_COUNTS_STUFFING, DOTTED "C: LIST"},
    {FAULT_SIZE_OFF_BY_ONE, THREE "C: LIST"},
    {FAULT_SIZE_OFF_UNDER_TLS, "deliver short\nopen tls\nC: AUTH PLAIN " PLAIN "\nC: LIST"},
    {FAULT_SIZE_CHANGES, SHORT "C: RETR 1\nC: LIST"},
    {FAULT_LIST_ONE_SIZE_DIFFERS, SHORT "C: LIST 1"},
    {FAULT_LIST_SKIPS_LAST, THREE "C: LIST"},
    {FAULT_UIDL_SKIPS_FIRST, SHORT "C: UIDL"},
    {FAULT_UNIQUE_IDS_CHANGE, SHORT "C: UIDL\nC: QUIT\n" LOGIN "C: UIDL"},
    {FAULT_UNIQUE_IDS_CHANGE_WITHIN, SHORT "C: UIDL\nC: UIDL"},
    {FAULT_UNIQUE_IDS_LOST_WITHOUT_UPDATE, SHORT "end\n" LOGIN "C: UIDL"},
    {FAULT_UNIQUE_ID_SHARED, THREE "C: UIDL"},
    {FAULT_UNIQUE_ID_REUSED, SHORT "C: UIDL"},
    {FAULT_UNIQUE_ID_TOO_LONG, SHORT "C: UIDL"},
    {FAULT_UNIQUE_ID_EMPTY, SHORT "C: UIDL"},
    {FAULT_UNIQUE_ID_WITH_SPACE, SHORT "C: UIDL"},
    {FAULT_UNIQUE_ID_IS_NUMBER, SHORT "C: UIDL"},
    {FAULT_UIDL_ONE_DIFFERS, SHORT "C: UIDL 1"},
    {FAULT_NUMBERS_CLOSE_UP, THREE "C: DELE 1\nC: LIST 1"},
    {FAULT_ZERO_IS_FIRST, SHORT "C: RETR 0"},
    {FAULT_BEYOND_IS_LAST, SHORT "C: RETR 2"},
    {FAULT_LAST_NOT_FOUND, THREE "C: RETR 3"},
    {FAULT_TOP_ZERO_SENDS_ALL, SHORT "C: TOP 1 0"},
    {FAULT_TOP_SENDS_ALL, SHORT "C: TOP 1 1"},
    {FAULT_TOP_BEHIND_RETR_SENDS_ALL, SHORT "C: RETR 1\nC: TOP 1 1"},
    {FAULT_TOP_ONE_LINE_MORE, SHORT "C: TOP 1 1"},
    {FAULT_TOP_ONE_LINE_LESS, SHORT "C: TOP 1 1"},
    {FAULT_TOP_WITHOUT_BLANK_LINE, SHORT "C: TOP 1 1"},
    {FAULT_TOP_COUNT_WRAPS, SHORT "C: TOP 1 65536"},
    {FAULT_RETR_CUT, LARGE "C: RETR 1"},
    {FAULT_RETR_CUT_UNDER_TLS, "deliver large\nopen tls\nC: AUTH PLAIN " PLAIN "\nC: RETR 1"},
    {FAULT_RETR_CUT_UNDER_IMPLICIT_TLS, "deliver large\nopen tls\nC: AUTH PLAIN " PLAIN "\nC: RETR 1"},
    {FAULT_RETR_CUT_SECOND_TIME, SHORT "C: RETR 1\nC: RETR 1"},
    {FAULT_LAST_BLANK_LINE_LOST, "deliver blank\n" LOGIN "C: RETR 1"},
    {FAULT_FIRST_RETR_IS_MESSAGE_ONE, THREE "C: RETR 2"},
    {FAULT_RETR_OTHER_BEHIND_RSET, THREE "C: RSET\nC: RETR 2"},
    {FAULT_STAT_SHORT_BEHIND_RSET, SHORT "C: RSET\nC: STAT"},
    {FAULT_STAT_WITH_ALL_MARKED, SHORT "C: DELE 1\nC: STAT"},
    {FAULT_LIST_SHORT_BEHIND_RSET, SHORT "C: RSET\nC: LIST"},
    {FAULT_UIDL_SHORT_BEHIND_RSET, SHORT "C: RSET\nC: UIDL"},
    {FAULT_UNIQUE_ID_CHANGES_BEHIND_RETR, SHORT "C: RETR 1\nC: UIDL 1"},
    {FAULT_SECOND_UNIQUE_ID_EIGHT_BIT, THREE "C: UIDL"},
    {FAULT_SIZE_OF_16_BITS, LARGE "C: LIST"},
    {FAULT_STAT_OCTETS_OF_16_BITS, LARGE "C: STAT"},
    {FAULT_NUMBER_OF_ONE_DIGIT, TEN "C: LIST 10"},
    {FAULT_TOP_OF_FIRST, THREE "C: TOP 2 0"},
    {FAULT_RETR_CUT_AT_64K, LARGE "C: RETR 1"},
    /* reply */
    {FAULT_PLUS_ERR, LOGIN "C: XYZZY"},
    {FAULT_TEXT_WITHOUT_SPACE, LOGIN "C: NOOP"},
    {FAULT_GREETING_WITHOUT_INDICATOR, FIVE},
    {FAULT_GREETING_TWO_LINES, FIVE},
    {FAULT_SECOND_NOT_SERVED, "open\nopen\nC: QUIT"},
    {FAULT_GREETING_LOST_BEHIND_ODD_NUMBER, LOGIN "C: LIST x\nend\nopen"},
    {FAULT_GREETING_LOST_BEHIND_ABORT, "open\ndrop\nopen"},
    {FAULT_GREETING_LOST_BEHIND_CUT, "open\nR: USE\ndrop\nopen"},
    {FAULT_GREETING_LOST_BEHIND_STLS, "open\nC: STLS\ndrop\nopen"},
    {FAULT_GREETING_LOST_UNDER_IMPLICIT_TLS, "open tls"},
    {FAULT_GREETING_UNDER_STLS, "open\nC: CAPA\nC: STLS\nC: CAPA"},
    {FAULT_STLS_TWO_LINES, "open\nC: STLS"},
    {FAULT_TIMESTAMP_MALFORMED, "open"},
    {FAULT_OK_FOR_CHALLENGE, "open\nC: AUTH PLAIN"},
    {FAULT_CHALLENGE_WITH_TEXT, "open\nC: AUTH PLAIN"},
    {FAULT_CHALLENGE_NOT_BASE64, "open\nC: AUTH CRAM-MD5"},
    {FAULT_QUIT_ERR_THEN_OK, LOGIN "C: QUIT"},
    {FAULT_SECOND_CHALLENGE_NOT_BASE64, "open\nC: AUTH LOGIN\nC: dQ=="},
    {FAULT_CHALLENGE_WITHOUT_SPACE, "open\nC: AUTH PLAIN"},
    {FAULT_CRAM_MD5_CHALLENGE_REPEATED, "open\nC: AUTH CRAM-MD5"},
    {FAULT_CRAM_MD5_CHALLENGE_WITHOUT_BRACKETS, "open\nC: AUTH CRAM-MD5"},
    {FAULT_SCRAM_NONCE_REPLACED, "open\nC: AUTH SCRAM-SHA-1 biwsbj11LHI9YWJj"},
    {FAULT_AUTH_OK_BEHIND_LOGIN, LOGIN "C: AUTH PLAIN"},
    {FAULT_SASL_LIST_WITH_COMMAS, "open\nC: CAPA"},
    {FAULT_SCRAM_SIGNATURE_WRONG, "open\n" SCRAM_1},
    {FAULT_SCRAM_SHA_256_SIGNATURE_WRONG, "open\n" SCRAM_256},
    {FAULT_SCRAM_SIGNATURE_WRONG_UNDER_TLS, "open tls\n" SCRAM_1},
    {FAULT_SCRAM_SIGNATURE_EMPTY, "open\n" SCRAM_256},
    {FAULT_QUIT_AUTHORIZATION_ERR, "open\nC: QUIT"},
    {FAULT_QUIT_ERR, LOGIN "C: QUIT"},
    {FAULT_RSET_TWO_LINES, LOGIN "C: RSET"},
    {FAULT_RSET_ERR, LOGIN "C: RSET"},
    {FAULT_STAT_TWICE, LOGIN "C: STAT"},
    {FAULT_RETR_THEN_ERR, SHORT "C: RETR 1"},
    {FAULT_NOOP_ERR, LOGIN "C: NOOP"},
    {FAULT_NOOP_UNANSWERED, LOGIN "C: NOOP"},
    {FAULT_UNASKED_LINE, LOGIN},
    {FAULT_RETR_MISSING_OK, SHORT "C: RETR 2"},
    {FAULT_DELE_MISSING_OK, SHORT "C: DELE 2"},
    {FAULT_DELE_BEFORE_LOGIN, "open\nC: DELE 1"},
    {FAULT_LOGIN_AGAIN, LOGIN "C: PASS secret word"},
    {FAULT_UNKNOWN_BEFORE_LOGIN_OK, "open\nC: XYZZY"},
    {FAULT_MISSING_ARGUMENT_OK, "open\nC: USER"},
    {FAULT_PASS_WITHOUT_USER, "open\nC: PASS secret word"},
    {FAULT_LAST_IN_WORDS, LASTING LOGIN "C: LAST"},
    {FAULT_LAST_ANSWERS_COUNT, LASTING SHORT "C: LAST"},
    {FAULT_LAST_IGNORES_RETR, LASTING SHORT "C: RETR 1\nC: LAST"},
    {FAULT_LAST_ANSWERS_LATEST, LASTING THREE "C: RETR 2\nC: RETR 1\nC: LAST"},
    {FAULT_LAST_KEPT_BEHIND_RSET, LASTING SHORT "C: RETR 1\nC: RSET\nC: LAST"},
    {FAULT_LAST_IGNORES_DELE, SHORT "variant last-command\nC: DELE 1\nC: LAST"},
    {FAULT_XTND_BEFORE_LOGIN, "open\nC: XTND BBOARDS"},
    {FAULT_XTND_OPENS_ANYTHING, LOGIN "C: XTND BBOARDS x"},
    {FAULT_STAT_IN_WORDS, LOGIN "C: STAT"},
    {FAULT_STAT_TWO_SPACES, LOGIN "C: STAT"},
    {FAULT_LIST_ONE_WITHOUT_NUMBER, SHORT "C: LIST 1"},
    {FAULT_UIDL_ONE_WITHOUT_NUMBER, SHORT "C: UIDL 1"},
    {FAULT_LIST_THREE_SPACES, SHORT "C: LIST"},
    {FAULT_LIST_SIZE_GARBAGE, SHORT "C: LIST"},
    {FAULT_LIST_SIZE_HEXADECIMAL, SHORT "C: LIST"},
    {FAULT_UIDL_TRAILING_TEXT, SHORT "C: UIDL"},
    {FAULT_UIDL_EMPTY_HAS_ROW, LOGIN "C: UIDL"},
    {FAULT_LIST_EMPTY_ERR, LOGIN "C: LIST"},
    {FAULT_LIST_ONE_MULTI, SHORT "C: LIST 1"},
    {FAULT_CAPA_REFUSED, "open\nC: CAPA"},
    {FAULT_CAPA_BEFORE_LOGIN_REFUSED, "open\nC: CAPA"},
    {FAULT_CAPA_AGAIN_REFUSED, "open\nC: CAPA\nC: CAPA"},
    {FAULT_CAPA_UNANSWERED, "open\nC: CAPA"},
    {FAULT_CAPA_LISTS_UNSUPPORTED, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_UIDL, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_USER, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_LOGIN_DELAY_BEHIND_LOGIN, "variant login-delay\n" LOGIN "C: CAPA"},
    {FAULT_SASL_OMITS_PLAIN, "open\nC: CAPA"},
    {FAULT_SASL_OMITS_CRAM_MD5, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_SASL_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_CAPA_OMITS_ALL_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_CAPA_LISTS_MORE_BEFORE_LOGIN, "open\nC: CAPA"},
    {FAULT_CAPA_LISTS_APOP, "open\nC: CAPA"},
    {FAULT_CAPA_BEHIND_LOGIN_REFUSED, LOGIN "C: CAPA"},
    {FAULT_AUTH_RESP_CODE_UNLISTED, "open\nC: CAPA"},
    {FAULT_AUTH_RESP_CODE_BEFORE_LOGIN_ONLY, LOGIN "C: CAPA"},
    {FAULT_IMPLEMENTATION_BEFORE_LOGIN_ONLY, LOGIN "C: CAPA"},
    {FAULT_TOP_LISTED_WITH_ARGUMENT, "open\nC: CAPA"},
    {FAULT_UIDL_LISTED_WITH_ARGUMENT, LOGIN "C: CAPA"},
    {FAULT_SASL_SHRINKS_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_IMPLEMENTATION_CHANGES_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_LOGIN_DELAY_GROWS_BEHIND_LOGIN, "variant login-delay\n" LOGIN "C: CAPA"},
    {FAULT_LOGIN_DELAY_SHRINKS_UNFORETOLD, "variant login-delay\n" LOGIN "C: CAPA"},
    {FAULT_EXPIRE_SHRINKS_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_EXPIRE_GROWS_UNFORETOLD, "open\nC: CAPA"},
    {FAULT_CAPA_BEHIND_OTHERS_REFUSED, "open\nC: XYZZY\nC: CAPA"},
    {FAULT_STLS_LISTED_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_STLS_LISTED_UNDER_TLS, "open tls\nC: CAPA"},
    {FAULT_NO_CAPA_BEHIND_STLS, "open\nC: STLS\nC: CAPA"},
    {FAULT_CAPABILITY_TOO_LONG, "open\nC: CAPA"},
    {FAULT_CAPABILITY_INDENTED, "open\nC: CAPA"},
    {FAULT_EXPIRE_MALFORMED, "open\nC: CAPA"},
    {FAULT_LOGIN_DELAY_MALFORMED, "variant login-delay\nopen\nC: CAPA"},
    {FAULT_EXPIRE_OF_USERS_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_LOGIN_DELAY_OF_USERS_BEHIND_LOGIN, "variant login-delay\n" LOGIN "C: CAPA"},
    {FAULT_IMPLEMENTATION_EMPTY, "open\nC: CAPA"},
    {FAULT_RESPONSE_CODE_UNCLOSED, "open\nC: USER u\nC: PASS x"},
    {FAULT_IN_USE_FOR_WRONG_PASSWORD, "open\nC: USER u\nC: PASS x"},
    {FAULT_AUTH_CODE_BEFORE_LOGIN, "open\nC: STAT"},
    {FAULT_AUTH_CODE_BEHIND_LOGIN, LOGIN "C: RETR 1"},
    {FAULT_AUTH_CODE_FOR_FAILED_UPDATE, SHORT "C: DELE 1\nfull\nC: QUIT"},
    {FAULT_AUTH_CODE_BEHIND_OK, "open\nC: USER u"},
    {FAULT_AUTH_CODE_TO_USER, "variant unknown-user-refused\nopen\nC: USER nobody"},
    {FAULT_AUTH_CODE_MISSING, "open\nC: USER u\nC: PASS x"},
    {FAULT_AUTH_CODE_MISSING_FOR_UNKNOWN, "open\nC: USER nobody\nC: PASS x"},
    {FAULT_AUTH_CODE_MISSING_FOR_APOP, "open\nC: APOP u x"},
    {FAULT_AUTH_CODE_MISSING_FOR_AUTH, "open\nC: AUTH PLAIN AHUAeA=="},
    {FAULT_SYSTEM_CODE_BEHIND_OK, LOGIN "C: NOOP"},
    {FAULT_SYSTEM_CODE_BEHIND_LOGIN, LOGIN},
    {FAULT_SYSTEM_CODE_FOR_WRONG_PASSWORD, "open\nC: USER u\nC: PASS x"},
    {FAULT_IN_USE_BEHIND_OK, LOGIN},
    {FAULT_IN_USE_BEHIND_LOGIN, LOGIN "C: XYZZY"},
    {FAULT_LOGIN_DELAY_BEHIND_LOGIN, LOGIN "C: XYZZY"},
    {FAULT_RESPONSE_CODE_WITH_EMPTY_LEVEL, "open\nC: USER u\nC: PASS x"},
    {FAULT_BAD_BASE64_ASKED_FOR_AGAIN, "open\nC: AUTH PLAIN\nC: !!!!"},
    {FAULT_LOGIN_DELAY_BEHIND_OK, LOGIN},
    {FAULT_LOGIN_DELAY_FOR_UNKNOWN, LOGIN "C: XYZZY"},
    {FAULT_REFUSAL_WITH_TERMINATOR, LOGIN "C: RETR 1"},
    {FAULT_DELE_WITH_TERMINATOR, SHORT "C: DELE 1"},
    {FAULT_LISTINGS_REFUSED_LATER, LOGIN "C: NOOP\nC: NOOP\nC: LIST"},
    {FAULT_NO_DELE, SHORT "C: DELE 1"},
    {FAULT_NO_LIST, LOGIN "C: LIST"},
    {FAULT_STAT_OF_NOTHING_IN_WORDS, LOGIN "C: STAT"},
    {FAULT_LIST_REFUSED_WITH_ALL_MARKED, SHORT "C: DELE 1\nC: LIST"},
    {FAULT_REFUSAL_QUOTES_ALL, LOGIN "C: XYZZY now"},
    /* wire */
    {FAULT_RETR_UNSTUFFED, DOTTED "C: RETR 1"},
    {FAULT_TOP_UNSTUFFED, DOTTED "C: TOP 1 3"},
    {FAULT_FIRST_LINE_UNSTUFFED, DOTTED "C: RETR 1"},
    {FAULT_CHUNK_EDGE_UNSTUFFED, LARGE "C: RETR 1"},
    {FAULT_UNSTUFFED_UNDER_TLS, "deliver dotted\nopen tls\nC: AUTH PLAIN " PLAIN "\nC: RETR 1"},
    {FAULT_UNSTUFFED_PIPELINED, DOTTED "R: RETR 1\\r\\nNOOP\\r\\n"},
    {FAULT_BLANK_LINE_STUFFED, SHORT "C: RETR 1"},
    {FAULT_DOTS_DOUBLED_INSIDE, SHORT "C: RETR 1"},
    {FAULT_STATUS_BARE_LF, LOGIN "C: NOOP"},
    {FAULT_GREETING_BARE_LF, "open"},
    {FAULT_LISTING_BARE_LF, SHORT "C: LIST"},
    {FAULT_CAPA_BARE_LF, "open\nC: CAPA"},
    {FAULT_BODY_BARE_LF, SHORT "C: RETR 1"},
    {FAULT_TERMINATOR_BARE_LF, LOGIN "C: LIST"},
    {FAULT_CR_DOUBLED, SHORT "C: RETR 1"},
    {FAULT_LOWER_CASE_OK, LOGIN "C: NOOP"},
    {FAULT_LOWER_CASE_ERR, LOGIN "C: XYZZY"},
    {FAULT_FIRST_LINE_TOO_LONG, LOGIN "C: NOOP"},
    {FAULT_WELCOMES_TOO_LONG, LOGIN},
    {FAULT_FINAL_NEWLINE_MISSING, "deliver open\n" LOGIN "C: RETR 1"},
    {FAULT_EXTRA_LINE_BEFORE_TERMINATOR, SHORT "C: RETR 1"},
    {FAULT_TERMINATOR_MISSING, SHORT "C: RETR 1"},
    {FAULT_TOP_TERMINATOR_MISSING, SHORT "C: TOP 1 9"},
    {FAULT_UIDL_TERMINATOR_MISSING, LOGIN "C: UIDL"},
    {FAULT_CAPA_TERMINATOR_MISSING, LOGIN "C: CAPA\nC: CAPA\nC: NOOP"},
    {FAULT_NUL_LOSES_TERMINATOR, "deliver odd\n" LOGIN "C: RETR 1"},
    {FAULT_LIST_TERMINATOR_MISSING, LOGIN "C: LIST"},
    {FAULT_TERMINATOR_TWICE, SHORT "C: RETR 1"},
    {FAULT_OCTET_CHANGED, LARGE "C: RETR 1"},
    {FAULT_EIGHT_BIT_STRIPPED, "deliver odd\n" LOGIN "C: RETR 1"},
    {FAULT_TRAILING_SPACES_TRIMMED, SHORT "C: RETR 1"},
    {FAULT_FROM_QUOTED_TWICE, "deliver blank\n" LOGIN "C: RETR 1"},
    {FAULT_DOT_BEHIND_BLANK_DOUBLED, "deliver blank\n" LOGIN "C: RETR 1"},
    {FAULT_LEADING_BLANK_LOST, "deliver blank\n" LOGIN "C: RETR 1"},
    {FAULT_LONG_LINE_FOLDED, LARGE "C: RETR 1"},
    {FAULT_SECOND_MESSAGE_UNSTUFFED, THREE "C: RETR 2"},
    {FAULT_EMPTY_LIST_UNTERMINATED, LOGIN "C: LIST"},
    {FAULT_UIDL_BARE_LF, SHORT "C: UIDL"},
    {FAULT_REFUSAL_BARE_LF, LOGIN "C: RETR 1"},
    /* RFC 6856 */
    {FAULT_UTF8_LISTED_WITH_ENCODINGS, "open\nC: CAPA"},
    {FAULT_UTF8_LISTED_WITH_ENCODINGS_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_UTF8_USER_LOST_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_UTF8_UNLISTED_IN_UTF8_MODE, "open\nC: UTF8\nC: CAPA"},
    {FAULT_LANG_LISTED_WITH_LANGUAGES, "open\nC: CAPA"},
    {FAULT_UTF8_ARGUMENT_IGNORED, "open\nC: UTF8 USER"},
    {FAULT_UTF8_AFTER_LOGIN, LOGIN "C: UTF8"},
    {FAULT_UTF8_CHANGES_NOTHING, RAW_UTF8 "C: RETR 1"},
    {FAULT_LOGIN_REFUSED_BEHIND_UTF8, UTF8_LOGIN},
    {FAULT_UTF8_HEADER_SENT, RAW "C: RETR 1"},
    {FAULT_UTF8_HEADER_SENT_BY_TOP, RAW "C: TOP 1 0"},
    {FAULT_UTF8_HEADER_SENT_UNDER_TLS, "deliver raw\nopen tls\nC: USER u\nC: PASS secret word\nC: RETR 1"},
    {FAULT_UTF8_HEADER_SENT_BEHIND_LANG, RAW "C: LANG de\nC: RETR 1"},
    {FAULT_SURROGATE_IN_UTF8_MODE, RAW_UTF8 "C: RETR 1"},
    {FAULT_SURROGATE_BY_TOP_IN_UTF8_MODE, RAW_UTF8 "C: TOP 1 0"},
    {FAULT_SURROGATE_UNDER_TLS_IN_UTF8_MODE,
     "deliver raw\nopen tls\nC: UTF8\nC: USER u\nC: PASS secret word\nC: RETR 1"},
    {FAULT_REFUSED_IN_UTF8_MODE, RAW_UTF8 "C: RETR 1"},
    {FAULT_NEIGHBOURS_REFUSED, "deliver short\n" RAW "C: RETR 1"},
    {FAULT_UTF8_MESSAGE_UNANSWERED, RAW "C: RETR 1"},
    {FAULT_SURROGATE_MALFORMED, SURROGATES RAW "C: RETR 1"},
    {FAULT_SIZE_OFF_IN_UTF8_MODE, RAW_UTF8 "C: LIST 1"},
    {FAULT_SIZE_OF_SURROGATE_IS_THE_STORED_ONE, SURROGATES RAW "C: LIST 1"},
    {FAULT_SIZE_OFF_WHERE_UTF8_IS_LISTED, SHORT "C: LIST 1"},
    {FAULT_BYTE_ORDER_MARK, "deliver short\n" UTF8_LOGIN "C: RETR 1"},
    {FAULT_UNSTUFFED_IN_UTF8_MODE, "deliver dotted\n" UTF8_LOGIN "C: RETR 1"},
    {FAULT_UTF8_CODE_FOR_NO_MESSAGE, SHORT "C: RETR 2"},
    {FAULT_UTF8_CODE_IN_UTF8_MODE, UTF8_LOGIN "C: RETR 1"},
    {FAULT_UTF8_CODE_FOR_ASCII, SHORT "C: TOP 1 0"},
    {FAULT_UTF8_CODE_FOR_DELE, RAW "C: DELE 1"},
    {FAULT_UTF8_CODE_FOR_UIDL, RAW "C: UIDL 1"},
    {FAULT_UTF8_CODE_FOR_UTF8, "open\nC: UTF8 USER"},
    {FAULT_UTF8_CODE_BEHIND_OK, SURROGATES RAW "C: RETR 1"},
    {FAULT_MALFORMED_OCTETS_DROPPED, "open\nC: USER u\nC: PASS secret word\\xC3"},
    {FAULT_MALFORMED_OCTETS_DROPPED_IN_UTF8_MODE, "open\nC: UTF8\nC: USER u\nC: PASS secret word\\x80"},
    {FAULT_MALFORMED_OCTETS_DROPPED_IN_NAMES, "open\nC: USER u\\xC0\\xAF\nC: PASS secret word"},
    {FAULT_MALFORMED_OCTETS_DROPPED_IN_APOP, "open\nC: APOP u\\xC3 dd2f8f111667fb2c507cf14dbb786466"},
    {FAULT_PROHIBITED_DROPPED, "open\nC: USER u\nC: PASS secret word\\xEE\\x80\\x80"},
    {FAULT_PROHIBITED_DROPPED_IN_NAMES, "open\nC: USER u\\xC2\\x85\nC: PASS secret word"},
    {FAULT_PROHIBITED_DROPPED_IN_APOP, "open\nC: APOP u\\xEF\\xB7\\x90 dd2f8f111667fb2c507cf14dbb786466"},
    {FAULT_UTF8_NAMES_REFUSED, "open\nC: USER pel\\xC3\\xA9\nC: PASS cl\\xC3\\xA9-d'\\xC3\\xA9t\\xC3\\xA9"},
    {FAULT_UTF8_NAMES_REFUSED_BEFORE_UTF8,
     "open\nC: USER pel\\xC3\\xA9\nC: PASS cl\\xC3\\xA9-d'\\xC3\\xA9t\\xC3\\xA9"},
    {FAULT_NAMES_UNPREPARED, "open\nC: USER pele\\xCC\\x81"},
    {FAULT_PASSWORDS_UNPREPARED, "open\nC: USER u\nC: PASS secret\\xC2\\xA0word"},
    {FAULT_APOP_NAMES_UNPREPARED, "open\nC: APOP u\\xC2\\xAD dd2f8f111667fb2c507cf14dbb786466"},
    {FAULT_NAME_REPEATED_AS_IT_IS, "open\nC: USER pel\\xC3\\xA9"},
    {FAULT_LANG_SECOND_ARGUMENT_IGNORED, "open\nC: LANG en de"},
    {FAULT_LANG_REFUSED_BEFORE_LOGIN, "open\nC: LANG en"},
    {FAULT_LANG_REFUSED_BEHIND_LOGIN, LOGIN "C: LANG en"},
    {FAULT_LOGIN_REFUSED_BEHIND_LANG, "open\nC: LANG en\nC: USER u\nC: PASS secret word"},
    {FAULT_UNKNOWN_LANGUAGE_IS_ENGLISH, "open\nC: LANG mul"},
    {FAULT_UNKNOWN_LANGUAGE_IS_ENGLISH_BEHIND_LOGIN, LOGIN "C: LANG mul"},
    {FAULT_UNKNOWN_LANGUAGE_CHANGES_NOTHING, "open\nC: LANG de\nC: LANG mul"},
    {FAULT_OTHER_LANGUAGE_SELECTED, "open\nC: LANG fr"},
    {FAULT_LANGUAGE_TAGS_WITH_CASE, "open\nC: LANG EN"},
    {FAULT_LISTED_FIRST_REFUSED, "open\nC: LANG en"},
    {FAULT_LISTED_LAST_REFUSED, "open\nC: LANG fr"},
    {FAULT_PREFERRED_LANGUAGE_REVEALS, "open\nC: USER u\nC: LANG *"},
    {FAULT_LANG_OK_WITHOUT_TAG, "open\nC: LANG en"},
    {FAULT_LANG_OK_TWO_SPACES, "open\nC: LANG en"},
    {FAULT_LANG_OK_COLON, "open\nC: LANG en"},
    {FAULT_LANG_OK_COLON_BEHIND_LOGIN, LOGIN "C: LANG en"},
    {FAULT_LANG_OK_REPEATS_STAR, "open\nC: LANG *"},
    {FAULT_LANGUAGES_WITH_TABS, "open\nC: LANG"},
    {FAULT_LANGUAGES_WITH_TWO_SPACES, "open\nC: LANG"},
    {FAULT_LANGUAGES_NUMBERED, "open\nC: LANG"},
    {FAULT_LANGUAGES_IN_LATIN_1, "open\nC: LANG"},
    {FAULT_LANGUAGES_OMIT_ENGLISH, "open\nC: LANG"},
    {FAULT_LANGUAGES_ADD_KLINGON, "open\nC: LANG"},
    {FAULT_LANGUAGES_ADD_KLINGON_BEHIND_LOGIN, LOGIN "C: LANG"},
    {FAULT_TEXTS_IN_LATIN_1, "open\nC: LANG de"},
    {FAULT_TEXTS_IN_LATIN_1_BEHIND_LOGIN, LOGIN "C: LANG de\nC: QUIT"},
    {FAULT_REFUSALS_IN_LATIN_1, "open\nC: LANG de\nC: XYZZY"},
    {FAULT_TEXT_CUT_WITHIN_CHARACTER, "open\nC: LANG de"},
};

enum { SCRIPT_COUNT = sizeof(scripts) / sizeof(scripts[0]) };

/* Plays TEXT with FAULT, or without one (FAULT_COUNT), and answers what was said; the caller frees it. */
static char *play(const char *text, enum fault fault, bool survey, uint64_t ret_acted[FAULT_WORDS])
{
    struct talk talk;

    talk_init(&talk);
    if (fault < FAULT_COUNT)
        refserver_set_fault(talk.server, fault, true);
    refserver_survey(talk.server, survey);
    talk_play(&talk, text);
    char *said = talk_take(&talk);

    memcpy(ret_acted, refserver_record(talk.server)->acted, FAULT_WORDS * sizeof(uint64_t));
    talk_release(&talk);
    return said;
}

static bool has_acted(const uint64_t acted[FAULT_WORDS], enum fault fault)
{
    return (acted[fault / 64] >> (fault % 64) & 1) != 0;
}

static void every_fault_has_a_script(void **state)
{
    (void)state;
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
        size_t count = 0;

        for (size_t i = 0; i < SCRIPT_COUNT; i++)
            count += scripts[i].fault == fault ? 1 : 0;
        if (count == 0)
            print_error("%s\n", fault_info(fault)->id);
        assert_int_equal(count, 1);
    }
}

static void every_fault_changes_what_is_said(void **state)
{
    uint64_t acted[FAULT_WORDS];

    (void)state;
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        char *right = play(scripts[i].text, FAULT_COUNT, false, acted);
        char *wrong = play(scripts[i].text, scripts[i].fault, false, acted);

        if (strcmp(right, wrong) == 0)
            print_error("%s: %s\n", fault_info(scripts[i].fault)->id, right);
        assert_string_not_equal(right, wrong);
        assert_true(has_acted(acted, scripts[i].fault));
        free(right);
        free(wrong);
    }
}

/* Every fault against every script that is not about the large message: the survey foretells who changes it. */
static void the_survey_foretells_who_acts(void **state)
{
    uint64_t foretold[FAULT_WORDS];
    uint64_t acted[FAULT_WORDS];

    (void)state;
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        if (strstr(scripts[i].text, "large") != NULL)
            continue;
        char *right = play(scripts[i].text, FAULT_COUNT, false, acted);
        char *surveyed = play(scripts[i].text, FAULT_COUNT, true, foretold);

        assert_string_equal(surveyed, right);
        assert_true(has_acted(foretold, scripts[i].fault));
        for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
            char *said = play(scripts[i].text, fault, false, acted);

            if (!has_acted(foretold, fault) && (has_acted(acted, fault) || strcmp(said, right) != 0))
                print_error("%s acts unforetold: %s\n", fault_info(fault)->id, scripts[i].text);
            assert_true(has_acted(foretold, fault) || (!has_acted(acted, fault) && strcmp(said, right) == 0));
            free(said);
        }
        free(right);
        free(surveyed);
    }
}

static void faults_are_named_by_their_ids(void **state)
{
    size_t in_seam[SEAM_COUNT] = {0};
    enum fault found;

    (void)state;
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
        assert_true(fault_of_id(fault_info(fault)->id, &found));
        assert_int_equal(found, fault);
        in_seam[fault_info(fault)->seam]++;
    }
    assert_false(fault_of_id("no-such-fault", &found));
    for (enum seam seam = 0; seam < SEAM_COUNT; seam++)
        assert_in_range(in_seam[seam], 10, FAULT_COUNT);
}

static void faults_are_switched_on_and_off(void **state)
{
    struct talk talk;

    (void)state;
    talk_init(&talk);
    refserver_set_fault(talk.server, FAULT_NOOP_ERR, true);
    refserver_set_fault(talk.server, FAULT_RSET_ERR, true);
    talk_play(&talk, LOGIN);
    buf_clear(&talk.output);
    talk_play(&talk, "C: NOOP\nC: RSET");
    refserver_set_fault(talk.server, FAULT_NOOP_ERR, false);
    talk_play(&talk, "C: NOOP\nC: RSET");
    refserver_clear_faults(talk.server);
    talk_play(&talk, "C: NOOP\nC: RSET");
    char *said = talk_take(&talk);

    assert_string_equal(
        said, "-ERR nothing done|-ERR 0 messages in 0 octets|+OK nothing done|-ERR 0 messages in 0 octets|"
              "+OK nothing done|+OK 0 messages in 0 octets|");
    free(said);
    talk_release(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_a_script),       cmocka_unit_test(every_fault_changes_what_is_said),
        cmocka_unit_test(the_survey_foretells_who_acts),  cmocka_unit_test(faults_are_named_by_their_ids),
        cmocka_unit_test(faults_are_switched_on_and_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
