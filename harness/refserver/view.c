/* The view of the maildrop: every number, size, unique-id and total in a reply comes through here. */
#include "refserver/server.h"
#include "refserver/session.h"
#include "refserver/surrogate.h"

#include <inttypes.h>

enum { STAT_ROUNDED_OCTETS = 1000 };

/* The policy's own numbers: digits, and leading zeros and a plus sign if it takes them (RFC 1939 sections 4 and 5). */
static uint64_t number_of(const struct session *session, struct bytes argument)
{
    bool leading_zero;
    uint64_t number;

    if (session->server->policy.plus_sign_accepted && bytes_start_with(argument, BYTES_LITERAL("+")))
        argument = bytes_from(argument, 1);
    if (!command_number(argument, &number, &leading_zero))
        return 0;
    return leading_zero && session->server->policy.leading_zeros_refused ? 0 : number;
}

bool view_find(struct session *session, struct bytes argument, size_t *ret_index)
{
    const struct opened_maildrop *maildrop = &session->maildrop;
    uint64_t number = number_of(session, argument);
    struct view_event event = {.part = VIEW_FIND, .number = number};

    if (number > 0 && number <= maildrop->count) {
        event.index = (size_t)(number - 1);
        event.visible = !maildrop->messages[event.index].marked;
    }
    seam_view(session, &event);
    *ret_index = event.index;
    return event.visible && event.index < maildrop->count;
}

bool view_row(struct session *session, size_t index, uint64_t *ret_number)
{
    struct view_event event = {
        .part = VIEW_ROW,
        .number = index + 1,
        .index = index,
        .visible = !session->maildrop.messages[index].marked,
    };

    seam_view(session, &event);
    *ret_number = event.number;
    return event.visible;
}

enum content_form view_content_form(const struct session *session, size_t index)
{
    const struct policy *policy = &session->server->policy;
    const struct content_facts *facts = &session->maildrop.messages[index].stored->facts;

    if (session->utf8 || policy->utf8 == UTF8_UNKNOWN)
        return CONTENT_AS_IS;
    if (facts->body_8bit && policy->utf8_bodies_refused)
        return CONTENT_REFUSED;
    if (!facts->header_8bit)
        return CONTENT_AS_IS;
    bool surrogate = policy->utf8_surrogates && facts->header_octets <= SURROGATE_HEADER_OCTETS_MAX;

    return surrogate ? CONTENT_SURROGATE : CONTENT_REFUSED;
}

/* RFC 6856 section 2.1: as many octets as RETR will send, so those of the header that will be made. */
static uint64_t sent_octets(const struct session *session, size_t index)
{
    const struct stored_message *stored = session->maildrop.messages[index].stored;
    bool bodiless = session->server->policy.utf8_surrogates_bodiless;
    struct buf header;
    uint64_t octets = stored->facts.octets;

    if (view_content_form(session, index) != CONTENT_SURROGATE)
        return octets;
    buf_init(&header, BUF_UNBOUNDED);
    if (surrogate_header(stored, bodiless, &header))
        octets = header.size + (bodiless ? 0 : octets - stored->facts.header_sent);
    buf_release(&header);
    return octets;
}

/* RFC 6856 section 2.1, which holds where UTF8 is announced. */
static bool may_be_inexact(const struct session *session)
{
    return session->server->policy.capa && session->server->policy.utf8 != UTF8_UNKNOWN;
}

uint64_t view_size(struct session *session, size_t index)
{
    const struct content_facts *facts = &session->maildrop.messages[index].stored->facts;
    struct view_event event = {
        .part = VIEW_SIZE, .number = index + 1, .index = index, .octets = sent_octets(session, index)};

    if (facts->newline_missing && session->server->policy.missing_newline_uncounted)
        event.octets -= 2;
    if (session->server->policy.list_inexact && may_be_inexact(session))
        event.octets -= facts->lines;
    seam_view(session, &event);
    return event.octets;
}

/* Behind what is unique comes a piece of the circle of all characters that a unique-id may have (section 7). */
static void lengthen(struct buf *unique_id)
{
    enum { FIRST = 0x21, COUNT = 0x7E - 0x21 + 1 };
    unsigned next = unique_id->data[unique_id->size - 1] % 3U * (COUNT / 3);

    while (unique_id->size < UNIQUE_ID_OCTETS_MAX)
        buf_append_octet(unique_id, (uint8_t)(FIRST + next++ % COUNT));
}

struct bytes view_unique_id(struct session *session, size_t index)
{
    const struct stored_message *stored = session->maildrop.messages[index].stored;
    struct view_event event = {.part = VIEW_UNIQUE_ID, .number = index + 1, .index = index};

    buf_clear(&session->unique_id);
    if (session->server->policy.identical_share_unique_id)
        buf_append_format(&session->unique_id, "%016" PRIx64, stored->facts.hash);
    else
        buf_append_text(&session->unique_id, stored->unique_id);
    if (session->server->policy.unique_ids_longest)
        lengthen(&session->unique_id);
    event.unique_id = buf_bytes(&session->unique_id);
    seam_view(session, &event);
    return event.unique_id;
}

void view_totals(struct session *session, uint64_t *ret_count, uint64_t *ret_octets)
{
    const struct opened_maildrop *maildrop = &session->maildrop;
    struct view_event event = {.part = VIEW_TOTALS};

    for (size_t i = 0; i < maildrop->count; i++)
        if (!maildrop->messages[i].marked) {
            event.count++;
            event.octets += view_size(session, i);
        }
    if (session->server->policy.stat_inexact && may_be_inexact(session))
        event.octets += STAT_ROUNDED_OCTETS - event.octets % STAT_ROUNDED_OCTETS;
    seam_view(session, &event);
    *ret_count = event.count;
    *ret_octets = event.octets;
}
