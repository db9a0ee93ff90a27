#include "net/channel.h"

#include "base/check.h"

static void die(struct channel *channel, bool reset)
{
    if (channel->dead)
        return;
    channel->dead = true;
    channel->owner = NULL;
    timer_off(channel->timers, &channel->linger);
    channel->wire_ops->close(channel->wire, reset);
}

static void linger_over(void *context)
{
    die(context, false);
}

void channel_init(struct channel *channel, const struct wire_ops *wire_ops, void *wire, struct timers *timers)
{
    *channel = (struct channel){.wire_ops = wire_ops, .wire = wire, .timers = timers};
    timer_init(&channel->linger, linger_over, channel);
}

void channel_release(struct channel *channel)
{
    timer_off(channel->timers, &channel->linger);
    tls_free(channel->tls);
    channel->tls = NULL;
}

void channel_own(struct channel *channel, const struct channel_owner_ops *owner_ops, void *owner)
{
    channel->owner_ops = owner_ops;
    channel->owner = owner;
}

bool channel_flush(struct channel *channel)
{
    while (!channel->broken && channel->tls != NULL) {
        struct bytes output = tls_output(channel->tls);

        if (output.size == 0)
            break;
        ptrdiff_t count = channel->wire_ops->write(channel->wire, output);

        if (count == 0)
            return false;
        if (count < 0)
            channel->broken = true;
        else
            tls_sent(channel->tls, (size_t)count);
    }
    return !channel->broken;
}

size_t channel_write(struct channel *channel, struct bytes plain)
{
    if (channel->dead || channel->closing || plain.size == 0 || !channel_flush(channel))
        return 0;
    if (channel->tls != NULL) {
        struct bytes record = bytes_slice(plain, 0, TLS_RECORD_OCTETS_MAX);

        if (!channel->tls_told || tls_state(channel->tls) == TLS_FAILED)
            return 0;
        tls_write(channel->tls, record);
        channel_flush(channel);
        return record.size;
    }
    ptrdiff_t count = channel->wire_ops->write(channel->wire, plain);

    if (count < 0)
        channel->broken = true;
    return count > 0 ? (size_t)count : 0;
}

void channel_again(struct channel *channel)
{
    if (!channel->dead)
        channel->wire_ops->again(channel->wire);
}

/* Goes on with closing as far as the wire lets it. */
static void close_progress(struct channel *channel)
{
    if (channel->dead || !channel->closing)
        return;
    if (!channel->finished && channel->tls != NULL && !channel->close_unnotified)
        tls_close(channel->tls);
    if (!channel->finished && channel_flush(channel)) {
        channel->finished = true;
        channel->wire_ops->finish(channel->wire);
    }
    if (channel->owner == NULL && (channel->broken || (channel->finished && channel->end_received)))
        die(channel, false);
}

/* Tells of everything that the filter has made of what it was fed, in order. */
static void tls_progress(struct channel *channel)
{
    uint8_t plain[TLS_RECORD_OCTETS_MAX];

    channel_flush(channel);
    if (channel->owner != NULL && !channel->tls_told && tls_state(channel->tls) == TLS_OPEN) {
        channel->tls_told = true;
        channel->owner_ops->tls_opened(channel->owner, tls_reason(channel->tls));
    }
    while (channel->owner != NULL) {
        size_t size = tls_read(channel->tls, plain, sizeof(plain));

        if (size == 0)
            break;
        channel->owner_ops->bytes(channel->owner, bytes_make(plain, size));
    }
    if (channel->dead)
        return;
    channel_flush(channel);
    if (channel->owner == NULL || channel->end_told)
        return;
    if (tls_state(channel->tls) == TLS_CLOSED || tls_state(channel->tls) == TLS_TRUNCATED) {
        channel->end_told = true;
        channel->owner_ops->end(channel->owner, tls_state(channel->tls) == TLS_TRUNCATED);
    } else if (tls_state(channel->tls) == TLS_FAILED) {
        channel->end_told = true;
        channel->tls_told = true;
        channel->owner_ops->tls_failed(channel->owner, tls_reason(channel->tls));
    }
}

void channel_start_tls(struct channel *channel, struct tls_filter *filter)
{
    CHECK(channel->tls == NULL);
    channel->tls = filter;
    channel_flush(channel);
}

void channel_opened(struct channel *channel)
{
    if (channel->owner != NULL)
        channel->owner_ops->opened(channel->owner);
}

void channel_open_failed(struct channel *channel, const char *reason)
{
    void *owner = channel->owner;
    const struct channel_owner_ops *owner_ops = channel->owner_ops;

    die(channel, false);
    if (owner != NULL)
        owner_ops->open_failed(owner, reason);
}

void channel_receive(struct channel *channel, struct bytes octets)
{
    if (channel->owner == NULL || octets.size == 0)
        return;
    if (channel->tls == NULL) {
        channel->owner_ops->bytes(channel->owner, octets);
        return;
    }
    tls_feed(channel->tls, octets);
    tls_progress(channel);
}

static void tell_reset(struct channel *channel)
{
    bool failed = channel->tls != NULL && tls_state(channel->tls) == TLS_FAILED;

    channel->end_told = true;
    if (channel->reset_told || failed)
        return;
    channel->reset_told = true;
    channel->owner_ops->reset(channel->owner);
}

/* The wire has no more for us, by FIN or RST. */
static void receive_last(struct channel *channel, bool reset)
{
    bool in_handshake = channel->tls != NULL && tls_state(channel->tls) == TLS_HANDSHAKE;

    channel->end_received = true;
    channel->broken |= reset;
    if (channel->owner == NULL) {
        close_progress(channel);
        return;
    }
    if (channel->tls != NULL && (in_handshake || !reset)) {
        tls_feed_end(channel->tls, reset);
        tls_progress(channel);
    } else if (reset) {
        tell_reset(channel);
    } else if (!channel->end_told) {
        channel->end_told = true;
        channel->owner_ops->end(channel->owner, false);
    }
    close_progress(channel);
}

void channel_receive_end(struct channel *channel)
{
    /* After a failed write the end of reading is what remains of the RST that made it fail. */
    if (!channel->dead && !channel->end_received)
        receive_last(channel, channel->broken);
}

void channel_receive_reset(struct channel *channel)
{
    if (!channel->dead)
        receive_last(channel, true);
}

void channel_writable(struct channel *channel)
{
    if (channel->dead)
        return;
    if (channel_flush(channel) && channel->owner != NULL && !channel->closing)
        channel->owner_ops->writable(channel->owner);
    close_progress(channel);
}

bool channel_wants_read(const struct channel *channel)
{
    if (channel->dead || channel->end_received)
        return false;
    return channel->owner == NULL || channel->owner_ops->wants_read(channel->owner);
}

void channel_finish(struct channel *channel)
{
    channel->closing = true;
    close_progress(channel);
}

void channel_close(struct channel *channel, bool unnotified)
{
    if (channel->dead)
        return;
    channel->owner = NULL;
    channel->closing = true;
    channel->close_unnotified = unnotified;
    timer_set(channel->timers, &channel->linger, time_after(channel->timers->now_us, CHANNEL_LINGER_US));
    close_progress(channel);
}

void channel_abort(struct channel *channel)
{
    die(channel, true);
}
