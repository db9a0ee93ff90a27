/*
 * What the files of AUTH share (RFC 5034 section 4). sasl.c leads an exchange; each mechanism is a function that takes one message of
 * the client, decoded, and ends in sasl_challenge(), sasl_challenge_by(), sasl_refuse_by() or sasl_finish().
 */
#ifndef REFSERVER_SASL_H
#define REFSERVER_SASL_H

#include "refserver/session.h"

/* Sends what stands in session->challenge, and waits for the answer. */
void sasl_challenge(struct session *session);
void sasl_challenge_by(struct session *session, struct bytes text);
/* The same with the reason why NAME is refused: whatever the client says to it, AUTH gets -ERR then. */
void sasl_refuse_by(struct session *session, struct bytes name, struct bytes reason);
/* The exchange is over: NAME proved itself, or did not. */
void sasl_finish(struct session *session, struct bytes name, bool right);

/* sasl_password.c */
void sasl_step_plain(struct session *session, struct bytes message);
void sasl_begin_login(struct session *session);
void sasl_step_login(struct session *session, struct bytes message);
void sasl_begin_cram_md5(struct session *session);
void sasl_step_cram_md5(struct session *session, struct bytes message);

/* sasl_scram.c */
/* The digests of SCRAM by MECHANISM, or NULL where the server was not lent them. */
const struct refserver_scram_digest *sasl_scram_digest(const struct session *session,
                                                       enum sasl_mechanism mechanism);
void sasl_step_scram(struct session *session, struct bytes message);

/* sasl_digest_md5.c */
void sasl_begin_digest_md5(struct session *session);
void sasl_step_digest_md5(struct session *session, struct bytes message);

/* sasl_token.c */
void sasl_step_xoauth2(struct session *session, struct bytes message);
void sasl_step_oauthbearer(struct session *session, struct bytes message);

#endif
