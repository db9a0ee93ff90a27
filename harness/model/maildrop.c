#include "model/maildrop.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Odd, with its bits spread evenly: the golden ratio's fraction. */
#define HASH_FACTOR UINT64_C(0x9E3779B97F4A7C15)

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
        /* Where fewer are known to be there, it is only the number that is wrong. */
        maildrop->too_large = !maildrop->count_known;
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

/*
 * Hashes: enough to tell lines apart that nobody chose to collide with each other. A message of a gigabyte passes
 * through here, so they are made of words of eight octets, and of two lanes that do not wait for each other.
 */

static uint64_t word_at(const uint8_t *data)
{
    uint64_t word;

    memcpy(&word, data, sizeof(word));
    return word;
}

/* The shift brings the high bits down again, which a product alone never does. */
static uint64_t hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_FACTOR;
    return hash ^ (hash >> 32);
}

/* The last word of OCTETS. Where it overlaps the word before, their size, which is hashed too, says how far. */
static uint64_t last_word(struct bytes octets)
{
    uint64_t word = 0;

    if (octets.size >= sizeof(word))
        return word_at(octets.data + octets.size - sizeof(word));
    for (size_t i = 0; i < octets.size; i++)
        word = word << 8 | octets.data[i];
    return word;
}

static uint64_t hash_octets(struct bytes octets)
{
    uint64_t even = octets.size;
    uint64_t odd = 0;
    size_t i = 0;

    for (; octets.size - i >= 2 * sizeof(uint64_t); i += 2 * sizeof(uint64_t)) {
        even = hash_word(even, word_at(octets.data + i));
        odd = hash_word(odd, word_at(octets.data + i + sizeof(uint64_t)));
    }
    if (octets.size - i >= sizeof(uint64_t))
        even = hash_word(even, word_at(octets.data + i));
    odd = hash_word(odd, last_word(octets));
    return hash_word(even, odd);
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

/*
 * Stores write into the header whether a message was read (Status, X-Status) and its unique-id (X-UIDL; RFC 1939
 * section 7 prefers those that are stored in the maildrop), so these lines may come, change and go while the message
 * stays the same: they are counted in octets, and compared with nothing.
 */
static bool is_store_header(struct bytes line)
{
    if ((line.data[0] | 0x20) == 's')
        return bytes_equal_nocase(bytes_slice(line, 0, 7), BYTES_LITERAL("Status:"));
    return (line.data[0] | 0x20) == 'x' &&
           (bytes_equal_nocase(bytes_slice(line, 0, 9), BYTES_LITERAL("X-Status:")) ||
            bytes_equal_nocase(bytes_slice(line, 0, 7), BYTES_LITERAL("X-UIDL:")));
}

/* Pieces of a line always begin at the same places (pop3/reply.h), so each can be hashed on its own. */
void line_chain_piece(struct line_chain *chain, struct line_feed *feed, struct bytes piece, bool last)
{
    bool header_line = chain->header_lines == 0 && last && feed->line_octets == 0 && piece.size > 0;

    if (header_line && is_store_header(piece)) {
        chain->octets += piece.size + 2;
        return;
    }
    if (chain->count < MESSAGE_LINES_MAX)
        feed->hash = hash_word(feed->hash, hash_octets(piece) + (last ? 1 : 0));
    feed->line_octets += piece.size;
    if (!last)
        return;
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

bool maildrop_keep(struct maildrop *maildrop, struct line_chain *slot, struct line_chain *chain)
{
    maildrop->line_count -= slot->count;
    line_chain_release(slot);
    if (chain->count > MAILDROP_LINES_MAX - maildrop->line_count) {
        line_chain_release(chain);
        return false;
    }
    *slot = *chain;
    slot->whole = true;
    maildrop->line_count += slot->count;
    *chain = (struct line_chain){0};
    return true;
}

bool line_chain_agree(const struct line_chain *a, const struct line_chain *b, size_t count)
{
    if (count == 0)
        return true;
    return a->count >= count && b->count >= count && a->hashes[count - 1] == b->hashes[count - 1];
}
