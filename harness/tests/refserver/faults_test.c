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

#define LOGIN  "open\nC: USER u\nC: PASS secret word\n"
#define PLAIN  "AHUAc2VjcmV0IHdvcmQ="
#define A10    "AAAAAAAAAA"
#define A50    A10 A10 A10 A10 A10
#define A250   A50 A50 A50 A50 A50
#define FIVE   "open\nopen\nopen\nopen\nopen"
#define SHORT  "deliver short\n" LOGIN
#define THREE  "deliver short\ndeliver dotted\ndeliver open\n" LOGIN
#define DOTTED "deliver dotted\n" LOGIN
#define LARGE  "deliver large\n" LOGIN

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
    {FAULT_NUMBER_SIGN_IGNORED, SHORT "C: RETR -1"},
    {FAULT_NUMBER_HEXADECIMAL, SHORT "C: TOP 0x1 0"},
    {FAULT_EXTRA_ARGUMENT_IGNORED, LOGIN "C: STAT now"},
    {FAULT_CAPA_ARGUMENT_IGNORED, "open\nC: CAPA all"},
    {FAULT_STLS_ARGUMENT_IGNORED, "open\nC: STLS now"},
    {FAULT_TOP_WITHOUT_COUNT, SHORT "C: TOP 1"},
    {FAULT_RETR_WITH_COUNT, SHORT "C: RETR 1 0"},
    {FAULT_TOP_NEGATIVE_COUNT, SHORT "C: TOP 1 -1"},
    {FAULT_PIPELINED_COMMAND_LOST, LOGIN "R: NOOP\\r\\nSTAT\\r\\n"},
    {FAULT_PIPELINED_LOGIN_LOST, "open\nR: USER u\\r\\nPASS secret word\\r\\nSTAT\\r\\n"},
    {FAULT_LOWER_CASE_UNKNOWN, LOGIN "C: noop"},
    {FAULT_LONG_KEYWORD_CUT, LOGIN "C: STATUS"},
    {FAULT_UNKNOWN_COMMAND_OK, LOGIN "C: XYZZY"},
    {FAULT_EMPTY_LINE_UNANSWERED, LOGIN "C: \nC: NOOP"},
    {FAULT_NOOP_IN_PIECES_REFUSED, LOGIN "R: NO\nC: OP"},
    {FAULT_NOOP_LINE_END_CUT, LOGIN "R: NOOP\\r\nR: \\n\n"},
    {FAULT_BASE64_JUNK_IGNORED, "open\nC: AUTH PLAIN\nC: AHUAc2Vj!cmV0IHdvcmQ="},
    {FAULT_CANCEL_UNANSWERED, "open\nC: AUTH PLAIN\nC: *"},
    {FAULT_LONG_ARGUMENT_UNANSWERED, "open\nC: USER " A10 A10 A10 A10},
    {FAULT_LONG_COMMAND_UNANSWERED, "open\nC: USER " A50 A50 A50 A50},
    {FAULT_LIST_NUMBER_IGNORED, SHORT "C: LIST 1"},
    {FAULT_UIDL_NUMBER_IGNORED, SHORT "C: UIDL 1"},
    /* transition */
    {FAULT_STLS_INJECTION, "open\nR: STLS\\r\\nQUIT\\r\\n\nC: CAPA"},
    {FAULT_STLS_INJECTION_BARE_LF, "open\nR: STLS\\r\\nQUIT\\n\nC: CAPA"},
    {FAULT_STLS_AFTER_LOGIN, LOGIN "C: STLS"},
    {FAULT_NOOP_BEFORE_LOGIN, "open\nC: NOOP"},
    {FAULT_RSET_BEFORE_LOGIN, "open\nC: RSET"},
    {FAULT_STAT_BEFORE_LOGIN, "open\nC: STAT"},
    {FAULT_LIST_BEFORE_LOGIN, "open\nC: LIST"},
    {FAULT_USER_AFTER_LOGIN, LOGIN "C: USER u"},
    {FAULT_AUTH_AFTER_LOGIN, LOGIN "C: AUTH PLAIN"},
    {FAULT_TOP_LISTED_AND_REFUSED, SHORT "C: TOP 1 0"},
    {FAULT_DELE_TWICE, SHORT "C: DELE 1\nC: DELE 1"},
    {FAULT_DELE_AT_ONCE, SHORT "C: DELE 1\ndrop\n" LOGIN "C: STAT"},
    {FAULT_DELE_MARKS_NEXT, THREE "C: DELE 1\nC: LIST"},
    {FAULT_RSET_FORGETS_ONE, THREE "C: DELE 1\nC: DELE 2\nC: RSET\nC: LIST"},
    {FAULT_RSET_UNMARKS_NOTHING, SHORT "C: DELE 1\nC: RSET\nC: STAT"},
    {FAULT_END_COMMITS, SHORT "C: DELE 1\nend\n" LOGIN "C: STAT"},
    {FAULT_RESET_COMMITS, SHORT "C: DELE 1\ndrop\n" LOGIN "C: STAT"},
    {FAULT_END_REMOVES_RETRIEVED, SHORT "C: RETR 1\nend\n" LOGIN "C: STAT"},
    {FAULT_AUTOLOGOUT_COMMITS, SHORT "C: DELE 1\nwait 600\n" LOGIN "C: STAT"},
    {FAULT_AUTOLOGOUT_EARLY_AUTHORIZATION, "open\nwait 598"},
    {FAULT_AUTOLOGOUT_EARLY_TRANSACTION, LOGIN "wait 598"},
    {FAULT_AUTOLOGOUT_GOES_ON, LOGIN "wait 400\nC: NOOP\nwait 400\nC: STAT"},
    {FAULT_LOCK_KEPT_BEHIND_END, LOGIN "end\n" LOGIN},
    {FAULT_LOCK_KEPT_BEHIND_QUIT, SHORT "C: DELE 1\nfull\nC: QUIT\n" LOGIN},
    {FAULT_LOCK_DISTURBED, SHORT LOGIN "C: DELE 1\nC: QUIT\nuse 1\nC: RETR 1"},
    {FAULT_NEW_MAIL_APPEARS, SHORT "deliver short\nC: STAT"},
    {FAULT_QUIT_REMOVES_NOTHING, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_KEEPS_ONE, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_REMOVES_ONE_MORE, THREE "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_REMOVES_RETRIEVED, SHORT "C: RETR 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_FAILED_UPDATE_OK, SHORT "C: DELE 1\nC: QUIT\n" LOGIN "C: STAT"},
    {FAULT_QUIT_STAYS_OPEN, "open\nC: QUIT"},
    {FAULT_APOP_TIMESTAMP_REPEATED, "open\nopen"},
    {FAULT_PASS_UNCHECKED, "open\nC: USER u\nC: PASS x"},
    {FAULT_APOP_UNCHECKED, "open\nC: APOP u x"},
    {FAULT_AUTH_UNCHECKED, "open\nC: AUTH PLAIN AHUAeA=="},
    {FAULT_FAILED_LOGIN_STICKS, "open\nC: USER u\nC: PASS x\nC: USER u\nC: PASS secret word"},
    {FAULT_TLS_CLOSE_UNNOTIFIED, "open tls\nC: QUIT"},
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
    {FAULT_UNIQUE_ID_SHARED, THREE "C: UIDL"},
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
    {FAULT_TOP_ONE_LINE_MORE, SHORT "C: TOP 1 1"},
    {FAULT_TOP_ONE_LINE_LESS, SHORT "C: TOP 1 1"},
    {FAULT_TOP_WITHOUT_BLANK_LINE, SHORT "C: TOP 1 1"},
    {FAULT_TOP_COUNT_WRAPS, SHORT "C: TOP 1 65536"},
    {FAULT_RETR_CUT, LARGE "C: RETR 1"},
    {FAULT_RETR_CUT_SECOND_TIME, SHORT "C: RETR 1\nC: RETR 1"},
    {FAULT_RETR_OTHER_BEHIND_RSET, THREE "C: RSET\nC: RETR 2"},
    /* reply */
    {FAULT_PLUS_ERR, LOGIN "C: XYZZY"},
    {FAULT_TEXT_WITHOUT_SPACE, LOGIN "C: NOOP"},
    {FAULT_GREETING_WITHOUT_INDICATOR, FIVE},
    {FAULT_GREETING_TWO_LINES, FIVE},
    {FAULT_TIMESTAMP_MALFORMED, "open"},
    {FAULT_OK_FOR_CHALLENGE, "open\nC: AUTH PLAIN"},
    {FAULT_CHALLENGE_WITH_TEXT, "open\nC: AUTH PLAIN"},
    {FAULT_QUIT_ERR_THEN_OK, LOGIN "C: QUIT"},
    {FAULT_QUIT_AUTHORIZATION_ERR, "open\nC: QUIT"},
    {FAULT_RSET_TWO_LINES, LOGIN "C: RSET"},
    {FAULT_RSET_ERR, LOGIN "C: RSET"},
    {FAULT_STAT_TWICE, LOGIN "C: STAT"},
    {FAULT_RETR_THEN_ERR, SHORT "C: RETR 1"},
    {FAULT_NOOP_ERR, LOGIN "C: NOOP"},
    {FAULT_NOOP_UNANSWERED, LOGIN "C: NOOP"},
    {FAULT_UNASKED_LINE, LOGIN},
    {FAULT_RETR_MISSING_OK, SHORT "C: RETR 2"},
    {FAULT_DELE_MISSING_OK, SHORT "C: DELE 2"},
    {FAULT_STAT_IN_WORDS, LOGIN "C: STAT"},
    {FAULT_STAT_TWO_SPACES, LOGIN "C: STAT"},
    {FAULT_LIST_ONE_WITHOUT_NUMBER, SHORT "C: LIST 1"},
    {FAULT_UIDL_ONE_WITHOUT_NUMBER, SHORT "C: UIDL 1"},
    {FAULT_LIST_THREE_SPACES, SHORT "C: LIST"},
    {FAULT_LIST_SIZE_GARBAGE, SHORT "C: LIST"},
    {FAULT_LIST_SIZE_HEXADECIMAL, SHORT "C: LIST"},
    {FAULT_UIDL_TRAILING_TEXT, SHORT "C: UIDL"},
    {FAULT_LIST_EMPTY_ERR, LOGIN "C: LIST"},
    {FAULT_LIST_ONE_MULTI, SHORT "C: LIST 1"},
    {FAULT_CAPA_LISTS_UNSUPPORTED, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_UIDL, "open\nC: CAPA"},
    {FAULT_CAPA_OMITS_SASL_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_CAPA_OMITS_TOP_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_CAPA_LISTS_APOP, "open\nC: CAPA"},
    {FAULT_CAPA_BEHIND_LOGIN_REFUSED, LOGIN "C: CAPA"},
    {FAULT_STLS_LISTED_BEHIND_LOGIN, LOGIN "C: CAPA"},
    {FAULT_STLS_LISTED_UNDER_TLS, "open tls\nC: CAPA"},
    {FAULT_NO_CAPA_BEHIND_STLS, "open\nC: STLS\nC: CAPA"},
    {FAULT_CAPABILITY_TOO_LONG, "open\nC: CAPA"},
    {FAULT_CAPABILITY_INDENTED, "open\nC: CAPA"},
    {FAULT_EXPIRE_MALFORMED, "open\nC: CAPA"},
    {FAULT_IMPLEMENTATION_EMPTY, "open\nC: CAPA"},
    {FAULT_RESPONSE_CODE_UNCLOSED, "open\nC: USER u\nC: PASS x"},
    {FAULT_IN_USE_FOR_WRONG_PASSWORD, "open\nC: USER u\nC: PASS x"},
    {FAULT_LOGIN_DELAY_FOR_UNKNOWN, LOGIN "C: XYZZY"},
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
    {FAULT_FINAL_NEWLINE_MISSING, "deliver open\n" LOGIN "C: RETR 1"},
    {FAULT_EXTRA_LINE_BEFORE_TERMINATOR, SHORT "C: RETR 1"},
    {FAULT_TERMINATOR_MISSING, SHORT "C: RETR 1"},
    {FAULT_LIST_TERMINATOR_MISSING, LOGIN "C: LIST"},
    {FAULT_TERMINATOR_TWICE, SHORT "C: RETR 1"},
    {FAULT_NUL_CUTS_BODY_LINE, "deliver odd\n" LOGIN "C: RETR 1"},
    {FAULT_OCTET_CHANGED, LARGE "C: RETR 1"},
    {FAULT_EIGHT_BIT_STRIPPED, "deliver odd\n" LOGIN "C: RETR 1"},
    {FAULT_TRAILING_SPACES_TRIMMED, SHORT "C: RETR 1"},
    {FAULT_LONG_LINE_FOLDED, LARGE "C: RETR 1"},
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
