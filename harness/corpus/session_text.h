/*
 * Inputs of fuzz targets as scenarios: a finding becomes something that any server can be asked, and that the suite
 * can keep. What comes out is right by lint, and expects of each line that it is answered, whatever by.
 */
#ifndef CORPUS_SESSION_TEXT_H
#define CORPUS_SESSION_TEXT_H

#include "base/buf.h"

/*
 * Appends the dialog that says what SCRIPT (inputs/session_script.h) does, for a scenario with `state: closed`, each line
 * indented by six blanks. Names and secrets of the session target's user become holes. What a scenario cannot do stands
 * as a comment.
 */
void session_text(struct bytes script, struct buf *out);
/* The same of octets without controls, which one client sends. */
void octets_text(struct bytes octets, struct buf *out);

#endif
