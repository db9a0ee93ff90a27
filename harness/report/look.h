/* The report of `pop3spec probe`, as data for programs: what the look at a server found. */
#ifndef REPORT_LOOK_H
#define REPORT_LOOK_H

#include "base/buf.h"
#include "result/observation.h"
#include "result/printable.h"

/* A reply to CAPA. */
struct look_list {
    bool asked;
    bool supported;
    const struct printable *lines;
    size_t count;
};

struct look_breach {
    enum rule rule;
    const char *actual;
    uint64_t count;
};

/* Texts are printable already; NULL: not known. */
struct look_report {
    const char *target;
    const char *greeting;
    bool apop;
    struct look_list plain;        /* without TLS */
    struct look_list secured;      /* under TLS */
    const char *tls;               /* "stls", "implicit"; NULL: there was none */
    const char *tls_text;          /* version, cipher, certificate; or why it failed */
    const char *certificate;       /* "verified", or why it was refused */
    const char *versions_taken[8]; /* "1.2", ...; NULL at the end */
    const char *versions_refused[8];
    const struct look_breach *breaches;
    size_t breach_count;
    const char *failure; /* why the look ended early */
};

/* Appends REPORT as JSON (reports/probe.schema.json). */
void look_json_write(const struct look_report *report, const char *version, struct buf *out);

#endif
