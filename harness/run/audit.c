#include "run/audit.h"

#include "pop3/command.h"
#include "run/verdict.h"

enum { AUDIT_TEXT_OCTETS_MAX = 2000 };

#define VERB(name) (UINT64_C(1) << COMMAND_##name)

/* Of which servers a rule speaks: RFC 6856 section 2.1 takes the strictness out of some where CAPA lists UTF8. */
enum rule_servers { SERVERS_ALL, SERVERS_WITHOUT_UTF8, SERVERS_WITH_UTF8 };

/*
 * Which commands a rule speaks of: it was exercised when the target answered in a case in which each of `all` and, unless
 * that is 0, one of `any` was sent. Rules without either are exercised by every answer.
 */
static const struct rule_scope {
    uint64_t all;
    uint64_t any;
    enum rule_servers servers;
} rule_scopes[RULE_COUNT] = {
    [RULE_CAPABILITY_LENGTH] = {VERB(CAPA), 0, SERVERS_ALL},
    [RULE_BYTE_STUFFING] = {0, VERB(RETR) | VERB(TOP), SERVERS_ALL},
    [RULE_TERMINATOR] = {0, VERB(RETR) | VERB(TOP) | VERB(LIST) | VERB(UIDL) | VERB(CAPA), SERVERS_ALL},
    [RULE_AFTER_QUIT] = {VERB(QUIT), 0, SERVERS_ALL},
    [RULE_RESPONSE_CODE] = {VERB(CAPA), 0, SERVERS_ALL},
    [RULE_DROP_LISTING] = {VERB(STAT), 0, SERVERS_ALL},
    [RULE_SCAN_LISTING] = {VERB(LIST), 0, SERVERS_ALL},
    [RULE_UNIQUE_ID_LISTING] = {VERB(UIDL), 0, SERVERS_ALL},
    [RULE_CAPABILITY_FORM] = {VERB(CAPA), 0, SERVERS_ALL},
    [RULE_STAT_COUNT] = {VERB(STAT), 0, SERVERS_ALL},
    [RULE_STAT_OCTETS] = {VERB(STAT) | VERB(LIST), 0, SERVERS_WITHOUT_UTF8},
    [RULE_LIST_MESSAGES] = {VERB(LIST), 0, SERVERS_ALL},
    [RULE_LIST_ONE] = {VERB(LIST), 0, SERVERS_ALL},
    [RULE_LIST_STABLE] = {VERB(LIST), 0, SERVERS_WITHOUT_UTF8},
    [RULE_SIZE_EXACT] = {VERB(LIST) | VERB(RETR), 0, SERVERS_WITHOUT_UTF8},
    [RULE_SIZE_LISTED] = {VERB(LIST) | VERB(RETR), 0, SERVERS_WITH_UTF8},
    [RULE_RETR_STABLE] = {VERB(RETR), 0, SERVERS_ALL},
    [RULE_TOP_PREFIX] = {VERB(TOP) | VERB(RETR), 0, SERVERS_ALL},
    [RULE_MARKED_HIDDEN] = {VERB(DELE), 0, SERVERS_ALL},
    [RULE_MESSAGE_FOUND] = {0, VERB(LIST) | VERB(UIDL), SERVERS_ALL},
    [RULE_MESSAGE_REFUSED] = {0, VERB(RETR) | VERB(LIST) | VERB(UIDL) | VERB(DELE), SERVERS_ALL},
    [RULE_NO_SUCH_MESSAGE] = {0, VERB(RETR) | VERB(TOP) | VERB(LIST) | VERB(UIDL) | VERB(DELE), SERVERS_ALL},
    [RULE_RSET_RESTORES] = {VERB(RSET), 0, SERVERS_ALL},
    [RULE_NOOP_OK] = {VERB(NOOP), 0, SERVERS_ALL},
    [RULE_UIDL_MESSAGES] = {VERB(UIDL), 0, SERVERS_ALL},
    [RULE_UIDL_ONE] = {VERB(UIDL), 0, SERVERS_ALL},
    [RULE_UIDL_UNIQUE] = {VERB(UIDL), 0, SERVERS_ALL},
    [RULE_UIDL_STABLE] = {VERB(UIDL), 0, SERVERS_ALL},
};

_Static_assert(COMMAND_VERB_COUNT <= 64, "verbs are kept as bits of 64");

void audit_init(struct audit *audit, struct arena *arena, const struct redactor *redactor)
{
    *audit = (struct audit){.arena = arena, .redactor = redactor};
}

static void add_example(struct audit *audit, struct audit_entry *entry, const struct audit_trial *trial)
{
    if (entry->example_count == AUDIT_EXAMPLES_MAX)
        return;
    if (entry->example_count > 0 && entry->examples[entry->example_count - 1].trial == trial->identity)
        return;
    entry->examples[entry->example_count++] = (struct audit_example){
        .trial = trial->identity,
        .name = arena_format(audit->arena, "%s over %s", trial->id, trial->transport),
    };
}

static struct printable print_actual(const struct audit *audit, const struct observation *observation)
{
    struct printable said = printable_sentence(audit->arena, audit->redactor, observation->actual);
    struct printable wire;

    if (observation->wire.size == 0)
        return said;
    wire = printable_make(audit->arena, audit->redactor, observation->wire, AUDIT_TEXT_OCTETS_MAX);
    said.text = arena_format(audit->arena, "%s: %s", said.text, wire.text);
    return said;
}

/* What the run does besides its cases, to learn what the target can do: nobody can select that. */
static bool is_probe(const char *id)
{
    return bytes_start_with(bytes_of(id), BYTES_LITERAL("probe/"));
}

static void note_first(struct audit *audit, struct audit_entry *entry, const struct audit_trial *trial,
                       const struct observation *observation)
{
    entry->first_id = arena_text(audit->arena, bytes_of(trial->id));
    entry->first_transport = trial->transport;
    entry->expected = printable_sentence(audit->arena, audit->redactor, observation->expected);
    entry->actual = print_actual(audit, observation);
    entry->example_count = 0;
}

void audit_observe(struct audit *audit, const struct audit_trial *trial,
                   const struct observation *observation)
{
    struct audit_entry *entry = &audit->entries[observation->rule];

    entry->breaches++;
    entry->exercised = true;
    if (entry->breaches == 1 || (is_probe(entry->first_id) && !is_probe(trial->id)))
        note_first(audit, entry, trial, observation);
    add_example(audit, entry, trial);
}

/* ---- what a trial spoke of ---- */

static void gather_verbs(const struct transcript *transcript, int connection, uint64_t *verbs, bool *answered)
{
    struct command_reader reader;
    struct command_line line;

    command_reader_init(&reader);
    for (size_t i = 0; i < transcript->count; i++) {
        const struct transcript_piece *piece = &transcript->pieces[i];
        struct bytes octets =
            bytes_slice(buf_bytes(&transcript->octets), piece->start, piece->start + piece->size);

        if (piece->connection != connection)
            continue;
        *answered = *answered || piece->direction == DIRECTION_SERVER;
        while (piece->direction == DIRECTION_CLIENT && command_reader_next(&reader, &octets, &line))
            *verbs |= UINT64_C(1) << command_parse(line.line, line.facts).verb;
    }
}

static bool scope_is_met(const struct rule_scope *scope, uint64_t verbs, bool utf8)
{
    if (scope->servers == (utf8 ? SERVERS_WITHOUT_UTF8 : SERVERS_WITH_UTF8))
        return false;
    return (verbs & scope->all) == scope->all && (scope->any == 0 || (verbs & scope->any) != 0);
}

static void note_exercised(struct audit *audit, const struct machine *machine)
{
    const struct transcript *transcript = machine_transcript(machine);
    bool utf8 = machine_facts(machine)->utf8;
    uint64_t verbs = 0;
    bool answered = false;

    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++)
        gather_verbs(transcript, connection, &verbs, &answered);
    for (size_t rule = 0; answered && rule < RULE_COUNT; rule++)
        audit->entries[rule].exercised =
            audit->entries[rule].exercised || scope_is_met(&rule_scopes[rule], verbs, utf8);
}

void audit_finish(struct audit *audit, const struct audit_trial *trial, const struct machine *machine)
{
    const struct transcript *transcript = machine_transcript(machine);

    for (size_t rule = 0; rule < RULE_COUNT; rule++) {
        struct audit_entry *entry = &audit->entries[rule];

        for (size_t i = 0; i < entry->example_count; i++) {
            struct audit_example *example = &entry->examples[i];

            if (example->trial != trial->identity)
                continue;
            example->trial = NULL;
            example->lines =
                transcript_print(transcript, (int)rule, audit->redactor, machine_outcome(machine)->began_us,
                                 AUDIT_EXAMPLE_LINES_MAX, audit->arena, &example->line_count);
        }
    }
    note_exercised(audit, machine);
}

void audit_set_aside(struct audit *audit, const uint64_t *breaches)
{
    for (size_t rule = 0; rule < RULE_COUNT; rule++) {
        audit->entries[rule].breaches -= breaches[rule];
        audit->entries[rule].flaky_breaches += breaches[rule];
    }
}

/* ---- the report ---- */

/* The examples one behind the other, each behind a note of the case it is from. */
static void join_examples(const struct audit *audit, const struct audit_entry *entry,
                          struct case_result *result)
{
    size_t total = 0;

    for (size_t i = 0; i < entry->example_count; i++)
        total += 1 + entry->examples[i].line_count;
    result->transcript =
        (struct transcript_line *)arena_new_array(audit->arena, total, sizeof(*result->transcript));
    for (size_t i = 0; i < entry->example_count; i++) {
        const struct audit_example *example = &entry->examples[i];

        result->transcript[result->transcript_count++] = (struct transcript_line){
            .direction = DIRECTION_NOTE,
            .connection = 1,
            .text =
                printable_sentence(audit->arena, NULL, arena_format(audit->arena, "in %s:", example->name)),
        };
        for (size_t j = 0; j < example->line_count; j++)
            result->transcript[result->transcript_count++] = example->lines[j];
    }
}

/* The command that shows the first breach once more; what a probe saw, any run that probes will. */
static struct printable print_again(const struct audit *audit, const struct audit_entry *entry,
                                    const struct audit_commands *commands)
{
    const char *again = is_probe(entry->first_id)
                            ? commands->run
                            : arena_format(audit->arena, "%s %s --transport %s", commands->target,
                                           entry->first_id, entry->first_transport);

    return printable_sentence(audit->arena, audit->redactor, again);
}

static void report_rule(const struct audit *audit, enum rule rule, const struct ledger *ledger,
                        const struct audit_commands *commands, struct case_result *ret_case)
{
    const struct audit_entry *entry = &audit->entries[rule];

    *ret_case = (struct case_result){
        .id = arena_format(audit->arena, "audit/%s", rule_info(rule)->id),
        .transport = "all",
        .title = rule_info(rule)->what,
        .expected = entry->expected,
        .actual = entry->actual,
    };
    verdict_judge_rule(rule, entry->exercised, entry->breaches, ledger, audit->arena, ret_case);
    if (!entry->exercised)
        ret_case->reason = printable_sentence(audit->arena, NULL,
                                              "no conversation of this run came to what this rule is about");
    if (entry->breaches == 0 && entry->flaky_breaches > 0) {
        ret_case->flaky = true;
        ret_case->reason =
            printable_sentence(audit->arena, NULL,
                               "flaky: broken only in tries of cases that passed when they were tried again");
    }
    if (entry->breaches == 0 && !ret_case->flaky)
        return;
    join_examples(audit, entry, ret_case);
    ret_case->again = print_again(audit, entry, commands);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct case_result *)a)->id, ((const struct case_result *)b)->id);
}

void audit_report(const struct audit *audit, const struct ledger *ledger,
                  const struct audit_commands *commands, struct case_result *ret_cases)
{
    for (size_t rule = 0; rule < RULE_COUNT; rule++)
        report_rule(audit, (enum rule)rule, ledger, commands, &ret_cases[rule]);
    qsort(ret_cases, RULE_COUNT, sizeof(*ret_cases), compare_ids);
}
