#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/catalogue.h"
#include "cli/coverage.h"
#include "cli/library.h"
#include "cli/output.h"
#include "result/observation.h"
#include "yamldoc/suggestion.h"

#include <string.h>

enum { KEY_SCENARIOS = 256, KEY_UNCOVERED };

struct noun;

struct list_arguments {
    const struct noun *noun;
    const char *scenarios;
    bool uncovered;
};

struct noun {
    const char *name;
    bool can_be_uncovered;
    void (*list)(const struct library *library, bool uncovered);
};

static void list_scenarios(const struct library *library, bool uncovered)
{
    (void)uncovered;
    for (size_t i = 0; i < library->suite.scenario_count; i++)
        output_line("%-56s %s", library->suite.scenarios[i].id, library->suite.scenarios[i].title);
}

static void list_clauses(const struct library *library, bool uncovered)
{
    for (size_t i = 0; i < library->ledger.count; i++) {
        const struct clause *clause = &library->ledger.clauses[i];

        if (uncovered && (clause->untestable != NULL || clause_is_covered(&library->suite, clause->id)))
            continue;
        output_line("%-44s %-8s %s", clause->id, clause_level_name(clause->level), clause->demand);
    }
}

static void list_catalogue(enum catalogue_kind kind)
{
    for (size_t i = 0; i < catalogue_count(kind); i++) {
        struct catalogue_row row = catalogue_row(kind, i);

        output_line("%-32s %-44s %s", row.id, row.clause, row.what);
    }
}

static bool fault_names(const char *clause)
{
    for (size_t i = 0; i < catalogue_count(CATALOGUE_FAULT); i++)
        if (strcmp(catalogue_row(CATALOGUE_FAULT, i).clause, clause) == 0)
            return true;
    return false;
}

/* A variant that must give a warning breaks a `should`, legally. */
static bool variant_warns(const char *clause)
{
    for (size_t i = 0; i < catalogue_count(CATALOGUE_VARIANT); i++) {
        struct catalogue_row row = catalogue_row(CATALOGUE_VARIANT, i);

        if (row.warns != NULL && id_list_holds(row.warns, clause))
            return true;
    }
    return false;
}

/* Faults cover clauses: what is uncovered is a clause that the suite judges by and that no fault breaks. */
static void list_faults(const struct library *library, bool uncovered)
{
    if (!uncovered)
        list_catalogue(CATALOGUE_FAULT);
    for (size_t i = 0; uncovered && i < library->ledger.count; i++) {
        const struct clause *clause = &library->ledger.clauses[i];

        if (clause->untestable == NULL && clause->level != LEVEL_MAY && !fault_names(clause->id) &&
            !variant_warns(clause->id) && clause_is_covered(&library->suite, clause->id))
            output_line("%-44s %-8s no fault breaks it", clause->id, clause_level_name(clause->level));
    }
}

static void list_variants(const struct library *library, bool uncovered)
{
    (void)library;
    (void)uncovered;
    list_catalogue(CATALOGUE_VARIANT);
}

static void list_fixtures(const struct library *library, bool uncovered)
{
    (void)uncovered;
    for (size_t i = 0; i < library->suite.fixtures.count; i++) {
        const struct fixture *fixture = &library->suite.fixtures.fixtures[i];

        output_line("%-24s %8zu octets  %s", fixture->name, fixture->octets.size, fixture->what);
    }
}

static void list_rules(const struct library *library, bool uncovered)
{
    (void)library;
    (void)uncovered;
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule_info *info = rule_info((enum rule)i);

        output_line("audit/%-20s %-36s %s", info->id, info->clause, info->what);
    }
}

static const struct noun NOUNS[] = {
    {"scenarios", false, list_scenarios}, {"clauses", true, list_clauses},    {"faults", true, list_faults},
    {"variants", false, list_variants},   {"fixtures", false, list_fixtures}, {"rules", false, list_rules},
};

enum { NOUN_COUNT = sizeof(NOUNS) / sizeof(NOUNS[0]) };

static const struct noun *find_noun(const struct argp_state *state, const char *name)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, bytes_of(name));
    for (size_t i = 0; i < NOUN_COUNT; i++) {
        if (strcmp(NOUNS[i].name, name) == 0)
            return &NOUNS[i];
        suggestion_offer(&suggestion, NOUNS[i].name);
    }
    if (suggestion.nearest != NULL)
        argp_error(state, "there is no list of '%s': did you mean %s?", name, suggestion.nearest);
    else
        argp_error(state,
                   "there is no list of '%s': say scenarios, clauses, faults, variants, fixtures or rules",
                   name);
    return NULL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct list_arguments *arguments = state->input;

    if (key == KEY_SCENARIOS)
        arguments->scenarios = text;
    else if (key == KEY_UNCOVERED)
        arguments->uncovered = true;
    else if (key == ARGP_KEY_ARG && state->arg_num > 0)
        argp_error(state, "one list at a time: leave out '%s'", text);
    else if (key == ARGP_KEY_ARG)
        arguments->noun = find_noun(state, text);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

int list_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"uncovered", KEY_UNCOVERED, NULL, 0,
         "clauses: only those that nothing tests; faults: clauses that no fault breaks", 0},
        {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios, clauses and fixtures", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[scenarios|clauses|faults|variants|fixtures|rules]",
        .doc = "Lists ids, one a line, with what they mean. `pop3spec explain ID' says more."};
    struct list_arguments arguments = {0};
    struct library library;

    command_line_parse(&argp, argc, argv, &arguments);
    if (arguments.noun == NULL)
        arguments.noun = &NOUNS[arguments.uncovered ? 1 : 0];
    if (arguments.uncovered && !arguments.noun->can_be_uncovered) {
        struct error error;

        error_set(&error, ERROR_USAGE, "--uncovered means nothing for %s", arguments.noun->name);
        error_hint(&error, "it goes with clauses and faults");
        return output_failure(&error);
    }
    bool loaded = library_load(&library, program, arguments.scenarios);

    if (loaded)
        arguments.noun->list(&library, arguments.uncovered);
    library_release(&library);
    return loaded && output_finish() ? PROGRAM_OK : PROGRAM_USAGE;
}
