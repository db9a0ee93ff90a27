/* Messages in memory, as they were delivered. */
#include "base/check.h"
#include "base/memory.h"
#include "refserver/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory_message {
    struct stored_message base;
    uint8_t *octets; /* owned */
    size_t size;
};

struct memory_store {
    struct store base;
    struct stored_message **messages; /* one reference each */
    size_t count;
    uint64_t delivered; /* ever: unique-ids are never used again (RFC 1939 section 7) */
};

void stored_message_release(struct stored_message *message)
{
    CHECK(message->references > 0);
    if (--message->references == 0)
        message->ops->free_message(message);
}

void stored_messages_release(struct stored_message **messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        stored_message_release(messages[i]);
    free(messages);
}

static bool memory_list(struct store *base, struct error *error, struct stored_message ***ret_messages,
                        size_t *ret_count)
{
    struct memory_store *store = (struct memory_store *)base;
    struct stored_message **messages = memory_new_array(store->count + 1, sizeof(struct stored_message *));

    (void)error;
    for (size_t i = 0; i < store->count; i++) {
        messages[i] = store->messages[i];
        messages[i]->references++;
    }
    *ret_messages = messages;
    *ret_count = store->count;
    return true;
}

static bool memory_read(const struct stored_message *base, uint64_t offset, uint8_t *out, size_t size,
                        size_t *ret_size)
{
    const struct memory_message *message = (const struct memory_message *)base;
    struct bytes rest = offset < message->size ? bytes_slice(bytes_make(message->octets, message->size),
                                                             (size_t)offset, message->size)
                                               : BYTES_EMPTY;

    *ret_size = rest.size < size ? rest.size : size;
    if (*ret_size > 0)
        memcpy(out, rest.data, *ret_size);
    return true;
}

static void memory_forget(struct memory_store *store, const struct stored_message *message)
{
    for (size_t i = 0; i < store->count; i++)
        if (store->messages[i] == message) {
            stored_message_release(store->messages[i]);
            memmove(store->messages + i, store->messages + i + 1,
                    (store->count - i - 1) * sizeof(struct stored_message *));
            store->count--;
            return;
        }
}

static bool memory_remove(struct store *base, struct stored_message *const *messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memory_forget((struct memory_store *)base, messages[i]);
    return true;
}

static bool memory_deliver(struct store *base, struct bytes octets, const char *unique_id,
                           struct error *error)
{
    struct memory_store *store = (struct memory_store *)base;
    struct memory_message *message = memory_new(sizeof(struct memory_message));
    struct content_scan scan;

    (void)error;
    content_scan_init(&scan);
    content_scan_next(&scan, octets);
    message->base = (struct stored_message){base->ops, 1, "", content_scan_end(&scan)};
    message->octets = memory_new(octets.size + 1);
    message->size = octets.size;
    if (octets.size > 0)
        memcpy(message->octets, octets.data, octets.size);
    store->delivered++;
    if (unique_id != NULL)
        snprintf(message->base.unique_id, sizeof(message->base.unique_id), "%s", unique_id);
    else
        snprintf(message->base.unique_id, sizeof(message->base.unique_id), "%08llx.%016llx",
                 (unsigned long long)store->delivered, (unsigned long long)message->base.facts.hash);
    store->messages = memory_resize_array(store->messages, store->count + 1, sizeof(struct stored_message *));
    store->messages[store->count++] = &message->base;
    return true;
}

static void memory_free_message(struct stored_message *base)
{
    struct memory_message *message = (struct memory_message *)base;

    free(message->octets);
    free(message);
}

static void memory_free(struct store *base)
{
    struct memory_store *store = (struct memory_store *)base;

    stored_messages_release(store->messages, store->count);
    free(store);
}

static const struct store_ops memory_ops = {
    .list = memory_list,
    .read = memory_read,
    .remove = memory_remove,
    .deliver = memory_deliver,
    .free_message = memory_free_message,
    .free = memory_free,
};

struct store *memory_store_new(void)
{
    struct memory_store *store = memory_new(sizeof(struct memory_store));

    store->base.ops = &memory_ops;
    return &store->base;
}
