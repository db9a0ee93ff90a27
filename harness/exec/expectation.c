/*
 * What a step expects, held against the reply as it comes in: its first line, its body line by line, its end.
 */
#include "exec/machine_private.h"

#include "pop3/response_code.h"

static bool is_whole_line(const struct reply_event *event)
{
    return event->first_piece && event->last_piece;
}

static struct bytes without_line_end(struct bytes wire)
{
    if (bytes_end_with(wire, BYTES_LITERAL("\n")))
        wire.size--;
    if (bytes_end_with(wire, BYTES_LITERAL("\r")))
        wire.size--;
    return wire;
}

static void note_bad_line(struct expectation *expectation, struct bytes line)
{
    expectation->mismatched = true;
    if (expectation->bad_line.size > 0)
        return;
    expectation->bad_offset = expectation->line_offset;
    buf_append(&expectation->bad_line, bytes_slice(line, 0, REPORT_OCTETS_MAX / 2));
    body_matcher_describe(expectation->matcher, &expectation->demanded);
}

static void match_line(struct expectation *expectation, struct bytes line)
{
    if (!expectation->mismatched && !body_matcher_line(expectation->matcher, line))
        note_bad_line(expectation, line);
}

/* The rows kept so far, in order; what comes behind is matched as it comes. */
static void match_rows(struct expectation *expectation)
{
    uint64_t offset = expectation->line_offset;

    expectation->line_offset = PLACE_UNKNOWN; /* the rows are sorted, and may be any of those that came */
    rows_sort(&expectation->rows);
    for (size_t i = 0; i < expectation->rows.count; i++)
        match_line(expectation, rows_line(&expectation->rows, i));
    rows_clear(&expectation->rows);
    expectation->in_rows = false;
    expectation->line_offset = offset;
}

static void take_line(struct expectation *expectation, struct bytes line)
{
    if (expectation->in_rows && rows_add(&expectation->rows, line))
        return;
    if (expectation->in_rows)
        match_rows(expectation);
    match_line(expectation, line);
}

void expectation_take_body_line(struct expectation *expectation, const struct reply_event *event)
{
    expectation->octets += event->wire.size;
    expectation->body_lines += event->last_piece ? 1 : 0;
    if (expectation->matcher == NULL || expectation->mismatched)
        return;
    if (event->first_piece)
        expectation->line_offset = event->offset;
    if (is_whole_line(event)) {
        take_line(expectation, without_line_end(event->wire));
        return;
    }
    if (event->first_piece)
        buf_clear(&expectation->line);
    bool fits = buf_append(&expectation->line, event->wire);

    if (event->last_piece) {
        struct bytes line = without_line_end(buf_bytes(&expectation->line));

        if (!fits || expectation->line.overflowed)
            note_bad_line(expectation, line);
        else
            take_line(expectation, line);
        buf_clear(&expectation->line);
    }
}

static bool is_refused_login(const struct conversation_event *event)
{
    bool login = event->verb == COMMAND_USER || event->verb == COMMAND_PASS || event->verb == COMMAND_APOP ||
                 event->verb == COMMAND_AUTH;

    return login && event->status.indicator == STATUS_ERR;
}

/*
 * True for a login that is refused with the code SYS/TEMP: the server says that it is in trouble for the moment, which no
 * standard forbids (RFC 3206 section 4); the driver's own logins are tried again for it. Who uses the code without having
 * announced codes is taken at its word as well.
 */
static bool is_busy(const struct conversation_event *event)
{
    enum response_code code;

    return is_refused_login(event) && response_code_find(event->status.code, &code) &&
           code == RESPONSE_CODE_SYS_TEMP;
}

/* True for a login that is refused, unless its code says that it is for anything but a lock. */
static bool is_perhaps_locked(const struct conversation_event *event)
{
    enum response_code code;

    return is_refused_login(event) && !(response_code_find(event->status.code, &code) &&
                                        (code == RESPONSE_CODE_AUTH || code == RESPONSE_CODE_LOGIN_DELAY ||
                                         code == RESPONSE_CODE_SYS_PERM));
}

/* What floods us must not hold us until the reply's last deadline, so how much is awaited goes by what was asked. */
static uint64_t octets_awaited(const struct machine *machine, const struct link *link, enum command_verb verb)
{
    uint64_t octets;
    bool listing = verb == COMMAND_LIST || verb == COMMAND_UIDL;
    bool words = verb == COMMAND_CAPA || verb == COMMAND_AUTH || verb == COMMAND_LANG;

    if (machine->options.scenario->mailbox_given)
        return UINT64_MAX; /* the mailbox says when a body is endless */
    if (listing || words)
        return listing ? LISTING_OCTETS_AWAITED : WORDS_OCTETS_AWAITED;
    if (!conversation_octets_at_most(link->conversation, &octets))
        return MESSAGE_OCTETS_AWAITED;
    return octets < UINT64_MAX / 4 - BODY_OCTETS_OVER ? BODY_OCTETS_OVER + 4 * octets : UINT64_MAX;
}

void expectation_take_status(struct machine *machine, struct link *link,
                             const struct conversation_event *event)
{
    struct expectation *expectation = &link->expectation;
    const struct step *step = expectation->step;

    expectation->first_offset = event->reply.offset;
    expectation->indicator = event->status.indicator;
    expectation->body_follows = event->body_follows;
    expectation->octets_awaited = octets_awaited(machine, link, event->verb);
    expectation->busy = is_busy(event);
    expectation->verb = event->verb;
    expectation->may_be_locked = is_perhaps_locked(event);
    buf_append(&expectation->first_line, bytes_slice(event->reply.wire, 0, REPORT_OCTETS_MAX / 2));
    if (step == NULL)
        return;
    expectation->alternative =
        reply_pattern_match(&step->reply, event->verb, &event->status, link->connection, &machine->resolver,
                            &expectation->why_not);
    expectation->mismatched = expectation->alternative < 0;
    bool positive = expectation->alternative >= 0 &&
                    step->reply.alternatives[expectation->alternative].kind == ALTERNATIVE_OK;

    expectation->in_rows = event->verb == COMMAND_LIST || event->verb == COMMAND_UIDL;
    if (positive && step->reply.has_body && event->body_follows)
        expectation->matcher =
            body_matcher_new(&step->reply, link->connection, &machine->resolver, &expectation->why_not);
}

void expectation_take_end(struct expectation *expectation, uint64_t offset)
{
    const struct step *step = expectation->step;

    expectation->complete = true;
    if (expectation->matcher != NULL && expectation->in_rows)
        match_rows(expectation);
    if (expectation->matcher != NULL && !expectation->mismatched && !body_matcher_end(expectation->matcher)) {
        expectation->mismatched = true;
        expectation->bad_offset = offset;
        buf_append_text(&expectation->bad_line, "the end of the reply");
        body_matcher_describe(expectation->matcher, &expectation->demanded);
    } else if (step != NULL && !expectation->mismatched && step->reply.has_body &&
               expectation->indicator == STATUS_OK && !expectation->body_follows) {
        expectation->mismatched = true;
        buf_append_text(&expectation->bad_line, "a reply of one line");
        buf_append_text(&expectation->demanded, "a multi-line reply");
    }
}

void expectation_take_bodiless_end(struct expectation *expectation)
{
    expectation->complete = true;
    if (expectation->alternative >= 0 && expectation->step != NULL && expectation->step->reply.has_body)
        expectation->why_not = "the reply has one line, which its definition does not rule out";
}
