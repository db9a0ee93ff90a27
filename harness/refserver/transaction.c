/* The TRANSACTION state: RFC 1939 sections 5 and 7, and LAST of RFC 1460. */
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <inttypes.h>

static const char *listing_text(const struct session *session)
{
    return session->server->policy.listing_text != NULL ? session->server->policy.listing_text : "";
}

void transaction_stat(struct session *session)
{
    uint64_t count;
    uint64_t octets;

    view_totals(session, &count, &octets);
    reply_ok_format(session, "%" PRIu64 " %" PRIu64 "%s", count, octets, listing_text(session));
}

/* Finds the message that the first argument names; answers -ERR if there is none. */
static bool find_or_refuse(struct session *session, size_t *ret_index)
{
    if (view_find(session, session->command.arguments[0], ret_index))
        return true;
    reply_error(session, NULL,
                session->command.verb == COMMAND_TOP ? REPLY_TEXT_TOP_NO_MESSAGE : REPLY_TEXT_NO_MESSAGE);
    return false;
}

void transaction_list(struct session *session)
{
    size_t index;

    if (session->command.argument_count == 0)
        reply_ok_rows(session, REPLY_TEXT_LISTING, RESPONSE_BODY_LIST);
    else if (!find_or_refuse(session, &index))
        return;
    else if (session->server->policy.utf8_list_refused &&
             view_content_form(session, index) == CONTENT_REFUSED)
        reply_error(session, "[UTF8]", REPLY_TEXT_NEEDS_UTF8);
    else
        reply_ok_format(session, "%zu %" PRIu64 "%s", index + 1, view_size(session, index),
                        listing_text(session));
}

void transaction_uidl(struct session *session)
{
    size_t index;

    if (session->command.argument_count == 0) {
        reply_ok_rows(session, REPLY_TEXT_UNIQUE_IDS, RESPONSE_BODY_UIDL);
    } else if (find_or_refuse(session, &index)) {
        struct bytes unique_id = view_unique_id(session, index);

        reply_ok_format(session, "%zu %.*s", index + 1, (int)unique_id.size, (const char *)unique_id.data);
    }
    session->identified = session->identified || session->positive;
}

static void note_access(struct session *session, size_t index)
{
    if (session->maildrop.last < index + 1)
        session->maildrop.last = index + 1;
}

void transaction_retr(struct session *session)
{
    size_t index;

    if (!find_or_refuse(session, &index))
        return;
    if (session->server->policy.retrieved_once && session->maildrop.messages[index].retrieved) {
        reply_error(session, NULL, REPLY_TEXT_RETRIEVED_ALREADY);
        return;
    }
    reply_ok_message(session, REPLY_TEXT_MESSAGE, index, true, 0);
    if (!session->positive)
        return;
    session->maildrop.messages[index].retrieved = true;
    session->retrieved++;
    note_access(session, index);
}

/* A non-negative number of lines, however large: what is more than the body has means all of it (section 7). */
static bool line_count(struct bytes argument, uint64_t *ret_count)
{
    for (size_t i = 0; i < argument.size; i++)
        if (!ascii_is_digit(argument.data[i]))
            return false;
    if (!bytes_to_u64(argument, ret_count))
        *ret_count = UINT64_MAX;
    return argument.size > 0;
}

void transaction_top(struct session *session)
{
    uint64_t body_lines;
    size_t index;

    if (!line_count(session->command.arguments[1], &body_lines))
        reply_error(session, NULL, REPLY_TEXT_WRONG_ARGUMENTS);
    else if (body_lines > 0 && session->server->policy.top_headers_only)
        reply_error(session, NULL, REPLY_TEXT_TOP_HEADERS_ONLY);
    else if (find_or_refuse(session, &index))
        reply_ok_message(session, REPLY_TEXT_TOP, index, false, body_lines);
}

static bool is_marked(const struct session *session)
{
    return session->number > 0 && session->number <= session->maildrop.count &&
           session->maildrop.messages[session->number - 1].marked;
}

static void mark(struct session *session, size_t index, bool again)
{
    struct transition_event event = {
        .kind = TRANSITION_MARK, .index = index, .allowed = !again, .again = again};

    seam_transition(session, &event);
    if (!event.allowed) {
        reply_error(session, NULL, REPLY_TEXT_DELETED_ALREADY);
        return;
    }
    struct opened_message *message = &session->maildrop.messages[event.index];

    message->marked = true;
    note_access(session, index);
    if (event.at_once)
        (void)session->user->store->ops->remove(session->user->store, &message->stored, 1);
    reply_ok(session, REPLY_TEXT_DELETED);
}

/* Marked only; removed at UPDATE (section 5). */
void transaction_dele(struct session *session)
{
    size_t index;

    if (is_marked(session))
        mark(session, (size_t)(session->number - 1), true);
    else if (find_or_refuse(session, &index))
        mark(session, index, false);
}

void transaction_noop(struct session *session)
{
    reply_ok(session, REPLY_TEXT_NOOP);
}

void transaction_rset(struct session *session)
{
    for (size_t i = 0; i < session->maildrop.count; i++) {
        struct opened_message *message = &session->maildrop.messages[i];
        struct transition_event event = {.kind = TRANSITION_UNMARK, .index = i, .allowed = true};

        if (!message->marked)
            continue;
        seam_transition(session, &event);
        message->marked = !event.allowed;
    }
    session->maildrop.last = session->maildrop.last_before;
    session->rset_seen = true;
    reply_ok(session, session->server->policy.rset_counts ? REPLY_TEXT_RSET : REPLY_TEXT_RSET_BARE);
}

/* RFC 1460 section 5: the highest message-number that RETR or DELE accessed; by RFC 1225 in earlier sessions too. */
void transaction_last(struct session *session)
{
    reply_ok_format(session, "%zu", session->maildrop.last);
}
