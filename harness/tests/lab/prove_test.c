/* The proof on some faults and variants: each in its setting, and found out about what it proves nothing of. */
#include "lab/prove.h"

#include "base/memory.h"
#include "lab/combinations.h"
#include "lab/prover.h"
#include "report/proof.h"
#include "run/stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void prove_names(const struct stock *stock, const char *const *names, struct arena *arena,
                        struct proof *ret_proof)
{
    const struct prove_options options = {
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .faults = true,
        .variants = true,
        .names = names,
        .seed = 7,
    };
    struct error error;

    arena_init(arena, SIZE_MAX);
    if (!prove(&options, arena, ret_proof, &error))
        fail_msg("%s", error.text);
}

static void faults_are_caught_in_the_usual_setting(void **state)
{
    static const char *const names[] = {"noop-err", "retr-unstuffed", NULL};
    struct arena arena;
    struct proof proof;

    prove_names((const struct stock *)*state, names, &arena, &proof);
    assert_true(proof.proved);
    assert_int_equal(proof.fault_count, 2);
    assert_int_equal(proof.variant_count, 0);
    for (size_t i = 0; i < proof.fault_count; i++) {
        assert_int_equal(proof.faults[i].state, PROOF_CAUGHT);
        assert_non_null(proof.faults[i].caught_by);
    }
    arena_release(&arena);
}

/* LAST is unknown to the server by default, and nobody meets PASS alone where all log in by it (lab/worlds.def). */
static void faults_are_caught_in_settings_of_their_own(void **state)
{
    static const char *const names[] = {"last-in-words", "login-delay-not-enforced", "pass-opens-nothing",
                                        "dele-at-once", NULL};
    struct arena arena;
    struct proof proof;

    prove_names((const struct stock *)*state, names, &arena, &proof);
    assert_true(proof.proved);
    assert_int_equal(proof.fault_count, 4);
    for (size_t i = 0; i < proof.fault_count; i++)
        if (proof.faults[i].state != PROOF_CAUGHT)
            fail_msg("%s is %s", proof.faults[i].id, proof_fault_state_name(proof.faults[i].state));
    arena_release(&arena);
}

/* Its warnings are part of what a variant declares. */
static void variants_are_clean_and_warn_where_they_should(void **state)
{
    static const char *const names[] = {"autologout-speaks", "listing-text", "no-capa", NULL};
    struct arena arena;
    struct proof proof;

    prove_names((const struct stock *)*state, names, &arena, &proof);
    assert_int_equal(proof.variant_count, 3);
    for (size_t i = 0; i < proof.variant_count; i++)
        if (!proof.variants[i].clean)
            fail_msg("%s: %s", proof.variants[i].id,
                     proof.variants[i].flag_count > 0 ? proof.variants[i].flags[0].id : "?");
    arena_release(&arena);
}

/* What the tables declare, to be falsified. The caller frees it. */
static struct fault_info *declared_faults(void)
{
    struct fault_info *infos = memory_new_array(FAULT_COUNT, sizeof(*infos));

    for (int i = 0; i < FAULT_COUNT; i++)
        infos[i] = *fault_info((enum fault)i);
    return infos;
}

static struct variant_info *declared_variants(void)
{
    struct variant_info *infos = memory_new_array(VARIANT_COUNT, sizeof(*infos));

    for (int i = 0; i < VARIANT_COUNT; i++)
        infos[i] = *variant_info((enum variant)i);
    return infos;
}

static void load_suite(struct suite *suite, const char *text, const struct ledger *ledger)
{
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));

    suite_init(suite);
    assert_true(suite_add_text(suite, bytes_of(text), "t.yaml", "t", ledger, diagnostics));
    free(diagnostics);
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void leave_nine_on_the_wire(struct fault_info *infos)
{
    int count = 0;

    for (int i = 0; i < FAULT_COUNT; i++)
        if (infos[i].seam == SEAM_WIRE && ++count > 9)
            infos[i].seam = SEAM_REPLY;
}

/* The console's report of PROOF has TEXT. */
static void assert_says(const struct proof *proof, const char *text)
{
    struct buf report;

    buf_init(&report, BUF_UNBOUNDED);
    proof_console_write(proof, false, &report);
    if (strstr(buf_text(&report), text) == NULL)
        fail_msg("%s is not in:\n%s", text, buf_text(&report));
    buf_release(&report);
}

/*
 * A whole proof of two scenarios, of which one cannot fail, where the tables are told that NOOP is in no fault's way, that
 * nobody lists backwards, that a fault of NOOP breaks a clause about UIDL, and that only nine faults act on the wire.
 */
static void what_nothing_proves_is_named(void **state)
{
    static const char text[] = "pop3spec: 1\n"
                               "defaults:\n"
                               "  proves: [rfc1939-5-noop-ok]\n"
                               "  state: transaction\n"
                               "scenarios:\n"
                               "  - name: idle\n"
                               "    title: STAT is answered\n"
                               "    dialog: |\n"
                               "      C: STAT\n"
                               "      S: +OK | -ERR\n"
                               "  - name: busy\n"
                               "    title: NOOP is answered\n"
                               "    dialog: |\n"
                               "      C: NOOP\n"
                               "      S: +OK\n";
    const struct stock *stock = (const struct stock *)*state;
    struct suite suite;
    struct fault_info *fault_infos = declared_faults();
    struct variant_info *variant_infos = declared_variants();
    const struct prove_options options = {.suite = &suite,
                                          .ledger = &stock->ledger,
                                          .faults = true,
                                          .variants = true,
                                          .fault_infos = fault_infos,
                                          .variant_infos = variant_infos};
    struct arena arena;
    struct proof proof;
    struct error error;

    load_suite(&suite, text, &stock->ledger);
    for (int i = 0; i < FAULT_COUNT; i++)
        if (strcmp(fault_infos[i].clause, "rfc1939-5-noop-ok") == 0)
            fault_infos[i].clause = "rfc1939-5-response-owed";
    variant_infos[VARIANT_LISTINGS_BACKWARDS].clause = "rfc1939-5-list-form";
    fault_infos[FAULT_NOOP_ERR].also = "rfc1939-7-uidl-form";
    leave_nine_on_the_wire(fault_infos);
    arena_init(&arena, SIZE_MAX);
    assert_true(prove(&options, &arena, &proof, &error));
    assert_false(proof.proved);
    assert_true(is_listed(proof.idle, proof.idle_count, "t/idle"));
    assert_false(is_listed(proof.idle, proof.idle_count, "t/busy"));
    assert_true(is_listed(proof.faultless, proof.faultless_count, "rfc1939-5-noop-ok"));
    assert_int_equal(proof.faultless_count, 1);
    assert_true(is_listed(proof.unvaried, proof.unvaried_count, "rfc1939-5-list-all"));
    assert_int_equal(proof.unvaried_count, 1);
    assert_int_equal(proof.seam_count, SEAM_COUNT);
    for (size_t i = 0; i < proof.seam_count; i++)
        assert_int_equal(proof_seam_is_thin(&proof, &proof.seams[i]), strcmp(proof.seams[i].id, "wire") == 0);
    assert_says(&proof, "stale     noop-err   it lists clauses that no case breaks by it\n"
                        "     also          rfc1939-7-uidl-form\n");
    assert_says(&proof, "thin      wire   this seam has 9 of the 10 faults that it owes\n");
    arena_release(&arena);
    suite_release(&suite);
    free(fault_infos);
    free(variant_infos);
}

/* A scenario that lost its point would go unnoticed: with one scenario, nearly every clause is without proof. */
static void a_poor_suite_proves_nothing(void **state)
{
    static const char text[] = "pop3spec: 1\n"
                               "scenarios:\n"
                               "  - name: noop\n"
                               "    title: NOOP is answered\n"
                               "    proves: [rfc1939-5-noop-ok]\n"
                               "    state: transaction\n"
                               "    dialog: |\n"
                               "      C: STAT\n"
                               "      S: +OK | -ERR\n";
    static const char *const names[] = {"noop-err", "autologout-speaks", NULL};
    const struct stock *stock = (const struct stock *)*state;
    struct stock poor = {.ledger = stock->ledger};
    struct arena arena;
    struct proof proof;

    load_suite(&poor.suite, text, &stock->ledger);
    prove_names(&poor, names, &arena, &proof);
    assert_false(proof.proved);
    assert_int_equal(proof.faults[0].state, PROOF_UNTOUCHED);
    assert_false(proof.variants[0].clean);
    assert_string_equal(proof.variants[0].flags[0].id, "rfc1939-3-autologout-silent");
    arena_release(&arena);
    suite_release(&poor.suite);
}

/* A name that is none, a combination of such, servers that cannot be. */
static void unknown_names_are_refused(void **state)
{
    static const char *const wrong[] = {"no-such-fault", "no-capa+no-such-variant",
                                        "bare-status+blank-status", "no-user-pass+minimal+no-auth"};
    const struct stock *stock = (const struct stock *)*state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *const names[] = {wrong[i], NULL};
        const struct prove_options options = {.suite = &stock->suite,
                                              .ledger = &stock->ledger,
                                              .faults = true,
                                              .variants = true,
                                              .names = names};
        struct arena arena;
        struct proof proof;
        struct error error;

        arena_init(&arena, SIZE_MAX);
        assert_false(prove(&options, &arena, &proof, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        arena_release(&arena);
    }
}

/* ---- several at once ---- */

static void variants_are_clean_together(void **state)
{
    static const char *const names[] = {"no-user-pass+no-capa+closes-after-failed-login",
                                        "plain-only+cram-md5-only", NULL};
    struct arena arena;
    struct proof proof;

    prove_names((const struct stock *)*state, names, &arena, &proof);
    assert_true(proof.proved);
    assert_int_equal(proof.fault_count + proof.variant_count, 0);
    assert_int_equal(proof.combination_count, 2);
    assert_string_equal(proof.combinations[0].id, names[0]);
    assert_true(proof.combinations[0].case_count > 100 && proof.combinations[0].skip_count > 0);
    arena_release(&arena);
}

static void pairs_are_chosen_by_the_seed(void **state)
{
    struct arena arena;
    size_t all_count;
    size_t count;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    struct combination *all = combinations_choose(SIZE_MAX, 0, &arena, &all_count);
    struct combination *none = combinations_choose(0, 0, &arena, &count);

    assert_true(all_count - count > 1000);
    assert_true(count >= 5); /* those that have a name */
    for (size_t i = 0; i < count; i++)
        assert_true(setting_equal(&none[i].setting, &all[i].setting));
    struct combination *some = combinations_choose(10, 1, &arena, &count);
    struct combination *again = combinations_choose(10, 1, &arena, &count);
    struct combination *others = combinations_choose(10, 2, &arena, &count);
    size_t same = 0;

    for (size_t i = count - 10; i < count; i++) {
        assert_true(setting_equal(&some[i].setting, &again[i].setting));
        same += setting_equal(&some[i].setting, &others[i].setting) ? 1 : 0;
    }
    assert_true(same < 10);
    arena_release(&arena);
}

/* Who did a job, and when, leaves no trace. */
static void workers_find_what_one_finds(void **state)
{
    static const char *const names[] = {"noop-err", "stat-twice",     "no-capa",       "listing-text",
                                        "rset-err", "no-top+no-uidl", "last-in-words", NULL};
    const struct stock *stock = (const struct stock *)*state;
    struct prove_options options = {.suite = &stock->suite,
                                    .ledger = &stock->ledger,
                                    .faults = true,
                                    .variants = true,
                                    .names = names,
                                    .seed = 7};
    struct buf texts[2];

    for (unsigned i = 0; i < 2; i++) {
        struct arena arena;
        struct proof proof;
        struct error error;

        arena_init(&arena, SIZE_MAX);
        buf_init(&texts[i], BUF_UNBOUNDED);
        options.jobs = 1 + 3 * i;
        assert_true(prove(&options, &arena, &proof, &error));
        proof_json_write(&proof, "1", &texts[i]);
        arena_release(&arena);
    }
    assert_string_equal(buf_text(&texts[0]), buf_text(&texts[1]));
    buf_release(&texts[0]);
    buf_release(&texts[1]);
}

/* ---- declared wrongly ---- */

/* The proof of what NAME is, where the tables say what INFOS say. */
static void prove_declared(const struct stock *stock, const char *name, const struct fault_info *fault_infos,
                           const struct variant_info *variant_infos, struct arena *arena,
                           struct proof *ret_proof)
{
    const char *const names[] = {name, NULL};
    const struct prove_options options = {
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .faults = true,
        .variants = true,
        .names = names,
        .seed = 7,
        .fault_infos = fault_infos,
        .variant_infos = variant_infos,
    };
    struct error error;

    arena_init(arena, SIZE_MAX);
    if (!prove(&options, arena, ret_proof, &error))
        fail_msg("%s", error.text);
    assert_false(ret_proof->proved);
}

static void a_fault_that_its_own_clause_does_not_catch_is_missed(void **state)
{
    struct fault_info *infos = declared_faults();
    struct arena arena;
    struct proof proof;

    infos[FAULT_NOOP_ERR].clause = "rfc1939-7-uidl-form";
    prove_declared((const struct stock *)*state, "noop-err", infos, NULL, &arena, &proof);
    assert_int_equal(proof.faults[0].state, PROOF_MISSED);
    assert_null(proof.faults[0].caught_by);
    arena_release(&arena);
    free(infos);
}

static void a_clause_that_the_fault_does_not_list_is_a_stray(void **state)
{
    struct fault_info *infos = declared_faults();
    struct arena arena;
    struct proof proof;

    infos[FAULT_STAT_BEFORE_LOGIN].also =
        "rfc1734-2-stays-authorization rfc2595-4-stays-authorization "
        "rfc5034-4-wrong rfc8314-3-1-authorization rfc2831-2-1-3-validated rfc7628-3-fails";
    prove_declared((const struct stock *)*state, "stat-before-login", infos, NULL, &arena, &proof);
    assert_int_equal(proof.faults[0].state, PROOF_STRAY);
    assert_int_equal(proof.faults[0].stray_count, 1);
    assert_string_equal(proof.faults[0].strays[0], "rfc1939-7-apop-wrong");
    assert_true(strlen(proof.faults[0].stray_cases[0]) > 0);
    arena_release(&arena);
    free(infos);
}

/* A clause that warns is broken, one that nothing breaks is stale, and neither spoils a proof of some faults. */
static void a_clause_that_the_fault_lists_and_does_not_break_is_stale(void **state)
{
    static const char *const names[] = {"extra-argument-ignored", NULL};
    const struct stock *stock = (const struct stock *)*state;
    struct fault_info *infos = declared_faults();
    struct prove_options options = {.suite = &stock->suite,
                                    .ledger = &stock->ledger,
                                    .faults = true,
                                    .names = names,
                                    .fault_infos = infos};
    struct arena arena;
    struct proof proof;
    struct error error;

    infos[FAULT_EXTRA_ARGUMENT_IGNORED].also =
        "rfc1939-3-no-arguments rfc1939-7-uidl-form rfc2449-5-capa-arguments rfc2595-4-stls-arguments "
        "rfc5034-5-auth-command rfc6856-2-1-no-parameters no-such-clause";
    arena_init(&arena, SIZE_MAX);
    assert_true(prove(&options, &arena, &proof, &error));
    assert_true(proof.proved);
    assert_int_equal(proof.faults[0].stale_count, 2);
    assert_string_equal(proof.faults[0].stale[0], "rfc1939-7-uidl-form");
    assert_string_equal(proof.faults[0].stale[1], "no-such-clause");
    assert_int_equal(proof_stale_count(&proof), 2);
    assert_false(coverage_is_whole(&proof));
    proof.faults[0].stale_count = 0;
    proof.seam_count = 0;
    assert_true(coverage_is_whole(&proof));
    arena_release(&arena);
    free(infos);
}

static void a_skip_that_the_variant_does_not_declare_is_flagged(void **state)
{
    struct variant_info *infos = declared_variants();
    struct arena arena;
    struct proof proof;

    infos[VARIANT_NO_TOP].skips = "uidl";
    prove_declared((const struct stock *)*state, "no-top", NULL, infos, &arena, &proof);
    assert_false(proof.variants[0].clean);
    assert_int_equal(proof.variants[0].flags[0].verdict, VERDICT_SKIP);
    arena_release(&arena);
    free(infos);
}

/* A variant that cuts cases short says how many: not one more, and none for another reason. */
static void more_cases_cut_short_than_declared_are_flagged(void **state)
{
    struct variant_info *infos = declared_variants();
    struct arena arena;
    struct proof proof;

    infos[VARIANT_CLOSES_AFTER_ERROR].skips = "later-steps:1";
    prove_declared((const struct stock *)*state, "closes-after-error", NULL, infos, &arena, &proof);
    assert_false(proof.variants[0].clean);
    assert_int_equal(proof.variants[0].flag_count, 1);
    assert_string_equal(proof.variants[0].flags[0].id, "later-steps");
    assert_non_null(strstr(proof.variants[0].flags[0].reason.text, "no more than 1 % may be"));
    arena_release(&arena);
    infos[VARIANT_NO_TOP].skips = "later-steps:50";
    prove_declared((const struct stock *)*state, "no-top", NULL, infos, &arena, &proof);
    assert_false(proof.variants[0].clean);
    assert_string_not_equal(proof.variants[0].flags[0].id, "later-steps");
    arena_release(&arena);
    free(infos);
}

static void a_warning_that_the_variant_does_not_declare_is_flagged(void **state)
{
    struct variant_info *infos = declared_variants();
    struct arena arena;
    struct proof proof;

    infos[VARIANT_AUTOLOGOUT_SPEAKS].warns = "";
    prove_declared((const struct stock *)*state, "autologout-speaks", NULL, infos, &arena, &proof);
    assert_false(proof.variants[0].clean);
    assert_int_equal(proof.variants[0].flags[0].verdict, VERDICT_WARN);
    arena_release(&arena);
    free(infos);
}

static bool is_of_a_matrix(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->tag_count; i++) {
        if (strcmp(scenario->tags[i], "exhaustive") == 0)
            return true;
    }
    return false;
}

/* What is tested here is the proof; the matrices would only be more of the same in each of dozens of runs. */
static void leave_out_matrices(struct suite *suite)
{
    size_t count = 0;

    for (size_t i = 0; i < suite->scenario_count; i++) {
        if (!is_of_a_matrix(&suite->scenarios[i]))
            suite->scenarios[count++] = suite->scenarios[i];
    }
    suite->scenario_count = count;
}

static int set_up(void **state)
{
    struct stock *stock = stock_load();

    leave_out_matrices(&stock->suite);
    *state = stock;
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
        cmocka_unit_test(faults_are_caught_in_the_usual_setting),
        cmocka_unit_test(faults_are_caught_in_settings_of_their_own),
        cmocka_unit_test(variants_are_clean_and_warn_where_they_should),
        cmocka_unit_test(a_poor_suite_proves_nothing),
        cmocka_unit_test(what_nothing_proves_is_named),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(variants_are_clean_together),
        cmocka_unit_test(pairs_are_chosen_by_the_seed),
        cmocka_unit_test(workers_find_what_one_finds),
        cmocka_unit_test(a_fault_that_its_own_clause_does_not_catch_is_missed),
        cmocka_unit_test(a_clause_that_the_fault_does_not_list_is_a_stray),
        cmocka_unit_test(a_clause_that_the_fault_lists_and_does_not_break_is_stale),
        cmocka_unit_test(a_skip_that_the_variant_does_not_declare_is_flagged),
        cmocka_unit_test(more_cases_cut_short_than_declared_are_flagged),
        cmocka_unit_test(a_warning_that_the_variant_does_not_declare_is_flagged),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
