#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/library.h"
#include "cli/output.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_SCENARIOS = 256 };

struct lint_arguments {
    struct text_list files;
    const char *scenarios;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct lint_arguments *arguments = state->input;

    if (key == KEY_SCENARIOS)
        arguments->scenarios = text;
    else if (key == ARGP_KEY_ARG && !bytes_end_with(bytes_of(text), bytes_of(".yaml")))
        argp_error(state, "'%s' is not a file of scenarios: their names end in .yaml", text);
    else if (key == ARGP_KEY_ARG)
        text_list_add(&arguments->files, text);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static bool add_files(struct library *library, const struct text_list *files)
{
    bool added = true;

    for (size_t i = 0; i < files->count; i++)
        added = library_add_file(library, files->items[i]) != NULL && added;
    return added;
}

int lint_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios, clauses and fixtures", 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc = "Checks the scenarios, clauses and fixtures, and those in FILEs, without a server."};
    struct lint_arguments arguments = {0};
    struct library library;

    command_line_parse(&argp, argc, argv, &arguments);
    bool loaded =
        library_load(&library, program, arguments.scenarios) && add_files(&library, &arguments.files);

    if (loaded)
        output_line("%zu scenarios, %zu fixtures and %zu clauses are as they should be",
                    library.suite.scenario_count, library.suite.fixtures.count, library.ledger.count);
    library_release(&library);
    free(arguments.files.items);
    return loaded && output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}
