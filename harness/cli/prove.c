#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/library.h"
#include "cli/output.h"
#include "cli/run_reports.h"
#include "cli/signals.h"
#include "cli/wall_clock.h"
#include "cli/words.h"
#include "lab/prove.h"
#include "report/proof.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_FAULTS = 256,
    KEY_VARIANTS,
    KEY_OVER,
    KEY_HTML,
    KEY_JSON,
    KEY_SCENARIOS,
    KEY_SEED,
    KEY_PAIRS,
    KEY_JOBS
};

enum { JOBS_MAX = 64 };

enum { PROOF_HTML, PROOF_JSON, PROOF_FILE_COUNT };

static const char *const FILE_OPTIONS[PROOF_FILE_COUNT] = {"--html", "--json"};

struct prove_arguments {
    struct prove_options options;
    struct text_list names;
    const char *scenarios;
    const char *paths[PROOF_FILE_COUNT];
    bool verbose;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct prove_arguments *arguments = state->input;

    switch (key) {
    case KEY_FAULTS:
        arguments->options.faults = true;
        return 0;
    case KEY_VARIANTS:
        arguments->options.variants = true;
        return 0;
    case KEY_OVER:
        if (strcmp(text, "memory") != 0 && strcmp(text, "tcp") != 0)
            argp_error(state, "--over takes 'memory' or 'tcp', not '%s'", text);
        arguments->options.over_tcp = strcmp(text, "tcp") == 0;
        return 0;
    case KEY_HTML:
        arguments->paths[PROOF_HTML] = text;
        return 0;
    case KEY_JSON:
        arguments->paths[PROOF_JSON] = text;
        return 0;
    case KEY_SCENARIOS:
        arguments->scenarios = text;
        return 0;
    case KEY_SEED:
        arguments->options.seed = argument_number(state, "--seed", text, 0, UINT64_MAX);
        return 0;
    case KEY_PAIRS:
        arguments->options.pairs_max =
            strcmp(text, "all") == 0 ? SIZE_MAX : argument_number(state, "--pairs", text, 0, SIZE_MAX);
        return 0;
    case KEY_JOBS:
        arguments->options.jobs = (unsigned)argument_number(state, "--jobs", text, 1, JOBS_MAX);
        return 0;
    case 'v':
        arguments->verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        text_list_add(&arguments->names, text);
        return 0;
    case ARGP_KEY_END:
        if (!arguments->options.faults && !arguments->options.variants)
            arguments->options.faults = arguments->options.variants = true;
        if (arguments->paths[0] != NULL && arguments->paths[1] != NULL &&
            strcmp(arguments->paths[0], "-") == 0 && strcmp(arguments->paths[1], "-") == 0)
            argp_error(state, "only one of --html and --json can go to standard output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option OPTIONS[] = {
    {"faults", KEY_FAULTS, NULL, 0, "faults only: each must be caught by its own clause", 0},
    {"variants", KEY_VARIANTS, NULL, 0, "variants only: each is legal and must not be flagged", 0},
    {"over", KEY_OVER, "memory|tcp", 0, "in memory (the default) or over loopback; time is virtual in both",
     0},
    {"html", KEY_HTML, "FILE", 0, "write the matrix as a page ('-': standard output)", 0},
    {"json", KEY_JSON, "FILE", 0, "write everything as JSON ('-': standard output)", 0},
    {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios, clauses and fixtures", 0},
    {"seed", KEY_SEED, "N", 0, "the seed of everything random", 0},
    {"pairs", KEY_PAIRS, "N|all", 0, "so many pairs of variants, chosen by the seed (200)", 0},
    {"jobs", KEY_JOBS, "N", 0, "worlds side by side (one for each processor)", 0},
    {"verbose", 'v', NULL, 0, "a line for each fault and variant, caught and clean ones too", 0},
    {0}};

static unsigned processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    if (count < 1)
        return 1;
    return count < JOBS_MAX ? (unsigned)count : JOBS_MAX;
}

static void show_progress(void *context, const char *id, size_t done, size_t total)
{
    (void)context;
    fprintf(stderr, "\r\033[K%zu/%zu %s", done + 1, total, id);
    fflush(stderr);
}

static bool open_files(struct prove_arguments *arguments, struct pending_file *files, struct error *error)
{
    for (size_t i = 0; i < PROOF_FILE_COUNT; i++) {
        if (arguments->paths[i] != NULL &&
            !pending_file_open(&files[i], FILE_OPTIONS[i], arguments->paths[i], error)) {
            while (i-- > 0)
                pending_file_abandon(&files[i]);
            return false;
        }
    }
    return true;
}

static bool write_files(const struct proof *proof, const char *version, struct pending_file *files,
                        struct error *error)
{
    bool written = true;

    for (size_t i = 0; i < PROOF_FILE_COUNT; i++) {
        struct buf text;

        if (files[i].path == NULL)
            continue;
        buf_init(&text, BUF_UNBOUNDED);
        if (i == PROOF_HTML)
            proof_html_write(proof, version, &text);
        else
            proof_json_write(proof, version, &text);
        written = pending_file_finish(&files[i], buf_bytes(&text), error) && written;
        buf_release(&text);
    }
    return written;
}

static bool to_standard_output(const struct prove_arguments *arguments)
{
    for (size_t i = 0; i < PROOF_FILE_COUNT; i++) {
        if (arguments->paths[i] != NULL && strcmp(arguments->paths[i], "-") == 0)
            return true;
    }
    return false;
}

/* Proves, prints and writes; the exit code. */
static int prove_library(struct prove_arguments *arguments, const struct library *library,
                         const char *version)
{
    struct pending_file files[PROOF_FILE_COUNT] = {0};
    struct arena arena;
    struct proof proof;
    struct error error;
    struct buf text;
    bool live = isatty(STDERR_FILENO) != 0;
    time_us began_us = wall_clock_us();

    arguments->options.suite = &library->suite;
    arguments->options.ledger = &library->ledger;
    arguments->options.stop = signals_watch();
    arguments->options.progress = live ? show_progress : NULL;
    if (!open_files(arguments, files, &error))
        return output_failure(&error);
    arena_init(&arena, BUF_UNBOUNDED);
    bool ran = prove(&arguments->options, &arena, &proof, &error);

    proof.elapsed_us = wall_clock_us() - began_us;
    if (live)
        fprintf(stderr, "\r\033[K");
    int code = PROGRAM_OK;

    buf_init(&text, BUF_UNBOUNDED);
    if (ran)
        proof_console_write(&proof, arguments->verbose, &text);
    if (!ran || !write_files(&proof, version, files, &error))
        code = output_failure(&error);
    else if (proof.interrupted)
        code = PROGRAM_SIGNAL + *arguments->options.stop;
    else if (!proof.proved)
        code = PROGRAM_UNEXPECTED;
    if (ran && !(to_standard_output(arguments) ? output_error(&text) : output_write(&text)) &&
        code == PROGRAM_OK)
        code = PROGRAM_USAGE;
    for (size_t i = 0; i < PROOF_FILE_COUNT && !ran; i++)
        pending_file_abandon(&files[i]);
    buf_release(&text);
    arena_release(&arena);
    return code;
}

int prove_main(const struct program *program, int argc, char **argv)
{
    static const struct argp argp = {.options = OPTIONS,
                                     .parser = parse,
                                     .args_doc = "[FAULT|VARIANT|VARIANT+VARIANT...]",
                                     .doc =
                                         "Proves the suite on the reference server: every fault is caught "
                                         "by its own clause, no legal variant is flagged, alone or together "
                                         "with others."};
    struct prove_arguments arguments = {
        .options = {.pairs_max = PROVE_PAIRS_DEFAULT, .jobs = processor_count()}};
    struct library library;
    int code = PROGRAM_USAGE;

    command_line_parse(&argp, argc, argv, &arguments);
    text_list_add(&arguments.names, NULL);
    arguments.options.names = (const char *const *)arguments.names.items;
    if (library_load(&library, program, arguments.scenarios))
        code = prove_library(&arguments, &library, program->version);
    library_release(&library);
    free(arguments.names.items);
    return code;
}
