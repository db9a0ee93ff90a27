#include "lab/combinations.h"

#include "base/check.h"
#include "base/rng.h"
#include "lab/word_in.h"

static const struct {
    const char *what;
    enum variant variants[SETTING_VARIANTS_MAX];
    size_t count;
} table[] = {
#define COMBINATION(what, ...)                                                                               \
    {what, {__VA_ARGS__}, sizeof((enum variant[]){__VA_ARGS__}) / sizeof(enum variant)},
#define TOGETHER(first, second, skips)
#include "lab/combinations.def"
#undef COMBINATION
#undef TOGETHER
};

static const struct {
    enum variant first;
    enum variant second;
    const char *skips;
} emergent[] = {
#define COMBINATION(what, ...)
#define TOGETHER(first, second, skips) {VARIANT_##first, VARIANT_##second, skips},
#include "lab/combinations.def"
#undef COMBINATION
#undef TOGETHER
};

static bool has_variant(const struct setting *setting, enum variant variant)
{
    for (size_t i = 0; i < setting->variant_count; i++) {
        if (setting->variants[i] == variant)
            return true;
    }
    return false;
}

bool combination_lacks(const struct setting *setting, const char *ability)
{
    for (size_t i = 0; i < sizeof(emergent) / sizeof(emergent[0]); i++) {
        if (has_variant(setting, emergent[i].first) && has_variant(setting, emergent[i].second) &&
            word_in(emergent[i].skips, ability))
            return true;
    }
    return false;
}

enum { TABLE_COUNT = sizeof(table) / sizeof(table[0]), PAIR_COUNT = VARIANT_COUNT * (VARIANT_COUNT - 1) / 2 };

static size_t find_pairs(struct setting *ret_pairs)
{
    size_t count = 0;

    for (int first = 0; first < VARIANT_COUNT; first++) {
        for (int second = first + 1; second < VARIANT_COUNT; second++) {
            const enum variant pair[] = {(enum variant)first, (enum variant)second};

            if (setting_of_variants(pair, 2, &ret_pairs[count]))
                count++;
        }
    }
    return count;
}

/* Puts a choice of COUNT pairs in front. */
static void choose(struct setting *pairs, size_t total, size_t count, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed);
    for (size_t i = 0; i < count; i++) {
        size_t other = i + (size_t)rng_below(&rng, total - i);
        struct setting chosen = pairs[other];

        pairs[other] = pairs[i];
        pairs[i] = chosen;
    }
}

struct combination *combinations_choose(size_t pairs_max, uint64_t seed, struct arena *arena,
                                        size_t *ret_count)
{
    struct combination *all = arena_new_array(arena, TABLE_COUNT + PAIR_COUNT, sizeof(*all));
    struct setting *pairs = arena_new_array(arena, PAIR_COUNT, sizeof(*pairs));
    size_t possible = find_pairs(pairs);
    size_t wanted = possible < pairs_max ? possible : pairs_max;

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        bool is_possible = setting_of_variants(table[i].variants, table[i].count, &all[i].setting);

        CHECK(is_possible);
        all[i].what = table[i].what;
    }
    if (wanted < possible)
        choose(pairs, possible, wanted, seed);
    for (size_t i = 0; i < wanted; i++)
        all[TABLE_COUNT + i].setting = pairs[i];
    *ret_count = TABLE_COUNT + wanted;
    return all;
}

static bool variant_of_word(struct bytes word, enum variant *ret_variant)
{
    for (int i = 0; i < VARIANT_COUNT; i++) {
        if (bytes_equal(word, bytes_of(variant_info((enum variant)i)->id))) {
            *ret_variant = (enum variant)i;
            return true;
        }
    }
    return false;
}

bool combination_of_id(const char *id, struct combination *ret_combination, struct error *error)
{
    enum variant variants[SETTING_VARIANTS_MAX];
    struct bytes rest = bytes_of(id);
    struct bytes word;
    size_t count = 0;

    while (bytes_split(&rest, '+', &word)) {
        if (count == SETTING_VARIANTS_MAX)
            return error_set(error, ERROR_USAGE, "'%s' combines more than %d variants", id,
                             SETTING_VARIANTS_MAX);
        if (!variant_of_word(word, &variants[count++])) {
            error_set(error, ERROR_USAGE, "there is no variant called '%.*s'", (int)word.size,
                      (const char *)word.data);
            return error_hint(error, "`pop3spec list variants` shows them");
        }
    }
    *ret_combination = (struct combination){.what = NULL};
    if (!setting_of_variants(variants, count, &ret_combination->setting))
        return error_set(error, ERROR_USAGE,
                         "no server can be all of '%s': they contradict each other, or leave no login", id);
    return true;
}
