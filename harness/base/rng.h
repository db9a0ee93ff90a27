/* Seeded pseudo-random numbers (SplitMix64, Steele, Lea and Flood 2014): the same seed gives the same run everywhere. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* A number below LIMIT (which is at least 1). */
uint64_t rng_below(struct rng *rng, uint64_t limit);

#endif
