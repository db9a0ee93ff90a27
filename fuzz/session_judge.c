#include "session_stage.h"

#include "check.h"

#include <string.h>

/* ---- what is observed ---- */

static bool names_clause(const char *list, const char *clause)
{
    const char *found = strstr(list, clause);
    size_t size = strlen(clause);

    return found != NULL && (found == list || found[-1] == ' ') &&
           (found[size] == ' ' || found[size] == '\0');
}

/* Whether VARIANT declares the breach of RULE. Of a message that is refused the judge tells, though it may be. */
static bool is_declared(enum variant variant, enum rule rule)
{
    const struct variant_info *info = variant_info(variant);
    const char *clause = rule_info(rule)->clause;

    return names_clause(info->warns, clause) ||
           (rule == RULE_MESSAGE_REFUSED && names_clause(info->clause, clause));
}

/* The server is right: what is held against it is the judge's mistake, unless its variant declares it. */
static void note_observation(void *context, const struct observation *observation)
{
    const struct stage *stage = context;
    enum variant variant = stage->options->variant;

    if (variant != VARIANT_COUNT && is_declared(variant, observation->rule))
        return;
    fprintf(stderr, "accused of %s (variant %s): expected %s; got %s\n", rule_info(observation->rule)->id,
            variant == VARIANT_COUNT ? "none" : variant_info(variant)->id, observation->expected,
            observation->actual);
    FUZZ_CHECK(false, "session-accused");
}

struct conversation *stage_new_conversation(struct stage *stage)
{
    const struct policy *policy = &stage->policy;
    bool codes = policy->capa && policy->response_codes && policy->response_codes_announced;
    struct conversation_options options = {.connection = 1,
                                           .capa = policy->capa,
                                           .resp_codes = codes,
                                           .auth_resp_code = codes,
                                           .pipelining = policy->capa && policy->pipelining_announced,
                                           .utf8 = policy->capa && policy->utf8 != UTF8_UNKNOWN,
                                           .observer = {note_observation, stage}};

    return conversation_new(&options);
}

/* Before login, what the judge knows of the maildrop: whoever logs in by what is sent now opens it as it is now. */
void stage_give_hints(const struct stage *stage, const struct client *client)
{
    bool known = !stage->mail_went && !stage->policy.newest_first && !stage->policy.connections_wait;
    enum session_state state = conversation_state(client->conversation);

    if (state == SESSION_GREETING || state == SESSION_AUTHORIZATION)
        conversation_hint_messages(client->conversation, stage->hints, known ? stage->mail_count : 0);
    else if (state == SESSION_UNKNOWN)
        conversation_hint_messages(client->conversation, NULL, 0); /* of which maildrop, if any? */
}

/* ---- logins ---- */

/* Whether the right password was sent on this connection. */
static bool gave_password(const struct client *client)
{
    static const char keyword[] = "PASS";
    static const char password[] = " " STAGE_PASSWORD "\r\n";
    struct bytes said = buf_bytes(&client->said);

    for (size_t i = 0; i < said.size; i++) {
        struct bytes behind = bytes_from(said, i + strlen(keyword));

        if (bytes_start_with(behind, bytes_of(password)) &&
            bytes_equal_nocase(bytes_slice(said, i, i + strlen(keyword)), bytes_of(keyword)))
            return true;
    }
    return false;
}

/*
 * PASS opens the maildrop only behind a USER that was taken, each time anew, and with the right password (RFC 1939 section 7),
 * which variants take in other forms, too. What was refused without the response code AUTH may have been no command at all (a
 * variant gives each reply a code of its own): that forgets no name.
 */
static void check_credentials(const struct stage *stage, struct client *client,
                              const struct conversation_event *event)
{
    bool ok = event->status.indicator == STATUS_OK;
    bool strict = stage->options->variant == VARIANT_COUNT;

    if (!conversation_certain(client->conversation)) {
        client->named = true; /* by some reading */
    } else if (event->verb == COMMAND_USER) {
        client->named = client->named || ok;
    } else if (event->verb == COMMAND_PASS) {
        FUZZ_CHECK(!ok || (client->named && (!strict || gave_password(client))), "session-credentials");
        client->named =
            client->named && !ok && !bytes_equal_nocase(event->status.code, BYTES_LITERAL("AUTH"));
    }
}

/* Whether CLIENT has the maildrop: false only where that is certain. */
static bool may_hold(const struct client *client)
{
    if (client->conversation == NULL)
        return false;
    enum session_state state = conversation_state(client->conversation);

    return state == SESSION_TRANSACTION || state == SESSION_UNKNOWN ||
           conversation_silent(client->conversation);
}

/* Who is refused because the maildrop is in use is not the only one (RFC 1939 section 6: a session's end releases it). */
static void check_refusal(const struct stage *stage, const struct conversation_event *event)
{
    bool held = stage->options->variant != VARIANT_COUNT;

    if (!bytes_equal(event->status.code, BYTES_LITERAL("IN-USE")))
        return;
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        held = held || may_hold(&stage->clients[i]);
    FUZZ_CHECK(held, "session-lock");
}

/* ---- messages ---- */

/* A variant may send something else, or another message of its own making. */
static void begin_message(const struct stage *stage, struct client *client,
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
static void check_message(struct retrieval *retrieval, const struct reply_event *reply)
{
    for (unsigned i = 0; i < STAGE_MESSAGES; i++)
        if (!goes_on(&stage_messages[i], retrieval->octets, reply->text, reply->last_piece))
            retrieval->candidates &= ~(1U << i);
    FUZZ_CHECK(retrieval->candidates != 0, "session-mail-changed");
    retrieval->octets += reply->text.size + (reply->last_piece ? strlen("\r\n") : 0);
}

static void end_message(struct retrieval *retrieval)
{
    bool complete = !retrieval->whole || retrieval->candidates == 0;

    for (unsigned i = 0; i < STAGE_MESSAGES; i++)
        complete = complete || ((retrieval->candidates >> i & 1) != 0 &&
                                strlen(stage_messages[i].sent) == retrieval->octets);
    FUZZ_CHECK(complete, "session-mail-changed");
    retrieval->candidates = 0;
}

/* ---- replies ---- */

/* Whether the reply that was just judged ended a session in the TRANSACTION state, and what had been marked in it. */
static void note_update(struct stage *stage, const struct client *client, enum session_state before)
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

static void judge_status(struct stage *stage, struct client *client, const struct conversation_event *event)
{
    enum session_state before = client->state;

    client->state = conversation_state(client->conversation);
    if (!event->greeting && !event->unasked)
        check_credentials(stage, client, event);
    check_refusal(stage, event);
    note_update(stage, client, before);
    begin_message(stage, client, event);
}

static void judge_event(struct stage *stage, struct client *client, const struct conversation_event *event)
{
    if (event->reply.kind == REPLY_STATUS)
        judge_status(stage, client, event);
    else if (event->reply.kind == REPLY_BODY && client->retrieval.candidates != 0)
        check_message(&client->retrieval, &event->reply);
    else if (event->reply.kind == REPLY_END)
        end_message(&client->retrieval);
}

/* Judges OCTETS, all of which a judge must have read who can still follow. */
static void judge_piece(struct stage *stage, struct client *client, struct bytes octets)
{
    struct conversation *conversation = client->conversation;
    uint64_t read_before = conversation_read_octets(conversation);
    size_t size = octets.size;
    size_t events = 0;
    struct conversation_event event;

    do {
        conversation_next(conversation, &octets, stage->now_us, &event);
        FUZZ_CHECK(++events <= 2 * size + 2, "session-reply-progress");
        judge_event(stage, client, &event);
    } while (event.reply.kind != REPLY_NONE);
    FUZZ_CHECK(octets.size == 0, "session-reply-progress");
    FUZZ_CHECK(conversation_lost(conversation) ||
                   conversation_read_octets(conversation) - read_before == size,
               "session-reply-progress");
    stage->update.possible = stage->update.possible || conversation_silent(conversation);
}

void stage_judge(struct stage *stage, struct client *client, struct bytes octets)
{
    while (octets.size > 0) {
        struct bytes piece = bytes_slice(octets, 0, stage->room.octets);

        judge_piece(stage, client, chunk_place(&stage->room, piece));
        octets = bytes_from(octets, piece.size);
    }
}

/*
 * Whatever was sent has its reply as soon as the server has had its say, and a turn. If it was to close, it has done so:
 * what the judge holds back until it knows, it says now.
 */
void stage_check_answered(const struct stage *stage, const struct client *client)
{
    struct conversation *conversation = client->conversation;

    if (client->peer == NULL || conversation_lost(conversation))
        return;
    FUZZ_CHECK(conversation_partial_octets(conversation) == 0, "session-unterminated");
    if (conversation_undecided(conversation))
        conversation_left(conversation, time_after(stage->now_us, CONVERSATION_FAREWELL_US));
    if (stage->policy.connections_wait || client->handshake || conversation_challenged(conversation) ||
        conversation_silence_is_legal(conversation))
        return;
    FUZZ_CHECK(conversation_owed_min(conversation) == 0, "session-unanswered");
    /* Where LANG is answered in one line, only what comes next tells that no body follows (RFC 6856 section 3.2). */
    if (stage->policy.lang != LANG_ONE_LINE)
        FUZZ_CHECK(!conversation_in_body(conversation), "session-unterminated");
}

/* ---- what holds behind each step ---- */

/* RFC 1939 section 3: the timer runs ten minutes at least. Who had to wait for a greeting may have more to say by then. */
void stage_check_autologout(const struct stage *stage, const struct client *client, time_us active_us)
{
    bool early = stage->now_us < time_after(active_us, AUTOLOGOUT_S * US_PER_S);

    FUZZ_CHECK(client->peer != NULL || !early || stage->policy.connections_wait, "session-autologout");
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

/* No two sessions hold one maildrop at the same time (RFC 1939 section 4). */
void stage_check_lock(const struct stage *stage)
{
    int holders = 0;

    for (int i = 0; stage->policy.exclusive_lock && i < SCRIPT_CLIENTS; i++) {
        const struct conversation *conversation = stage->clients[i].conversation;

        holders += conversation != NULL && !conversation_silent(conversation) &&
                           conversation_state(conversation) == SESSION_TRANSACTION
                       ? 1
                       : 0;
    }
    FUZZ_CHECK(holders <= 1, "session-lock");
}
