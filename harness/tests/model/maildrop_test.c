/* What a session may make us keep of its messages is bounded, and what is kept is compared as the standards allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/maildrop.h"

#include <stdio.h>
#include <string.h>

static struct line_chain chain_of(const char *const *lines, size_t count)
{
    struct line_chain chain = {0};
    struct line_feed feed = {0};

    for (size_t i = 0; i < count; i++)
        line_chain_piece(&chain, &feed, bytes_of(lines[i]), true);
    return chain;
}

static struct line_chain chain_of_empty_lines(size_t count)
{
    struct line_chain chain = {0};
    struct line_feed feed = {0};

    for (size_t i = 0; i < count; i++)
        line_chain_piece(&chain, &feed, BYTES_EMPTY, true);
    return chain;
}

/* A hostile server can have every message retrieved as a million empty lines; it costs us the first few only. */
static void lines_of_all_messages_are_bounded(void **state)
{
    struct maildrop maildrop;
    size_t kept = 0;

    (void)state;
    maildrop_init(&maildrop);
    for (uint64_t number = 1; number <= 8; number++) {
        struct line_chain chain = chain_of_empty_lines(MESSAGE_LINES_MAX);

        if (maildrop_keep(&maildrop, &maildrop_message(&maildrop, number)->retrieved, &chain))
            kept++;
        assert_null(chain.hashes);
    }
    assert_int_equal(kept, MAILDROP_LINES_MAX / MESSAGE_LINES_MAX);
    assert_int_equal(maildrop.line_count, MAILDROP_LINES_MAX);
    assert_false(maildrop_known(&maildrop, 8)->retrieved.whole);
    maildrop_release(&maildrop);
}

/* What takes the place of another counts instead of it, not beside it. */
static void a_chain_that_is_replaced_is_not_counted(void **state)
{
    struct maildrop maildrop;

    (void)state;
    maildrop_init(&maildrop);
    for (int round = 0; round < 100; round++) {
        struct line_chain chain = chain_of_empty_lines(MESSAGE_LINES_MAX / 16);

        assert_true(maildrop_keep(&maildrop, &maildrop_message(&maildrop, 1)->top, &chain));
    }
    assert_int_equal(maildrop.line_count, MESSAGE_LINES_MAX / 16);
    maildrop_release(&maildrop);
}

/* Only the head of a message of more lines is compared; its size still is. */
static void lines_past_the_most_are_counted_in_octets_only(void **state)
{
    struct line_chain chain = chain_of_empty_lines(MESSAGE_LINES_MAX + 3);

    (void)state;
    assert_true(chain.overflowed);
    assert_int_equal(chain.count, MESSAGE_LINES_MAX);
    assert_int_equal(chain.octets, 2 * ((uint64_t)MESSAGE_LINES_MAX + 3));
    line_chain_release(&chain);
}

static void lines_that_stores_write_into_the_header_are_counted_and_not_compared(void **state)
{
    static const char *const unread[] = {"Subject: x", "Status: O", "", "Status: O"};
    static const char *const read[] = {"Subject: x", "STATUS: RO", "x-status: A",
                                       "X-UIDL: 1",  "",           "Status: O"};
    static const char *const other[] = {"Subject: x", "", "Status: R"};
    struct line_chain a = chain_of(unread, 4);
    struct line_chain b = chain_of(read, 6);
    struct line_chain c = chain_of(other, 3);

    (void)state;
    assert_int_equal(a.count, 3);
    assert_int_equal(a.header_lines, 2);
    assert_int_equal(a.octets, 12 + 11 + 2 + 11);
    assert_true(line_chain_agree(&a, &b, 3));
    assert_true(line_chain_agree(&a, &c, 2));
    assert_false(line_chain_agree(&a, &c, 3));
    line_chain_release(&a);
    line_chain_release(&b);
    line_chain_release(&c);
}

/* Fewer messages are known to be there than the number says: the maildrop is no larger for it. */
static void a_number_far_away_does_not_end_the_comparing(void **state)
{
    struct maildrop maildrop;

    (void)state;
    maildrop_init(&maildrop);
    maildrop.count = 2;
    maildrop.count_known = true;
    assert_null(maildrop_message(&maildrop, UINT64_MAX));
    assert_null(maildrop_message(&maildrop, 0));
    assert_false(maildrop.too_large);
    maildrop.count_known = false;
    assert_null(maildrop_message(&maildrop, MAILDROP_MESSAGES_MAX + 1));
    assert_true(maildrop.too_large);
    maildrop_release(&maildrop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_messages_are_bounded),
        cmocka_unit_test(a_chain_that_is_replaced_is_not_counted),
        cmocka_unit_test(lines_past_the_most_are_counted_in_octets_only),
        cmocka_unit_test(lines_that_stores_write_into_the_header_are_counted_and_not_compared),
        cmocka_unit_test(a_number_far_away_does_not_end_the_comparing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
