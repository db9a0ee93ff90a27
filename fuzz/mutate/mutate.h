/*
 * Changes inputs of the fuzz targets as somebody would who knows what they mean: lines, words, numbers, commands, replies,
 * segments, clients (operators.def). Pure: what comes out follows from what goes in and the seed, and never passes the
 * maximum. The adapters for libFuzzer and AFL++ stand beside it.
 */
#ifndef FUZZ_MUTATE_MUTATE_H
#define FUZZ_MUTATE_MUTATE_H

#include "editing.h"

enum speaker { SPEAKER_CLIENT = 1, SPEAKER_SERVER = 2, SPEAKER_FILE = 4 };

enum operator{
#define OPERATOR(symbol, speakers) OPERATOR_##symbol,
#include "operators.def"
#undef OPERATOR
    OPERATOR_COUNT
};

struct format {
    const char *target;
    size_t head;
    enum speaker speaker;
    const char *controls;
};

/* NULL where the target's inputs have no format. */
const struct format *format_of(const char *target);
/* Whether WHICH is for inputs of FORMAT. */
bool operator_suits(enum operator which, const struct format *format);
/* Does WHICH to EDITING, once it was taken apart; false where there was nothing to do it to. */
bool operator_apply(enum operator which, struct editing *editing, const struct format *format);

/* Changes the SIZE octets of DATA, which has room for SIZE_MAX, by one to four operators; the new size. */
size_t mutate(const struct format *format, uint8_t *data, size_t size, size_t size_max, uint64_t seed);
/* Puts the beginning of A and the end of B, in whole pieces, into OUT, which has room for SIZE_MAX; the size. */
size_t mutate_join(const struct format *format, struct bytes a, struct bytes b, uint8_t *out, size_t size_max,
                   uint64_t seed);

/* For the operators: the function of each, by topic in operators_*.c. */
#define OPERATOR(symbol, speakers)                                                                           \
    bool operator_##symbol(struct editing *editing, const struct format *format);
#include "operators.def"
#undef OPERATOR

#endif
