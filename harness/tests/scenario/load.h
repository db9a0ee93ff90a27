/* Loading scenarios from text, for the tests of this folder. */
#ifndef TESTS_SCENARIO_LOAD_H
#define TESTS_SCENARIO_LOAD_H

#include "scenario/dump.h"
#include "scenario/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char TEST_FIXTURES[] = "pop3spec-fixtures: 1\n"
                                    "fixtures:\n"
                                    "  - name: short\n"
                                    "    what: one line\n"
                                    "    message: |\n"
                                    "      Subject: short\n"
                                    "\n"
                                    "      x\n"
                                    "  - name: dotted\n"
                                    "    what: lines that begin with dots\n"
                                    "    message: |\n"
                                    "      Subject: dots\n"
                                    "\n"
                                    "      .\n"
                                    "      ..two\n"
                                    "  - name: nul\n"
                                    "    what: a NUL octet\n"
                                    "    message: |\n"
                                    "      Subject: nul\n"
                                    "\n"
                                    "      \\0\n";

/* A file with one scenario, tagged so that it need not prove anything. HEAD is more keys, each line indented by four. */
#define SCENARIO_HEAD(head) "pop3spec: 1\nscenarios:\n  - name: s\n    title: T\n    tags: [example]\n" head
/* The same with a dialog; its lines are indented by six. */
#define SCENARIO(head, dialog) SCENARIO_HEAD(head "    dialog: |\n" dialog)

static inline struct diagnostics *new_diagnostics(void)
{
    struct diagnostics *diagnostics = calloc(1, sizeof(*diagnostics));

    assert_non_null(diagnostics);
    return diagnostics;
}

/* All diagnostics, one a line: "line:column: text". The caller frees it. */
static inline char *list_diagnostics(const struct diagnostics *diagnostics)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < diagnostics->count && i < DIAGNOSTICS_MAX; i++) {
        const struct error *error = &diagnostics->errors[i];

        buf_append_format(&text, "%u:%u: %s\n", error->line, error->column, error->text);
    }
    return buf_take_text(&text);
}

static inline void suite_with_fixtures(struct suite *suite)
{
    struct diagnostics *diagnostics = new_diagnostics();

    suite_init(suite);
    if (!suite_add_fixtures_text(suite, bytes_of(TEST_FIXTURES), "fixtures.yaml", diagnostics))
        fail_msg("%s", diagnostics->errors[0].text);
    free(diagnostics);
}

/* Loads TEXT, which must be right, as file "t.yaml". Release the suite. */
static inline void load_right(struct suite *suite, const char *text)
{
    struct diagnostics *diagnostics = new_diagnostics();

    suite_with_fixtures(suite);
    if (!suite_add_text(suite, bytes_of(text), "t.yaml", NULL, NULL, diagnostics))
        fail_msg("%s:\n%s", text, list_diagnostics(diagnostics));
    free(diagnostics);
}

/* Loads TEXT, which must be wrong in exactly the way EXPECTED says: "line:column: text\n" for each mistake. */
static inline void expect_wrong(const char *text, const char *expected)
{
    struct suite suite;
    struct diagnostics *diagnostics = new_diagnostics();

    suite_with_fixtures(&suite);
    suite_add_text(&suite, bytes_of(text), "t.yaml", NULL, NULL, diagnostics);
    suite_release(&suite);
    char *actual = list_diagnostics(diagnostics);

    free(diagnostics);
    assert_string_equal(actual, expected);
    free(actual);
}

/* The canonical text of the one scenario that TEXT holds. The caller frees it. */
static inline char *dump_of(const char *text)
{
    struct suite suite;
    struct buf out;

    load_right(&suite, text);
    assert_int_equal(suite.scenario_count, 1);
    buf_init(&out, BUF_UNBOUNDED);
    scenario_dump(&suite.scenarios[0], &out);
    suite_release(&suite);
    return buf_take_text(&out);
}

#endif
