/* The stock scenarios, loaded once for a test program, and servers in memory to run them against. */
#ifndef TESTS_RUN_STOCK_H
#define TESTS_RUN_STOCK_H

#include "base/memory.h"
#include "run/memory_stage.h"
#include "run/run.h"

#include <stdio.h>

struct stock {
    struct ledger ledger;
    struct suite suite;
};

static inline struct stock *stock_load(void)
{
    struct diagnostics *diagnostics = (struct diagnostics *)memory_new(sizeof(*diagnostics));
    struct stock *stock = (struct stock *)memory_new(sizeof(*stock));
    struct error error;

    if (!ledger_load(&stock->ledger, SOURCE_DIR "/scenarios/clauses", &error)) {
        fprintf(stderr, "%s:%u: %s\n", error.file, error.line, error.text);
        abort();
    }
    if (!suite_load(&stock->suite, SOURCE_DIR "/scenarios", &stock->ledger, diagnostics)) {
        fprintf(stderr, "%s:%u: %s\n", diagnostics->errors[0].file, diagnostics->errors[0].line,
                diagnostics->errors[0].text);
        abort();
    }
    free(diagnostics);
    return stock;
}

static inline void stock_free(struct stock *stock)
{
    suite_release(&stock->suite);
    ledger_release(&stock->ledger);
    free(stock);
}

/* A suite of its own from TEXT. */
static inline struct stock *stock_from_text(const char *text)
{
    struct diagnostics *diagnostics = (struct diagnostics *)memory_new(sizeof(*diagnostics));
    struct stock *stock = (struct stock *)memory_new(sizeof(*stock));

    suite_init(&stock->suite);
    if (!suite_add_text(&stock->suite, bytes_of(text), "test.yaml", "t", &stock->ledger, diagnostics)) {
        fprintf(stderr, "%u: %s\n", diagnostics->errors[0].line, diagnostics->errors[0].text);
        abort();
    }
    free(diagnostics);
    return stock;
}

/* A stage in memory with one venue: SERVER, with one account and no provisioner unless PROVISIONER says otherwise. */
struct solo {
    struct target target;
    struct target_account account;
    struct memory_stage *stage;
};

static inline struct solo *solo_new(const struct memory_server *server, struct provisioner provisioner)
{
    struct solo *solo = (struct solo *)memory_new(sizeof(*solo));

    target_init(&solo->target);
    solo->account = (struct target_account){.user = "anna", .pass = "secret", .apop_secret = "secret"};
    solo->target.name = "solo";
    solo->target.host = "memory";
    solo->target.accounts = &solo->account;
    solo->target.account_count = 1;
    solo->stage = memory_stage_new();
    memory_stage_add_venue(solo->stage, &solo->target, provisioner, false, server);
    return solo;
}

static inline void solo_free(struct solo *solo)
{
    memory_stage_free(solo->stage);
    target_release(&solo->target);
    free(solo);
}

static inline struct run_options solo_options(const struct solo *solo, const struct stock *stock)
{
    return (struct run_options){
        .suite = &stock->suite,
        .ledger = &stock->ledger,
        .target = &solo->target,
        .stage = memory_stage_stage(solo->stage),
        .bad_logins = RUN_BAD_LOGINS_DEFAULT,
        .seed = 1,
    };
}

#endif
