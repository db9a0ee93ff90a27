#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/probe_look.h"
#include "cli/run_reports.h"
#include "cli/signals.h"
#include "cli/target_address.h"
#include "net/loop.h"
#include "report/look.h"
#include "target/target.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum {
    KEY_TLS = 256,
    KEY_CA,
    KEY_INSECURE,
    KEY_SOURCE,
    KEY_CONNECT_TIMEOUT,
    KEY_TIMEOUT,
    KEY_JSON,
};

struct probe_arguments {
    const char *address;
    const char *tls;
    const char *ca;
    const char *source;
    const char *json;
    bool insecure;
    int64_t connect_timeout_us;
    int64_t timeout_us;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct probe_arguments *arguments = state->input;

    if (key == KEY_TLS)
        arguments->tls = text;
    else if (key == KEY_CA)
        arguments->ca = text;
    else if (key == KEY_INSECURE)
        arguments->insecure = true;
    else if (key == KEY_SOURCE)
        arguments->source = text;
    else if (key == KEY_CONNECT_TIMEOUT)
        arguments->connect_timeout_us = argument_span_us(state, "--connect-timeout", text);
    else if (key == KEY_TIMEOUT)
        arguments->timeout_us = argument_span_us(state, "--timeout", text);
    else if (key == KEY_JSON)
        arguments->json = text;
    else if (key == ARGP_KEY_ARG && state->arg_num > 0)
        argp_error(state, "one TARGET at a time: leave out '%s'", text);
    else if (key == ARGP_KEY_ARG)
        arguments->address = text;
    else if (key == ARGP_KEY_NO_ARGS)
        argp_error(state, "which TARGET? A host, host:port, pop3://host or pop3s://host");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static bool fill_target(struct target *target, const struct probe_arguments *arguments, struct error *error)
{
    if (!target_parse_address(target, arguments->address, error))
        return false;
    if (arguments->tls != NULL && !target_tls_of_name(arguments->tls, &target->tls)) {
        error_set(error, ERROR_USAGE, "--tls takes none, starttls or implicit, not '%s'", arguments->tls);
        return false;
    }
    if (arguments->tls != NULL && target->tls == TARGET_TLS_NONE)
        target->starttls = false;
    target->tls_ca = arguments->ca;
    target->tls_verify = !arguments->insecure;
    target->source = arguments->source;
    if (arguments->connect_timeout_us > 0)
        target->connect_timeout_us = arguments->connect_timeout_us;
    if (arguments->timeout_us > 0)
        target->reply_timeout_us = arguments->timeout_us;
    target_address_settle(target, arguments->address);
    return target_check(target, error);
}

static bool make_endpoint(const struct target *target, struct address *source, struct error *error,
                          struct endpoint *ret_endpoint)
{
    *ret_endpoint = (struct endpoint){.host = target->tls_name != NULL ? target->tls_name : target->host,
                                      .port = target->port,
                                      .implicit_tls_port = target->implicit_port,
                                      .connect_timeout_us = target->connect_timeout_us};
    if (target->source != NULL) {
        if (!address_parse(target->source, source))
            return error_set(error, ERROR_USAGE, "--source takes a numeric address, not '%s'",
                             target->source);
        ret_endpoint->source = source;
    }
    return address_resolve(target->host, error, &ret_endpoint->addresses);
}

/* One look over TCP; false with ERROR only for trouble of this machine, or when it was interrupted. */
static bool take_look(struct look *look, const struct target *target, const struct endpoint *endpoint,
                      bool verified, const volatile sig_atomic_t *stop, struct error *error)
{
    const struct tls_client_settings settings = {
        .ca_file = target->tls_ca, .unverified = !verified, .described = true};
    struct tls_context *tls = tls_context_client(&settings, error);
    struct loop *loop = tls != NULL ? loop_new(error) : NULL;
    bool done = false;

    if (loop != NULL) {
        struct endpoint with_tls = *endpoint;

        with_tls.tls = tls;
        loop_add(loop, &look_actor_ops, look, &with_tls, NULL);
        done = loop_run(loop, stop) == LOOP_DONE;
        if (!done)
            error_set(error, ERROR_UNREACHABLE, "interrupted");
    }
    loop_free(loop);
    tls_context_free(tls);
    return done;
}

/* ---- versions of TLS ---- */

static const char *const VERSION_NAMES[TLS_VERSION_COUNT] = {
    [TLS_VERSION_1_0] = "1.0",
    [TLS_VERSION_1_1] = "1.1",
    [TLS_VERSION_1_2] = "1.2",
    [TLS_VERSION_1_3] = "1.3",
};

enum { VERSION_FIRST = TLS_VERSION_1_0 };

/* Which versions the server takes: a handshake with each alone, all at once. What could not be tried is in neither list. */
static void look_at_versions(const struct look_options *options, const struct endpoint *endpoint,
                             const volatile sig_atomic_t *stop, struct look_report *report)
{
    const struct tls_client_settings settings = {.unverified = true};
    struct look looks[TLS_VERSION_COUNT];
    struct error error;
    struct tls_context *tls = tls_context_client(&settings, &error);
    struct loop *loop = tls != NULL ? loop_new(&error) : NULL;
    struct endpoint with_tls = *endpoint;
    size_t taken = 0;
    size_t refused = 0;

    with_tls.tls = tls;
    for (int version = VERSION_FIRST; version < TLS_VERSION_COUNT; version++) {
        struct look_options one = *options;

        one.version = (enum tls_version)version;
        one.handshake_only = true;
        look_init(&looks[version], &one);
        if (loop != NULL)
            loop_add(loop, &look_actor_ops, &looks[version], &with_tls, NULL);
    }
    bool done = loop != NULL && loop_run(loop, stop) == LOOP_DONE;

    for (int version = VERSION_FIRST; version < TLS_VERSION_COUNT; version++) {
        if (done && looks[version].secured)
            report->versions_taken[taken++] = VERSION_NAMES[version];
        else if (done && looks[version].tls_text != NULL)
            report->versions_refused[refused++] = VERSION_NAMES[version];
        look_release(&looks[version]);
    }
    loop_free(loop);
    tls_context_free(tls);
}

/* ---- what is said ---- */

static void say_capabilities(const char *label, const struct look_list *list)
{
    if (!list->asked)
        return;
    if (!list->supported) {
        output_line("%-12s not supported", label);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        output_line("%-12s %s", i == 0 ? label : "", list->lines[i].text);
    if (list->count == 0)
        output_line("%-12s an empty list", label);
}

/* The parameter of the capability NAME, or NULL. */
static const char *parameter_of(const struct look_list *list, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; list->supported && i < list->count; i++)
        if (strncasecmp(list->lines[i].text, name, size) == 0 && list->lines[i].text[size] == ' ')
            return list->lines[i].text + size + 1;
    return NULL;
}

/* What CAPA announces that a user will run into (RFC 2449 sections 6.5 and 6.7). */
static void say_limits(const struct look_report *report)
{
    const struct look_list *list = report->secured.supported ? &report->secured : &report->plain;
    const char *delay = parameter_of(list, "LOGIN-DELAY");
    const char *expire = parameter_of(list, "EXPIRE");

    if (delay != NULL)
        output_line("%-12s seconds between two logins: %s", "limits", delay);
    if (expire != NULL && strncasecmp(expire, "NEVER", 5) == 0)
        output_line("%-12s mail is kept for ever", "limits");
    else if (expire != NULL)
        output_line("%-12s days that mail is kept: %s", "limits", expire);
}

static void say_versions(const char *label, const char *const *versions)
{
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    for (const char *const *version = versions; *version != NULL; version++)
        buf_append_format(&text, "%s%s", version == versions ? "" : ", ", *version);
    if (text.size > 0)
        output_line("%-12s %s %s", "", label, buf_text(&text));
    buf_release(&text);
}

static void say_tls(const struct look *look, const struct look_report *report)
{
    if (look->secured) {
        output_line("%-12s %s: %s", "TLS", look->options.implicit_tls ? "from the first octet" : "by STLS",
                    look->tls_text);
        say_versions("versions taken:", report->versions_taken);
        say_versions("versions refused:", report->versions_refused);
        output_line("%-12s %s", "certificate", report->certificate);
    } else if (look->stls_refused) {
        output_line("%-12s STLS is listed and refused", "TLS");
    } else if (look->tls_text != NULL) {
        output_line("%-12s failed: %s", "TLS", look->tls_text);
    } else if (look->plain.asked) {
        output_line("%-12s %s", "TLS", look->stls_offered ? "STLS is offered" : "STLS is not offered");
    }
}

static void say_breaches(const struct look_report *report)
{
    for (size_t i = 0; i < report->breach_count; i++) {
        const struct rule_info *info = rule_info(report->breaches[i].rule);

        char times[32] = "";

        if (report->breaches[i].count > 1)
            snprintf(times, sizeof(times), ", %" PRIu64 " times", report->breaches[i].count);
        output_line("%-12s audit/%s: %s; %s (%s%s)", "broken", info->id, info->what,
                    report->breaches[i].actual, info->clause, times);
    }
}

static void say_report(const struct look *look, const struct look_report *report)
{
    output_line("%-12s %s", "target", report->target);
    if (report->greeting != NULL)
        output_line("%-12s %s", "greeting", report->greeting);
    if (look->greeted)
        output_line("%-12s %s", "APOP",
                    report->apop ? "offered: the greeting has a timestamp"
                                 : "not offered: the greeting has no timestamp");
    say_capabilities("CAPA", &report->plain);
    say_tls(look, report);
    say_capabilities("CAPA in TLS", &report->secured);
    say_limits(report);
    say_breaches(report);
}

/* ---- the probe ---- */

static struct look_list list_of(const struct look_capabilities *capabilities)
{
    return (struct look_list){.asked = capabilities->asked,
                              .supported = capabilities->positive,
                              .lines = capabilities->lines,
                              .count = capabilities->count};
}

/* REFUSED: why the certificate was not taken at first; NULL: it was, or nobody asked. Borrows from LOOK. */
static struct look_report report_of(const struct look *look, struct target *target, const char *refused)
{
    const char *trust = target->tls_verify ? "verified" : "not verified (--insecure)";

    return (struct look_report){
        .target = target_address_text(target),
        .greeting = look->greeting.text,
        .apop = look->timestamp.data != NULL,
        .plain = list_of(&look->plain),
        .secured = list_of(&look->tls),
        .tls = !look->secured               ? NULL
               : look->options.implicit_tls ? "implicit"
                                            : "stls",
        .tls_text = look->tls_text,
        .certificate = !look->secured    ? NULL
                       : refused != NULL ? refused
                                         : trust,
        .breaches = look->notes,
        .breach_count = look->note_count,
        .failure = look->failure,
    };
}

static int exit_code_of(const struct look *look, const struct look_report *report)
{
    struct error error;

    if (look->greeted && look->failure == NULL)
        return look->note_count > 0 ? PROGRAM_UNEXPECTED : PROGRAM_OK;
    if (bytes_start_with(bytes_of(look->failure), bytes_of(report->target)))
        error_set(&error, ERROR_UNREACHABLE, "%s", look->failure);
    else
        error_set(&error, ERROR_UNREACHABLE, "%s: %s", report->target, look->failure);
    if (look->octets == 0 && look->opened && !look->options.implicit_tls)
        error_hint(&error, "perhaps this port wants TLS from the first octet: --tls implicit");
    else if (look->options.implicit_tls && !look->secured)
        error_hint(&error, "perhaps this port speaks without TLS at first: --tls starttls or --tls none");
    int exit_code = output_failure(&error);

    return look->greeted ? PROGRAM_UNEXPECTED : exit_code;
}

static int tell(const struct look *look, const struct look_report *report, const char *version,
                struct pending_file *file)
{
    struct error error;
    struct buf text;
    bool written = true;

    if (file->path == NULL || strcmp(file->path, "-") != 0)
        say_report(look, report);
    if (file->path != NULL) {
        buf_init(&text, BUF_UNBOUNDED);
        look_json_write(report, version, &text);
        written = pending_file_finish(file, buf_bytes(&text), &error);
        buf_release(&text);
    }
    return written ? exit_code_of(look, report) : output_failure(&error);
}

/* A certificate that is refused ends the first look; a second one goes on with it, to see the rest. */
static int probe(struct target *target, const char *version, struct pending_file *file,
                 const volatile sig_atomic_t *stop)
{
    const struct look_options options = {.implicit_tls = target->tls == TARGET_TLS_IMPLICIT,
                                         .starttls = target->tls == TARGET_TLS_STARTTLS || target->starttls,
                                         .reply_timeout_us = target->reply_timeout_us};
    struct endpoint endpoint;
    struct address source;
    struct error error;
    struct look first;
    struct look second;

    if (!make_endpoint(target, &source, &error, &endpoint))
        return output_failure(&error);
    look_init(&first, &options);
    look_init(&second, &options);
    bool done = take_look(&first, target, &endpoint, target->tls_verify, stop, &error);
    bool again = done && target->tls_verify && first.tls_text != NULL && !first.secured;

    if (again)
        done = take_look(&second, target, &endpoint, false, stop, &error);
    const struct look *last = again && second.secured ? &second : &first;
    struct look_report report = report_of(last, target, last == &second ? first.tls_text : NULL);
    int exit_code;

    if (done && last->secured)
        look_at_versions(&options, &endpoint, stop, &report);
    if (!done)
        exit_code = *stop != 0 ? PROGRAM_SIGNAL + *stop : output_failure(&error);
    else
        exit_code = tell(last, &report, version, file);
    look_release(&second);
    look_release(&first);
    return exit_code;
}

static int probe_with_file(struct target *target, const char *json, const char *version,
                           const volatile sig_atomic_t *stop)
{
    struct pending_file file = {.path = NULL, .descriptor = -1};
    struct error error;

    if (json != NULL && !pending_file_open(&file, "--json", json, &error))
        return output_failure(&error);
    int exit_code = probe(target, version, &file, stop);

    pending_file_abandon(&file);
    return exit_code;
}

static const struct argp_option OPTIONS[] = {
    {"tls", KEY_TLS, "WAY", 0, "none, starttls or implicit; by default STLS where it is offered", 0},
    {"ca", KEY_CA, "FILE", 0, "trust these certificates (PEM)", 0},
    {"insecure", KEY_INSECURE, NULL, 0, "take any certificate", 0},
    {"source", KEY_SOURCE, "ADDRESS", 0, "connect from this local address", 0},
    {"connect-timeout", KEY_CONNECT_TIMEOUT, "TIME", 0, "wait so long for a connection (10s)", 0},
    {"timeout", KEY_TIMEOUT, "TIME", 0, "wait so long for each reply (10s)", 0},
    {"json", KEY_JSON, "FILE", 0,
     "write what was found as JSON (reports/probe.schema.json); - instead of the text", 0},
    {0}};

int probe_main(const struct program *program, int argc, char **argv)
{
    static const struct argp argp = {.options = OPTIONS,
                                     .parser = parse,
                                     .args_doc = "TARGET",
                                     .doc = "Looks at a POP3 server without logging in: greeting, "
                                            "capabilities, versions of TLS, its certificate, limits "
                                            "that it announces, and whatever it breaks on the way.\vExit: 0 "
                                            "it was looked at; 1 it broke a rule, or ended early; 2 "
                                            "usage; 3 it cannot be reached."};
    struct probe_arguments arguments = {0};
    struct target target;
    struct error error;

    command_line_parse(&argp, argc, argv, &arguments);
    const volatile sig_atomic_t *stop = signals_watch();

    target_init(&target);
    int exit_code = fill_target(&target, &arguments, &error)
                        ? probe_with_file(&target, arguments.json, program->version, stop)
                        : output_failure(&error);

    target_release(&target);
    return output_finish() || exit_code != PROGRAM_OK ? exit_code : PROGRAM_USAGE;
}
