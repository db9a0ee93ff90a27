#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/run_reports.h"
#include "report/matrix.h"
#include "report/recorded.h"
#include "yamldoc/files.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_HTML = 256, KEY_ALL, KEY_SAME };

enum { TEXTS_OCTETS_MAX = 512 * 1024 * 1024 };

struct report_arguments {
    const char *files[MATRIX_RUNS_MAX];
    size_t file_count;
    const char *html;
    bool all;
    bool same;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct report_arguments *arguments = state->input;

    switch (key) {
    case KEY_HTML:
        arguments->html = text;
        return 0;
    case KEY_ALL:
        arguments->all = true;
        return 0;
    case KEY_SAME:
        arguments->same = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->file_count == MATRIX_RUNS_MAX)
            argp_error(state, "no more than %d runs can be compared", MATRIX_RUNS_MAX);
        arguments->files[arguments->file_count++] = text;
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
    bool page_to_output = arguments->html != NULL && strcmp(arguments->html, "-") == 0;
    struct buf text;
    bool ok = true;

    buf_init(&text, BUF_UNBOUNDED);
    if (!page_to_output) {
        matrix_console_write(matrix, arguments->all, &text);
        output_write(&text);
    }
    buf_clear(&text);
    if (arguments->html != NULL) {
        matrix_html_write(matrix, version, &text);
        ok = pending_file_finish(file, buf_bytes(&text), error);
    }
    buf_release(&text);
    return ok;
}

static bool all_same(const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->comparison_count; i++)
        if (matrix->comparisons[i].change_count > 0)
            return false;
    return true;
}

static int report(const struct report_arguments *arguments, const char *version, struct arena *arena)
{
    struct run_result runs[MATRIX_RUNS_MAX];
    struct pending_file file = {.descriptor = -1};
    struct matrix matrix;
    struct error error;

    for (size_t i = 0; i < arguments->file_count; i++)
        if (!read_run(arguments->files[i], arena, &runs[i], &error))
            return output_failure(&error);
    if (arguments->html != NULL && !pending_file_open(&file, "--html", arguments->html, &error))
        return output_failure(&error);
    matrix_make(runs, arguments->file_count, arena, &matrix);
    if (!write_out(arguments, &file, &matrix, version, &error))
        return output_failure(&error);
    if (!output_finish())
        return PROGRAM_USAGE;
    return arguments->same && !all_same(&matrix) ? PROGRAM_UNEXPECTED : PROGRAM_OK;
}

int report_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"html", KEY_HTML, "FILE", 0, "write a page with all clauses, servers and cases", 0},
        {"all", KEY_ALL, NULL, 0, "show the clauses that all keep, too", 0},
        {"same", KEY_SAME, NULL, 0, "exit with 1 if two runs of one server differ in any verdict", 0},
        {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "RESULTS.json...",
                                     .doc = "Sets runs side by side, clause by clause, from what `pop3spec "
                                            "run --json` wrote; two runs of one "
                                            "server are compared case by case, new failures first."};
    struct report_arguments arguments = {0};
    struct arena arena;
    int exit_code;

    command_line_parse(&argp, argc, argv, &arguments);
    arena_init(&arena, TEXTS_OCTETS_MAX);
    exit_code = report(&arguments, program->version, &arena);
    arena_release(&arena);
    return exit_code;
}
