#include "refserver/wire.h"

enum { RUN_OCTETS_MAX = 512 };

static void emit(struct session *session, struct wire_event *event)
{
    seam_wire(session, event);
    buf_append(&session->output, event->octets);
}

static void emit_status_part(struct session *session, enum wire_part part, struct bytes octets)
{
    struct wire_event event = {.part = part, .octets = octets, .next = -1};

    emit(session, &event);
}

/* Whoever makes the text keeps to the 512 octets of a first line; challenges are bound by nothing (RFC 5034 section 4). */
void encode_status(struct session *session, const char *indicator, bool blank, struct bytes text)
{
    struct buf with_space;

    buf_init(&with_space, BUF_UNBOUNDED);
    buf_append_octet(&with_space, ' ');
    buf_append(&with_space, text);
    emit_status_part(session, WIRE_INDICATOR, bytes_of(indicator));
    if (blank || text.size > 0)
        emit_status_part(session, WIRE_TEXT, buf_bytes(&with_space));
    buf_release(&with_space);
    emit_status_part(session, WIRE_STATUS_END, BYTES_LITERAL("\r\n"));
}

void encode_octets(struct session *session, struct bytes octets)
{
    buf_append(&session->output, octets);
}

void encode_body_begin(struct session *session, bool newline_missing)
{
    session->wire = (struct wire){.newline_missing = newline_missing};
}

static void emit_body_part(struct session *session, enum wire_part part, struct bytes octets, int next,
                           bool last)
{
    const struct wire *wire = &session->wire;
    struct wire_event event = {
        .part = part,
        .octets = octets,
        .body = session->body.kind,
        .offset = wire->offset,
        .line = wire->line,
        .column = wire->column,
        .next = next,
        .last = last,
        .newline_missing = last && wire->newline_missing,
    };

    emit(session, &event);
}

static void open_line(struct session *session, int next)
{
    if (session->wire.line_open)
        return;
    emit_body_part(session, WIRE_LINE_START, next == '.' ? BYTES_LITERAL(".") : BYTES_EMPTY, next, false);
    session->wire.line_open = true;
}

/* A line end is held back until it is known whether it is the last one. */
static void flush_line_end(struct session *session, bool last)
{
    struct wire *wire = &session->wire;

    if (!wire->line_end_pending)
        return;
    emit_body_part(session, WIRE_LINE_END, BYTES_LITERAL("\r\n"), -1, last);
    wire->line_end_pending = false;
    wire->line_open = false;
    wire->offset += 2;
    wire->line++;
    wire->column = 0;
}

static void put_run(struct session *session, struct bytes run)
{
    flush_line_end(session, false);
    open_line(session, run.data[0]);
    emit_body_part(session, WIRE_OCTETS, run, -1, false);
    session->wire.offset += run.size;
    session->wire.column += run.size;
}

/* A CR that no LF followed is an octet like others. */
static void flush_cr(struct session *session)
{
    if (!session->wire.cr_pending)
        return;
    session->wire.cr_pending = false;
    put_run(session, BYTES_LITERAL("\r"));
}

static void put_octets(struct session *session, struct bytes octets)
{
    while (octets.size > 0) {
        struct bytes run = bytes_slice(octets, 0, RUN_OCTETS_MAX);

        put_run(session, run);
        octets = bytes_from(octets, run.size);
    }
}

static void put_line_end(struct session *session)
{
    flush_line_end(session, false);
    open_line(session, -1);
    session->wire.cr_pending = false;
    session->wire.line_end_pending = true;
}

static size_t find_line_octet(struct bytes piece)
{
    size_t size = 0;

    while (size < piece.size && piece.data[size] != '\r' && piece.data[size] != '\n')
        size++;
    return size;
}

void encode_body(struct session *session, struct bytes piece)
{
    while (piece.size > 0) {
        size_t size = find_line_octet(piece);

        if (size > 0 || piece.data[0] == '\r')
            flush_cr(session);
        put_octets(session, bytes_slice(piece, 0, size));
        piece = bytes_from(piece, size);
        if (piece.size == 0)
            return;
        if (piece.data[0] == '\r')
            session->wire.cr_pending = true;
        else
            put_line_end(session);
        piece = bytes_from(piece, 1);
    }
}

void encode_body_end(struct session *session)
{
    flush_cr(session);
    if (session->wire.line_open && !session->wire.line_end_pending)
        put_line_end(session);
    flush_line_end(session, true);
    emit_body_part(session, WIRE_TERMINATOR, BYTES_LITERAL(".\r\n"), -1, true);
}
