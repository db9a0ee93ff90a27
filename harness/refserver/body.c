/*
 * What follows a status line, made as it is sent: a message of any size costs no more memory than a piece of it
 * (RFC 1939 section 3 sets no limit to multi-line replies).
 */
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/surrogate.h"
#include "refserver/wire.h"

#include <inttypes.h>

enum {
    STORED_PIECE_OCTETS = 16 * 1024, /* read at once; twice as much at most once it is canonical */
    OUTPUT_ENOUGH_OCTETS = 32 * 1024,
};

void body_release(struct body *body)
{
    if (body->stored != NULL)
        stored_message_release(body->stored);
    buf_release(&body->surrogate);
    *body = (struct body){.kind = RESPONSE_BODY_NONE};
}

void body_begin_rows(struct session *session, enum response_body kind)
{
    body_release(&session->body);
    session->body.kind = kind;
}

/* Makes the header that is sent in the place of a stored one; false when it cannot be read, or is too long. */
static bool begin_surrogate(struct session *session)
{
    struct body *body = &session->body;

    buf_init(&body->surrogate, BUF_UNBOUNDED);
    body->bodiless = session->server->policy.utf8_surrogates_bodiless;
    if (!surrogate_header(body->stored, body->bodiless, &body->surrogate))
        return false;
    body->stored_offset = body->stored->facts.header_octets;
    return true;
}

enum body_begun body_begin_message(struct session *session, size_t index, bool whole, uint64_t body_lines)
{
    struct view_event event = {
        .part = VIEW_CONTENT,
        .number = index + 1,
        .index = index,
        .whole = whole,
        .body_lines = body_lines,
        .blank_line = true,
        .octets_max = UINT64_MAX,
        .form = view_content_form(session, index),
    };
    uint8_t octet;
    size_t size;

    seam_view(session, &event);
    struct stored_message *stored = session->maildrop.messages[event.index].stored;

    if (event.form == CONTENT_REFUSED)
        return BODY_NEEDS_UTF8;
    if ((session->server->policy.damaged_refused && stored->facts.damaged) ||
        !stored->ops->read(stored, 0, &octet, 1, &size))
        return BODY_UNREADABLE;
    body_release(&session->body);
    stored->references++;
    session->body = (struct body){
        .kind = RESPONSE_BODY_MESSAGE,
        .stored = stored,
        .whole = event.whole,
        .blank_line = event.blank_line,
        .in_headers = true,
        .lines_left = event.body_lines,
        .octets_left = event.octets_max,
    };
    if (event.form == CONTENT_SURROGATE && !begin_surrogate(session)) {
        body_release(&session->body);
        return BODY_UNREADABLE;
    }
    return BODY_BEGUN;
}

/* How many octets of the line at the front of PIECE there are, its line end included, or up to the end of PIECE. */
static size_t line_piece_size(struct bytes piece)
{
    size_t lf = bytes_find_octet(piece, '\n');

    return lf == BYTES_NOT_FOUND ? piece.size : lf + 1;
}

static void put_content(struct session *session, struct bytes octets)
{
    struct body *body = &session->body;
    struct bytes allowed =
        bytes_slice(octets, 0, body->octets_left < octets.size ? (size_t)body->octets_left : octets.size);

    body->octets_left -= allowed.size;
    encode_body(session, allowed);
    if (body->octets_left == 0)
        body->finished = true;
}

/*
 * TOP (RFC 1939 section 7): the headers, the blank line, then lines_left lines of the body. LINE is a line or a part
 * of one, and part of a line's end never stands alone but for a CR without its LF.
 */
static void put_top_line(struct session *session, struct bytes line)
{
    struct body *body = &session->body;
    bool ends = line.data[line.size - 1] == '\n';
    bool blank = ends && body->column + line.size <= 2 && (line.size == 1 || line.data[0] == '\r');
    bool was_in_headers = body->in_headers;

    if (was_in_headers && blank)
        body->in_headers = false;
    if (!was_in_headers && body->lines_left == 0) {
        body->finished = true;
        return;
    }
    if (!(was_in_headers && blank && !body->blank_line))
        put_content(session, line);
    if (ends && !was_in_headers)
        body->lines_left--;
    body->column = ends ? 0 : body->column + line.size;
}

static void put_canonical(struct session *session, struct bytes piece)
{
    if (session->body.whole) {
        put_content(session, piece);
        return;
    }
    while (piece.size > 0 && !session->body.finished) {
        struct bytes line = bytes_slice(piece, 0, line_piece_size(piece));

        put_top_line(session, line);
        piece = bytes_from(piece, line.size);
    }
}

/* The header that was made for it comes first, then what the store holds behind the real one. */
static bool read_message(struct body *body, uint8_t *out, size_t size, size_t *ret_size)
{
    struct bytes rest = bytes_from(buf_bytes(&body->surrogate), body->surrogate_sent);

    *ret_size = 0;
    if (rest.size == 0 && body->bodiless)
        return true;
    if (rest.size == 0) {
        if (!body->stored->ops->read(body->stored, body->stored_offset, out, size, ret_size))
            return false;
        body->stored_offset += *ret_size;
        return true;
    }
    *ret_size = rest.size < size ? rest.size : size;
    memcpy(out, rest.data, *ret_size);
    body->surrogate_sent += *ret_size;
    return true;
}

/* A message that cannot be read on can only be cut off: a terminator would say that this was all of it. */
static void fill_message(struct session *session)
{
    struct body *body = &session->body;
    uint8_t stored[STORED_PIECE_OCTETS];
    uint8_t canonical[2 * STORED_PIECE_OCTETS];
    size_t size;

    if (!read_message(body, stored, sizeof(stored), &size)) {
        session_abort(session);
        return;
    }
    if (size > 0) {
        size = canonicaliser_next(&body->canonicaliser, bytes_make(stored, size), canonical);
        put_canonical(session, bytes_make(canonical, size));
        return;
    }
    size = canonicaliser_end(&body->canonicaliser, canonical);
    put_canonical(session, bytes_make(canonical, size));
    body->finished = true;
}

static void fill_lines(struct session *session)
{
    struct bytes rest = bytes_from(buf_bytes(&session->lines), session->body.lines_offset);
    size_t end = bytes_find_octet(rest, '\n');

    if (end == BYTES_NOT_FOUND) {
        session->body.finished = true;
        return;
    }
    session->body.lines_offset += end + 1;
    reply_row(session, bytes_slice(rest, 0, end));
}

static void put_listing_row(struct session *session, size_t index, uint64_t number)
{
    struct buf row;

    buf_init(&row, REPLY_TEXT_OCTETS_MAX);
    buf_append_format(&row, "%" PRIu64 " ", number);
    if (session->body.kind == RESPONSE_BODY_UIDL) {
        buf_append(&row, view_unique_id(session, index));
    } else {
        buf_append_format(&row, "%" PRIu64, view_size(session, index));
        if (session->server->policy.listing_text != NULL)
            buf_append_text(&row, session->server->policy.listing_text);
    }
    reply_row(session, buf_bytes(&row));
    buf_release(&row);
}

static void fill_listing(struct session *session)
{
    size_t count = session->maildrop.count;
    size_t index = session->body.index;
    uint64_t number;

    if (index >= count) {
        session->body.finished = true;
        return;
    }
    session->body.index++;
    if (session->server->policy.listings_backwards)
        index = count - 1 - index;
    if (view_row(session, index, &number))
        put_listing_row(session, index, number);
}

static void fill_once(struct session *session)
{
    switch (session->body.kind) {
    case RESPONSE_BODY_NONE:
        session->body.finished = true;
        return;
    case RESPONSE_BODY_LINES:
        fill_lines(session);
        return;
    case RESPONSE_BODY_LIST:
    case RESPONSE_BODY_UIDL:
        fill_listing(session);
        return;
    case RESPONSE_BODY_MESSAGE:
        fill_message(session);
        return;
    }
}

void body_fill(struct session *session)
{
    while (session->body.kind != RESPONSE_BODY_NONE && !session->aborting &&
           session->output.size < OUTPUT_ENOUGH_OCTETS) {
        if (!session->body.finished) {
            fill_once(session);
            continue;
        }
        encode_body_end(session);
        body_release(&session->body);
        encode_octets(session, session->reply_behind);
        session->reply_behind = BYTES_EMPTY;
    }
}
