/*
 * Where messages lie. A store is one user's maildrop as it is on the disk or in memory; what a session sees of it is
 * refserver/maildrop.h. A listed message is counted by references, so that a session which opened the maildrop keeps
 * what it has seen, whoever removes it meanwhile.
 */
#ifndef REFSERVER_STORE_H
#define REFSERVER_STORE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "refserver/content.h"

struct stored_message;
struct store;

struct store_ops {
    /* All messages in order, each with a reference for the caller, in an array that the caller frees. */
    bool (*list)(struct store *store, struct error *error, struct stored_message ***ret_messages,
                 size_t *ret_count);
    /* Up to SIZE stored octets from OFFSET; *ret_size is 0 at the end. False when they cannot be read any more. */
    bool (*read)(const struct stored_message *message, uint64_t offset, uint8_t *out, size_t size,
                 size_t *ret_size);
    /* Removes all of MESSAGES, or none and returns false. One that is gone already counts as removed. */
    bool (*remove)(struct store *store, struct stored_message *const *messages, size_t count);
    /* Adds a message at the end. UNIQUE_ID may be NULL: the store makes one. */
    bool (*deliver)(struct store *store, struct bytes octets, const char *unique_id, struct error *error);
    /* Frees a message that nobody refers to. */
    void (*free_message)(struct stored_message *message);
    void (*free)(struct store *store);
};

struct store {
    const struct store_ops *ops;
};

struct stored_message {
    const struct store_ops *ops;
    unsigned references;
    char unique_id[UNIQUE_ID_OCTETS_MAX + 1]; /* visible ASCII (RFC 1939 section 7), one to 70 octets */
    struct content_facts facts;
};

/* Gives one reference back. */
void stored_message_release(struct stored_message *message);
/* Gives COUNT references back and frees the array. */
void stored_messages_release(struct stored_message **messages, size_t count);

/* Messages in memory. The caller frees the store with its ops. */
struct store *memory_store_new(void);
/*
 * A Maildir: the files in FOLDER's new/ and cur/, ordered by name; the unique-id is the name without its flags.
 * False when FOLDER has no such subfolders.
 */
bool maildir_store_new(const char *folder, struct error *error, struct store **ret_store);

#endif
