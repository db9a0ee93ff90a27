#include "net/tls_filter.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { DAY_S = 24 * 60 * 60, VALID_DAYS = 30 };

static bool add_extension(X509 *certificate, int identifier, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, identifier, value);
    bool fine = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return fine;
}

/* A number of its own, so that a client which remembers an older pair of ours does not take this one for it. */
static bool set_serial(X509 *certificate)
{
    uint64_t serial = 0;

    return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

static bool set_validity(X509 *certificate, bool expired)
{
    long from_s = expired ? -2L * VALID_DAYS * DAY_S : -DAY_S;
    long until_s = expired ? -DAY_S : (long)VALID_DAYS * DAY_S;

    return X509_gmtime_adj(X509_getm_notBefore(certificate), from_s) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), until_s) != NULL;
}

static bool fill_in(X509 *certificate, EVP_PKEY *key, bool expired)
{
    X509_NAME *name = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           set_validity(certificate, expired) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           X509_sign(certificate, key, EVP_sha256()) != 0;
}

bool tls_certificate_make(SSL_CTX *context, bool expired)
{
    ERR_clear_error();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool fine = key != NULL && certificate != NULL && fill_in(certificate, key, expired) &&
                SSL_CTX_use_certificate(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey(context, key) == 1;

    X509_free(certificate);
    EVP_PKEY_free(key);
    return fine;
}
