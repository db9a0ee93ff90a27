/* Certificates and keys in files, made for a test and removed by it. */
#ifndef TESTS_NET_CERTIFICATES_H
#define TESTS_NET_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>
#include <unistd.h>

struct pair_files {
    char certificate[64];
    char key[64];
};

static inline FILE *certificates_temporary(char path[64])
{
    snprintf(path, 64, "/tmp/pop3spec-test-XXXXXX");
    int descriptor = mkstemp(path);

    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");

    assert_non_null(file);
    return file;
}

/* A certificate for NAME that is signed by its own key, valid from yesterday plus FROM_DAYS, for a month. */
static inline X509 *certificates_make(EVP_PKEY *key, const char *name, int from_days)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    char alternative[300];
    X509V3_CTX context;

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate), (from_days - 1) * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (from_days + 30) * 86400L);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    snprintf(alternative, sizeof(alternative), "DNS:%s", name);
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, alternative);

    assert_non_null(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static inline struct pair_files certificates_write(const char *name, int from_days)
{
    struct pair_files files;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificates_make(key, name, from_days);
    FILE *certificate_file = certificates_temporary(files.certificate);
    FILE *key_file = certificates_temporary(files.key);

    assert_int_equal(PEM_write_X509(certificate_file, certificate), 1);
    assert_int_equal(PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(certificate_file);
    fclose(key_file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
}

static inline void certificates_remove(const struct pair_files *files)
{
    unlink(files->certificate);
    unlink(files->key);
}

#endif
