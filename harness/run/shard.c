#include "run/shard.h"

static bool takes_its_time(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->tag_count; i++) {
        struct bytes tag = bytes_of(scenario->tags[i]);

        if (bytes_equal(tag, BYTES_LITERAL("slow")) || bytes_equal(tag, BYTES_LITERAL("bad-login")))
            return true;
    }
    return false;
}

bool shard_take(const struct shard *shard, struct run_selection *selection, struct error *error)
{
    size_t slow_count = 0;
    size_t dealt_slow = 0;
    size_t dealt_other = 0;
    size_t kept = 0;

    for (size_t i = 0; i < selection->count; i++)
        slow_count += takes_its_time(selection->cases[i].scenario);
    for (size_t i = 0; i < selection->count; i++) {
        bool slow = takes_its_time(selection->cases[i].scenario);
        size_t place = slow ? dealt_slow++ : slow_count + dealt_other++;

        if (place % shard->count == shard->index - 1)
            selection->cases[kept++] = selection->cases[i];
    }
    if (kept == 0) {
        error_set(error, ERROR_USAGE, "nothing is left for shard %u of %u", shard->index, shard->count);
        return error_hint(error, "%zu cases are selected: make no more shards than that", selection->count);
    }
    selection->count = kept;
    return true;
}
