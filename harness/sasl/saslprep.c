#include "sasl/saslprep.h"

#include "base/utf8.h"

#include <gsasl.h>

static bool prepare(const char *text, Gsasl_saslprep_flags flags, struct buf *ret_prepared)
{
    char *prepared = NULL;
    bool ok = gsasl_saslprep(text, flags, &prepared, NULL) == GSASL_OK;

    buf_clear(ret_prepared);
    ok = ok && buf_append(ret_prepared, bytes_of(prepared));
    gsasl_free(prepared);
    return ok;
}

/*
 * Versions of the library have the flag for unassigned code points the wrong way round. Both ways are tried: where they
 * differ there is one, which is what a stored string must not have.
 */
static bool prepare_both_ways(const char *text, bool stored, struct buf *ret_prepared)
{
    bool allowing = prepare(text, GSASL_ALLOW_UNASSIGNED, ret_prepared);
    bool plain = prepare(text, (Gsasl_saslprep_flags)0, ret_prepared);

    if (stored)
        return plain && allowing;
    return plain || (allowing && prepare(text, GSASL_ALLOW_UNASSIGNED, ret_prepared));
}

bool saslprep(struct bytes text, bool stored, struct buf *ret_prepared)
{
    struct buf terminated;
    struct buf prepared;

    /* The library takes C strings, and leaves malformed ones to chance in some versions. */
    if (bytes_find_octet(text, '\0') != BYTES_NOT_FOUND || !utf8_is_well_formed(text))
        return false;
    buf_init(&terminated, BUF_UNBOUNDED);
    buf_init(&prepared, BUF_UNBOUNDED);
    bool ok = buf_append(&terminated, text) && prepare_both_ways(buf_text(&terminated), stored, &prepared) &&
              buf_append(ret_prepared, buf_bytes(&prepared));

    buf_release(&prepared);
    buf_release(&terminated);
    return ok;
}
