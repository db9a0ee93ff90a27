/* The proof on some faults and variants: each in its setting, and found out about what it proves nothing of. */
#include "lab/prove.h"

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
    struct diagnostics *diagnostics = calloc(1, sizeof(*diagnostics));
    struct stock poor = {.ledger = stock->ledger};
    struct arena arena;
    struct proof proof;

    assert_non_null(diagnostics);
    suite_init(&poor.suite);
    assert_true(
        suite_add_text(&poor.suite, bytes_of(text), "poor.yaml", "poor", &stock->ledger, diagnostics));
    prove_names(&poor, names, &arena, &proof);
    assert_false(proof.proved);
    assert_int_equal(proof.faults[0].state, PROOF_UNTOUCHED);
    assert_false(proof.variants[0].clean);
    assert_string_equal(proof.variants[0].flags[0].id, "rfc1939-3-autologout-silent");
    arena_release(&arena);
    suite_release(&poor.suite);
    free(diagnostics);
}

static void unknown_names_are_refused(void **state)
{
    static const char *const names[] = {"no-such-fault", NULL};
    const struct stock *stock = (const struct stock *)*state;
    const struct prove_options options = {
        .suite = &stock->suite, .ledger = &stock->ledger, .faults = true, .names = names};
    struct arena arena;
    struct proof proof;
    struct error error;

    arena_init(&arena, SIZE_MAX);
    assert_false(prove(&options, &arena, &proof, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    arena_release(&arena);
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
        cmocka_unit_test(faults_are_caught_in_the_usual_setting),
        cmocka_unit_test(faults_are_caught_in_settings_of_their_own),
        cmocka_unit_test(variants_are_clean_and_warn_where_they_should),
        cmocka_unit_test(a_poor_suite_proves_nothing),
        cmocka_unit_test(unknown_names_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
