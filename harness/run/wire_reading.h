/* Reading the transcript of a probe: what was answered to what was asked. Private to run/. */
#ifndef RUN_WIRE_READING_H
#define RUN_WIRE_READING_H

#include "base/limits.h"
#include "pop3/capability.h"
#include "result/transcript.h"

/*
 * The octets that the target sent on connection 1 behind the ORDINALth (from 1) line of ours that begins with COMMAND, up
 * to our next line. Appended to RET_ANSWER; false when no such line was sent.
 */
bool wire_answer(const struct transcript *transcript, const char *command, size_t ordinal,
                 struct buf *ret_answer);

/* The first line that came on connection 1, without its line end: the greeting. Appended; false when nothing came. */
bool wire_greeting(const struct transcript *transcript, struct buf *ret_line);

/* "TOP 1 0: -ERR no such command": our last line on any connection and the first line of the answer. Appended. */
void wire_last_exchange(const struct transcript *transcript, struct buf *ret_text);

/* The body of the positive multi-line reply ANSWER, un-stuffed, with CRLF line ends. False when it is none. */
bool wire_body(struct bytes answer, struct buf *ret_body);

/* The capabilities in ANSWER, a reply to CAPA; false when it is not positive. */
bool wire_capabilities(struct bytes answer, struct capability_set *ret_set);

#endif
