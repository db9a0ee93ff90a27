/*
 * Limits that more than one layer keeps to, each with its reason. A limit of a single file stands in that file.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    /* RFC 1939 section 3 and RFC 2449 section 4: first lines of replies, capability lines; CRLF included. */
    REPLY_FIRST_LINE_OCTETS_MAX = 512,
    /* RFC 2449 section 4: commands, where CAPA is supported; CRLF included. */
    COMMAND_OCTETS_MAX = 255,
    /* RFC 1939 section 3: each argument. */
    ARGUMENT_OCTETS_MAX = 40,
    /* RFC 1939 section 7, UIDL. */
    UNIQUE_ID_OCTETS_MAX = 70,
    /* The reply reader keeps this much of a line; longer lines come in pieces. Far above RFC 5322's 998. */
    READER_LINE_OCTETS = 4096,
    /* Connections in one scenario: C, C2 ... C9. */
    CONNECTIONS_MAX = 9,
    /* A scenario or target file: far above any that a person writes; hostile YAML is refused early. */
    DOCUMENT_OCTETS_MAX = 1024 * 1024,
    /* Octets of wire kept for a case's transcript; behind it only counts are kept. A failure needs its last lines. */
    TRANSCRIPT_OCTETS_MAX = 256 * 1024,
    /* A body kept whole for comparison with a fixture; larger ones are compared as they stream. */
    BODY_OCTETS_MAX = 16 * 1024 * 1024,
};

#endif
