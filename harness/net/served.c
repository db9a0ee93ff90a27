#include "net/served.h"

#include "base/check.h"

enum {
    /* Segments written in one turn, so that a peer with endless output lets the others have theirs. */
    SEGMENTS_PER_TURN = 32,
    /* Pipelined commands are taken in that far while their replies cannot be written. */
    READ_AHEAD_OCTETS_MAX = 64 * 1024,
};

/* Before a peer is there to have a deadline, a client on the implicit TLS port gets this long for its handshake. */
#define HANDSHAKE_US (60 * US_PER_S)

static time_us now_of(const struct served *served)
{
    return served->channel->timers->now_us;
}

static void close_peer(struct served *served)
{
    void *peer = served->peer;

    timer_off(served->channel->timers, &served->timer);
    served->peer = NULL;
    if (peer != NULL)
        served->by.ops->close(peer, now_of(served));
}

/* Writes what the peer has to say; true when all of it has left. */
static bool drain(struct served *served)
{
    for (int i = 0; i < SEGMENTS_PER_TURN; i++) {
        struct bytes segment = served->by.ops->output(served->peer);

        if (segment.size == 0) {
            served->output_waits = !channel_flush(served->channel);
            if (!served->output_waits)
                served->read_ahead_octets = 0;
            return !served->output_waits;
        }
        size_t count = channel_write(served->channel, segment);

        if (count == 0) {
            served->output_waits = true;
            return false;
        }
        served->by.ops->wrote(served->peer, count, now_of(served));
    }
    served->output_waits = true;
    channel_again(served->channel);
    return false;
}

static void fail_tls(struct served *served)
{
    served->in_handshake = false;
    if (served->peer != NULL)
        served->by.ops->tls_done(served->peer, false, now_of(served));
    channel_close(served->channel, false);
    close_peer(served);
}

static enum peer_handshake handshake_of(const struct served *served)
{
    return served->by.ops->handshake != NULL
               ? served->by.ops->handshake(served->by.server, served->peer, now_of(served))
               : PEER_HANDSHAKE_USUAL;
}

static void start_tls(struct served *served, enum peer_handshake handshake)
{
    bool possible =
        served->by.tls != NULL && served->channel->tls == NULL && handshake != PEER_HANDSHAKE_NONE;
    enum tls_version version_max = handshake == PEER_HANDSHAKE_OLD ? TLS_VERSION_1_1 : TLS_VERSION_ANY;
    struct tls_filter *filter = possible ? served->by.tls(served->by.tls_context, version_max) : NULL;

    if (filter == NULL) {
        fail_tls(served);
        return;
    }
    served->in_handshake = true;
    channel_start_tls(served->channel, filter);
}

/* What follows every call to the peer: its output is drained, its wish obeyed, its deadline set. */
static void pump(struct served *served)
{
    bool drained = drain(served);

    switch (served->by.ops->wish(served->peer)) {
    case PEER_READ:
        break;
    case PEER_START_TLS:
        if (drained && !served->in_handshake)
            start_tls(served, handshake_of(served));
        break;
    case PEER_CLOSE:
    case PEER_CLOSE_UNNOTIFIED:
        if (drained) {
            channel_close(served->channel, served->by.ops->wish(served->peer) == PEER_CLOSE_UNNOTIFIED);
            close_peer(served);
        }
        break;
    case PEER_ABORT:
        channel_abort(served->channel);
        close_peer(served);
        break;
    }
    if (served->peer != NULL)
        timer_set(served->channel->timers, &served->timer, served->by.ops->deadline(served->peer));
}

static void open_peer(struct served *served)
{
    struct peer_info info = {
        .implicit_tls = served->implicit_tls,
        .tls_ready = served->by.tls != NULL,
    };

    served->peer = served->by.ops->open(served->by.server, &info, now_of(served));
    CHECK(served->peer != NULL);
    pump(served);
}

static void served_bytes(void *owner, struct bytes plain)
{
    struct served *served = owner;

    served->read_ahead_octets += plain.size;
    served->by.ops->input(served->peer, plain, now_of(served));
    pump(served);
}

static void served_end(void *owner, bool truncated)
{
    struct served *served = owner;

    (void)truncated;
    served->ended = true;
    served->by.ops->end(served->peer, now_of(served));
    pump(served);
}

static void served_reset(void *owner)
{
    struct served *served = owner;

    channel_abort(served->channel);
    if (served->peer != NULL)
        served->by.ops->reset(served->peer, now_of(served));
    close_peer(served);
}

static void served_tls_opened(void *owner, const char *reason)
{
    struct served *served = owner;

    (void)reason;
    served->in_handshake = false;
    if (served->peer == NULL) {
        open_peer(served);
        return;
    }
    served->by.ops->tls_done(served->peer, true, now_of(served));
    pump(served);
}

static void served_tls_failed(void *owner, const char *reason)
{
    struct served *served = owner;

    (void)reason;
    if (served->in_handshake)
        fail_tls(served);
    else
        served_reset(served);
}

static void served_writable(void *owner)
{
    struct served *served = owner;

    if (served->peer != NULL)
        pump(served);
}

/*
 * Between the wish for TLS and the handshake nothing is read: what is still on the wire then is the handshake's
 * (RFC 2595 section 4), and what was read before has been given to the peer.
 */
static bool served_wants_read(const void *owner)
{
    const struct served *served = owner;

    if (served->in_handshake)
        return true;
    if (served->peer == NULL || served->ended)
        return false;
    if (served->by.ops->wish(served->peer) != PEER_READ)
        return false;
    return !served->output_waits || served->read_ahead_octets < READ_AHEAD_OCTETS_MAX;
}

static const struct channel_owner_ops served_ops = {
    .bytes = served_bytes,
    .end = served_end,
    .reset = served_reset,
    .tls_opened = served_tls_opened,
    .tls_failed = served_tls_failed,
    .writable = served_writable,
    .wants_read = served_wants_read,
};

static void served_time(void *context)
{
    struct served *served = context;

    if (served->peer == NULL) {
        channel_abort(served->channel);
        return;
    }
    served->by.ops->tick(served->peer, now_of(served));
    pump(served);
    /* The carrier may have left input on the wire that is welcome now. */
    channel_again(served->channel);
}

void served_init(struct served *served, const struct served_by *by, struct channel *channel,
                 bool implicit_tls)
{
    *served = (struct served){.by = *by, .channel = channel, .implicit_tls = implicit_tls};
    timer_init(&served->timer, served_time, served);
    channel_own(channel, &served_ops, served);
    enum peer_handshake handshake = implicit_tls ? handshake_of(served) : PEER_HANDSHAKE_NONE;

    if (handshake == PEER_HANDSHAKE_NONE) {
        served->implicit_tls = false;
        open_peer(served);
        return;
    }
    timer_set(channel->timers, &served->timer, time_after(now_of(served), HANDSHAKE_US));
    start_tls(served, handshake);
}

void served_release(struct served *served)
{
    if (served->peer != NULL)
        served->by.ops->reset(served->peer, now_of(served));
    close_peer(served);
}
