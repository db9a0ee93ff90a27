/*
 * The scenario language, from YAML to the compiled form. Input: a scenario file, or a fixtures file if it begins with
 * "pop3spec-fixtures". The fixtures "short" and "dotted" are there. Reaches suite_add_text(), suite_add_fixtures_text(),
 * scenario_dump(), caret_render(), template_expand(), reply_pattern_match(), body_matcher_line().
 *
 * Oracles: loader-place (every mistake stands at a place in the text, and the caret finds it), loader-said (what was
 * refused has a diagnostic), loader-dump (what was accepted dumps to text that is accepted and dumps to itself, with the
 * same effects), loader-sent (what cannot be sent says why), loader-final (a body that failed stays so), loader-match,
 * loader-bound (names are bound to something), loader-opens (no file is opened), loader-memory. While fuzzing the dump and
 * the steps take turns, by the input's octets.
 */
#include "allocated.h"
#include "check.h"
#include "chunks.h"
#include "oracles.h"
#include "wrap.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/memory.h"
#include "scenario/dump.h"
#include "scenario/suite.h"
#include "yamldoc/caret.h"
#include "yamldoc/files.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 64 * 1024,
    CASES_LOOKED_AT = 20, /* of those that `each` makes */
    SENT_OCTETS_MAX = 1024 * 1024,
    MEMORY_OCTETS = 256 * 1024 * 1024, /* what {fill}, {repeat} and blocks may make, some times over */
    MEMORY_OCTETS_EACH = 64 * 1024,    /* for each octet of input */
};

static const char FILE_NAME[] = "input.yaml";
static const char FIXTURES[] = "pop3spec-fixtures: 1\n"
                               "fixtures:\n"
                               "  - name: short\n"
                               "    what: one line\n"
                               "    message: |\n"
                               "      x\n"
                               "  - name: dotted\n"
                               "    what: dots\n"
                               "    message: |\n"
                               "      .\n"
                               "      ..x\n";

/* What a scenario holds is what its file says. */
WRAP(bool, file_read, const char *path, struct error *error, struct buf *ret_octets)
{
    (void)path;
    (void)error;
    (void)ret_octets;
    FUZZ_CHECK(false, "loader-opens");
    return false;
}

static size_t count_lines(struct bytes text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n';
    return count;
}

static void check_places(const struct diagnostics *diagnostics, struct bytes text)
{
    size_t line_count = count_lines(text);

    for (size_t i = 0; i < diagnostics->count && i < DIAGNOSTICS_MAX; i++) {
        const struct error *error = &diagnostics->errors[i];
        struct buf shown;

        FUZZ_CHECK(error->kind == ERROR_USAGE && error->text[0] != '\0', "loader-said");
        FUZZ_CHECK(error->line >= 1 && error->line <= line_count && error->column >= 1, "loader-place");
        buf_init(&shown, 4096);
        FUZZ_CHECK(caret_render(text, error->line, error->column, &shown), "loader-place");
        buf_release(&shown);
    }
}

/* ---- what a compiled scenario does ---- */

static void resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    (void)context;
    (void)connection;
    switch (hole->kind) {
    case HOLE_COUNT:
    case HOLE_OCTETS:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("2");
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("20");
        break;
    case HOLE_NUMBER:
        ret_value->any_number = true;
        break;
    case HOLE_MESSAGE:
    case HOLE_TOP:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("a\r\n\r\na\r\na\r\n.b");
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("a\r\na\r\n");
        break;
    case HOLE_APOP:
        ret_value->why_not = "there is no timestamp";
        break;
    case HOLE_USER:
    case HOLE_PASS:
    case HOLE_TOKEN:
    case HOLE_UID:
    case HOLE_CHALLENGE:
    case HOLE_SASL:
    case HOLE_NAME:
    case HOLE_OTHER:
    case HOLE_BIND:
        ret_value->texts[ret_value->count++] = BYTES_LITERAL("a");
        break;
    }
}

static void bind_name(void *context, const char *name, struct bytes value)
{
    (void)context;
    FUZZ_CHECK(name != NULL && value.size > 0, "loader-bound");
}

static const struct resolver RESOLVER = {resolve, bind_name, NULL};

/* Lines that a server may answer with: those of the reader's tests in small. */
static const struct bytes FIRST_LINES[] = {BYTES_LITERAL("+OK"), BYTES_LITERAL("+OK 2 20 a"),
                                           BYTES_LITERAL("-ERR [a] a"), BYTES_LITERAL("+ YQ=="),
                                           BYTES_LITERAL("a")};
static const struct bytes BODY_LINES[] = {BYTES_LITERAL("a"), BYTES_LITERAL(""),    BYTES_LITERAL("1 2 a"),
                                          BYTES_LITERAL("a"), BYTES_LITERAL("..b"), BYTES_LITERAL("a a a a")};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void run_body(const struct reply_pattern *reply)
{
    const char *why;
    struct body_matcher *matcher = body_matcher_new(reply, 1, &RESOLVER, &why);
    bool alive = true;
    struct buf out;

    if (matcher == NULL) {
        FUZZ_CHECK(why != NULL, "loader-said");
        return;
    }
    for (size_t i = 0; i < 3 * COUNT(BODY_LINES); i++) {
        bool met = body_matcher_line(matcher, BODY_LINES[i % COUNT(BODY_LINES)]);

        FUZZ_CHECK(alive || !met, "loader-final");
        alive = met;
    }
    FUZZ_CHECK(alive || !body_matcher_end(matcher), "loader-final");
    buf_init(&out, SENT_OCTETS_MAX);
    body_matcher_describe(matcher, &out);
    buf_release(&out);
    body_matcher_free(matcher);
}

static void run_expect(const struct reply_pattern *reply)
{
    const char *why;
    struct buf out;

    for (size_t i = 0; i < COUNT(FIRST_LINES); i++) {
        struct status_line status = status_line_parse(FIRST_LINES[i]);
        int index = reply_pattern_match(reply, COMMAND_STAT, &status, 1, &RESOLVER, &why);

        FUZZ_CHECK(index < (int)reply->alternative_count && (index < 0 || why == NULL), "loader-match");
    }
    buf_init(&out, SENT_OCTETS_MAX);
    reply_pattern_describe(reply, 1, &RESOLVER, &out);
    buf_release(&out);
    if (reply->has_body)
        run_body(reply);
}

static void run_steps(const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *why = "";
        struct buf sent;

        buf_init(&sent, SENT_OCTETS_MAX);
        bool expanded = template_expand(&steps[i].bytes, 1, &RESOLVER, &sent, &why);

        FUZZ_CHECK(expanded || why != NULL || sent.overflowed, "loader-sent");
        buf_release(&sent);
        if (steps[i].kind == STEP_EXPECT)
            run_expect(&steps[i].reply);
        run_steps(steps[i].inner, steps[i].inner_count);
    }
}

/* ---- the dump ---- */

static void check_dump(const struct suite *stock, const struct scenario *scenario)
{
    static struct diagnostics diagnostics;
    struct bytes prefix = scenario_dump_prefix(scenario);
    struct suite suite;
    struct buf first;
    struct buf second;
    struct buf prefix_text;

    diagnostics.count = 0;
    suite_init(&suite);
    suite.fixtures = stock->fixtures;
    buf_init(&first, DOCUMENT_OCTETS_MAX);
    buf_init(&second, DOCUMENT_OCTETS_MAX);
    buf_init(&prefix_text, DOCUMENT_OCTETS_MAX);
    buf_append(&prefix_text, prefix);
    scenario_dump(scenario, &first);
    /* A dialog that blocks made long may not fit a file. */
    if (!first.overflowed &&
        suite_add_text(&suite, buf_bytes(&first), FILE_NAME, buf_text(&prefix_text), NULL, &diagnostics)) {
        FUZZ_CHECK(suite.scenario_count == 1, "loader-dump");
        scenario_dump(&suite.scenarios[0], &second);
        FUZZ_CHECK(bytes_equal(buf_bytes(&first), buf_bytes(&second)), "loader-dump");
        FUZZ_CHECK(strcmp(suite.scenarios[0].id, scenario->id) == 0, "loader-dump");
        FUZZ_CHECK(memcmp(&suite.scenarios[0].effects, &scenario->effects, sizeof(scenario->effects)) == 0,
                   "loader-dump");
    } else {
        FUZZ_CHECK(first.overflowed, "loader-dump");
    }
    buf_release(&first);
    buf_release(&second);
    buf_release(&prefix_text);
    suite_release(&suite);
}

static void load_scenarios(struct suite *suite, struct bytes text, struct diagnostics *diagnostics)
{
    bool ok = suite_add_text(suite, text, FILE_NAME, NULL, NULL, diagnostics);
    uint64_t number = chunks_number(text);

    FUZZ_CHECK(ok == (diagnostics->count == 0), "loader-said");
    check_places(diagnostics, text);
    for (size_t i = 0; ok && i < suite->scenario_count && i < CASES_LOOKED_AT; i++) {
        if (oracle_is_due(number, 0, 2))
            check_dump(suite, &suite->scenarios[i]);
        if (oracle_is_due(number, 1, 2))
            run_steps(suite->scenarios[i].steps, suite->scenarios[i].step_count);
    }
}

/* With the fixtures that are always there. */
static struct suite stock;

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    static struct diagnostics diagnostics;

    (void)argument_count;
    (void)arguments;
    suite_init(&stock);
    CHECK(suite_add_fixtures_text(&stock, bytes_of(FIXTURES), "fixtures.yaml", &diagnostics));
    return 0;
}

static void load_fixtures(struct bytes text, struct diagnostics *diagnostics)
{
    struct suite suite;

    suite_init(&suite);
    bool ok = suite_add_fixtures_text(&suite, text, FILE_NAME, diagnostics);

    FUZZ_CHECK(ok == (diagnostics->count == 0), "loader-said");
    check_places(diagnostics, text);
    suite_release(&suite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct diagnostics diagnostics;
    struct bytes text = bytes_make(data, size < INPUT_OCTETS_MAX ? size : INPUT_OCTETS_MAX);
    struct suite suite;

    diagnostics.count = 0;
    allocated_begin();
    if (bytes_start_with(text, BYTES_LITERAL("pop3spec-fixtures"))) {
        load_fixtures(text, &diagnostics);
    } else {
        suite_init(&suite);
        suite.fixtures = stock.fixtures;
        load_scenarios(&suite, text, &diagnostics);
        suite_release(&suite);
    }
    FUZZ_CHECK(allocated_octets() <= MEMORY_OCTETS + text.size * MEMORY_OCTETS_EACH, "loader-memory");
    return 0;
}
