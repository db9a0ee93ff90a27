/* The ledger: every mistake in a clauses file is an error with its place, and the stock ledger loads. */
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "pop3spec-clauses: 1\ndocument: rfc1939\nclauses:\n"
#define CLAUSE(id, section, level)                                                                           \
    "- id: " id "\n  section: '" section "'\n  where: RETR\n  level: " level                                 \
    "\n  party: server\n  demand: A thing happens.\n"

/* Writes TEXT as the one file of a new directory and loads it. */
static bool load(const char *text, struct ledger *ledger, struct error *error)
{
    char directory[] = "/tmp/pop3spec-ledger-XXXXXX";
    char path[64];

    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/c.yaml", directory);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    bool ok = ledger_load(ledger, directory, error);

    unlink(path);
    rmdir(directory);
    return ok;
}

static void expect_refused(const char *text, const char *expected)
{
    struct ledger ledger;
    struct error error = {.kind = ERROR_NONE};
    char actual[ERROR_TEXT_SIZE + 32];

    assert_false(load(text, &ledger, &error));
    ledger_release(&ledger);
    snprintf(actual, sizeof(actual), "%u:%u: %s", error.line, error.column, error.text);
    assert_string_equal(actual, expected);
}

static void clauses_are_found_by_id(void **state)
{
    struct ledger ledger;
    struct error error;

    (void)state;
    assert_true(load(HEAD CLAUSE("rfc1939-5-retr", "5", "stated") CLAUSE("rfc1939-4-1-a", "4.1", "may"),
                     &ledger, &error));
    assert_int_equal(ledger.count, 2);
    const struct clause *clause = ledger_find(&ledger, "rfc1939-4-1-a");

    assert_non_null(clause);
    assert_string_equal(clause->section, "4.1");
    assert_string_equal(clause->document, "rfc1939");
    assert_int_equal(clause->level, LEVEL_MAY);
    assert_int_equal(clause->place.line, 10);
    assert_null(clause->note);
    assert_null(clause->readings);
    assert_null(ledger_find(&ledger, "rfc1939-4-1-b"));
    assert_string_equal(ledger_suggest(&ledger, "rfc1939-5-rert"), "rfc1939-5-retr");
    assert_null(ledger_suggest(&ledger, "something else"));
    ledger_release(&ledger);
}

/* What else is legal, and why no variant does it, stand beside the note. */
static void readings_are_kept(void **state)
{
    struct ledger ledger;
    struct error error;

    (void)state;
    assert_true(load(HEAD CLAUSE("rfc1939-5-a", "5", "may") "  note: judged late\n"
                                                            "  readings: either will do\n"
                                                            "  unvaried: nobody does\n",
                     &ledger, &error));
    const struct clause *clause = ledger_find(&ledger, "rfc1939-5-a");

    assert_non_null(clause);
    assert_string_equal(clause->note, "judged late");
    assert_string_equal(clause->readings, "either will do");
    assert_string_equal(clause->unvaried, "nobody does");
    ledger_release(&ledger);
}

static void mistakes_have_places(void **state)
{
    (void)state;
    expect_refused("pop3spec-clauses: 2\ndocument: a\nclauses: []\n",
                   "1:19: 'pop3spec-clauses' must be a number from 1 to 1");
    expect_refused("document: a\nclauses: []\n", "1:1: the key 'pop3spec-clauses' is missing");
    expect_refused(HEAD "- id: rfc1939-5-a\n  sektion: '5'\n", "5:3: unknown key 'sektion'");
    expect_refused(HEAD CLAUSE("rfc1939-5-a", "4", "must"),
                   "4:7: the id 'rfc1939-5-a' does not fit its document and section");
    expect_refused(HEAD CLAUSE("rfc1939-5-", "5", "must"),
                   "4:7: the id 'rfc1939-5-' does not fit its document and section");
    expect_refused(HEAD CLAUSE("rfc1939-5-A", "5", "must"), "4:7: 'rfc1939-5-A' is not a name");
    expect_refused(HEAD CLAUSE("rfc1939---a", "-", "must"), "5:12: every clause stands in a section");
    expect_refused(HEAD CLAUSE("rfc1939-5-a", "5", "musst"), "7:10: 'musst' is not a value of 'level'");
    expect_refused(
        HEAD CLAUSE("rfc1939-5-a", "5", "must") "  note: see # 5\n",
        "10:9: YAML takes what stands behind \" #\" for a comment: quote the text, or move the comment "
        "to a line of its own");
}

static void an_id_stands_once(void **state)
{
    struct ledger ledger;
    struct error error = {.kind = ERROR_NONE};

    (void)state;
    assert_false(
        load(HEAD CLAUSE("rfc1939-5-a", "5", "must") CLAUSE("rfc1939-5-a", "5", "must"), &ledger, &error));
    assert_non_null(strstr(error.text, "the clause 'rfc1939-5-a' is also in"));
    ledger_release(&ledger);
}

static void the_stock_ledger_loads(void **state)
{
    struct ledger ledger;
    struct error error;

    (void)state;
    if (!ledger_load(&ledger, SOURCE_DIR "/scenarios/clauses", &error))
        fail_msg("%s:%u:%u: %s", error.file, error.line, error.column, error.text);
    assert_true(ledger.count > 100);
    ledger_release(&ledger);
}

static void levels_have_names(void **state)
{
    enum clause_level level;

    (void)state;
    for (int i = LEVEL_MUST; i <= LEVEL_SECURITY; i++) {
        assert_true(clause_level_of_name(clause_level_name((enum clause_level)i), &level));
        assert_int_equal(level, i);
    }
    assert_false(clause_level_of_name("shall", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_are_found_by_id), cmocka_unit_test(readings_are_kept),
        cmocka_unit_test(mistakes_have_places),    cmocka_unit_test(an_id_stands_once),
        cmocka_unit_test(the_stock_ledger_loads),  cmocka_unit_test(levels_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
