#include "base/utf8.h"

size_t utf8_character(struct bytes text, uint32_t *ret_code)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t minimum;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    uint8_t first = text.data[0];

    for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
        if ((first & forms[form].mask) != forms[form].lead)
            continue;
        uint32_t code = first & (uint8_t)~forms[form].mask;

        if (text.size <= form)
            return 0;
        for (size_t i = 1; i <= form; i++) {
            if ((text.data[i] & 0xC0) != 0x80)
                return 0;
            code = code << 6 | (text.data[i] & 0x3F);
        }
        if (code < forms[form].minimum || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
            return 0;
        if (ret_code != NULL)
            *ret_code = code;
        return form + 1;
    }
    return 0;
}

bool utf8_is_well_formed(struct bytes text)
{
    while (text.size > 0) {
        size_t size = utf8_character(text, NULL);

        if (size == 0)
            return false;
        text = bytes_from(text, size);
    }
    return true;
}

size_t ascii_prefix(struct bytes text)
{
    size_t size = 0;

    while (size < text.size && text.data[size] < 0x80)
        size++;
    return size;
}
