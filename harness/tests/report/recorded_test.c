/*
 * Results that are read back, and set side by side. The matrix of the sample and of a second run has golden files in
 * reports/golden/ (POP3SPEC_UPDATE_GOLDEN=1 writes them anew).
 */
#include "report/golden.h"
#include "report/matrix.h"
#include "report/recorded.h"
#include "report/report.h"
#include "report/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct reading {
    struct arena arena;
    struct run_result result;
    struct error error;
};

static bool reads(struct reading *reading, struct bytes text)
{
    arena_init(&reading->arena, 64 * 1024 * 1024);
    return recorded_read(text, "results.json", &reading->arena, &reading->result, &reading->error);
}

static void write_sample(struct buf *out)
{
    struct sample sample;

    sample_init(&sample);
    report_info(REPORT_JSON)->write(&sample.result, "1.2.3", out);
    sample_release(&sample);
}

static void what_was_written_is_read_back(void **state)
{
    struct reading reading;
    struct buf text;
    struct buf again;

    (void)state;
    buf_init(&text, BUF_UNBOUNDED);
    buf_init(&again, BUF_UNBOUNDED);
    write_sample(&text);
    if (!reads(&reading, buf_bytes(&text)))
        fail_msg("%s", reading.error.text);
    report_info(REPORT_JSON)->write(&reading.result, "1.2.3", &again);
    assert_string_equal(buf_text(&again), buf_text(&text));
    assert_string_equal(reading.result.cases[0].clauses[0].demand, "each line of a reply ends in CRLF");
    arena_release(&reading.arena);
    buf_release(&again);
    buf_release(&text);
}

#define HEAD "{\"schema\": 1, \"run\": {}, \"target\": {\"name\": \"x\"}, "
#define CASE                                                                                                 \
    "{\"id\": \"a\", \"transport\": \"lines\", \"title\": \"t\", \"verdict\": \"pass\", \"clauses\": "
#define WHOLE HEAD "\"cases\": [" CASE "[]}], \"clauses\": []}"

static const struct {
    const char *text;
    const char *what;
} mistakes[] = {
    {"", "no JSON"},
    {"{", "no JSON"},
    {"[]", "\"schema\" is not 1"},
    {"{\"schema\": \"1\"}", "\"schema\" is not 1"},
    {"{\"schema\": 2}", "\"schema\" is not 1"},
    {"{\"schema\": 1, \"run\": []}", "\"run\" is not an object"},
    {"{\"schema\": 1, \"run\": {}, \"target\": 0}", "\"target\" is not an object"},
    {"{\"schema\": 1, \"schema\": 1}", "no JSON"},
    {"{\"schema\": 1, \"run\": {}, \"target\": {\"name\": null}}", "\"name\" is not a text"},
    {"{\"schema\": 1, \"run\": {}, \"target\": {\"name\": \"\\u0000\"}}", "no JSON"},
    {HEAD "\"clauses\": []}", "\"cases\" is not a list"},
    {HEAD "\"cases\": [1], \"clauses\": []}", "\"cases\" is not a list of objects"},
    {HEAD "\"cases\": [{}], \"clauses\": []}", "\"id\" of cases[0] is not a text"},
    {HEAD "\"cases\": [" CASE
          "[{\"id\": \"c\", \"level\": \"must\", \"verdict\": \"good\"}]}], \"clauses\": []}",
     "\"verdict\" of clauses[0] is not a verdict"},
    {HEAD "\"cases\": []}", "\"clauses\" is not a list"},
    {HEAD "\"cases\": [" CASE "[], \"ms\": -1}], \"clauses\": []}", "\"ms\" of cases[0] is not a number"},
    {HEAD "\"cases\": [" CASE "[], \"line\": 4294967296}], \"clauses\": []}", "\"line\" of cases[0]"},
    {HEAD "\"cases\": [" CASE "[], \"transcript\": [{}]}], \"clauses\": []}", "\"from\" of transcript[0]"},
    {"{\"schema\": 1, \"run\": {\"shard\": {\"index\": 3, \"count\": 2}}, \"target\": {\"name\": \"x\"}}",
     "\"shard\" is not a part"},
    {"{\"schema\": 1, \"run\": {\"seed\": \"many\"}, \"target\": {\"name\": \"x\"}}",
     "\"seed\" is not a number"},
    {"{\"schema\": 1, \"run\": {\"fail_on\": \"rain\"}, \"target\": {\"name\": \"x\"}}",
     "\"fail_on\" is not known"},
    {"{\"schema\": 1, \"run\": {}, \"target\": {\"name\": \"x\", \"notes\": [1]}}",
     "\"notes\" is not a list of texts"},
};

/* Published results leave cases out; how many there were, the summary says, but it hides none that is there. */
static void cases_that_were_left_out_are_counted(void **state)
{
    static const char text[] =
        HEAD "\"summary\": {\"fail\": 3000, \"pass\": 0}, \"cases\": [" CASE "[]}], \"clauses\": []}";
    struct reading reading;

    (void)state;
    if (!reads(&reading, bytes_of(text)))
        fail_msg("%s", reading.error.text);
    assert_int_equal(reading.result.counts[VERDICT_FAIL], 3000);
    assert_int_equal(reading.result.counts[VERDICT_PASS], 1);
    arena_release(&reading.arena);
}

static void what_is_no_result_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct reading reading;

        if (reads(&reading, bytes_of(mistakes[i].text)))
            fail_msg("taken: %s", mistakes[i].text);
        if (strstr(reading.error.text, mistakes[i].what) == NULL)
            fail_msg("%s: got %s", mistakes[i].text, reading.error.text);
        assert_string_equal(reading.error.file, "results.json");
        arena_release(&reading.arena);
    }
}

/* Wherever a file ends, and whichever octet of it is another, reading it ends well. */
static void any_damage_is_survived(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, WHOLE);
    for (size_t i = 0; i < text.size; i++) {
        struct reading reading;
        uint8_t octet = text.data[i];

        assert_false(reads(&reading, bytes_slice(buf_bytes(&text), 0, i)));
        arena_release(&reading.arena);
        for (unsigned other = 0; other < 256; other += 3) {
            text.data[i] = (uint8_t)other;
            reads(&reading, buf_bytes(&text));
            arena_release(&reading.arena);
        }
        text.data[i] = octet;
    }
    buf_release(&text);
}

/* ---- the matrix ---- */

static struct case_result case_named(const char *id, enum verdict verdict)
{
    return (struct case_result){.id = id, .transport = "lines", .title = "<b>title</b>", .verdict = verdict};
}

static void changes_are_told_the_worst_first(void **state)
{
    struct case_result before[] = {
        case_named("a/mended", VERDICT_FAIL), case_named("b/fails", VERDICT_PASS),
        case_named("c/gone", VERDICT_PASS),   case_named("d/same", VERDICT_FAIL),
        case_named("e/worse", VERDICT_PASS),  case_named("f/other", VERDICT_XFAIL),
        case_named("i/remark", VERDICT_PASS),
    };
    struct case_result after[] = {
        case_named("a/mended", VERDICT_INFO),      case_named("b/fails", VERDICT_BLOCKED),
        case_named("d/same", VERDICT_FAIL),        case_named("e/worse", VERDICT_SKIP),
        case_named("f/other", VERDICT_SKIP),       case_named("g/new", VERDICT_PASS),
        case_named("h/new-failure", VERDICT_FAIL), case_named("i/remark", VERDICT_INFO),
    };
    const struct run_result runs[] = {
        {.target = {.name = "x"}, .cases = before, .case_count = 7},
        {.target = {.name = "another"}},
        {.target = {.name = "x"}, .cases = after, .case_count = 8},
    };
    static const char *const expected[] = {"b/fails",  "h/new-failure", "e/worse", "f/other",
                                           "a/mended", "g/new",         "c/gone",  "i/remark"};
    struct matrix matrix;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1024 * 1024);
    matrix_make(runs, 3, &arena, &matrix);
    assert_int_equal(matrix.comparison_count, 1);
    assert_int_equal(matrix.comparisons[0].before, 0);
    assert_int_equal(matrix.comparisons[0].after, 2);
    assert_int_equal(matrix.comparisons[0].change_count, sizeof(expected) / sizeof(expected[0]));
    assert_int_equal(matrix.comparisons[0].difference_count, matrix.comparisons[0].change_count - 1);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct change *change = &matrix.comparisons[0].changes[i];

        assert_string_equal((change->after != NULL ? change->after : change->before)->id, expected[i]);
    }
    arena_release(&arena);
}

/* The sample, another server that keeps less, and the sample a day later with one failure more and one less. */
static void the_matrix_is_golden(void **state)
{
    struct sample first;
    struct sample other;
    struct sample later;
    struct run_result runs[3];
    struct matrix matrix;
    struct arena arena;
    struct buf text;

    (void)state;
    sample_init(&first);
    sample_init(&other);
    sample_init(&later);
    other.result.target.name = "other <i>server</i>";
    other.result.target.repeat = "scripts/interop other run";
    other.result.clause_count--;
    later.result.started = "2026-01-03T00:00:00Z";
    for (size_t i = 0; i < later.result.case_count; i++) {
        struct case_result *one = &later.result.cases[i];

        one->verdict = one->verdict == VERDICT_PASS   ? VERDICT_FAIL
                       : one->verdict == VERDICT_WARN ? VERDICT_PASS
                                                      : one->verdict;
    }
    runs[0] = first.result;
    runs[1] = other.result;
    runs[2] = later.result;
    arena_init(&arena, 1024 * 1024);
    buf_init(&text, BUF_UNBOUNDED);
    matrix_make(runs, 3, &arena, &matrix);
    matrix_console_write(&matrix, false, &text);
    assert_golden(GOLDEN_FOLDER "matrix.txt", &text);
    buf_clear(&text);
    matrix_html_write(&matrix, "1.2.3", &text);
    assert_null(strstr(buf_text(&text), "<i>server"));
    assert_page_golden(GOLDEN_FOLDER "matrix.html", &text);
    buf_release(&text);
    arena_release(&arena);
    sample_release(&first);
    sample_release(&other);
    sample_release(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(cases_that_were_left_out_are_counted),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(any_damage_is_survived),
        cmocka_unit_test(changes_are_told_the_worst_first),
        cmocka_unit_test(the_matrix_is_golden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
