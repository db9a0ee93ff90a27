/*
 * The scan for line ends and facts: both ways it is written (for SSE2 and for any machine) against a loop over single
 * octets, with each octet that matters at each place of lines short and long, from memory that ends at a guard page.
 */
#include "pop3/line_scan.h"
#include "pop3/reply.h"
#include "support/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The second way, under another name: the file itself picks the first one where the machine has SSE2. */
#define LINE_SCAN_PORTABLE
#define line_scan(data, size) line_scan_portable(data, size)
#define line_scan_plain       line_scan_plain_portable
struct line_scan line_scan_portable(const uint8_t *data, size_t size);
size_t line_scan_plain_portable(const uint8_t *data, size_t size, size_t line_octets_max, size_t *ret_ends,
                                size_t ends_max);
#include "pop3/line_scan.c"
#undef line_scan
#undef line_scan_plain

enum { LINE_OCTETS = 200 };

static struct line_scan naive_scan(struct bytes octets)
{
    struct line_scan scan = {.size = 0};

    while (scan.size < octets.size && !scan.ended) {
        uint8_t octet = octets.data[scan.size];
        bool followed = scan.size + 1 < octets.size;

        if (octet == 0)
            scan.facts |= FACT_NUL;
        if (octet > 127)
            scan.facts |= FACT_8BIT;
        if (octet == '\r' && followed && octets.data[scan.size + 1] != '\n')
            scan.facts |= FACT_BARE_CR;
        if (octet == '\n' && (scan.size == 0 || octets.data[scan.size - 1] != '\r'))
            scan.facts |= FACT_BARE_LF;
        scan.ended = octet == '\n';
        scan.size++;
    }
    return scan;
}

static void check(struct bytes octets)
{
    struct line_scan expected = naive_scan(octets);
    struct line_scan scans[] = {line_scan(octets.data, octets.size),
                                line_scan_portable(octets.data, octets.size)};

    for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
        assert_int_equal(scans[i].size, expected.size);
        assert_int_equal(scans[i].facts, expected.facts);
        assert_int_equal(scans[i].ended, expected.ended);
    }
}

static const uint8_t ODD_OCTETS[] = {'\0', '\t', '\n', '\r', 0x0D + 1, 0x7F, 0x80, 0xFF};

static void finds_each_odd_octet_at_each_place(void **state)
{
    uint8_t octets[LINE_OCTETS];
    struct guard_page guard;

    (void)state;
    guard_page_init(&guard, LINE_OCTETS);
    memset(octets, 'a', sizeof(octets));
    for (size_t size = 0; size <= LINE_OCTETS; size++) {
        check(guard_page_place(&guard, bytes_make(octets, size)));
        for (size_t at = 0; at < size; at++) {
            for (size_t i = 0; i < sizeof(ODD_OCTETS); i++) {
                octets[at] = ODD_OCTETS[i];
                check(guard_page_place(&guard, bytes_make(octets, size)));
            }
            octets[at] = 'a';
        }
    }
    guard_page_release(&guard);
}

static void finds_pairs_of_odd_octets(void **state)
{
    enum { SIZE = 40 };
    uint8_t octets[SIZE];

    (void)state;
    memset(octets, 'a', sizeof(octets));
    for (size_t first = 0; first < SIZE; first++) {
        for (size_t second = first + 1; second < SIZE; second++) {
            for (size_t i = 0; i < sizeof(ODD_OCTETS) * sizeof(ODD_OCTETS); i++) {
                octets[first] = ODD_OCTETS[i / sizeof(ODD_OCTETS)];
                octets[second] = ODD_OCTETS[i % sizeof(ODD_OCTETS)];
                check(bytes_make(octets, SIZE));
            }
            octets[second] = 'a';
        }
        octets[first] = 'a';
    }
}

static void takes_nothing_for_nothing(void **state)
{
    (void)state;
    check(BYTES_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_odd_octet_at_each_place),
        cmocka_unit_test(finds_pairs_of_odd_octets),
        cmocka_unit_test(takes_nothing_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
