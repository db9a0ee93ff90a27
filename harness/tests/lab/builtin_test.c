/*
 * The built-in target from end to end: every stock scenario over every transport in memory, and the same cases over TCP with
 * the same verdicts.
 */
#include "lab/builtin.h"

#include "run/stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct finished {
    struct builtin *builtin;
    struct run_result result;
    struct arena arena;
};

/* All scenarios against BUILTIN. */
static struct run_options options_for(const struct stock *stock, const struct builtin *builtin)
{
    return (struct run_options){
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .target = builtin_target(builtin),
        .stage = builtin_stage(builtin),
        .seed = 7,
        .bad_logins = RUN_BAD_LOGINS_DEFAULT,
    };
}

static void execute(const struct stock *stock, bool over_memory, const char *const *selection,
                    const char *const *transports, unsigned jobs, struct finished *finished)
{
    const struct builtin_options options = {.over_memory = over_memory, .seed = 7};
    struct error error;

    finished->builtin = builtin_new(&options, &error);
    if (finished->builtin == NULL)
        fail_msg("%s", error.text);
    arena_init(&finished->arena, SIZE_MAX);
    struct run_options run = options_for(stock, finished->builtin);

    run.selection = selection;
    run.transports = transports;
    run.jobs = jobs;
    if (!run_execute(&run, &finished->arena, &finished->result, &error))
        fail_msg("%s", error.text);
}

static void finished_release(struct finished *finished)
{
    arena_release(&finished->arena);
    builtin_free(finished->builtin);
}

static void print_unexpected(const struct run_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        const struct case_result *one = &result->cases[i];

        if (one->unexpected || one->verdict == VERDICT_WARN)
            print_message("%s %s@%s: expected %s, actual %s, %s\n", verdict_name(one->verdict), one->id,
                          one->transport, one->expected.text == NULL ? "-" : one->expected.text,
                          one->actual.text == NULL ? "-" : one->actual.text,
                          one->reason.text == NULL ? "-" : one->reason.text);
    }
}

/* The reference server keeps every clause: over no transport may anything be found. */
static void everything_passes_in_memory_over_every_transport(void **state)
{
    static const char *const all[] = {"all", NULL};
    const struct stock *stock = (const struct stock *)*state;
    struct finished finished;

    execute(stock, true, NULL, all, 0, &finished);
    print_unexpected(&finished.result);
    assert_int_equal(finished.result.exit_code, 0);
    assert_int_equal(finished.result.counts[VERDICT_WARN], 0);
    assert_true(finished.result.counts[VERDICT_PASS] > 5 * finished.result.counts[VERDICT_SKIP]);
    for (size_t i = 0; i < finished.result.case_count; i++) {
        const struct case_result *one = &finished.result.cases[i];

        /* Nothing is left out without a reason. */
        assert_true(one->verdict != VERDICT_SKIP || one->reason.text != NULL);
    }
    finished_release(&finished);
}

/* A run's own logins by each way that the reference server has, over both drivers. */
static void a_run_logs_in_by_any_way(void **state)
{
    static const enum login_method methods[] = {LOGIN_USER_PASS,         LOGIN_APOP,
                                                LOGIN_AUTH_PLAIN,        LOGIN_AUTH_LOGIN,
                                                LOGIN_AUTH_CRAM_MD5,     LOGIN_AUTH_SCRAM_SHA_1,
                                                LOGIN_AUTH_SCRAM_SHA_256};
    static const char *const selection[] = {"rfc1939/noop-rset/noop", NULL};
    const struct stock *stock = *state;

    for (size_t i = 0; i < 2 * sizeof(methods) / sizeof(methods[0]); i++) {
        const struct builtin_options options = {
            .over_memory = i % 2 == 0, .seed = 7, .login = methods[i / 2]};
        struct finished finished;
        struct error error;

        finished.builtin = builtin_new(&options, &error);
        if (finished.builtin == NULL)
            fail_msg("%s", error.text);
        arena_init(&finished.arena, SIZE_MAX);
        struct run_options run = options_for(stock, finished.builtin);

        run.selection = selection;
        if (!run_execute(&run, &finished.arena, &finished.result, &error))
            fail_msg("%s: %s", login_keyword(methods[i / 2]), error.text);
        print_unexpected(&finished.result);
        assert_int_equal(finished.result.exit_code, 0);
        finished_release(&finished);
    }
}

/* The same seed gives the same run, one case at a time or several. */
static void jobs_do_not_change_verdicts(void **state)
{
    const struct stock *stock = (const struct stock *)*state;
    struct finished one;
    struct finished four;

    execute(stock, true, NULL, NULL, 1, &one);
    execute(stock, true, NULL, NULL, 4, &four);
    assert_int_equal(one.result.case_count, four.result.case_count);
    for (size_t i = 0; i < one.result.case_count; i++) {
        assert_string_equal(one.result.cases[i].id, four.result.cases[i].id);
        if (one.result.cases[i].verdict != four.result.cases[i].verdict)
            fail_msg("%s: %s alone, %s beside others", one.result.cases[i].id,
                     verdict_name(one.result.cases[i].verdict), verdict_name(four.result.cases[i].verdict));
    }
    finished_release(&one);
    finished_release(&four);
}

static const struct case_result *find_case(const struct run_result *result, const char *id)
{
    for (size_t i = 0; i < result->case_count; i++)
        if (strcmp(result->cases[i].id, id) == 0)
            return &result->cases[i];
    return NULL;
}

/* What is seen in memory is what is seen on a real connection. */
static void memory_and_tcp_agree(void **state)
{
    const struct stock *stock = (const struct stock *)*state;
    struct finished memory;
    struct finished tcp;
    size_t compared = 0;

    execute(stock, true, NULL, NULL, 0, &memory);
    execute(stock, false, NULL, NULL, 0, &tcp);
    print_unexpected(&tcp.result);
    for (size_t i = 0; i < tcp.result.case_count; i++) {
        const struct case_result *one = &tcp.result.cases[i];
        const struct case_result *other = find_case(&memory.result, one->id);

        if (other == NULL)
            fail_msg("%s: not in memory", one->id);
        else if (one->verdict != other->verdict)
            fail_msg("%s: %s over TCP, %s in memory", one->id, verdict_name(one->verdict),
                     verdict_name(other->verdict));
        compared++;
    }
    assert_int_equal(compared, memory.result.case_count);
    assert_int_equal(tcp.result.exit_code, 0);
    finished_release(&memory);
    finished_release(&tcp);
}

static void the_report_says_what_was_tested(void **state)
{
    static const char *const selection[] = {"rfc1939/general", NULL};
    const struct stock *stock = (const struct stock *)*state;
    struct finished finished;

    execute(stock, false, selection, NULL, 0, &finished);
    assert_string_equal(finished.result.target.name, "built-in");
    assert_non_null(strstr(finished.result.target.address, "127.0.0.1:"));
    assert_non_null(strstr(finished.result.target.greeting.text, "+OK"));
    assert_true(finished.result.target.capability_count > 5);
    /* Its certificate is its own: that nobody verified it is no news. */
    assert_int_equal(finished.result.target.note_count, 0);
    assert_string_equal(finished.result.selection, "rfc1939/general");
    assert_true(finished.result.clause_count > 0);
    finished_release(&finished);
}

/* Faults of the server are found by the scenario that proves the clause, and named by it. */
static void a_fault_fails_the_case_that_proves_its_clause(void **state)
{
    const struct stock *stock = (const struct stock *)*state;
    const struct builtin_options builtin_options = {.over_memory = true, .seed = 7};
    struct run_result result;
    struct error error;
    struct arena arena;
    enum fault fault;

    assert_true(fault_of_id("failed-update-ok", &fault));
    struct builtin *builtin = builtin_new(&builtin_options, &error);

    refserver_set_fault(builtin_server(builtin, false), fault, true);
    arena_init(&arena, SIZE_MAX);
    const struct run_options run = options_for(stock, builtin);

    assert_true(run_execute(&run, &arena, &result, &error));
    assert_int_equal(result.exit_code, 1);
    for (size_t i = 0; i < result.clause_count; i++)
        if (strcmp(result.clauses[i].id, fault_info(fault)->clause) == 0)
            assert_int_equal(result.clauses[i].verdict, VERDICT_FAIL);
    arena_release(&arena);
    builtin_free(builtin);
}

/* ---- being interrupted ---- */

static volatile sig_atomic_t interrupt_signal;

static void interrupt(void *context, const char *id, const char *transport)
{
    unsigned *left = (unsigned *)context;

    (void)id;
    (void)transport;
    if (--*left == 0)
        interrupt_signal = SIGINT;
}

static void interrupted_runs_report_what_they_have(bool over_memory, const struct stock *stock)
{
    const struct builtin_options builtin_options = {.over_memory = over_memory, .seed = 7};
    unsigned left = 20;
    struct run_result result;
    struct error error;
    struct arena arena;
    struct builtin *builtin = builtin_new(&builtin_options, &error);

    assert_non_null(builtin);
    interrupt_signal = 0;
    arena_init(&arena, SIZE_MAX);
    struct run_options run = options_for(stock, builtin);

    run.stop = &interrupt_signal;
    run.watcher = (struct run_watcher){.case_started = interrupt, .context = &left};
    assert_true(run_execute(&run, &arena, &result, &error));
    assert_true(result.interrupted);
    assert_int_equal(result.exit_code, 128 + SIGINT);
    assert_int_equal(result.counts[VERDICT_ERROR], 0);
    assert_in_range(result.case_count, RULE_COUNT + 10, RULE_COUNT + 200);
    arena_release(&arena);
    builtin_free(builtin);
}

static void an_interrupt_ends_a_run_in_memory(void **state)
{
    interrupted_runs_report_what_they_have(true, (const struct stock *)*state);
}

static void an_interrupt_ends_a_run_over_tcp(void **state)
{
    interrupted_runs_report_what_they_have(false, (const struct stock *)*state);
}

static int set_up(void **state)
{
    *state = stock_load();
    return 0;
}

static int tear_down(void **state)
{
    stock_free((struct stock *)*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_passes_in_memory_over_every_transport),
        cmocka_unit_test(a_run_logs_in_by_any_way),
        cmocka_unit_test(jobs_do_not_change_verdicts),
        cmocka_unit_test(memory_and_tcp_agree),
        cmocka_unit_test(the_report_says_what_was_tested),
        cmocka_unit_test(a_fault_fails_the_case_that_proves_its_clause),
        cmocka_unit_test(an_interrupt_ends_a_run_in_memory),
        cmocka_unit_test(an_interrupt_ends_a_run_over_tcp),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
