/*
 * A close that crosses a command on its way: told event by event, as no peer in memory can choose the moment. The server's host
 * answers what comes behind a close by RST, which says that nobody has read it.
 */
#include "playing.h"

/* One case between two events. */
struct crossing {
    struct played played;
    struct play_stage stage;
    time_us now_us;
};

static struct ask next_ask(struct crossing *crossing)
{
    struct ask ask;

    machine_actor_ops.next(crossing->stage.machine, crossing->now_us, &ask);
    return ask;
}

static void tell(struct crossing *crossing, enum told_kind kind, const char *octets)
{
    crossing->now_us += US_PER_MS / 10;
    machine_actor_ops.tell(
        crossing->stage.machine,
        &(struct told){.kind = kind, .connection = 1, .bytes = bytes_of(octets), .now_us = crossing->now_us});
}

/* Lets the time come that the machine waits for. */
static void wait_until_asked(struct crossing *crossing)
{
    struct ask ask = next_ask(crossing);

    assert_int_equal(ask.kind, ASK_WAIT);
    assert_true(ask.until_us > crossing->now_us && ask.until_us != TIME_NEVER);
    crossing->now_us = ask.until_us;
    tell(crossing, TOLD_TIME, "");
}

/* ... behind the look at what came together with the last reply. */
static void demand_sent(struct crossing *crossing, const char *line)
{
    wait_until_asked(crossing);
    struct ask ask = next_ask(crossing);

    assert_int_equal(ask.kind, ASK_SEND);
    assert_true(bytes_equal(ask.bytes, bytes_of(line)));
    tell(crossing, TOLD_SENT, "");
}

/* Up to the greeting. */
static void greet(struct crossing *crossing)
{
    *crossing = (struct crossing){.now_us = US_PER_S};
    play_stage_init(&crossing->stage, &(struct play){.head = "state: authorization\n"},
                    "C: NOOP\nS: -ERR\nC: CAPA\nS: +OK\nS: ...\n", &crossing->played);
    assert_int_equal(next_ask(crossing).kind, ASK_OPEN);
    tell(crossing, TOLD_OPENED, "");
    assert_int_equal(next_ask(crossing).kind, ASK_WAIT);
    tell(crossing, TOLD_BYTES, "+OK ready\r\n");
}

static void greet_and_send(struct crossing *crossing)
{
    greet(crossing);
    demand_sent(crossing, "NOOP\r\n");
}

static struct played finish(struct crossing *crossing)
{
    while (next_ask(crossing).kind != ASK_DONE)
        assert_true(machine_outcome(crossing->stage.machine)->kind != OUTCOME_RUNNING);
    play_stage_release(&crossing->stage);
    crossing->played.result = MEMORY_DONE;
    return crossing->played;
}

/* RFC 1939 section 3: commands and responses are exchanged until the connection is closed. */
static void rst_behind_the_close_shows_a_command_that_nobody_read(void **state)
{
    struct crossing crossing;

    (void)state;
    greet_and_send(&crossing);
    tell(&crossing, TOLD_END, "");
    tell(&crossing, TOLD_RESET, "");
    const struct played played = finish(&crossing);

    demand_end(&played, OUTCOME_SKIPPED, 2, "RST");
    demand_breaches(&played, "");
}

static void a_close_and_nothing_behind_it_is_a_reply_that_is_missing(void **state)
{
    struct crossing crossing;

    (void)state;
    greet_and_send(&crossing);
    tell(&crossing, TOLD_END, "");
    wait_until_asked(&crossing);
    const struct played played = finish(&crossing);

    demand_end(&played, OUTCOME_FAILED, 2, "closed the connection");
    demand_breaches(&played, "reply-owed");
}

/* While it is not known what the close means, nothing is sent that would provoke RST itself. */
static void nothing_is_sent_into_a_close(void **state)
{
    struct crossing crossing;

    (void)state;
    greet_and_send(&crossing);
    tell(&crossing, TOLD_BYTES, "-ERR\r\n");
    demand_sent(&crossing, "CAPA\r\n");
    tell(&crossing, TOLD_BYTES, "+OK\r\nTOP\r\n.\r\n");
    demand_sent(&crossing, "QUIT\r\n");
    tell(&crossing, TOLD_END, "");
    wait_until_asked(&crossing);
    const struct played played = finish(&crossing);

    demand_kind(&played, OUTCOME_PASSED);
    demand_breaches(&played, "reply-owed");
}

/* It may be on its way already when the greeting is read: then no command crosses it. */
static void a_close_right_behind_the_greeting_is_seen_before_anything_is_sent(void **state)
{
    struct crossing crossing;

    (void)state;
    greet(&crossing);
    assert_int_equal(next_ask(&crossing).kind, ASK_WAIT);
    tell(&crossing, TOLD_END, "");
    const struct played played = finish(&crossing);

    demand_end(&played, OUTCOME_BLOCKED, 1, "while no reply was due");
    demand_breaches(&played, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rst_behind_the_close_shows_a_command_that_nobody_read),
        cmocka_unit_test(a_close_and_nothing_behind_it_is_a_reply_that_is_missing),
        cmocka_unit_test(nothing_is_sent_into_a_close),
        cmocka_unit_test(a_close_right_behind_the_greeting_is_seen_before_anything_is_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
