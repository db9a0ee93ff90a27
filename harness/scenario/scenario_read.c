#include "base/memory.h"
#include "scenario/diagnostics.h"
#include "scenario/each.h"
#include "scenario/flow.h"
#include "scenario/source.h"
#include "scenario/suite_internal.h"
#include "yamldoc/node.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LIST_MAX = 4096 };

static const char *const SCENARIO_KEYS[] = {"name",  "title", "proves", "impact", "state",     "mailbox",
                                            "needs", "tags",  "each",   "except", "variables", "dialog"};

struct scenario_reader {
    struct source *source;
    struct arena *arena; /* the suite's */
    struct diagnostics *diagnostics;
    const struct node *map;
    const char *prefix;
    const struct dialog_line *lines;
    struct each each;
    bool ok;
};

static void add_error(struct scenario_reader *reader, const struct error *error)
{
    diagnostics_add(reader->diagnostics, error);
    reader->ok = false;
}

/* The scenario's own value, or the nearest default. */
static const struct node *value_of(const struct scenario_reader *reader, const char *key)
{
    const struct node *value = map_get(reader->map, key);

    for (size_t i = 0; value == NULL && i < reader->source->defaults_count; i++)
        value = map_get(reader->source->defaults[i], key);
    return value;
}

/* Free text: what YAML took for a comment was more likely meant as part of it. */
static void check_comment(struct scenario_reader *reader, const struct node *text)
{
    const char *swallowed = text->place.line == text->end.line && text->place.file == reader->map->place.file
                                ? scalar_swallowed(reader->source->documents[0], text)
                                : NULL;

    if (swallowed != NULL)
        diagnostics_say(reader->diagnostics, text->place, NULL, "%s", swallowed);
}

/* Text with the parameters filled in; NULL when there is none or it is wrong. */
static const char *read_text(struct scenario_reader *reader, const struct node *node, const char *what)
{
    struct error error;
    const char *text;

    if (!node_text(node, what, &error, &text)) {
        add_error(reader, &error);
        return NULL;
    }
    check_comment(reader, node);
    return arena_text(reader->arena, parameters_fill(&reader->each.parameters, reader->arena, node->text));
}

/* A list of words with the parameters filled in, none twice; what they make empty is left out. */
struct words {
    const char **words;
    const struct node **nodes;
    size_t count;
};

static void read_words(struct scenario_reader *reader, const char *key, bool repeated,
                       struct words *ret_words)
{
    const struct node *list = value_of(reader, key);
    struct error error;

    *ret_words = (struct words){NULL, NULL, 0};
    if (list == NULL)
        return;
    if (!node_expect(list, NODE_SEQUENCE, key, &error)) {
        add_error(reader, &error);
        return;
    }
    size_t room = list->count < LIST_MAX ? list->count : LIST_MAX;

    ret_words->words = arena_new_array(reader->arena, room, sizeof(*ret_words->words));
    ret_words->nodes = arena_new_array(&reader->source->scratch, room, sizeof(*ret_words->nodes));
    for (const struct node *item = list->first; item != NULL && ret_words->count < room; item = item->next) {
        const char *word = read_text(reader, item, key);

        for (size_t i = 0; word != NULL && !repeated && i < ret_words->count; i++) {
            if (strcmp(word, ret_words->words[i]) == 0)
                diagnostics_say(reader->diagnostics, item->place, NULL, "'%.100s' stands twice in '%s'", word,
                                key);
        }
        if (word == NULL || word[0] == '\0')
            continue;
        ret_words->nodes[ret_words->count] = item;
        ret_words->words[ret_words->count++] = word;
    }
}

static bool is_example(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->tag_count; i++) {
        if (strcmp(scenario->tags[i], "example") == 0)
            return true;
    }
    return false;
}

static void check_clause(struct scenario_reader *reader, const char *id, struct place place)
{
    const struct ledger *ledger = reader->source->ledger;
    const struct clause *clause = ledger_find(ledger, id);
    struct error error;

    if (clause != NULL && clause->untestable == NULL)
        return;
    if (clause != NULL) {
        error_at(&error, place, "the clause '%.100s' is said to be untestable", id);
        error_hint(&error, "%.300s", clause->untestable);
    } else {
        const char *nearest = ledger_suggest(ledger, id);

        error_at(&error, place, "there is no clause '%.100s'", id);
        if (nearest != NULL)
            error_hint(&error, "did you mean '%s'?", nearest);
        else
            error_hint(&error, "'pop3spec list clauses' shows them all");
    }
    diagnostics_add(reader->diagnostics, &error);
}

static void read_proves(struct scenario_reader *reader, struct scenario *scenario)
{
    struct words words;

    read_words(reader, "proves", false, &words);
    scenario->proves = words.words;
    scenario->prove_count = words.count;
    for (size_t i = 0; reader->source->ledger != NULL && i < words.count; i++)
        check_clause(reader, words.words[i], words.nodes[i]->place);
    if (words.count == 0 && reader->ok && !is_example(scenario))
        diagnostics_say(reader->diagnostics, scenario->place, "name a clause, or tag it 'example'",
                        "the scenario proves nothing");
}

static void read_needs(struct scenario_reader *reader, struct scenario *scenario)
{
    struct words words;

    read_words(reader, "needs", false, &words);
    for (size_t i = 0; i < words.count; i++) {
        struct error error;
        const char *known = ability_find(words.words[i]);

        if (known != NULL)
            continue;
        error_at(&error, words.nodes[i]->place, "there is no ability '%.60s'", words.words[i]);
        error_suggest(&error, bytes_of(words.words[i]), ability_keywords(), ABILITY_COUNT);
        diagnostics_add(reader->diagnostics, &error);
    }
    scenario->needs = words.words;
    scenario->need_count = words.count;
}

static void read_tags(struct scenario_reader *reader, struct scenario *scenario)
{
    struct words words;

    read_words(reader, "tags", false, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (!name_is_valid(bytes_of(words.words[i])))
            diagnostics_say(reader->diagnostics, words.nodes[i]->place,
                            "a tag is made of lower-case letters, digits and '-'", "'%.60s' is not a tag",
                            words.words[i]);
    }
    scenario->tags = words.words;
    scenario->tag_count = words.count;
}

/* A fixture of `mailbox`: "short", or "short * 1000" for so many copies. Sets *ret_copies to 0 where it is wrong. */
static const char *read_copies(struct scenario_reader *reader, const char *word, struct place place,
                               size_t *ret_copies)
{
    struct bytes text = bytes_of(word);
    size_t star = bytes_find(text, BYTES_LITERAL(" * "));
    uint64_t copies = 1;

    if (star != BYTES_NOT_FOUND &&
        (!command_number(bytes_from(text, star + 3), &copies, NULL) || copies == 0 || copies > LIST_MAX)) {
        diagnostics_say(reader->diagnostics, place, "write 'short * 1000'",
                        "there can be 1 to %d copies of a fixture", LIST_MAX);
        copies = 0;
    }
    *ret_copies = (size_t)copies;
    return star != BYTES_NOT_FOUND ? arena_text(reader->arena, bytes_slice(text, 0, star)) : word;
}

static void check_fixture(struct scenario_reader *reader, const char *name, struct place place)
{
    const struct fixture_set *fixtures = &reader->source->suite->fixtures;
    struct error error;

    if (fixture_find(fixtures, name) != NULL)
        return;
    error_at(&error, place, "there is no fixture '%.60s'", name);
    for (size_t i = 0; i < fixtures->count; i++)
        error_suggest(&error, bytes_of(name), &fixtures->fixtures[i].name, 1);
    diagnostics_add(reader->diagnostics, &error);
}

/* Each fixture as many times as it is delivered. */
static void expand_mailbox(struct scenario_reader *reader, const struct words *words,
                           struct scenario *scenario)
{
    size_t *copies = arena_new_array(&reader->source->scratch, words->count, sizeof(*copies));
    const char **names = (const char **)arena_new_array(reader->arena, words->count, sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; i < words->count; i++) {
        names[i] = read_copies(reader, words->words[i], words->nodes[i]->place, &copies[i]);
        check_fixture(reader, names[i], words->nodes[i]->place);
        count += copies[i];
    }
    if (count > LIST_MAX) {
        diagnostics_say(reader->diagnostics, words->nodes[0]->place, NULL,
                        "a mailbox has at most %d messages", LIST_MAX);
        return;
    }
    scenario->mailbox = (const char **)arena_new_array(reader->arena, count, sizeof(*scenario->mailbox));
    scenario->mailbox_count = 0;
    for (size_t i = 0; i < words->count; i++) {
        for (size_t k = 0; k < copies[i]; k++)
            scenario->mailbox[scenario->mailbox_count++] = names[i];
    }
}

static void read_mailbox(struct scenario_reader *reader, struct scenario *scenario)
{
    const struct node *mailbox = value_of(reader, "mailbox");
    struct words words;

    if (mailbox == NULL || (mailbox->kind == NODE_SCALAR && bytes_equal(mailbox->text, BYTES_LITERAL("any"))))
        return;
    if (mailbox->kind != NODE_SEQUENCE) {
        diagnostics_say(reader->diagnostics, mailbox->place,
                        "write 'mailbox: [short, dotted]', or 'mailbox: any'",
                        "'mailbox' must be a list of fixtures, or any");
        return;
    }
    read_words(reader, "mailbox", true, &words);
    scenario->mailbox_given = true;
    expand_mailbox(reader, &words, scenario);
}

static void read_variables(struct scenario_reader *reader, struct scenario *scenario)
{
    struct words words;

    read_words(reader, "variables", false, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (!name_is_valid(bytes_of(words.words[i])))
            diagnostics_say(reader->diagnostics, words.nodes[i]->place,
                            "it is made of lower-case letters, digits and '-'",
                            "'%.60s' is not the name of a variable", words.words[i]);
    }
    scenario->variables = words.words;
    scenario->variable_count = words.count;
}

static void read_state(struct scenario_reader *reader, struct scenario *scenario)
{
    /* In the order of enum start_state. */
    static const char *const STATES[] = {"closed", "authorization", "transaction"};
    const struct node *state = value_of(reader, "state");
    struct error error;
    size_t index = START_AUTHORIZATION;

    if (state != NULL) {
        struct node filled = *state;

        filled.text = bytes_of(
            arena_text(reader->arena, parameters_fill(&reader->each.parameters, reader->arena, state->text)));
        if (!node_choice(&filled, "state", STATES, COUNT(STATES), &error, &index))
            add_error(reader, &error);
    }
    scenario->start = (enum start_state)index;
}

static void read_head(struct scenario_reader *reader, struct scenario *scenario)
{
    const struct node *impact = value_of(reader, "impact");
    const struct node *title = map_get(reader->map, "title");

    scenario->place = map_get(reader->map, "name")->place;
    if (title == NULL)
        diagnostics_say(reader->diagnostics, scenario->place, "one sentence that says what is right",
                        "the key 'title' is missing");
    else
        scenario->title = read_text(reader, title, "title");
    if (scenario->title == NULL)
        scenario->title = "";
    if (impact != NULL)
        scenario->impact = read_text(reader, impact, "impact");
    read_state(reader, scenario);
    read_mailbox(reader, scenario);
    read_needs(reader, scenario);
    read_tags(reader, scenario);
    read_variables(reader, scenario);
    read_proves(reader, scenario);
}

/* ---- cases ---- */

static void set_id(const struct scenario_reader *reader, struct scenario *scenario)
{
    struct buf id;

    buf_init(&id, BUF_UNBOUNDED);
    buf_append_format(&id, "%s/", reader->prefix);
    buf_append(&id, map_get(reader->map, "name")->text);
    scenario->group = arena_text(reader->arena, buf_bytes(&id));
    each_append_labels(&reader->each, &id);
    scenario->id = arena_text(reader->arena, buf_bytes(&id));
    buf_release(&id);
}

static void read_case(struct scenario_reader *reader)
{
    struct source *source = reader->source;
    struct scenario scenario = {0};
    struct compilation compilation = {
        .arena = reader->arena,
        .diagnostics = reader->diagnostics,
        .fixtures = &source->suite->fixtures,
        .blocks = source->blocks,
        .block_count = source->block_count,
        .parameters = reader->each.parameters,
        .scenario = &scenario,
    };

    set_id(reader, &scenario);
    read_head(reader, &scenario);
    compile_dialog(&compilation, reader->lines);
    suite_append(source->suite, &scenario);
}

static bool check_keys(struct scenario_reader *reader)
{
    const struct node *cursor = NULL;
    const struct node *name;
    const char *text;
    struct error error;

    if (!node_expect(reader->map, NODE_MAP, "scenario", &error) ||
        !map_require(reader->map, "name", &error, &name) || !node_name(name, "name", &error, &text)) {
        diagnostics_add(reader->diagnostics, &error);
        return false;
    }
    while (!diagnostics_full(reader->diagnostics) &&
           map_next_unknown(reader->map, SCENARIO_KEYS, COUNT(SCENARIO_KEYS), &cursor, &error))
        diagnostics_add(reader->diagnostics, &error);
    return true;
}

void scenario_read(struct source *source, const struct node *map, const char *prefix)
{
    struct scenario_reader *reader = memory_new(sizeof(*reader));
    const struct node *dialog = map_get(map, "dialog");

    *reader = (struct scenario_reader){.source = source,
                                       .arena = &source->suite->arena,
                                       .diagnostics = source->diagnostics,
                                       .map = map,
                                       .prefix = prefix,
                                       .ok = true};
    bool ok = check_keys(reader);

    if (ok && dialog == NULL)
        diagnostics_say(source->diagnostics, map->place, NULL, "the key 'dialog' is missing");
    else if (ok)
        reader->lines = dialog_read(&source->scratch, source->documents[0], dialog, source->diagnostics);
    ok = reader->lines != NULL &&
         each_read(&reader->each, source, value_of(reader, "each"), value_of(reader, "except"));
    for (size_t i = 0; ok && i < reader->each.case_count && !diagnostics_full(source->diagnostics) &&
                       !suite_is_full(source->suite);
         i++) {
        reader->ok = true;
        if (each_select(&reader->each, i))
            read_case(reader);
    }
    free(reader);
}
