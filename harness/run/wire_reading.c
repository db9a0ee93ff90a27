#include "run/wire_reading.h"

#include "pop3/reply.h"

static struct bytes piece_octets(const struct transcript *transcript, size_t index)
{
    const struct transcript_piece *piece = &transcript->pieces[index];

    return bytes_slice(buf_bytes(&transcript->octets), piece->start, piece->start + piece->size);
}

/* Appends what came on CONNECTION behind piece INDEX, up to the next piece of ours there. */
static void append_answer(const struct transcript *transcript, size_t index, int connection, struct buf *out)
{
    for (size_t i = index + 1; i < transcript->count; i++) {
        const struct transcript_piece *piece = &transcript->pieces[i];

        if (piece->connection != connection || piece->direction == DIRECTION_NOTE)
            continue;
        if (piece->direction == DIRECTION_CLIENT)
            return;
        buf_append(out, piece_octets(transcript, i));
    }
}

bool wire_answer(const struct transcript *transcript, const char *command, size_t ordinal,
                 struct buf *ret_answer)
{
    size_t found = 0;

    for (size_t i = 0; i < transcript->count; i++) {
        const struct transcript_piece *piece = &transcript->pieces[i];

        if (piece->connection != 1 || piece->direction != DIRECTION_CLIENT ||
            !bytes_start_with(piece_octets(transcript, i), bytes_of(command)) || ++found != ordinal)
            continue;
        append_answer(transcript, i, 1, ret_answer);
        return true;
    }
    return false;
}

static void append_first_line(struct bytes octets, struct buf *out)
{
    struct bytes line = bytes_slice(octets, 0, bytes_find_octet(octets, '\n'));

    if (bytes_end_with(line, BYTES_LITERAL("\r")))
        line.size--;
    buf_append(out, line);
}

bool wire_greeting(const struct transcript *transcript, struct buf *ret_line)
{
    struct buf all;

    buf_init(&all, TRANSCRIPT_OCTETS_MAX);
    for (size_t i = 0; i < transcript->count; i++) {
        const struct transcript_piece *piece = &transcript->pieces[i];

        if (piece->connection != 1 || piece->direction == DIRECTION_NOTE)
            continue;
        if (piece->direction == DIRECTION_CLIENT)
            break;
        buf_append(&all, piece_octets(transcript, i));
    }
    append_first_line(buf_bytes(&all), ret_line);
    buf_release(&all);
    return ret_line->size > 0;
}

void wire_last_exchange(const struct transcript *transcript, struct buf *ret_text)
{
    size_t last = transcript->count;
    struct buf answer;

    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->pieces[i].direction == DIRECTION_CLIENT)
            last = i;
    if (last == transcript->count) {
        buf_append_text(ret_text, "nothing was sent");
        return;
    }
    append_first_line(piece_octets(transcript, last), ret_text);
    buf_append_text(ret_text, ": ");
    buf_init(&answer, TRANSCRIPT_OCTETS_MAX);
    append_answer(transcript, last, transcript->pieces[last].connection, &answer);
    if (answer.size == 0)
        buf_append_text(ret_text, "no answer");
    append_first_line(buf_bytes(&answer), ret_text);
    buf_release(&answer);
}

/* Calls LINE for each body line of a positive multi-line reply; false when ANSWER is none that is whole. */
static bool read_body(struct bytes answer, void (*line)(void *context, const struct reply_event *event),
                      void *context)
{
    struct reply_reader reader;
    struct reply_event event;

    reply_reader_init(&reader);
    reply_reader_expect(&reader, true);
    for (;;) {
        reply_reader_next(&reader, &answer, &event);
        if (event.kind == REPLY_NONE)
            return false;
        if (event.kind == REPLY_STATUS && status_line_parse(event.text).indicator != STATUS_OK)
            return false;
        if (event.kind == REPLY_BODY)
            line(context, &event);
        if (event.kind == REPLY_END)
            return true;
    }
}

static void append_body_line(void *context, const struct reply_event *event)
{
    struct buf *body = (struct buf *)context;

    buf_append(body, event->text);
    if (event->last_piece)
        buf_append_text(body, "\r\n");
}

bool wire_body(struct bytes answer, struct buf *ret_body)
{
    return read_body(answer, append_body_line, ret_body);
}

static void add_capability(void *context, const struct reply_event *event)
{
    capability_set_add((struct capability_set *)context, event->text);
}

bool wire_capabilities(struct bytes answer, struct capability_set *ret_set)
{
    capability_set_init(ret_set);
    return read_body(answer, add_capability, ret_set);
}
