#include "target/target_text.h"

#include "base/time.h"

#define SPAN_US_MAX (24 * 3600 * US_PER_S)

bool target_text_is_sendable(const char *text)
{
    return strpbrk(text, "\r\n") == NULL;
}

bool target_span_parse(struct bytes text, int64_t *ret_span_us)
{
    static const struct {
        const char *unit;
        int64_t size_us;
    } units[] = {{"ms", US_PER_MS}, {"s", US_PER_S}, {"m", 60 * US_PER_S}};
    size_t digits = 0;
    uint64_t count;

    while (digits < text.size && ascii_is_digit(text.data[digits]))
        digits++;
    if (!bytes_to_u64(bytes_slice(text, 0, digits), &count))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!bytes_equal(bytes_from(text, digits), bytes_of(units[i].unit)))
            continue;
        if (count > (uint64_t)(SPAN_US_MAX / units[i].size_us))
            return false;
        *ret_span_us = (int64_t)count * units[i].size_us;
        return true;
    }
    return false;
}
