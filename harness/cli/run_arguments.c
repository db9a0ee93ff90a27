#include "cli/run_arguments.h"

#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/run_reports.h"
#include "cli/words.h"
#include "run/run.h"

#include <stdlib.h>

enum option_key {
    KEY_USER = 'u',
    KEY_PASS = 'p',
    KEY_VERBOSE = 'v',
    KEY_TARGET = 256,
    KEY_PASS_FILE,
    KEY_TLS,
    KEY_CA,
    KEY_INSECURE,
    KEY_CERT,
    KEY_KEY,
    KEY_SOURCE,
    KEY_CONNECT_TIMEOUT,
    KEY_TIMEOUT,
    KEY_SCENARIOS,
    KEY_EXPECT,
    KEY_UPDATE_EXPECTATIONS,
    KEY_TRANSPORT,
    KEY_TAG,
    KEY_SKIP_TAG,
    KEY_VARIABLE,
    KEY_JOBS,
    KEY_BAD_LOGINS,
    KEY_TIME_SCALE,
    KEY_SEED,
    KEY_LIST,
    KEY_FAIL_FAST,
    KEY_MAX_FAILURES,
    KEY_FAIL_ON,
    KEY_PROFILE,
    KEY_RETRY,
    KEY_SHARD,
    KEY_ANNOTATIONS,
    KEY_REPORT, /* and the format's number */
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "The target", 1},
    {"target", KEY_TARGET, "FILE", 0, "target file: accounts, TLS, mailboxes that may be emptied", 1},
    {"user", KEY_USER, "USER", 0, "log in as USER", 1},
    {"pass", KEY_PASS, "PASS", 0, "the password; - asks for it, or reads a line of standard input", 1},
    {"pass-file", KEY_PASS_FILE, "FILE", 0,
     "the password is the first line of FILE; POP3SPEC_PASS is a third way", 1},
    {"tls", KEY_TLS, "WAY", 0, "none, starttls or implicit", 1},
    {"ca", KEY_CA, "FILE", 0, "trust these certificates (PEM)", 1},
    {"insecure", KEY_INSECURE, NULL, 0, "take any certificate; the report says so", 1},
    {"cert", KEY_CERT, "FILE", 0, "client certificate (PEM)", 1},
    {"key", KEY_KEY, "FILE", 0, "its key (PEM)", 1},
    {"source", KEY_SOURCE, "ADDRESS", 0, "connect from this local address", 1},
    {"connect-timeout", KEY_CONNECT_TIMEOUT, "TIME", 0, "wait so long for a connection (10s)", 1},
    {"timeout", KEY_TIMEOUT, "TIME", 0, "wait so long for a reply (10s)", 1},
    {NULL, 0, NULL, 0, "What is run", 2},
    {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios", 2},
    {"transport", KEY_TRANSPORT, "NAME", 0,
     "lines, octets, crlf, pipelined, stls, implicit or all; may be given again", 2},
    {"tag", KEY_TAG, "TAG", 0, "only scenarios with this tag; may be given again", 2},
    {"skip-tag", KEY_SKIP_TAG, "TAG", 0, "none with this tag; may be given again", 2},
    {"bad-logins", KEY_BAD_LOGINS, "N", 0,
     "send at most N wrong passwords (2, unless the target file has provision)", 2},
    {"variable", KEY_VARIABLE, "NAME=VALUE", 0, "a value for {NAME} in scenarios; may be given again", 2},
    {"expect", KEY_EXPECT, "FILE", 0, "known failures; only others count", 2},
    {"update-expectations", KEY_UPDATE_EXPECTATIONS, NULL, 0, "bring that file up to date", 2},
    {"jobs", KEY_JOBS, "N", 0, "scenarios side by side (one for each account)", 2},
    {"time-scale", KEY_TIME_SCALE, "FACTOR", 0, "stretch the scenarios' own waiting times (1.0)", 2},
    {"seed", KEY_SEED, "N", 0, "of everything random", 2},
    {"shard", KEY_SHARD, "I/N", 0,
     "only part I of N; `pop3spec report --join' puts the parts' results together", 2},
    {"fail-on", KEY_FAIL_ON, "WHAT", 0,
     "what makes the run fail: must (and stated, security), should (warnings too), security (nothing else), "
     "any "
     "(info too)",
     2},
    {"profile", KEY_PROFILE, "NAME", 0,
     "which clauses count: modern (all, by their levels), rfc1939 (no later document), strict (should is "
     "must)",
     2},
    {"max-failures", KEY_MAX_FAILURES, "N", 0, "stop behind the Nth unexpected case", 2},
    {"fail-fast", KEY_FAIL_FAST, NULL, 0, "the same as --max-failures 1", 2},
    {"retry", KEY_RETRY, "N", 0,
     "run an unexpected case again, up to N times; one that then passes is marked flaky", 2},
    {"list", KEY_LIST, NULL, 0, "say what would run, connect nowhere", 2},
    {NULL, 0, NULL, 0, "Reports", 3},
#define REPORT(name, flag, write, what) {flag, KEY_REPORT + (int)REPORT_##name, "FILE", 0, what, 3},
#include "report/reports.def"
#undef REPORT
    {"annotations", KEY_ANNOTATIONS, NULL, 0,
     "findings as GitHub's annotations of scenario lines; by itself where GITHUB_ACTIONS is set", 3},
    {"verbose", KEY_VERBOSE, NULL, 0, "the wire log, and a line for each case", 3},
    {0},
};

static const char DOC[] =
    "Tests a POP3 server against the clauses of its standards.\n"
    "\v"
    "TARGET is a host, host:port, [::1]:110, pop3://[user@]host[:port] or pop3s://...: the first argument "
    "that is neither a "
    "file nor a scenario's or clause's id, a prefix or a glob. Without one, the built-in server is tested. "
    "SELECTION is an "
    "id, a prefix of ids (rfc1939/dele), a glob ('*/stls-*'), a clause or a file of scenarios (my.yaml), of "
    "which an id "
    "that begins with its name (my/second) takes one alone.\n\n"
    "A report's FILE may be - once: standard output, and what is said to people goes to standard error.\n\n"
    "Exit: 0 nothing unexpected; 1 unexpected failure; 2 usage, or nothing selected; 3 the target cannot be "
    "reached; "
    "4 the target died; 70 an error of our own; 130, 143 interrupted. Reports are written in any case but 2 "
    "and 3.";

/* Copies the password out of argv and overwrites it there: "..." stands in its place. */
static char *hide(char *password)
{
    char *copy = memory_copy_text(password);

    if (strcmp(password, "-") != 0)
        for (size_t i = 0; copy[i] != '\0'; i++)
            password[i] = i < 3 ? '.' : '\0';
    return copy;
}

static int64_t time_scale(const struct argp_state *state, const char *text)
{
    char *end;
    double factor = strtod(text, &end);

    if (end == text || *end != '\0' || !(factor >= 0.01) || factor > 1000)
        argp_error(state, "--time-scale takes a factor from 0.01 to 1000, not '%s'", text);
    return (int64_t)(factor * 100 + 0.5);
}

static error_t parse_target(int key, char *text, struct argp_state *state, struct run_arguments *arguments)
{
    switch (key) {
    case KEY_TARGET:
        arguments->target_file = text;
        return 0;
    case KEY_USER:
        arguments->user = text;
        return 0;
    case KEY_PASS:
        free(arguments->pass);
        arguments->pass = hide(text);
        return 0;
    case KEY_PASS_FILE:
        arguments->pass_file = text;
        return 0;
    case KEY_TLS:
        arguments->tls = text;
        return 0;
    case KEY_CA:
        arguments->ca = text;
        return 0;
    case KEY_INSECURE:
        arguments->insecure = true;
        return 0;
    case KEY_CERT:
        arguments->cert = text;
        return 0;
    case KEY_KEY:
        arguments->key = text;
        return 0;
    case KEY_SOURCE:
        arguments->source = text;
        return 0;
    case KEY_CONNECT_TIMEOUT:
        arguments->connect_timeout_us = argument_span_us(state, "--connect-timeout", text);
        return 0;
    case KEY_TIMEOUT:
        arguments->timeout_us = argument_span_us(state, "--timeout", text);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* "2/5": the second of five. */
static struct shard shard_of(const struct argp_state *state, const char *text)
{
    struct bytes whole = bytes_of(text);
    size_t slash = strcspn(text, "/");
    uint64_t index = 0;
    uint64_t count = 0;

    if (slash == whole.size || !bytes_to_u64(bytes_slice(whole, 0, slash), &index) ||
        !bytes_to_u64(bytes_from(whole, slash + 1), &count) || index < 1 || index > count ||
        count > SHARDS_MAX)
        argp_error(state, "--shard takes I/N, part I of N from 1/N to N/N, with N up to %d, not '%s'",
                   SHARDS_MAX, text);
    return (struct shard){.index = (unsigned)index, .count = (unsigned)count};
}

static error_t parse_selection(int key, char *text, struct argp_state *state, struct run_arguments *arguments)
{
    switch (key) {
    case KEY_SCENARIOS:
        arguments->scenarios = text;
        return 0;
    case KEY_TRANSPORT:
        text_list_add(&arguments->transports, text);
        return 0;
    case KEY_TAG:
        text_list_add(&arguments->tags, text);
        return 0;
    case KEY_SKIP_TAG:
        text_list_add(&arguments->skip_tags, text);
        return 0;
    case KEY_BAD_LOGINS:
        arguments->bad_logins = (unsigned)argument_number(state, "--bad-logins", text, 0, 10000);
        return 0;
    case KEY_VARIABLE:
        if (strchr(text, '=') == NULL || *text == '=')
            argp_error(state, "--variable takes NAME=VALUE, not '%s'", text);
        text_list_add(&arguments->variables, text);
        return 0;
    case KEY_SHARD:
        arguments->shard = shard_of(state, text);
        return 0;
    case KEY_EXPECT:
        arguments->expect = text;
        return 0;
    case KEY_UPDATE_EXPECTATIONS:
        arguments->update_expectations = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_conduct(int key, char *text, struct argp_state *state, struct run_arguments *arguments)
{
    switch (key) {
    case KEY_JOBS:
        arguments->jobs = (unsigned)argument_number(state, "--jobs", text, 1, 64);
        return 0;
    case KEY_TIME_SCALE:
        arguments->time_scale_percent = time_scale(state, text);
        return 0;
    case KEY_SEED:
        arguments->seed = argument_number(state, "--seed", text, 0, UINT64_MAX);
        arguments->seed_given = true;
        return 0;
    case KEY_FAIL_FAST:
        arguments->failures_max = 1;
        return 0;
    case KEY_MAX_FAILURES:
        arguments->failures_max = (unsigned)argument_number(state, "--max-failures", text, 1, 1000000);
        return 0;
    case KEY_RETRY:
        arguments->retries = (unsigned)argument_number(state, "--retry", text, 0, 100);
        return 0;
    case KEY_PROFILE:
        if (!profile_of_name(text, &arguments->profile))
            argp_error(state, "--profile takes rfc1939, modern or strict, not '%s'", text);
        return 0;
    case KEY_FAIL_ON:
        if (!fail_on_of_name(text, &arguments->fail_on))
            argp_error(state, "--fail-on takes must, should, security or any, not '%s'", text);
        return 0;
    case KEY_LIST:
        arguments->list = true;
        return 0;
    case KEY_ANNOTATIONS:
        arguments->annotations = true;
        return 0;
    case KEY_VERBOSE:
        arguments->verbose = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void check_together(struct run_arguments *arguments, struct argp_state *state)
{
    if (arguments->update_expectations && arguments->expect == NULL)
        argp_error(state, "--update-expectations needs --expect FILE, the file to bring up to date");
    if (arguments->update_expectations && arguments->shard.count > 0)
        argp_error(
            state,
            "--update-expectations needs a whole run, not a --shard: entries may be about other cases");
    if (arguments->pass != NULL && arguments->pass_file != NULL)
        argp_error(state, "--pass and --pass-file are two ways to say one thing: leave one out");
    if (arguments->insecure && arguments->ca != NULL)
        argp_error(state, "--insecure takes any certificate, so --ca means nothing: leave one out");
    if (arguments->tls != NULL && strcmp(arguments->tls, "none") != 0 &&
        strcmp(arguments->tls, "starttls") != 0 && strcmp(arguments->tls, "implicit") != 0)
        argp_error(state, "--tls takes none, starttls or implicit, not '%s'", arguments->tls);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct run_arguments *arguments = state->input;

    if (key >= KEY_REPORT && key < KEY_REPORT + (int)REPORT_FORMAT_COUNT) {
        run_reports_choose(arguments->reports, (enum report_format)(key - KEY_REPORT), text, state);
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        text_list_add(&arguments->positionals, text);
        return 0;
    }
    if (key == ARGP_KEY_END) {
        check_together(arguments, state);
        return 0;
    }
    error_t known = parse_target(key, text, state, arguments);

    if (known == ARGP_ERR_UNKNOWN)
        known = parse_selection(key, text, state, arguments);
    return known == ARGP_ERR_UNKNOWN ? parse_conduct(key, text, state, arguments) : known;
}

void run_arguments_parse(struct run_arguments *arguments, int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS, .parser = parse, .args_doc = "[TARGET] [SELECTION...]", .doc = DOC};

    *arguments = (struct run_arguments){.bad_logins = RUN_BAD_LOGINS_DEFAULT};
    command_line_parse(&argp, argc, argv, arguments);
}

void run_arguments_release(struct run_arguments *arguments)
{
    free(arguments->pass);
    free(arguments->positionals.items);
    free(arguments->transports.items);
    free(arguments->tags.items);
    free(arguments->skip_tags.items);
    free(arguments->variables.items);
}
