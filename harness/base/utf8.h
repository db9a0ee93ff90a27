/* UTF-8 by RFC 3629: well-formed means no overlong form, no surrogate, and nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/bytes.h"

/* Octets of the character that TEXT, which is not empty, begins with; 0 when it is not well-formed. *ret_code may be NULL. */
size_t utf8_character(struct bytes text, uint32_t *ret_code);
/* True when TEXT is nothing but well-formed characters. */
bool utf8_is_well_formed(struct bytes text);
/* How many octets TEXT begins with that are below 0x80: all of them when it is ASCII. */
size_t ascii_prefix(struct bytes text);

#endif
