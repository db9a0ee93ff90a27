/*
 * Response codes (RFC 2449 section 8, RFC 3206, RFC 6856 section 5): what status_line_parse() found in square brackets,
 * looked up in the registry. Codes that are not in it are legal, and mean nothing here.
 */
#ifndef POP3_RESPONSE_CODE_H
#define POP3_RESPONSE_CODE_H

#include "pop3/command.h"

enum response_code {
#define REGISTERED_RESPONSE_CODE(name, code, commands) RESPONSE_CODE_##name,
#include "pop3/response_codes.def"
#undef REGISTERED_RESPONSE_CODE
    RESPONSE_CODE_COUNT
};

/* "SYS/TEMP" */
const char *response_code_name(enum response_code code);

/*
 * The registered code that CODE (without brackets) begins with, compared without case; what stands behind it, from a
 * slash on, is detail (RFC 2449 section 8). False when there is none.
 */
bool response_code_find(struct bytes code, enum response_code *ret_code);

/* True when CODE may stand in a refusal of VERB. */
bool response_code_may_answer(enum response_code code, enum command_verb verb);

/* False when a level of CODE (without brackets) is empty: each has at least one octet (RFC 2449 section 3). */
bool response_code_has_levels(struct bytes code);

#endif
