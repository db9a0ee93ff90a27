#include "session_play.h"

#include "check.h"
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
    bool handshake;  /* the server waits for one: what we send would be ciphertext */
    bool silent;     /* half-closed */
    bool mid_line;   /* what was sent does not end in CRLF */
    bool after_cr;   /* its last octet is a CR */
    bool swallowing; /* the output answers a NOOP that the script does not hold */
};

struct stage {
    struct refserver *server;
    struct policy policy;
    const struct play_options *options;
    struct client clients[SCRIPT_CLIENTS];
    struct client *current;
    time_us now_us;
    int sessions;
    int deliveries;
};

/* ---- what the server is made of ---- */

static void deliver(struct stage *stage)
{
    static const char *const messages[] = {
        "From: a@example.org\r\nSubject: first\r\n\r\nbody\r\n.\r\n..dots\r\n.x\r\n",
        "Subject: second\r\n\r\nline 1\r\nline 2\r\nline 3",
        "no header\nbare\rends\n",
        "",
        "From: \xC3\xA9 <a@example.org>\r\nSubject: \xC3\xA9t\xC3\xA9\r\n\r\nc'\xC3\xA9tait\r\n",
    };
    struct error error;
    size_t which = (size_t)stage->deliveries % (sizeof(messages) / sizeof(messages[0]));

    if (stage->deliveries == DELIVERIES_MAX)
        return;
    stage->deliveries++;
    CHECK(refserver_deliver(stage->server, USER, bytes_of(messages[which]), &error));
}

static void stage_begin(struct stage *stage, const struct play_options *options, struct play_result *result)
{
    enum { FIRST_MESSAGES = 3 };

    *stage = (struct stage){.options = options, .current = &stage->clients[0]};
    stage->server = refserver_new(1, &stand_in_digests);
    policy_init(&stage->policy);
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

/* The server is right: what is held against it is the judge's mistake, unless its variant declares it. */
static void note_observation(void *context, const struct observation *observation)
{
    const struct stage *stage = context;
    const char *clause = rule_info(observation->rule)->clause;
    enum variant variant = stage->options->variant;

    if (variant != VARIANT_COUNT && names_clause(variant_info(variant)->warns, clause))
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

static void judge(const struct stage *stage, struct client *client, struct bytes octets)
{
    struct conversation_event event;

    do
        conversation_next(client->conversation, &octets, stage->now_us, &event);
    while (event.reply.kind != REPLY_NONE);
    FUZZ_CHECK(octets.size == 0, "session-reply-progress");
}

/* ---- one connection ---- */

static void disconnect(struct stage *stage, struct client *client)
{
    refserver_peer_ops.close(client->peer, stage->now_us);
    conversation_free(client->conversation);
    *client = (struct client){.output = client->output};
}

static void take_output(const struct stage *stage, struct client *client)
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

/* Whatever was sent has its reply as soon as the server has had its say, and a turn. */
static void check_answered(const struct stage *stage, const struct client *client)
{
    if (stage->options->variant == VARIANT_ONE_AFTER_THE_OTHER || client->peer == NULL || client->handshake ||
        conversation_lost(client->conversation) || conversation_challenged(client->conversation) ||
        conversation_silence_is_legal(client->conversation))
        return;
    FUZZ_CHECK(conversation_owed_min(client->conversation) == 0, "session-unanswered");
    /* Where LANG is answered in one line, only what comes next tells that no body follows (RFC 6856 section 3.2). */
    if (stage->policy.lang != LANG_ONE_LINE)
        FUZZ_CHECK(!conversation_in_body(client->conversation), "session-unterminated");
}

/* ---- sending ---- */

/* Mail goes only where QUIT ends a session in the TRANSACTION state. */
static void check_mail(const struct stage *stage, const struct client *client, size_t count_before,
                       bool might_update)
{
    if (refserver_message_count(stage->server, USER) < count_before)
        FUZZ_CHECK(might_update && client->peer == NULL, "session-mail-lost");
}

static void send_octets(struct stage *stage, struct client *client, struct bytes octets)
{
    size_t count_before = refserver_message_count(stage->server, USER);

    if (client->peer == NULL || client->handshake || client->silent || octets.size == 0)
        return;
    enum session_state state = conversation_state(client->conversation);
    bool might_update = state == SESSION_TRANSACTION || state == SESSION_UNKNOWN || octets.size > 1 ||
                        conversation_lost(client->conversation);

    client->mid_line = !(octets.data[octets.size - 1] == '\n' &&
                         (octets.size > 1 ? octets.data[octets.size - 2] == '\r' : client->after_cr));
    client->after_cr = octets.data[octets.size - 1] == '\r';
    conversation_sent(client->conversation, octets, CONVERSATION_BY_COMMAND);
    refserver_peer_ops.input(client->peer, octets, stage->now_us);
    settle(stage, client);
    check_answered(stage, client);
    check_mail(stage, client, count_before, might_update);
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
    uint8_t storage[4096];

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

static void end_handshake(struct stage *stage, bool ok)
{
    struct client *client = stage->current;

    if (client->peer == NULL || !client->handshake)
        return;
    client->handshake = false;
    client->mid_line = false;
    if (ok)
        conversation_secured(client->conversation, BYTES_EMPTY, stage->now_us);
    refserver_peer_ops.tls_done(client->peer, ok, stage->now_us);
    settle(stage, client);
}

static void leave(struct stage *stage, struct client *client)
{
    conversation_left(client->conversation, stage->now_us);
    refserver_peer_ops.reset(client->peer, stage->now_us);
    disconnect(stage, client);
}

/* A client that goes without QUIT takes nothing with it (RFC 1939 section 6). */
static void leave_untouched(struct stage *stage, struct client *client)
{
    size_t count_before = refserver_message_count(stage->server, USER);

    leave(stage, client);
    FUZZ_CHECK(refserver_message_count(stage->server, USER) == count_before, "session-update-without-quit");
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

static void take_step(struct stage *stage, const struct script_step *step)
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
            leave_untouched(stage, stage->current);
        return;
    case SCRIPT_DELIVER:
        deliver(stage);
        return;
    case SCRIPT_WAIT:
        pass_time(stage, step->seconds);
        return;
    }
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
            leave_untouched(&stage, &stage.clients[i]);
    refserver_free(stage.server);
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
