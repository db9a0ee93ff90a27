/* What a writer of session scripts writes, a reader reads again; and what a reader makes of octets that no writer wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inputs/session_script.h"

static void expect_step(struct script_reader *reader, struct script_step expected)
{
    struct script_step step;

    assert_true(script_next(reader, &step));
    assert_int_equal(step.action, expected.action);
    assert_int_equal(step.client, expected.client);
    assert_int_equal(step.seconds, expected.seconds);
    assert_true(bytes_equal(step.octets, expected.octets));
}

static void what_is_written_is_read_again(void **state)
{
    static const struct script_step STEPS[] = {
        {.action = SCRIPT_SEND, .octets = {(const uint8_t *)"USER u\r\n", 8}},
        {.action = SCRIPT_SEND, .octets = {(const uint8_t *)"\xFF|\xFF", 3}},
        {.action = SCRIPT_CLIENT, .client = 2},
        {.action = SCRIPT_SEND, .octets = {(const uint8_t *)"\0", 1}},
        {.action = SCRIPT_TLS_DONE},
        {.action = SCRIPT_TLS_FAILED},
        {.action = SCRIPT_HALF_CLOSE},
        {.action = SCRIPT_CLIENT},
        {.action = SCRIPT_ABORT},
        {.action = SCRIPT_DELIVER},
        {.action = SCRIPT_WAIT, .seconds = 10},
        {.action = SCRIPT_WAIT, .seconds = 700},
    };
    enum { COUNT = sizeof(STEPS) / sizeof(STEPS[0]) };
    struct buf script;
    struct script_writer writer = {.out = &script};
    struct script_reader reader;
    struct script_step step;

    (void)state;
    buf_init(&script, BUF_UNBOUNDED);
    for (size_t i = 0; i < COUNT; i++)
        script_append(&writer, &STEPS[i]);
    script_begin(&reader, buf_bytes(&script));
    for (size_t i = 0; i < COUNT; i++)
        expect_step(&reader, STEPS[i]);
    assert_false(script_next(&reader, &step));
    script_end(&reader);
    buf_release(&script);
}

static void an_ordinary_session_is_a_script(void **state)
{
    struct script_reader reader;
    struct script_step step;

    (void)state;
    script_begin(&reader, BYTES_LITERAL("NOOP\r\n\xFF?\xFF"));
    expect_step(&reader,
                (struct script_step){.action = SCRIPT_SEND, .octets = BYTES_LITERAL("NOOP\r\n\xFF?\xFF")});
    assert_false(script_next(&reader, &step));
    script_end(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(an_ordinary_session_is_a_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
