/* The stock scenarios and the language's own page: everything in them loads, and dumps to itself. */
#include "base/limits.h"
#include "scenario/load.h"
#include "yamldoc/files.h"

static void fail_with(const struct diagnostics *diagnostics)
{
    const struct error *error = &diagnostics->errors[0];

    fail_msg("%s:%u:%u: %s (%s)", error->file, error->line, error->column, error->text, error->hint);
}

static void load_stock(struct suite *suite, struct ledger *ledger)
{
    struct diagnostics *diagnostics = new_diagnostics();
    struct error error;

    if (!ledger_load(ledger, SOURCE_DIR "/scenarios/clauses", &error))
        fail_msg("%s:%u: %s", error.file, error.line, error.text);
    if (!suite_load(suite, SOURCE_DIR "/scenarios", ledger, diagnostics))
        fail_with(diagnostics);
    free(diagnostics);
}

static void the_stock_scenarios_are_right(void **state)
{
    struct suite suite;
    struct ledger ledger;

    (void)state;
    load_stock(&suite, &ledger);
    assert_true(suite.scenario_count > 100);
    for (size_t i = 1; i < suite.scenario_count; i++)
        assert_true(strcmp(suite.scenarios[i - 1].id, suite.scenarios[i].id) < 0);
    suite_release(&suite);
    ledger_release(&ledger);
}

/* Loads the dump of SCENARIO and dumps it again. */
static void expect_fixpoint(const struct suite *stock, const struct scenario *scenario)
{
    struct diagnostics *diagnostics = new_diagnostics();
    struct suite suite;
    struct buf first;
    struct buf second;
    struct bytes prefix = scenario_dump_prefix(scenario);
    char *prefix_text = strndup((const char *)prefix.data, prefix.size);

    suite_init(&suite);
    suite.fixtures = stock->fixtures;
    buf_init(&first, BUF_UNBOUNDED);
    buf_init(&second, BUF_UNBOUNDED);
    scenario_dump(scenario, &first);
    if (!suite_add_text(&suite, buf_bytes(&first), "dump.yaml", prefix_text, NULL, diagnostics))
        fail_msg("%s\n%u: %s\n%s", scenario->id, diagnostics->errors[0].line, diagnostics->errors[0].text,
                 buf_text(&first));
    assert_int_equal(suite.scenario_count, 1);
    assert_string_equal(suite.scenarios[0].id, scenario->id);
    scenario_dump(&suite.scenarios[0], &second);
    assert_string_equal(buf_text(&first), buf_text(&second));
    assert_memory_equal(&suite.scenarios[0].effects, &scenario->effects, sizeof(scenario->effects));
    buf_release(&first);
    buf_release(&second);
    free(prefix_text);
    free(diagnostics);
    suite_release(&suite);
}

static void dumps_load_and_dump_to_themselves(void **state)
{
    struct suite suite;
    struct ledger ledger;

    (void)state;
    load_stock(&suite, &ledger);
    for (size_t i = 0; i < suite.scenario_count; i++)
        expect_fixpoint(&suite, &suite.scenarios[i]);
    suite_release(&suite);
    ledger_release(&ledger);
}

/* ---- the examples of scenarios/README.md ---- */

/* Fixtures that the page's examples name. */
static const char EXAMPLE_FIXTURES[] = "pop3spec-fixtures: 1\nfixtures:\n"
                                       "  - name: short\n    what: W\n    message: |\n      x\n";

/* A part of a scenario, such as `each`, in a scenario. */
static void append_wrapped(struct bytes example, struct buf *out)
{
    struct bytes line;

    buf_append_text(out, "pop3spec: 1\nscenarios:\n  - name: s\n    title: T\n    tags: [example]\n");
    while (bytes_split(&example, '\n', &line) && line.size > 0) {
        buf_append_text(out, "    ");
        buf_append(out, line);
        buf_append_text(out, "\n");
    }
    buf_append_text(out, "    dialog: |\n      raw: {command}{ending}\n");
}

static void expect_example(struct suite *suite, struct bytes example, int number)
{
    struct diagnostics *diagnostics = new_diagnostics();
    struct buf wrapped;
    char file[32];
    bool ok;

    snprintf(file, sizeof(file), "example-%d.yaml", number);
    buf_init(&wrapped, BUF_UNBOUNDED);
    if (bytes_start_with(example, BYTES_LITERAL("pop3spec-fixtures:"))) {
        ok = suite_add_fixtures_text(suite, example, file, diagnostics);
    } else {
        if (bytes_start_with(example, BYTES_LITERAL("pop3spec:")))
            buf_append(&wrapped, example);
        else
            append_wrapped(example, &wrapped);
        ok = suite_add_text(suite, buf_bytes(&wrapped), file, NULL, NULL, diagnostics);
    }
    if (!ok)
        fail_with(diagnostics);
    buf_release(&wrapped);
    free(diagnostics);
}

/* Calls expect_example for each fenced example; those of fixtures first, since the others name them. */
static int expect_examples(struct suite *suite, struct bytes page, bool fixtures)
{
    int count = 0;
    size_t start;

    while ((start = bytes_find(page, BYTES_LITERAL("```yaml\n"))) != BYTES_NOT_FOUND) {
        page = bytes_from(page, start + 8);
        size_t end = bytes_find(page, BYTES_LITERAL("```\n"));

        assert_int_not_equal(end, BYTES_NOT_FOUND);
        struct bytes example = bytes_slice(page, 0, end);

        count++;
        if (bytes_start_with(example, BYTES_LITERAL("pop3spec-fixtures:")) == fixtures)
            expect_example(suite, example, count);
        page = bytes_from(page, end + 4);
    }
    return count;
}

static void every_example_of_the_page_loads(void **state)
{
    struct suite suite;
    struct error error;
    struct buf page;

    (void)state;
    buf_init(&page, DOCUMENT_OCTETS_MAX);
    assert_true(file_read(SOURCE_DIR "/scenarios/README.md", &error, &page));
    suite_init(&suite);
    struct diagnostics *diagnostics = new_diagnostics();

    assert_true(suite_add_fixtures_text(&suite, bytes_of(EXAMPLE_FIXTURES), "f.yaml", diagnostics));
    free(diagnostics);
    assert_true(expect_examples(&suite, buf_bytes(&page), true) >= 3);
    expect_examples(&suite, buf_bytes(&page), false);
    buf_release(&page);
    suite_release(&suite);
}

/* Every ability and every verb stands on the page. */
static void the_page_names_everything(void **state)
{
    static const char *const WORDS[] = {
#define ABILITY(name, keyword, what) keyword,
#include "pop3/abilities.def"
#undef ABILITY
#define STEP(name, keyword, argument, what) keyword,
#include "scenario/steps.def"
#undef STEP
    };
    struct error error;
    struct buf page;
    char quoted[64];

    (void)state;
    buf_init(&page, DOCUMENT_OCTETS_MAX);
    assert_true(file_read(SOURCE_DIR "/scenarios/README.md", &error, &page));
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        snprintf(quoted, sizeof(quoted), "`%s", WORDS[i]);
        if (strstr(buf_text(&page), quoted) == NULL)
            fail_msg("scenarios/README.md does not tell of %s`", quoted);
    }
    buf_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stock_scenarios_are_right),
        cmocka_unit_test(dumps_load_and_dump_to_themselves),
        cmocka_unit_test(every_example_of_the_page_loads),
        cmocka_unit_test(the_page_names_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
