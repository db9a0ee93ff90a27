/* Which mail is sent, and which goes. */
#include "session_stage.h"

#include "check.h"

#include "model/reading.h"

#include <string.h>

/* ---- which messages there are ---- */

void stage_note_delivery(struct stage *stage, int serial)
{
    stage->present.serials[stage->present.count++] = serial;
}

/* A session has the messages that are there when it begins (RFC 1939 section 4); some variants number them in other ways. */
void stage_note_login(const struct stage *stage, struct client *client, enum session_state before)
{
    if (before == SESSION_TRANSACTION || client->state != SESSION_TRANSACTION)
        return;
    client->opened = stage->present;
    client->opened.known = stage->present.known && before == SESSION_AUTHORIZATION &&
                           stage->options->variant == VARIANT_COUNT &&
                           conversation_certain(client->conversation);
}

static void remove_serial(struct mail_list *list, int serial)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (list->serials[i] != serial)
            list->serials[kept++] = list->serials[i];
    list->count = kept;
}

/* CLIENT's session has ended, by an update that removed what it had marked. */
static void remove_marked(struct stage *stage, const struct client *client)
{
    for (size_t i = 0; i < client->opened.count; i++)
        if (conversation_marked(client->conversation, i + 1))
            remove_serial(&stage->present, client->opened.serials[i]);
}

/* ---- messages ---- */

/* The messages that CLIENT may have asked for: one, where the judge knows which message has which number. */
static unsigned candidates_of(const struct client *client)
{
    const struct exchange *command = stage_answered(client);
    const struct mail_list *opened = &client->opened;

    if (opened->known && command->canonical && command->number >= 1 && command->number <= opened->count)
        return 1U << opened->serials[command->number - 1] % STAGE_MESSAGES;
    return (1U << STAGE_MESSAGES) - 1;
}

/* A variant may send something else, or another message of its own making. */
void stage_begin_message(const struct stage *stage, struct client *client,
                         const struct conversation_event *event)
{
    bool message = event->verb == COMMAND_RETR || event->verb == COMMAND_TOP;
    bool compared = message && event->body_follows && stage->options->variant == VARIANT_COUNT &&
                    conversation_certain(client->conversation);

    client->retrieval = (struct retrieval){
        .candidates = compared ? candidates_of(client) : 0,
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

/* ---- unique-ids ---- */

static bool is_its_own(const struct stage *stage, int serial, struct bytes unique_id)
{
    for (int i = 0; i < stage->deliveries; i++) {
        const struct unique_id *other = &stage->unique_ids[i];
        bool same = bytes_equal(unique_id, bytes_make(other->octets, other->size));

        if (other->size > 0 && same != (i == serial))
            return false;
    }
    return true;
}

/* A unique-id stays the message's from one session to the next, and no other message ever gets it (RFC 1939 section 7). */
static void check_unique_id(struct stage *stage, int serial, struct bytes unique_id)
{
    struct unique_id *known = &stage->unique_ids[serial];

    FUZZ_CHECK(unique_id.size <= sizeof(known->octets) && is_its_own(stage, serial, unique_id),
               "session-unique-id");
    memcpy(known->octets, unique_id.data, unique_id.size);
    known->size = unique_id.size;
}

void stage_check_unique_ids(struct stage *stage, const struct client *client)
{
    const struct maildrop *maildrop = conversation_maildrop(client->conversation);

    if (!client->opened.known || !conversation_certain(client->conversation))
        return;
    for (size_t i = 0; i < client->opened.count; i++) {
        const struct message *message = maildrop_known(maildrop, i + 1);

        if (message != NULL && message->unique_id_known)
            check_unique_id(stage, client->opened.serials[i], message->unique_id);
    }
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
    if (!update.possible)
        return;
    stage->update = update;
    if (update.certain && client->opened.known && update.marks_least == update.marks_most)
        remove_marked(stage, client);
    else
        stage->present.known = false;
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
    stage->present.known = stage->present.known && stage->present.count == count;
    stage->mail_went = stage->mail_went || gone > 0;
    stage->update = (struct update){0};
}
