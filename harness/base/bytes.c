#include "base/bytes.h"

#include <string.h>

struct bytes bytes_of(const char *text)
{
    return bytes_make(text, strlen(text));
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    }
    return true;
}

bool bytes_start_with(struct bytes bytes, struct bytes prefix)
{
    return bytes.size >= prefix.size && bytes_equal(bytes_slice(bytes, 0, prefix.size), prefix);
}

bool bytes_end_with(struct bytes bytes, struct bytes suffix)
{
    return bytes.size >= suffix.size && bytes_equal(bytes_from(bytes, bytes.size - suffix.size), suffix);
}

bool bytes_have_lower_case(struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (ascii_upper(bytes.data[i]) != bytes.data[i])
            return true;
    }
    return false;
}

size_t bytes_find(struct bytes bytes, struct bytes needle)
{
    if (needle.size == 0)
        return 0;
    if (bytes.size == 0)
        return BYTES_NOT_FOUND;
    const uint8_t *found = memmem(bytes.data, bytes.size, needle.data, needle.size);

    return found != NULL ? (size_t)(found - bytes.data) : BYTES_NOT_FOUND;
}

size_t bytes_find_octet(struct bytes bytes, uint8_t octet)
{
    const uint8_t *found = bytes.size > 0 ? memchr(bytes.data, octet, bytes.size) : NULL;

    return found != NULL ? (size_t)(found - bytes.data) : BYTES_NOT_FOUND;
}

bool bytes_split(struct bytes *rest, uint8_t separator, struct bytes *ret_field)
{
    if (rest->data == NULL)
        return false;
    size_t end = bytes_find_octet(*rest, separator);

    *ret_field = bytes_slice(*rest, 0, end);
    *rest = end == BYTES_NOT_FOUND ? BYTES_EMPTY : (struct bytes){rest->data + end + 1, rest->size - end - 1};
    return true;
}

bool bytes_to_u64(struct bytes digits, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (digits.size == 0)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        if (!ascii_is_digit(digits.data[i]))
            return false;
        uint64_t digit = (uint64_t)(digits.data[i] - '0');

        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}
