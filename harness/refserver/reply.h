/*
 * Replies in the abstract: what is answered, in which words, what follows. They pass the reply seam here and go on to
 * the encoder (wire.h). Every command is answered through exactly one of these functions.
 */
#ifndef REFSERVER_REPLY_H
#define REFSERVER_REPLY_H

#include "base/attributes.h"
#include "refserver/session.h"

enum reply_text {
#define TEXT(name, own, rfc) REPLY_TEXT_##name,
#include "refserver/texts.def"
#undef TEXT
    REPLY_TEXT_COUNT
};

/* +OK with a text. */
void reply_ok(struct session *session, enum reply_text text);
/* +OK with text of a form that the RFC demands (drop listing, scan listing, unique-id listing, LAST). */
void reply_ok_format(struct session *session, const char *format, ...) PRINTF_LIKE(2, 3);
/* +OK, the language TAG that was selected, and a text in it (RFC 6856 section 3.2). */
void reply_ok_language(struct session *session, const char *tag);
/* +OK, then rows: those in session->lines, or a listing of the maildrop. */
void reply_ok_rows(struct session *session, enum reply_text text, enum response_body kind);
/* +OK, then the message or its top; -ERR when it cannot be read. */
void reply_ok_message(struct session *session, enum reply_text text, size_t index, bool whole,
                      uint64_t body_lines);
/* -ERR. CODE is a response code with its brackets (RFC 2449 section 8), or NULL. */
void reply_error(struct session *session, const char *code, enum reply_text text);
/* A challenge (RFC 5034 section 4), in base 64; may be empty. */
void reply_challenge(struct session *session, struct bytes encoded);
void reply_greeting(struct session *session);
/* A -ERR that answers nothing and is followed by the close. */
void reply_farewell(struct session *session, enum reply_text text);
/* A row of a multi-line reply. */
void reply_row(struct session *session, struct bytes row);

#endif
