#include "session_stage.h"

#include "allocated.h"
#include "check.h"
#include "stand_ins.h"

#include "base/check.h"
#include "base/memory.h"

#include <string.h>

enum {
    SESSIONS_MAX = 16,
    /*
     * What server, judge and results may ask of the heap, and how much more for each octet of the script. Short scripts were seen to
     * take 200 KB, and empty lines, where each reply is as long as replies may be, 1,030 octets each.
     */
    MEMORY_OCTETS = 512 * 1024,
    MEMORY_OCTETS_EACH = 2048,
};

/* ---- what the server is made of ---- */

static const char ODD_LINES[] = "From: a@example.org\r\nSubject: first\r\n\r\nbody\r\n.\r\n..dots\r\n.x\r\n"
                                " .y \r\n z\r\nFrom here\r\n\r\n";
static const char UTF8_MAIL[] =
    "From: \xC3\xA9 <a@example.org>\r\nSubject: \xC3\xA9t\xC3\xA9\r\n\r\nc'\xC3\xA9tait\r\n";

const struct stage_message stage_messages[STAGE_MESSAGES] = {
    {ODD_LINES, ODD_LINES, {.clean = true, .final_newline = true}},
    {"Subject: second\r\n\r\nline 1\r\nline 2\r\nline 3",
     "Subject: second\r\n\r\nline 1\r\nline 2\r\nline 3\r\n",
     {.clean = true}},
    {"no header\nbare\rends\n", "no header\r\nbare\rends\r\n", {.clean = false}},
    {"", "", {.clean = false}},
    {UTF8_MAIL, UTF8_MAIL, {.clean = true, .final_newline = true, .eight_bit = true}},
};

static void deliver(struct stage *stage)
{
    const struct stage_message *message = &stage_messages[stage->deliveries % STAGE_MESSAGES];
    struct message_hint hint = message->hint;
    struct error error;

    if (stage->deliveries == DELIVERIES_MAX)
        return;
    hint.same_as = message;
    hint.identical = true;
    stage_note_delivery(stage, stage->deliveries);
    stage->hints[stage->deliveries++] = hint;
    stage->mail_count++;
    CHECK(refserver_deliver(stage->server, STAGE_USER, bytes_of(message->octets), &error));
}

static void stage_begin(struct stage *stage, const struct play_options *options, struct play_result *result)
{
    enum { FIRST_MESSAGES = 3 };

    *stage = (struct stage){.options = options, .current = &stage->clients[0], .present = {.known = true}};
    chunk_room_init(&stage->room, SCRIPT_OCTETS_MAX);
    stage->server = refserver_new(1, &stand_in_digests);
    policy_init(&stage->policy);
    if (options->plain_ascii)
        policy_apply(&stage->policy, VARIANT_NO_UTF8);
    if (options->variant != VARIANT_COUNT)
        policy_apply(&stage->policy, options->variant);
    refserver_set_policy(stage->server, &stage->policy);
    CHECK(refserver_add_user(stage->server, STAGE_USER, STAGE_PASSWORD));
    CHECK(refserver_set_token(stage->server, STAGE_USER, "t"));
    for (int i = 0; i < FIRST_MESSAGES; i++)
        deliver(stage);
    for (int i = 0; i < SCRIPT_CLIENTS; i++) {
        buf_init(&result->output[i], BUF_UNBOUNDED);
        stage->clients[i].output = &result->output[i];
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
        stage_judge(stage, client, segment);
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
    client->active_us = stage->now_us;
    client->conversation = stage_new_conversation(stage);
    if (implicit_tls)
        conversation_secured(client->conversation, BYTES_EMPTY, stage->now_us);
    client->peer = refserver_peer_ops.open(stage->server, &info, stage->now_us);
    settle(stage, client);
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
    client->active_us = client->mid_line ? client->active_us : stage->now_us;
    stage_give_hints(stage, client);
    conversation_sent(client->conversation, octets, CONVERSATION_BY_COMMAND);
    refserver_peer_ops.input(client->peer, octets, stage->now_us);
    settle(stage, client);
    stage_check_answered(stage, client);
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
    client->active_us = stage->now_us;
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
        time_us active_us = client->active_us;

        if (client->peer == NULL || refserver_peer_ops.deadline(client->peer) > stage->now_us)
            continue;
        refserver_peer_ops.tick(client->peer, stage->now_us);
        settle(stage, client);
        stage_check_autologout(stage, client, active_us);
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

static void take_step(struct stage *stage, const struct script_step *step)
{
    perform(stage, step);
    stage_check_mail(stage);
    stage_check_lock(stage);
    stage_check_timers(stage);
}

void play(struct bytes script, const struct play_options *options, struct play_result *ret_result)
{
    struct stage stage;
    struct script_reader reader;
    struct script_step step;

    allocated_begin();
    stage_begin(&stage, options, ret_result);
    connect_client(&stage, stage.current);
    script_begin(&reader, script);
    while (script_next(&reader, &step))
        take_step(&stage, &step);
    script_end(&reader);
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        if (stage.clients[i].peer != NULL)
            leave(&stage, &stage.clients[i]);
    stage_check_mail(&stage);
    refserver_free(stage.server);
    chunk_room_release(&stage.room);
    FUZZ_CHECK(allocated_octets() <= MEMORY_OCTETS + script.size * MEMORY_OCTETS_EACH, "session-memory");
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
