#include "refserver/content.h"

size_t canonicaliser_next(struct canonicaliser *canonicaliser, struct bytes piece, uint8_t *out)
{
    size_t written = 0;

    for (size_t i = 0; i < piece.size; i++) {
        uint8_t octet = piece.data[i];

        if (octet == '\n' && !canonicaliser->last_was_cr)
            out[written++] = '\r';
        out[written++] = octet;
        canonicaliser->last_was_cr = octet == '\r';
        canonicaliser->line_open = octet != '\n';
    }
    return written;
}

size_t canonicaliser_end(struct canonicaliser *canonicaliser, uint8_t *out)
{
    if (!canonicaliser->line_open)
        return 0;
    out[0] = '\r';
    out[1] = '\n';
    canonicaliser->line_open = false;
    return 2;
}

/*
 * RFC 5322 section 2: lines end in CRLF and have at most 998 octets, none of them NUL, and the first one is a header
 * field. What is not so counts as damaged.
 */
enum { LINE_OCTETS_MAX = 998 };

static const uint64_t fnv_offset_basis = UINT64_C(0xCBF29CE484222325);
static const uint64_t fnv_prime = UINT64_C(0x100000001B3);

void content_scan_init(struct content_scan *scan)
{
    *scan = (struct content_scan){.facts.hash = fnv_offset_basis};
}

static void end_header(struct content_scan *scan)
{
    scan->in_body = true;
    scan->facts.header_octets = scan->stored;
    scan->facts.header_sent = scan->facts.octets;
}

static void end_line(struct content_scan *scan)
{
    if (scan->line_octets > LINE_OCTETS_MAX)
        scan->facts.damaged = true;
    scan->facts.lines++;
    if (scan->in_body)
        scan->facts.body_lines++;
    else if (scan->line_octets == 0)
        end_header(scan);
    scan->line_octets = 0;
}

static void note_8bit(struct content_scan *scan)
{
    if (scan->in_body)
        scan->facts.body_8bit = true;
    else
        scan->facts.header_8bit = true;
}

/* Counts what canonicaliser_next() would write, without writing it. */
static void scan_octet(struct content_scan *scan, uint8_t octet)
{
    struct canonicaliser *canonicaliser = &scan->canonicaliser;

    scan->stored++;
    if (octet > 0x7F)
        note_8bit(scan);
    scan->facts.hash = (scan->facts.hash ^ octet) * fnv_prime;
    scan->facts.octets += octet == '\n' && !canonicaliser->last_was_cr ? 2 : 1;
    if (octet == '\0' || (octet == '.' && scan->facts.octets <= 1))
        scan->facts.damaged = true;
    if (octet == '.' && !canonicaliser->line_open)
        scan->facts.dotted_lines++;
    if (octet == '\n')
        end_line(scan);
    else if (octet != '\r')
        scan->line_octets++;
    canonicaliser->last_was_cr = octet == '\r';
    canonicaliser->line_open = octet != '\n';
}

void content_scan_next(struct content_scan *scan, struct bytes piece)
{
    for (size_t i = 0; i < piece.size; i++)
        scan_octet(scan, piece.data[i]);
}

struct content_facts content_scan_end(struct content_scan *scan)
{
    if (scan->canonicaliser.line_open) {
        scan->facts.newline_missing = true;
        scan->facts.damaged = true;
        scan->facts.octets += 2;
        end_line(scan);
    }
    if (!scan->in_body)
        end_header(scan);
    return scan->facts;
}
