/*
 * What `pop3spec prove` found: that each fault is caught by its own clause, that no legal variant is flagged, and that
 * each scenario can fail. Plain data for the sinks of report/; texts are our own but for those of type printable.
 */
#ifndef RESULT_PROOF_H
#define RESULT_PROOF_H

#include "result/result.h"

enum proof_fault_state {
    PROOF_CAUGHT,    /* its own clause failed (should: warned), and no clause that it does not list */
    PROOF_MISSED,    /* its own clause did not fail */
    PROOF_STRAY,     /* caught, and a clause failed that it does not list */
    PROOF_UNTOUCHED, /* no case touches what it changes */
};

struct proof_fault {
    const char *id;
    const char *seam;
    const char *clause;
    const char *what;
    const char *base;     /* the fault that this is in one place only; NULL: it is one of its own */
    const char *position; /* that place, in words; NULL: everywhere */
    const char *history;  /* where servers did it, "; " between them; NULL: nothing is known */
    const char *also;     /* the clauses that may fail as well, separated by spaces */
    enum proof_fault_state state;
    const char *caught_by; /* the first case that showed it; NULL if none */
    size_t case_count;     /* cases that touch it */
    const char **failed;   /* every clause that failed, its own included, sorted */
    size_t failed_count;
    const char **strays; /* those of them that it does not list */
    size_t stray_count;
    const char **stray_cases; /* for each stray, the first case that failed by it */
    const char **stale;       /* clauses of `also` that no case broke */
    size_t stale_count;
    struct printable trouble; /* why nothing ran at all; text NULL if it did */
};

/* A case that a variant may not have. */
struct proof_flag {
    const char *id;
    enum verdict verdict;
    struct printable reason; /* text may be NULL */
};

/* A legal server: one variant, or several at once. */
struct proof_variant {
    const char *id;     /* "no-capa", "no-capa+no-uidl" */
    const char *clause; /* NULL: several variants */
    const char *what;   /* NULL: what its variants say */
    bool clean;
    size_t case_count;
    size_t skip_count; /* cases skipped that the usual server runs */
    struct proof_flag *flags;
    size_t flag_count;
    struct printable trouble; /* why nothing ran at all; text NULL if it did */
};

/* Faults by the place at which they act on the reference server. */
struct proof_seam {
    const char *id;
    size_t fault_count;
    size_t caught_count;
};

struct proof {
    size_t case_count;                 /* run on the correct server */
    struct proof_flag *baseline_flags; /* cases that the correct server did not pass */
    size_t baseline_flag_count;
    struct proof_fault *faults;
    size_t fault_count;
    struct proof_seam *seams;
    size_t seam_count;
    size_t seam_faults_min; /* each seam owes so many */
    struct proof_variant *variants;
    size_t variant_count;
    struct proof_variant *combinations; /* of several variants */
    size_t combination_count;
    const char **idle; /* scenarios that no fault made fail */
    size_t idle_count;
    const char **faultless; /* testable clauses that no fault breaks */
    size_t faultless_count;
    const char **unvaried; /* clauses that leave a choice, and no variant makes it otherwise */
    size_t unvaried_count;
    const char *over; /* "memory" or "tcp" */
    int64_t elapsed_us;
    bool interrupted;
    /* All faults and single variants were run, so that `idle`, `faultless`, `stale`, and how many faults a seam has, count. */
    bool whole;
    /* Every fault caught, every legal server clean, the correct one flawless; if `whole`, nothing idle, missing or stale. */
    bool proved;
};

/* True when SEAM has fewer faults than PROOF demands. */
bool proof_seam_is_thin(const struct proof *proof, const struct proof_seam *seam);

/* How many clauses the faults of PROOF list in `also` that no case broke. */
size_t proof_stale_count(const struct proof *proof);

/* "caught", "missed", "stray", "untouched" */
const char *proof_fault_state_name(enum proof_fault_state state);

#endif
