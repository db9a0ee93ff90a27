/* Which cases a selection means: words, tags, transports, and what is said of words that mean nothing. */
#include "stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char SCENARIOS[] = "pop3spec: 1\n"
                                "scenarios:\n"
                                "  - name: plain\n"
                                "    title: T\n"
                                "    tags: [example]\n"
                                "    dialog: |\n"
                                "      C: NOOP\n"
                                "      S: +OK | -ERR\n"
                                "  - name: plain-too\n"
                                "    title: T\n"
                                "    tags: [example, odd]\n"
                                "    dialog: |\n"
                                "      C: NOOP\n"
                                "      S: +OK | -ERR\n"
                                "  - name: waits\n"
                                "    title: T\n"
                                "    tags: [example, slow]\n"
                                "    dialog: |\n"
                                "      C: NOOP\n"
                                "      S: +OK | -ERR\n"
                                "  - name: secures\n"
                                "    title: T\n"
                                "    tags: [example, tls]\n"
                                "    dialog: |\n"
                                "      C: STLS\n"
                                "      S: +OK | -ERR\n"
                                "  - name: each\n"
                                "    title: T {word}\n"
                                "    tags: [example]\n"
                                "    each: {word: [noop, stat]}\n"
                                "    dialog: |\n"
                                "      C: {word}\n"
                                "      S: +OK | -ERR\n";

struct chosen {
    const char *const *selection;
    const char *const *tags;
    const char *const *skip_tags;
    const char *const *transports;
    bool virtual_time;
    enum target_tls tls;
    struct shard shard;
};

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The cases as "id@transport", one a line, or the error's text and hint. */
static void assert_chosen(const struct chosen *chosen, const char *expected)
{
    const struct stage stage = {.virtual_time = chosen->virtual_time};
    struct stock *stock = stock_from_text(SCENARIOS);
    struct run_selection selection;
    struct target target;
    struct error error;
    struct arena arena;
    struct buf text;

    target_init(&target);
    target.tls = chosen->tls;
    arena_init(&arena, SIZE_MAX);
    buf_init(&text, BUF_UNBOUNDED);
    const struct run_options options = {
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .target = &target,
        .stage = &stage,
        .selection = chosen->selection,
        .tags = chosen->tags,
        .skip_tags = chosen->skip_tags,
        .transports = chosen->transports,
        .shard = chosen->shard,
    };

    if (run_select(&options, &arena, &selection, &error)) {
        for (size_t i = 0; i < selection.count; i++)
            buf_append_format(&text, "%s@%s\n", selection.cases[i].scenario->id,
                              selection.cases[i].transport->name);
    } else {
        assert_int_equal(error.kind, ERROR_USAGE);
        buf_append_format(&text, "%s (%s)", error.text, error.hint);
    }
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
    arena_release(&arena);
    target_release(&target);
    stock_free(stock);
}

static void without_a_word_all_but_slow_ones_are_meant(void **state)
{
    (void)state;
    assert_chosen(
        &(struct chosen){0},
        "t/each/noop@lines\nt/each/stat@lines\nt/plain@lines\nt/plain-too@lines\nt/secures@lines\n");
    assert_chosen(&(struct chosen){.virtual_time = true},
                  "t/each/noop@lines\nt/each/stat@lines\nt/plain@lines\nt/plain-too@lines\nt/"
                  "secures@lines\nt/waits@lines\n");
}

static void words_are_paths_and_globs(void **state)
{
    (void)state;
    assert_chosen(&(struct chosen){.selection = LIST("t/plain")}, "t/plain@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("t/each")}, "t/each/noop@lines\nt/each/stat@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("t/each/")}, "t/each/noop@lines\nt/each/stat@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("*plain*")}, "t/plain@lines\nt/plain-too@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("*/noop", "t/plain")},
                  "t/each/noop@lines\nt/plain@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("t/waits")}, "t/waits@lines\n");
}

static void tags_choose_and_leave_out(void **state)
{
    (void)state;
    assert_chosen(&(struct chosen){.tags = LIST("odd")}, "t/plain-too@lines\n");
    assert_chosen(&(struct chosen){.tags = LIST("odd", "slow")}, "t/plain-too@lines\nt/waits@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("*plain*"), .skip_tags = LIST("odd")},
                  "t/plain@lines\n");
}

static void transports_multiply(void **state)
{
    (void)state;
    assert_chosen(&(struct chosen){.selection = LIST("t/plain"), .transports = LIST("octets", "lines")},
                  "t/plain@lines\nt/plain@octets\n");
    assert_chosen(
        &(struct chosen){.selection = LIST("t/plain"), .transports = LIST("all")},
        "t/plain@crlf\nt/plain@implicit\nt/plain@lines\nt/plain@octets\nt/plain@pipelined\nt/plain@stls\n");
    assert_chosen(&(struct chosen){.selection = LIST("t/plain"), .tls = TARGET_TLS_STARTTLS},
                  "t/plain@stls\n");
    /* A scenario that is about TLS runs once, over a connection that nobody has secured yet. */
    assert_chosen(&(struct chosen){.selection = LIST("t/secures"), .transports = LIST("all")},
                  "t/secures@lines\n");
    assert_chosen(&(struct chosen){.selection = LIST("t/secures"), .tls = TARGET_TLS_IMPLICIT},
                  "t/secures@lines\n");
}

static void words_that_mean_nothing_are_errors(void **state)
{
    (void)state;
    assert_chosen(&(struct chosen){.selection = LIST("t/plian")},
                  "t/plian meets no scenario and is no clause (did you mean t/plain?)");
    assert_chosen(&(struct chosen){.selection = LIST("xyz")},
                  "xyz meets no scenario and is no clause (`pop3spec list scenarios` and `pop3spec list "
                  "clauses` show them all)");
    assert_chosen(&(struct chosen){.selection = LIST("t/plain", "t/pla")},
                  "t/pla meets no scenario and is no clause (did you mean t/plain?)");
    assert_chosen(&(struct chosen){.transports = LIST("octet")},
                  "there is no transport octet (did you mean octets?)");
    assert_chosen(&(struct chosen){.selection = LIST("t/plain"), .tags = LIST("odd")},
                  "no scenario is selected (tags and selections may exclude each other; slow scenarios run "
                  "with --tag slow "
                  "only)");
}

/* With the stock scenarios: a clause means what proves it, and one that nothing proves is told apart from a typing error. */
static void clauses_mean_what_proves_them(void **state)
{
    struct stock *stock = stock_load();
    const char *clause = NULL;
    const char *unproved = NULL;
    struct run_selection selection;
    struct target target;
    struct error error;
    struct arena arena;

    (void)state;
    for (size_t i = 0; i < stock->suite.scenario_count && clause == NULL; i++)
        if (stock->suite.scenarios[i].prove_count > 0)
            clause = stock->suite.scenarios[i].proves[0];
    for (size_t i = 0; i < stock->ledger.count && unproved == NULL; i++)
        if (stock->ledger.clauses[i].untestable != NULL)
            unproved = stock->ledger.clauses[i].id;
    target_init(&target);
    arena_init(&arena, SIZE_MAX);
    struct run_options options = {
        .suite = &stock->suite, .ledger = &stock->ledger, .target = &target, .selection = LIST(clause)};

    assert_true(run_select(&options, &arena, &selection, &error));
    for (size_t i = 0; i < selection.count; i++) {
        bool proves = false;

        for (size_t j = 0; j < selection.cases[i].scenario->prove_count; j++)
            proves = proves || strcmp(selection.cases[i].scenario->proves[j], clause) == 0;
        assert_true(proves);
    }
    options.selection = LIST(unproved);
    assert_false(run_select(&options, &arena, &selection, &error));
    assert_non_null(strstr(error.text, "no scenario proves the clause"));
    arena_release(&arena);
    target_release(&target);
    stock_free(stock);
}

/* What takes its time is dealt out first, so that no part gets all of it. */
static void shards_deal_out_the_selection(void **state)
{
    struct chosen chosen = {.virtual_time = true, .shard = {1, 2}};

    (void)state;
    assert_chosen(&chosen, "t/each/stat@lines\nt/plain-too@lines\nt/waits@lines\n");
    chosen.shard.index = 2;
    assert_chosen(&chosen, "t/each/noop@lines\nt/plain@lines\nt/secures@lines\n");
    chosen.shard = (struct shard){1, 1};
    chosen.selection = LIST("t/plain");
    assert_chosen(&chosen, "t/plain@lines\n");
    chosen.shard = (struct shard){2, 2};
    assert_chosen(&chosen,
                  "nothing is left for shard 2 of 2 (1 cases are selected: make no more shards than that)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_all_but_slow_ones_are_meant),
        cmocka_unit_test(words_are_paths_and_globs),
        cmocka_unit_test(tags_choose_and_leave_out),
        cmocka_unit_test(transports_multiply),
        cmocka_unit_test(words_that_mean_nothing_are_errors),
        cmocka_unit_test(clauses_mean_what_proves_them),
        cmocka_unit_test(shards_deal_out_the_selection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
