/*
 * The writers of reports, and the reader of recorded results. Input: octets that say how many cases there are and what became
 * of them (an octet for the number, modulo 5, and one for each), then texts parted by 0xFF: what the target said, and what
 * its files and the scenarios' hold. Where 0xFE stands in a text of the target, it said the password.
 *
 * Oracles: reports-json, reports-junit, reports-html, reports-tap, reports-console, reports-summary, reports-annotations, reports-look, reports-matrix, reports-proof (what is
 * written is well-formed to a strict reader, and has the shape of a report of the same findings about a target that says
 * harmless words), reports-recorded (results that are read back are written as they were; any octets are read or refused),
 * reports-secret (with three passwords in turn, no report is a different one for each).
 */
#include "check.h"
#include "chunks.h"
#include "oracles.h"
#include "report_shapes.h"

#include "base/check.h"
#include "base/memory.h"
#include "report/annotations.h"
#include "report/look.h"
#include "report/matrix.h"
#include "report/proof.h"
#include "report/recorded.h"
#include "report/report.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 4096,
    CASES_MAX = 4,
    SECRETS = 3,
    SECRET_OCTETS = 12,
    PARTING = 0xFF,
    PASSWORD = 0xFE,
    TAME_TEXTS_MAX = 128,
};

/* ---- texts ---- */

/* Where texts come from. A tame one answers "t0", "t1", ... instead: the same for what is the same. */
struct source {
    struct arena *arena;
    const struct redactor *redactor;
    struct bytes secret;
    struct bytes rest;
    bool tame;
    const char *seen[TAME_TEXTS_MAX];
    size_t seen_count;
};

static uint8_t take_octet(struct source *source)
{
    uint8_t octet = source->rest.size > 0 ? source->rest.data[0] : 0;

    source->rest = bytes_from(source->rest, 1);
    return octet;
}

static const char *tamed(struct source *source, const char *text)
{
    size_t which = 0;

    if (!source->tame || text[0] == '\0')
        return text;
    while (which < source->seen_count && strcmp(source->seen[which], text) != 0)
        which++;
    CHECK(which < TAME_TEXTS_MAX);
    source->seen[which] = text;
    source->seen_count += which == source->seen_count ? 1 : 0;
    return arena_format(source->arena, "t%zu", which);
}

/* What the target said next. */
static struct buf take_octets(struct source *source)
{
    struct bytes part = BYTES_EMPTY;
    struct buf octets;

    buf_init(&octets, BUF_UNBOUNDED);
    (void)bytes_split(&source->rest, PARTING, &part);
    for (size_t i = 0; i < part.size; i++) {
        if (part.data[i] == PASSWORD)
            buf_append(&octets, source->secret);
        else
            buf_append_octet(&octets, part.data[i]);
    }
    return octets;
}

static struct printable take_printable(struct source *source)
{
    struct buf octets = take_octets(source);
    const char *text = printable_make(source->arena, source->redactor, buf_bytes(&octets), 512).text;

    buf_release(&octets);
    return (struct printable){.text = tamed(source, text)};
}

/* A text of a file, which is no place for passwords: any octets but NUL. */
static const char *take_text(struct source *source)
{
    struct bytes part = BYTES_EMPTY;

    (void)bytes_split(&source->rest, PARTING, &part);
    return tamed(source, arena_text(source->arena, bytes_slice(part, 0, bytes_find_octet(part, '\0'))));
}

/* ---- results ---- */

static struct clause_result clauses[] = {
    {.id = "rfc1939-3-crlf", .level = "must", .section = "RFC 1939 section 3", .demand = "lines end in CRLF"},
    {.id = "rfc1939-5-dele", .level = "stated", .section = "RFC 1939 section 5", .demand = "DELE marks"},
};

static void take_transcript(struct source *source, struct case_result *result)
{
    enum { LINES = 2 };
    struct transcript transcript;

    transcript_init(&transcript);
    for (size_t i = 0; i < LINES; i++) {
        struct buf octets = take_octets(source);

        for (size_t at = 0; at < octets.size; at++)
            if (octets.data[at] == '\n')
                octets.data[at] = '\r';
        buf_append_octet(&octets, '\n');
        transcript_add(&transcript, i == 0 ? DIRECTION_CLIENT : DIRECTION_SERVER, 1, 0, buf_bytes(&octets));
        buf_release(&octets);
    }
    result->transcript = transcript_print(&transcript, TRANSCRIPT_OWN_TOPIC, source->redactor, 0, 100,
                                          source->arena, &result->transcript_count);
    for (size_t i = 0; i < result->transcript_count; i++) {
        struct transcript_line *line = &result->transcript[i];

        line->text.text = tamed(source, line->text.text);
        line->mark = (struct printable_span){0, i > 0 ? 1 : 0};
    }
    transcript_release(&transcript);
}

static void take_case(struct source *source, uint8_t octet, const char *id, struct case_result *ret_result)
{
    *ret_result = (struct case_result){
        .id = id,
        .transport = (octet & 0x40) != 0 ? "octets" : "lines",
        .title = take_text(source),
        .impact = take_text(source),
        .verdict = (enum verdict)(octet % VERDICT_COUNT),
        .unexpected = (octet & 0x80) != 0,
        .clauses = clauses,
        .clause_count = (octet & 0x20) != 0 ? 2 : 1,
        .reason = take_printable(source),
        .evidence = take_printable(source),
        .expected = take_printable(source),
        .actual = take_printable(source),
        .file = take_text(source),
        .line = 7,
        .elapsed_us = 1234567,
        .again = take_printable(source),
    };
    take_transcript(source, ret_result);
}

static void take_target(struct source *source, struct target_result *ret_target)
{
    *ret_target = (struct target_result){
        .name = take_text(source),
        .software = take_text(source),
        .repeat = take_text(source),
        .address = take_text(source),
        .tls = "none",
        .greeting = take_printable(source),
        .capabilities = arena_new(source->arena, sizeof(struct printable)),
        .capability_count = 1,
        .notes = arena_new(source->arena, sizeof(const char *)),
        .note_count = 1,
    };
    ret_target->capabilities[0] = take_printable(source);
    ret_target->notes[0] = take_text(source);
}

static struct run_result *take_result(struct source *source)
{
    static const char *const ids[CASES_MAX] = {"a/x", "a/y", "b/x", "b/y/z"};
    struct run_result *result = arena_new(source->arena, sizeof(*result));
    uint8_t octets[CASES_MAX];

    result->case_count = take_octet(source) % (CASES_MAX + 1);
    for (size_t i = 0; i < result->case_count; i++)
        octets[i] = take_octet(source);
    take_target(source, &result->target);
    result->selection = take_text(source);
    result->command = take_text(source);
    result->started = "2026-01-02T03:04:05Z";
    result->clauses = clauses;
    result->clause_count = 2;
    result->cases = arena_new_array(source->arena, result->case_count, sizeof(*result->cases));
    for (size_t i = 0; i < result->case_count; i++) {
        take_case(source, octets[i], ids[i], &result->cases[i]);
        result->counts[result->cases[i].verdict]++;
        result->exit_code = result->cases[i].unexpected ? 1 : result->exit_code;
    }
    return result;
}

/* ---- one report ---- */

enum kind {
    JSON,
    JUNIT,
    HTML,
    TAP,
    CONSOLE,
    SUMMARY,
    ANNOTATIONS,
    LOOK,
    PROOF_JSON,
    PROOF_HTML,
    PROOF_CONSOLE,
    MATRIX_HTML,
    MATRIX_CONSOLE,
    KINDS
};

static const struct {
    const char *oracle;
    bool (*shape)(struct bytes text, struct buf *shape);
} readers[KINDS] = {
    [JSON] = {"reports-json", shape_json},
    [JUNIT] = {"reports-junit", shape_xml},
    [HTML] = {"reports-html", shape_html},
    [TAP] = {"reports-tap", shape_tap},
    [CONSOLE] = {"reports-console", shape_console},
    [SUMMARY] = {"reports-summary", shape_markdown},
    [ANNOTATIONS] = {"reports-annotations", shape_annotations},
    [LOOK] = {"reports-look", shape_json},
    [PROOF_JSON] = {"reports-proof", shape_json},
    [PROOF_HTML] = {"reports-proof", shape_html},
    [PROOF_CONSOLE] = {"reports-proof", shape_console},
    [MATRIX_HTML] = {"reports-matrix", shape_html},
    [MATRIX_CONSOLE] = {"reports-matrix", shape_console},
};

/* The same texts as a proof's. */
static void write_proof(const struct run_result *result, enum kind kind, struct buf *out)
{
    struct proof_flag flag = {"a/x", VERDICT_FAIL, result->target.greeting};
    struct proof_fault fault = {.id = "f",
                                .seam = "reply",
                                .clause = "c",
                                .what = "what",
                                .state = PROOF_UNTOUCHED,
                                .trouble = result->target.greeting};
    struct proof_variant variant = {.id = "v", .what = "what", .flags = &flag, .flag_count = 1};
    const struct proof proof = {.case_count = 1,
                                .baseline_flags = &flag,
                                .baseline_flag_count = 1,
                                .faults = &fault,
                                .fault_count = 1,
                                .variants = &variant,
                                .variant_count = 1,
                                .over = "memory"};

    if (kind == PROOF_JSON)
        proof_json_write(&proof, "1", out);
    else if (kind == PROOF_HTML)
        proof_html_write(&proof, "1", out);
    else
        proof_console_write(&proof, true, out);
}

/* The same texts as a look's at a server. */
static void write_look(const struct run_result *result, struct buf *out)
{
    const struct target_result *target = &result->target;
    const struct look_breach breach = {RULE_CRLF, target->greeting.text, 2};
    const struct look_list list = {true, true, target->capabilities, target->capability_count};

    look_json_write(&(struct look_report){.target = target->name,
                                          .greeting = target->greeting.text,
                                          .plain = list,
                                          .secured = list,
                                          .tls = "stls",
                                          .tls_text = target->software,
                                          .certificate = target->notes[0],
                                          .versions_taken = {"1.2", NULL},
                                          .versions_refused = {NULL},
                                          .breaches = &breach,
                                          .breach_count = 1,
                                          .failure = target->address},
                    "1", out);
}

static void write_matrix(const struct run_result *result, enum kind kind, struct buf *out)
{
    struct run_result runs[2] = {*result, *result};
    struct matrix matrix;
    struct arena arena;

    arena_init(&arena, BUF_UNBOUNDED);
    matrix_make(runs, 2, &arena, &matrix);
    if (kind == MATRIX_HTML)
        matrix_html_write(&matrix, "1", out);
    else
        matrix_console_write(&matrix, true, out);
    arena_release(&arena);
}

static void write_report(const struct run_result *result, enum kind kind, struct buf *out)
{
    static const struct console_options options = {.colour = true, .verbose = true};

    switch (kind) {
    case JSON:
        report_info(REPORT_JSON)->write(result, "1", out);
        return;
    case JUNIT:
        report_info(REPORT_JUNIT)->write(result, "1", out);
        return;
    case HTML:
        report_info(REPORT_HTML)->write(result, "1", out);
        return;
    case TAP:
        report_info(REPORT_TAP)->write(result, "1", out);
        return;
    case CONSOLE:
        console_write(result, &options, out);
        return;
    case SUMMARY:
        report_info(REPORT_SUMMARY)->write(result, "1", out);
        return;
    case ANNOTATIONS:
        annotations_write(result, "f", out);
        return;
    case LOOK:
        write_look(result, out);
        return;
    case PROOF_JSON:
    case PROOF_HTML:
    case PROOF_CONSOLE:
        write_proof(result, kind, out);
        return;
    case MATRIX_HTML:
    case MATRIX_CONSOLE:
        write_matrix(result, kind, out);
        return;
    case KINDS:
        return;
    }
}

/* ---- oracles ---- */

/* The result that INPUT is, told with the secret WHICH; tame or as it stands. */
static struct run_result *make_result(struct bytes input, size_t which, bool tame, struct arena *arena)
{
    uint8_t storage[SECRET_OCTETS];
    uint64_t number = chunks_number(input) + which;
    struct redactor *redactor = redactor_new();
    struct source source = {.arena = arena,
                            .redactor = redactor,
                            .secret = {storage, sizeof(storage)},
                            .rest = input,
                            .tame = tame};

    for (size_t i = 0; i < sizeof(storage); i++)
        storage[i] = (uint8_t)(chunks_next(&number, 94) + ' ');
    redactor_add(redactor, source.secret);
    struct run_result *result = take_result(&source);

    redactor_free(redactor);
    return result;
}

static void check_shape(const struct run_result *result, const struct run_result *tame, enum kind kind)
{
    struct buf text;
    struct buf shapes[2];

    buf_init(&text, BUF_UNBOUNDED);
    buf_init(&shapes[0], BUF_UNBOUNDED);
    buf_init(&shapes[1], BUF_UNBOUNDED);
    write_report(result, kind, &text);
    FUZZ_CHECK(readers[kind].shape(buf_bytes(&text), &shapes[0]), readers[kind].oracle);
    buf_clear(&text);
    write_report(tame, kind, &text);
    FUZZ_CHECK(readers[kind].shape(buf_bytes(&text), &shapes[1]), readers[kind].oracle);
    FUZZ_CHECK(bytes_equal(buf_bytes(&shapes[0]), buf_bytes(&shapes[1])), readers[kind].oracle);
    buf_release(&shapes[0]);
    buf_release(&shapes[1]);
    buf_release(&text);
}

static void check_secret(struct bytes input, enum kind kind)
{
    struct buf texts[SECRETS];
    bool tells = true;
    struct arena arena;

    arena_init(&arena, BUF_UNBOUNDED);
    for (size_t i = 0; i < SECRETS; i++) {
        buf_init(&texts[i], BUF_UNBOUNDED);
        write_report(make_result(input, i, false, &arena), kind, &texts[i]);
    }
    for (size_t i = 0; i < SECRETS; i++)
        tells = tells && !bytes_equal(buf_bytes(&texts[i]), buf_bytes(&texts[(i + 1) % SECRETS]));
    FUZZ_CHECK(!tells, "reports-secret");
    for (size_t i = 0; i < SECRETS; i++)
        buf_release(&texts[i]);
    arena_release(&arena);
}

/* What was written can be read, and written again it is the same but for what is not read back. */
static void check_recorded(const struct run_result *result)
{
    struct run_result back = {.case_count = 0};
    struct run_result again = {.case_count = 0};
    struct buf text;
    struct buf texts[2];
    struct arena arena;
    struct error error;

    arena_init(&arena, BUF_UNBOUNDED);
    buf_init(&text, BUF_UNBOUNDED);
    buf_init(&texts[0], BUF_UNBOUNDED);
    buf_init(&texts[1], BUF_UNBOUNDED);
    write_report(result, JSON, &text);
    FUZZ_CHECK(recorded_read(buf_bytes(&text), "f", &arena, &back, &error), "reports-recorded");
    FUZZ_CHECK(back.case_count == result->case_count, "reports-recorded");
    for (size_t i = 0; i < back.case_count; i++)
        FUZZ_CHECK(back.cases[i].verdict == result->cases[i].verdict, "reports-recorded");
    write_report(&back, JSON, &texts[0]);
    FUZZ_CHECK(bytes_equal(buf_bytes(&text), buf_bytes(&texts[0])), "reports-recorded");
    FUZZ_CHECK(recorded_read(buf_bytes(&texts[0]), "f", &arena, &again, &error), "reports-recorded");
    write_report(&again, JSON, &texts[1]);
    FUZZ_CHECK(bytes_equal(buf_bytes(&texts[0]), buf_bytes(&texts[1])), "reports-recorded");
    buf_release(&text);
    buf_release(&texts[0]);
    buf_release(&texts[1]);
    arena_release(&arena);
}

/* Results that somebody says are ours. */
static void read_any(struct bytes text)
{
    struct run_result result = {.case_count = 0};
    struct error error = {.text = ""};
    struct arena arena;
    struct buf shape;

    arena_init(&arena, BUF_UNBOUNDED);
    buf_init(&shape, BUF_UNBOUNDED);
    if (!recorded_read(text, "f", &arena, &result, &error))
        FUZZ_CHECK(error.text[0] != '\0', "reports-recorded");
    else
        check_recorded(&result);
    buf_release(&shape);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct arena arena;

    if (size > INPUT_OCTETS_MAX)
        return 0;
    if (size > 0 && data[0] == '{') {
        read_any(input);
        return 0;
    }
    arena_init(&arena, BUF_UNBOUNDED);
    const struct run_result *result = make_result(input, 0, false, &arena);
    const struct run_result *tame = make_result(input, 0, true, &arena);
    uint64_t number = chunks_number(input);

    for (uint64_t kind = 0; kind < KINDS; kind++) {
        if (oracle_is_due(number, kind, KINDS))
            check_shape(result, tame, (enum kind)kind);
        if (oracle_is_due(number + 1, kind, KINDS))
            check_secret(input, (enum kind)kind);
    }
    if (oracle_is_due(number, 0, 2))
        check_recorded(result);
    arena_release(&arena);
    return 0;
}
