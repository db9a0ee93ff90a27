/* Versions of TLS, for those who ask for a handshake and for those who make it. */
#ifndef BASE_TLS_VERSION_H
#define BASE_TLS_VERSION_H

enum tls_version {
    TLS_VERSION_ANY,
    TLS_VERSION_1_0, /* forbidden by RFC 8996, like 1.1: only to see whether it is refused */
    TLS_VERSION_1_1,
    TLS_VERSION_1_2,
    TLS_VERSION_1_3,
    TLS_VERSION_COUNT,
};

#endif
