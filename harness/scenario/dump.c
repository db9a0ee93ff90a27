#include "scenario/dump.h"

#include "scenario/regex.h"
#include "scenario/verbs.h"

#include "base/time.h"

#include <inttypes.h>
#include <string.h>

/* ---- templates ---- */

void scenario_dump_octets(struct bytes octets, const char *also, struct buf *out)
{
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t octet = octets.data[i];

        if (octet == '\r')
            buf_append_text(out, "\\r");
        else if (octet == '\n')
            buf_append_text(out, "\\n");
        else if (octet == '\\' || octet == '{' || octet == '}')
            buf_append_format(out, "\\%c", octet);
        else if (octet < 0x20 || octet >= 0x7F || strchr(also, octet) != NULL)
            buf_append_format(out, "\\x%02X", octet);
        else
            buf_append_octet(out, octet);
    }
}

static void dump_template(const struct template *template, const char *also, struct buf *out);

static void dump_fixture(const struct hole *hole, struct buf *out)
{
    if (hole->name == NULL)
        return;
    buf_append_format(out, " %s", hole->name);
    if (hole->ordinal > 1)
        buf_append_format(out, "#%" PRIu32, hole->ordinal);
}

static void dump_account(const struct hole *hole, struct buf *out)
{
    if (hole->number > 1)
        buf_append_format(out, " %" PRIu64, hole->number);
}

static void dump_connection(const struct hole *hole, struct buf *out)
{
    if (hole->number > 0)
        buf_append_format(out, " %" PRIu64, hole->number);
}

static void dump_hole(const struct hole *hole, struct buf *out)
{
    buf_append_text(out, "{");
    switch (hole->kind) {
    case HOLE_USER:
        buf_append_text(out, "user");
        dump_account(hole, out);
        break;
    case HOLE_PASS:
        buf_append_text(out, "pass");
        dump_account(hole, out);
        break;
    case HOLE_TOKEN:
        buf_append_text(out, "token");
        dump_account(hole, out);
        break;
    case HOLE_APOP:
        buf_append_text(out, "apop");
        dump_connection(hole, out);
        break;
    case HOLE_COUNT:
        buf_append_text(out, "count");
        break;
    case HOLE_OCTETS:
        buf_append_text(out, "octets");
        dump_fixture(hole, out);
        break;
    case HOLE_UID:
        buf_append_text(out, "uid");
        dump_fixture(hole, out);
        if (hole->name == NULL)
            buf_append_format(out, " %" PRIu64, hole->number);
        break;
    case HOLE_NUMBER:
        buf_append_text(out, "number");
        dump_fixture(hole, out);
        break;
    case HOLE_MESSAGE:
        buf_append_text(out, "message");
        dump_fixture(hole, out);
        break;
    case HOLE_TOP:
        buf_append_text(out, "top");
        dump_fixture(hole, out);
        buf_append_format(out, " %" PRIu64, hole->number);
        break;
    case HOLE_CHALLENGE:
        buf_append_text(out, "cram-md5");
        break;
    case HOLE_SASL:
        buf_append_text(out, "sasl");
        dump_connection(hole, out);
        break;
    case HOLE_NAME:
        buf_append_text(out, hole->name);
        break;
    case HOLE_OTHER:
        buf_append_format(out, "!%s", hole->name);
        break;
    case HOLE_BIND:
        buf_append_format(out, "?%s", hole->name);
        break;
    }
    buf_append_text(out, "}");
}

static void dump_part(const struct template_part *part, const char *also, struct buf *out)
{
    switch (part->kind) {
    case PART_LITERAL:
        scenario_dump_octets(part->literal, also, out);
        break;
    case PART_HOLE:
        dump_hole(&part->hole, out);
        break;
    case PART_FILL:
        buf_append_text(out, "{fill ");
        scenario_dump_octets(bytes_make(&part->octet, 1), " ", out);
        buf_append_format(out, " %" PRIu64 "}", part->count);
        break;
    case PART_REPEAT:
        buf_append_format(out, "{repeat %" PRIu64 " ", part->count);
        dump_template(&part->inner, "", out);
        buf_append_text(out, "}");
        break;
    case PART_TURN:
        buf_append_format(out, "{turn %" PRIu64 "}", part->count);
        break;
    case PART_BASE64:
        buf_append_text(out, "{b64 ");
        dump_template(&part->inner, "", out);
        buf_append_text(out, "}");
        break;
    }
}

static void dump_template(const struct template *template, const char *also, struct buf *out)
{
    for (size_t i = 0; i < template->count; i++)
        dump_part(&template->parts[i], also, out);
}

/* ---- patterns ---- */

/* What has a meaning in a pattern. */
#define PATTERN_SIGNS " $|/=."

static void dump_words(const struct template *words, size_t count, bool exact, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, i > 0 ? " " : "");
        dump_template(&words[i], PATTERN_SIGNS, out);
    }
    buf_append_text(out, exact ? "$" : "");
}

static void dump_alternative(const struct alternative *alternative, struct buf *out)
{
    /* In the order of enum alternative_kind. */
    static const char *const INDICATORS[] = {"+OK", "-ERR", "+", "closed"};

    buf_append_text(out, INDICATORS[alternative->kind]);
    if (alternative->regex != NULL) {
        buf_append_format(out, "%s /%s/", alternative->decoded ? " b64" : "",
                          regex_source(alternative->regex));
        return;
    }
    buf_append_text(out, alternative->word_count > 0 ? " " : "");
    dump_words(alternative->words, alternative->word_count, alternative->exact, out);
}

static void dump_body_pattern(const struct body_pattern *pattern, struct buf *out)
{
    switch (pattern->kind) {
    case BODY_LINE:
        buf_append_text(out, "= ");
        dump_template(&pattern->words[0], "", out);
        break;
    case BODY_ROW:
        dump_words(pattern->words, pattern->word_count, pattern->exact, out);
        break;
    case BODY_REGEX:
        buf_append_format(out, "/%s/", regex_source(pattern->regex));
        break;
    case BODY_ANY:
        buf_append_text(out, "...");
        if (pattern->regex != NULL)
            buf_append_format(out, " /%s/", regex_source(pattern->regex));
        break;
    case BODY_MESSAGE:
        dump_template(&pattern->words[0], "", out);
        break;
    case BODY_END:
        buf_append_text(out, ".?");
        break;
    }
}

/* ---- steps ---- */

static void dump_indentation(unsigned depth, struct buf *out)
{
    for (unsigned i = 0; i < depth; i++)
        buf_append_text(out, "  ");
}

static void dump_key(const struct step *step, struct buf *out)
{
    buf_append_text(out, verb_keyword(step->kind));
    if (step->connection > 1 && verb_has_connection(step->kind))
        buf_append_format(out, "%d", step->connection);
}

static void dump_alternatives(const struct reply_pattern *reply, struct buf *out)
{
    for (size_t i = 0; i < reply->alternative_count; i++) {
        buf_append_text(out, i > 0 ? " | " : "");
        dump_alternative(&reply->alternatives[i], out);
    }
}

static void dump_expect(const struct step *step, unsigned depth, struct buf *out)
{
    const struct reply_pattern *reply = &step->reply;

    buf_append_text(out, ": ");
    dump_alternatives(reply, out);
    buf_append_text(out, "\n");
    if (step->point_within) {
        dump_indentation(depth, out);
        buf_append_format(out, "%s\n", verb_keyword(STEP_POINT));
    }
    for (size_t i = 0; i < reply->body_count; i++) {
        dump_indentation(depth, out);
        dump_key(step, out);
        buf_append_text(out, ": ");
        dump_body_pattern(&reply->body[i], out);
        buf_append_text(out, "\n");
    }
    if (reply->has_body) {
        dump_indentation(depth, out);
        dump_key(step, out);
        buf_append_text(out, ": .\n");
    }
}

/* The line without the CRLF that C: adds. */
static void dump_line(const struct template *bytes, struct buf *out)
{
    struct template shorter = {.parts = bytes->parts, .count = bytes->count - 1};

    buf_append_text(out, ": ");
    dump_template(&shorter, "", out);
    buf_append_text(out, "\n");
}

static void dump_steps(const struct step *steps, size_t count, unsigned depth, struct buf *out);

static void dump_when(const struct step *step, struct buf *out)
{
    /* In the order of enum alternative_kind. */
    static const char *const CONDITIONS[] = {"+OK", "-ERR", "+", "closed"};

    buf_append_format(out, " %s", CONDITIONS[step->when]);
}

static void dump_block(const struct step *step, unsigned depth, struct buf *out)
{
    if (step->kind == STEP_WHEN)
        dump_when(step, out);
    buf_append_text(out, ":\n");
    dump_steps(step->inner, step->inner_count, depth + 1, out);
}

static void dump_account_argument(const struct step *step, struct buf *out)
{
    buf_append_format(out, "account %" PRIu64 "\n", step->account);
}

/* `, KEY: 'TEXT'`, a quote in it doubled. */
static void dump_sasl_value(const char *key, struct bytes text, struct buf *out)
{
    buf_append_format(out, ", %s: '", key);
    for (size_t i = 0; i < text.size; i++) {
        buf_append_octet(out, text.data[i]);
        if (text.data[i] == '\'')
            buf_append_octet(out, '\'');
    }
    buf_append_octet(out, '\'');
}

static void dump_sasl_text(const char *key, const struct template *template, struct buf *out)
{
    struct buf text;

    if (template == NULL)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    dump_template(template, "", &text);
    dump_sasl_value(key, buf_bytes(&text), out);
    buf_release(&text);
}

static void dump_sasl(const struct step *step, struct buf *out)
{
    const struct sasl_arguments *arguments = step->sasl;
    struct buf expected;

    buf_append_format(out, ": {mech: %s, account: %" PRIu64, step->name, step->account);
    dump_sasl_text("user", arguments->user, out);
    dump_sasl_text("pass", arguments->pass, out);
    dump_sasl_text("token", arguments->token, out);
    buf_append_text(out, arguments->initial ? ", initial: true" : "");
    if (arguments->until > 0)
        buf_append_format(out, ", until: %" PRIu64, arguments->until);
    buf_init(&expected, BUF_UNBOUNDED);
    dump_alternatives(&step->reply, &expected);
    dump_sasl_value("expect", buf_bytes(&expected), out);
    buf_append_text(out, "}\n");
    buf_release(&expected);
}

static void dump_step(const struct step *step, unsigned depth, struct buf *out)
{
    static const char *const TLS[] = {"ok", "fail", "either"};
    static const char *const CLOSED[] = {"any", "fin", "reset"};
    static const char *const VERSION[TLS_VERSION_COUNT] = {
        [TLS_VERSION_ANY] = "", [TLS_VERSION_1_2] = " 1.2", [TLS_VERSION_1_3] = " 1.3"};
    static const char *const SPLIT[] = {"none", "octets", "crlf", "lines"};

    dump_indentation(depth, out);
    dump_key(step, out);
    switch (step->kind) {
    case STEP_SEND:
        dump_line(&step->bytes, out);
        return;
    case STEP_RAW:
        buf_append_text(out, ": ");
        dump_template(&step->bytes, "", out);
        break;
    case STEP_EXPECT:
        dump_expect(step, depth, out);
        return;
    case STEP_PIPELINE:
    case STEP_TOGETHER:
    case STEP_WHEN:
        dump_block(step, depth, out);
        return;
    case STEP_OPEN:
        buf_append_text(out, step->implicit_tls ? ": tls" : "");
        break;
    case STEP_TLS:
        buf_append_format(out, ": %s%s", TLS[step->tls], VERSION[step->tls_version]);
        break;
    case STEP_CLOSED:
        buf_append_format(out, ": %s", CLOSED[step->closed]);
        break;
    case STEP_SPLIT:
        if (step->split == SPLIT_AT)
            buf_append_format(out, ": %llu", (unsigned long long)step->split_at);
        else
            buf_append_format(out, ": %s", SPLIT[step->split]);
        break;
    case STEP_REPLY:
        buf_append_text(out, step->shape == SHAPE_FORCE_MULTI ? ": multi" : ": single");
        break;
    case STEP_LOGIN:
        buf_append_text(out, ": ");
        dump_account_argument(step, out);
        return;
    case STEP_SASL:
        dump_sasl(step, out);
        return;
    case STEP_FENCE:
        dump_line(&step->bytes, out);
        return;
    case STEP_QUIET:
    case STEP_SLOW:
    case STEP_TIMEOUT:
        buf_append_format(out, ": %" PRId64 "ms", step->span_us / US_PER_MS);
        break;
    case STEP_DELIVER:
    case STEP_PROVOKE:
        buf_append_format(out, ": %s", step->name);
        break;
    case STEP_RECONNECT:
    case STEP_CLOSE:
    case STEP_ABORT:
    case STEP_HALF_CLOSE:
    case STEP_POINT:
    case STEP_KIND_COUNT:
        break;
    }
    buf_append_text(out, "\n");
}

static void dump_steps(const struct step *steps, size_t count, unsigned depth, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        dump_step(&steps[i], depth, out);
}

/* ---- the head ---- */

/* The code of the UTF-8 character at the front of TEXT, which YAML has checked; steps over it. */
static uint32_t take_character(const char **text)
{
    uint32_t lead = (uint8_t) * (*text)++;
    uint32_t code = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;

    while (((uint8_t) * *text & 0xC0) == 0x80)
        code = code << 6 | ((uint8_t) * (*text)++ & 0x3F);
    return code;
}

/* In double quotes, which can hold anything. */
static void dump_quoted(const char *text, struct buf *out)
{
    buf_append_text(out, "\"");
    while (*text != '\0') {
        uint32_t code = take_character(&text);

        if (code == '"' || code == '\\')
            buf_append_format(out, "\\%c", (char)code);
        else if (code >= 0x20 && code < 0x7F)
            buf_append_octet(out, (uint8_t)code);
        else
            buf_append_format(out, "\\U%08" PRIX32, code);
    }
    buf_append_text(out, "\"");
}

static void dump_list(const char *key, const char *const *words, size_t count, struct buf *out)
{
    buf_append_format(out, "    %s: [", key);
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, i > 0 ? ", " : "");
        dump_quoted(words[i], out);
    }
    buf_append_text(out, "]\n");
}

struct bytes scenario_dump_prefix(const struct scenario *scenario)
{
    const char *slash = strrchr(scenario->id, '/');

    return slash != NULL ? bytes_make(scenario->id, (size_t)(slash - scenario->id)) : BYTES_EMPTY;
}

static void dump_head(const struct scenario *scenario, struct buf *out)
{
    /* In the order of enum start_state. */
    static const char *const STATES[] = {"closed", "authorization", "transaction"};
    size_t prefix = scenario_dump_prefix(scenario).size;

    buf_append_format(out, "  - name: %s\n    title: ", scenario->id + prefix + (prefix > 0));
    dump_quoted(scenario->title, out);
    buf_append_text(out, "\n");
    dump_list("proves", scenario->proves, scenario->prove_count, out);
    if (scenario->impact != NULL) {
        buf_append_text(out, "    impact: ");
        dump_quoted(scenario->impact, out);
        buf_append_text(out, "\n");
    }
    buf_append_format(out, "    state: %s\n", STATES[scenario->start]);
    if (scenario->mailbox_given)
        dump_list("mailbox", scenario->mailbox, scenario->mailbox_count, out);
    dump_list("needs", scenario->needs, scenario->need_count, out);
    dump_list("tags", scenario->tags, scenario->tag_count, out);
    dump_list("variables", scenario->variables, scenario->variable_count, out);
}

void scenario_dump(const struct scenario *scenario, struct buf *out)
{
    buf_append_text(out, "pop3spec: 1\nscenarios:\n");
    dump_head(scenario, out);
    buf_append_text(out, "    dialog: |\n");
    dump_steps(scenario->steps, scenario->step_count, 3, out);
}
