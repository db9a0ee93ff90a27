/*
 * Proof by mutants, both ways: every fault of the reference server is caught by its own clause, and no variant, which
 * is legal, is flagged, neither alone nor together with others (combinations.def, and pairs). First the suite runs once on the correct server while every fault watches (refserver_survey),
 * so that a fault is then run on those cases alone in which it would act.
 */
#ifndef LAB_PROVE_H
#define LAB_PROVE_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "refserver/refserver.h"
#include "result/proof.h"
#include "scenario/suite.h"

#include <signal.h>

struct prove_options {
    const struct suite *suite;
    const struct ledger *ledger;
    bool faults;
    bool variants;
    size_t pairs_max; /* so many pairs of variants, chosen by the seed; SIZE_MAX: all */
    /* Only these faults, variants and combinations ("no-capa+no-uidl"); NULL at the end; NULL or none: all. */
    const char *const *names;
    bool over_tcp; /* over loopback instead of memory; time is virtual in both */
    unsigned jobs; /* worlds run side by side; 0: 1 */
    uint64_t seed;
    const volatile sig_atomic_t *stop; /* not 0: ends as soon as possible */
    /* Told before each fault, variant and combination, by one thread at a time. May be NULL. */
    void (*progress)(void *context, const char *id, size_t done, size_t total);
    void *context;
    /* What is declared of each fault and variant, by its enum; NULL: what faults.def and variants.def say. */
    const struct fault_info *fault_infos;
    const struct variant_info *variant_infos;
};

enum { PROVE_PAIRS_DEFAULT = 200, PROVE_SEAM_FAULTS_MIN = 10 };

/*
 * False with ERROR_USAGE when a name is no fault, variant or combination, or ERROR_HOST when the built-in server cannot
 * be started. RET_PROOF lives in ARENA.
 */
bool prove(const struct prove_options *options, struct arena *arena, struct proof *ret_proof,
           struct error *error);

#endif
