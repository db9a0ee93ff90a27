/* What numbers of 64 bits are, said a second time: by their digits, of which none are zeros in front. */
#ifndef FUZZ_NAIVE_NUMBERS_H
#define FUZZ_NAIVE_NUMBERS_H

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

/* The digits at the front of *text, which is stepped over them, without the zeros in front of the last one. */
static inline struct bytes naive_take_digits(struct bytes *text)
{
    size_t end = 0;
    size_t start = 0;

    while (end < text->size && text->data[end] >= '0' && text->data[end] <= '9')
        end++;
    while (start + 1 < end && text->data[start] == '0')
        start++;
    struct bytes digits = bytes_slice(*text, start, end);

    *text = bytes_from(*text, end);
    return digits;
}

/* False for no digits, too. */
static inline bool naive_fits_64_bits(struct bytes digits)
{
    static const char most[] = "18446744073709551615";

    return digits.size > 0 &&
           (digits.size < sizeof(most) - 1 ||
            (digits.size == sizeof(most) - 1 && memcmp(digits.data, most, sizeof(most) - 1) <= 0));
}

static inline bool naive_is_number(uint64_t number, struct bytes digits)
{
    char text[32];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    return bytes_equal(bytes_of(text), digits);
}

#endif
