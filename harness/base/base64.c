#include "base/base64.h"

#include <string.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_encode(struct bytes octets, struct buf *ret_text)
{
    size_t start = ret_text->size;

    for (size_t i = 0; i < octets.size; i += 3) {
        size_t left = octets.size - i;
        uint32_t group = (uint32_t)octets.data[i] << 16;

        if (left > 1)
            group |= (uint32_t)octets.data[i + 1] << 8;
        if (left > 2)
            group |= octets.data[i + 2];
        char quad[4] = {ALPHABET[group >> 18 & 63], ALPHABET[group >> 12 & 63],
                        left > 1 ? ALPHABET[group >> 6 & 63] : '=', left > 2 ? ALPHABET[group & 63] : '='};

        if (!buf_append(ret_text, bytes_make(quad, sizeof(quad)))) {
            buf_truncate(ret_text, start);
            return false;
        }
    }
    return true;
}

static bool sextet_of(uint8_t octet, uint32_t *ret_sextet)
{
    const char *found = octet != '\0' ? strchr(ALPHABET, octet) : NULL;

    if (found == NULL)
        return false;
    *ret_sextet = (uint32_t)(found - ALPHABET);
    return true;
}

/* One group of four characters; padding is legal in the last group only, and the bits it hides must be zero. */
static bool decode_group(const uint8_t *quad, bool last, uint8_t octets[3], size_t *ret_size)
{
    uint32_t group = 0;
    size_t padding = 0;

    if (last && quad[3] == '=')
        padding = quad[2] == '=' ? 2 : 1;
    for (size_t i = 0; i < 4 - padding; i++) {
        uint32_t sextet;

        if (!sextet_of(quad[i], &sextet))
            return false;
        group |= sextet << (18 - 6 * i);
    }
    octets[0] = (uint8_t)(group >> 16);
    octets[1] = (uint8_t)(group >> 8);
    octets[2] = (uint8_t)group;
    *ret_size = 3 - padding;
    return (padding < 1 || octets[2] == 0) && (padding < 2 || octets[1] == 0);
}

bool base64_decode(struct bytes text, struct buf *ret_octets)
{
    size_t start = ret_octets->size;

    if (text.size % 4 != 0)
        return false;
    for (size_t i = 0; i < text.size; i += 4) {
        uint8_t octets[3];
        size_t size;

        if (!decode_group(text.data + i, i + 4 == text.size, octets, &size) ||
            !buf_append(ret_octets, bytes_make(octets, size))) {
            buf_truncate(ret_octets, start);
            return false;
        }
    }
    return true;
}
