/*
 * The scenario language, from YAML to the compiled form. Input: a scenario file, or a fixtures file if it begins with
 * "pop3spec-fixtures". The fixtures "short" and "dotted" are there. Reaches suite_add_text(), suite_add_fixtures_text(),
 * scenario_dump(), caret_render(), template_expand(), reply_pattern_match(), body_matcher_line().
 *
 * Oracles: loader-place (every mistake stands at a place in the text, and the caret finds it), loader-said (what was
 * refused has a diagnostic), loader-strict (what was accepted is refused with one more key, that nobody knows, and its dump
 * with one in the scenario, and with a key that stands there twice), loader-dump
 * (what was accepted dumps to text that is accepted and dumps to itself, with the same effects), loader-lost (and does the same,
 * step by step), loader-sane (spans are what the language allows), loader-sent (what cannot be sent says why), loader-final (a body
 * that failed stays so), loader-match, loader-bound (names are bound to something), loader-opens (no file, folder or socket is
 * opened), loader-memory. While fuzzing the dump, the steps and the key take turns, by the input's octets.
 */
#include "allocated.h"
#include "check.h"
#include "chunks.h"
#include "oracles.h"
#include "wrap.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/time.h"
#include "scenario/dump.h"
#include "scenario/suite.h"
#include "yamldoc/caret.h"
#include "yamldoc/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 64 * 1024,
    CASES_LOOKED_AT = 20, /* of those that `each` makes */
    SPAN_S_LONGEST = 3600,
    SENT_OCTETS_MAX = 1024 * 1024,
    LOADING_OCTETS = 64 * 1024 * 1024, /* to read what was handed in, and for each case of it */
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

/* With the fixtures that are always there. */
static struct suite stock;

/* True while the product reads an input: what a scenario holds is what its file says. */
static bool loading;

WRAP(bool, file_read, const char *path, struct error *error, struct buf *ret_octets)
{
    (void)path;
    (void)error;
    (void)ret_octets;
    FUZZ_CHECK(false, "loader-opens");
    return false;
}

WRAP(FILE *, fopen, const char *path, const char *mode)
{
    FUZZ_CHECK(!loading, "loader-opens");
    return REAL(fopen)(path, mode);
}

WRAP(int, open, const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    FUZZ_CHECK(!loading, "loader-opens");
    return REAL(open)(path, flags, mode);
}

WRAP(DIR *, opendir, const char *path)
{
    FUZZ_CHECK(!loading, "loader-opens");
    return REAL(opendir)(path);
}

WRAP(int, socket, int domain, int type, int protocol)
{
    FUZZ_CHECK(!loading, "loader-opens");
    return REAL(socket)(domain, type, protocol);
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
        FUZZ_CHECK(steps[i].span_us >= 0 && steps[i].span_us <= SPAN_S_LONGEST * US_PER_S, "loader-sane");
        bool expanded = template_expand(&steps[i].bytes, 1, &RESOLVER, &sent, &why);

        FUZZ_CHECK(expanded || why != NULL || sent.overflowed, "loader-sent");
        buf_release(&sent);
        if (steps[i].kind == STEP_EXPECT)
            run_expect(&steps[i].reply);
        run_steps(steps[i].inner, steps[i].inner_count);
    }
}

/* ---- two scenarios that must be the same ---- */

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void check_same_list(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    FUZZ_CHECK(a_count == b_count, "loader-lost");
    for (size_t i = 0; i < a_count; i++)
        FUZZ_CHECK(same_text(a[i], b[i]), "loader-lost");
}

static void check_same_sent(const struct template *a, const struct template *b)
{
    struct buf sent[2];
    const char *why;

    buf_init(&sent[0], SENT_OCTETS_MAX);
    buf_init(&sent[1], SENT_OCTETS_MAX);
    FUZZ_CHECK(template_expand(a, 1, &RESOLVER, &sent[0], &why) ==
                   template_expand(b, 1, &RESOLVER, &sent[1], &why),
               "loader-lost");
    FUZZ_CHECK(bytes_equal(buf_bytes(&sent[0]), buf_bytes(&sent[1])), "loader-lost");
    buf_release(&sent[0]);
    buf_release(&sent[1]);
}

/* What holds a hole that nobody can fill is described as it was written, and dumps write "|" as an escape. */
static void describe(const struct reply_pattern *pattern, struct buf *ret_text)
{
    static const struct bytes escape = BYTES_LITERAL("\\x7C");
    struct buf text;

    buf_init(&text, SENT_OCTETS_MAX);
    reply_pattern_describe(pattern, 1, &RESOLVER, &text);
    struct bytes rest = buf_bytes(&text);

    for (size_t at; (at = bytes_find(rest, escape)) != BYTES_NOT_FOUND;
         rest = bytes_from(rest, at + escape.size)) {
        buf_append(ret_text, bytes_slice(rest, 0, at));
        buf_append_octet(ret_text, '|');
    }
    buf_append(ret_text, rest);
    buf_release(&text);
}

static void check_same_reply(const struct reply_pattern *a, const struct reply_pattern *b)
{
    struct buf texts[2];

    FUZZ_CHECK(a->alternative_count == b->alternative_count, "loader-lost");
    FUZZ_CHECK(a->has_body == b->has_body && a->body_count == b->body_count, "loader-lost");
    for (size_t i = 0; i < a->alternative_count; i++)
        FUZZ_CHECK(a->alternatives[i].kind == b->alternatives[i].kind, "loader-lost");
    for (size_t i = 0; i < a->body_count; i++)
        FUZZ_CHECK(a->body[i].kind == b->body[i].kind, "loader-lost");
    buf_init(&texts[0], SENT_OCTETS_MAX);
    buf_init(&texts[1], SENT_OCTETS_MAX);
    describe(a, &texts[0]);
    describe(b, &texts[1]);
    FUZZ_CHECK(bytes_equal(buf_bytes(&texts[0]), buf_bytes(&texts[1])), "loader-lost");
    buf_release(&texts[0]);
    buf_release(&texts[1]);
}

static void check_same_sasl(const struct sasl_arguments *a, const struct sasl_arguments *b)
{
    FUZZ_CHECK((a == NULL) == (b == NULL), "loader-lost");
    if (a == NULL)
        return;
    FUZZ_CHECK(a->initial == b->initial && a->until == b->until, "loader-lost");
    FUZZ_CHECK((a->user == NULL) == (b->user == NULL) && (a->pass == NULL) == (b->pass == NULL) &&
                   (a->token == NULL) == (b->token == NULL),
               "loader-lost");
}

static void check_same_steps(const struct step *a, size_t a_count, const struct step *b, size_t b_count)
{
    FUZZ_CHECK(a_count == b_count, "loader-lost");
    for (size_t i = 0; i < a_count; i++, a++, b++) {
        FUZZ_CHECK(a->kind == b->kind && a->connection == b->connection, "loader-lost");
        FUZZ_CHECK(a->point_within == b->point_within && a->implicit_tls == b->implicit_tls, "loader-lost");
        FUZZ_CHECK(a->tls == b->tls && a->tls_version == b->tls_version, "loader-lost");
        FUZZ_CHECK(a->closed == b->closed && a->when == b->when && a->shape == b->shape, "loader-lost");
        FUZZ_CHECK(a->split == b->split && a->split_at == b->split_at, "loader-lost");
        FUZZ_CHECK(a->span_us == b->span_us && a->account == b->account, "loader-lost");
        FUZZ_CHECK(same_text(a->name, b->name), "loader-lost");
        check_same_sasl(a->sasl, b->sasl);
        check_same_sent(&a->bytes, &b->bytes);
        if (a->kind == STEP_EXPECT)
            check_same_reply(&a->reply, &b->reply);
        check_same_steps(a->inner, a->inner_count, b->inner, b->inner_count);
    }
}

static bool same_effects(const struct effects *a, const struct effects *b)
{
    return a->logs_in == b->logs_in && a->marks == b->marks && a->commits == b->commits &&
           a->retrieves == b->retrieves && a->delivers == b->delivers && a->provokes == b->provokes &&
           a->bad_logins == b->bad_logins && a->accounts == b->accounts && a->sessions == b->sessions &&
           a->sent_octets == b->sent_octets;
}

static void check_same(const struct scenario *a, const struct scenario *b)
{
    FUZZ_CHECK(same_effects(&a->effects, &b->effects), "loader-dump");
    FUZZ_CHECK(same_text(a->title, b->title) && same_text(a->impact, b->impact), "loader-lost");
    check_same_list(a->proves, a->prove_count, b->proves, b->prove_count);
    check_same_list(a->needs, a->need_count, b->needs, b->need_count);
    check_same_list(a->tags, a->tag_count, b->tags, b->tag_count);
    check_same_list(a->mailbox, a->mailbox_count, b->mailbox, b->mailbox_count);
    FUZZ_CHECK(a->start == b->start && a->mailbox_given == b->mailbox_given, "loader-lost");
    check_same_steps(a->steps, a->step_count, b->steps, b->step_count);
}

/* ---- the dump ---- */

static void check_dump(const struct scenario *scenario)
{
    static struct diagnostics diagnostics;
    struct bytes prefix = scenario_dump_prefix(scenario);
    struct suite suite;
    struct buf first;
    struct buf second;
    struct buf prefix_text;

    diagnostics.count = 0;
    suite_init(&suite);
    suite.fixtures = stock.fixtures;
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
        check_same(scenario, &suite.scenarios[0]);
    } else {
        FUZZ_CHECK(first.overflowed, "loader-dump");
    }
    buf_release(&first);
    buf_release(&second);
    buf_release(&prefix_text);
    suite_release(&suite);
}

/* ---- one key more ---- */

/* TEXT, and in a line of its own a key that no version of the language has. */
static void add_key(struct bytes text, struct buf *ret_text)
{
    buf_init(ret_text, BUF_UNBOUNDED);
    buf_append(ret_text, text);
    buf_append_text(ret_text, "\nno-such-key: 1\n");
}

/* DUMP, which is accepted under PREFIX, with LINE in front of the scenario's title: it must not be. */
static void check_line_more(struct bytes dump, const char *prefix, const char *line)
{
    static struct diagnostics diagnostics;
    size_t at = bytes_find(dump, BYTES_LITERAL("    title: "));
    struct suite suite;
    struct buf more;

    diagnostics.count = 0;
    suite_init(&suite);
    suite.fixtures = stock.fixtures;
    buf_init(&more, BUF_UNBOUNDED);
    buf_append(&more, bytes_slice(dump, 0, at));
    buf_append_text(&more, line);
    buf_append(&more, bytes_from(dump, at));
    FUZZ_CHECK(!suite_add_text(&suite, buf_bytes(&more), FILE_NAME, prefix, NULL, &diagnostics),
               "loader-strict");
    suite_release(&suite);
    buf_release(&more);
}

static void check_scenario_strict(const struct scenario *scenario)
{
    struct buf dump;
    struct buf prefix;

    buf_init(&dump, DOCUMENT_OCTETS_MAX);
    buf_init(&prefix, DOCUMENT_OCTETS_MAX);
    buf_append(&prefix, scenario_dump_prefix(scenario));
    scenario_dump(scenario, &dump);
    if (!dump.overflowed) {
        check_line_more(buf_bytes(&dump), buf_text(&prefix), "    no-such-key: 1\n");
        check_line_more(buf_bytes(&dump), buf_text(&prefix), "    title: x\n");
    }
    buf_release(&dump);
    buf_release(&prefix);
}

/* TEXT was accepted, as scenarios or as FIXTURES: with a key more it must not be. */
static void check_strict(struct bytes text, bool fixtures)
{
    static struct diagnostics diagnostics;
    struct suite suite;
    struct buf more;

    diagnostics.count = 0;
    suite_init(&suite);
    suite.fixtures = fixtures ? suite.fixtures : stock.fixtures;
    add_key(text, &more);
    bool taken = fixtures ? suite_add_fixtures_text(&suite, buf_bytes(&more), FILE_NAME, &diagnostics)
                          : suite_add_text(&suite, buf_bytes(&more), FILE_NAME, NULL, NULL, &diagnostics);

    FUZZ_CHECK(!taken, "loader-strict");
    suite_release(&suite);
    buf_release(&more);
}

enum { DUMP, STEPS, KEY, TURNS };

/* The result is what loading took of the heap. */
static size_t load_scenarios(struct suite *suite, struct bytes text, struct diagnostics *diagnostics)
{
    bool ok = suite_add_text(suite, text, FILE_NAME, NULL, NULL, diagnostics);
    uint64_t number = chunks_number(text);
    size_t loading_octets = allocated_octets();

    FUZZ_CHECK(loading_octets <= LOADING_OCTETS * (1 + suite->scenario_count), "loader-memory");
    FUZZ_CHECK(ok == (diagnostics->count == 0), "loader-said");
    check_places(diagnostics, text);
    for (size_t i = 0; ok && i < suite->scenario_count && i < CASES_LOOKED_AT; i++) {
        if (oracle_is_due(number, DUMP, TURNS))
            check_dump(&suite->scenarios[i]);
        if (oracle_is_due(number, STEPS, TURNS))
            run_steps(suite->scenarios[i].steps, suite->scenarios[i].step_count);
    }
    if (ok && oracle_is_due(number, KEY, TURNS))
        check_strict(text, false);
    if (ok && suite->scenario_count > 0 && oracle_is_due(number, KEY, TURNS))
        check_scenario_strict(&suite->scenarios[0]);
    return loading_octets;
}

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
    if (ok)
        check_strict(text, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct diagnostics diagnostics;
    struct bytes text = {data, size};
    struct suite suite;
    size_t loading_octets = 0;

    if (size > INPUT_OCTETS_MAX)
        return 0;
    diagnostics.count = 0;
    allocated_begin();
    loading = true;
    if (bytes_start_with(text, BYTES_LITERAL("pop3spec-fixtures"))) {
        load_fixtures(text, &diagnostics);
    } else {
        suite_init(&suite);
        suite.fixtures = stock.fixtures;
        loading_octets = load_scenarios(&suite, text, &diagnostics);
        suite_release(&suite);
    }
    loading = false;
    /* With a key more all of it is loaded again. */
    FUZZ_CHECK(allocated_octets() <= 2 * loading_octets + MEMORY_OCTETS + text.size * MEMORY_OCTETS_EACH,
               "loader-memory");
    return 0;
}
