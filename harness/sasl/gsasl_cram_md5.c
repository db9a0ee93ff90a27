#include "sasl/gsasl_cram_md5.h"

#include <gsasl.h>

static bool answer_in_session(Gsasl_session *session, const char *user, const char *pass,
                              struct bytes challenge, struct buf *ret_text)
{
    char *answer = NULL;
    size_t answer_octets = 0;
    int status;
    bool ok;

    if (gsasl_property_set(session, GSASL_AUTHID, user) != GSASL_OK ||
        gsasl_property_set(session, GSASL_PASSWORD, pass) != GSASL_OK)
        return false;
    status = gsasl_step(session, (const char *)challenge.data, challenge.size, &answer, &answer_octets);
    ok = (status == GSASL_OK || status == GSASL_NEEDS_MORE) && answer_octets > 0 &&
         buf_append(ret_text, bytes_make(answer, answer_octets));
    gsasl_free(answer);
    return ok;
}

bool gsasl_cram_md5_answer(const char *user, const char *pass, struct bytes challenge, struct buf *ret_text)
{
    Gsasl *library;
    Gsasl_session *session;
    bool ok = false;

    if (challenge.size == 0 || gsasl_init(&library) != GSASL_OK)
        return false;
    if (gsasl_client_start(library, "CRAM-MD5", &session) == GSASL_OK) {
        ok = answer_in_session(session, user, pass, challenge, ret_text);
        gsasl_finish(session);
    }
    gsasl_done(library);
    return ok;
}
