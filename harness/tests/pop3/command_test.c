/*
 * The command parser: what it makes of each line of the table, typed by hand; the same as the naive parser; and back
 * into a line.
 */
#include "pop3/naive_parser.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LINE_OCTETS_MAX = 1024 };

#define F(name) COMMAND_FACT_##name

struct command_case {
    struct bytes line;
    enum command_verb verb;
    const char *arguments; /* joined by "|"; NULL: none */
    unsigned facts;
    const char *printed; /* without CRLF; NULL: refused */
};

#define LINE(text) BYTES_LITERAL(text)
#define FORTY      "1234567890123456789012345678901234567890"
#define FORTY_ONE  FORTY "1"

static const struct command_case CASES[] = {
    {LINE("QUIT"), COMMAND_QUIT, NULL, 0, "QUIT"},
    {LINE("USER mrose"), COMMAND_USER, "mrose", 0, "USER mrose"},
    {LINE("PASS tanstaaf"), COMMAND_PASS, "tanstaaf", 0, "PASS tanstaaf"},
    {LINE("APOP mrose c4c9334bac560ecc979e58001b3e22fb"), COMMAND_APOP,
     "mrose|c4c9334bac560ecc979e58001b3e22fb", 0, "APOP mrose c4c9334bac560ecc979e58001b3e22fb"},
    {LINE("TOP 1 10"), COMMAND_TOP, "1|10", 0, "TOP 1 10"},
    {LINE("AUTH"), COMMAND_AUTH, NULL, 0, "AUTH"},
    {LINE("AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q="), COMMAND_AUTH, "PLAIN|dGVzdAB0ZXN0AHRlc3Q=", 0,
     "AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q="},
    {LINE("UTF8"), COMMAND_UTF8, NULL, 0, "UTF8"},
    {LINE("LANG *"), COMMAND_LANG, "*", 0, "LANG *"},
    /* Keywords. */
    {LINE("quit"), COMMAND_QUIT, NULL, F(LOWER_CASE), "QUIT"},
    {LINE("Retr 1"), COMMAND_RETR, "1", F(LOWER_CASE), "RETR 1"},
    {LINE("utf8"), COMMAND_UTF8, NULL, F(LOWER_CASE), "UTF8"},
    {LINE("QUITE"), COMMAND_UNKNOWN, NULL, 0, "QUITE"},
    {LINE("QUI"), COMMAND_UNKNOWN, NULL, 0, "QUI"},
    {LINE("XSENDER 1 a"), COMMAND_UNKNOWN, "1|a", 0, "XSENDER 1 a"},
    {LINE("LIST\t1"), COMMAND_UNKNOWN, NULL, F(TAB), "LIST\t1"},
    {LINE("QU\xC9T"), COMMAND_UNKNOWN, NULL, F(8BIT), "QU\xC9T"},
    /* Arguments: too few, too many, long. */
    {LINE("RETR"), COMMAND_RETR, NULL, F(TOO_FEW), "RETR"},
    {LINE("TOP 1"), COMMAND_TOP, "1", F(TOO_FEW), "TOP 1"},
    {LINE("STAT 1"), COMMAND_STAT, "1", F(TOO_MANY), "STAT 1"},
    {LINE("TOP 1 2 3"), COMMAND_TOP, "1|2|3", F(TOO_MANY), "TOP 1 2 3"},
    {LINE("NOOP 1 2 3 4 5 6"), COMMAND_NOOP, "1|2|3|4", F(TOO_MANY), "NOOP 1 2 3 4 5 6"},
    {LINE("X 1 2 3 4 5 6"), COMMAND_UNKNOWN, "1|2|3|4", 0, "X 1 2 3 4 5 6"},
    {LINE("USER " FORTY), COMMAND_USER, FORTY, 0, "USER " FORTY},
    {LINE("USER " FORTY_ONE), COMMAND_USER, FORTY_ONE, F(LONG_ARGUMENT), "USER " FORTY_ONE},
    {LINE("X 1 2 3 4 " FORTY_ONE), COMMAND_UNKNOWN, "1|2|3|4", F(LONG_ARGUMENT), "X 1 2 3 4 " FORTY_ONE},
    /* Spaces. */
    {LINE(""), COMMAND_UNKNOWN, NULL, F(EMPTY), ""},
    {LINE(" "), COMMAND_UNKNOWN, NULL, F(LEADING_SPACE) | F(TRAILING_SPACE), ""},
    {LINE(" NOOP"), COMMAND_NOOP, NULL, F(LEADING_SPACE), "NOOP"},
    {LINE("  NOOP"), COMMAND_NOOP, NULL, F(LEADING_SPACE) | F(DOUBLE_SPACE), "NOOP"},
    {LINE("NOOP "), COMMAND_NOOP, NULL, F(TRAILING_SPACE), "NOOP"},
    {LINE("NOOP  "), COMMAND_NOOP, NULL, F(TRAILING_SPACE) | F(DOUBLE_SPACE), "NOOP"},
    {LINE("LIST  1"), COMMAND_LIST, "1", F(DOUBLE_SPACE), "LIST 1"},
    {LINE("  TOP  1   2 "), COMMAND_TOP, "1|2", F(LEADING_SPACE) | F(DOUBLE_SPACE) | F(TRAILING_SPACE),
     "TOP 1 2"},
    /* PASS takes all behind its first space (RFC 1939 section 7). */
    {LINE("PASS two words"), COMMAND_PASS, "two words", 0, "PASS two words"},
    {LINE("PASS  lead"), COMMAND_PASS, " lead", F(DOUBLE_SPACE), "PASS  lead"},
    {LINE("PASS trail "), COMMAND_PASS, "trail ", F(TRAILING_SPACE), "PASS trail "},
    {LINE("PASS "), COMMAND_PASS, NULL, F(TRAILING_SPACE) | F(TOO_FEW), "PASS"},
    {LINE("PASS"), COMMAND_PASS, NULL, F(TOO_FEW), "PASS"},
    /* Octets that do not belong into a command. */
    {LINE("NOOP\0"), COMMAND_UNKNOWN, NULL, F(NUL), NULL},
    {LINE("USER a\0b"), COMMAND_USER, "a\0b", F(NUL), NULL},
    {LINE("USER a\rb"), COMMAND_USER, "a\rb", F(BARE_CR), NULL},
    {LINE("USER a\nb"), COMMAND_USER, "a\nb", F(CONTROL), NULL},
    {LINE("X 1 2 3 4 5\rb"), COMMAND_UNKNOWN, "1|2|3|4", F(BARE_CR), NULL},
    {LINE("USER \x1B[0m"), COMMAND_USER, "\x1B[0m", F(CONTROL), "USER \x1B[0m"},
    {LINE("USER \x7F"), COMMAND_USER, "\x7F", F(CONTROL), "USER \x7F"},
    {LINE("USER \xC3\xA9"), COMMAND_USER, "\xC3\xA9", F(8BIT), "USER \xC3\xA9"},
    {LINE("USER a\tb"), COMMAND_USER, "a\tb", F(TAB), "USER a\tb"},
};

static struct bytes next_expected(struct bytes *rest)
{
    struct bytes argument = BYTES_EMPTY;

    assert_true(bytes_split(rest, '|', &argument));
    return argument;
}

static void check_arguments(const struct command_case *row, const struct command *command)
{
    size_t kept =
        command->argument_count < COMMAND_ARGUMENTS_MAX ? command->argument_count : COMMAND_ARGUMENTS_MAX;
    struct bytes rest = BYTES_EMPTY;

    if (row->arguments == NULL) {
        assert_int_equal(command->argument_count, 0);
        return;
    }
    /* A NUL in the table's text is where a C string ends: compare as far as it goes. */
    rest = bytes_of(row->arguments);
    for (size_t i = 0; i < kept; i++)
        assert_true(bytes_start_with(command->arguments[i], next_expected(&rest)));
    assert_null(rest.data);
}

static void parses_what_the_table_says(void **state)
{
    static struct naive_command naive;
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, LINE_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct bytes line = guard_page_place(&guard, CASES[i].line);
        struct command command = command_parse(line, 0);

        naive_parse(line, 0, &naive);
        if (command.verb != CASES[i].verb || command.facts != CASES[i].facts ||
            !naive_agrees(&naive, &command))
            fail_msg("case %zu: verb %d, facts %x, naive facts %x", i, (int)command.verb, command.facts,
                     naive.facts);
        check_arguments(&CASES[i], &command);
    }
    guard_page_release(&guard);
}

static void prints_and_parses_the_same_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct command command = command_parse(CASES[i].line, 0);
        uint8_t out[LINE_OCTETS_MAX];
        uint8_t again[LINE_OCTETS_MAX];
        size_t size = 77;
        size_t again_size;

        assert_int_equal(command_print(&command, out, sizeof(out), &size), CASES[i].printed != NULL);
        if (CASES[i].printed == NULL) {
            assert_int_equal(size, 77);
            continue;
        }
        struct bytes printed = bytes_make(out, size);

        assert_true(bytes_end_with(printed, BYTES_LITERAL("\r\n")));
        printed.size -= 2;
        assert_true(bytes_equal(printed, bytes_of(CASES[i].printed)));
        struct command second = command_parse(printed, 0);

        assert_int_equal(second.verb, command.verb);
        assert_int_equal(second.argument_count, command.argument_count);
        assert_true(command_print(&second, again, sizeof(again), &again_size));
        assert_true(bytes_equal(bytes_make(again, again_size), bytes_make(out, size)));
    }
}

static void prints_into_what_there_is_and_no_more(void **state)
{
    struct command command = command_parse(BYTES_LITERAL("TOP 1 2"), 0);
    uint8_t out[9];
    size_t size = 0;

    (void)state;
    for (size_t room = 0; room < sizeof(out); room++)
        assert_false(command_print(&command, out, room, &size));
    assert_int_equal(size, 0);
    assert_true(command_print(&command, out, sizeof(out), &size));
    assert_int_equal(size, 9);
}

static void prints_a_command_made_by_hand(void **state)
{
    struct command command = {
        .verb = COMMAND_USER, .argument_count = 1, .arguments = {BYTES_LITERAL("mrose")}};
    uint8_t out[LINE_OCTETS_MAX];
    size_t size;

    (void)state;
    assert_true(command_print(&command, out, sizeof(out), &size));
    assert_true(bytes_equal(bytes_make(out, size), BYTES_LITERAL("USER mrose\r\n")));
    command.arguments[0] = BYTES_LITERAL("mrose\r\nDELE 1");
    assert_false(command_print(&command, out, sizeof(out), &size));
}

static void keeps_the_facts_of_the_line_end(void **state)
{
    uint8_t line[256];

    (void)state;
    assert_int_equal(command_parse(BYTES_LITERAL("NOOP"), F(BARE_LF) | F(CUT)).facts, F(BARE_LF) | F(CUT));
    memset(line, 'A', sizeof(line));
    assert_int_equal(command_parse(bytes_make(line, 253), 0).facts, 0);
    assert_int_equal(command_parse(bytes_make(line, 254), 0).facts, F(OVERLONG));
    assert_int_equal(command_parse(bytes_make(line, 254), F(BARE_LF)).facts, F(BARE_LF));
    assert_int_equal(command_parse(bytes_make(line, 255), F(BARE_LF)).facts, F(BARE_LF) | F(OVERLONG));
}

static void knows_what_stands_behind_the_keyword(void **state)
{
    struct command command = command_parse(BYTES_LITERAL("LIST"), 0);

    (void)state;
    assert_null(command.rest.data);
    command = command_parse(BYTES_LITERAL("LIST "), 0);
    assert_non_null(command.rest.data);
    assert_int_equal(command.rest.size, 0);
    command = command_parse(BYTES_LITERAL(" LIST  1 "), 0);
    assert_true(bytes_equal(command.rest, BYTES_LITERAL(" 1 ")));
    assert_true(bytes_equal(command.keyword, BYTES_LITERAL("LIST")));
}

static void has_a_row_for_each_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_VERB_COUNT; i++) {
        const struct command_info *info = command_info((enum command_verb)i);

        assert_int_equal(info->verb, i);
        if (i != COMMAND_UNKNOWN)
            assert_int_equal(command_verb_of(bytes_of(info->keyword)), i);
    }
    assert_string_equal(command_info(COMMAND_UNKNOWN)->keyword, "");
    assert_int_equal(command_verb_of(BYTES_EMPTY), COMMAND_UNKNOWN);
}

static void knows_which_replies_are_multi_line(void **state)
{
    static const struct {
        const char *line;
        bool multi;
    } cases[] = {
        {"RETR 1", true},   {"TOP 1 0", true}, {"CAPA", true},        {"LIST", true},
        {"LIST 1", false},  {"UIDL", true},    {"UIDL 1", false},     {"LANG", true},
        {"LANG en", false}, {"STAT", false},   {"AUTH PLAIN", false}, {"XYZZY", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct command command = command_parse(bytes_of(cases[i].line), 0);

        assert_int_equal(command_reply_is_multi(&command), cases[i].multi);
    }
}

static void reads_numbers(void **state)
{
    static const char *const refused[] = {"",
                                          "-1",
                                          "+1",
                                          " 1",
                                          "1 ",
                                          "1x",
                                          "0x1",
                                          "1.0",
                                          "1e3",
                                          "one",
                                          "18446744073709551616",
                                          "99999999999999999999999"};
    bool leading_zero;
    uint64_t number = 77;

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_false(command_number(bytes_of(refused[i]), &number, &leading_zero));
    assert_int_equal(number, 77);
    assert_true(command_number(BYTES_LITERAL("0"), &number, &leading_zero));
    assert_int_equal(number, 0);
    assert_false(leading_zero);
    assert_true(command_number(BYTES_LITERAL("007"), &number, &leading_zero));
    assert_int_equal(number, 7);
    assert_true(leading_zero);
    assert_true(command_number(BYTES_LITERAL("18446744073709551615"), &number, NULL));
    assert_true(number == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_what_the_table_says),
        cmocka_unit_test(prints_and_parses_the_same_again),
        cmocka_unit_test(prints_into_what_there_is_and_no_more),
        cmocka_unit_test(prints_a_command_made_by_hand),
        cmocka_unit_test(keeps_the_facts_of_the_line_end),
        cmocka_unit_test(knows_what_stands_behind_the_keyword),
        cmocka_unit_test(has_a_row_for_each_verb),
        cmocka_unit_test(knows_which_replies_are_multi_line),
        cmocka_unit_test(reads_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
