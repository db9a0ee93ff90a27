#include "inputs/controls.h"

void input_append_octets(struct buf *out, struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] == INPUT_CONTROL)
            buf_append_octet(out, INPUT_CONTROL);
        buf_append_octet(out, octets.data[i]);
    }
}

void input_append_control(struct buf *out, uint8_t code)
{
    buf_append_octet(out, INPUT_CONTROL);
    buf_append_octet(out, code);
}
