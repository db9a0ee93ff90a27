/*
 * Proof by mutants, both ways: every fault of the reference server is caught by its own clause, and no variant, which
 * is legal, is flagged. First the suite runs once on the correct server while every fault watches (refserver_survey),
 * so that a fault is then run on those cases alone in which it would act.
 */
#ifndef LAB_PROVE_H
#define LAB_PROVE_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "result/proof.h"
#include "scenario/suite.h"

#include <signal.h>

struct prove_options {
    const struct suite *suite;
    const struct ledger *ledger;
    bool faults;
    bool variants;
    const char *const *names; /* only these faults and variants; NULL at the end; NULL or none: all */
    bool over_tcp;            /* over loopback and the wall's clock instead of memory */
    uint64_t seed;
    const volatile sig_atomic_t *stop; /* not 0: ends as soon as possible */
    /* Told before each fault and variant. May be NULL. */
    void (*progress)(void *context, const char *id, size_t done, size_t total);
    void *context;
};

/*
 * False with ERROR_USAGE when a name is neither a fault nor a variant, or ERROR_HOST when the built-in server cannot
 * be started. RET_PROOF lives in ARENA.
 */
bool prove(const struct prove_options *options, struct arena *arena, struct proof *ret_proof,
           struct error *error);

#endif
