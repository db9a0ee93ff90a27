/*
 * The same machine over two drivers: what is seen in memory, on virtual time, is what is seen on a real connection. Servers
 * with faults are judged over both, so that there is something to see: the same verdict for each case, and each of the
 * auditor's rules broken as often.
 */
#include "lab/builtin.h"
#include "run/stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct judged {
    struct builtin *builtin;
    struct arena arena;
    struct run_result result;
};

static void switch_on(const struct builtin *builtin, const char *const *faults)
{
    for (; *faults != NULL; faults++) {
        enum fault fault;

        if (!fault_of_id(*faults, &fault))
            fail_msg("there is no fault %s", *faults);
        refserver_set_fault(builtin_server(builtin, false), fault, true);
        refserver_set_fault(builtin_server(builtin, true), fault, true);
    }
}

static void judge_over(const struct stock *stock, bool over_memory, const char *const *faults,
                       const char *const *selection, struct judged *judged)
{
    struct error error;

    judged->builtin = builtin_new(&(struct builtin_options){.over_memory = over_memory, .seed = 7}, &error);
    if (judged->builtin == NULL)
        fail_msg("%s", error.text);
    switch_on(judged->builtin, faults);
    arena_init(&judged->arena, SIZE_MAX);
    const struct run_options options = {
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .target = builtin_target(judged->builtin),
        .stage = builtin_stage(judged->builtin),
        .selection = selection,
        .seed = 7,
        .bad_logins = RUN_BAD_LOGINS_DEFAULT,
    };

    if (!run_execute(&options, &judged->arena, &judged->result, &error))
        fail_msg("%s", error.text);
}

static void judged_release(struct judged *judged)
{
    arena_release(&judged->arena);
    builtin_free(judged->builtin);
}

static const char *text_of(struct printable printable)
{
    return printable.text != NULL ? printable.text : "-";
}

static void demand_same_case(const struct case_result *memory, const struct case_result *tcp)
{
    assert_string_equal(memory->id, tcp->id);
    if (memory->verdict != tcp->verdict)
        fail_msg("%s: %s in memory (%s %s), %s over TCP (%s %s)", memory->id, verdict_name(memory->verdict),
                 text_of(memory->actual), text_of(memory->reason), verdict_name(tcp->verdict),
                 text_of(tcp->actual), text_of(tcp->reason));
    if (memory->occurrences != tcp->occurrences)
        fail_msg("%s: %llu times in memory, %llu times over TCP", memory->id,
                 (unsigned long long)memory->occurrences, (unsigned long long)tcp->occurrences);
}

/* How many cases, the auditor's among them, were not passed. */
static size_t demand_same_result(const struct judged *memory, const struct judged *tcp)
{
    size_t broken = 0;

    assert_int_equal(memory->result.case_count, tcp->result.case_count);
    assert_true(memory->result.case_count > RULE_COUNT + 15);
    for (size_t i = 0; i < memory->result.case_count; i++) {
        demand_same_case(&memory->result.cases[i], &tcp->result.cases[i]);
        broken +=
            memory->result.cases[i].verdict == VERDICT_FAIL || memory->result.cases[i].verdict == VERDICT_WARN
                ? 1
                : 0;
    }
    return broken;
}

static size_t judge_over_both(const struct stock *stock, const char *const *faults,
                              const char *const *selection)
{
    struct judged memory;
    struct judged tcp;

    judge_over(stock, true, faults, selection, &memory);
    judge_over(stock, false, faults, selection, &tcp);
    size_t broken = demand_same_result(&memory, &tcp);

    judged_release(&memory);
    judged_release(&tcp);
    return broken;
}

static const char *const MAILDROP[] = {"rfc1939/stat",      "rfc1939/list", "rfc1939/retr",
                                       "rfc1939/dele",      "rfc1939/top",  "rfc1939/uidl",
                                       "rfc1939/noop-rset", "rfc1939/quit", NULL};

static void listings_that_lie_are_seen_alike(void **state)
{
    static const char *const faults[] = {"stat-octets-off", "list-shows-deleted", "uidl-shows-deleted",
                                         "size-off-by-one", NULL};

    assert_true(judge_over_both((const struct stock *)*state, faults, MAILDROP) > 4);
}

static void marks_that_do_not_hold_are_seen_alike(void **state)
{
    static const char *const faults[] = {"dele-twice", "rset-forgets-one", "retr-shows-deleted",
                                         "number-wraps", NULL};

    assert_true(judge_over_both((const struct stock *)*state, faults, MAILDROP) > 3);
}

static void what_is_broken_under_tls_is_seen_alike(void **state)
{
    static const char *const faults[] = {"stls-injection", "size-off-under-tls", "tls-close-unnotified",
                                         NULL};
    static const char *const selection[] = {"rfc2595", "rfc8314", "security", NULL};

    assert_true(judge_over_both((const struct stock *)*state, faults, selection) > 1);
}

static void wrong_states_and_arguments_are_seen_alike(void **state)
{
    static const char *const faults[] = {"noop-before-login",      "stat-before-login",
                                         "extra-argument-ignored", "letters-behind-number",
                                         "quit-removes-nothing",   NULL};
    static const char *const selection[] = {"rfc1939/states", "rfc1939/arguments", "rfc1939/quit",
                                            "rfc1939/general", NULL};

    assert_true(judge_over_both((const struct stock *)*state, faults, selection) > 2);
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
        cmocka_unit_test(listings_that_lie_are_seen_alike),
        cmocka_unit_test(marks_that_do_not_hold_are_seen_alike),
        cmocka_unit_test(what_is_broken_under_tls_is_seen_alike),
        cmocka_unit_test(wrong_states_and_arguments_are_seen_alike),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
