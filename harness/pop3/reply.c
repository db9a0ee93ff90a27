#include "pop3/reply.h"

#include "pop3/line_scan.h"

#include <string.h>

/* RFC 5322 section 2.1.1: octets of a message line without its line end. */
enum { MESSAGE_LINE_OCTETS_MAX = 998, PLAIN_LINES_AT_ONCE = 64 };

/* So that a line in pieces is too long by its first piece already, and a short line is never in pieces. */
_Static_assert(READER_LINE_OCTETS > MESSAGE_LINE_OCTETS_MAX + sizeof(".\r\n"),
               "a piece holds any line that is owed");

/*
 * A piece is a line, or as much of a long one as is handed on at once. It is taken straight into the event that will
 * carry it, with `wire`, the facts of its own octets, and `last_piece` where its last octet is the line's LF: this is
 * done for each line of a message, and copies of it would cost more than finding the line does.
 */

static void begin_line(struct reply_reader *reader)
{
    reader->size = 0;
    reader->line_octets = 0;
    reader->facts = 0;
    reader->carried_cr = false;
}

void reply_reader_init(struct reply_reader *reader)
{
    reader->state = READING_DONE;
    reader->multi = false;
    reader->offset = 0;
    reader->end_is_due = false;
    begin_line(reader);
}

void reply_reader_expect(struct reply_reader *reader, bool multi)
{
    reader->state = READING_FIRST_LINE;
    reader->multi = multi;
    reader->end_is_due = false;
    begin_line(reader);
}

static void step_over(struct reply_reader *reader, struct bytes *input, size_t count)
{
    if (count == 0)
        return;
    input->data += count;
    input->size -= count;
    reader->offset += count;
}

static void keep(struct reply_reader *reader, struct bytes *input, size_t count)
{
    if (count > 0)
        memcpy(reader->storage + reader->size, input->data, count);
    reader->size += count;
    step_over(reader, input, count);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Takes the next piece where nothing of it is kept yet: a view into the input. A piece that is full and ends in CR
 * is cut before the CR, which stays in the input, so that the CR is judged together with what follows it.
 */
static bool take_from_input(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_piece)
{
    size_t limit = smaller(input->size, READER_LINE_OCTETS);
    struct line_scan scan = line_scan(input->data, limit);

    if (!scan.ended) {
        if (limit < READER_LINE_OCTETS) {
            keep(reader, input, limit);
            return false;
        }
        scan.size -= input->data[limit - 1] == '\r' ? 1 : 0;
    }
    ret_piece->wire = (struct bytes){input->data, scan.size};
    ret_piece->facts = scan.facts;
    ret_piece->last_piece = scan.ended;
    step_over(reader, input, scan.size);
    return true;
}

/* What is kept becomes a piece; its octets stay where they are until the next call. */
static void take_kept(struct reply_reader *reader, struct reply_event *ret_piece)
{
    struct line_scan scan = line_scan(reader->storage, reader->size);

    ret_piece->wire = (struct bytes){reader->storage, reader->size};
    ret_piece->facts = scan.facts;
    ret_piece->last_piece = scan.ended;
    reader->size = 0;
}

/* The same as take_from_input() where the piece began in an earlier input: cut at the same places. */
static bool take_from_storage(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_piece)
{
    size_t limit = smaller(input->size, READER_LINE_OCTETS - reader->size);
    size_t lf = bytes_find_octet(bytes_slice(*input, 0, limit), '\n');
    bool full = lf == BYTES_NOT_FOUND && reader->size + limit == READER_LINE_OCTETS;
    bool before_cr = full && input->data[limit - 1] == '\r';

    if (lf != BYTES_NOT_FOUND)
        limit = lf + 1;
    else if (before_cr)
        limit--;
    keep(reader, input, limit);
    if (lf == BYTES_NOT_FOUND && !full)
        return false;
    take_kept(reader, ret_piece);
    if (before_cr && ret_piece->wire.data[ret_piece->wire.size - 1] == '\r')
        ret_piece->facts |= FACT_BARE_CR; /* two CRs stand where the piece is cut: the first has no LF */
    return true;
}

/*
 * Where pieces end depends on the octets of the line alone, never on how they came in: behind the line's LF, or
 * READER_LINE_OCTETS behind the piece's start, one less where that would split CR from what follows. False when
 * all of *input was read and no piece is complete.
 */
static bool take_piece(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_piece)
{
    if (reader->size == 0)
        return take_from_input(reader, input, ret_piece);
    return take_from_storage(reader, input, ret_piece);
}

static size_t line_end_octets(const struct reply_event *piece)
{
    if (!piece->last_piece)
        return 0;
    return (piece->facts & FACT_BARE_LF) != 0 ? 1 : 2;
}

static void answer_none(struct reply_event *ret_event)
{
    *ret_event = (struct reply_event){.kind = REPLY_NONE};
}

static void answer_end(struct reply_reader *reader, struct bytes wire, unsigned facts,
                       struct reply_event *ret_event)
{
    reader->end_is_due = false;
    reader->state = READING_DONE;
    *ret_event = (struct reply_event){
        .kind = REPLY_END,
        .wire = wire,
        .facts = facts,
        .offset = reader->offset - wire.size,
        .line_octets = wire.size,
    };
}

/* WIRE is the first line as far as it is kept; the reader has its facts and its length. */
static void answer_status(struct reply_reader *reader, struct bytes wire, size_t end_octets,
                          struct reply_event *ret_event)
{
    struct bytes text = bytes_slice(wire, 0, wire.size - end_octets);
    enum status_indicator indicator = status_line_parse(text).indicator;
    uint64_t line_octets = reader->line_octets;
    unsigned facts = reader->facts;

    /* RFC 5034 section 4: a challenge is as long as its mechanism makes it. */
    if (line_octets > REPLY_FIRST_LINE_OCTETS_MAX && indicator != STATUS_CONTINUE)
        facts |= FACT_LONG_FIRST_LINE;
    reader->end_is_due = !(reader->multi && indicator == STATUS_OK);
    reader->state = reader->end_is_due ? READING_DONE : READING_BODY;
    begin_line(reader);
    *ret_event = (struct reply_event){
        .kind = REPLY_STATUS,
        .wire = wire,
        .text = text,
        .facts = facts,
        .offset = reader->offset - line_octets,
        .line_octets = line_octets,
    };
}

/* Counts on through a first line whose head is kept. True when its line end was read. */
static bool drop_tail(struct reply_reader *reader, struct bytes *input)
{
    struct line_scan scan = line_scan(input->data, input->size);

    if (scan.size == 0)
        return false;
    if (reader->carried_cr && input->data[0] == '\n')
        scan.facts &= ~(unsigned)FACT_BARE_LF;
    else if (reader->carried_cr)
        scan.facts |= FACT_BARE_CR;
    reader->carried_cr = input->data[scan.size - 1] == '\r';
    reader->facts |= scan.facts;
    reader->line_octets += scan.size;
    step_over(reader, input, scan.size);
    return scan.ended;
}

/* The head of a first line that does not fit the storage: it stays there while the tail is dropped. */
static void keep_head(struct reply_reader *reader, struct bytes head)
{
    if (head.data != reader->storage)
        memcpy(reader->storage, head.data, head.size);
    reader->size = head.size;
}

static void next_first_line(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event)
{
    if (reader->line_octets == 0) {
        if (!take_piece(reader, input, ret_event)) {
            answer_none(ret_event);
            return;
        }
        reader->facts = ret_event->facts;
        reader->line_octets = ret_event->wire.size;
        if (ret_event->last_piece) {
            answer_status(reader, ret_event->wire, line_end_octets(ret_event), ret_event);
            return;
        }
        keep_head(reader, ret_event->wire);
    }
    if (drop_tail(reader, input))
        answer_status(reader, (struct bytes){reader->storage, reader->size}, 0, ret_event);
    else
        answer_none(ret_event);
}

/*
 * RFC 1939 section 3: of a body line that begins with a dot, the dot is stripped when anything but the line end
 * follows. Where the stream ended before that was known, the line stays as it is.
 */
static unsigned unstuff(struct bytes *text, bool cut)
{
    if (text->size == 0 || text->data[0] != '.')
        return 0;
    if (cut && (text->size == 1 || (text->size == 2 && text->data[1] == '\r')))
        return 0;
    *text = bytes_from(*text, 1);
    return text->size > 0 && text->data[0] == '.' ? FACT_STUFFED : FACT_UNSTUFFED_DOT;
}

/* Makes the piece that stands in the event into a body event. */
static void answer_body(struct reply_reader *reader, struct bytes text, struct reply_event *event)
{
    uint64_t line_octets = reader->line_octets + event->wire.size;
    unsigned facts = reader->facts | event->facts;

    event->kind = REPLY_BODY;
    event->first_piece = reader->line_octets == 0;
    if (event->first_piece)
        facts |= unstuff(&text, (facts & FACT_CUT) != 0);
    if (text.size > MESSAGE_LINE_OCTETS_MAX)
        facts |= FACT_LONG_LINE;
    event->text.data = text.data;
    event->text.size = text.size;
    event->facts = facts;
    event->offset = reader->offset - event->wire.size;
    event->line_octets = event->last_piece ? line_octets : 0;
    reader->facts = event->last_piece ? 0 : facts;
    reader->line_octets = event->last_piece ? 0 : line_octets;
}

/* A piece that is a whole line, with CRLF, no fact and no dot in front, as most are: nothing of it is to be worked out. */
static bool is_plain_line(const struct reply_reader *reader, const struct reply_event *piece)
{
    return piece->facts == 0 && piece->last_piece && reader->line_octets == 0 && piece->wire.data[0] != '.' &&
           piece->wire.size <= MESSAGE_LINE_OCTETS_MAX;
}

static void answer_plain_line(const struct reply_reader *reader, struct reply_event *event)
{
    event->kind = REPLY_BODY;
    event->text = (struct bytes){event->wire.data, event->wire.size - 2};
    event->first_piece = true;
    event->offset = reader->offset - event->wire.size;
    event->line_octets = event->wire.size;
}

static void next_body(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event)
{
    if (!take_piece(reader, input, ret_event)) {
        answer_none(ret_event);
        return;
    }
    if (is_plain_line(reader, ret_event)) {
        answer_plain_line(reader, ret_event);
        return;
    }
    struct bytes text = {ret_event->wire.data, ret_event->wire.size - line_end_octets(ret_event)};
    bool whole_line = reader->line_octets == 0 && ret_event->last_piece;

    if (whole_line && text.size == 1 && text.data[0] == '.')
        answer_end(reader, ret_event->wire, ret_event->facts, ret_event);
    else
        answer_body(reader, text, ret_event);
}

void reply_reader_next(struct reply_reader *reader, struct bytes *input, struct reply_event *ret_event)
{
    if (reader->end_is_due) {
        answer_end(reader, BYTES_EMPTY, 0, ret_event);
        return;
    }
    switch (reader->state) {
    case READING_FIRST_LINE:
        next_first_line(reader, input, ret_event);
        return;
    case READING_BODY:
        next_body(reader, input, ret_event);
        return;
    case READING_DONE:
        answer_none(ret_event);
        return;
    }
}

size_t reply_reader_plain_lines(struct reply_reader *reader, struct bytes *input, struct bytes *ret_texts,
                                size_t texts_max)
{
    size_t ends[PLAIN_LINES_AT_ONCE];
    size_t start = 0;

    if (reader->state != READING_BODY || reader->size > 0 || reader->line_octets > 0)
        return 0;
    size_t count = line_scan_plain(input->data, input->size, MESSAGE_LINE_OCTETS_MAX, ends,
                                   smaller(texts_max, PLAIN_LINES_AT_ONCE));

    for (size_t i = 0; i < count; i++) {
        ret_texts[i] = (struct bytes){input->data + start, ends[i] - start - 2};
        start = ends[i];
    }
    step_over(reader, input, start);
    return count;
}

void reply_reader_finish(struct reply_reader *reader, struct reply_event *ret_event)
{
    bool in_line = reader->size > 0 || reader->line_octets > 0;

    if (reader->state == READING_BODY && in_line) {
        take_kept(reader, ret_event);
        ret_event->facts |= FACT_CUT;
        ret_event->last_piece = true;
        answer_body(reader, ret_event->wire, ret_event);
    } else if (reader->state == READING_FIRST_LINE && in_line) {
        bool whole = reader->line_octets == 0;

        take_kept(reader, ret_event);
        reader->facts |= FACT_CUT | ret_event->facts;
        reader->line_octets = whole ? ret_event->wire.size : reader->line_octets;
        answer_status(reader, ret_event->wire, 0, ret_event);
    } else {
        answer_none(ret_event);
    }
    reader->state = READING_DONE;
    reader->end_is_due = false;
}
