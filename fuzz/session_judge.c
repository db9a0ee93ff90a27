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

/* ---- replies ---- */

static void judge_status(struct stage *stage, struct client *client, const struct conversation_event *event)
{
    enum session_state before = client->state;

    client->state = conversation_state(client->conversation);
    stage_check_text(stage, client, event);
    if (!event->greeting && !event->unasked) {
        stage_check_credentials(stage, client, event);
        stage_check_expected(stage, client, event, before);
    }
    stage_check_refusal(stage, event);
    stage_note_login(stage, client, before);
    stage_note_update(stage, client, before);
    stage_begin_message(stage, client, event);
}

static void judge_event(struct stage *stage, struct client *client, const struct conversation_event *event)
{
    if (event->reply.kind == REPLY_STATUS) {
        judge_status(stage, client, event);
    } else if (event->reply.kind == REPLY_BODY && client->retrieval.candidates != 0) {
        stage_check_message(&client->retrieval, &event->reply);
    } else if (event->reply.kind == REPLY_END) {
        stage_end_message(&client->retrieval);
        if (event->verb == COMMAND_UIDL)
            stage_check_unique_ids(stage, client);
    }
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
        client->judge_was_silent = conversation_silent(conversation);
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

/* The same of the timers that run: NOOP, like every command, sets them back. */
void stage_check_timers(const struct stage *stage)
{
    for (int i = 0; stage->options->variant == VARIANT_COUNT && i < SCRIPT_CLIENTS; i++) {
        const struct client *client = &stage->clients[i];
        time_us earliest_us = time_after(client->active_us, AUTOLOGOUT_S * US_PER_S);

        FUZZ_CHECK(client->peer == NULL || refserver_peer_ops.deadline(client->peer) >= earliest_us,
                   "session-autologout");
    }
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
