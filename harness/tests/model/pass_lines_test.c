/*
 * The short way for messages that nobody looks at (conversation_pass_lines) against the long one: the same sessions, in
 * other cuts, must give the same observations, the same counts and the same state.
 */
#include "base/buf.h"
#include "base/rng.h"
#include "model/conversation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SESSIONS = 3000, LINES_MAX = 30, TEXT_OCTETS_MAX = 64 * 1024 };

/* ---- what the server says ---- */

static void append_filler(struct buf *body, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buf_append_octet(body, (uint8_t)('a' + i % 26));
}

/* One line: most are plain, the others are each odd in a way of its own. */
static void append_line(struct buf *body, struct rng *rng)
{
    static const size_t long_octets[] = {994, 995, 996, 997, 998, 999, 1000, 4094, 4095, 4096, 9000};
    static const char *const odd[] = {"..stuffed\r\n", ".unstuffed\r\n", "bare LF\n", ".\rx\r\n",
                                      "bare\rCR\r\n",  "\r\r\n",         "\r\n",      "\n",
                                      "8-bit \xe4\r\n"};
    uint64_t kind = rng_below(rng, 12);

    if (kind == 0) {
        append_filler(body, long_octets[rng_below(rng, sizeof(long_octets) / sizeof(long_octets[0]))]);
        buf_append_text(body, "\r\n");
    } else if (kind == 1) {
        buf_append_text(body, odd[rng_below(rng, sizeof(odd) / sizeof(odd[0]))]);
    } else if (kind == 2) {
        buf_append(body, BYTES_LITERAL("NUL \0 inside\r\n"));
    } else {
        append_filler(body, rng_below(rng, 80));
        buf_append_text(body, "\r\n");
    }
}

/* A reply with a header, a body, and nearly always a terminator. */
static void make_message(struct buf *reply, struct rng *rng)
{
    size_t lines = rng_below(rng, LINES_MAX);

    buf_clear(reply);
    buf_append_text(reply, "+OK\r\nSubject: x\r\n\r\n");
    for (size_t i = 0; i < lines; i++)
        append_line(reply, rng);
    if (rng_below(rng, 20) > 0)
        buf_append_text(reply, ".\r\n");
}

/* ---- one of the two ways ---- */

struct way {
    bool short_way;
    struct rng cuts;
    struct conversation *conversation;
    struct buf observations;
    uint64_t passed; /* lines that went the short way */
    uint64_t lines;  /* of bodies, these included */
    uint64_t ends;
};

static void observe(void *context, const struct observation *observation)
{
    struct way *way = context;

    buf_append_format(&way->observations, "%s at %llu: %s\n", rule_info(observation->rule)->id,
                      (unsigned long long)observation->offset, observation->actual);
}

static void way_init(struct way *way, bool short_way, uint64_t seed)
{
    *way = (struct way){.short_way = short_way};
    rng_init(&way->cuts, seed);
    buf_init(&way->observations, BUF_UNBOUNDED);
    way->conversation = conversation_new(&(struct conversation_options){
        .connection = 1,
        .observer = {observe, way},
    });
}

static void way_release(struct way *way)
{
    conversation_free(way->conversation);
    buf_release(&way->observations);
}

static void hear_segment(struct way *way, struct bytes segment)
{
    struct conversation_event event;

    do {
        if (way->short_way) {
            uint64_t lines = conversation_pass_lines(way->conversation, &segment);

            way->passed += lines;
            way->lines += lines;
        }
        conversation_next(way->conversation, &segment, 0, &event);
        way->lines += event.reply.kind == REPLY_BODY && event.reply.last_piece ? 1 : 0;
        way->ends += event.reply.kind == REPLY_END ? 1 : 0;
    } while (event.reply.kind != REPLY_NONE);
    assert_int_equal(segment.size, 0);
}

static void hear(struct way *way, struct bytes octets)
{
    uint64_t most = 1 + rng_below(&way->cuts, 3) * rng_below(&way->cuts, 2000);

    while (octets.size > 0) {
        size_t size = 1 + rng_below(&way->cuts, most);

        hear_segment(way, bytes_slice(octets, 0, size));
        octets = bytes_from(octets, size < octets.size ? size : octets.size);
    }
}

static void exchange(struct way *way, const char *command, struct bytes reply)
{
    conversation_sent(way->conversation, bytes_of(command), CONVERSATION_BY_COMMAND);
    hear(way, reply);
}

/* ---- both ---- */

static void log_in(struct way *way)
{
    hear(way, BYTES_LITERAL("+OK ready\r\n"));
    exchange(way, "USER x\r\n", BYTES_LITERAL("+OK\r\n"));
    exchange(way, "PASS y\r\n", BYTES_LITERAL("+OK\r\n"));
    exchange(way, "LIST 1\r\n", BYTES_LITERAL("+OK 1 300\r\n"));
}

static void assert_same(const struct way *a, const struct way *b)
{
    assert_string_equal(buf_text(&a->observations), buf_text(&b->observations));
    assert_int_equal(a->lines, b->lines);
    assert_int_equal(a->ends, b->ends);
    assert_int_equal(conversation_state(a->conversation), conversation_state(b->conversation));
    assert_int_equal(conversation_owed_max(a->conversation), conversation_owed_max(b->conversation));
    assert_int_equal(conversation_partial_octets(a->conversation),
                     conversation_partial_octets(b->conversation));
}

/* RETR and TOP of messages that are mostly alike, so that what was hashed of one is compared with the other. */
static void play(uint64_t seed, uint64_t *passed, uint64_t *observed)
{
    static const char *const commands[] = {"RETR 1\r\n", "TOP 1 30\r\n", "RETR 1\r\n", "LIST\r\n"};
    struct way ways[2];
    struct rng rng;
    struct buf reply;

    rng_init(&rng, seed);
    buf_init(&reply, TEXT_OCTETS_MAX);
    for (size_t i = 0; i < 2; i++) {
        way_init(&ways[i], i == 1, seed * 2 + i);
        log_in(&ways[i]);
    }
    make_message(&reply, &rng);
    for (size_t command = 0; command < 4; command++) {
        if (rng_below(&rng, 4) == 0)
            make_message(&reply, &rng);
        for (size_t i = 0; i < 2; i++)
            exchange(&ways[i], commands[command], buf_bytes(&reply));
        assert_same(&ways[0], &ways[1]);
    }
    for (size_t i = 0; i < 2; i++)
        conversation_ended(ways[i].conversation, false, 0);
    assert_same(&ways[0], &ways[1]);
    *passed += ways[1].passed;
    *observed += ways[1].observations.size > 0 ? 1 : 0;
    for (size_t i = 0; i < 2; i++)
        way_release(&ways[i]);
    buf_release(&reply);
}

static void the_short_way_sees_what_the_long_one_sees(void **state)
{
    uint64_t passed = 0;
    uint64_t observed = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SESSIONS; seed++)
        play(seed, &passed, &observed);
    assert_true(passed > SESSIONS * 10);
    assert_true(observed > SESSIONS / 4);
}

/* Nothing but lines of messages is passed over. */
static void other_bodies_are_not_passed(void **state)
{
    struct way way;

    (void)state;
    way_init(&way, true, 1);
    log_in(&way);
    exchange(&way, "LIST\r\n", BYTES_LITERAL("+OK\r\n1 300\r\nodd\r\n.\r\n"));
    exchange(&way, "UIDL\r\n", BYTES_LITERAL("+OK\r\n1 abc\r\n.\r\n"));
    exchange(&way, "CAPA\r\n", BYTES_LITERAL("+OK\r\nUIDL\r\n.\r\n"));
    assert_int_equal(way.passed, 0);
    assert_int_equal(way.lines, 4);
    assert_non_null(strstr(buf_text(&way.observations), "scan-listing"));
    assert_non_null(conversation_capabilities(way.conversation));
    way_release(&way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_way_sees_what_the_long_one_sees),
        cmocka_unit_test(other_bodies_are_not_passed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
