/* Which cases a selection means. */
#include "run/glob.h"
#include "run/run.h"
#include "run/stage.h"
#include "run/transports.h"
#include "yamldoc/suggestion.h"

/* True when WORD is ID, or a folder or file above it. */
static bool is_prefix(const char *word, const char *id)
{
    struct bytes prefix = bytes_of(word);
    struct bytes whole = bytes_of(id);

    if (bytes_end_with(prefix, BYTES_LITERAL("/")))
        prefix.size--;
    return bytes_start_with(whole, prefix) && (whole.size == prefix.size || whole.data[prefix.size] == '/');
}

static bool proves(const struct scenario *scenario, const char *clause)
{
    for (size_t i = 0; i < scenario->prove_count; i++)
        if (bytes_equal(bytes_of(scenario->proves[i]), bytes_of(clause)))
            return true;
    return false;
}

static bool word_means(const char *word, const struct scenario *scenario)
{
    return (glob_is_pattern(word) && glob_match(word, scenario->id)) || is_prefix(word, scenario->id) ||
           proves(scenario, word);
}

static bool is_tagged(const struct scenario *scenario, const char *tag)
{
    for (size_t i = 0; i < scenario->tag_count; i++)
        if (bytes_equal(bytes_of(scenario->tags[i]), bytes_of(tag)))
            return true;
    return false;
}

static bool has_one_of(const struct scenario *scenario, const char *const *tags)
{
    for (; tags != NULL && *tags != NULL; tags++)
        if (is_tagged(scenario, *tags))
            return true;
    return false;
}

static bool needs(const struct scenario *scenario, const char *ability)
{
    for (size_t i = 0; i < scenario->need_count; i++)
        if (bytes_equal(bytes_of(scenario->needs[i]), bytes_of(ability)))
            return true;
    return false;
}

static bool list_is_empty(const char *const *list)
{
    return list == NULL || list[0] == NULL;
}

/* A slow scenario runs when its tag or its very id is asked for, or where waiting costs nothing. */
static bool slow_is_wanted(const struct run_options *options, const struct scenario *scenario)
{
    if (!is_tagged(scenario, "slow") || (options->stage != NULL && options->stage->virtual_time))
        return true;
    for (const char *const *tag = options->tags; tag != NULL && *tag != NULL; tag++)
        if (bytes_equal(bytes_of(*tag), BYTES_LITERAL("slow")))
            return true;
    for (const char *const *word = options->selection; word != NULL && *word != NULL; word++)
        if (bytes_equal(bytes_of(*word), bytes_of(scenario->id)))
            return true;
    return false;
}

static bool is_selected(const struct run_options *options, const struct scenario *scenario)
{
    if (!list_is_empty(options->tags) && !has_one_of(scenario, options->tags))
        return false;
    if (has_one_of(scenario, options->skip_tags) || !slow_is_wanted(options, scenario))
        return false;
    if (list_is_empty(options->selection))
        return true;
    for (const char *const *word = options->selection; *word != NULL; word++)
        if (word_means(*word, scenario))
            return true;
    return false;
}

/* ---- words that mean nothing ---- */

/* Offers ID and the folders and file above it. */
static void offer_id(struct suggestion *suggestion, const char *id, struct arena *arena)
{
    suggestion_offer(suggestion, id);
    for (const char *slash = strchr(id, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
        suggestion_offer(suggestion, arena_text(arena, bytes_make(id, (size_t)(slash - id))));
}

static bool unknown_word(const struct run_options *options, const char *word, struct arena *arena,
                         struct error *error)
{
    struct suggestion suggestion;

    if (ledger_find(options->ledger, word) != NULL)
        return error_set(error, ERROR_USAGE, "no scenario proves the clause %s", word);
    suggestion_init(&suggestion, bytes_of(word));
    for (size_t i = 0; i < options->suite->scenario_count; i++)
        offer_id(&suggestion, options->suite->scenarios[i].id, arena);
    for (size_t i = 0; i < options->ledger->count; i++)
        suggestion_offer(&suggestion, options->ledger->clauses[i].id);
    error_set(error, ERROR_USAGE, "%s meets no scenario and is no clause", word);
    if (suggestion.nearest != NULL)
        return error_hint(error, "did you mean %s?", suggestion.nearest);
    return error_hint(error, "the command list shows all scenarios and clauses");
}

static bool check_words(const struct run_options *options, struct arena *arena, struct error *error)
{
    for (const char *const *word = options->selection; word != NULL && *word != NULL; word++) {
        bool found = false;

        for (size_t i = 0; !found && i < options->suite->scenario_count; i++)
            found = word_means(*word, &options->suite->scenarios[i]);
        if (!found)
            return unknown_word(options, *word, arena, error);
    }
    return true;
}

/* ---- transports ---- */

struct chosen_transports {
    const struct transport *items[16];
    size_t count;
};

static void choose(struct chosen_transports *chosen, const struct transport *transport)
{
    for (size_t i = 0; i < chosen->count; i++)
        if (chosen->items[i] == transport)
            return;
    if (chosen->count < sizeof(chosen->items) / sizeof(chosen->items[0]))
        chosen->items[chosen->count++] = transport;
}

static bool unknown_transport(const char *name, struct error *error)
{
    struct suggestion suggestion;
    size_t count;
    const struct transport *all = run_transports(&count);

    suggestion_init(&suggestion, bytes_of(name));
    suggestion_offer(&suggestion, "all");
    for (size_t i = 0; i < count; i++)
        suggestion_offer(&suggestion, all[i].name);
    error_set(error, ERROR_USAGE, "there is no transport %s", name);
    if (suggestion.nearest != NULL)
        return error_hint(error, "did you mean %s?", suggestion.nearest);
    return error_hint(error, "there are lines, octets, crlf, pipelined, stls, implicit and all");
}

static bool choose_transports(const struct run_options *options, struct chosen_transports *ret_chosen,
                              struct error *error)
{
    size_t count;
    const struct transport *all = run_transports(&count);

    ret_chosen->count = 0;
    if (list_is_empty(options->transports))
        choose(ret_chosen, transport_of_target(options->target));
    for (const char *const *name = options->transports; name != NULL && *name != NULL; name++) {
        const struct transport *found = transport_find(*name);

        if (bytes_equal(bytes_of(*name), BYTES_LITERAL("all")))
            for (size_t i = 0; i < count; i++)
                choose(ret_chosen, &all[i]);
        else if (found == NULL)
            return unknown_transport(*name, error);
        else
            choose(ret_chosen, found);
    }
    return true;
}

/*
 * A scenario that is about TLS secures its connections itself: under a transport that did so already it means nothing, and
 * what it puts into one segment behind STLS must stay in one. It runs once, over whole lines.
 */
static bool secures_itself(const struct scenario *scenario)
{
    return is_tagged(scenario, "tls") || needs(scenario, "stls") || needs(scenario, "implicit-tls");
}

static struct chosen_transports transports_of(const struct chosen_transports *chosen,
                                              const struct scenario *scenario)
{
    struct chosen_transports own = {.count = 0};

    for (size_t i = 0; i < chosen->count; i++)
        choose(&own, secures_itself(scenario) ? transport_of_security(SECURITY_NONE) : chosen->items[i]);
    return own;
}

static int compare_cases(const void *a, const void *b)
{
    const struct run_case *left = (const struct run_case *)a;
    const struct run_case *right = (const struct run_case *)b;
    int order = strcmp(left->scenario->id, right->scenario->id);

    return order != 0 ? order : strcmp(left->transport->name, right->transport->name);
}

bool run_select(const struct run_options *options, struct arena *arena, struct run_selection *ret_selection,
                struct error *error)
{
    struct run_selection selection = {.count = 0};
    struct chosen_transports chosen;

    if (!check_words(options, arena, error) || !choose_transports(options, &chosen, error))
        return false;
    selection.cases = (struct run_case *)arena_new_array(arena, options->suite->scenario_count * chosen.count,
                                                         sizeof(*selection.cases));
    for (size_t i = 0; i < options->suite->scenario_count; i++) {
        const struct scenario *scenario = &options->suite->scenarios[i];
        struct chosen_transports own = transports_of(&chosen, scenario);

        for (size_t j = 0; is_selected(options, scenario) && j < own.count; j++)
            selection.cases[selection.count++] = (struct run_case){scenario, own.items[j]};
    }
    if (selection.count == 0) {
        error_set(error, ERROR_USAGE, "no scenario is selected");
        return error_hint(
            error, "tags and selections may exclude each other; slow scenarios run with --tag slow only");
    }
    qsort(selection.cases, selection.count, sizeof(*selection.cases), compare_cases);
    *ret_selection = selection;
    return true;
}
