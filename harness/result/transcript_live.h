/*
 * A transcript told while it is made, line by line: as transcript_print() would show it, redacted like there. A line is told
 * once it is whole, so that a secret cut into single octets is still found.
 */
#ifndef RESULT_TRANSCRIPT_LIVE_H
#define RESULT_TRANSCRIPT_LIVE_H

#include "result/transcript.h"

struct transcript_live;

/* LINE is told each line, which it borrows for the call. REDACTOR outlives it. Freed with transcript_live_free. */
struct transcript_live *transcript_live_new(const struct redactor *redactor,
                                            void (*line)(void *context, const struct transcript_line *line),
                                            void *context);
/* Tells what is left of lines that did not end; NULL is allowed. */
void transcript_live_free(struct transcript_live *live);

/* For a transcript to tell what it is told. */
struct transcript_listener transcript_live_listener(struct transcript_live *live);

#endif
