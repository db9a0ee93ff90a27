/* Fixtures: what stands in the file is what is delivered, with an id by which it is known again. */
#include "scenario/load.h"

#define HEAD    "pop3spec-fixtures: 1\nfixtures:\n  - name: f\n    what: W\n"
#define ID_LINE "Message-ID: <pop3spec-0000000000000000@example.invalid>\r\n"

static void load(struct suite *suite, const char *text)
{
    struct diagnostics *diagnostics = new_diagnostics();

    suite_init(suite);
    if (!suite_add_fixtures_text(suite, bytes_of(text), "f.yaml", diagnostics))
        fail_msg("%s", list_diagnostics(diagnostics));
    free(diagnostics);
}

static void expect_message(const char *text, struct bytes expected, bool clean, bool lines_clean)
{
    struct suite suite;

    load(&suite, text);
    const struct fixture *fixture = fixture_find(&suite.fixtures, "f");

    assert_non_null(fixture);
    assert_int_equal(fixture->octets.size, expected.size);
    assert_memory_equal(fixture->octets.data, expected.data, expected.size);
    assert_int_equal(fixture->clean, clean);
    assert_int_equal(fixture->lines_clean, lines_clean);
    suite_release(&suite);
}

static void messages_are_built_as_written(void **state)
{
    (void)state;
    expect_message(HEAD "    message: |\n      A: b\n\n      .x \n",
                   BYTES_LITERAL(ID_LINE "A: b\r\n\r\n.x \r\n"), true, true);
    expect_message(HEAD "    message: |-\n      A: b\n", BYTES_LITERAL(ID_LINE "A: b\r\n"), true, true);
    expect_message(HEAD "    message: |+\n      A: b\n\n", BYTES_LITERAL(ID_LINE "A: b\r\n\r\n"), true, true);
    expect_message(HEAD "    identified: false\n    message: |\n      x\n", BYTES_LITERAL("x\r\n"), true,
                   true);
    expect_message(HEAD "    final-newline: false\n    message: |\n      x\n", BYTES_LITERAL(ID_LINE "x"),
                   false, true);
    expect_message(HEAD "    message: |\n      {fill A 3}{repeat 2 b\\r\\n}\\{\n",
                   BYTES_LITERAL(ID_LINE "AAAb\r\nb\r\n{\r\n"), true, true);
    expect_message(HEAD "    message: |\n      a\\0b\n", BYTES_LITERAL(ID_LINE "a\0b\r\n"), false, false);
    expect_message(HEAD "    message: |\n      a\\rb\n", BYTES_LITERAL(ID_LINE "a\rb\r\n"), false, false);
    expect_message(HEAD "    message: |\n      a\\nb\n", BYTES_LITERAL(ID_LINE "a\nb\r\n"), false, false);
    expect_message(HEAD "    final-newline: false\n    message: |\n      a\\r\n",
                   BYTES_LITERAL(ID_LINE "a\r"), false, false);
}

static void lines_over_998_octets_are_not_clean(void **state)
{
    struct suite suite;

    (void)state;
    load(
        &suite, HEAD
        "    message: |\n      {fill A 998}\n  - name: g\n    what: W\n    message: |\n      {fill A 999}\n");
    assert_true(fixture_find(&suite.fixtures, "f")->clean);
    assert_false(fixture_find(&suite.fixtures, "g")->clean);
    suite_release(&suite);
}

static void expect_size(const char *text, size_t size, const char *tail)
{
    struct suite suite;

    load(&suite, text);
    const struct fixture *fixture = fixture_find(&suite.fixtures, "f");

    assert_int_equal(fixture->octets.size, size);
    assert_true(bytes_end_with(fixture->octets, bytes_of(tail)));
    suite_release(&suite);
}

static void octets_lengthen_the_last_line(void **state)
{
    (void)state;
    expect_size(HEAD "    octets: 80\n    message: |\n      A: b\n\n      filler\n", 80,
                "\r\n\r\nfillerxxxxxxx\r\n");
    expect_size(HEAD "    octets: 65\n    message: |\n      filler\n", 65, "\r\nfiller\r\n");
    expect_size(HEAD "    octets: 62\n    final-newline: false\n    message: |\n      y\n", 62, "\r\nyxxxx");
}

static void expect_wrong_fixture(const char *text, const char *expected)
{
    struct suite suite;
    struct diagnostics *diagnostics = new_diagnostics();

    suite_init(&suite);
    assert_false(suite_add_fixtures_text(&suite, bytes_of(text), "f.yaml", diagnostics));
    char *actual = list_diagnostics(diagnostics);

    assert_string_equal(actual, expected);
    free(actual);
    free(diagnostics);
    suite_release(&suite);
}

static void mistakes_have_places(void **state)
{
    (void)state;
    expect_wrong_fixture("pop3spec-fixtures: 2\nfixtures: []\n",
                         "1:20: 'pop3spec-fixtures' must be a number from 1 to 1\n");
    expect_wrong_fixture("pop3spec-fixtures: 1\n", "1:1: the key 'fixtures' is missing\n");
    expect_wrong_fixture(HEAD, "3:5: the key 'message' is missing\n");
    expect_wrong_fixture(HEAD "    masage: x\n", "5:5: unknown key 'masage'\n");
    expect_wrong_fixture(HEAD "    message: x\n", "5:14: a message is a literal block\n");
    expect_wrong_fixture(HEAD "    message: |\n      a\n      b{user}\n",
                         "7:8: a fixture has no holes but {fill}, {repeat} and {b64}\n");
    expect_wrong_fixture(HEAD "    message: |\n      a\n      \\q\n", "7:7: this is not an escape\n");
    expect_wrong_fixture(HEAD "    octets: 10\n    message: |\n      a\n",
                         "5:13: the message has 60 octets already\n");
    expect_wrong_fixture(HEAD "    octets: 99999999\n    message: |\n      a\n",
                         "5:13: 'octets' must be a number from 1 to 16777216\n");
    expect_wrong_fixture(HEAD "    identified: perhaps\n    message: |\n      a\n",
                         "5:17: 'identified' must be true or false\n");
    expect_wrong_fixture(HEAD "    message: |\n      {fill A 16777216}\n",
                         "6:7: the message has more than 16777216 octets\n");
    expect_wrong_fixture(HEAD "    message: |\n      a\n  - name: f\n    what: W\n    message: |\n      a\n",
                         "7:11: the fixture 'f' is also in f.yaml:3\n");
}

static void every_copy_has_an_id_of_its_own(void **state)
{
    static const uint64_t SERIALS[] = {0, 1, 0xDEADBEEF, UINT64_MAX};
    struct suite suite;
    struct buf message;
    uint64_t serial;

    (void)state;
    load(&suite, HEAD "    message: |\n      A: b\n");
    const struct fixture *fixture = fixture_find(&suite.fixtures, "f");

    for (size_t i = 0; i < sizeof(SERIALS) / sizeof(SERIALS[0]); i++) {
        buf_init(&message, BUF_UNBOUNDED);
        assert_true(fixture_deliver(fixture, SERIALS[i], &message));
        assert_int_equal(message.size, fixture->octets.size);
        assert_true(fixture_serial(buf_bytes(&message), &serial));
        assert_true(serial == SERIALS[i]);
        buf_release(&message);
    }
    buf_init(&message, 10);
    assert_false(fixture_deliver(fixture, 1, &message));
    buf_release(&message);
    suite_release(&suite);
}

static void unidentified_ones_are_delivered_as_they_are(void **state)
{
    struct suite suite;
    struct buf message;
    uint64_t serial;

    (void)state;
    load(&suite, HEAD "    identified: false\n    message: |\n      A: b\n");
    buf_init(&message, BUF_UNBOUNDED);
    assert_true(fixture_deliver(fixture_find(&suite.fixtures, "f"), 7, &message));
    assert_string_equal(buf_text(&message), "A: b\r\n");
    assert_false(fixture_serial(buf_bytes(&message), &serial));
    buf_release(&message);
    suite_release(&suite);
}

static void serials_are_found_in_any_header_text(void **state)
{
    uint64_t serial = 99;

    (void)state;
    assert_true(
        fixture_serial(bytes_of("message-id:\r\n <pop3spec-00000000000000ff@example.invalid>"), &serial));
    assert_int_equal(serial, 255);
    assert_true(fixture_serial(bytes_of("pop3spec-pop3spec-0000000000000001@example.invalid"), &serial));
    assert_int_equal(serial, 1);
    assert_false(fixture_serial(bytes_of("pop3spec-00000000000000FF@example.invalid"), &serial));
    assert_false(fixture_serial(bytes_of("pop3spec-00000000000000f@example.invalid"), &serial));
    assert_false(fixture_serial(bytes_of("pop3spec-00000000000000ff@example.com"), &serial));
    assert_false(fixture_serial(bytes_of("pop3spec-"), &serial));
    assert_false(fixture_serial(BYTES_EMPTY, &serial));
    assert_int_equal(serial, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_built_as_written),
        cmocka_unit_test(lines_over_998_octets_are_not_clean),
        cmocka_unit_test(octets_lengthen_the_last_line),
        cmocka_unit_test(mistakes_have_places),
        cmocka_unit_test(every_copy_has_an_id_of_its_own),
        cmocka_unit_test(unidentified_ones_are_delivered_as_they_are),
        cmocka_unit_test(serials_are_found_in_any_header_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
