/* The mutator: the same by the same seed, never too large, and each operator does what it is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mutate.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS = 2000, ROOM = 600 };

#define SAMPLE(text)                                                                                         \
    {                                                                                                        \
        (const uint8_t *)("" text), sizeof(text) - 1                                                         \
    }
static const struct bytes SAMPLES[] = {
    SAMPLE(""),
    SAMPLE("A"),
    SAMPLE("A\xFF"),
    SAMPLE("USER u\r\nPASS p\r\n\xFF|STAT\r\n\xFF"
           "2RETR 12\r\nQUIT"),
    SAMPLE("A+OK 2 320\r\n1 120\r\n..x\r\n.\r\n\xFFt-ERR [IN-USE]\r\n\xFF\xFF\xFF~"),
    SAMPLE("pop3spec: 1\n    dialog: |\n      C: STAT\n"),
    SAMPLE("\n\n\n\n\n\n\n\n"),
};
enum { SAMPLE_COUNT = sizeof(SAMPLES) / sizeof(SAMPLES[0]) };

static const char *const TARGETS[] = {
#define FORMAT(target, head, speaker, controls) #target,
#include "formats.def"
#undef FORMAT
};
enum { TARGET_COUNT = sizeof(TARGETS) / sizeof(TARGETS[0]) };

/* A copy of SAMPLE in an allocation of exactly ROOM octets, so that a write behind it is seen. */
static uint8_t *copy(struct bytes sample, size_t room)
{
    uint8_t *data = malloc(room > 0 ? room : 1);

    assert_non_null(data);
    if (sample.size > 0)
        memcpy(data, sample.data, sample.size < room ? sample.size : room);
    return data;
}

static void mutate_once(const struct format *format, struct bytes sample, size_t room, uint64_t seed)
{
    uint8_t *first = copy(sample, room);
    uint8_t *second = copy(sample, room);
    size_t given = sample.size < room ? sample.size : room;
    size_t size = mutate(format, first, given, room, seed);

    assert_true(size <= room);
    assert_int_equal(mutate(format, second, given, room, seed), size);
    assert_memory_equal(first, second, size);
    free(first);
    free(second);
}

static void mutations_repeat_and_stay_within_the_maximum(void **state)
{
    static const size_t ROOMS[] = {0, 1, 2, 45, ROOM};

    (void)state;
    for (size_t target = 0; target < TARGET_COUNT; target++)
        for (size_t sample = 0; sample < SAMPLE_COUNT; sample++)
            for (size_t room = 0; room < sizeof(ROOMS) / sizeof(ROOMS[0]); room++)
                for (uint64_t seed = 0; seed < SEEDS / 20; seed++)
                    mutate_once(format_of(TARGETS[target]), SAMPLES[sample], ROOMS[room], seed);
}

/* Whether some seed lets WHICH change some sample. */
static bool changes_something(enum operator which, const struct format *format)
{
    for (size_t sample = 0; sample < SAMPLE_COUNT; sample++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            uint8_t *data = copy(SAMPLES[sample], ROOM);
            struct editing editing;

            editing_init(&editing, data, SAMPLES[sample].size, ROOM, seed);
            editing.head = format->head < editing.size ? format->head : editing.size;
            editing.controls = format->controls;
            editing_take_apart(&editing);
            bool applied = operator_apply(which, &editing, format);
            bool changed = editing.size != SAMPLES[sample].size ||
                           (editing.size > 0 && memcmp(data, SAMPLES[sample].data, editing.size) != 0);

            assert_true(applied || !changed);
            free(data);
            if (changed)
                return true;
        }
    return false;
}

static void each_operator_changes_inputs_of_each_format_that_it_suits(void **state)
{
    (void)state;
    for (int which = 0; which < OPERATOR_COUNT; which++) {
        size_t suited = 0;

        for (size_t target = 0; target < TARGET_COUNT; target++) {
            const struct format *format = format_of(TARGETS[target]);

            if (!operator_suits((enum operator)which, format))
                continue;
            suited++;
            if (!changes_something((enum operator)which, format))
                fail_msg("operator %d never changes an input of %s", which, TARGETS[target]);
        }
        assert_true(suited > 0);
    }
}

static void the_head_stays(void **state)
{
    const struct format *driver = format_of("driver");

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t *data = copy(SAMPLES[4], ROOM);

        assert_true(mutate(driver, data, SAMPLES[4].size, ROOM, seed) >= 1);
        assert_int_equal(data[0], 'A');
        free(data);
    }
}

static void pieces_are_lines_and_controls(void **state)
{
    static const struct piece EXPECTED[] = {{0, 8, false},  {8, 16, false},  {16, 18, true}, {18, 24, false},
                                            {24, 26, true}, {26, 35, false}, {35, 39, false}};
    struct editing editing;
    uint8_t *data = copy(SAMPLES[3], SAMPLES[3].size);

    (void)state;
    editing_init(&editing, data, SAMPLES[3].size, SAMPLES[3].size, 1);
    editing.controls = "12|";
    editing_take_apart(&editing);
    assert_int_equal(editing.count, sizeof(EXPECTED) / sizeof(EXPECTED[0]));
    for (size_t i = 0; i < editing.count; i++) {
        assert_int_equal(editing.pieces[i].start, EXPECTED[i].start);
        assert_int_equal(editing.pieces[i].end, EXPECTED[i].end);
        assert_int_equal(editing.pieces[i].control, EXPECTED[i].control);
    }
    free(data);
}

static void many_pieces_are_bounded(void **state)
{
    enum { SIZE = 4 * PIECES_MAX };
    static uint8_t data[SIZE];
    struct editing editing;

    (void)state;
    memset(data, '\n', sizeof(data));
    editing_init(&editing, data, sizeof(data), sizeof(data), 1);
    editing_take_apart(&editing);
    assert_int_equal(editing.count, PIECES_MAX);
    assert_int_equal(editing.pieces[PIECES_MAX - 1].end, SIZE);
}

static void a_copy_is_one_wherever_it_is_put(void **state)
{
    (void)state;
    for (size_t from = 0; from <= 6; from++)
        for (size_t until = from; until <= 6; until++)
            for (size_t place = 0; place <= 6; place++) {
                uint8_t data[12] = "abcdef";
                uint8_t expected[12] = "abcdef";
                struct editing editing;
                size_t count = until - from;

                editing_init(&editing, data, 6, sizeof(data), 1);
                assert_true(editing_copy(&editing, from, until, place));
                memmove(expected + place + count, expected + place, 6 - place);
                for (size_t i = 0; i < count; i++)
                    expected[place + i] = (uint8_t)("abcdef"[from + i]);
                assert_int_equal(editing.size, 6 + count);
                assert_memory_equal(data, expected, editing.size);
            }
}

static void joins_are_made_of_both(void **state)
{
    const struct format *session = format_of("session");
    size_t mixed = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t out[64];
        size_t size = mutate_join(session, BYTES_LITERAL("AAAA\r\nAAAA\r\n"), BYTES_LITERAL("BB\r\nBB\r\n"),
                                  out, 14, seed);
        bool has_a = memchr(out, 'A', size) != NULL;
        bool has_b = memchr(out, 'B', size) != NULL;

        assert_true(size <= 14);
        mixed += has_a && has_b ? 1 : 0;
    }
    assert_true(mixed > SEEDS / 10);
}

static void other_targets_have_no_format(void **state)
{
    (void)state;
    assert_null(format_of("canary"));
    assert_non_null(format_of("session"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_repeat_and_stay_within_the_maximum),
        cmocka_unit_test(each_operator_changes_inputs_of_each_format_that_it_suits),
        cmocka_unit_test(the_head_stays),
        cmocka_unit_test(pieces_are_lines_and_controls),
        cmocka_unit_test(many_pieces_are_bounded),
        cmocka_unit_test(a_copy_is_one_wherever_it_is_put),
        cmocka_unit_test(joins_are_made_of_both),
        cmocka_unit_test(other_targets_have_no_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
