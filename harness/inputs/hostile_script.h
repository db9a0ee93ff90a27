/*
 * What a hostile server says, as octets that a fuzzer can change. They leave as they stand, but for these controls
 * (inputs/controls.h):
 *
 *   0xFF |             the rest waits until the client has spoken again
 *   0xFF ,             a segment ends here
 *   0xFF c, 0xFF x     the connection ends: in order, or by RST
 *   0xFF t             TLS begins
 *   0xFF ~             ten seconds pass before it goes on
 *
 * All connections read from the same octets, one after the other as they are spoken to; the end of them is silence. A
 * corpus of what servers said is thus one of hostile servers.
 */
#ifndef INPUTS_HOSTILE_SCRIPT_H
#define INPUTS_HOSTILE_SCRIPT_H

enum hostile_control {
    HOSTILE_TURN = '|',
    HOSTILE_SEGMENT_END = ',',
    HOSTILE_CLOSE = 'c',
    HOSTILE_RESET = 'x',
    HOSTILE_TLS = 't',
    HOSTILE_PAUSE = '~',
};

enum { HOSTILE_PAUSE_S = 10 };

#endif
