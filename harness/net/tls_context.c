#include "base/check.h"
#include "base/memory.h"
#include "net/tls_filter.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

int tls_protocol_number(enum tls_version version)
{
    switch (version) {
    case TLS_VERSION_ANY:
        return 0;
    case TLS_VERSION_1_0:
        return TLS1_VERSION;
    case TLS_VERSION_1_1:
        return TLS1_1_VERSION;
    case TLS_VERSION_1_2:
        return TLS1_2_VERSION;
    case TLS_VERSION_1_3:
        return TLS1_3_VERSION;
    case TLS_VERSION_COUNT:
        break;
    }
    return 0;
}

static SSL_CTX *openssl_context(const SSL_METHOD *method, enum tls_version version_min,
                                enum tls_version version_max)
{
    SSL_CTX *context = SSL_CTX_new(method);
    int lowest = version_min == TLS_VERSION_ANY ? TLS1_2_VERSION : tls_protocol_number(version_min);

    CHECK(context != NULL);
    CHECK(SSL_CTX_set_min_proto_version(context, lowest) == 1);
    CHECK(SSL_CTX_set_max_proto_version(context, tls_protocol_number(version_max)) == 1);
    /* Thousands of idle connections need no record buffers; a renegotiation would only complicate the filter. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

static bool use_pair(SSL_CTX *context, const char *certificate_file, const char *key_file,
                     struct error *error)
{
    const char *key = key_file != NULL ? key_file : certificate_file;

    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
        return error_set(error, ERROR_HOST, "no certificate can be read from %s: %s", certificate_file,
                         tls_openssl_text());
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return error_set(error, ERROR_HOST, "no key for the certificate in %s can be read from %s: %s",
                         certificate_file, key, tls_openssl_text());
    return true;
}

static bool use_trust(SSL_CTX *context, const struct tls_client_settings *settings, struct error *error)
{
    if (settings->unverified) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        return true;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    ERR_clear_error();
    if (settings->ca_file != NULL) {
        if (SSL_CTX_load_verify_file(context, settings->ca_file) != 1)
            return error_set(error, ERROR_HOST, "no trusted certificates can be read from %s: %s",
                             settings->ca_file, tls_openssl_text());
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        return error_set(error, ERROR_HOST, "the system's trusted certificates cannot be read: %s",
                         tls_openssl_text());
    }
    return true;
}

static struct tls_context *context_new(SSL_CTX *openssl, bool verified)
{
    struct tls_context *context = memory_new(sizeof(*context));

    context->openssl = openssl;
    context->verified = verified;
    return context;
}

struct tls_context *tls_context_client(const struct tls_client_settings *settings, struct error *error)
{
    SSL_CTX *openssl = openssl_context(TLS_client_method(), settings->version_min, settings->version_max);
    bool fine = use_trust(openssl, settings, error);

    if (fine && settings->certificate_file != NULL)
        fine = use_pair(openssl, settings->certificate_file, settings->key_file, error);
    if (fine) {
        struct tls_context *context = context_new(openssl, !settings->unverified);

        context->described = settings->described;
        return context;
    }
    SSL_CTX_free(openssl);
    return NULL;
}

struct tls_context *tls_context_server(const struct tls_server_settings *settings, struct error *error)
{
    SSL_CTX *openssl = openssl_context(TLS_server_method(), settings->version_min, settings->version_max);
    bool fine;

    if (settings->certificate_file != NULL)
        fine = use_pair(openssl, settings->certificate_file, settings->key_file, error);
    else if (!(fine = tls_certificate_make(openssl, settings->expired)))
        error_set(error, ERROR_HOST, "a self-signed certificate cannot be made: %s", tls_openssl_text());
    if (fine)
        return context_new(openssl, false);
    SSL_CTX_free(openssl);
    return NULL;
}

void tls_context_free(struct tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->openssl);
    free(context);
}

bool tls_context_write_certificate(const struct tls_context *context, const char *path, struct error *error)
{
    X509 *certificate = SSL_CTX_get0_certificate(context->openssl);
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return error_set(error, ERROR_HOST, "%s cannot be written", path);
    bool written = certificate != NULL && PEM_write_X509(file, certificate) == 1;
    bool closed = fclose(file) == 0;

    return (written && closed) ||
           error_set(error, ERROR_HOST, "the certificate cannot be written to %s", path);
}
