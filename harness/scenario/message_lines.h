/*
 * The lines of a message, met one by one by the body lines of a reply (still byte-stuffed). Where any lines may stand
 * before it, the message is looked for as Knuth, Morris and Pratt look for a word, so that a message of a million equal
 * lines costs no more than its size. Private to scenario.
 */
#ifndef SCENARIO_MESSAGE_LINES_H
#define SCENARIO_MESSAGE_LINES_H

#include "base/buf.h"

struct message_lines {
    uint8_t *octets;
    size_t *starts;    /* of each line; one more behind the last */
    size_t *fallbacks; /* how many lines also begin the message when line i does not follow */
    size_t count;
    size_t progress; /* lines met so far */
    bool active;     /* the next body line may be line `progress` */
    bool searched;   /* any lines may stand before it: it is always active */
};

/* Copies MESSAGE (CRLF line ends, not stuffed; the last may lack one). */
void message_lines_init(struct message_lines *message, struct bytes message_octets, bool searched);
void message_lines_release(struct message_lines *message);
/* Line INDEX without its line end. */
struct bytes message_lines_get(const struct message_lines *message, size_t index);
/* Takes a body line as on the wire: true when it was the message's last. */
bool message_lines_next(struct message_lines *message, struct bytes wire_line);

#endif
