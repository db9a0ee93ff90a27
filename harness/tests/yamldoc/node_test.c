/* Typed access to nodes, suggestions, and the caret. */
#include "yamldoc/caret.h"
#include "yamldoc/node.h"
#include "yamldoc/suggestion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char TEXT[] = "text: one\n"
                           "empty:\n"
                           "list: [a]\n"
                           "yes: true\n"
                           "number: 17\n"
                           "name: a-1\n"
                           "nul: \"a\\0b\"\n";

struct fixture {
    struct document document;
    struct error error;
};

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    return document_load_text(&fixture.document, bytes_of(TEXT), "t.yaml", &fixture.error) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    document_release(&fixture->document);
    return 0;
}

static void values_are_read_by_type(void **state)
{
    struct fixture *fixture = *state;
    const struct node *root = fixture->document.root;
    struct error *error = &fixture->error;
    const char *text = NULL;
    const char *names[] = {"two", "one"};
    uint64_t number = 0;
    bool yes = false;
    size_t index = 0;

    assert_true(map_text(root, "text", error, &text));
    assert_string_equal(text, "one");
    assert_true(node_bool(map_get(root, "yes"), "yes", error, &yes) && yes);
    assert_true(node_number(map_get(root, "number"), "number", 1, 17, error, &number));
    assert_int_equal(number, 17);
    assert_true(node_name(map_get(root, "name"), "name", error, &text));
    assert_true(node_choice(map_get(root, "text"), "text", names, 2, error, &index));
    assert_int_equal(index, 1);
    text = "kept";
    assert_true(map_optional_text(root, "none", error, &text));
    assert_string_equal(text, "kept");
}

static void wrong_values_are_errors(void **state)
{
    struct fixture *fixture = *state;
    const struct node *root = fixture->document.root;
    struct error *error = &fixture->error;
    const char *names[] = {"ones", "two"};
    const char *text;
    uint64_t number;
    size_t index;
    bool yes;

    assert_false(map_text(root, "none", error, &text));
    assert_string_equal(error->text, "the key 'none' is missing");
    assert_false(map_text(root, "empty", error, &text));
    assert_string_equal(error->text, "'empty' must not be empty");
    assert_false(map_text(root, "list", error, &text));
    assert_string_equal(error->text, "'list' must be text, not a list");
    assert_int_equal(error->line, 3);
    assert_int_equal(error->column, 7);
    assert_false(map_text(root, "nul", error, &text));
    assert_string_equal(error->text, "'nul' must not hold a NUL");
    assert_false(node_bool(map_get(root, "number"), "number", error, &yes));
    assert_false(node_number(map_get(root, "number"), "number", 18, 20, error, &number));
    assert_string_equal(error->text, "'number' must be a number from 18 to 20");
    assert_false(node_choice(map_get(root, "text"), "text", names, 2, error, &index));
    assert_string_equal(error->hint, "did you mean 'ones'?");
    assert_false(node_choice(map_get(root, "yes"), "yes", names, 2, error, &index));
    assert_string_equal(error->hint, "one of: ones, two");
    assert_false(node_name(map_get(root, "list")->first, "", error, &text) &&
                 node_name(map_get(root, "nul"), "x", error, &text));
}

static void unknown_keys_come_one_by_one(void **state)
{
    struct fixture *fixture = *state;
    const char *known[] = {"text", "empti", "list", "yes", "number", "name"};
    const struct node *cursor = NULL;
    struct error error;

    assert_true(map_next_unknown(fixture->document.root, known, 6, &cursor, &error));
    assert_string_equal(error.text, "unknown key 'empty'");
    assert_string_equal(error.hint, "did you mean 'empti'?");
    assert_true(map_next_unknown(fixture->document.root, known, 6, &cursor, &error));
    assert_string_equal(error.text, "unknown key 'nul'");
    assert_string_equal(error.hint, "");
    assert_int_equal(error.line, 7);
    assert_false(map_next_unknown(fixture->document.root, known, 6, &cursor, &error));
}

static void distances(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } CASES[] = {{"", "", 0},       {"a", "", 1},       {"abc", "abc", 0},        {"abc", "ABC", 0},
                 {"abc", "acb", 1}, {"abc", "abcd", 1}, {"kitten", "sitting", 3}, {"ab", "cd", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_int_equal(edit_distance(bytes_of(CASES[i].a), bytes_of(CASES[i].b)), CASES[i].distance);
        assert_int_equal(edit_distance(bytes_of(CASES[i].b), bytes_of(CASES[i].a)), CASES[i].distance);
    }
    char long_word[SUGGESTION_OCTETS_MAX + 2] = {0};

    memset(long_word, 'a', SUGGESTION_OCTETS_MAX + 1);
    assert_true(edit_distance(bytes_of(long_word), bytes_of("a")) == SIZE_MAX);
}

static void suggestions_are_near_or_none(void **state)
{
    struct suggestion suggestion;

    (void)state;
    suggestion_init(&suggestion, bytes_of("mailbx"));
    suggestion_offer(&suggestion, "title");
    assert_null(suggestion.nearest);
    suggestion_offer(&suggestion, "mailboxes");
    suggestion_offer(&suggestion, "mailbox");
    assert_string_equal(suggestion.nearest, "mailbox");
}

static void expect_caret(const char *text, uint32_t line, uint32_t column, const char *expected)
{
    struct buf out;

    buf_init(&out, BUF_UNBOUNDED);
    assert_int_equal(caret_render(bytes_of(text), line, column, &out), expected != NULL);
    assert_string_equal(buf_text(&out), expected != NULL ? expected : "");
    buf_release(&out);
}

static void the_caret_stands_below_its_column(void **state)
{
    (void)state;
    expect_caret("a\n  bc d\n", 2, 4, "     2 |   bc d\n       |    ^\n");
    expect_caret("a\r\nbc\r\n", 2, 9, "     2 | bc\n       |   ^\n");
    expect_caret("\tb", 1, 2, "     1 |  b\n       |  ^\n");
    expect_caret("\x01\x7F"
                 "b",
                 1, 3, "     1 | ??b\n       |   ^\n");
    expect_caret("\xC3\xA9\xE2\x82\xACx", 1, 6, "     1 | \xC3\xA9\xE2\x82\xACx\n       |   ^\n");
    expect_caret("a\n", 3, 1, NULL);
    expect_caret("a\n", 0, 1, NULL);
    expect_caret("", 1, 1, "     1 | \n       | ^\n");
}

static void long_lines_are_cut_around_the_caret(void **state)
{
    char line[301] = {0};
    struct buf out;

    (void)state;
    memset(line, 'x', 300);
    line[150] = 'y';
    buf_init(&out, BUF_UNBOUNDED);
    assert_true(caret_render(bytes_of(line), 1, 151, &out));
    const char *text = buf_text(&out);
    const char *caret_line = strchr(text, '\n') + 1;

    assert_true(strlen(text) < 200);
    assert_int_equal(strchr(text, 'y') - text, strchr(caret_line, '^') - caret_line);
    assert_non_null(strstr(text, "...\n"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_read_by_type, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_values_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_keys_come_one_by_one, setup, teardown),
        cmocka_unit_test(distances),
        cmocka_unit_test(suggestions_are_near_or_none),
        cmocka_unit_test(the_caret_stands_below_its_column),
        cmocka_unit_test(long_lines_are_cut_around_the_caret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
