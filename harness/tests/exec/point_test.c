/* `point`: above it a line that is not met blocks the case, below it the case fails. */
#include "exec/machine.h"
#include "net/memory.h"
#include "refserver/refserver.h"
#include "scenario/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS_MAX_PER_CASE = 100000 };

/* What the reference server, which knows neither XYZZY nor STAT before login, makes of DIALOG (lines indented by six). */
static void play(const char *dialog, enum outcome_kind kind, const char *reason_or_actual)
{
    struct diagnostics *diagnostics = calloc(1, sizeof(*diagnostics));
    struct refserver *server = refserver_new(1, NULL);
    const struct memory_server served = {.ops = &refserver_peer_ops, .server = server, .tls_ready = true};
    struct memory_driver *driver = memory_driver_new(&served);
    struct suite suite;
    struct buf text;

    assert_non_null(diagnostics);
    suite_init(&suite);
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text,
                      "pop3spec: 1\nscenarios:\n  - name: s\n    title: T\n    tags: [example]\n"
                      "    dialog: |\n%s",
                      dialog);
    if (!suite_add_text(&suite, buf_bytes(&text), "t.yaml", NULL, NULL, diagnostics))
        fail_msg("%s", diagnostics->errors[0].text);
    const struct machine_options options = {
        .scenario = &suite.scenarios[0],
        .fixtures = &suite.fixtures,
        .reply_timeout_us = 5 * US_PER_S,
        .time_scale_percent = 100,
    };
    struct machine *machine = machine_new(&options);

    memory_driver_add(driver, &machine_actor_ops, machine, NULL);
    assert_int_equal(memory_driver_run(driver, STEPS_MAX_PER_CASE), MEMORY_DONE);
    const struct outcome *outcome = machine_outcome(machine);
    const struct buf *said = kind == OUTCOME_FAILED ? &outcome->actual : &outcome->reason;

    assert_int_equal(outcome->kind, kind);
    if (strstr(buf_text(said), reason_or_actual) == NULL)
        fail_msg("'%s' is not in '%s'", reason_or_actual, buf_text(said));
    machine_free(machine);
    memory_driver_free(driver);
    refserver_free(server);
    buf_release(&text);
    suite_release(&suite);
    free(diagnostics);
}

static void a_line_above_that_is_not_met_blocks(void **state)
{
    (void)state;
    play("      C: XYZZY\n"
         "      S: +OK\n"
         "      point\n"
         "      C: CAPA\n"
         "      S: +OK\n",
         OUTCOME_BLOCKED, "on the way to the scenario's point: expected +OK, actual -ERR");
}

static void a_handshake_above_that_fails_blocks(void **state)
{
    (void)state;
    play("      C: STLS\n"
         "      S: +OK\n"
         "      tls: fail\n"
         "      point\n"
         "      open\n"
         "      C: CAPA\n"
         "      S: +OK\n",
         OUTCOME_BLOCKED, "it succeeded");
}

static void a_line_below_that_is_not_met_fails(void **state)
{
    (void)state;
    play("      C: CAPA\n"
         "      S: +OK\n"
         "      point\n"
         "      C: XYZZY\n"
         "      S: +OK\n",
         OUTCOME_FAILED, "-ERR");
}

static void without_a_point_every_line_counts(void **state)
{
    (void)state;
    play("      C: XYZZY\n"
         "      S: +OK\n"
         "      C: CAPA\n"
         "      S: +OK\n",
         OUTCOME_FAILED, "-ERR");
}

static void a_point_may_stand_in_a_block_that_runs(void **state)
{
    (void)state;
    play("      C: CAPA\n"
         "      S: +OK | -ERR\n"
         "      when +OK:\n"
         "        C: XYZZY\n"
         "        S: -ERR\n"
         "        point\n"
         "        C: STAT\n"
         "        S: +OK\n",
         OUTCOME_FAILED, "-ERR");
}

static void a_point_parts_the_first_line_from_the_body(void **state)
{
    (void)state;
    play("      reply: multi\n"
         "      C: XYZZY\n"
         "      S: +OK\n"
         "      point\n"
         "      S: = USER\n",
         OUTCOME_BLOCKED, "expected +OK, actual -ERR");
    play("      C: CAPA\n"
         "      S: +OK\n"
         "      point\n"
         "      S: = KERBEROS\n"
         "      S: .\n",
         OUTCOME_FAILED, "TOP");
    play("      C: CAPA\n"
         "      S: +OK\n"
         "      point\n"
         "      S: ...\n"
         "      S: = USER\n"
         "      S: ...\n"
         "      S: .\n"
         "      C: XYZZY\n"
         "      S: +OK\n",
         OUTCOME_FAILED, "-ERR");
}

static void a_case_passes_its_point(void **state)
{
    (void)state;
    play("      C: CAPA\n"
         "      S: +OK\n"
         "      point\n"
         "      C: XYZZY\n"
         "      S: -ERR\n",
         OUTCOME_PASSED, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_above_that_is_not_met_blocks),
        cmocka_unit_test(a_handshake_above_that_fails_blocks),
        cmocka_unit_test(a_line_below_that_is_not_met_fails),
        cmocka_unit_test(without_a_point_every_line_counts),
        cmocka_unit_test(a_point_may_stand_in_a_block_that_runs),
        cmocka_unit_test(a_point_parts_the_first_line_from_the_body),
        cmocka_unit_test(a_case_passes_its_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
