/*
 * CAPA's capability lines (RFC 2449 sections 3, 5 and 6, and IANA's registry): one line taken apart, and the set of a
 * whole reply with what it says of the abilities that the suite asks about.
 */
#ifndef POP3_CAPABILITY_H
#define POP3_CAPABILITY_H

#include "base/bytes.h"

enum capability_arguments { CAPABILITY_ALONE, CAPABILITY_WITH_MORE };
enum capability_behind_login { CAPABILITY_STAYS, CAPABILITY_MAY_CHANGE, CAPABILITY_GOES };

/* An entry of IANA's registry (capabilities.def). */
struct registered_capability {
    const char *tag;
    enum capability_arguments arguments;
    enum capability_behind_login behind_login;
};

enum {
#define REGISTERED_CAPABILITY(name, tag, arguments, behind_login) REGISTERED_CAPABILITY_##name,
#include "pop3/capabilities.def"
#undef REGISTERED_CAPABILITY
    REGISTERED_CAPABILITY_COUNT
};

extern const struct registered_capability registered_capabilities[REGISTERED_CAPABILITY_COUNT];

/* The entry for TAG, compared without case; NULL when it is not in the registry. */
const struct registered_capability *capability_registered(struct bytes tag);

enum { CAPABILITIES_MAX = 64, CAPABILITY_STORAGE_OCTETS = 8192 };

struct capability {
    struct bytes tag;        /* compared without case */
    struct bytes parameters; /* behind the first SP, as they stand; empty if none */
};

/* Takes a line (without line end) apart. NULL, or the reason why it is not of the form. */
const char *capability_parse(struct bytes line, struct capability *ret_capability);

/* The set of one CAPA reply; copies the lines into its own storage. More than it can hold sets `overflowed`. */
struct capability_set {
    uint8_t storage[CAPABILITY_STORAGE_OCTETS];
    size_t size;
    struct {
        size_t start, tag_octets, octets;
    } entries[CAPABILITIES_MAX];
    size_t count;
    bool overflowed;
};

void capability_set_init(struct capability_set *set);
/*
 * Adds a line. One that does not begin with a well-formed tag is left out; one whose parameters alone are not of the
 * form (a space at the end) is kept, for what it announces is plain.
 */
void capability_set_add(struct capability_set *set, struct bytes line);
/* The capability with TAG, compared without case; false if it is not listed. The result points into SET. */
bool capability_set_find(const struct capability_set *set, struct bytes tag,
                         struct capability *ret_capability);
/* True when TAG is listed and one of its parameters is PARAMETER, compared without case ("SASL", "PLAIN"). */
bool capability_set_has(const struct capability_set *set, struct bytes tag, struct bytes parameter);

#endif
