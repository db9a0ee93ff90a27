/* Which mail is sent, and which goes. */
#include "session_stage.h"

#include "check.h"

#include <string.h>

/* ---- messages ---- */

/* A variant may send something else, or another message of its own making. */
void stage_begin_message(const struct stage *stage, struct client *client,
                         const struct conversation_event *event)
{
    bool message = event->verb == COMMAND_RETR || event->verb == COMMAND_TOP;
    bool compared = message && event->body_follows && stage->options->variant == VARIANT_COUNT &&
                    conversation_certain(client->conversation);

    client->retrieval = (struct retrieval){
        .candidates = compared ? (1U << STAGE_MESSAGES) - 1 : 0,
        .whole = event->verb == COMMAND_RETR,
    };
}

/* Whether OCTETS of what MESSAGE is sent as have been read and TEXT comes next, at the end of a line if LAST. */
static bool goes_on(const struct stage_message *message, size_t octets, struct bytes text, bool last)
{
    struct bytes rest = bytes_from(bytes_of(message->sent), octets);

    return bytes_start_with(rest, text) &&
           (!last || bytes_start_with(bytes_from(rest, text.size), BYTES_LITERAL("\r\n")));
}

/* RETR sends what was delivered, and TOP the beginning of it (RFC 1939 sections 5 and 7). */
void stage_check_message(struct retrieval *retrieval, const struct reply_event *reply)
{
    for (unsigned i = 0; i < STAGE_MESSAGES; i++)
        if (!goes_on(&stage_messages[i], retrieval->octets, reply->text, reply->last_piece))
            retrieval->candidates &= ~(1U << i);
    FUZZ_CHECK(retrieval->candidates != 0, "session-mail-changed");
    retrieval->octets += reply->text.size + (reply->last_piece ? strlen("\r\n") : 0);
}

void stage_end_message(struct retrieval *retrieval)
{
    bool complete = !retrieval->whole || retrieval->candidates == 0;

    for (unsigned i = 0; i < STAGE_MESSAGES; i++)
        complete = complete || ((retrieval->candidates >> i & 1) != 0 &&
                                strlen(stage_messages[i].sent) == retrieval->octets);
    FUZZ_CHECK(complete, "session-mail-changed");
    retrieval->candidates = 0;
}

/* ---- what goes ---- */

/* Whether the reply that was just judged ended a session in the TRANSACTION state, and what had been marked in it. */
void stage_note_update(struct stage *stage, const struct client *client, enum session_state before)
{
    const struct conversation *conversation = client->conversation;
    bool over = client->state == SESSION_OVER;
    struct update update = {
        .possible = (before == SESSION_TRANSACTION || before == SESSION_UNKNOWN) &&
                    (over || client->state == SESSION_UNKNOWN),
        .certain = before == SESSION_TRANSACTION && over && !stage->update.possible &&
                   conversation_certain(conversation),
    };

    for (uint64_t number = 1; update.certain && number <= DELIVERIES_MAX; number++) {
        update.marks_least += conversation_marked(conversation, number) ? 1 : 0;
        update.marks_most += conversation_maybe_marked(conversation, number) ? 1 : 0;
    }
    if (update.possible)
        stage->update = update;
}

/*
 * Mail goes only where QUIT ends a session in the TRANSACTION state, and then what is marked (RFC 1939 section 6); under
 * some variants what was retrieved, too, or not what another session has removed.
 */
void stage_check_mail(struct stage *stage)
{
    const struct update *update = &stage->update;
    size_t count = refserver_message_count(stage->server, STAGE_USER);
    size_t gone = stage->mail_count - count;

    FUZZ_CHECK(count <= stage->mail_count && (gone == 0 || update->possible), "session-update-without-quit");
    if (update->certain && stage->options->variant == VARIANT_COUNT) {
        FUZZ_CHECK(gone <= update->marks_most, "session-mail-lost");
        FUZZ_CHECK(gone >= update->marks_least, "session-mail-kept");
    }
    stage->mail_count = count;
    stage->mail_went = stage->mail_went || gone > 0;
    stage->update = (struct update){0};
}
