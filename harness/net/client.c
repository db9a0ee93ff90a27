#include "net/client.h"

#include "base/check.h"

enum {
    HOST_REASON_OCTETS_MAX = 1024,
    /* Of one segment in one turn, however fast the other side reads. */
    SENT_PER_TURN_OCTETS = 1024 * 1024,
};

static int link_number(const struct client_link *link)
{
    return (int)(link - link->client->links) + 1;
}

static void client_pump(struct client *client);

/* ---- telling ---- */

static void client_tell(struct client *client, struct told told)
{
    if (client->done)
        return;
    told.now_us = client->timers->now_us;
    if (told.kind == TOLD_BYTES && client->hooks.tap != NULL)
        client->hooks.tap(client->hooks.context, client->actor, told.connection, TAP_RECEIVED, told.bytes,
                          told.now_us);
    client->ops->tell(client->actor, &told);
}

/* Tells now, or, from within an ask, as soon as the actor waits. REASON is a literal then, or outlives the wait. */
static void client_report(struct client *client, struct told told)
{
    if (client->pumping) {
        CHECK(client->owed_count < CLIENT_OWED_MAX);
        client->owed[client->owed_count++] = told;
        return;
    }
    client_tell(client, told);
    client_pump(client);
}

static bool client_tell_owed(struct client *client)
{
    if (client->owed_count == 0)
        return false;
    struct told told = client->owed[0];

    client->owed_count--;
    memmove(client->owed, client->owed + 1, client->owed_count * sizeof(client->owed[0]));
    client_tell(client, told);
    return true;
}

/* Nothing more is told of a connection that the actor closed. */
static void client_forget_owed(struct client *client, int number)
{
    size_t kept = 0;

    for (size_t i = 0; i < client->owed_count; i++)
        if (client->owed[i].connection != number)
            client->owed[kept++] = client->owed[i];
    client->owed_count = kept;
}

static void link_report(struct client_link *link, enum told_kind kind, const char *reason)
{
    client_report(link->client,
                  (struct told){.kind = kind, .connection = link_number(link), .reason = reason});
}

/* ---- sending ---- */

/* The end of the segment that OFFSET stands in; moves on to the cut behind it. */
static size_t segment_end(struct client_sending *sending)
{
    while (sending->cut_next < sending->cut_count && sending->cuts[sending->cut_next] <= sending->offset)
        sending->cut_next++;
    if (sending->cut_next == sending->cut_count || sending->cuts[sending->cut_next] > sending->bytes.size)
        return sending->bytes.size;
    return sending->cuts[sending->cut_next];
}

static void link_sent(struct client_link *link)
{
    link->sending.active = false;
    if (link->half_close)
        channel_finish(link->channel);
    link_report(link, TOLD_SENT, NULL);
}

/* Hands over one segment, or as much of it as fits. */
static void link_send(struct client_link *link)
{
    struct client_sending *sending = &link->sending;
    struct client *client = link->client;
    size_t end = segment_end(sending);
    size_t turn_end =
        end - sending->offset < SENT_PER_TURN_OCTETS ? end : sending->offset + SENT_PER_TURN_OCTETS;

    while (sending->offset < turn_end) {
        struct bytes rest = bytes_slice(sending->bytes, sending->offset, turn_end);
        size_t count = channel_write(link->channel, rest);

        if (count == 0)
            return;
        if (client->hooks.tap != NULL)
            client->hooks.tap(client->hooks.context, client->actor, link_number(link), TAP_SENT,
                              bytes_slice(rest, 0, count), client->timers->now_us);
        sending->offset += count;
    }
    if (sending->offset == sending->bytes.size) {
        if (channel_flush(link->channel))
            link_sent(link);
    } else if (sending->offset == end && sending->pause_us > 0) {
        timer_set(client->timers, &link->pause, time_after(client->timers->now_us, sending->pause_us));
    } else {
        channel_again(link->channel);
    }
}

static void link_pause_over(void *context)
{
    link_send(context);
}

/* ---- what comes from the channel ---- */

static void link_opened(void *owner)
{
    struct client_link *link = owner;

    link->opened = true;
    link_report(link, TOLD_OPENED, NULL);
}

static void link_open_failed(void *owner, const char *reason)
{
    struct client_link *link = owner;

    link->channel = NULL;
    link_report(link, TOLD_OPEN_FAILED, reason);
}

static void link_bytes(void *owner, struct bytes plain)
{
    struct client_link *link = owner;

    client_report(link->client,
                  (struct told){.kind = TOLD_BYTES, .connection = link_number(link), .bytes = plain});
}

static void link_end(void *owner, bool truncated)
{
    struct client_link *link = owner;

    link->over = true;
    client_report(link->client,
                  (struct told){.kind = TOLD_END, .connection = link_number(link), .truncated = truncated});
}

static void link_stop_sending(struct client_link *link)
{
    link->sending.active = false;
    timer_off(link->client->timers, &link->pause);
}

static void link_give_up(struct client_link *link)
{
    link->over = true;
    link->broken = true;
    link_stop_sending(link);
}

static void link_reset(void *owner)
{
    struct client_link *link = owner;

    link_give_up(link);
    link_report(link, TOLD_RESET, NULL);
}

static void link_tls_opened(void *owner, const char *reason)
{
    link_report(owner, TOLD_TLS_DONE, reason);
}

static void link_tls_failed(void *owner, const char *reason)
{
    struct client_link *link = owner;

    link_give_up(link);
    client_report(link->client, (struct told){.kind = TOLD_TLS_FAILED,
                                              .connection = link_number(link),
                                              .reason = reason,
                                              .versions_refused = tls_versions_refused(link->channel->tls)});
}

static void link_writable(void *owner)
{
    struct client_link *link = owner;

    if (link->sending.active && link->pause.place == 0)
        link_send(link);
}

static bool link_wants_read(const void *owner)
{
    return ((const struct client_link *)owner)->opened;
}

static const struct channel_owner_ops link_ops = {
    .opened = link_opened,
    .open_failed = link_open_failed,
    .bytes = link_bytes,
    .end = link_end,
    .reset = link_reset,
    .tls_opened = link_tls_opened,
    .tls_failed = link_tls_failed,
    .writable = link_writable,
    .wants_read = link_wants_read,
};

/* ---- what the actor asks ---- */

/* Frees the number. */
static void link_close(struct client_link *link, bool reset)
{
    if (link->channel == NULL)
        return;
    link_stop_sending(link);
    client_forget_owed(link->client, link_number(link));
    /* An open that is still on its way is given up: there is nothing to close in order. */
    if (reset || !link->opened)
        channel_abort(link->channel);
    else
        channel_close(link->channel, false);
    link->channel = NULL;
}

static void ask_open(struct client_link *link, bool implicit_tls)
{
    struct client *client = link->client;

    CHECK(link->channel == NULL || link->over);
    link_close(link, false);
    link->opened = link->over = link->broken = link->half_close = false;
    link->channel = client->carrier_ops->open(client->carrier, implicit_tls);
    channel_own(link->channel, &link_ops, link);
}

static void ask_send(struct client_link *link, const struct ask *ask)
{
    CHECK(!link->sending.active && !link->half_close);
    if (link->channel == NULL || link->broken) {
        link_report(link, TOLD_RESET, NULL);
        return;
    }
    link->sending = (struct client_sending){
        .active = true,
        .bytes = ask->bytes,
        .cuts = ask->cuts,
        .cut_count = ask->cuts != NULL ? ask->cut_count : 0,
        .pause_us = ask->cut_pause_us,
    };
    link_send(link);
}

static void ask_start_tls(struct client_link *link, enum tls_version version)
{
    struct client *client = link->client;

    CHECK(!link->sending.active);
    if (link->channel == NULL || link->over) {
        link_report(link, TOLD_TLS_FAILED, "the connection had ended before the TLS handshake");
        return;
    }
    if (link->channel->tls != NULL) {
        link_report(link, TOLD_TLS_FAILED, "the connection is under TLS already");
        return;
    }
    struct tls_filter *filter = client->carrier_ops->tls(client->carrier, version);

    if (filter == NULL)
        link_report(link, TOLD_TLS_FAILED, "there are no TLS settings for this target");
    else
        channel_start_tls(link->channel, filter);
}

static void ask_half_close(struct client_link *link)
{
    if (link->channel == NULL || link->half_close)
        return;
    link->half_close = true;
    if (!link->sending.active)
        channel_finish(link->channel);
}

static enum told_kind told_of_host(enum host_result result)
{
    if (result == HOST_DONE)
        return TOLD_HOST_DONE;
    return result == HOST_IMPOSSIBLE ? TOLD_HOST_IMPOSSIBLE : TOLD_HOST_FAILED;
}

/* Spans that the actor begins now must not be shortened by the host's slowness. */
static void tell_of_host(struct client *client, enum host_result result)
{
    client->carrier_ops->look_at_clock(client->carrier);
    client_report(client,
                  (struct told){.kind = told_of_host(result),
                                .reason = result == HOST_DONE ? NULL : buf_text(&client->host_reason)});
}

void driver_host_finish(struct host_call *call, enum host_result result, const char *reason)
{
    struct client *client = call->client;

    CHECK(call->under_way);
    call->under_way = false;
    if (reason != NULL)
        buf_append_text(&client->host_reason, reason);
    tell_of_host(client, result);
}

static void ask_host(struct client *client, const struct ask *ask)
{
    const struct driver_hooks *hooks = &client->hooks;
    enum host_result result = HOST_FAILED;

    CHECK(!client->host_call.under_way);
    buf_clear(&client->host_reason);
    if (hooks->host == NULL)
        buf_append_format(&client->host_reason, "nothing here can %s", ask->host_verb);
    else
        result = hooks->host(hooks->context, client->actor, ask->host_verb, ask->host_noun,
                             &client->host_call, &client->host_reason);
    if (result == HOST_UNDER_WAY)
        client->host_call.under_way = true;
    else
        tell_of_host(client, result);
}

static void ask_done(struct client *client)
{
    CHECK(!client->host_call.under_way);
    client->done = true;
    timer_off(client->timers, &client->wait);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        link_close(&client->links[i], false);
    if (client->hooks.done != NULL)
        client->hooks.done(client->hooks.context, client->actor);
    client->carrier_ops->done(client->carrier);
}

static struct client_link *link_of(struct client *client, const struct ask *ask)
{
    CHECK(ask->connection >= 1 && ask->connection <= CONNECTIONS_MAX);
    return &client->links[ask->connection - 1];
}

/* Carries out one ask; false when the actor waits and nothing is owed to it. */
static bool carry_out(struct client *client, const struct ask *ask)
{
    switch (ask->kind) {
    case ASK_OPEN:
        ask_open(link_of(client, ask), ask->implicit_tls);
        return true;
    case ASK_SEND:
        ask_send(link_of(client, ask), ask);
        return true;
    case ASK_START_TLS:
        ask_start_tls(link_of(client, ask), ask->tls_version);
        return true;
    case ASK_HALF_CLOSE:
        ask_half_close(link_of(client, ask));
        return true;
    case ASK_CLOSE:
    case ASK_ABORT:
        link_close(link_of(client, ask), ask->kind == ASK_ABORT);
        return true;
    case ASK_HOST:
        ask_host(client, ask);
        return true;
    case ASK_WAIT:
        if (client_tell_owed(client))
            return true;
        timer_set(client->timers, &client->wait, ask->until_us);
        return false;
    case ASK_DONE:
        ask_done(client);
        return false;
    }
    return false;
}

static void client_pump(struct client *client)
{
    struct ask ask;

    if (client->done)
        return;
    client->pumping = true;
    do {
        ask = (struct ask){.kind = ASK_WAIT, .until_us = TIME_NEVER};
        client->ops->next(client->actor, client->timers->now_us, &ask);
    } while (carry_out(client, &ask));
    client->pumping = false;
}

static void client_wait_over(void *context)
{
    client_report(context, (struct told){.kind = TOLD_TIME});
}

static void client_begin(void *context)
{
    struct client *client = context;

    client->wait.fire = client_wait_over;
    client_pump(client);
}

void client_init(struct client *client, const struct actor_ops *ops, void *actor,
                 const struct driver_hooks *hooks, const struct client_carrier_ops *carrier_ops,
                 void *carrier, struct timers *timers)
{
    *client = (struct client){
        .ops = ops, .actor = actor, .carrier_ops = carrier_ops, .carrier = carrier, .timers = timers};
    if (hooks != NULL)
        client->hooks = *hooks;
    client->host_call.client = client;
    buf_init(&client->host_reason, HOST_REASON_OCTETS_MAX);
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        client->links[i].client = client;
        timer_init(&client->links[i].pause, link_pause_over, &client->links[i]);
    }
    timer_init(&client->wait, client_begin, client);
    timer_set(timers, &client->wait, timers->now_us);
}

void client_release(struct client *client)
{
    client->done = true;
    timer_off(client->timers, &client->wait);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        link_close(&client->links[i], true);
    buf_release(&client->host_reason);
}
