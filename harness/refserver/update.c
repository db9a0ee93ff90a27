/* The UPDATE state and all other ends of a session: RFC 1939 sections 3 and 6. */
#include "base/memory.h"
#include "refserver/reply.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <stdlib.h>
#include <string.h>

/* Only what is marked (or, by a policy that says so, retrieved) may be removed. */
static bool is_removed(struct session *session, size_t index)
{
    const struct opened_message *message = &session->maildrop.messages[index];
    bool retrieved = session->server->policy.retrieved_removed && message->retrieved;
    struct transition_event event = {
        .kind = TRANSITION_REMOVE,
        .index = index,
        .allowed = message->marked || retrieved,
    };

    seam_transition(session, &event);
    return event.allowed;
}

/* RFC 1225: what LAST answers at the beginning of the next session, by the numbers that the messages have then. */
static void remember_last(const struct session *session)
{
    const struct opened_maildrop *maildrop = &session->maildrop;

    session->user->last = maildrop->last;
    for (size_t i = 0; i < maildrop->last && i < maildrop->count; i++)
        session->user->last -= maildrop->messages[i].marked ? 1 : 0;
}

/* False when it failed: then nothing is gone, or what came first. */
static bool remove_messages(const struct session *session, struct stored_message *const *messages,
                            size_t count)
{
    struct store *store = session->user->store;

    if (session->read_only)
        return false;
    if (!session->user->update_fails)
        return store->ops->remove(store, messages, count);
    if (session->server->policy.failed_update_removes_some)
        (void)store->ops->remove(store, messages, (count + 1) / 2);
    return false;
}

/* Removes all or nothing; false when it failed. */
static bool commit(struct session *session)
{
    struct opened_maildrop *maildrop = &session->maildrop;
    struct stored_message **removed = memory_new_array(maildrop->count + 1, sizeof(struct stored_message *));
    struct transition_event event = {.kind = TRANSITION_UPDATE, .allowed = true, .succeeded = true};
    size_t count = 0;

    for (size_t i = 0; i < maildrop->count; i++)
        if (is_removed(session, i))
            removed[count++] = maildrop->messages[i].stored;
    if (count > 0) {
        seam_transition(session, &event);
        if (event.allowed)
            event.succeeded = remove_messages(session, removed, count);
    }
    free(removed);
    session->remaining = maildrop->count - (event.succeeded ? count : 0);
    remember_last(session);
    return event.succeeded;
}

/* What stands in STORE and, where KNOWN is not NULL, is not among its messages goes; a fault's doing. */
static void remove_all_but(struct store *store, const struct opened_maildrop *known)
{
    struct stored_message **messages;
    struct error error;
    size_t count;

    if (!store->ops->list(store, &error, &messages, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;

        for (size_t k = 0; known != NULL && k < known->count; k++)
            is_known = is_known || strcmp(known->messages[k].stored->unique_id, messages[i]->unique_id) == 0;
        if (!is_known)
            (void)store->ops->remove(store, &messages[i], 1);
    }
    stored_messages_release(messages, count);
}

/* A session that ends without QUIT leaves its marks behind, and the correct server forgets them (section 6). */
static void note_broken(const struct session *session)
{
    struct user *user = session->user;

    if (session->serial < user->oldest_serial)
        return;
    user->broken_count++;
    user->abandoned_marks = 0;
    for (size_t i = 0; i < session->maildrop.count; i++)
        if (session->maildrop.messages[i].marked)
            user->abandoned_marks = i + 1;
}

/* A server that finds out late that nobody is there any more keeps the lock for a while (section 6: "should"). */
static void release_lock(struct session *session, bool quit)
{
    int64_t lingers_us = session->server->policy.lock_lingers_s * US_PER_S;

    if (session->user == NULL || session->user->lock_owner != session->serial)
        return;
    if (quit || lingers_us == 0)
        session->user->lock_owner = 0;
    else
        session->user->lock_until_us = time_after(session->now_us, lingers_us);
}

static void answer_quit(struct session *session, bool committed)
{
    if (session->user == NULL)
        reply_ok(session, REPLY_TEXT_BYE);
    else if (!committed)
        reply_error(session, "[SYS/TEMP]", REPLY_TEXT_NOT_REMOVED);
    else
        reply_ok(session, session->remaining == 0 ? REPLY_TEXT_BYE_EMPTY : REPLY_TEXT_BYE_LEFT);
}

void update_quit(struct session *session)
{
    session_leave(session, LEAVE_QUIT);
}

/* Whatever the cause, the connection is over; QUIT alone is answered, and in TRANSACTION alone it commits. */
/* How the client went, for faults that show on the next connection; not when it came before the record was cleared. */
static void note_last_words(struct session *session, enum leave_cause cause)
{
    struct refserver *server = session->server;
    bool within = command_reader_pending(&session->reader) || session->body.kind != RESPONSE_BODY_NONE;

    if (session->serial < server->first_serial)
        return;
    server->cut_short = server->cut_short || (cause == LEAVE_RESET && within);
    server->cut_short_behind_stls =
        server->cut_short_behind_stls || (cause != LEAVE_QUIT && session->command.verb == COMMAND_STLS);
    server->vanished = server->vanished || (cause == LEAVE_RESET && session->commands == 0);
    server->silent = server->silent || (cause == LEAVE_END && session->commands == 0);
}

void session_leave(struct session *session, enum leave_cause cause)
{
    struct transition_event event = {
        .kind = TRANSITION_LEAVE,
        .cause = cause,
        .commit = cause == LEAVE_QUIT && session->user != NULL,
        .release = true,
        .close = true,
        .speaks = cause == LEAVE_AUTOLOGOUT && session->server->policy.autologout_speaks,
    };

    if (session->left)
        return;
    session->left = true;
    seam_transition(session, &event);
    bool committed = event.commit && session->user != NULL && commit(session);

    if (session->user != NULL)
        session->user->session_count--;
    if (session->user != NULL && cause != LEAVE_QUIT)
        note_broken(session);
    note_last_words(session, cause);
    if (event.arrivals_lost && session->user != NULL)
        remove_all_but(session->user->store, &session->maildrop);
    if (event.emptied && authorization_named(session) != NULL)
        remove_all_but(authorization_named(session)->store, NULL);
    if (cause == LEAVE_QUIT)
        answer_quit(session, committed);
    if (event.speaks)
        reply_farewell(session, REPLY_TEXT_AUTOLOGOUT);
    if (event.release)
        release_lock(session, cause == LEAVE_QUIT);
    if (cause == LEAVE_AUTOLOGOUT && session->output.size > 0 && !event.speaks)
        session_abort(session);
    session->unnotified = event.unnotified;
    if (event.close) {
        session_make_room(session);
        session_close(session);
    }
}
