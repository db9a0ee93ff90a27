#include "net/tls_filter.h"

#include <openssl/err.h>

static const char *verification_sentence(long result)
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the server's certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the server's certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return "the server's certificate is for another host name";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the server's certificate is not for this IP address";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "the server's certificate is self-signed and not among the trusted ones";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "the server's certificate comes from an unknown issuer";
    default:
        return NULL;
    }
}

static void fail_verification(struct tls_filter *filter, SSL *connection)
{
    long result = SSL_get_verify_result(connection);
    const char *sentence = verification_sentence(result);

    if (sentence != NULL)
        tls_fail(filter, "%s", sentence);
    else
        tls_fail(filter, "the server's certificate was not accepted: %s",
                 X509_verify_cert_error_string(result));
}

/* Settings of the system can take a version out of what a client offers. */
static bool offers_all(SSL *connection)
{
    long highest = SSL_get_max_proto_version(connection);

    return SSL_get_min_proto_version(connection) <= TLS1_2_VERSION &&
           (highest == 0 || highest == TLS1_3_VERSION) &&
           (SSL_get_options(connection) & (SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3)) == 0;
}

/* The server's hello names another version than was offered, or its alert says that it speaks none of them. */
static bool refuses_versions(const struct tls_filter *filter, int reason)
{
    return !filter->server && filter->state == TLS_HANDSHAKE &&
           (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_AD_REASON_OFFSET + SSL_AD_PROTOCOL_VERSION);
}

static void fail_by_code(struct tls_filter *filter, SSL *connection, unsigned long code)
{
    const char *other = tls_other_side(filter);
    int reason = ERR_GET_REASON(code);

    filter->versions_refused =
        ERR_GET_LIB(code) == ERR_LIB_SSL && refuses_versions(filter, reason) && offers_all(connection);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL)
        tls_fail(filter, "TLS with %s failed: %s", other, tls_openssl_text());
    else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && !filter->server)
        fail_verification(filter, connection);
    else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
             reason == SSL_R_BAD_RECORD_TYPE)
        tls_fail(filter, "%s did not speak TLS: what it sent is no TLS record", other);
    else if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_NO_PROTOCOLS_AVAILABLE)
        tls_fail(filter, "no TLS version in common with %s", other);
    else if (reason > SSL_AD_REASON_OFFSET)
        tls_fail(filter, "%s sent the TLS alert \"%s\"", other,
                 SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET));
    else
        tls_fail(filter, "TLS with %s failed: %s", other, tls_openssl_text());
}

void tls_fail_from_openssl(struct tls_filter *filter, SSL *connection)
{
    /* The first entry is the cause; later ones are its consequences. */
    unsigned long code = ERR_peek_error();

    if (code == 0)
        tls_fail(filter, "TLS with %s failed", tls_other_side(filter));
    else
        fail_by_code(filter, connection, code);
    ERR_clear_error();
}

const char *tls_openssl_text(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return text != NULL ? text : "no reason given";
}
