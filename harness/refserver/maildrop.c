#include "refserver/maildrop.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

bool opened_maildrop_open(struct opened_maildrop *maildrop, struct store *store, struct error *error)
{
    struct stored_message **messages;
    size_t count;

    if (!store->ops->list(store, error, &messages, &count))
        return false;
    maildrop->messages = memory_new_array(count + 1, sizeof(struct opened_message));
    maildrop->count = count;
    for (size_t i = 0; i < count; i++)
        maildrop->messages[i].stored = messages[maildrop->newest_first ? count - 1 - i : i];
    free(messages);
    return true;
}

static const struct opened_message *find_by_unique_id(const struct opened_maildrop *maildrop,
                                                      const char *unique_id)
{
    for (size_t i = 0; i < maildrop->count; i++)
        if (strcmp(maildrop->messages[i].stored->unique_id, unique_id) == 0)
            return &maildrop->messages[i];
    return NULL;
}

void opened_maildrop_refresh(struct opened_maildrop *maildrop, struct store *store)
{
    struct opened_maildrop now = {.newest_first = maildrop->newest_first};
    struct error error;

    if (!opened_maildrop_open(&now, store, &error))
        return;
    for (size_t i = 0; i < now.count; i++) {
        const struct opened_message *known = find_by_unique_id(maildrop, now.messages[i].stored->unique_id);

        now.messages[i].marked = known != NULL && known->marked;
        now.messages[i].retrieved = known != NULL && known->retrieved;
    }
    now.last_before = maildrop->last_before;
    now.last = maildrop->last;
    opened_maildrop_close(maildrop);
    *maildrop = now;
}

size_t opened_maildrop_marked(const struct opened_maildrop *maildrop)
{
    size_t count = 0;

    for (size_t i = 0; i < maildrop->count; i++)
        count += maildrop->messages[i].marked ? 1 : 0;
    return count;
}

void opened_maildrop_close(struct opened_maildrop *maildrop)
{
    for (size_t i = 0; i < maildrop->count; i++)
        stored_message_release(maildrop->messages[i].stored);
    free(maildrop->messages);
    *maildrop = (struct opened_maildrop){0};
}
