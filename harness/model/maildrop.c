#include "model/maildrop.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* After FNV-1a (Fowler, Noll, Vo), by words: enough to tell lines apart that nobody chose to collide with each other. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

/* Octets of unique-ids and the like that one session may make us keep. */
#define MAILDROP_OCTETS_MAX (16u * 1024 * 1024)

void maildrop_init(struct maildrop *maildrop)
{
    *maildrop = (struct maildrop){0};
    arena_init(&maildrop->arena, MAILDROP_OCTETS_MAX);
}

void maildrop_release(struct maildrop *maildrop)
{
    for (size_t i = 0; i < maildrop->capacity; i++) {
        line_chain_release(&maildrop->messages[i].retrieved);
        line_chain_release(&maildrop->messages[i].top);
    }
    free(maildrop->messages);
    arena_release(&maildrop->arena);
    maildrop_init(maildrop);
}

struct message *maildrop_message(struct maildrop *maildrop, uint64_t number)
{
    if (number == 0 || maildrop->too_large)
        return NULL;
    if (number > MAILDROP_MESSAGES_MAX) {
        maildrop->too_large = true;
        return NULL;
    }
    if (number > maildrop->capacity) {
        size_t capacity = maildrop->capacity > 0 ? maildrop->capacity : 16;

        while (capacity < number)
            capacity *= 2;
        maildrop->messages = memory_resize_array(maildrop->messages, capacity, sizeof(struct message));
        memset(maildrop->messages + maildrop->capacity, 0,
               (capacity - maildrop->capacity) * sizeof(struct message));
        maildrop->capacity = capacity;
    }
    return &maildrop->messages[number - 1];
}

const struct message *maildrop_known(const struct maildrop *maildrop, uint64_t number)
{
    return number > 0 && number <= maildrop->capacity ? &maildrop->messages[number - 1] : NULL;
}

/* Eight octets at a step: a message of a gigabyte passes through here. Pieces of a line always begin at the same
 * places (pop3/reply.h), so the steps do too. */
static uint64_t hash_octets(uint64_t hash, struct bytes octets)
{
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= octets.size; i += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, octets.data + i, sizeof(word));
        hash = (hash ^ word) * HASH_PRIME;
        hash ^= hash >> 29;
    }
    for (; i < octets.size; i++)
        hash = (hash ^ octets.data[i]) * HASH_PRIME;
    return hash;
}

static void line_chain_push(struct line_chain *chain, uint64_t hash)
{
    if (chain->count == MESSAGE_LINES_MAX) {
        chain->overflowed = true;
        return;
    }
    if (chain->count == chain->capacity) {
        chain->capacity = chain->capacity > 0 ? chain->capacity * 2 : 32;
        chain->hashes = memory_resize_array(chain->hashes, chain->capacity, sizeof(uint64_t));
    }
    chain->hashes[chain->count++] = hash;
}

void line_chain_piece(struct line_chain *chain, struct line_feed *feed, struct bytes piece, bool last)
{
    if (feed->hash == 0)
        feed->hash = HASH_START;
    feed->hash = hash_octets(feed->hash, piece);
    feed->line_octets += piece.size;
    if (!last)
        return;
    feed->hash = hash_octets(feed->hash, BYTES_LITERAL("\n"));
    line_chain_push(chain, feed->hash);
    chain->octets += feed->line_octets + 2;
    if (feed->line_octets == 0 && chain->header_lines == 0)
        chain->header_lines = chain->count;
    feed->line_octets = 0;
}

void line_chain_release(struct line_chain *chain)
{
    free(chain->hashes);
    *chain = (struct line_chain){0};
}

bool line_chain_agree(const struct line_chain *a, const struct line_chain *b, size_t count)
{
    if (count == 0)
        return true;
    return a->count >= count && b->count >= count && a->hashes[count - 1] == b->hashes[count - 1];
}
