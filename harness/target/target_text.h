/* Small readers that the loaders of a target share. Private to target/. */
#ifndef TARGET_TARGET_TEXT_H
#define TARGET_TARGET_TEXT_H

#include "base/bytes.h"

/* False when TEXT holds CR or LF: as a name or password it would inject a command. */
bool target_text_is_sendable(const char *text);

/* "35s", "300ms", "2m": a number and its unit, at most a day. */
bool target_span_parse(struct bytes text, int64_t *ret_span_us);

#endif
