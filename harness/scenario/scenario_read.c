#include "base/memory.h"
#include "scenario/diagnostics.h"
#include "scenario/flow.h"
#include "scenario/source.h"
#include "scenario/suite_internal.h"
#include "yamldoc/node.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { PARAMETERS_MAX = 8, CASES_MAX = 1000, LIST_MAX = 4096 };

static const char *const SCENARIO_KEYS[] = {"name",  "title", "proves", "impact",    "state", "mailbox",
                                            "needs", "tags",  "each",   "variables", "dialog"};

/* One parameter of `each` with all its values. */
struct axis {
    const char *name;
    struct parameter *values;
    size_t count;
    size_t at; /* the value of the case that is being compiled */
};

struct scenario_reader {
    struct source *source;
    struct arena *arena; /* the suite's */
    struct diagnostics *diagnostics;
    const struct node *map;
    const char *prefix;
    const struct dialog_line *lines;
    struct axis axes[PARAMETERS_MAX];
    size_t axis_count;
    struct parameter current[PARAMETERS_MAX];
    struct parameters parameters;
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
    return arena_text(reader->arena, parameters_fill(&reader->parameters, reader->arena, node->text));
}

/* A list of words with the parameters filled in, none twice. */
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
        if (word == NULL)
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
    for (size_t i = 0; i < words.count; i++)
        check_fixture(reader, words.words[i], words.nodes[i]->place);
    scenario->mailbox_given = true;
    scenario->mailbox = words.words;
    scenario->mailbox_count = words.count;
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

    if (state != NULL && !node_choice(state, "state", STATES, COUNT(STATES), &error, &index))
        add_error(reader, &error);
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

/* ---- each ---- */

/* A value as part of an id: lower case, "-" for anything else than letters and digits. */
static const char *label_of(struct arena *arena, struct bytes value)
{
    char *label = arena_text(arena, value);

    for (size_t i = 0; i < value.size; i++) {
        uint8_t octet = ascii_lower((uint8_t)label[i]);

        label[i] = (char)((octet >= 'a' && octet <= 'z') || ascii_is_digit(octet) ? octet : '-');
    }
    return label;
}

static bool check_label(struct scenario_reader *reader, const struct node *value, const char *label,
                        const struct axis *axis)
{
    struct error error;

    for (size_t i = 0; i < axis->count; i++) {
        if (strcmp(axis->values[i].label, label) != 0)
            continue;
        error_at(&error, value->place, "two values get the label '%.60s'", label);
        error_hint(&error, "write a map, LABEL: VALUE, with labels that differ");
        add_error(reader, &error);
        return false;
    }
    if (name_is_valid(bytes_of(label)))
        return true;
    error_at(&error, value->place, "'%.60s' is not a label", label);
    error_hint(&error, "write a map, LABEL: VALUE; a label is made of lower-case letters, digits and '-'");
    add_error(reader, &error);
    return false;
}

static bool read_value(struct scenario_reader *reader, const struct node *value, const char *label,
                       struct axis *axis)
{
    const char *swallowed;
    struct error error;

    if (!node_expect(value, NODE_SCALAR, axis->name, &error)) {
        add_error(reader, &error);
        return false;
    }
    swallowed = value->place.file == reader->map->place.file
                    ? scalar_swallowed(reader->source->documents[0], value)
                    : NULL;
    if (swallowed != NULL)
        diagnostics_say(reader->diagnostics, value->place, NULL, "%s", swallowed);
    if (!text_is_visible(value->text)) {
        diagnostics_say(reader->diagnostics, value->place,
                        "use single quotes, so that \\r and \\n stay as they are",
                        "YAML made a control character of an escape in this text");
        return false;
    }
    if (!check_label(reader, value, label, axis))
        return false;
    axis->values[axis->count++] =
        (struct parameter){axis->name, arena_copy(reader->arena, value->text), label};
    return true;
}

static void read_axis(struct scenario_reader *reader, const struct node *key)
{
    struct axis *axis = &reader->axes[reader->axis_count];
    const struct node *values = key->value;
    struct error error;

    if (!node_name(key, "parameter", &error, &axis->name)) {
        add_error(reader, &error);
        return;
    }
    if (values->kind == NODE_SCALAR || values->count == 0 || values->count > CASES_MAX) {
        diagnostics_say(reader->diagnostics, values->place, NULL,
                        "a parameter has a list or map of 1 to %d values", CASES_MAX);
        reader->ok = false;
        return;
    }
    axis->name = arena_text(reader->arena, key->text);
    axis->values = arena_new_array(reader->arena, values->count, sizeof(*axis->values));
    for (const struct node *item = values->first; item != NULL; item = item->next) {
        if (values->kind == NODE_MAP)
            read_value(reader, item->value, arena_text(reader->arena, item->text), axis);
        else
            read_value(reader, item, label_of(reader->arena, item->text), axis);
    }
    reader->axis_count++;
}

/* How many cases the parameters make; more than CASES_MAX are refused. */
static size_t count_cases(struct scenario_reader *reader, struct place place)
{
    size_t count = 1;

    for (size_t i = 0; i < reader->axis_count; i++) {
        count *= reader->axes[i].count;
        if (count > CASES_MAX) {
            diagnostics_say(reader->diagnostics, place, NULL, "'each' makes more than %d cases", CASES_MAX);
            return 0;
        }
    }
    return count;
}

static size_t read_each(struct scenario_reader *reader)
{
    const struct node *each = value_of(reader, "each");
    struct error error;

    if (each == NULL)
        return 1;
    if (!node_expect(each, NODE_MAP, "each", &error)) {
        add_error(reader, &error);
        return 0;
    }
    for (const struct node *key = each->first; key != NULL; key = key->next) {
        if (reader->axis_count == PARAMETERS_MAX) {
            diagnostics_say(reader->diagnostics, key->place, NULL, "'each' has more than %d parameters",
                            PARAMETERS_MAX);
            return 0;
        }
        read_axis(reader, key);
    }
    return reader->ok ? count_cases(reader, each->place) : 0;
}

/* Sets the parameters of case NUMBER: the last one changes fastest. */
static void set_parameters(struct scenario_reader *reader, size_t number)
{
    for (size_t i = reader->axis_count; i-- > 0;) {
        reader->current[i] = reader->axes[i].values[number % reader->axes[i].count];
        number /= reader->axes[i].count;
    }
    reader->parameters = (struct parameters){reader->current, reader->axis_count};
}

/* ---- cases ---- */

static const char *id_of(const struct scenario_reader *reader)
{
    struct buf id;

    buf_init(&id, BUF_UNBOUNDED);
    buf_append_format(&id, "%s/", reader->prefix);
    buf_append(&id, map_get(reader->map, "name")->text);
    for (size_t i = 0; i < reader->axis_count; i++)
        buf_append_format(&id, "/%s", reader->current[i].label);
    const char *kept = arena_text(reader->arena, buf_bytes(&id));

    buf_release(&id);
    return kept;
}

static void read_case(struct scenario_reader *reader)
{
    struct source *source = reader->source;
    struct scenario scenario = {.id = id_of(reader)};
    struct compilation compilation = {
        .arena = reader->arena,
        .diagnostics = reader->diagnostics,
        .fixtures = &source->suite->fixtures,
        .blocks = source->blocks,
        .block_count = source->block_count,
        .parameters = reader->parameters,
        .scenario = &scenario,
    };

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
    size_t count = reader->lines != NULL ? read_each(reader) : 0;

    for (size_t i = 0; i < count && !diagnostics_full(source->diagnostics) && !suite_is_full(source->suite);
         i++) {
        set_parameters(reader, i);
        reader->ok = true;
        read_case(reader);
    }
    free(reader);
}
