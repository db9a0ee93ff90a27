/* The parts of a run put together: what is of all of them, the gravest, and what cannot be one run. */
#include "report/join.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const FILES[] = {"1.json", "2.json", "3.json"};

/* What the audit says of one rule, and a case of the part's own. */
struct made_part {
    struct case_result cases[2];
    struct run_result result;
};

static void make_part(struct made_part *part, unsigned index, enum verdict rule, const char *id,
                      enum verdict own)
{
    *part = (struct made_part){
        .cases = {{.id = "audit/crlf", .transport = "all", .title = "t", .verdict = rule},
                  {.id = id, .transport = "lines", .title = "t", .verdict = own, .file = "a.yaml"}},
        .result = {.target = {.name = "x"}, .selection = "all", .case_count = 2, .shard = {index, 3}},
    };
}

static void make_parts(struct made_part *parts, struct run_result *ret_results)
{
    make_part(&parts[0], 3, VERDICT_SKIP, "t/c", VERDICT_PASS);
    make_part(&parts[1], 1, VERDICT_FAIL, "t/a", VERDICT_WARN);
    make_part(&parts[2], 2, VERDICT_PASS, "t/b", VERDICT_PASS);
    parts[0].result.started = "2026-02-01T00:00:09Z";
    parts[1].result.started = "2026-02-01T00:00:01Z";
    parts[0].cases[0].occurrences = 1;
    parts[1].cases[0].occurrences = 2;
    parts[1].cases[0].unexpected = true;
    parts[1].result.exit_code = 1;
    parts[2].result.elapsed_us = 7;
    for (size_t i = 0; i < 3; i++) {
        parts[i].result.cases = parts[i].cases;
        ret_results[i] = parts[i].result;
    }
}

static void a_rule_is_as_bad_as_in_the_worst_part(void **state)
{
    struct made_part parts[3];
    struct run_result results[3];
    struct run_result whole;
    struct error error;
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    make_parts(parts, results);
    assert_true(join_parts(results, FILES, 3, &arena, &whole, &error));
    assert_int_equal(whole.case_count, 4);
    assert_string_equal(whole.cases[0].id, "audit/crlf");
    assert_int_equal(whole.cases[0].verdict, VERDICT_FAIL);
    assert_int_equal(whole.cases[0].occurrences, 3);
    assert_true(whole.cases[0].unexpected);
    assert_string_equal(whole.cases[1].id, "t/a");
    assert_string_equal(whole.cases[3].id, "t/c");
    assert_int_equal(whole.counts[VERDICT_PASS], 2);
    assert_int_equal(whole.counts[VERDICT_WARN], 1);
    assert_int_equal(whole.shard.count, 0);
    assert_string_equal(whole.started, "2026-02-01T00:00:01Z");
    assert_int_equal(whole.elapsed_us, 7);
    arena_release(&arena);
}

static void the_gravest_exit_code_is_that_of_the_run(void **state)
{
    static const int order[] = {0, 1, 4, 70, 143, 130};
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    for (size_t graver = 1; graver < sizeof(order) / sizeof(order[0]); graver++)
        for (size_t place = 0; place < 3; place++) {
            struct made_part parts[3];
            struct run_result results[3];
            struct run_result whole;
            struct error error;

            make_parts(parts, results);
            for (size_t i = 0; i < 3; i++)
                results[i].exit_code = order[i == place ? graver : graver - 1];
            assert_true(join_parts(results, FILES, 3, &arena, &whole, &error));
            assert_int_equal(whole.exit_code, order[graver]);
        }
    arena_release(&arena);
}

static void assert_refused(const struct run_result *results, size_t count, const char *why)
{
    struct run_result whole;
    struct error error;
    struct arena arena;

    arena_init(&arena, SIZE_MAX);
    assert_false(join_parts(results, FILES, count, &arena, &whole, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    if (strstr(error.text, why) == NULL)
        fail_msg("%s: got %s", why, error.text);
    arena_release(&arena);
}

static void parts_of_different_runs_are_refused(void **state)
{
    struct made_part parts[3];
    struct run_result results[3];

    (void)state;
    make_parts(parts, results);
    assert_refused(results, 2, "part 2 of 3 is missing");
    results[1].target.name = "y";
    assert_refused(results, 3, "the target is not the same");
    make_parts(parts, results);
    results[2].selection = "rfc1939";
    assert_refused(results, 3, "the selection is not the same");
    make_parts(parts, results);
    results[2].fail_on = FAIL_ON_ANY;
    assert_refused(results, 3, "the --fail-on is not the same");
    make_parts(parts, results);
    results[2].profile = "strict";
    assert_refused(results, 3, "the --profile is not the same");
    make_parts(parts, results);
    results[2].shard.count = 4;
    assert_refused(results, 3, "the number of shards is not the same");
    make_parts(parts, results);
    results[2].shard.index = 3;
    assert_refused(results, 3, "1.json and 3.json are both part 3");
    make_parts(parts, results);
    results[2].shard = (struct shard){0, 0};
    assert_refused(results, 3, "3.json is a whole run");
    make_parts(parts, results);
    parts[2].cases[1].id = "t/a";
    assert_refused(results, 3, "more than one part has run t/a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_as_bad_as_in_the_worst_part),
        cmocka_unit_test(the_gravest_exit_code_is_that_of_the_run),
        cmocka_unit_test(parts_of_different_runs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
