/* The view of the maildrop: every number, size, unique-id and total in a reply comes through here. */
#include "refserver/server.h"
#include "refserver/session.h"

#include <inttypes.h>

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

uint64_t view_size(struct session *session, size_t index)
{
    const struct content_facts *facts = &session->maildrop.messages[index].stored->facts;
    struct view_event event = {
        .part = VIEW_SIZE, .number = index + 1, .index = index, .octets = facts->octets};

    if (facts->newline_missing && session->server->policy.missing_newline_uncounted)
        event.octets -= 2;
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
    seam_view(session, &event);
    *ret_count = event.count;
    *ret_octets = event.octets;
}
