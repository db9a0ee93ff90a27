/*
 * Every fault does what it says: played against one small script, the server with the fault says something else than
 * the correct one. And the survey tells the truth: a fault that would not have acted changes nothing. The scripts stand in
 * fault_scripts/, a file for each seam; words in capitals are defined here.
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
#define DIGEST_MD5_ANSWER                                                                                    \
    "dXNlcm5hbWU9InUiLHJlYWxtPSJwb3AuZXhhbXBsZSIsbm9uY2U9ImJlZWI4ZGExNjU4ZWVjNjciLGNub25jZT0iYW"             \
    "JjIixuYz0wMDAwMDAwMSxkaWdlc3QtdXJpPSJwb3AvaCIscmVzcG9uc2U9ZDA3N2Y3MzZiYTY3MmU1MTA0NzU1MTQ1"             \
    "YzI4ZmU2Zjc="
#define SCRAM_256                                                                                            \
    "C: AUTH SCRAM-SHA-256\nC: biwsbj11LHI9YWJj\nC: "                                                        \
    "Yz1iaXdzLHI9YWJjYmVlYjhkYTE2NThlZWM2NyxwPVZwV3p1Yk4raDA2Y1pmTXg5Vk5MQ3lsWlZiM0ZPMkIvQlBPS3djcWlvVTQ9\n"
#define A10     "AAAAAAAAAA"
#define A50     A10 A10 A10 A10 A10
#define A250    A50 A50 A50 A50 A50
#define SHORT   "deliver short\n" LOGIN
#define THREE   "deliver short\ndeliver dotted\ndeliver open\n" LOGIN
#define TEN     "deliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\ndeliver lf\n" THREE
#define MANY    "deliver dotted 510\n" LOGIN
#define NOOPS   "C: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\nC: NOOP\n"
#define HUNDRED NOOPS NOOPS NOOPS NOOPS NOOPS NOOPS NOOPS NOOPS NOOPS NOOPS
/* Ten commands, for the message-numbers that begin with TENS. */
#define DELE_TEN(tens)                                                                                       \
    "R: DELE " #tens "0\\r\\nDELE " #tens "1\\r\\nDELE " #tens "2\\r\\nDELE " #tens "3\\r\\nDELE " #tens     \
    "4\\r\\nDELE " #tens "5\\r\\nDELE " #tens "6\\r\\nDELE " #tens "7\\r\\nDELE " #tens "8\\r\\nDELE " #tens \
    "9\\r\\n\n"
/* clang-format off */
#define DELE_260                                                                                             \
    DELE_TEN(1) DELE_TEN(2) DELE_TEN(3) DELE_TEN(4) DELE_TEN(5) DELE_TEN(6) DELE_TEN(7) DELE_TEN(8)          \
    DELE_TEN(9) DELE_TEN(10) DELE_TEN(11) DELE_TEN(12) DELE_TEN(13) DELE_TEN(14) DELE_TEN(15) DELE_TEN(16)   \
    DELE_TEN(17) DELE_TEN(18) DELE_TEN(19) DELE_TEN(20) DELE_TEN(21) DELE_TEN(22) DELE_TEN(23) DELE_TEN(24)  \
    DELE_TEN(25) DELE_TEN(26)
/* clang-format on */
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
#define SCRIPT(fault, text) {FAULT_##fault, text},
#include "refserver/fault_scripts/command.def"
#include "refserver/fault_scripts/reply.def"
#include "refserver/fault_scripts/rfc6856.def"
#include "refserver/fault_scripts/transition.def"
#include "refserver/fault_scripts/view.def"
#include "refserver/fault_scripts/wire.def"
#undef SCRIPT
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

/* Plays TEXT with every fault that FORETOLD leaves out; the caller frees what was said. */
static char *play_unforetold(const char *text, const uint64_t foretold[FAULT_WORDS],
                             uint64_t ret_acted[FAULT_WORDS])
{
    struct talk talk;

    talk_init(&talk);
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++)
        refserver_set_fault(talk.server, fault, !has_acted(foretold, fault));
    talk_play(&talk, text);
    char *said = talk_take(&talk);

    memcpy(ret_acted, refserver_record(talk.server)->acted, FAULT_WORDS * sizeof(uint64_t));
    talk_release(&talk);
    return said;
}

/*
 * The survey of each script foretells who changes it. All the others act together here: as long as none of them does
 * anything, each sees what it would see alone.
 */
static void the_survey_foretells_who_acts(void **state)
{
    uint64_t foretold[FAULT_WORDS];
    uint64_t acted[FAULT_WORDS];

    (void)state;
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        char *right = play(scripts[i].text, FAULT_COUNT, false, acted);
        char *surveyed = play(scripts[i].text, FAULT_COUNT, true, foretold);

        assert_string_equal(surveyed, right);
        assert_true(has_acted(foretold, scripts[i].fault));
        char *said = play_unforetold(scripts[i].text, foretold, acted);

        for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
            if (!has_acted(foretold, fault) && has_acted(acted, fault))
                print_error("%s acts unforetold: %s\n", fault_info(fault)->id, scripts[i].text);
            assert_true(has_acted(foretold, fault) || !has_acted(acted, fault));
        }
        assert_string_equal(said, right);
        free(right);
        free(surveyed);
        free(said);
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
