/* Holes stay right when messages are marked, restored and removed, over several sessions and accounts. */
#include "script_peer.h"

#define THREE "state: transaction\nmailbox: [short, dotted, open-ended]\n"

static void marks_count_until_they_are_taken_back(void **state)
{
    const struct played played = play_reference(THREE, "C: STAT\n"
                                                       "S: +OK 3 {octets}\n"
                                                       "C: DELE {number dotted}\n"
                                                       "S: +OK\n"
                                                       "C: STAT\n"
                                                       "S: +OK {count} {octets}\n"
                                                       "C: LIST\n"
                                                       "S: +OK\n"
                                                       "S: 1 {octets short}\n"
                                                       "S: 3 {octets open-ended}\n"
                                                       "S: .\n"
                                                       "C: RSET\n"
                                                       "S: +OK\n"
                                                       "C: STAT\n"
                                                       "S: +OK 3 {octets}\n"
                                                       "C: LIST {number dotted}\n"
                                                       "S: +OK 2 {octets dotted}\n");

    (void)state;
    demand_passed(&played);
}

static void the_next_session_numbers_what_is_left(void **state)
{
    const struct played played = play_reference(THREE, "C: UIDL\n"
                                                       "S: +OK\n"
                                                       "S: 1 {?first}\n"
                                                       "S: 2 {?second}\n"
                                                       "S: 3 {?third}\n"
                                                       "S: .\n"
                                                       "C: DELE {number short}\n"
                                                       "S: +OK\n"
                                                       "C: QUIT\n"
                                                       "S: +OK\n"
                                                       "reconnect\n"
                                                       "C: STAT\n"
                                                       "S: +OK 2 {octets}\n"
                                                       "C: UIDL {number dotted}\n"
                                                       "S: +OK 1 {uid dotted}\n"
                                                       "C: UIDL 1\n"
                                                       "S: +OK 1 {second}\n"
                                                       "C: RETR {number open-ended}\n"
                                                       "S: +OK\n"
                                                       "S: {message open-ended}\n"
                                                       "S: .\n");

    (void)state;
    demand_passed(&played);
}

static void a_session_that_ends_without_quit_removes_nothing(void **state)
{
    const struct played played = play_reference(THREE, "C: DELE 1\n"
                                                       "S: +OK\n"
                                                       "abort\n"
                                                       "reconnect\n"
                                                       "C: STAT\n"
                                                       "S: +OK {count} {octets}\n"
                                                       "C: RETR 1\n"
                                                       "S: +OK\n"
                                                       "S: {message short}\n"
                                                       "S: .\n");

    (void)state;
    demand_passed(&played);
}

/* RFC 1939 section 6: behind a refused QUIT some or none of the marked messages are gone. */
static void behind_a_refused_quit_nothing_is_certain(void **state)
{
    const struct played number = play_reference(THREE, "C: DELE 1\n"
                                                       "S: +OK\n"
                                                       "provoke: update-failure\n"
                                                       "C: QUIT\n"
                                                       "S: -ERR\n"
                                                       "provoke: update-recovery\n"
                                                       "reconnect\n"
                                                       "C: STAT\n"
                                                       "S: +OK {count} {octets}\n"
                                                       "C: RETR {number dotted}\n"
                                                       "S: +OK\n");

    (void)state;
    demand_kind(&number, OUTCOME_SKIPPED);
    assert_int_equal(number.line, 10);
    demand_text(number.reason, "QUIT was refused");
}

static void a_name_binds_what_it_meets_and_demands_it_again(void **state)
{
    const struct played right = play_reference(THREE, "C: LIST 1\n"
                                                      "S: +OK 1 {?size}\n"
                                                      "C: LIST 1\n"
                                                      "S: +OK 1 {size}$\n");
    const struct played wrong = play_reference(THREE, "C: LIST 1\n"
                                                      "S: +OK 1 {?size}\n"
                                                      "C: LIST 2\n"
                                                      "S: +OK 2 {size}$\n");

    (void)state;
    demand_passed(&right);
    demand_end(&wrong, OUTCOME_FAILED, 4, "+OK 2 ");
}

/* What was delivered to account 1 says nothing of what account 2 has. */
static void another_account_has_a_maildrop_of_its_own(void **state)
{
    const struct played line = play_reference("mailbox: [short]\n", "C: USER {user 2}\n"
                                                                    "S: +OK\n"
                                                                    "C: PASS {pass 2}\n"
                                                                    "S: +OK\n"
                                                                    "C: STAT\n"
                                                                    "S: +OK {count} {octets}\n"
                                                                    "C: STAT\n"
                                                                    "S: +OK 0 0\n");
    const struct played login = play_reference("mailbox: [short]\n", "login: account 2\n"
                                                                     "C: STAT\n"
                                                                     "S: +OK {count} {octets}\n"
                                                                     "C: STAT\n"
                                                                     "S: +OK 0 0\n");

    (void)state;
    demand_passed(&line);
    demand_passed(&login);
}

/*
 * Messages of account 2 are none of the fixtures: two of them are twins, which may share a unique-id (RFC 1939 section 7),
 * whatever was delivered to account 1.
 */
static void hints_are_not_given_for_another_account(void **state)
{
    struct refserver *server = reference_new();
    const struct play play = reference_play(server, "mailbox: [short, dotted]\n");
    struct error error;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_true(
            refserver_deliver_as(server, "test2", "twin", BYTES_LITERAL("Subject: x\r\n\r\nx\r\n"), &error));
    const struct played played = play_dialog(&play, "login: account 2\nC: UIDL\nS: +OK\n");

    demand_passed(&played);
    refserver_free(server);
}

/* Two sessions at once: the second begins behind the first one's QUIT, and what it is told of is what is there then. */
static void hints_are_those_of_the_login(void **state)
{
    const struct played played =
        play_reference("state: transaction\nmailbox: [short, open-ended]\n", "open2\n"
                                                                             "S2: +OK\n"
                                                                             "C: DELE 1\n"
                                                                             "S: +OK\n"
                                                                             "C: QUIT\n"
                                                                             "S: +OK\n"
                                                                             "closed\n"
                                                                             "C2: USER {user}\n"
                                                                             "S2: +OK\n"
                                                                             "C2: PASS {pass}\n"
                                                                             "S2: +OK\n"
                                                                             "C2: LIST 1\n"
                                                                             "S2: +OK 1 {octets open-ended}\n"
                                                                             "C2: RETR 1\n"
                                                                             "S2: +OK\n"
                                                                             "S2: {message open-ended}\n"
                                                                             "S2: .\n");

    (void)state;
    demand_passed(&played);
}

/* Sizes that cannot be added up are no sum that anybody could be held to. */
static void sums_that_overflow_are_any_number(void **state)
{
    static const struct script_entry entries[] = {
        {"LIST", "+OK\r\n1 18446744073709551615\r\n2 18446744073709551615\r\n.\r\n", THEN_GO_ON, 0, 0},
        {"STAT", "+OK 2 12\r\n", THEN_GO_ON, 0, 0},
        WAY_THERE,
    };
    const struct played played =
        play_script(entries, "state: transaction\n", "C: LIST\nS: +OK\nC: STAT\nS: +OK 2 {octets}\n");

    (void)state;
    demand_passed(&played);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_count_until_they_are_taken_back),
        cmocka_unit_test(the_next_session_numbers_what_is_left),
        cmocka_unit_test(a_session_that_ends_without_quit_removes_nothing),
        cmocka_unit_test(behind_a_refused_quit_nothing_is_certain),
        cmocka_unit_test(a_name_binds_what_it_meets_and_demands_it_again),
        cmocka_unit_test(another_account_has_a_maildrop_of_its_own),
        cmocka_unit_test(hints_are_not_given_for_another_account),
        cmocka_unit_test(hints_are_those_of_the_login),
        cmocka_unit_test(sums_that_overflow_are_any_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
