/*
 * One run of the suite for a proof: the built-in target with what is switched on in it. A setting is the legal part of
 * a world, in which a correct server stands: which variants it is, and how the suite logs in.
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "lab/builtin.h"
#include "lab/prove.h"
#include "run/run.h"

enum { SETTING_VARIANTS_MAX = 8 };

struct setting {
    enum variant variants[SETTING_VARIANTS_MAX]; /* applied in this order */
    size_t variant_count;
    enum login_method login;
};

/* The reference server as it is by default, with logins by USER and PASS. */
struct setting setting_default(void);
/* The settings in which FAULT is proved (worlds.def), at most CAPACITY of them; their count, at least 1. */
size_t setting_of_fault(enum fault fault, struct setting *ret_settings, size_t capacity);
/*
 * The setting of a server that is all of VARIANTS at once (at most SETTING_VARIANTS_MAX): a person who tests one without
 * USER and PASS configures another login. False when no server can be: two of them set the same thing differently, or
 * no way to log in is left.
 */
bool setting_of_variants(const enum variant *variants, size_t count, struct setting *ret_setting);
bool setting_equal(const struct setting *a, const struct setting *b);
/* True when a variant of SETTING declares that a server may lack ABILITY. */
bool setting_lacks(const struct setting *setting, const char *ability);

struct world {
    struct setting setting;
    enum fault fault; /* FAULT_COUNT: none */
    bool survey;
    const char *const *selection; /* NULL: all scenarios */
    const char *const *skip_tags; /* NULL: whatever their tags */
    struct run_watcher watcher;
    unsigned jobs; /* 0: as many as suit the stage */
};

/* The target for WORLD; NULL with ERROR when it cannot be started. The caller frees it. */
struct builtin *world_new_builtin(const struct prove_options *options, const struct world *world,
                                  struct error *error);
/* Runs the suite on BUILTIN. RET_RESULT lives in ARENA. */
bool world_run(const struct prove_options *options, const struct world *world, struct builtin *builtin,
               struct arena *arena, struct run_result *ret_result, struct error *error);

#endif
