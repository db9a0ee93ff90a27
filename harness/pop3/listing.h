/*
 * The lines that RFC 1939 gives a form, read strictly, with the reason when one is not of that form:
 * drop listing (section 5, STAT), scan listing (section 5, LIST), unique-id listing (section 7, UIDL).
 */
#ifndef POP3_LISTING_H
#define POP3_LISTING_H

#include "base/bytes.h"

struct drop_listing {
    uint64_t count; /* messages */
    uint64_t octets;
    bool more; /* text follows the octets: discouraged, legal */
};

struct scan_listing {
    uint64_t number;
    uint64_t octets;
    bool more; /* text follows the octets: discouraged, legal */
};

struct unique_id_listing {
    uint64_t number;
    struct bytes unique_id; /* 1 to 70 octets of 0x21 to 0x7E; a view into the line */
};

/*
 * Each reads LINE, which has neither indicator nor line end ("2 320"), and answers NULL, or the reason why it is not
 * of the form: a constant sentence fit for a report. *ret_listing is set only on NULL.
 */
const char *drop_listing_parse(struct bytes line, struct drop_listing *ret_listing);
const char *scan_listing_parse(struct bytes line, struct scan_listing *ret_listing);
const char *unique_id_listing_parse(struct bytes line, struct unique_id_listing *ret_listing);

#endif
