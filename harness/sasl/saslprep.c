#include "sasl/saslprep.h"

#include "base/utf8.h"

#include <gsasl.h>

bool saslprep(struct bytes text, bool stored, struct buf *ret_prepared)
{
    struct buf terminated;
    char *prepared = NULL;
    bool ok;

    /* The library takes C strings, and leaves malformed ones to chance in some versions. */
    if (bytes_find_octet(text, '\0') != BYTES_NOT_FOUND || !utf8_is_well_formed(text))
        return false;
    buf_init(&terminated, BUF_UNBOUNDED);
    ok = buf_append(&terminated, text) &&
         gsasl_saslprep(buf_text(&terminated), stored ? (Gsasl_saslprep_flags)0 : GSASL_ALLOW_UNASSIGNED,
                        &prepared, NULL) == GSASL_OK &&
         buf_append(ret_prepared, bytes_of(prepared));
    gsasl_free(prepared);
    buf_release(&terminated);
    return ok;
}
