/*
 * The null twin. Its records are a type, a length of two octets and the plain content; the hello of either side is a
 * record without meaning. So a handshake takes one step each way, plain text in its place is noticed, segments stay
 * segments, and a missing close_notify shows, all as with TLS.
 */
#include "base/check.h"
#include "base/memory.h"
#include "net/tls_filter.h"

enum null_record { NULL_CLOSE = 0x15, NULL_HELLO = 0x16, NULL_DATA = 0x17 };

enum { NULL_HEADER_OCTETS = 3 };

struct null_filter {
    struct tls_filter base;
    struct buf input; /* from the wire, not taken apart yet; read_from says how far it is used up */
    size_t read_from;
};

static struct null_filter *null_of(struct tls_filter *filter)
{
    return (struct null_filter *)(void *)filter;
}

static void put_record(struct tls_filter *filter, enum null_record type, struct bytes content)
{
    const uint8_t header[NULL_HEADER_OCTETS] = {(uint8_t)type, (uint8_t)(content.size >> 8),
                                                (uint8_t)content.size};

    buf_append(&filter->output, bytes_make(header, sizeof(header)));
    buf_append(&filter->output, content);
}

/* Takes the next whole record off the input; RET_CONTENT is valid until the next feed. */
static bool take_record(struct null_filter *filter, enum null_record *ret_type, struct bytes *ret_content)
{
    struct bytes rest = bytes_from(buf_bytes(&filter->input), filter->read_from);

    if (rest.size < NULL_HEADER_OCTETS)
        return false;
    size_t size = (size_t)rest.data[1] << 8 | rest.data[2];

    if (rest.data[0] < NULL_CLOSE || rest.data[0] > NULL_DATA || size > TLS_RECORD_OCTETS_MAX) {
        tls_fail(&filter->base, "%s sent something that is no TLS record", tls_other_side(&filter->base));
        return false;
    }
    if (rest.size - NULL_HEADER_OCTETS < size)
        return false;
    *ret_type = (enum null_record)rest.data[0];
    *ret_content = bytes_slice(rest, NULL_HEADER_OCTETS, NULL_HEADER_OCTETS + size);
    filter->read_from += NULL_HEADER_OCTETS + size;
    return true;
}

static void handshake_step(struct null_filter *filter)
{
    enum null_record type;
    struct bytes content;

    if (!take_record(filter, &type, &content))
        return;
    if (type != NULL_HELLO) {
        tls_fail(&filter->base, "%s sent no TLS hello", tls_other_side(&filter->base));
        return;
    }
    if (filter->base.server)
        put_record(&filter->base, NULL_HELLO, BYTES_EMPTY);
    filter->base.state = TLS_OPEN;
    buf_append_text(&filter->base.reason, "null TLS, in memory");
}

static void null_feed(struct tls_filter *base, struct bytes cipher)
{
    struct null_filter *filter = null_of(base);

    buf_consume(&filter->input, filter->read_from);
    filter->read_from = 0;
    if (!buf_append(&filter->input, cipher))
        tls_fail(base, "%s sent more than one record can hold", tls_other_side(base));
    else if (base->state == TLS_HANDSHAKE)
        handshake_step(filter);
}

static size_t null_read(struct tls_filter *base, uint8_t *buffer, size_t size)
{
    struct null_filter *filter = null_of(base);
    enum null_record type;
    struct bytes content;

    while (take_record(filter, &type, &content)) {
        if (type == NULL_CLOSE) {
            base->state = TLS_CLOSED;
            return 0;
        }
        CHECK(content.size <= size);
        if (type == NULL_DATA && content.size > 0) {
            memcpy(buffer, content.data, content.size);
            return content.size;
        }
    }
    return 0;
}

static void null_write(struct tls_filter *base, struct bytes plain)
{
    put_record(base, NULL_DATA, plain);
}

static void null_close(struct tls_filter *base)
{
    put_record(base, NULL_CLOSE, BYTES_EMPTY);
}

static void null_free(struct tls_filter *base)
{
    struct null_filter *filter = null_of(base);

    buf_release(&filter->input);
    free(filter);
}

static const struct tls_filter_ops null_ops = {
    .feed = null_feed,
    .read = null_read,
    .write = null_write,
    .close = null_close,
    .free = null_free,
};

/* Far above one record and what a segment of memory's wire can hold. */
enum { NULL_INPUT_OCTETS_MAX = 16 * 1024 * 1024 };

static struct tls_filter *null_new(bool server)
{
    struct null_filter *filter = memory_new(sizeof(*filter));

    tls_filter_init(&filter->base, &null_ops, server);
    buf_init(&filter->input, NULL_INPUT_OCTETS_MAX);
    if (!server)
        put_record(&filter->base, NULL_HELLO, BYTES_EMPTY);
    return &filter->base;
}

struct tls_filter *tls_null_client_new(void)
{
    return null_new(false);
}

struct tls_filter *tls_null_server_new(void)
{
    return null_new(true);
}
