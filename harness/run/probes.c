#include "run/probes.h"

#include "base/check.h"
#include "base/memory.h"
#include "run/pause.h"

enum {
    /* Fixtures for PROBE_STORE: eight of them stay far below what a transcript keeps. */
    PROBE_FIXTURE_OCTETS_MAX = 4096,
    PROBE_FIXTURES_MAX = 3,
};

#define LOCKED_MAILBOX_APART_US (1 * US_PER_S)

/* Servers let a second login wait for the lock for up to half a minute before they refuse it. */
#define LOCK_PATIENCE "      timeout: 40s\n"

/* A refusal for the delay between logins (RFC 2449 section 8.1.1) says nothing of a lock. */
#define REFUSED_BY_LOCK "-ERR /(?i)^(?!\\[LOGIN-DELAY)/"

static const struct probe_text {
    const char *name;
    const char *state;
    const char *dialog; /* each line indented by six spaces */
} probe_texts[PROBE_COUNT] = {
    [PROBE_TWO_CONNECTIONS] = {"two-connections", "authorization",
                               "      open2\n"
                               "      S2: +OK\n"},
    [PROBE_CAPABILITIES] = {"capabilities", "authorization",
                            "      C: CAPA\n"
                            "      S: +OK | -ERR | closed\n"},
    [PROBE_LOGIN] = {"login", "transaction",
                     "      C: CAPA\n"
                     "      S: +OK | -ERR | closed\n"},
    [PROBE_TOP] = {"top", "transaction",
                   "      C: LIST 1\n"
                   "      S: +OK\n"
                   "      C: TOP 1 0\n"
                   "      S: +OK\n"},
    [PROBE_UIDL] = {"uidl", "transaction",
                    "      C: LIST 1\n"
                    "      S: +OK\n"
                    "      C: UIDL 1\n"
                    "      S: +OK\n"},
    [PROBE_LAST] = {"last", "transaction",
                    "      C: LAST\n"
                    "      S: +OK\n"},
    [PROBE_STLS] = {"stls", "authorization",
                    "      C: STLS\n"
                    "      S: +OK\n"
                    "      abort\n"},
    [PROBE_STLS_HANDSHAKE] = {"stls-handshake", "authorization",
                              "      C: STLS\n"
                              "      S: +OK\n"
                              "      tls\n"
                              "      abort\n"},
    [PROBE_IMPLICIT_TLS] = {"implicit-tls", "closed",
                            "      open: tls\n"
                            "      abort\n"},
    [PROBE_LOCK_USER_PASS] = {"lock-user-pass", "transaction",
                              LOCK_PATIENCE "      C2: USER {user}\n"
                                            "      S2: +OK\n"
                                            "      C2: PASS {pass}\n"
                                            "      S2: " REFUSED_BY_LOCK "\n"},
    [PROBE_LOCK_APOP] = {"lock-apop", "transaction",
                         LOCK_PATIENCE "      C2: APOP {user} {apop}\n"
                                       "      S2: " REFUSED_BY_LOCK "\n"},
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    [PROBE_CHALLENGE_##name] = {"challenge-" keyword, "authorization",                                       \
                                "      C: AUTH " mechanism "\n"                                              \
                                "      S: +\n"                                                               \
                                "      abort\n"},                                                            \
    [PROBE_LOCK_AUTH_##name] = {"lock-auth-" keyword, "transaction",                                         \
                                LOCK_PATIENCE "      sasl2: {mech: " mechanism ", expect: '" REFUSED_BY_LOCK \
                                              "'}\n"},
#include "pop3/mechanisms.def"
#undef MECHANISM
    [PROBE_STORE] = {"store", "transaction", NULL},
    [PROBE_COUNT_MESSAGES] = {"count-messages", "transaction",
                              "      C: STAT\n"
                              "      S: +OK\n"},
    [PROBE_ARRIVAL] = {"arrival", "transaction",
                       "      C: STAT\n"
                       "      S: +OK | -ERR\n"
                       "      C: RETR 1\n"
                       "      S: +OK | -ERR\n"},
};

/* ---- compiling ---- */

#define SUITE_START "pop3spec: 1\nscenarios:\n"

/* The names of small messages that any store should keep as they are; how many there are. */
static size_t choose_fixtures(const struct fixture_set *fixtures, const char **ret_names)
{
    size_t count = 0;

    for (size_t i = 0; i < fixtures->count && count < PROBE_FIXTURES_MAX; i++)
        if (fixtures->fixtures[i].clean && fixtures->fixtures[i].identified &&
            fixtures->fixtures[i].octets.size <= PROBE_FIXTURE_OCTETS_MAX)
            ret_names[count++] = fixtures->fixtures[i].name;
    return count;
}

static void append_store_dialog(struct buf *out)
{
    for (int i = 1; i <= PROBE_STORE_MESSAGES; i++)
        buf_append_format(out, "      C: RETR %d\n      S: +OK\n", i);
}

static void append_mailbox(enum probe probe, const char *const *names, size_t count, struct buf *out)
{
    size_t messages = probe == PROBE_STORE ? PROBE_STORE_MESSAGES : 1;

    buf_append_text(out, "    mailbox: [");
    for (size_t i = 0; i < messages; i++)
        buf_append_format(out, "%s%s", i == 0 ? "" : ", ", names[i % count]);
    buf_append_text(out, "]\n");
}

static void append_scenario(enum probe probe, const char *mailbox, struct buf *out)
{
    const struct probe_text *text = &probe_texts[probe];

    buf_append_format(out,
                      "  - name: %s\n"
                      "    title: What the target can do\n"
                      "    tags: [example]\n"
                      "    state: %s\n"
                      "%s"
                      "    dialog: |\n",
                      text->name, text->state, mailbox);
    if (probe == PROBE_STORE)
        append_store_dialog(out);
    else
        buf_append_text(out, text->dialog);
}

static void append_probe(enum probe probe, const char *const *names, size_t count, struct buf *out)
{
    bool filled = probe == PROBE_TOP || probe == PROBE_UIDL || probe == PROBE_STORE || probe == PROBE_ARRIVAL;
    struct buf mailbox;

    if (probe == PROBE_STORE && count == 0)
        return; /* there is nothing to deliver, or nowhere to */
    buf_init(&mailbox, BUF_UNBOUNDED);
    if (filled && count > 0)
        append_mailbox(probe, names, count, &mailbox);
    append_scenario(probe, buf_text(&mailbox), out);
    buf_release(&mailbox);
}

/* What we wrote ourselves must compile. */
static void compile(struct suite *suite, const struct buf *text, const struct fixture_set *fixtures,
                    const struct ledger *ledger)
{
    struct diagnostics *diagnostics = (struct diagnostics *)memory_new(sizeof(*diagnostics));
    bool ok;

    suite_init(suite);
    suite->fixtures = *fixtures;
    ok = suite_add_text(suite, buf_bytes(text), "built-in probes", "probe", ledger, diagnostics);
    CHECK(ok);
    free(diagnostics);
}

void probes_init(struct probes *probes, const struct fixture_set *fixtures, bool provisioned,
                 const struct ledger *ledger)
{
    const char *names[PROBE_FIXTURES_MAX];
    size_t count = provisioned ? choose_fixtures(fixtures, names) : 0;
    struct buf text;

    *probes = (struct probes){.ledger = ledger};
    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, SUITE_START);
    for (size_t probe = 0; probe < PROBE_COUNT; probe++)
        append_probe((enum probe)probe, names, count, &text);
    compile(&probes->suite, &text, fixtures, ledger);
    buf_release(&text);
    for (size_t probe = 0; probe < PROBE_COUNT; probe++) {
        char id[64];

        snprintf(id, sizeof(id), "probe/%s", probe_texts[probe].name);
        probes->scenarios[probe] = suite_find(&probes->suite, id);
    }
}

const struct scenario *probes_removal(const struct probes *probes, size_t count, struct suite *suite)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, SUITE_START "  - name: removal\n"
                                       "    title: An empty mailbox\n"
                                       "    tags: [example]\n"
                                       "    state: transaction\n"
                                       "    dialog: |\n");
    for (size_t number = 1; number <= count; number++)
        buf_append_format(&text, "      C: DELE %zu\n      S: +OK\n", number);
    buf_append_text(&text, "      C: QUIT\n      S: +OK\n      closed\n");
    compile(suite, &text, &probes->suite.fixtures, probes->ledger);
    buf_release(&text);
    return suite_find(suite, "probe/removal");
}

void probes_release(struct probes *probes)
{
    suite_release(&probes->suite);
}

/* ---- running ---- */

void probe_wait(struct run_context *run, const struct venue *venue, int64_t span_us)
{
    const struct stage *stage = run->stage;
    struct pause pause = {.until_us = time_after(stage->ops->now(stage->context, venue), span_us)};

    stage->ops->add(stage->context, venue, &pause_actor_ops, &pause, NULL);
    stage->ops->run(stage->context, run->options->stop);
}

/* Where the result of a preparation that is waited for goes. */
struct waiting {
    enum provision_result result;
    struct error *error;
};

static void prepared(void *context, enum provision_result result, const struct error *error)
{
    struct waiting *waiting = (struct waiting *)context;

    waiting->result = result;
    *waiting->error = *error;
}

/* Prepares the mailbox of TRIAL, and runs the stage until that is done. */
static enum provision_result prepare_now(struct run_context *run, struct trial *trial, int64_t login_delay_us,
                                         struct error *error)
{
    struct waiting waiting = {.result = PROVISION_UNDER_WAY, .error = error};
    const struct preparation_options options = {
        .login_delay_us = login_delay_us, .done = prepared, .context = &waiting};
    enum provision_result result = trial_prepare(trial, &options, error);

    if (result != PROVISION_UNDER_WAY)
        return result;
    if (!run->stage->ops->run(run->stage->context, run->options->stop) ||
        waiting.result == PROVISION_UNDER_WAY) {
        error_set(error, ERROR_HOST, "the run was interrupted");
        return PROVISION_FAILED;
    }
    return waiting.result;
}

bool probe_prepare(struct run_context *run, struct trial *trial, int64_t login_delay_us, struct error *error)
{
    int64_t patience_us = trial->options.venue->target->login_patience_us;

    for (int64_t waited_us = 0;; waited_us += LOCKED_MAILBOX_APART_US) {
        enum provision_result result = prepare_now(run, trial, login_delay_us, error);

        if (result == PROVISION_DONE)
            return true;
        if (result != PROVISION_BUSY || waited_us >= patience_us)
            return false;
        probe_wait(run, trial->options.venue, LOCKED_MAILBOX_APART_US);
    }
}

struct trial *probe_run(struct probes *probes, struct run_context *run, enum probe probe,
                        const struct probe_setting *setting, const char **ret_reason)
{
    const struct trial_options options = {
        .scenario = probes->scenarios[probe],
        .fixtures = &probes->suite.fixtures,
        .venue = setting->venue,
        .transport = setting->transport,
        .facts = setting->facts,
        .accounts = {setting->account},
        .account_count = setting->venue->target->account_count > 0 ? 1 : 0,
        .login = setting->login,
        .login_patience_us = setting->login_patience_us,
        .serial_seed = run->options->seed ^ (UINT64_C(0x9E3779B97F4A7C15) * (1 + (uint64_t)probe)),
    };
    struct error error;
    struct trial *trial;

    if (options.scenario == NULL) {
        *ret_reason = "no fixture is simple enough to try it with";
        return NULL;
    }
    trial = trial_new(run, &options);
    if (options.scenario->mailbox_given && !probe_prepare(run, trial, setting->login_delay_us, &error)) {
        *ret_reason = arena_text(run->arena, bytes_of(error.text));
        trial_free(trial);
        return NULL;
    }
    if (!trial_run(trial)) {
        *ret_reason = "the run was interrupted";
        trial_free(trial);
        return NULL;
    }
    if (options.scenario->start == START_TRANSACTION && setting->login_delay_us > 0)
        probe_wait(run, setting->venue, setting->login_delay_us);
    return trial;
}
