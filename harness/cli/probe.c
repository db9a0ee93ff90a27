#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/probe_look.h"
#include "cli/signals.h"
#include "cli/target_address.h"
#include "net/loop.h"
#include "target/target.h"

#include <inttypes.h>
#include <string.h>

enum {
    KEY_TLS = 256,
    KEY_CA,
    KEY_INSECURE,
    KEY_SOURCE,
    KEY_CONNECT_TIMEOUT,
    KEY_TIMEOUT,
};

struct probe_arguments {
    const char *address;
    const char *tls;
    const char *ca;
    const char *source;
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

static void say_capabilities(const char *label, const struct look_capabilities *capabilities)
{
    if (!capabilities->asked)
        return;
    if (!capabilities->positive) {
        output_line("%-12s not supported", label);
        return;
    }
    for (size_t i = 0; i < capabilities->count; i++)
        output_line("%-12s %s", i == 0 ? label : "", capabilities->lines[i].text);
    if (capabilities->count == 0)
        output_line("%-12s an empty list", label);
}

static void say_tls(const struct look *look, const struct target *target, const char *refused)
{
    if (look->secured) {
        output_line("%-12s %s: %s", "TLS", look->options.implicit_tls ? "from the first octet" : "by STLS",
                    look->tls_text);
        output_line("%-12s %s", "certificate",
                    refused != NULL      ? refused
                    : target->tls_verify ? "verified"
                                         : "not verified (--insecure)");
    } else if (look->stls_refused) {
        output_line("%-12s STLS is listed and refused", "TLS");
    } else if (look->tls_text != NULL) {
        output_line("%-12s failed: %s", "TLS", look->tls_text);
    } else if (look->plain.asked) {
        output_line("%-12s %s", "TLS", look->stls_offered ? "STLS is offered" : "STLS is not offered");
    }
}

/* True when something was noted that a server must not do. */
static bool say_notes(const struct look *look)
{
    for (size_t i = 0; i < look->note_count; i++) {
        const struct rule_info *info = rule_info(look->notes[i].rule);

        output_line("%-12s audit/%s: %s; %s (%s, %" PRIu64 " times)", "broken", info->id, info->what,
                    look->notes[i].actual, info->clause, look->notes[i].count);
    }
    return look->note_count > 0;
}

static int say_look(const struct look *look, struct target *target, const char *refused)
{
    struct error error;

    output_line("%-12s %s", "target", target_address_text(target));
    if (look->greeting.text != NULL)
        output_line("%-12s %s", "greeting", look->greeting.text);
    if (look->greeted)
        output_line("%-12s %s", "APOP",
                    look->timestamp.data != NULL ? "offered: the greeting has a timestamp"
                                                 : "not offered: the greeting has no timestamp");
    say_capabilities("CAPA", &look->plain);
    say_tls(look, target, refused);
    say_capabilities("CAPA in TLS", &look->tls);
    bool broken = say_notes(look);

    if (look->greeted && look->failure == NULL)
        return broken ? PROGRAM_UNEXPECTED : PROGRAM_OK;
    error_set(&error, ERROR_UNREACHABLE, "%s: %s", target_address_text(target), look->failure);
    if (look->greeting.text == NULL && look->opened && !look->options.implicit_tls)
        error_hint(&error, "perhaps this port wants TLS from the first octet: --tls implicit");
    else if (look->options.implicit_tls && !look->secured)
        error_hint(&error, "perhaps this port speaks without TLS at first: --tls starttls or --tls none");
    int exit_code = output_failure(&error);

    return look->greeted ? PROGRAM_UNEXPECTED : exit_code;
}

/* A certificate that is refused ends the first look; a second one goes on with it, to see the rest. */
static int probe(struct target *target, const volatile sig_atomic_t *stop)
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
    int exit_code;

    if (!done)
        exit_code = *stop != 0 ? PROGRAM_SIGNAL + *stop : output_failure(&error);
    else if (again && second.secured)
        exit_code = say_look(&second, target, first.tls_text);
    else
        exit_code = say_look(&first, target, NULL);
    look_release(&second);
    look_release(&first);
    return exit_code;
}

static const struct argp_option OPTIONS[] = {
    {"tls", KEY_TLS, "WAY", 0, "none, starttls or implicit; by default STLS where it is offered", 0},
    {"ca", KEY_CA, "FILE", 0, "trust these certificates (PEM)", 0},
    {"insecure", KEY_INSECURE, NULL, 0, "take any certificate", 0},
    {"source", KEY_SOURCE, "ADDRESS", 0, "connect from this local address", 0},
    {"connect-timeout", KEY_CONNECT_TIMEOUT, "TIME", 0, "wait so long for a connection (10s)", 0},
    {"timeout", KEY_TIMEOUT, "TIME", 0, "wait so long for each reply (10s)", 0},
    {0}};

int probe_main(const struct program *program, int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = parse,
        .args_doc = "TARGET",
        .doc =
            "Looks at a POP3 server without logging in: greeting, capabilities, TLS and its certificate, and "
            "whatever it breaks on the way.\vExit: 0 it was looked at; 1 it broke a rule, or ended early; 2 "
            "usage; 3 it cannot be reached."};
    struct probe_arguments arguments = {0};
    struct target target;
    struct error error;

    (void)program;
    command_line_parse(&argp, argc, argv, &arguments);
    const volatile sig_atomic_t *stop = signals_watch();

    target_init(&target);
    int exit_code = fill_target(&target, &arguments, &error) ? probe(&target, stop) : output_failure(&error);

    target_release(&target);
    return output_finish() || exit_code != PROGRAM_OK ? exit_code : PROGRAM_USAGE;
}
