/*
 * The mutator for libFuzzer: half of the mutations are the engine's own, which knows the dictionary and what was compared;
 * the others are ours. FUZZ_TARGET says the target.
 */
#include "mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t out_max, unsigned seed);
/* Engines that only take targets lack it, and never call what is here. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    const struct format *format = format_of(FUZZ_TARGET);
    size_t changed = 0;

    if (LLVMFuzzerMutate != NULL && (format == NULL || seed % 2 == 0))
        changed = LLVMFuzzerMutate(data, size, size_max);
    if (changed > 0 || format == NULL)
        return changed;
    return mutate(format, data, size, size_max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t out_max, unsigned seed)
{
    const struct format *format = format_of(FUZZ_TARGET);

    return format == NULL
               ? 0
               : mutate_join(format, bytes_make(a, a_size), bytes_make(b, b_size), out, out_max, seed);
}
