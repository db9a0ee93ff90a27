/*
 * Conversations typed by hand, line by line (harness/tests/model/transcripts/README.md): what the client and the server say,
 * and what becomes of the connection.
 */
#ifndef INPUTS_TRANSCRIPT_LINE_H
#define INPUTS_TRANSCRIPT_LINE_H

#include "base/buf.h"

enum transcript_event {
    TRANSCRIPT_CLIENT, /* octets */
    TRANSCRIPT_SERVER, /* octets */
    TRANSCRIPT_END,    /* the server closes */
    TRANSCRIPT_RESET,
    TRANSCRIPT_TIMEOUT,
    TRANSCRIPT_LEFT, /* the client closes */
    TRANSCRIPT_HALF_CLOSE,
    TRANSCRIPT_TLS,
};

struct transcript_line {
    enum transcript_event event;
    struct bytes octets; /* in the reader's storage */
};

/*
 * Reads LINE, without its line end, of what stands below the line of dashes. What is said is put into STORAGE (emptied
 * first), which must outlive RET_LINE. False when it is no such line.
 */
bool transcript_line_read(struct bytes line, struct buf *storage, struct transcript_line *ret_line);

#endif
