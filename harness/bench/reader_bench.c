/*
 * The wire language: the reply reader against a loop that only looks for line ends with memchr, and the command
 * reader and parser. The reader does more than the loop: it reports NUL, 8-bit and CR of every line, and its length.
 */
#include "bench.h"

#include "pop3/command.h"
#include "pop3/reply.h"

#include <string.h>

enum { BUFFER_OCTETS = 64 * 1024, ROUNDS = 4000, COMMANDS = 1000 };

struct body {
    uint8_t data[BUFFER_OCTETS];
    size_t size; /* whole lines only */
};

/* Lines of TEXT_OCTETS printable octets and CRLF. */
static void fill_body(struct body *body, size_t text_octets)
{
    body->size = 0;
    while (body->size + text_octets + 2 <= BUFFER_OCTETS) {
        memset(body->data + body->size, 'a' + (int)(body->size % 26), text_octets);
        memcpy(body->data + body->size + text_octets, "\r\n", 2);
        body->size += text_octets + 2;
    }
}

static uint64_t count_lines_with_memchr(void *subject)
{
    const struct body *body = subject;
    const uint8_t *at = body->data;
    const uint8_t *end = body->data + body->size;
    uint64_t octets = 0;

    while (at < end) {
        const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));

        if (lf == NULL)
            break;
        octets += (uint64_t)(lf - at);
        at = lf + 1;
    }
    return octets;
}

static uint64_t count_lines_with_reader(void *subject)
{
    const struct body *body = subject;
    struct bytes status = BYTES_LITERAL("+OK\r\n");
    struct bytes input = bytes_make(body->data, body->size);
    struct reply_reader reader;
    struct reply_event event;
    uint64_t octets = 0;

    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    reply_reader_next(&reader, &status, &event);
    for (reply_reader_next(&reader, &input, &event); event.kind == REPLY_BODY;
         reply_reader_next(&reader, &input, &event))
        octets += event.text.size + event.facts;
    return octets;
}

static uint64_t parse_commands(void *subject)
{
    struct bytes input = *(struct bytes *)subject;
    struct command_reader reader;
    struct command_line line;
    uint64_t sum = 0;

    command_reader_init(&reader);
    while (command_reader_next(&reader, &input, &line)) {
        struct command command = command_parse(line.line, line.facts);

        sum += (uint64_t)command.verb + command.facts + command.argument_count;
    }
    return sum;
}

static void bench_bodies(uint64_t *sum)
{
    static const size_t text_octets[] = {40, 76, 998};
    static struct body body;

    for (size_t i = 0; i < sizeof(text_octets) / sizeof(text_octets[0]); i++) {
        char name[64];

        fill_body(&body, text_octets[i]);
        uint64_t memchr_ns = bench_best_ns(count_lines_with_memchr, &body, ROUNDS, sum);
        uint64_t reader_ns = bench_best_ns(count_lines_with_reader, &body, ROUNDS, sum);

        snprintf(name, sizeof(name), "reply reader / memchr loop, %zu-octet lines", text_octets[i]);
        bench_row_at_most(name, (double)reader_ns / (double)memchr_ns, "times", 2.5);
    }
}

static void bench_commands(uint64_t *sum)
{
    static const struct bytes command = {(const uint8_t *)"UIDL 12345\r\n", 12};
    static uint8_t data[COMMANDS * 12];
    struct bytes input = bytes_make(data, sizeof(data));

    for (size_t i = 0; i < COMMANDS; i++)
        memcpy(data + i * command.size, command.data, command.size);
    uint64_t taken_ns = bench_best_ns(parse_commands, &input, ROUNDS, sum);

    bench_row_at_most("command of a dozen octets, read and parsed", (double)taken_ns / COMMANDS, "ns", 60);
}

int main(void)
{
    uint64_t sum = 0;

    bench_bodies(&sum);
    bench_commands(&sum);
    return sum == 0;
}
