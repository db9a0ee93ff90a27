/*
 * What inputs of several fuzz targets share: octets stand for themselves, but for 0xFF, which begins a control of two
 * octets; 0xFF 0xFF is one octet 0xFF.
 */
#ifndef INPUTS_CONTROLS_H
#define INPUTS_CONTROLS_H

#include "base/buf.h"

enum { INPUT_CONTROL = 0xFF };

/* Appends OCTETS so that none of them begins a control. */
void input_append_octets(struct buf *out, struct bytes octets);
/* Appends the control CODE. */
void input_append_control(struct buf *out, uint8_t code);

#endif
