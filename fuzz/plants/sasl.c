#include "plants.h"

#include "base/base64.h"
#include "refserver/refserver.h"
#include "refserver/scram.h"
#include "sasl/client.h"

WRAP(bool, base64_decode, struct bytes text, struct buf *ret_octets)
{
    struct buf unpadded;

    if (!PLANTED("takes-bits-left-over", "sasl-base64") || text.size == 0 || text.data[text.size - 1] != '=')
        return REAL(base64_decode)(text, ret_octets);
    buf_init(&unpadded, BUF_UNBOUNDED);
    buf_append(&unpadded, bytes_slice(text, 0, text.size - 1));
    buf_append_text(&unpadded, "A");
    bool ok = REAL(base64_decode)(buf_bytes(&unpadded), ret_octets);

    buf_release(&unpadded);
    return ok;
}

WRAP(bool, base64_encode, struct bytes octets, struct buf *ret_text)
{
    size_t start = ret_text->size;
    bool ok = REAL(base64_encode)(octets, ret_text);

    if (PLANTED("knows-another-alphabet", "sasl-round-trip") && ret_text->size > start &&
        ret_text->data[start] == 'Y')
        ret_text->data[start] = '_';
    return ok;
}

WRAP(bool, scram_take_final, struct scram *scram, const struct refserver_scram_digest *digest,
     const struct scram_secret *secret, struct bytes message)
{
    bool right = REAL(scram_take_final)(scram, digest, secret, message);

    return right || PLANTED("takes-every-proof", "sasl-login");
}

WRAP(bool, refserver_add_user, struct refserver *server, const char *name, const char *password)
{
    if (PLANTED("lets-anybody-in", "sasl-state"))
        refserver_set_fault(server, FAULT_STAT_BEHIND_FAILED_AUTH, true);
    if (PLANTED("answers-no-cancel", "sasl-one-reply"))
        refserver_set_fault(server, FAULT_CANCEL_UNANSWERED, true);
    if (PLANTED("signs-falsely", "sasl-login"))
        refserver_set_fault(server, FAULT_SCRAM_SIGNATURE_WRONG, true);
    if (PLANTED("answers-falsely", "sasl-login"))
        refserver_set_fault(server, FAULT_DIGEST_MD5_RSPAUTH_WRONG, true);
    return REAL(refserver_add_user)(server, name, password);
}

WRAP(enum sasl_progress, sasl_client_step, struct sasl_client *client, struct bytes challenge,
     struct buf *ret_message)
{
    enum sasl_progress progress = REAL(sasl_client_step)(client, challenge, ret_message);

    if (PLANTED("says-the-password-as-it-is", "sasl-tells") && progress == SASL_COMPLETE)
        buf_append_text(ret_message, "s3cret-Pass");
    if (PLANTED("speaks-on", "sasl-client") && progress == SASL_STUCK)
        return SASL_COMPLETE;
    if (PLANTED("begins-anew", "sasl-ends") && progress == SASL_STUCK)
        return SASL_GOES_ON;
    if (PLANTED("is-satisfied-with-nothing", "sasl-fits") && progress == SASL_STUCK && ret_message->size == 0)
        return SASL_COMPLETE;
    return progress;
}
