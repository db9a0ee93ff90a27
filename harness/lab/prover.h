/* What the files of a proof share: prove.c leads, the others prove faults and variants and say what nothing proves. */
#ifndef LAB_PROVER_H
#define LAB_PROVER_H

#include "lab/ground.h"

#include <pthread.h>

/* A fault stands on so many grounds at most (worlds.def). */
enum { FAULT_SETTINGS_MAX = 4 };

/* One thing to be proved, by one worker. */
struct job {
    enum fault fault; /* FAULT_COUNT: `setting` is proved instead */
    struct setting setting;
    struct proof_fault *proved_fault; /* where it is written down */
    struct proof_variant *proved_setting;
};

struct prover {
    const struct prove_options *options;
    const struct fault_info *faults; /* by enum fault and enum variant: what is declared of each */
    const struct variant_info *variants;
    struct proof *proof;
    struct arena *arena;    /* of `proof` */
    struct ground *grounds; /* the first is the usual one: the baseline */
    size_t ground_count;
    struct job *jobs;
    size_t job_count;
    pthread_mutex_t progress_lock;
    size_t done;
};

/* What one thread has to itself. */
struct worker {
    struct prover *prover; /* only read by workers, but for the slot of a job and `done` */
    struct arena arena;    /* adopted by the prover's when all is done */
    bool *shown; /* for each case of the baseline, whether some fault or variant made it fail or warn */
    struct builtin *builtin; /* of the fault that is being run */
    struct error error;
};

const struct run_result *prover_baseline(const struct prover *prover);
bool prover_is_stopped(const struct prover *prover);
/* Notes which cases of the baseline failed or warned in RESULT. */
void prover_note_shown(struct worker *worker, const struct run_result *result);
/* The first case of RESULT in which CLAUSE got VERDICT; NULL if none. */
const char *prover_case_with(const struct run_result *result, const char *clause, enum verdict verdict);
const char *prover_seam_name(enum seam seam);

/* prove_faults.c: runs FAULT in each of its settings. False when the target cannot be started. */
bool prove_fault(struct worker *worker, enum fault fault, struct proof_fault *proof);

/* prove_variants.c: runs the whole suite in SETTING; false as above. */
bool prove_setting(struct worker *worker, const struct setting *setting, struct proof_variant *proof);
/* Says in RET_PROOF which server that is: WHAT may be NULL. */
void prove_describe_setting(const struct prover *prover, const struct setting *setting, const char *what,
                            struct proof_variant *ret_proof);

/* coverage.c: how many faults there are of each seam. */
void coverage_count_seams(struct prover *prover);
/* What no fault and no variant of a whole proof shows. */
void coverage_note(struct prover *prover, const bool *shown);
/* True when nothing is missing. */
bool coverage_is_whole(const struct proof *proof);

#endif
