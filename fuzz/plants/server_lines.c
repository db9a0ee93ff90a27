#include "plants.h"

#include "pop3/capability.h"
#include "pop3/greeting.h"
#include "pop3/listing.h"
#include "pop3/reply.h"
#include "pop3/response_code.h"

WRAP(const char *, scan_listing_parse, struct bytes line, struct scan_listing *ret_listing)
{
    const char *reason = REAL(scan_listing_parse)(line, ret_listing);

    if (PLANTED("knows-31-bits", "lines-listing"))
        ret_listing->octets &= 0x7FFFFFFF;
    return reason;
}

WRAP(const char *, unique_id_listing_parse, struct bytes line, struct unique_id_listing *ret_listing)
{
    static const char elsewhere[71];
    const char *reason = REAL(unique_id_listing_parse)(line, ret_listing);

    if (PLANTED("answers-other-octets", "lines-bound") && reason == NULL)
        ret_listing->unique_id = bytes_make(elsewhere, ret_listing->unique_id.size);
    return reason;
}

WRAP(struct bytes, greeting_timestamp, struct bytes text)
{
    struct bytes found = REAL(greeting_timestamp)(text);

    return PLANTED("loses-the-bracket", "lines-timestamp") ? bytes_from(found, 1) : found;
}

WRAP(struct status_line, status_line_parse, struct bytes line)
{
    struct status_line status = REAL(status_line_parse)(line);

    if (PLANTED("keeps-the-blank", "lines-status") && status.text.size > 0)
        status.text = bytes_from(status.text, 1);
    return status;
}

WRAP(bool, response_code_find, struct bytes code, enum response_code *ret_code)
{
    bool found = REAL(response_code_find)(code, ret_code);

    return found &&
           !(PLANTED("knows-no-details", "lines-code") && bytes_find_octet(code, '/') != BYTES_NOT_FOUND);
}

WRAP(const char *, capability_parse, struct bytes line, struct capability *ret_capability)
{
    const char *reason = REAL(capability_parse)(line, ret_capability);

    return PLANTED("takes-two-spaces", "lines-capability") && line.size > 0 ? NULL : reason;
}

WRAP(bool, capability_set_find, const struct capability_set *set, struct bytes tag,
     struct capability *ret_capability)
{
    bool found = REAL(capability_set_find)(set, tag, ret_capability);

    if (PLANTED("finds-what-is-not-there", "lines-set") && set->count > 0)
        return true;
    return found && !(PLANTED("knows-upper-case-only", "lines-set") && bytes_have_lower_case(tag));
}

WRAP(void, capability_set_add, struct capability_set *set, struct bytes line)
{
    REAL(capability_set_add)(set, line);
    if (PLANTED("overflows-in-silence", "lines-set"))
        set->overflowed = false;
}
