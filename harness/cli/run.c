#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/github.h"
#include "cli/library.h"
#include "cli/output.h"
#include "cli/run_arguments.h"
#include "cli/run_progress.h"
#include "cli/run_reports.h"
#include "cli/run_target.h"
#include "cli/signals.h"
#include "cli/wall_clock.h"
#include "cli/words.h"
#include "digest/random.h"
#include "run/run.h"
#include "yamldoc/files.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RESULT_OCTETS_MAX = 1024 * 1024 * 1024 };

/* All that one `pop3spec run` holds. */
struct session {
    const struct program *program;
    struct run_arguments arguments;
    struct library library;
    struct words words;
    struct expectations expectations;
    struct run_target target;
    struct run_reports reports;
    struct arena arena; /* of the result */
    struct buf command;
    struct buf again;
    char started[32];
    int64_t started_us;
    const volatile sig_atomic_t *stop;
};

static void append_option(struct buf *out, const char *option, const char *value)
{
    if (value == NULL)
        return;
    buf_append_format(out, " %s ", option);
    words_append_quoted(out, value);
}

/* How the command begins that repeats a case: everything that says which server, and how it is spoken to. */
static void compose_again(struct session *session)
{
    const struct run_arguments *arguments = &session->arguments;
    struct buf *out = &session->again;

    buf_append_text(out, "pop3spec run");
    if (session->words.target != NULL) {
        buf_append_octet(out, ' ');
        words_append_quoted(out, session->words.target);
    }
    append_option(out, "--target", arguments->target_file);
    append_option(out, "-u", arguments->user);
    if (arguments->user != NULL || arguments->pass != NULL)
        buf_append_text(out, arguments->pass_file == NULL ? " -p ..." : "");
    append_option(out, "--pass-file", arguments->pass_file);
    append_option(out, "--tls", arguments->tls);
    append_option(out, "--ca", arguments->ca);
    if (arguments->insecure)
        buf_append_text(out, " --insecure");
    append_option(out, "--cert", arguments->cert);
    append_option(out, "--key", arguments->key);
    append_option(out, "--source", arguments->source);
    append_option(out, "--scenarios", arguments->scenarios);
    for (size_t i = 0; i < arguments->variables.count; i++)
        append_option(out, "--variable", arguments->variables.items[i]);
    for (size_t i = 0; i < arguments->positionals.count; i++)
        if (bytes_end_with(bytes_of(arguments->positionals.items[i]), bytes_of(".yaml"))) {
            buf_append_octet(out, ' ');
            words_append_quoted(out, arguments->positionals.items[i]);
        }
}

static bool make_seed(struct run_arguments *arguments, struct error *error)
{
    uint8_t octets[4];

    if (arguments->seed_given)
        return true;
    if (!random_octets(octets, sizeof(octets)))
        return error_set(error, ERROR_HOST, "this machine has no randomness to give; --seed N does without");
    for (size_t i = 0; i < sizeof(octets); i++)
        arguments->seed = arguments->seed << 8 | octets[i];
    return true;
}

static void note_time(struct session *session)
{
    time_t now = time(NULL);
    struct tm utc;

    session->started_us = (int64_t)now * US_PER_S;
    gmtime_r(&now, &utc);
    strftime(session->started, sizeof(session->started), "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static bool load_expectations(struct session *session, struct error *error)
{
    const struct run_arguments *arguments = &session->arguments;

    expectations_init(&session->expectations);
    if (arguments->expect == NULL || (arguments->update_expectations && access(arguments->expect, F_OK) != 0))
        return true;
    return expectations_load(&session->expectations, arguments->expect, error) ||
           arguments_hint_flag(error, "--expect");
}

static struct run_options options_of(const struct session *session)
{
    const struct run_arguments *arguments = &session->arguments;

    return (struct run_options){
        .suite = &session->library.suite,
        .ledger = &session->library.ledger,
        .target = session->target.target,
        .stage = session->target.stage,
        .selection = session->words.selection.items,
        .tags = arguments->tags.items,
        .skip_tags = arguments->skip_tags.items,
        .transports = arguments->transports.items,
        .jobs = arguments->jobs,
        .seed = arguments->seed,
        .bad_logins = arguments->bad_logins,
        .time_scale_percent = arguments->time_scale_percent,
        .variables = arguments->variables.items,
        .expectations = arguments->expect != NULL ? &session->expectations : NULL,
        .failures_max = arguments->failures_max,
        .retries = arguments->retries,
        .silence_confirmed = true,
        .profile = arguments->profile,
        .fail_on = arguments->fail_on,
        .shard = arguments->shard,
        .keep_transcripts = run_reports_wanted(arguments->reports),
        .program = buf_text(&session->again),
        .command = buf_text(&session->command),
        .started = session->started,
        .started_us = session->started_us,
        .stop = session->stop,
    };
}

static int list_cases(struct session *session)
{
    struct run_options options = options_of(session);
    struct run_selection selection;
    struct error error;

    if (!run_select(&options, &session->arena, &selection, &error))
        return output_failure(&error);
    for (size_t i = 0; i < selection.count; i++)
        output_line("%s@%s   %s", selection.cases[i].scenario->id, selection.cases[i].transport->name,
                    selection.cases[i].scenario->title);
    return output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}

static bool update_expectations(struct session *session, const struct run_result *result, struct error *error)
{
    struct pending_file file;
    struct buf old;
    struct buf text;
    const char *path = session->arguments.expect;

    if (!session->arguments.update_expectations)
        return true;
    buf_init(&old, 1024 * 1024);
    buf_init(&text, BUF_UNBOUNDED);
    bool updated = (access(path, F_OK) != 0 || file_read(path, error, &old)) &&
                   expectations_update(&session->expectations, buf_bytes(&old), result, &text, error) &&
                   pending_file_open(&file, "--update-expectations", path, error) &&
                   pending_file_finish(&file, buf_bytes(&text), error);

    buf_release(&text);
    buf_release(&old);
    return updated;
}

/* Standard output belongs to people, unless a report goes there. */
static FILE *people_stream(const struct run_arguments *arguments)
{
    return run_reports_use_output(arguments->reports) ? stderr : stdout;
}

/* A word that no scenario is called by is taken for a host; perhaps it was meant otherwise. */
static void hint_at_selection(const struct session *session, struct error *error)
{
    const char *target = session->words.target;

    if (target != NULL && error->kind == ERROR_UNREACHABLE && error->hint[0] == '\0' &&
        strpbrk(target, ".:") == NULL)
        error_hint(error,
                   "if scenarios were meant: none and no clause is called '%s'; `pop3spec list' names them",
                   target);
}

static int execute(struct session *session)
{
    struct run_progress progress = {.stream = people_stream(&session->arguments),
                                    .live = output_has_colour(STDERR_FILENO) && !session->arguments.verbose,
                                    .verbose = session->arguments.verbose};
    struct run_options options = options_of(session);
    struct run_result result;
    struct error error;

    if (progress.live)
        progress.stream = stderr;
    options.watcher = run_progress_watcher(&progress);
    if (!run_reports_open(&session->reports, session->arguments.reports, &error))
        return output_failure(&error);
    time_us began_us = wall_clock_us();
    bool ran = run_execute(&options, &session->arena, &result, &error);

    result.elapsed_us = wall_clock_us() - began_us;
    run_progress_clear(&progress);
    if (!ran) {
        run_reports_abandon(&session->reports);
        hint_at_selection(session, &error);
        return *session->stop != 0 ? PROGRAM_SIGNAL + *session->stop : output_failure(&error);
    }
    FILE *people = people_stream(&session->arguments);
    bool written = output_result(&result, people, session->arguments.verbose) &&
                   github_tell(&result, session->program->version, session->arguments.annotations, people);

    if (!run_reports_finish(&session->reports, &result, session->program->version, &error)) {
        output_failure(&error);
        written = false;
    }
    if (!update_expectations(session, &result, &error)) {
        output_failure(&error);
        written = false;
    }
    return written || result.exit_code != PROGRAM_OK ? result.exit_code : PROGRAM_USAGE;
}

static int run_session(struct session *session)
{
    const struct run_arguments *arguments = &session->arguments;
    struct error error;

    if (!library_load(&session->library, session->program, arguments->scenarios) ||
        !words_sort(&session->words, &arguments->positionals, &session->library,
                    arguments->target_file != NULL))
        return PROGRAM_USAGE;
    if (!make_seed(&session->arguments, &error) || !load_expectations(session, &error))
        return output_failure(&error);
    if (!run_target_open(&session->target, arguments, session->words.target, arguments->seed, &error))
        return output_failure(&error);
    expectations_set_software(&session->expectations, session->target.target->software);
    compose_again(session);
    return arguments->list ? list_cases(session) : execute(session);
}

int run_main(const struct program *program, int argc, char **argv)
{
    struct session session = {.program = program, .stop = signals_watch()};

    target_init(&session.target.own);
    suite_init(&session.library.suite);
    expectations_init(&session.expectations);
    arena_init(&session.arena, RESULT_OCTETS_MAX);
    buf_init(&session.command, BUF_UNBOUNDED);
    buf_init(&session.again, BUF_UNBOUNDED);
    run_arguments_parse(&session.arguments, argc, argv);
    words_append_command(&session.command, argc, argv);
    note_time(&session);
    int exit_code = run_session(&session);

    arena_release(&session.arena);
    run_target_release(&session.target);
    expectations_release(&session.expectations);
    words_release(&session.words);
    library_release(&session.library);
    buf_release(&session.again);
    buf_release(&session.command);
    run_arguments_release(&session.arguments);
    return exit_code;
}
