#include "refserver/refserver.h"

#include "base/memory.h"
#include "refserver/server.h"
#include "refserver/session.h"

#include <stdlib.h>
#include <string.h>

struct refserver *refserver_new(uint64_t seed, const struct refserver_digests *digests)
{
    struct refserver *server = memory_new(sizeof(struct refserver));

    policy_init(&server->policy);
    server->digests = digests;
    rng_init(&server->rng, seed);
    buf_init(&server->scratch[0], BUF_UNBOUNDED);
    buf_init(&server->scratch[1], BUF_UNBOUNDED);
    return server;
}

void refserver_free(struct refserver *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->user_count; i++) {
        struct user *user = server->users[i];

        user->store->ops->free(user->store);
        free(user->name);
        free(user->password);
        free(user->apop_secret);
        free(user->token);
        free(user);
    }
    free(server->users);
    free(server->surveyed);
    buf_release(&server->scratch[0]);
    buf_release(&server->scratch[1]);
    free(server);
}

void refserver_set_saslprep(struct refserver *server, refserver_saslprep *saslprep)
{
    server->saslprep = saslprep;
}

void refserver_set_policy(struct refserver *server, const struct policy *policy)
{
    server->policy = *policy;
}

const struct policy *refserver_policy(const struct refserver *server)
{
    return &server->policy;
}

void refserver_set_fault(struct refserver *server, enum fault fault, bool active)
{
    size_t kept = 0;

    for (size_t i = 0; i < server->active_count; i++)
        if (server->active[i] != fault)
            server->active[kept++] = server->active[i];
    if (active)
        server->active[kept++] = fault;
    server->active_count = kept;
}

void refserver_clear_faults(struct refserver *server)
{
    server->active_count = 0;
}

struct user *refserver_find_user(const struct refserver *server, struct bytes name)
{
    for (size_t i = 0; i < server->user_count; i++)
        if (bytes_equal(bytes_of(server->users[i]->name), name))
            return server->users[i];
    return NULL;
}

/* Takes over STORE, unless the name cannot be had. */
static bool add_user(struct refserver *server, const char *name, const char *password, struct store *store)
{
    size_t length = strlen(name);

    if (length == 0 || length > NAME_OCTETS_MAX || refserver_find_user(server, bytes_of(name)) != NULL) {
        store->ops->free(store);
        return false;
    }
    struct user *user = memory_new(sizeof(struct user));

    user->name = memory_copy_text(name);
    user->password = memory_copy_text(password);
    user->store = store;
    server->users = memory_resize_array(server->users, server->user_count + 1, sizeof(struct user *));
    server->users[server->user_count++] = user;
    return true;
}

bool refserver_add_user(struct refserver *server, const char *name, const char *password)
{
    return add_user(server, name, password, memory_store_new());
}

bool refserver_add_maildir_user(struct refserver *server, const char *name, const char *password,
                                const char *folder, struct error *error)
{
    struct store *store;

    if (!maildir_store_new(folder, error, &store))
        return false;
    if (!add_user(server, name, password, store))
        return error_set(error, ERROR_USAGE, "'%s' cannot be a user: the name is empty, too long, or taken",
                         name);
    return true;
}

bool refserver_set_apop_secret(struct refserver *server, const char *name, const char *secret)
{
    struct user *user = refserver_find_user(server, bytes_of(name));

    if (user == NULL)
        return false;
    free(user->apop_secret);
    user->apop_secret = memory_copy_text(secret);
    return true;
}

bool refserver_set_token(struct refserver *server, const char *name, const char *token)
{
    struct user *user = refserver_find_user(server, bytes_of(name));

    if (user == NULL)
        return false;
    free(user->token);
    user->token = memory_copy_text(token);
    server->has_tokens = true;
    return true;
}

bool refserver_fail_update(struct refserver *server, const char *name, bool fails)
{
    struct user *user = refserver_find_user(server, bytes_of(name));

    if (user == NULL)
        return false;
    user->update_fails = fails;
    return true;
}

/* NULL with ERROR set when there is none. */
static struct user *find_user(const struct refserver *server, const char *name, struct error *error)
{
    struct user *user = refserver_find_user(server, bytes_of(name));

    if (user == NULL)
        error_set(error, ERROR_USAGE, "the reference server has no user '%s'", name);
    return user;
}

bool refserver_reset(struct refserver *server, const char *name, struct error *error)
{
    struct user *user = find_user(server, name, error);
    struct stored_message **messages;
    size_t count;

    if (user == NULL || !user->store->ops->list(user->store, error, &messages, &count))
        return false;
    bool removed = user->store->ops->remove(user->store, messages, count);

    stored_messages_release(messages, count);
    user->lock_owner = 0;
    user->last = 0;
    user->logged_in_before = false;
    user->named_count = user->login_count = user->broken_count = 0;
    user->opened_count = 0;
    user->abandoned_marks = 0;
    user->oldest_serial = server->session_count + 1;
    return removed || error_set(error, ERROR_HOST, "the maildrop of '%s' cannot be emptied", name);
}

bool refserver_deliver(struct refserver *server, const char *name, struct bytes octets, struct error *error)
{
    return refserver_deliver_as(server, name, NULL, octets, error);
}

/* What a store makes of OCTETS when they are delivered. */
static void append_delivered(const struct policy *policy, struct bytes octets, struct buf *kept)
{
    if (policy->delivery_adds_header)
        buf_append_format(kept, "Received: by %s\r\nStatus: O\r\n", policy->host);
    while (policy->delivery_quotes_from && octets.size > 0) {
        size_t lf = bytes_find_octet(octets, '\n');
        struct bytes line = bytes_slice(octets, 0, lf == BYTES_NOT_FOUND ? octets.size : lf + 1);

        if (bytes_start_with(line, BYTES_LITERAL("From ")))
            buf_append_octet(kept, '>');
        buf_append(kept, line);
        octets = bytes_from(octets, line.size);
    }
    buf_append(kept, octets);
}

bool refserver_deliver_as(struct refserver *server, const char *name, const char *unique_id,
                          struct bytes octets, struct error *error)
{
    struct user *user = find_user(server, name, error);
    struct buf kept;

    if (user == NULL)
        return false;
    buf_init(&kept, BUF_UNBOUNDED);
    append_delivered(&server->policy, octets, &kept);
    bool delivered = user->store->ops->deliver(user->store, buf_bytes(&kept), unique_id, error);

    buf_release(&kept);
    return delivered;
}

/* Lists the maildrop of NAME; an unknown user's and one that cannot be listed are empty. */
static struct stored_message **list_messages(struct refserver *server, const char *name, size_t *ret_count)
{
    struct stored_message **messages = NULL;
    struct error error;
    const struct user *user = find_user(server, name, &error);

    *ret_count = 0;
    if (user != NULL)
        (void)user->store->ops->list(user->store, &error, &messages, ret_count);
    return messages;
}

size_t refserver_message_count(struct refserver *server, const char *name)
{
    size_t count;
    struct stored_message **messages = list_messages(server, name, &count);

    stored_messages_release(messages, count);
    return count;
}

static bool read_message(const struct stored_message *message, struct buf *ret_octets)
{
    uint8_t piece[4096];
    uint64_t offset = 0;
    size_t size;

    while (message->ops->read(message, offset, piece, sizeof(piece), &size)) {
        if (size == 0)
            return true;
        if (!buf_append(ret_octets, bytes_make(piece, size)))
            return false;
        offset += size;
    }
    return false;
}

bool refserver_message(struct refserver *server, const char *name, size_t index, struct buf *ret_octets)
{
    size_t count;
    struct stored_message **messages = list_messages(server, name, &count);
    bool found = index < count && read_message(messages[index], ret_octets);

    stored_messages_release(messages, count);
    return found;
}

const struct refserver_record *refserver_record(const struct refserver *server)
{
    return &server->record;
}

void refserver_forget_connections(struct refserver *server)
{
    server->cut_short = server->cut_short_behind_stls = server->vanished = server->silent = false;
    server->puzzled = server->formatted = server->encoded_badly = server->line_empty = server->eighth_bit =
        false;
    server->longest_line = 0;
}

void refserver_clear_record(struct refserver *server)
{
    refserver_forget_connections(server);
    server->first_serial = server->session_count + 1;
    server->record = (struct refserver_record){0};
}

unsigned refserver_seams_consulted(const struct refserver *server)
{
    return server->record.seams;
}

bool refserver_fault_acted(const struct refserver *server, enum fault fault)
{
    return (server->record.acted[fault / 64] >> (fault % 64) & 1) != 0;
}

void refserver_survey(struct refserver *server, bool survey)
{
    server->survey = survey;
    if (server->surveyed == NULL)
        server->surveyed = memory_new_array(SEAM_COUNT, sizeof(*server->surveyed));
    memset(server->surveyed_count, 0, sizeof(server->surveyed_count));
    for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
        enum seam seam = fault_info(fault)->seam;

        server->surveyed[seam][server->surveyed_count[seam]++] = fault;
    }
}
