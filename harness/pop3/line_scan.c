#include "pop3/line_scan.h"

#include "pop3/reply.h"

#if defined(__SSE2__) && !defined(LINE_SCAN_PORTABLE)
#include <emmintrin.h>
#define LINE_SCAN_SSE2 1
#else
#define LINE_SCAN_SSE2 0
#include <string.h>
#endif

/*
 * An octet is special when it is below 0x0E or 8-bit: NUL, LF, CR and the 8-bit octets are among them. (So are TAB and
 * its neighbours, which costs a second look and changes nothing.) Most blocks hold none, and one comparison tells.
 */
enum { BLOCK_OCTETS = 16, PLAIN_OCTET_MIN = 0x0E };

/* Lines of text rarely pass this; only behind it is it worth the while to look at four blocks at once. */
enum { LONG_LINE_OCTETS = 96 };

/* A mask has one bit for each octet of a block, the first octet's the lowest. */

#if LINE_SCAN_SSE2

static __m128i load_block(const uint8_t *data)
{
    return _mm_loadu_si128((const __m128i *)(const void *)data);
}

/* Compared as signed numbers, 8-bit octets are negative: one comparison finds them with the low ones. */
static __m128i special_octets(const uint8_t *data)
{
    return _mm_cmplt_epi8(load_block(data), _mm_set1_epi8(PLAIN_OCTET_MIN));
}

static unsigned special_mask(const uint8_t *data)
{
    return (unsigned)_mm_movemask_epi8(special_octets(data));
}

static unsigned lf_mask(const uint8_t *data)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load_block(data), _mm_set1_epi8('\n')));
}

static bool four_blocks_are_plain(const uint8_t *data)
{
    __m128i front = _mm_or_si128(special_octets(data), special_octets(data + BLOCK_OCTETS));
    __m128i back =
        _mm_or_si128(special_octets(data + 2 * BLOCK_OCTETS), special_octets(data + 3 * BLOCK_OCTETS));

    return _mm_movemask_epi8(_mm_or_si128(front, back)) == 0;
}

#else

#define EACH_OCTET(octet) (UINT64_C(0x0101010101010101) * (octet))

/* The addition sets the top bit of each octet whose other seven are not too low, and carries nothing to the next. */
static bool word_is_plain(const uint8_t *data)
{
    uint64_t word;

    memcpy(&word, data, sizeof(word));
    uint64_t high_enough = (word & EACH_OCTET(0x7F)) + EACH_OCTET(0x80 - PLAIN_OCTET_MIN);

    return (high_enough & ~word & EACH_OCTET(0x80)) == EACH_OCTET(0x80);
}

static bool block_is_plain(const uint8_t *data)
{
    return word_is_plain(data) && word_is_plain(data + sizeof(uint64_t));
}

static unsigned special_mask(const uint8_t *data)
{
    unsigned mask = 0;

    if (block_is_plain(data))
        return 0;
    for (unsigned i = 0; i < BLOCK_OCTETS; i++)
        mask |= (unsigned)(data[i] < PLAIN_OCTET_MIN || data[i] >= 0x80) << i;
    return mask;
}

static unsigned lf_mask(const uint8_t *data)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < BLOCK_OCTETS; i++)
        mask |= (unsigned)(data[i] == '\n') << i;
    return mask;
}

static bool four_blocks_are_plain(const uint8_t *data)
{
    return block_is_plain(data) && block_is_plain(data + BLOCK_OCTETS) &&
           block_is_plain(data + 2 * BLOCK_OCTETS) && block_is_plain(data + 3 * BLOCK_OCTETS);
}

#endif

/* What is known of the octets seen so far. */
struct content {
    size_t first_cr; /* index of the first CR, or SIZE_MAX */
    unsigned facts;
};

static void add_octet(struct content *content, uint8_t octet, size_t index)
{
    if (octet >= 0x80)
        content->facts |= FACT_8BIT;
    else if (octet == '\0')
        content->facts |= FACT_NUL;
    else if (octet == '\r' && content->first_cr == SIZE_MAX)
        content->first_cr = index;
}

/* The octets that MASK has, of the block at DATA + AT. */
static void add_octets(struct content *content, const uint8_t *data, size_t at, unsigned mask)
{
    for (; mask != 0; mask &= mask - 1) {
        size_t index = at + (size_t)__builtin_ctz(mask);

        add_octet(content, data[index], index);
    }
}

/* The octets before the one at LF are a line. A CR at their end belongs to the line end; any other is bare. */
static struct line_scan ended_at(const uint8_t *data, size_t lf, const struct content *content)
{
    bool has_cr = lf > 0 && data[lf - 1] == '\r';
    unsigned facts = content->facts | (has_cr ? 0U : FACT_BARE_LF);

    if (content->first_cr < lf - (has_cr ? 1 : 0))
        facts |= FACT_BARE_CR;
    return (struct line_scan){lf + 1, facts, true};
}

static struct line_scan not_ended(size_t size, const struct content *content)
{
    bool bare_cr = content->first_cr != SIZE_MAX && content->first_cr + 1 < size;

    return (struct line_scan){size, content->facts | (bare_cr ? FACT_BARE_CR : 0U), false};
}

/* For what is shorter than a block. */
static struct line_scan scan_octets(const uint8_t *data, size_t size)
{
    struct content content = {.first_cr = SIZE_MAX};

    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n')
            return ended_at(data, i, &content);
        add_octet(&content, data[i], i);
    }
    return not_ended(size, &content);
}

/* Takes in the block at DATA + AT, up to its first LF. True, and where that is, when there is one. */
static inline bool add_block(struct content *content, const uint8_t *data, size_t at, size_t *ret_lf)
{
    unsigned special = special_mask(data + at);

    if (special == 0)
        return false;
    unsigned lf = lf_mask(data + at);

    if (lf == 0) {
        add_octets(content, data, at, special);
        return false;
    }
    unsigned below_lf = (lf ^ (lf - 1)) >> 1;
    unsigned before_lf = special & below_lf;

    /* Nearly always there is one, the CR of the line end, which ended_at() sees to. */
    if (before_lf != (below_lf + 1) >> 1 || data[at + (size_t)__builtin_ctz(special)] != '\r')
        add_octets(content, data, at, before_lf);
    *ret_lf = at + (size_t)__builtin_ctz(lf);
    return true;
}

/*
 * Steps over plain blocks, four at a time, from AT on; no block begins behind LAST. Begins a little before AT, where
 * blocks are aligned, for one that lies across two lines of the processor's cache is read more slowly.
 */
static size_t skip_plain_blocks(const uint8_t *data, size_t at, size_t last)
{
    at -= (uintptr_t)(data + at) % BLOCK_OCTETS;
    while (at <= last && last - at >= 3 * BLOCK_OCTETS && four_blocks_are_plain(data + at))
        at += 4 * BLOCK_OCTETS;
    return at;
}

/* At least one block. Blocks may overlap: what was seen already changes nothing when it is seen again. */
static struct line_scan scan_blocks(const uint8_t *data, size_t size)
{
    struct content content = {.first_cr = SIZE_MAX};
    size_t last = size - BLOCK_OCTETS;
    size_t at = 0;
    size_t lf;

    while (at <= last) {
        if (add_block(&content, data, at, &lf))
            return ended_at(data, lf, &content);
        at += BLOCK_OCTETS;
        if (at >= LONG_LINE_OCTETS)
            at = skip_plain_blocks(data, at, last);
    }
    if (at < size && add_block(&content, data, last, &lf))
        return ended_at(data, lf, &content);
    return not_ended(size, &content);
}

struct line_scan line_scan(const uint8_t *data, size_t size)
{
    return size < BLOCK_OCTETS ? scan_octets(data, size) : scan_blocks(data, size);
}

/* ---- plain lines ---- */

/* A mask of four blocks. */
static uint64_t wide_mask(unsigned (*mask)(const uint8_t *), const uint8_t *data)
{
    uint64_t wide = 0;

    for (unsigned i = 0; i < 4; i++)
        wide |= (uint64_t)mask(data + (size_t)i * BLOCK_OCTETS) << (i * BLOCK_OCTETS);
    return wide;
}

/* Where a line ends does not hang on where the one before did, so that the processor looks at several at a time. */
size_t line_scan_plain(const uint8_t *data, size_t size, size_t line_octets_max, size_t *ret_ends,
                       size_t ends_max)
{
    size_t start = 0;
    size_t count = 0;
    uint64_t lf_is_due = 0; /* the octet before this block was special: LF alone may follow it */

    for (size_t at = 0; size - at >= 4 * BLOCK_OCTETS; at += 4 * BLOCK_OCTETS) {
        uint64_t lf = wide_mask(lf_mask, data + at);
        uint64_t before_lf = wide_mask(special_mask, data + at) & ~lf;

        if ((before_lf << 1 | lf_is_due) != lf)
            break;
        lf_is_due = before_lf >> 63;
        for (; lf != 0; lf &= lf - 1) {
            size_t end = at + (size_t)__builtin_ctzll(lf) + 1;

            if (count == ends_max || data[end - 2] != '\r' || data[start] == '.' ||
                end - start > line_octets_max)
                return count;
            ret_ends[count++] = start = end;
        }
    }
    return count;
}
