#include "naive_base64.h"

#include <string.h>

static int base64_value(uint8_t octet)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *place = octet != '\0' ? strchr(alphabet, octet) : NULL;

    return place == NULL ? -1 : (int)(place - alphabet);
}

/* Bit by bit: six of each character, and those that make no octet must be zero. */
bool naive_base64(struct bytes text, struct buf *ret_octets)
{
    size_t size = text.size;
    unsigned bits = 0;
    unsigned bit_count = 0;

    while (size > 0 && text.data[size - 1] == '=' && text.size - size < 2)
        size--;
    if (text.size % 4 != 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        int value = base64_value(text.data[i]);

        if (value < 0)
            return false;
        for (int bit = 5; bit >= 0; bit--) {
            bits = (bits << 1 | ((unsigned)value >> bit & 1)) & 0xFF;
            if (++bit_count % 8 == 0)
                buf_append_octet(ret_octets, (uint8_t)bits);
        }
    }
    unsigned spare = bit_count % 8;

    return spare < 6 && (bits & ((1u << spare) - 1)) == 0;
}
