#include "net/tls_filter.h"

#include "base/check.h"

/*
 * OpenSSL answers hostile input with few and small records, and the channel stops feeding while output waits; this
 * bound only makes the promise explicit.
 */
enum { OUTPUT_OCTETS_MAX = 1024 * 1024, REASON_OCTETS_MAX = 512 };

/* The types that may begin a conversation (RFC 8446 section 5.1); anything else is not TLS. */
enum { RECORD_ALERT = 0x15, RECORD_HANDSHAKE = 0x16 };

void tls_filter_init(struct tls_filter *filter, const struct tls_filter_ops *ops, bool server)
{
    filter->ops = ops;
    filter->server = server;
    filter->state = TLS_HANDSHAKE;
    buf_init(&filter->output, OUTPUT_OCTETS_MAX);
    buf_init(&filter->reason, REASON_OCTETS_MAX);
}

void tls_free(struct tls_filter *filter)
{
    if (filter == NULL)
        return;
    buf_release(&filter->output);
    buf_release(&filter->reason);
    filter->ops->free(filter);
}

const char *tls_other_side(const struct tls_filter *filter)
{
    return filter->server ? "the client" : "the server";
}

void tls_fail(struct tls_filter *filter, const char *format, ...)
{
    va_list arguments;

    filter->state = TLS_FAILED;
    buf_clear(&filter->reason);
    va_start(arguments, format);
    buf_append_format_list(&filter->reason, format, arguments);
    va_end(arguments);
}

enum tls_state tls_state(const struct tls_filter *filter)
{
    return filter->state;
}

bool tls_versions_refused(const struct tls_filter *filter)
{
    return filter->state == TLS_FAILED && filter->versions_refused;
}

const char *tls_reason(const struct tls_filter *filter)
{
    return buf_text(&filter->reason);
}

/* The other side's close, in order or not, ends reading only. */
static bool is_up(const struct tls_filter *filter)
{
    return filter->state != TLS_HANDSHAKE && filter->state != TLS_FAILED;
}

static void check_output(struct tls_filter *filter)
{
    if (filter->output.overflowed)
        tls_fail(filter, "%s makes TLS answer more than it reads", tls_other_side(filter));
}

void tls_feed(struct tls_filter *filter, struct bytes cipher)
{
    if (cipher.size == 0 || (filter->state != TLS_HANDSHAKE && filter->state != TLS_OPEN))
        return;
    bool speaks = filter->heard || cipher.data[0] == RECORD_HANDSHAKE || cipher.data[0] == RECORD_ALERT;

    filter->heard = true;
    if (!speaks) {
        tls_fail(filter, "%s did not speak TLS: what it sent is no TLS record", tls_other_side(filter));
        return;
    }
    filter->ops->feed(filter, cipher);
    check_output(filter);
}

void tls_feed_end(struct tls_filter *filter, bool reset)
{
    if (filter->state == TLS_HANDSHAKE)
        tls_fail(filter, "%s %s the connection during the TLS handshake", tls_other_side(filter),
                 reset ? "reset" : "closed");
    else if (filter->state == TLS_OPEN)
        filter->state = TLS_TRUNCATED;
}

size_t tls_read(struct tls_filter *filter, uint8_t *buffer, size_t size)
{
    if (filter->state != TLS_OPEN || size == 0)
        return 0;
    size_t count = filter->ops->read(filter, buffer, size);

    check_output(filter);
    return count;
}

void tls_write(struct tls_filter *filter, struct bytes plain)
{
    CHECK(plain.size <= TLS_RECORD_OCTETS_MAX);
    if (!is_up(filter) || filter->close_said || plain.size == 0)
        return;
    filter->ops->write(filter, plain);
    check_output(filter);
}

void tls_close(struct tls_filter *filter)
{
    if (!is_up(filter) || filter->close_said)
        return;
    filter->close_said = true;
    filter->ops->close(filter);
}

struct bytes tls_output(const struct tls_filter *filter)
{
    return buf_bytes(&filter->output);
}

void tls_sent(struct tls_filter *filter, size_t count)
{
    if (count >= filter->output.size)
        buf_clear(&filter->output);
    else
        buf_consume(&filter->output, count);
}
