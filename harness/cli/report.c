#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/github.h"
#include "cli/output.h"
#include "cli/run_reports.h"
#include "cli/words.h"
#include "report/join.h"
#include "report/matrix.h"
#include "report/recorded.h"
#include "yamldoc/files.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_ANNOTATIONS = 256, KEY_ALL, KEY_SAME, KEY_JOIN, KEY_REPORT /* and the format's number */ };

enum { TEXTS_OCTETS_MAX = 512 * 1024 * 1024 };

struct report_arguments {
    const char *files[SHARDS_MAX];
    size_t file_count;
    const char *reports[REPORT_FORMAT_COUNT];
    bool all;
    bool same;
    bool join;
    bool annotations;
    struct buf command;
};

static void check_together(const struct report_arguments *arguments, const struct argp_state *state)
{
    if (arguments->join && (arguments->all || arguments->same))
        argp_error(state, "--join makes one run of its parts: --all and --same are about several runs");
    if (!arguments->join && arguments->annotations)
        argp_error(state, "--annotations needs --join: they are of one run");
    if (!arguments->join && arguments->file_count > MATRIX_RUNS_MAX)
        argp_error(state, "no more than %d runs can be compared", MATRIX_RUNS_MAX);
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        if (!arguments->join && i != REPORT_HTML && arguments->reports[i] != NULL)
            argp_error(state, "--%s needs --join: several runs side by side are a table or an --html page",
                       report_info((enum report_format)i)->flag);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct report_arguments *arguments = state->input;

    if (key >= KEY_REPORT && key < KEY_REPORT + (int)REPORT_FORMAT_COUNT) {
        run_reports_choose(arguments->reports, (enum report_format)(key - KEY_REPORT), text, state);
        return 0;
    }
    switch (key) {
    case KEY_ANNOTATIONS:
        arguments->annotations = true;
        return 0;
    case KEY_JOIN:
        arguments->join = true;
        return 0;
    case KEY_ALL:
        arguments->all = true;
        return 0;
    case KEY_SAME:
        arguments->same = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->file_count == SHARDS_MAX)
            argp_error(state, "no more than %d files can be read", SHARDS_MAX);
        arguments->files[arguments->file_count++] = text;
        return 0;
    case ARGP_KEY_END:
        check_together(arguments, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "name the results of at least one run: pop3spec run ... --json RESULTS.json");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool read_run(const char *file, struct arena *arena, struct run_result *ret_run, struct error *error)
{
    struct buf text;
    bool ok;

    buf_init(&text, RECORDED_OCTETS_MAX);
    ok = file_read(file, error, &text) && recorded_read(buf_bytes(&text), file, arena, ret_run, error);
    buf_release(&text);
    return ok;
}

/* The page goes to its file, and the table to standard output, unless the page goes there. */
static bool write_out(const struct report_arguments *arguments, struct pending_file *file,
                      const struct matrix *matrix, const char *version, struct error *error)
{
    struct buf text;
    bool ok = true;

    buf_init(&text, BUF_UNBOUNDED);
    if (!run_reports_use_output(arguments->reports)) {
        matrix_console_write(matrix, arguments->all, &text);
        output_write(&text);
    }
    buf_clear(&text);
    if (arguments->reports[REPORT_HTML] != NULL) {
        matrix_html_write(matrix, version, &text);
        ok = pending_file_finish(file, buf_bytes(&text), error);
    }
    buf_release(&text);
    return ok;
}

static bool all_same(const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->comparison_count; i++)
        if (matrix->comparisons[i].difference_count > 0)
            return false;
    return true;
}

/* The parts as one run: the reports that `pop3spec run` would have made of it, and its exit code. */
static int join(const struct report_arguments *arguments, const struct run_result *parts, const char *version,
                struct arena *arena)
{
    struct run_reports reports;
    struct run_result whole;
    struct error error;

    if (!join_parts(parts, arguments->files, arguments->file_count, arena, &whole, &error) ||
        !run_reports_open(&reports, arguments->reports, &error))
        return output_failure(&error);
    whole.command = buf_text(&arguments->command);
    FILE *people = run_reports_use_output(arguments->reports) ? stderr : stdout;
    bool written =
        output_result(&whole, people, false) && github_tell(&whole, version, arguments->annotations, people);

    if (!run_reports_finish(&reports, &whole, version, &error))
        return output_failure(&error);
    return written || whole.exit_code != PROGRAM_OK ? whole.exit_code : PROGRAM_USAGE;
}

static int compare(const struct report_arguments *arguments, const struct run_result *runs,
                   const char *version, struct arena *arena)
{
    const char *page = arguments->reports[REPORT_HTML];
    struct pending_file file = {.descriptor = -1};
    struct matrix matrix;
    struct error error;

    if (page != NULL && !pending_file_open(&file, "--html", page, &error))
        return output_failure(&error);
    matrix_make(runs, arguments->file_count, arena, &matrix);
    if (!write_out(arguments, &file, &matrix, version, &error))
        return output_failure(&error);
    if (!output_finish())
        return PROGRAM_USAGE;
    return arguments->same && !all_same(&matrix) ? PROGRAM_UNEXPECTED : PROGRAM_OK;
}

static int report(const struct report_arguments *arguments, const char *version, struct arena *arena)
{
    struct run_result *runs =
        (struct run_result *)arena_new_array(arena, arguments->file_count, sizeof(*runs));
    struct error error;

    for (size_t i = 0; i < arguments->file_count; i++)
        if (!read_run(arguments->files[i], arena, &runs[i], &error))
            return output_failure(&error);
    return arguments->join ? join(arguments, runs, version, arena) : compare(arguments, runs, version, arena);
}

static const struct argp_option OPTIONS[] = {
    {"join", KEY_JOIN, NULL, 0, "the files are parts of one run (run --shard): report it, with its exit code",
     0},
#define REPORT(name, flag, write, what)                                                                      \
    {flag, KEY_REPORT + (int)REPORT_##name, "FILE", 0, "with --join: " what, 0},
#include "report/reports.def"
#undef REPORT
    {"annotations", KEY_ANNOTATIONS, NULL, 0,
     "with --join: findings as GitHub's annotations of scenario lines", 0},
    {"all", KEY_ALL, NULL, 0, "show the clauses that all keep, too", 0},
    {"same", KEY_SAME, NULL, 0,
     "exit with 1 if two runs of one server differ in any verdict; info is a pass with a remark", 0},
    {0}};

int report_main(const struct program *program, int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = parse,
        .args_doc = "RESULTS.json...",
        .doc = "Sets runs side by side, clause by clause, from what `pop3spec run --json' wrote; two runs of "
               "one "
               "server are compared case by case, new failures first. --html FILE writes a page with all "
               "clauses, "
               "servers and cases. With --join, puts the parts of one run together."};
    struct report_arguments arguments = {0};
    struct arena arena;
    int exit_code;

    buf_init(&arguments.command, BUF_UNBOUNDED);
    words_append_command(&arguments.command, argc, argv);
    command_line_parse(&argp, argc, argv, &arguments);
    arena_init(&arena, TEXTS_OCTETS_MAX);
    exit_code = report(&arguments, program->version, &arena);
    arena_release(&arena);
    buf_release(&arguments.command);
    return exit_code;
}
