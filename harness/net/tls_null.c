/*
 * The null twin. Its records are a type, a length of two octets and the plain content; the client's hello names the
 * lowest and the highest version that it offers, the server's nothing. So a handshake takes one step each way, plain text in
 * its place is noticed, versions that do not meet are refused, segments stay segments, and a missing close_notify
 * shows, all as with TLS.
 */
#include "base/check.h"
#include "base/memory.h"
#include "net/tls_filter.h"

/* An alert with content is a refusal of the hello's versions, one without is close_notify. */
enum null_record { NULL_ALERT = 0x15, NULL_HELLO = 0x16, NULL_DATA = 0x17 };

enum { NULL_HEADER_OCTETS = 3, NULL_VERSIONS_OCTETS = 2 };

struct null_filter {
    struct tls_filter base;
    enum tls_version version_min;
    enum tls_version version_max;
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

    if (rest.data[0] < NULL_ALERT || rest.data[0] > NULL_DATA || size > TLS_RECORD_OCTETS_MAX) {
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

/* A hello that names no versions is content with any. */
static bool versions_meet(const struct null_filter *filter, struct bytes hello)
{
    return hello.size != NULL_VERSIONS_OCTETS ||
           (hello.data[0] <= filter->version_max && hello.data[1] >= filter->version_min);
}

static void refuse_versions(struct null_filter *filter)
{
    put_record(&filter->base, NULL_ALERT, BYTES_LITERAL("protocol version"));
    tls_fail(&filter->base, "no TLS version in common with %s", tls_other_side(&filter->base));
}

/* The client's: it knows of no other alert in the place of a hello. */
static void versions_were_refused(struct null_filter *filter)
{
    filter->base.versions_refused =
        filter->version_min <= TLS_VERSION_1_2 && filter->version_max == TLS_VERSION_1_3;
    tls_fail(&filter->base, "%s sent the TLS alert \"protocol version\"", tls_other_side(&filter->base));
}

static void handshake_step(struct null_filter *filter)
{
    enum null_record type;
    struct bytes content;

    if (!take_record(filter, &type, &content))
        return;
    if (type == NULL_ALERT && content.size > 0 && !filter->base.server) {
        versions_were_refused(filter);
        return;
    }
    if (type != NULL_HELLO) {
        tls_fail(&filter->base, "%s sent no TLS hello", tls_other_side(&filter->base));
        return;
    }
    if (filter->base.server && !versions_meet(filter, content)) {
        refuse_versions(filter);
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
        if (type == NULL_ALERT) {
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
    put_record(base, NULL_ALERT, BYTES_EMPTY);
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

static struct null_filter *null_new(bool server, enum tls_version version_min, enum tls_version version_max)
{
    struct null_filter *filter = memory_new(sizeof(*filter));

    tls_filter_init(&filter->base, &null_ops, server);
    filter->version_min = version_min;
    filter->version_max = version_max;
    buf_init(&filter->input, NULL_INPUT_OCTETS_MAX);
    return filter;
}

struct tls_filter *tls_null_client_new(enum tls_version version)
{
    bool any = version == TLS_VERSION_ANY;
    struct null_filter *filter =
        null_new(false, any ? TLS_VERSION_1_2 : version, any ? TLS_VERSION_1_3 : version);
    const uint8_t versions[NULL_VERSIONS_OCTETS] = {(uint8_t)filter->version_min,
                                                    (uint8_t)filter->version_max};

    put_record(&filter->base, NULL_HELLO, bytes_make(versions, sizeof(versions)));
    return &filter->base;
}

struct tls_filter *tls_null_server_new(enum tls_version version_max)
{
    bool any = version_max == TLS_VERSION_ANY;
    bool old = !any && version_max < TLS_VERSION_1_2;

    return &null_new(true, old ? TLS_VERSION_1_0 : TLS_VERSION_1_2, any ? TLS_VERSION_1_3 : version_max)
                ->base;
}
