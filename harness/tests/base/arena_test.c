/* Pieces that live and die together. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 2000 };

static void pieces_are_zero_aligned_and_apart(void **state)
{
    static uint8_t *pieces[PIECES];
    static size_t sizes[PIECES];
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = i * 7 % 300 + (i % 500 == 0 ? 40000 : 0);
        pieces[i] = arena_new(&arena, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(pieces[i][at], 0);
        if (sizes[i] > 0)
            memset(pieces[i], (int)(i % 256), sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(pieces[i][at], i % 256);
    }
    arena_release(&arena);
}

static void says_when_it_handed_out_more_than_its_maximum(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 64);
    assert_false(arena_full(&arena));
    char *first = arena_text(&arena, BYTES_LITERAL("within"));

    arena_new(&arena, 48);
    assert_false(arena_full(&arena));
    arena_new(&arena, 1);
    assert_true(arena_full(&arena));
    assert_string_equal(first, "within");
    arena_release(&arena);
    assert_false(arena_full(&arena));
}

static void copies_and_formats(void **state)
{
    uint8_t octets[] = {'a', '\0', 'b'};
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    struct bytes copy = arena_copy(&arena, bytes_make(octets, sizeof(octets)));

    memset(octets, 'x', sizeof(octets));
    assert_true(bytes_equal(copy, BYTES_LITERAL("a\0b")));
    assert_string_equal(arena_text(&arena, BYTES_EMPTY), "");
    assert_string_equal(arena_format(&arena, "%s:%d", "file", 7), "file:7");
    uint64_t *numbers = arena_new_array(&arena, 1000, sizeof(*numbers));

    assert_true(numbers[0] == 0 && numbers[999] == 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zero_aligned_and_apart),
        cmocka_unit_test(says_when_it_handed_out_more_than_its_maximum),
        cmocka_unit_test(copies_and_formats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
