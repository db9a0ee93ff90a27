#include "net/tls_filter.h"

#include "base/check.h"

#include <openssl/x509v3.h>

/* A distinguished name is the server's to choose: RFC 2253's form escapes control and 8-bit octets. */
static void append_name(BIO *out, const X509_NAME *name)
{
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253);
}

/* The names that it is for, as whoever made it chose them: they are made printable with the rest, where they are shown. */
static void append_alternative_names(BIO *out, const X509 *certificate)
{
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        BIO_puts(out, i == 0 ? ", for " : " ");
        GENERAL_NAME_print(out, sk_GENERAL_NAME_value(names, i));
    }
    GENERAL_NAMES_free(names);
}

void tls_describe_certificate(SSL *connection, struct buf *text)
{
    X509 *certificate = SSL_get0_peer_certificate(connection);
    BIO *out;
    char *data = NULL;

    if (certificate == NULL) {
        buf_append_text(text, ", no certificate");
        return;
    }
    out = BIO_new(BIO_s_mem());
    CHECK(out != NULL);
    BIO_puts(out, ", certificate of ");
    append_name(out, X509_get_subject_name(certificate));
    BIO_puts(out, ", by ");
    append_name(out, X509_get_issuer_name(certificate));
    append_alternative_names(out, certificate);
    BIO_puts(out, ", valid until ");
    ASN1_TIME_print(out, X509_get0_notAfter(certificate));
    long size = BIO_get_mem_data(out, &data);

    /* Of an overlong name what fits is shown. */
    if (size > 0)
        buf_append(text, bytes_slice(bytes_make(data, (size_t)size), 0, text->size_max - text->size));
    BIO_free(out);
}
