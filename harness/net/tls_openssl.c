#include "base/check.h"
#include "base/memory.h"
#include "net/address.h"
#include "net/tls_filter.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

struct openssl_filter {
    struct tls_filter base;
    SSL *connection;
    BIO *from_wire; /* owned by connection */
    BIO *to_wire;   /* owned by connection */
    bool described;
};

static struct openssl_filter *openssl_of(struct tls_filter *filter)
{
    return (struct openssl_filter *)(void *)filter;
}

/* Moves what OpenSSL wants to send into our buffer. */
static void collect_output(struct openssl_filter *filter)
{
    char *data = NULL;
    long size = BIO_get_mem_data(filter->to_wire, &data);

    if (size <= 0)
        return;
    buf_append(&filter->base.output, bytes_make(data, (size_t)size));
    (void)BIO_reset(filter->to_wire);
}

/* Looks at why an operation gave nothing: more input is needed, the other side closed, or it went wrong. */
static void after_stop(struct openssl_filter *filter, int result)
{
    int why = SSL_get_error(filter->connection, result);

    if (why == SSL_ERROR_WANT_READ)
        return;
    if (why == SSL_ERROR_ZERO_RETURN && filter->base.state == TLS_OPEN)
        filter->base.state = TLS_CLOSED;
    else
        tls_fail_from_openssl(&filter->base, filter->connection);
}

static void handshake_step(struct openssl_filter *filter)
{
    ERR_clear_error();
    int result = SSL_do_handshake(filter->connection);

    collect_output(filter);
    if (result != 1) {
        after_stop(filter, result);
        return;
    }
    filter->base.state = TLS_OPEN;
    buf_clear(&filter->base.reason);
    buf_append_format(&filter->base.reason, "%s with %s", SSL_get_version(filter->connection),
                      SSL_get_cipher_name(filter->connection));
    if (filter->described)
        tls_describe_certificate(filter->connection, &filter->base.reason);
}

static void openssl_feed(struct tls_filter *base, struct bytes cipher)
{
    struct openssl_filter *filter = openssl_of(base);

    CHECK(cipher.size <= INT_MAX);
    CHECK(BIO_write(filter->from_wire, cipher.data, (int)cipher.size) == (int)cipher.size);
    if (base->state == TLS_HANDSHAKE)
        handshake_step(filter);
}

static size_t openssl_read(struct tls_filter *base, uint8_t *buffer, size_t size)
{
    struct openssl_filter *filter = openssl_of(base);

    ERR_clear_error();
    int result = SSL_read(filter->connection, buffer, size <= INT_MAX ? (int)size : INT_MAX);

    collect_output(filter);
    if (result > 0)
        return (size_t)result;
    after_stop(filter, result);
    return 0;
}

static void openssl_write(struct tls_filter *base, struct bytes plain)
{
    struct openssl_filter *filter = openssl_of(base);

    ERR_clear_error();
    int result = SSL_write(filter->connection, plain.data, (int)plain.size);

    collect_output(filter);
    if (result <= 0)
        tls_fail_from_openssl(base, filter->connection);
}

static void openssl_close(struct tls_filter *base)
{
    struct openssl_filter *filter = openssl_of(base);

    ERR_clear_error();
    (void)SSL_shutdown(filter->connection);
    collect_output(filter);
}

static void openssl_free(struct tls_filter *base)
{
    struct openssl_filter *filter = openssl_of(base);

    SSL_free(filter->connection);
    free(filter);
}

static const struct tls_filter_ops openssl_ops = {
    .feed = openssl_feed,
    .read = openssl_read,
    .write = openssl_write,
    .close = openssl_close,
    .free = openssl_free,
};

static struct openssl_filter *openssl_new(const struct tls_context *context, bool server)
{
    struct openssl_filter *filter = memory_new(sizeof(*filter));

    tls_filter_init(&filter->base, &openssl_ops, server);
    filter->described = context->described;
    filter->connection = SSL_new(context->openssl);
    filter->from_wire = BIO_new(BIO_s_mem());
    filter->to_wire = BIO_new(BIO_s_mem());
    CHECK(filter->connection != NULL && filter->from_wire != NULL && filter->to_wire != NULL);
    SSL_set_bio(filter->connection, filter->from_wire, filter->to_wire);
    return filter;
}

/* RFC 2595 section 2.4: the certificate is checked against the name that the user gave, never one looked up. */
static void expect_host(SSL *connection, const char *host, bool verified)
{
    X509_VERIFY_PARAM *parameters = SSL_get0_param(connection);
    struct address address;
    char name[HOST_NAME_SIZE];

    /* OpenSSL takes an empty name for "do not check". */
    CHECK(host[0] != '\0');
    if (!address_parse(host, &address)) {
        snprintf(name, sizeof(name), "%s", host);
        (void)SSL_set_tlsext_host_name(connection, name);
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (verified)
            CHECK(X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1);
    } else if (verified) {
        CHECK(X509_VERIFY_PARAM_set1_ip(parameters, address.octets, address.is_ipv6 ? 16 : 4) == 1);
    }
}

static bool is_old(enum tls_version version)
{
    return version == TLS_VERSION_1_0 || version == TLS_VERSION_1_1;
}

static void set_versions(SSL *connection, enum tls_version version_min, enum tls_version version_max)
{
    /* What is forbidden nowadays needs ciphers and digests that are refused by default. */
    if (is_old(version_max))
        CHECK(SSL_set_cipher_list(connection, "ALL:@SECLEVEL=0") == 1);

    CHECK(SSL_set_min_proto_version(connection, tls_protocol_number(version_min)) == 1);
    CHECK(SSL_set_max_proto_version(connection, tls_protocol_number(version_max)) == 1);
}

struct tls_filter *tls_client_new(const struct tls_context *context, const char *host,
                                  enum tls_version version)
{
    struct openssl_filter *filter = openssl_new(context, false);

    if (version != TLS_VERSION_ANY)
        set_versions(filter->connection, version, version);
    expect_host(filter->connection, host, context->verified);
    SSL_set_connect_state(filter->connection);
    handshake_step(filter);
    return &filter->base;
}

struct tls_filter *tls_server_new(const struct tls_context *context, enum tls_version version_max)
{
    struct openssl_filter *filter = openssl_new(context, true);

    if (version_max != TLS_VERSION_ANY)
        set_versions(filter->connection, is_old(version_max) ? TLS_VERSION_1_0 : TLS_VERSION_1_2,
                     version_max);
    SSL_set_accept_state(filter->connection);
    return &filter->base;
}
