#include "session_play.h"

#include "check.h"
#include "chunks.h"
#include "stand_ins.h"

#include "base/check.h"
#include "base/memory.h"
#include "model/conversation.h"

#include <string.h>

enum { SESSIONS_MAX = 16, DELIVERIES_MAX = 16 };

static const char USER[] = "u";
static const char PASSWORD[] = "p";
static const char TOKEN[] = "t";

struct client {
    void *peer; /* NULL: not connected */
    struct conversation *conversation;
    struct buf *output;
    enum session_state state; /* when the last reply had been judged */
    bool named;               /* USER got +OK, and PASS may follow */
    bool handshake;           /* the server waits for one: what we send would be ciphertext */
    bool silent;              /* half-closed */
    bool mid_line;            /* what was sent does not end in CRLF */
    bool after_cr;            /* its last octet is a CR */
    bool swallowing;          /* the output answers a NOOP that the script does not hold */
};

/* What one step of the script may have done to the mail, as its replies have it. */
struct update {
    bool possible;      /* QUIT may have been answered in the TRANSACTION state */
    bool certain;       /* it was, and no other: then so many messages were marked */
    size_t marks_least; /* under every reading */
    size_t marks_most;  /* under any */
};

struct stage {
    struct refserver *server;
    struct policy policy;
    const struct play_options *options;
    struct client clients[SCRIPT_CLIENTS];
    struct client *current;
    struct chunk_room room; /* where octets stand that go to the server or to the judge */
    time_us now_us;
    int sessions;
    int deliveries;
    struct message_hint hints[DELIVERIES_MAX]; /* of what was delivered */
    size_t mail_count;                         /* when the last step had ended */
    bool mail_went;                            /* the hints are no longer those of what is there */
    struct update update;
};

/* ---- what the server is made of ---- */

struct delivery {
    const char *octets;
    struct message_hint hint; /* but for `same_as` and `identical` */
};

static void deliver(struct stage *stage)
{
    static const struct delivery messages[] = {
        {"From: a@example.org\r\nSubject: first\r\n\r\nbody\r\n.\r\n..dots\r\n.x\r\n",
         {.clean = true, .final_newline = true}},
        {"Subject: second\r\n\r\nline 1\r\nline 2\r\nline 3", {.clean = true}},
        {"no header\nbare\rends\n", {.clean = false}},
        {"", {.clean = false}},
        {"From: \xC3\xA9 <a@example.org>\r\nSubject: \xC3\xA9t\xC3\xA9\r\n\r\nc'\xC3\xA9tait\r\n",
         {.clean = true, .final_newline = true, .eight_bit = true}},
    };
    struct error error;
    const struct delivery *delivery =
        &messages[(size_t)stage->deliveries % (sizeof(messages) / sizeof(messages[0]))];

    if (stage->deliveries == DELIVERIES_MAX)
        return;
    stage->hints[stage->deliveries] = delivery->hint;
    stage->hints[stage->deliveries].same_as = delivery;
    stage->hints[stage->deliveries].identical = true;
    stage->deliveries++;
    stage->mail_count++;
    CHECK(refserver_deliver(stage->server, USER, bytes_of(delivery->octets), &error));
}

static void stage_begin(struct stage *stage, const struct play_options *options, struct play_result *result)
{
    enum { FIRST_MESSAGES = 3 };

    *stage = (struct stage){.options = options, .current = &stage->clients[0]};
    chunk_room_init(&stage->room, SCRIPT_OCTETS_MAX);
    stage->server = refserver_new(1, &stand_in_digests);
    policy_init(&stage->policy);
    if (options->plain_ascii)
        policy_apply(&stage->policy, VARIANT_NO_UTF8);
    if (options->variant != VARIANT_COUNT)
        policy_apply(&stage->policy, options->variant);
    refserver_set_policy(stage->server, &stage->policy);
    CHECK(refserver_add_user(stage->server, USER, PASSWORD));
    CHECK(refserver_set_token(stage->server, USER, TOKEN));
    for (int i = 0; i < FIRST_MESSAGES; i++)
        deliver(stage);
    for (int i = 0; i < SCRIPT_CLIENTS; i++) {
        buf_init(&result->output[i], BUF_UNBOUNDED);
        stage->clients[i].output = &result->output[i];
    }
}

/* ---- judging ---- */

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

static struct conversation *new_conversation(struct stage *stage)
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
static void give_hints(const struct stage *stage, const struct client *client)
{
    bool known = !stage->mail_went && !stage->policy.newest_first && !stage->policy.connections_wait;
    enum session_state state = conversation_state(client->conversation);

    if (state == SESSION_GREETING || state == SESSION_AUTHORIZATION)
        conversation_hint_messages(client->conversation, stage->hints, known ? stage->mail_count : 0);
    else if (state == SESSION_UNKNOWN)
        conversation_hint_messages(client->conversation, NULL, 0); /* of which maildrop, if any? */
}

/*
 * PASS opens the maildrop only behind a USER that was taken, each time anew (RFC 1939 section 7). What was refused without a
 * response code may have been no command at all: that forgets no name.
 */
static void check_credentials(struct client *client, const struct conversation_event *event)
{
    bool ok = event->status.indicator == STATUS_OK;

    if (!conversation_certain(client->conversation)) {
        client->named = true; /* by some reading */
    } else if (event->verb == COMMAND_USER) {
        client->named = client->named || ok;
    } else if (event->verb == COMMAND_PASS) {
        FUZZ_CHECK(!ok || client->named, "session-credentials");
        client->named = client->named && !ok && event->status.code.size == 0;
    }
}

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
        check_credentials(client, event);
    note_update(stage, client, before);
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
        if (event.reply.kind == REPLY_STATUS)
            judge_status(stage, client, &event);
    } while (event.reply.kind != REPLY_NONE);
    FUZZ_CHECK(octets.size == 0, "session-reply-progress");
    FUZZ_CHECK(conversation_lost(conversation) ||
                   conversation_read_octets(conversation) - read_before == size,
               "session-reply-progress");
    stage->update.possible = stage->update.possible || conversation_silent(conversation);
}

static void judge(struct stage *stage, struct client *client, struct bytes octets)
{
    while (octets.size > 0) {
        struct bytes piece = bytes_slice(octets, 0, stage->room.octets);

        judge_piece(stage, client, chunk_place(&stage->room, piece));
        octets = bytes_from(octets, piece.size);
    }
}

/* ---- one connection ---- */

static void disconnect(struct stage *stage, struct client *client)
{
    refserver_peer_ops.close(client->peer, stage->now_us);
    conversation_free(client->conversation);
    *client = (struct client){.output = client->output};
}

static void take_output(struct stage *stage, struct client *client)
{
    for (;;) {
        struct bytes segment = refserver_peer_ops.output(client->peer);

        if (segment.size == 0)
            return;
        if (!client->swallowing)
            buf_append(client->output, segment);
        judge(stage, client, segment);
        refserver_peer_ops.wrote(client->peer, segment.size, stage->now_us);
    }
}

/* Takes what the server has to say, and does as it wishes. */
static void settle(struct stage *stage, struct client *client)
{
    take_output(stage, client);
    switch (refserver_peer_ops.wish(client->peer)) {
    case PEER_READ:
        return;
    case PEER_START_TLS:
        client->handshake = true;
        return;
    case PEER_CLOSE:
    case PEER_CLOSE_UNNOTIFIED:
        conversation_ended(client->conversation, false, stage->now_us);
        disconnect(stage, client);
        return;
    case PEER_ABORT:
        conversation_ended(client->conversation, true, stage->now_us);
        disconnect(stage, client);
        return;
    }
}

static void connect_client(struct stage *stage, struct client *client)
{
    bool implicit_tls = client == &stage->clients[SCRIPT_CLIENTS - 1];
    struct peer_info info = {.implicit_tls = implicit_tls, .tls_ready = true};

    if (client->peer != NULL || stage->sessions == SESSIONS_MAX)
        return;
    stage->sessions++;
    client->conversation = new_conversation(stage);
    if (implicit_tls)
        conversation_secured(client->conversation, BYTES_EMPTY, stage->now_us);
    client->peer = refserver_peer_ops.open(stage->server, &info, stage->now_us);
    settle(stage, client);
}

/*
 * Whatever was sent has its reply as soon as the server has had its say, and a turn. If it was to close, it has done so:
 * what the judge holds back until it knows, it says now.
 */
static void check_answered(const struct stage *stage, const struct client *client)
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

/* ---- sending ---- */

static void send_octets(struct stage *stage, struct client *client, struct bytes octets)
{
    if (client->peer == NULL || client->handshake || client->silent || octets.size == 0)
        return;
    octets = chunk_place(&stage->room, octets);
    client->mid_line = !(octets.data[octets.size - 1] == '\n' &&
                         (octets.size > 1 ? octets.data[octets.size - 2] == '\r' : client->after_cr));
    client->after_cr = octets.data[octets.size - 1] == '\r';
    give_hints(stage, client);
    conversation_sent(client->conversation, octets, CONVERSATION_BY_COMMAND);
    refserver_peer_ops.input(client->peer, octets, stage->now_us);
    settle(stage, client);
    check_answered(stage, client);
}

static bool may_insert_noop(const struct client *client)
{
    return client->peer != NULL && !client->mid_line && !client->handshake && !client->silent &&
           conversation_state(client->conversation) == SESSION_TRANSACTION &&
           conversation_owed_max(client->conversation) == 0 && !conversation_lost(client->conversation) &&
           !conversation_challenged(client->conversation);
}

static void send_noop(struct stage *stage, struct client *client)
{
    client->swallowing = true;
    send_octets(stage, client, BYTES_LITERAL("NOOP\r\n"));
    client->swallowing = false;
}

/* LINE with the letters of its keyword turned; the caller's storage. */
static struct bytes turn_case(struct bytes line, uint8_t *storage, size_t storage_octets)
{
    if (line.size > storage_octets)
        return line;
    memcpy(storage, line.data, line.size);
    for (size_t i = 0; i < line.size && ascii_is_letter(storage[i]); i++)
        storage[i] ^= 0x20;
    return bytes_make(storage, line.size);
}

/* The octets up to and with the next CRLF, or all. */
static struct bytes next_line(struct bytes *octets)
{
    struct bytes all = *octets;
    size_t end = 0;

    while (end < all.size && !(all.data[end] == '\n' && end > 0 && all.data[end - 1] == '\r'))
        end++;
    end += end < all.size ? 1 : 0;
    *octets = bytes_from(all, end);
    return bytes_slice(all, 0, end);
}

static void send_by_lines(struct stage *stage, struct client *client, struct bytes octets)
{
    uint8_t storage[SCRIPT_OCTETS_MAX];

    while (octets.size > 0 && client->peer != NULL) {
        struct bytes line = next_line(&octets);

        if (stage->options->manner == PLAY_NOOPS && may_insert_noop(client))
            send_noop(stage, client);
        if (stage->options->manner == PLAY_CASE && !client->mid_line && client->conversation != NULL &&
            !conversation_lost(client->conversation) && !conversation_challenged(client->conversation))
            line = turn_case(line, storage, sizeof(storage));
        send_octets(stage, client, line);
    }
}

static void send_in_manner(struct stage *stage, struct bytes octets)
{
    struct client *client = stage->current;

    switch (stage->options->manner) {
    case PLAY_PLAIN:
        send_octets(stage, client, octets);
        return;
    case PLAY_OCTETS:
        for (size_t i = 0; i < octets.size && client->peer != NULL; i++)
            send_octets(stage, client, bytes_slice(octets, i, i + 1));
        return;
    case PLAY_CASE:
    case PLAY_NOOPS:
        send_by_lines(stage, client, octets);
        return;
    }
}

/* ---- other steps ---- */

/* What was said in the clear counts for nothing any more, but where a policy keeps the name. */
static void secure(const struct stage *stage, struct client *client)
{
    conversation_secured(client->conversation, BYTES_EMPTY, stage->now_us);
    client->named = client->named && stage->policy.user_kept_over_stls;
}

static void end_handshake(struct stage *stage, bool ok)
{
    struct client *client = stage->current;

    if (client->peer == NULL || !client->handshake)
        return;
    client->handshake = false;
    client->mid_line = false;
    if (ok)
        secure(stage, client);
    refserver_peer_ops.tls_done(client->peer, ok, stage->now_us);
    /* Nobody has spoken under TLS: what is answered came in the clear. */
    FUZZ_CHECK(!ok || refserver_peer_ops.output(client->peer).size == 0, "session-injected");
    settle(stage, client);
}

static void leave(struct stage *stage, struct client *client)
{
    conversation_left(client->conversation, stage->now_us);
    refserver_peer_ops.reset(client->peer, stage->now_us);
    disconnect(stage, client);
}

static void half_close(struct stage *stage)
{
    struct client *client = stage->current;

    if (client->peer == NULL || client->silent)
        return;
    client->silent = true;
    conversation_half_closed(client->conversation);
    refserver_peer_ops.end(client->peer, stage->now_us);
    settle(stage, client);
}

static void pass_time(struct stage *stage, int seconds)
{
    stage->now_us += seconds * US_PER_S;
    for (int i = 0; i < SCRIPT_CLIENTS; i++) {
        struct client *client = &stage->clients[i];

        if (client->peer == NULL || refserver_peer_ops.deadline(client->peer) > stage->now_us)
            continue;
        refserver_peer_ops.tick(client->peer, stage->now_us);
        settle(stage, client);
    }
}

static void perform(struct stage *stage, const struct script_step *step)
{
    switch (step->action) {
    case SCRIPT_SEND:
        send_in_manner(stage, step->octets);
        return;
    case SCRIPT_CLIENT:
        stage->current = &stage->clients[step->client];
        connect_client(stage, stage->current);
        return;
    case SCRIPT_TLS_DONE:
    case SCRIPT_TLS_FAILED:
        end_handshake(stage, step->action == SCRIPT_TLS_DONE);
        return;
    case SCRIPT_HALF_CLOSE:
        half_close(stage);
        return;
    case SCRIPT_ABORT:
        if (stage->current->peer != NULL)
            leave(stage, stage->current);
        return;
    case SCRIPT_DELIVER:
        deliver(stage);
        return;
    case SCRIPT_WAIT:
        pass_time(stage, step->seconds);
        return;
    }
}

/* ---- what holds behind each step ---- */

/*
 * Mail goes only where QUIT ends a session in the TRANSACTION state, and then what is marked (RFC 1939 section 6); under
 * some variants what was retrieved, too, or not what another session has removed.
 */
static void check_mail(struct stage *stage)
{
    const struct update *update = &stage->update;
    size_t count = refserver_message_count(stage->server, USER);
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
static void check_lock(const struct stage *stage)
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

static void take_step(struct stage *stage, const struct script_step *step)
{
    perform(stage, step);
    check_mail(stage);
    check_lock(stage);
}

void play(struct bytes script, const struct play_options *options, struct play_result *ret_result)
{
    struct stage stage;
    struct script_reader reader;
    struct script_step step;

    stage_begin(&stage, options, ret_result);
    connect_client(&stage, stage.current);
    script_begin(&reader, script);
    while (script_next(&reader, &step))
        take_step(&stage, &step);
    script_end(&reader);
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        if (stage.clients[i].peer != NULL)
            leave(&stage, &stage.clients[i]);
    check_mail(&stage);
    refserver_free(stage.server);
    chunk_room_release(&stage.room);
}

void play_result_release(struct play_result *result)
{
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        buf_release(&result->output[i]);
}

bool play_results_equal(const struct play_result *a, const struct play_result *b)
{
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        if (!bytes_equal(buf_bytes(&a->output[i]), buf_bytes(&b->output[i])))
            return false;
    return true;
}
