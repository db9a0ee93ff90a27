#include "base/rng.h"

#include "base/check.h"

void rng_init(struct rng *rng, uint64_t seed)
{
    rng->state = seed;
}

/* The additions and products wrap on purpose: that is the generator. */
uint64_t rng_next(struct rng *rng)
{
    uint64_t mixed = rng->state += UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

uint64_t rng_below(struct rng *rng, uint64_t limit)
{
    CHECK(limit > 0);
    return rng_next(rng) % limit;
}
