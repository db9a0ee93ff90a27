/*
 * Which legal servers that are several variants at once a proof runs: those of combinations.def, and of the pairs as many as
 * it is told, chosen by its seed. Pairs that contradict each other, or that leave no way to log in, are no servers.
 */
#ifndef LAB_COMBINATIONS_H
#define LAB_COMBINATIONS_H

#include "lab/world.h"

struct combination {
    struct setting setting;
    const char *what; /* NULL: a pair */
};

/* In ARENA; those of the table first. PAIRS_MAX: SIZE_MAX for all. */
struct combination *combinations_choose(size_t pairs_max, uint64_t seed, struct arena *arena,
                                        size_t *ret_count);
/* True when two variants of SETTING together take ABILITY away, though neither does alone. */
bool combination_lacks(const struct setting *setting, const char *ability);
/* The one called ID, "no-capa+no-uidl"; false with ERROR_USAGE when that names no server. */
bool combination_of_id(const char *id, struct combination *ret_combination, struct error *error);

#endif
