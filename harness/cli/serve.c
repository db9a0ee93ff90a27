#include "cli/cli.h"

#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/serve_mail.h"
#include "cli/signals.h"
#include "cli/words.h"
#include "digest/random.h"
#include "refserver/shell/shell.h"
#include "sasl/saslprep.h"
#include "yamldoc/suggestion.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEY_ADDRESS = 256,
    KEY_PORT,
    KEY_TLS_PORT,
    KEY_USER,
    KEY_TOKEN,
    KEY_MAILDIR,
    KEY_FIXTURE,
    KEY_EMPTY,
    KEY_FAULT,
    KEY_VARIANT,
    KEY_CERT,
    KEY_KEY,
    KEY_WRITE_CERT,
    KEY_SEED,
    SERVE_USERS_MAX = 64,
};

struct serve_arguments {
    struct refserver_shell_options options;
    struct refserver_shell_user users[SERVE_USERS_MAX];
    enum fault faults[FAULT_COUNT];
    enum variant variants[VARIANT_COUNT];
    const char *fixtures[SERVE_MESSAGES_MAX];
    size_t fixture_count;
    struct serve_mail mail;
    const char *maildir;
    bool empty; /* maildrops in memory begin without a message */
    const char *write_certificate;
    bool seed_given;
};

static const struct argp_option OPTIONS[] = {
    {"address", KEY_ADDRESS, "ADDRESS", 0, "listen on this address (127.0.0.1)", 0},
    {"port", KEY_PORT, "PORT", 0, "listen on this port; 0, the default: a free one", 0},
    {"tls-port", KEY_TLS_PORT, "PORT", 0, "the same for TLS from the first octet", 0},
    {"user", KEY_USER, "USER:PASS", 0, "an account (test:secret); may be given again", 0},
    {"token", KEY_TOKEN, "TOKEN", 0,
     "the bearer token of the account given before it, for OAUTHBEARER and XOAUTH2", 0},
    {"maildir", KEY_MAILDIR, "DIR", 0, "its mail, {user} in it is the name; without: a maildrop in memory",
     0},
    {"fixture", KEY_FIXTURE, "NAME", 0,
     "a message for the maildrop in memory (`pop3spec list fixtures'); may be given again; without: short, "
     "numbered, dotted",
     0},
    {"empty", KEY_EMPTY, NULL, 0, "no message in the maildrop in memory", 0},
    {"fault", KEY_FAULT, "NAME", 0, "break one clause (`pop3spec list faults'); may be given again", 0},
    {"variant", KEY_VARIANT, "NAME", 0,
     "behave in another legal way (`pop3spec list variants'); may be given again", 0},
    {"cert", KEY_CERT, "FILE", 0, "certificate (PEM); without: one for localhost is made", 0},
    {"key", KEY_KEY, "FILE", 0, "its key (PEM), if it is not in the same file", 0},
    {"write-cert", KEY_WRITE_CERT, "FILE", 0, "write the certificate there, for clients to trust", 0},
    {"seed", KEY_SEED, "N", 0, "of timestamps and challenges, so that they repeat", 0},
    {0}};

static void add_user(struct serve_arguments *arguments, struct argp_state *state, char *text)
{
    char *colon = strchr(text, ':');

    if (colon == NULL || colon == text)
        argp_error(state, "--user takes USER:PASS, not '%s'", text);
    if (arguments->options.user_count == SERVE_USERS_MAX)
        argp_error(state, "--user: at most %d accounts", SERVE_USERS_MAX);
    *colon = '\0';
    arguments->users[arguments->options.user_count++] =
        (struct refserver_shell_user){.name = text, .password = colon + 1};
}

static void set_token(struct serve_arguments *arguments, struct argp_state *state, const char *token)
{
    if (arguments->options.user_count == 0)
        argp_error(state, "--token stands behind the --user whose token it is");
    if (token[0] == '\0' || strchr(token, ' ') != NULL)
        argp_error(state, "--token takes a token without spaces, not '%s'", token);
    arguments->users[arguments->options.user_count - 1].token = token;
}

static void refuse_name(const struct argp_state *state, const char *kind, const char *name,
                        const struct suggestion *suggestion)
{
    if (suggestion->nearest != NULL)
        argp_error(state, "there is no %s '%s': did you mean %s?", kind, name, suggestion->nearest);
    else
        argp_error(state, "there is no %s '%s': `pop3spec list %ss' names them", kind, name, kind);
}

static void add_fault(struct serve_arguments *arguments, struct argp_state *state, const char *name)
{
    struct suggestion suggestion;
    enum fault fault = FAULT_COUNT;

    suggestion_init(&suggestion, bytes_of(name));
    for (unsigned i = 0; i < FAULT_COUNT; i++)
        suggestion_offer(&suggestion, fault_info((enum fault)i)->id);
    if (!fault_of_id(name, &fault))
        refuse_name(state, "fault", name, &suggestion);
    for (size_t i = 0; i < arguments->options.fault_count; i++)
        if (arguments->faults[i] == fault)
            return;
    arguments->faults[arguments->options.fault_count++] = fault;
}

static void add_variant(struct serve_arguments *arguments, struct argp_state *state, const char *name)
{
    struct suggestion suggestion;
    enum variant variant = VARIANT_COUNT;

    suggestion_init(&suggestion, bytes_of(name));
    for (unsigned i = 0; i < VARIANT_COUNT; i++)
        suggestion_offer(&suggestion, variant_info((enum variant)i)->id);
    if (!variant_of_id(name, &variant))
        refuse_name(state, "variant", name, &suggestion);
    for (size_t i = 0; i < arguments->options.variant_count; i++)
        if (arguments->variants[i] == variant)
            return;
    arguments->variants[arguments->options.variant_count++] = variant;
}

static void add_fixture(struct serve_arguments *arguments, struct argp_state *state, const char *name)
{
    if (arguments->fixture_count == SERVE_MESSAGES_MAX)
        argp_error(state, "--fixture: at most %d messages", SERVE_MESSAGES_MAX);
    arguments->fixtures[arguments->fixture_count++] = name;
}

/* A Maildir has its own messages; in memory there are those asked for, or the default ones. */
static void finish_mail(struct serve_arguments *arguments, struct argp_state *state)
{
    if (arguments->maildir != NULL && (arguments->fixture_count > 0 || arguments->empty))
        argp_error(state, "--%s is for maildrops in memory: with --maildir the folder's messages are served",
                   arguments->empty ? "empty" : "fixture");
    if (arguments->empty && arguments->fixture_count > 0)
        argp_error(state, "--empty and --fixture exclude each other");
    if (arguments->maildir == NULL && !arguments->empty && arguments->fixture_count == 0)
        for (size_t i = 0; i < SERVE_DEFAULT_FIXTURE_COUNT; i++)
            add_fixture(arguments, state, SERVE_DEFAULT_FIXTURES[i]);
}

static void finish(struct serve_arguments *arguments, struct argp_state *state)
{
    finish_mail(arguments, state);
    if (arguments->options.user_count == 0)
        arguments->users[arguments->options.user_count++] =
            (struct refserver_shell_user){.name = "test", .password = "secret"};
    if (arguments->maildir != NULL && arguments->options.user_count > 1 &&
        strstr(arguments->maildir, "{user}") == NULL)
        argp_error(state, "--maildir: several users need {user} in '%s', or they would share their mail",
                   arguments->maildir);
    if (arguments->options.key_file != NULL && arguments->options.certificate_file == NULL)
        argp_error(state, "--key needs --cert FILE, the certificate that it belongs to");
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct serve_arguments *arguments = state->input;
    struct refserver_shell_options *options = &arguments->options;

    if (key == KEY_ADDRESS) {
        if (!address_parse(text, &options->address))
            argp_error(state, "--address takes a numeric address, not '%s'", text);
    } else if (key == KEY_PORT)
        options->port = (uint16_t)argument_number(state, "--port", text, 0, 65535);
    else if (key == KEY_TLS_PORT)
        options->tls_port = (uint16_t)argument_number(state, "--tls-port", text, 0, 65535);
    else if (key == KEY_USER)
        add_user(arguments, state, text);
    else if (key == KEY_TOKEN)
        set_token(arguments, state, text);
    else if (key == KEY_MAILDIR)
        arguments->maildir = text;
    else if (key == KEY_FIXTURE)
        add_fixture(arguments, state, text);
    else if (key == KEY_EMPTY)
        arguments->empty = true;
    else if (key == KEY_FAULT)
        add_fault(arguments, state, text);
    else if (key == KEY_VARIANT)
        add_variant(arguments, state, text);
    else if (key == KEY_CERT)
        options->certificate_file = text;
    else if (key == KEY_KEY)
        options->key_file = text;
    else if (key == KEY_WRITE_CERT)
        arguments->write_certificate = text;
    else if (key == KEY_SEED) {
        options->seed = argument_number(state, "--seed", text, 0, UINT64_MAX);
        arguments->seed_given = true;
    } else if (key == ARGP_KEY_ARG)
        argp_error(state, "'%s' is no option: serve takes no other arguments", text);
    else if (key == ARGP_KEY_END)
        finish(arguments, state);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* MAILDIR with {user} replaced; the caller frees it. */
static char *maildir_of(const char *maildir, const char *user)
{
    static const char hole[] = "{user}";
    struct buf path;

    buf_init(&path, BUF_UNBOUNDED);
    for (const char *rest = maildir; *rest != '\0';) {
        if (strncmp(rest, hole, strlen(hole)) == 0) {
            buf_append_text(&path, user);
            rest += strlen(hole);
        } else {
            buf_append_octet(&path, (uint8_t)*rest++);
        }
    }
    return buf_take_text(&path);
}

static bool announce(const struct refserver_shell *shell, const struct serve_arguments *arguments,
                     struct error *error)
{
    char text[ADDRESS_TEXT_SIZE];

    address_format(&arguments->options.address, refserver_shell_port(shell), text);
    output_line("POP3 on %s, with STLS", text);
    address_format(&arguments->options.address, refserver_shell_tls_port(shell), text);
    output_line("POP3 with TLS from the first octet on %s", text);
    if (arguments->write_certificate != NULL &&
        !refserver_shell_write_certificate(shell, arguments->write_certificate, error))
        return false;
    return output_finish() || error_set(error, ERROR_HOST, "standard output cannot be written");
}

/* Serves until a signal comes. */
static int serve(const struct serve_arguments *arguments)
{
    const volatile sig_atomic_t *stop = signals_watch();
    struct refserver_shell *shell = NULL;
    struct error error;
    struct loop *loop = loop_new(&error);
    bool served = false;

    if (loop != NULL && refserver_shell_start(loop, &arguments->options, &error, &shell) &&
        announce(shell, arguments, &error)) {
        (void)loop_run(loop, stop);
        served = true;
    }
    loop_free(loop);
    refserver_shell_free(shell);
    return served ? PROGRAM_OK : output_failure(&error);
}

/* Hands the server its messages; false once it has printed why there are none. */
static bool take_mail(struct serve_arguments *arguments, const struct program *program)
{
    if (arguments->fixture_count == 0)
        return true;
    if (!serve_mail_make(&arguments->mail, program, arguments->fixtures, arguments->fixture_count))
        return false;
    arguments->options.messages = arguments->mail.messages;
    arguments->options.message_count = arguments->mail.count;
    return true;
}

int serve_main(const struct program *program, int argc, char **argv)
{
    static const struct argp argp = {.options = OPTIONS,
                                     .parser = parse,
                                     .doc = "Runs the reference server until it is interrupted: correct, or "
                                            "with faults, each of which breaks one clause in "
                                            "one way. It says on which ports it listens, one a line."};
    struct serve_arguments *arguments = memory_new(sizeof(*arguments));
    struct refserver_shell_options *options = &arguments->options;
    int exit_code = PROGRAM_USAGE;

    options->address = (struct address){.octets = {127, 0, 0, 1}};
    options->tls = true;
    options->saslprep = saslprep;
    options->users = arguments->users;
    options->faults = arguments->faults;
    options->variants = arguments->variants;
    command_line_parse(&argp, argc, argv, arguments);
    for (size_t i = 0; arguments->maildir != NULL && i < options->user_count; i++)
        arguments->users[i].maildir = maildir_of(arguments->maildir, arguments->users[i].name);
    if (take_mail(arguments, program) &&
        (arguments->seed_given || random_octets((uint8_t *)&options->seed, sizeof(options->seed))))
        exit_code = serve(arguments);
    for (size_t i = 0; arguments->maildir != NULL && i < options->user_count; i++)
        free((void *)(uintptr_t)arguments->users[i].maildir);
    serve_mail_release(&arguments->mail);
    free(arguments);
    return exit_code;
}
