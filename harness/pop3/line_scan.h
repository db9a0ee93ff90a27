/*
 * Finds the end of a line and what stands in it in a single pass, for the reply reader: most of what the
 * driver reads is message text, so this is the loop that decides how fast a large maildrop is checked.
 * Private to pop3/.
 */
#ifndef POP3_LINE_SCAN_H
#define POP3_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_scan {
    size_t size;    /* octets up to and with the first LF; all that were given if there is none */
    unsigned facts; /* of enum reply_fact: NUL, 8BIT, BARE_CR, BARE_LF */
    bool ended;     /* there is an LF */
};

/*
 * Scans SIZE octets from DATA (NULL if SIZE is 0) for the first LF and reads nothing behind them. A CR that
 * is the last octet given is not judged: what follows it is not known.
 */
struct line_scan line_scan(const uint8_t *data, size_t size);

/*
 * The ends of plain lines at the front of DATA, at most ENDS_MAX of them: lines that end in CRLF, have no fact, do not
 * begin with a dot and are at most LINE_OCTETS_MAX long with their line end. May stop short of a plain line, so 0 says
 * nothing of the first one.
 */
size_t line_scan_plain(const uint8_t *data, size_t size, size_t line_octets_max, size_t *ret_ends,
                       size_t ends_max);

#endif
