/* Which cases a selection means. */
#include "run/glob.h"
#include "run/run.h"
#include "run/shard.h"
#include "run/stage.h"
#include "run/transports.h"
#include "yamldoc/suggestion.h"

/*
 * The words of a selection, in order: thousands of ids are looked for in thousands of scenarios when a fault is proved.
 */
struct words {
    struct bytes *plain; /* sorted: ids, folders and files above them, clauses */
    size_t plain_count;
    const char **globs;
    size_t glob_count;
};

static int compare_words(const void *a, const void *b)
{
    const struct bytes *left = (const struct bytes *)a;
    const struct bytes *right = (const struct bytes *)b;
    size_t shorter = left->size < right->size ? left->size : right->size;
    int order = shorter > 0 ? memcmp(left->data, right->data, shorter) : 0;

    return order != 0 ? order : (left->size > right->size) - (left->size < right->size);
}

/* WORD without the slash that may stand behind a folder. */
static struct bytes plain_word(const char *word)
{
    struct bytes plain = bytes_of(word);

    if (bytes_end_with(plain, BYTES_LITERAL("/")))
        plain.size--;
    return plain;
}

static struct words read_words(const char *const *selection, struct arena *arena)
{
    struct words words = {.plain_count = 0};
    size_t count = 0;

    while (selection != NULL && selection[count] != NULL)
        count++;
    words.plain = (struct bytes *)arena_new_array(arena, count, sizeof(*words.plain));
    words.globs = (const char **)arena_new_array(arena, count, sizeof(*words.globs));
    for (size_t i = 0; i < count; i++) {
        words.plain[words.plain_count++] = plain_word(selection[i]);
        if (glob_is_pattern(selection[i]))
            words.globs[words.glob_count++] = selection[i];
    }
    if (words.plain_count > 0)
        qsort(words.plain, words.plain_count, sizeof(*words.plain), compare_words);
    return words;
}

static bool has_word(const struct words *words, struct bytes word)
{
    return words->plain_count > 0 &&
           bsearch(&word, words->plain, words->plain_count, sizeof(word), compare_words) != NULL;
}

/* True when a word is the id, a folder or file above it, a glob that meets it, or a clause that it proves. */
static bool words_mean(const struct words *words, const struct scenario *scenario)
{
    struct bytes id = bytes_of(scenario->id);

    for (size_t i = 0; i <= id.size; i++) {
        if ((i == id.size || id.data[i] == '/') && has_word(words, bytes_slice(id, 0, i)))
            return true;
    }
    for (size_t i = 0; i < scenario->prove_count; i++) {
        if (has_word(words, bytes_of(scenario->proves[i])))
            return true;
    }
    for (size_t i = 0; i < words->glob_count; i++) {
        if (glob_match(words->globs[i], scenario->id))
            return true;
    }
    return false;
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

static bool is_selected(const struct run_options *options, const struct words *words,
                        const struct scenario *scenario)
{
    if (!list_is_empty(options->tags) && !has_one_of(scenario, options->tags))
        return false;
    if (has_one_of(scenario, options->skip_tags) || !slow_is_wanted(options, scenario))
        return false;
    return list_is_empty(options->selection) || words_mean(words, scenario);
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
    return error_hint(error, "`pop3spec list scenarios` and `pop3spec list clauses` show them all");
}

static bool means_something(const struct suite *suite, const char *word, struct arena *arena)
{
    const char *alone[] = {word, NULL};

    if (suite_find(suite, word) != NULL)
        return true;
    const struct words words = read_words(alone, arena);

    for (size_t i = 0; i < suite->scenario_count; i++) {
        if (words_mean(&words, &suite->scenarios[i]))
            return true;
    }
    return false;
}

static bool check_words(const struct run_options *options, struct arena *arena, struct error *error)
{
    for (const char *const *word = options->selection; word != NULL && *word != NULL; word++) {
        if (!means_something(options->suite, *word, arena))
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
    const struct words words = read_words(options->selection, arena);

    if (!check_words(options, arena, error) || !choose_transports(options, &chosen, error))
        return false;
    selection.cases = (struct run_case *)arena_new_array(arena, options->suite->scenario_count * chosen.count,
                                                         sizeof(*selection.cases));
    for (size_t i = 0; i < options->suite->scenario_count; i++) {
        const struct scenario *scenario = &options->suite->scenarios[i];
        struct chosen_transports own = transports_of(&chosen, scenario);

        for (size_t j = 0; is_selected(options, &words, scenario) && j < own.count; j++)
            selection.cases[selection.count++] = (struct run_case){scenario, own.items[j]};
    }
    if (selection.count == 0) {
        error_set(error, ERROR_USAGE, "no scenario is selected");
        return error_hint(
            error, "tags and selections may exclude each other; slow scenarios run with --tag slow only");
    }
    qsort(selection.cases, selection.count, sizeof(*selection.cases), compare_cases);
    if (options->shard.count > 0 && !shard_take(&options->shard, &selection, error))
        return false;
    *ret_selection = selection;
    return true;
}
