/*
 * A hand-made result for the sinks: each verdict once or more, and hostile octets wherever a target, a scenario file or
 * a file name could put them. The secret stands in it in every form; no report may show it.
 */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "result/result.h"

#define SAMPLE_SECRET "s3cret-Pass"

struct sample {
    struct arena arena;
    struct redactor *redactor;
    struct run_result result;
};

static struct printable sample_printable(struct sample *sample, struct bytes octets)
{
    return printable_make(&sample->arena, sample->redactor, octets, 512);
}

/* What could break out of each format: markup, quotes, directives, terminal escapes, line ends, 8-bit octets. */
#define SAMPLE_HOSTILE_OCTETS                                                                                \
    "+OK <script>alert(\"x\")</script> ]]> &amp; '# SKIP' \\ \033[31m\007 \x80\xFF\xC3\xA9 \r\n...\n---\0 "  \
    "end"
#define SAMPLE_HOSTILE_TEXT                                                                                  \
    "na\xC3\xAFve <b>&'\"</b> ]]> # TODO \\ \033]0;x\007 \xC0\x80 \xE2\x80\xAE \xEF\xBF\xBE \xFF\nok 9 - "   \
    "forged"

static struct clause_result *sample_clauses(struct sample *sample, size_t *ret_count)
{
    static const struct clause_result clauses[] = {
        {.id = "rfc1939-3-response-crlf",
         .level = "must",
         .section = "RFC 1939 section 3",
         .demand = "each line of a reply ends in CRLF",
         .verdict = VERDICT_FAIL},
        {.id = "rfc1939-5-dele-reference",
         .level = "stated",
         .section = "RFC 1939 section 5",
         .demand = "after DELE, any reference to that message-number is an error",
         .verdict = VERDICT_FAIL},
        {.id = "rfc1939-5-noop-ok",
         .level = "stated",
         .section = "RFC 1939 section 5",
         .demand = "NOOP gets a positive reply",
         .verdict = VERDICT_PASS},
        {.id = "rfc1939-7-apop",
         .level = "stated",
         .section = "RFC 1939 section 7",
         .demand = "APOP with the right digest logs in",
         .verdict = VERDICT_SKIP},
        {.id = "rfc2449-6-not-listed",
         .level = "should",
         .section = "RFC 2449 section 6",
         .demand = SAMPLE_HOSTILE_TEXT,
         .verdict = VERDICT_WARN},
    };
    struct clause_result *copy = arena_new(&sample->arena, sizeof(clauses));

    memcpy(copy, clauses, sizeof(clauses));
    *ret_count = sizeof(clauses) / sizeof(clauses[0]);
    return copy;
}

static struct clause_gap *sample_gaps(struct sample *sample, size_t *ret_count)
{
    static const struct clause_gap gaps[] = {
        {.id = "rfc1939-13-secrets",
         .level = "stated",
         .section = "RFC 1939 section 13",
         .demand = "passwords are not sent in the clear",
         .why = SAMPLE_HOSTILE_TEXT},
        {.id = "rfc2449-6-1-top",
         .level = "may",
         .section = "RFC 2449 section 6.1",
         .demand = SAMPLE_HOSTILE_TEXT},
    };
    struct clause_gap *copy = arena_new(&sample->arena, sizeof(gaps));

    memcpy(copy, gaps, sizeof(gaps));
    *ret_count = sizeof(gaps) / sizeof(gaps[0]);
    return copy;
}

static void sample_transcript(struct sample *sample, struct case_result *result)
{
    struct transcript transcript;

    transcript_init(&transcript);
    transcript_note(&transcript, 1, 1000, "opened, TLS 1.3");
    transcript_add(&transcript, DIRECTION_CLIENT, 1, 2000, BYTES_LITERAL("PASS s3cr"));
    transcript_add(&transcript, DIRECTION_SERVER, 1, 2500, BYTES_LITERAL("+OK early\r\n"));
    transcript_add(&transcript, DIRECTION_CLIENT, 1, 3000, BYTES_LITERAL("et-Pass\r\n"));
    transcript_add(&transcript, DIRECTION_CLIENT, 2, 1234567,
                   BYTES_LITERAL("AUTH PLAIN AHRlc3QxAHMzY3JldC1QYXNz\r\n"));
    transcript_add(&transcript, DIRECTION_SERVER, 2, 9000000, BYTES_LITERAL(SAMPLE_HOSTILE_OCTETS));
    transcript_mark(&transcript, TRANSCRIPT_OWN_TOPIC, 2, 4);
    result->transcript = transcript_print(&transcript, TRANSCRIPT_OWN_TOPIC, sample->redactor, 1000, 100,
                                          &sample->arena, &result->transcript_count);
    transcript_release(&transcript);
}

static void sample_cases(struct sample *sample)
{
    struct run_result *run = &sample->result;
    struct clause_result *clauses = run->clauses;
    const struct case_result cases[] = {
        {.id = "audit/crlf",
         .transport = "all",
         .title = "every line of a reply ends in CRLF",
         .verdict = VERDICT_FAIL,
         .unexpected = true,
         .clauses = &clauses[0],
         .clause_count = 1,
         .expected = sample_printable(sample, BYTES_LITERAL("CR LF")),
         .actual = sample_printable(sample, BYTES_LITERAL("+OK\n")),
         .occurrences = 17},
        {.id = "rfc1939/dele/hides-message",
         .transport = "octets",
         .title = SAMPLE_HOSTILE_TEXT,
         .impact = "clients show mail the user has already removed",
         .verdict = VERDICT_FAIL,
         .unexpected = true,
         .clauses = &clauses[1],
         .clause_count = 1,
         .expected = sample_printable(sample, BYTES_LITERAL("-ERR")),
         .actual = sample_printable(sample, BYTES_LITERAL(SAMPLE_HOSTILE_OCTETS)),
         .file = "scenarios/a <b>&\"#\n.yaml",
         .line = 14,
         .elapsed_us = 1234567,
         .again = sample_printable(sample, BYTES_LITERAL("pop3spec run 127.0.0.1:110 -u test1 -p ... "
                                                         "rfc1939/dele/hides-message@octets"))},
        {.id = "rfc1939/login/apop",
         .transport = "lines",
         .title = "APOP with the right digest logs in",
         .verdict = VERDICT_SKIP,
         .clauses = &clauses[3],
         .clause_count = 1,
         .reason = sample_printable(sample, BYTES_LITERAL("needs apop # TODO")),
         .evidence = sample_printable(sample, BYTES_LITERAL("greeting: +OK <ready>\r\n"))},
        {.id = "rfc1939/login/apop-twice",
         .transport = "lines",
         .title = "APOP logs in twice",
         .verdict = VERDICT_SKIP,
         .clauses = &clauses[3],
         .clause_count = 1,
         .reason = sample_printable(sample, BYTES_LITERAL("needs apop # TODO"))},
        {.id = "rfc1939/noop/ok",
         .transport = "lines",
         .title = "NOOP does nothing",
         .verdict = VERDICT_PASS,
         .clauses = &clauses[2],
         .clause_count = 1,
         .elapsed_us = 900},
        {.id = "rfc1939/noop/space/trailing",
         .group = "rfc1939/noop/space",
         .transport = "lines",
         .title = "NOOP with a trailing space",
         .verdict = VERDICT_INFO,
         .reason = sample_printable(sample, BYTES_LITERAL("took the second of two legal ways"))},
        {.id = "rfc1939/quit/known",
         .transport = "lines",
         .title = "a failure that is known",
         .verdict = VERDICT_XFAIL,
         .reason = sample_printable(sample, BYTES_LITERAL("bug #7: fixed in 2.4"))},
        {.id = "rfc1939/quit/mended",
         .transport = "lines",
         .title = "a failure that was known",
         .verdict = VERDICT_XPASS,
         .unexpected = true,
         .reason = sample_printable(sample, BYTES_LITERAL("expected to fail: bug #8"))},
        {.id = "rfc1939/update/commits",
         .transport = "stls",
         .title = "QUIT commits",
         .verdict = VERDICT_BLOCKED,
         .unexpected = true,
         .reason = sample_printable(sample, BYTES_LITERAL("login: PASS s3cret-Pass got -ERR [AUTH] no\r\n"))},
        {.id = "rfc2449/capa/listed",
         .transport = "lines",
         .title = "what works is listed",
         .verdict = VERDICT_WARN,
         .clauses = &clauses[4],
         .clause_count = 1,
         .actual = sample_printable(sample, BYTES_LITERAL("TOP works and is not listed"))},
        {.id = "robustness/limits/memory",
         .transport = "lines",
         .title = "a long line",
         .verdict = VERDICT_ERROR,
         .unexpected = true,
         .reason = sample_printable(sample, BYTES_LITERAL("the scenario could not be run"))},
    };

    run->case_count = sizeof(cases) / sizeof(cases[0]);
    run->cases = arena_new(&sample->arena, sizeof(cases));
    memcpy(run->cases, cases, sizeof(cases));
    sample_transcript(sample, &run->cases[1]);
    for (size_t i = 0; i < run->case_count; i++)
        run->counts[run->cases[i].verdict]++;
}

static void sample_init(struct sample *sample)
{
    static const char *notes[] = {"certificate not verified (--insecure)", SAMPLE_HOSTILE_TEXT};

    *sample = (struct sample){0};
    arena_init(&sample->arena, 1024 * 1024);
    sample->redactor = redactor_new();
    redactor_add(sample->redactor, BYTES_LITERAL(SAMPLE_SECRET));
    struct run_result *run = &sample->result;

    *run = (struct run_result){.selection = "all",
                               .command = "pop3spec run 127.0.0.1:110 -u test1 -p ...",
                               .started = "2026-01-02T03:04:05Z",
                               .seed = UINT64_MAX,
                               .elapsed_us = 12345678,
                               .exit_code = 1};
    run->target =
        (struct target_result){.name = "lab <&> \"one\"",
                               .address = "127.0.0.1:110",
                               .software = "Example POP3 1.2 <beta>",
                               .tls = "starttls, not verified",
                               .greeting = sample_printable(sample, BYTES_LITERAL(SAMPLE_HOSTILE_OCTETS)),
                               .notes = notes,
                               .note_count = 2};
    run->target.capabilities = arena_new_array(&sample->arena, 2, sizeof(struct printable));
    run->target.capabilities[0] = sample_printable(sample, BYTES_LITERAL("TOP"));
    run->target.capabilities[1] = sample_printable(sample, BYTES_LITERAL("IMPLEMENTATION <i>\x1B[2J</i>"));
    run->target.capability_count = 2;
    run->clauses = sample_clauses(sample, &run->clause_count);
    run->gaps = sample_gaps(sample, &run->gap_count);
    sample_cases(sample);
}

static void sample_release(struct sample *sample)
{
    redactor_free(sample->redactor);
    arena_release(&sample->arena);
}

#endif
