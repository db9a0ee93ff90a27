#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/catalogue.h"
#include "cli/coverage.h"
#include "cli/library.h"
#include "cli/output.h"
#include "result/observation.h"
#include "yamldoc/files.h"
#include "yamldoc/suggestion.h"

#include <inttypes.h>
#include <string.h>

enum { KEY_SCENARIOS = 256, DIALOG_LINES_MAX = 60, SCENARIOS_MAX = 8 };

struct explain_arguments {
    const char *id;
    const char *scenarios;
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct explain_arguments *arguments = state->input;

    if (key == KEY_SCENARIOS)
        arguments->scenarios = text;
    else if (key == ARGP_KEY_ARG && state->arg_num > 0)
        argp_error(state, "one id at a time: leave out '%s'", text);
    else if (key == ARGP_KEY_ARG)
        arguments->id = text;
    else if (key == ARGP_KEY_NO_ARGS)
        argp_error(state, "which ID? `pop3spec list scenarios|clauses|faults|variants|rules' names them");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static void say(const char *label, const char *text)
{
    if (text != NULL && *text != '\0')
        output_line("  %-12s %s", label, text);
}

static void say_clause(const struct library *library, const char *id)
{
    const struct clause *clause = ledger_find(&library->ledger, id);

    if (clause == NULL)
        output_line("  %-12s %s", "clause", id);
    else
        output_line("  %-12s %s (%s): %s", "clause", id, clause_level_name(clause->level), clause->demand);
}

static void say_clauses(const struct library *library, const char *ids)
{
    struct bytes rest = bytes_of(ids);
    struct bytes id;

    while (rest.size > 0 && bytes_split(&rest, ' ', &id)) {
        struct buf name;

        buf_init(&name, BUF_UNBOUNDED);
        buf_append(&name, id);
        say_clause(library, buf_text(&name));
        buf_release(&name);
    }
}

/* A line for each of the cases in which servers did it. */
static void say_history(const char *history)
{
    while (history != NULL) {
        const char *end = strstr(history, "; ");
        int length = end != NULL ? (int)(end - history) : (int)strlen(history);

        output_line("  %-12s %.*s", "done by", length, history);
        history = end != NULL ? end + strlen("; ") : NULL;
    }
}

static const char *party_name(enum clause_party party)
{
    switch (party) {
    case PARTY_SERVER:
        return "the server";
    case PARTY_CLIENT:
        return "the client";
    case PARTY_BOTH:
        return "server and client";
    }
    return "";
}

static void say_catalogue(const char *label, enum catalogue_kind kind, const char *clause)
{
    for (size_t i = 0; i < catalogue_count(kind); i++) {
        struct catalogue_row row = catalogue_row(kind, i);

        if (id_list_holds(row.clause, clause) || (row.warns != NULL && id_list_holds(row.warns, clause)))
            output_line("  %-12s %s: %s", label, row.id, row.what);
    }
}

/* A line for each scenario as it is written; behind it the number of cases that `each` makes of it. */
static void say_proving_scenarios(const struct suite *suite, const char *clause)
{
    for (size_t i = 0, end; i < suite->scenario_count; i = end) {
        const struct scenario *proving = NULL;
        size_t count = 0;

        for (end = i; end < suite->scenario_count; end++) {
            const struct scenario *scenario = &suite->scenarios[end];

            if (strcmp(scenario->group, suite->scenarios[i].group) != 0)
                break;
            if (scenario_proves(scenario, clause)) {
                proving = scenario;
                count++;
            }
        }
        if (count == 1)
            say("scenario", proving->id);
        else if (count > 1)
            output_line("  %-12s %s, %zu cases", "scenario", proving->group, count);
    }
}

static void say_provers(const struct library *library, const char *clause)
{
    say_proving_scenarios(&library->suite, clause);
    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (strcmp(rule_info((enum rule)i)->clause, clause) == 0)
            output_line("  %-12s audit/%s, in every scenario", "rule", rule_info((enum rule)i)->id);
    say_catalogue("broken by", CATALOGUE_FAULT, clause);
    say_catalogue("left open by", CATALOGUE_VARIANT, clause);
}

static bool explain_clause(const struct library *library, const char *id)
{
    const struct clause *clause = ledger_find(&library->ledger, id);

    if (clause == NULL)
        return false;
    output_line("Clause %s", clause->id);
    say("demand", clause->demand);
    say("level", clause_level_name(clause->level));
    say("party", party_name(clause->party));
    bool rfc = strncmp(clause->document, "rfc", 3) == 0;

    output_line("  %-12s %s%s section %s%s%s", "text", rfc ? "RFC " : "", clause->document + (rfc ? 3 : 0),
                clause->section, clause->where != NULL ? ", " : "",
                clause->where != NULL ? clause->where : "");
    say("note", clause->note);
    say("may as well", clause->readings);
    say("unvaried", clause->unvaried);
    say("untestable", clause->untestable);
    output_line("  %-12s %s:%" PRIu32, "at", clause->place.file, clause->place.line);
    say_provers(library, id);
    if (clause->untestable == NULL && !clause_is_covered(&library->suite, id))
        say("proved by", "nothing yet");
    return true;
}

/* The scenarios for which WANTED holds, up to SCENARIOS_MAX, and how many more there are. */
static void say_scenarios(const struct library *library, const char *label,
                          bool (*wanted)(const struct scenario *scenario, const char *what), const char *what)
{
    size_t count = 0;

    for (size_t i = 0; i < library->suite.scenario_count; i++)
        if (wanted(&library->suite.scenarios[i], what) && count++ < SCENARIOS_MAX)
            say(label, library->suite.scenarios[i].id);
    if (count > SCENARIOS_MAX)
        output_line("  %-12s and %zu more", "", count - SCENARIOS_MAX);
}

static bool uses_fixture(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->mailbox_count; i++)
        if (strcmp(scenario->mailbox[i], name) == 0)
            return true;
    return false;
}

static bool is_below(const struct scenario *scenario, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(scenario->id, prefix, length) == 0 && scenario->id[length] == '/';
}

/* A file of scenarios, or one with `each`, by the beginning of the ids. */
static bool explain_family(const struct library *library, const char *id)
{
    size_t count = 0;

    for (size_t i = 0; i < library->suite.scenario_count; i++) {
        const struct scenario *scenario = &library->suite.scenarios[i];

        if (!is_below(scenario, id))
            continue;
        if (count++ == 0)
            output_line("Scenarios %s", id);
        output_line("  %s: %s", scenario->id, scenario->title);
    }
    return count > 0;
}

static void say_list(const char *label, const char **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        say(label, items[i]);
}

static void say_dialog_line(int depth, int *lines, const char *key, const char *text)
{
    if (*lines < DIALOG_LINES_MAX)
        output_line("  %-12s %*s%s%s", *lines == 0 ? "dialog" : "", depth * 2, "", key, text);
    (*lines)++;
}

/* What STEP demands of the body of a reply. */
static void say_body(const struct step *step, int depth, int *lines)
{
    char key[8];

    if (step->point_within)
        say_dialog_line(depth, lines, "point", "");
    snprintf(key, sizeof(key), step->connection > 1 ? "S%d: " : "S: ", step->connection);
    for (size_t i = 0; i < step->reply.body_count; i++)
        say_dialog_line(depth, lines, key, step->reply.body[i].text);
    if (step->reply.has_body)
        say_dialog_line(depth, lines, key, ".");
}

static void say_dialog(const struct step *steps, size_t count, int depth, int *lines)
{
    for (size_t i = 0; i < count; i++) {
        say_dialog_line(depth, lines, "", steps[i].text);
        if (steps[i].kind == STEP_EXPECT)
            say_body(&steps[i], depth, lines);
        say_dialog(steps[i].inner, steps[i].inner_count, depth + 1, lines);
    }
}

static const char *start_name(enum start_state start)
{
    switch (start) {
    case START_CLOSED:
        return "closed";
    case START_AUTHORIZATION:
        return "authorization";
    case START_TRANSACTION:
        return "transaction";
    }
    return "";
}

static bool explain_scenario(const struct library *library, const char *id)
{
    const struct scenario *scenario = suite_find(&library->suite, id);
    int lines = 0;

    if (scenario == NULL)
        return false;
    output_line("Scenario %s", scenario->id);
    say("title", scenario->title);
    say("matters", scenario->impact);
    output_line("  %-12s %s:%" PRIu32, "at", scenario->place.file, scenario->place.line);
    for (size_t i = 0; i < scenario->prove_count; i++)
        say_clause(library, scenario->proves[i]);
    say("state", start_name(scenario->start));
    say_list("needs", scenario->needs, scenario->need_count);
    say_list("tag", scenario->tags, scenario->tag_count);
    say_list("mailbox", scenario->mailbox, scenario->mailbox_count);
    say_dialog(scenario->steps, scenario->step_count, 0, &lines);
    if (lines > DIALOG_LINES_MAX)
        output_line("  %-12s and %d more lines", "", lines - DIALOG_LINES_MAX);
    return true;
}

static bool explain_rule(const struct library *library, const char *id)
{
    enum rule rule;

    if (strncmp(id, "audit/", 6) == 0)
        id += 6;
    if (!rule_of_id(id, &rule))
        return false;
    output_line("Rule audit/%s", id);
    say("what", rule_info(rule)->what);
    say("why", "it holds whatever a scenario is about, so every octet of every case is judged by it, once "
               "for a run");
    say_clause(library, rule_info(rule)->clause);
    say_catalogue("broken by", CATALOGUE_FAULT, rule_info(rule)->clause);
    return true;
}

static bool explain_row(const struct library *library, enum catalogue_kind kind, const char *id)
{
    bool fault = kind == CATALOGUE_FAULT;

    for (size_t i = 0; i < catalogue_count(kind); i++) {
        struct catalogue_row row = catalogue_row(kind, i);

        if (strcmp(row.id, id) != 0)
            continue;
        output_line("%s %s", fault ? "Fault" : "Variant", row.id);
        say("what", row.what);
        say("why", fault ? "it breaks the clause below, by which the suite must catch it"
                         : "it is legal: the suite must stay silent about it");
        say("acts on", row.seam);
        say_clauses(library, row.clause);
        if (fault)
            say_scenarios(library, "judged by", scenario_proves, row.clause);
        say_history(row.history);
        say("may break", row.also);
        say("lacks", row.skips);
        say("warns", row.warns);
        output_line("  %-12s pop3spec serve --port 0 --%s %s", "try it", fault ? "fault" : "variant", row.id);
        output_line("  %-12s pop3spec prove %s", "prove it", row.id);
        return true;
    }
    return false;
}

static bool explain_fixture(const struct library *library, const char *id)
{
    const struct fixture *fixture = fixture_find(&library->suite.fixtures, id);

    if (fixture == NULL)
        return false;
    output_line("Fixture %s", fixture->name);
    say("what", fixture->what);
    output_line("  %-12s %zu octets", "size", fixture->octets.size);
    say_scenarios(library, "used by", uses_fixture, id);
    output_line("  %-12s %s:%" PRIu32, "at", fixture->place.file, fixture->place.line);
    return true;
}

static void offer_rows(struct suggestion *suggestion, enum catalogue_kind kind)
{
    for (size_t i = 0; i < catalogue_count(kind); i++)
        suggestion_offer(suggestion, catalogue_row(kind, i).id);
}

static int explain_nothing(const struct library *library, const char *id)
{
    struct suggestion suggestion;
    struct error error;

    suggestion_init(&suggestion, bytes_of(id));
    for (size_t i = 0; i < library->ledger.count; i++)
        suggestion_offer(&suggestion, library->ledger.clauses[i].id);
    for (size_t i = 0; i < library->suite.scenario_count; i++)
        suggestion_offer(&suggestion, library->suite.scenarios[i].id);
    offer_rows(&suggestion, CATALOGUE_FAULT);
    offer_rows(&suggestion, CATALOGUE_VARIANT);
    error_set(&error, ERROR_USAGE, "nothing is called '%s'", id);
    if (suggestion.nearest != NULL)
        error_hint(&error, "did you mean %s?", suggestion.nearest);
    else
        error_hint(&error,
                   "`pop3spec list scenarios|clauses|faults|variants|fixtures|rules' names what there is");
    return output_failure(&error);
}

/* One name may mean a rule and a fault: all that it means is explained. */
static bool explain(const struct library *library, const char *id)
{
    bool known = explain_scenario(library, id);

    known = explain_family(library, id) || known;
    known = explain_clause(library, id) || known;
    known = explain_rule(library, id) || known;
    known = explain_row(library, CATALOGUE_FAULT, id) || known;
    known = explain_row(library, CATALOGUE_VARIANT, id) || known;
    return explain_fixture(library, id) || known;
}

int explain_main(const struct program *program, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"scenarios", KEY_SCENARIOS, "DIR", 0, "another folder of scenarios, clauses and fixtures", 0}, {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "ID",
                                     .doc = "Says what a scenario, clause, rule, fault, variant or fixture "
                                            "is, why it is, and what proves it."};
    struct explain_arguments arguments = {0};
    struct library library;

    command_line_parse(&argp, argc, argv, &arguments);
    if (!library_load(&library, program, arguments.scenarios)) {
        library_release(&library);
        return PROGRAM_USAGE;
    }
    int exit_code = explain(&library, arguments.id) ? PROGRAM_OK : explain_nothing(&library, arguments.id);

    library_release(&library);
    return exit_code == PROGRAM_OK && !output_finish() ? PROGRAM_USAGE : exit_code;
}
