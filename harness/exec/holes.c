/*
 * What holes stand for: what was delivered (where the store keeps it exactly), else what the session said, else any
 * number. A hole without a value makes its step impossible, never failed.
 */
#include "exec/machine_private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is stored ---- */

static bool is_ascii(struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] > 0x7F)
            return false;
    }
    return true;
}

void holes_add_stored(struct machine *machine, const struct fixture *fixture, struct bytes octets)
{
    if (machine->stored_count == machine->stored_capacity) {
        machine->stored_capacity = machine->stored_capacity > 0 ? machine->stored_capacity * 2 : 8;
        machine->stored =
            memory_resize_array(machine->stored, machine->stored_capacity, sizeof(struct stored));
    }
    machine->stored[machine->stored_count++] =
        (struct stored){.fixture = fixture, .octets = octets, .there = true, .ascii = is_ascii(octets)};
}

/* What is known of the messages that the session sees. */
static void give_hints(struct machine *machine, const struct link *link)
{
    const struct snapshot *snapshot = &link->snapshot;

    if (!machine->options.scenario->mailbox_given || !machine->options.facts.delivery_order)
        return;
    struct message_hint *hints =
        arena_new_array(&machine->arena, snapshot->count, sizeof(struct message_hint));

    for (size_t i = 0; i < snapshot->count; i++) {
        const struct stored *stored = &machine->stored[snapshot->stored[i]];

        hints[i] = (struct message_hint){
            .clean = stored->fixture->clean,
            .final_newline = stored->fixture->final_newline,
            .same_as = stored->fixture,
            .identical = !stored->fixture->identified,
            .eight_bit = !stored->ascii,
        };
    }
    conversation_hint_messages(link->conversation, hints, snapshot->count);
}

void holes_take_snapshot(struct machine *machine, struct link *link)
{
    struct snapshot *snapshot = &link->snapshot;

    if (link->other_account || machine->uncertain)
        return;
    snapshot->stored = memory_resize_array(snapshot->stored, machine->stored_count + 1, sizeof(size_t));
    snapshot->count = 0;
    snapshot->taken = true;
    for (size_t i = 0; i < machine->stored_count; i++) {
        if (machine->stored[i].there)
            snapshot->stored[snapshot->count++] = i;
    }
    give_hints(machine, link);
}

void holes_keep_unique_ids(struct machine *machine, struct link *link)
{
    const struct maildrop *maildrop = conversation_maildrop(link->conversation);

    if (!link->snapshot.taken || !machine->options.facts.delivery_order)
        return;
    for (size_t i = 0; i < link->snapshot.count; i++) {
        const struct message *message = maildrop_known(maildrop, i + 1);
        struct stored *stored = &machine->stored[link->snapshot.stored[i]];

        if (message != NULL && message->unique_id_known && stored->unique_id.data == NULL)
            stored->unique_id = arena_copy(&machine->arena, message->unique_id);
    }
}

void holes_commit(struct machine *machine, struct link *link, bool granted)
{
    holes_keep_unique_ids(machine, link);
    if (!granted) {
        machine->uncertain =
            machine->uncertain || (conversation_any_mark(link->conversation) && link->snapshot.taken);
        return;
    }
    for (size_t i = 0; link->snapshot.taken && i < link->snapshot.count; i++) {
        if (conversation_marked(link->conversation, i + 1))
            machine->stored[link->snapshot.stored[i]].there = false;
    }
}

/* ---- values ---- */

static void give_text(struct machine *machine, struct hole_value *value, struct bytes text)
{
    struct buf *storage = &machine->hole_texts[value->count];

    buf_clear(storage);
    buf_append(storage, text);
    value->texts[value->count++] = buf_bytes(storage);
}

static void give_number(struct machine *machine, struct hole_value *value, uint64_t number)
{
    struct buf *storage = &machine->hole_texts[value->count];

    buf_clear(storage);
    buf_append_format(storage, "%llu", (unsigned long long)number);
    value->texts[value->count++] = buf_bytes(storage);
}

static void refuse(struct machine *machine, struct hole_value *value, const char *format, const char *name)
{
    buf_clear(&machine->hole_why);
    buf_append_format(&machine->hole_why, "%s", format);
    if (name != NULL)
        buf_append_format(&machine->hole_why, " (%s)", name);
    value->why_not = buf_text(&machine->hole_why);
}

static bool is_exact(const struct machine *machine)
{
    return machine->options.facts.exact_store && machine->options.facts.delivery_order;
}

/* The message-number in LINK's session of the hole's fixture; 0 and a reason when it has none. */
static uint64_t number_of(struct machine *machine, const struct link *link, const struct hole *hole,
                          struct hole_value *value)
{
    uint32_t ordinal = 0;

    if (!link->snapshot.taken && machine->uncertain) {
        refuse(machine, value, "QUIT was refused before, so what was marked may be there or not", hole->name);
        return 0;
    }
    if (!link->snapshot.taken) {
        refuse(machine, value, "no session has begun on this connection", hole->name);
        return 0;
    }
    if (!machine->options.facts.delivery_order && link->snapshot.count > 1) {
        refuse(machine, value, "the server does not number messages in the order of delivery", NULL);
        return 0;
    }
    for (size_t i = 0; i < link->snapshot.count; i++) {
        const struct stored *stored = &machine->stored[link->snapshot.stored[i]];

        if (strcmp(stored->fixture->name, hole->name) == 0 && ++ordinal == hole->ordinal)
            return i + 1;
    }
    refuse(machine, value, "the fixture is not in the mailbox", hole->name);
    return 0;
}

static const struct stored *stored_at(const struct machine *machine, const struct link *link, uint64_t number)
{
    return &machine->stored[link->snapshot.stored[number - 1]];
}

static void resolve_count(struct machine *machine, const struct link *link, struct hole_value *value)
{
    const struct maildrop *maildrop = conversation_maildrop(link->conversation);
    bool delivered = machine->options.scenario->mailbox_given && link->snapshot.taken;
    uint64_t count = delivered ? link->snapshot.count : maildrop->count;
    uint64_t marked = 0;

    if (!delivered && !maildrop->count_known) {
        value->any_number = true;
        return;
    }
    for (uint64_t number = 1; number <= count; number++)
        marked += conversation_marked(link->conversation, number) ? 1 : 0;
    give_number(machine, value, count - marked);
}

static uint64_t missing_line_end(const struct stored *stored)
{
    return bytes_end_with(stored->octets, BYTES_LITERAL("\r\n")) ? 0 : 2;
}

/* Both counts are right for a message stored without its last line end: with it as RETR sends it, or without. */
static void give_size(struct machine *machine, struct hole_value *value, uint64_t octets, uint64_t line_ends)
{
    give_number(machine, value, octets + line_ends);
    if (line_ends > 0)
        give_number(machine, value, octets);
}

static void sum_delivered(struct machine *machine, const struct link *link, struct hole_value *value)
{
    uint64_t sum = 0;
    uint64_t line_ends = 0;

    for (size_t i = 0; i < link->snapshot.count; i++) {
        const struct stored *stored = stored_at(machine, link, i + 1);

        if (conversation_marked(link->conversation, i + 1))
            continue;
        sum += stored->octets.size;
        line_ends += missing_line_end(stored);
    }
    give_size(machine, value, sum, line_ends);
}

static void sum_learnt(struct machine *machine, const struct link *link, struct hole_value *value)
{
    const struct maildrop *maildrop = conversation_maildrop(link->conversation);
    uint64_t sum = 0;

    value->any_number = true;
    if (!maildrop->count_known || maildrop->too_large)
        return;
    for (uint64_t number = 1; number <= maildrop->count; number++) {
        const struct message *message = maildrop_known(maildrop, number);

        if (conversation_marked(link->conversation, number))
            continue;
        if (message == NULL || !message->size_known || message->size > UINT64_MAX - sum)
            return;
        sum += message->size;
    }
    value->any_number = false;
    give_number(machine, value, sum);
}

static void resolve_octets(struct machine *machine, const struct link *link, const struct hole *hole,
                           struct hole_value *value)
{
    bool delivered = machine->options.scenario->mailbox_given && link->snapshot.taken && is_exact(machine);

    if (hole->name == NULL) {
        if (delivered)
            sum_delivered(machine, link, value);
        else
            sum_learnt(machine, link, value);
        return;
    }
    uint64_t number = number_of(machine, link, hole, value);

    if (number == 0)
        return;
    if (conversation_marked(link->conversation, number)) {
        refuse(machine, value, "the message is marked as deleted", hole->name);
        return;
    }
    const struct stored *stored = stored_at(machine, link, number);
    const struct message *message = maildrop_known(conversation_maildrop(link->conversation), number);

    if (delivered && stored->fixture->clean)
        give_size(machine, value, stored->octets.size, missing_line_end(stored));
    else if (message != NULL && message->size_known)
        give_number(machine, value, message->size);
    else
        value->any_number = true;
}

static void resolve_number(struct machine *machine, const struct link *link, const struct hole *hole,
                           struct hole_value *value)
{
    uint64_t number = number_of(machine, link, hole, value);

    if (number > 0)
        give_number(machine, value, number);
}

/* The unique-id first seen for the message, in whatever session of this scenario. */
static struct bytes first_unique_id(struct machine *machine, const struct link *link, uint64_t number)
{
    if (link->snapshot.taken && number >= 1 && number <= link->snapshot.count) {
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            if (machine->links[i].conversation != NULL)
                holes_keep_unique_ids(machine, &machine->links[i]);
        }
        if (stored_at(machine, link, number)->unique_id.data != NULL)
            return stored_at(machine, link, number)->unique_id;
    }
    const struct message *message = maildrop_known(conversation_maildrop(link->conversation), number);

    return message != NULL && message->unique_id_known ? message->unique_id : BYTES_EMPTY;
}

static void resolve_unique_id(struct machine *machine, const struct link *link, const struct hole *hole,
                              struct hole_value *value)
{
    uint64_t number = hole->name == NULL ? hole->number : number_of(machine, link, hole, value);

    if (number == 0)
        return;
    struct bytes unique_id = first_unique_id(machine, link, number);

    if (unique_id.data == NULL)
        refuse(machine, value, "no unique-id of this message was seen yet", hole->name);
    else
        give_text(machine, value, unique_id);
}

/* The part of MESSAGE that TOP sends: header, blank line and LINES lines of body. */
static struct bytes top_of(struct bytes message, uint64_t lines)
{
    size_t blank = bytes_find(message, BYTES_LITERAL("\r\n\r\n"));
    size_t end;

    if (blank == BYTES_NOT_FOUND)
        return message;
    for (end = blank + 4; lines > 0 && end < message.size; lines--) {
        size_t line = bytes_find(bytes_from(message, end), BYTES_LITERAL("\r\n"));

        end = line == BYTES_NOT_FOUND ? message.size : end + line + 2;
    }
    return bytes_slice(message, 0, end);
}

static void resolve_message(struct machine *machine, const struct link *link, const struct hole *hole,
                            struct hole_value *value)
{
    uint64_t number = number_of(machine, link, hole, value);

    if (number == 0)
        return;
    const struct stored *stored = stored_at(machine, link, number);

    if (!machine->options.facts.exact_store)
        refuse(machine, value, "the store alters messages on delivery", NULL);
    else if (hole->kind == HOLE_TOP)
        value->texts[value->count++] = top_of(stored->octets, hole->number);
    else
        value->texts[value->count++] = stored->octets;
}

static const struct account *account_of(const struct machine *machine, const struct hole *hole)
{
    uint64_t number = hole->number > 0 ? hole->number : 1;

    return number <= machine->options.account_count ? &machine->options.accounts[number - 1] : NULL;
}

static struct bytes account_text(const struct account *account, enum hole_kind kind)
{
    return bytes_of(kind == HOLE_USER ? account->user : kind == HOLE_PASS ? account->pass : account->token);
}

static void resolve_account(struct machine *machine, const struct hole *hole, struct hole_value *value)
{
    const struct account *account = account_of(machine, hole);

    if (account == NULL)
        refuse(machine, value, "the target has no such account", NULL);
    else if (hole->kind == HOLE_TOKEN && account->token == NULL)
        refuse(machine, value, "the account has no token", NULL);
    else
        give_text(machine, value, account_text(account, hole->kind));
}

static void resolve_apop(struct machine *machine, const struct link *link, const struct hole *hole,
                         struct hole_value *value)
{
    const struct account *account = machine->options.account_count > 0 ? &machine->options.accounts[0] : NULL;
    const struct link *greeted = hole->number > 0 ? machine_link(machine, (int)hole->number) : link;
    struct bytes timestamp =
        greeted->conversation != NULL ? conversation_timestamp(greeted->conversation) : BYTES_EMPTY;
    struct buf *storage = &machine->hole_texts[0];

    buf_clear(storage);
    if (account == NULL || account->apop_secret == NULL || timestamp.size == 0 ||
        !machine->options.credentials.apop_digest(timestamp, bytes_of(account->apop_secret), storage))
        refuse(machine, value, "APOP cannot be used: no timestamp in the greeting, or no secret", NULL);
    else
        value->texts[value->count++] = buf_bytes(storage);
}

static void resolve_cram_md5(struct machine *machine, const struct link *link, struct hole_value *value)
{
    const struct credential_ops *credentials = &machine->options.credentials;
    struct buf *storage = &machine->hole_texts[0];
    void *client = machine->options.account_count > 0
                       ? credentials->sasl_begin(LOGIN_AUTH_CRAM_MD5, &machine->options.accounts[0])
                       : NULL;

    buf_clear(storage);
    if (client == NULL ||
        credentials->sasl_step(client, buf_bytes(&link->challenge), storage) != SASL_COMPLETE)
        refuse(machine, value, "there is no challenge to answer", NULL);
    else
        value->texts[value->count++] = buf_bytes(storage);
    credentials->sasl_end(client);
}

static void resolve_sasl(struct machine *machine, int connection, struct hole_value *value)
{
    struct bytes answer;

    if (exchange_answer(machine, machine_link(machine, connection), &answer))
        give_text(machine, value, answer);
    else
        refuse(machine, value, "the exchange has no answer to the last challenge", NULL);
}

static bool variable_value(const struct machine *machine, const char *name, struct bytes *ret_value)
{
    size_t size = strlen(name);

    for (const char *const *variable = machine->options.variables; variable != NULL && *variable != NULL;
         variable++) {
        if (strncmp(*variable, name, size) == 0 && (*variable)[size] == '=') {
            *ret_value = bytes_of(*variable + size + 1);
            return true;
        }
    }
    return false;
}

static void resolve_name(struct machine *machine, const struct hole *hole, struct hole_value *value)
{
    struct bytes text;

    for (size_t i = 0; i < machine->name_count; i++) {
        if (strcmp(machine->names[i].name, hole->name) == 0) {
            give_text(machine, value, machine->names[i].value);
            return;
        }
    }
    if (variable_value(machine, hole->name, &text))
        give_text(machine, value, text);
    else
        refuse(machine, value, "the name is not bound yet", hole->name);
}

void holes_resolve(void *context, int connection, const struct hole *hole, struct hole_value *ret_value)
{
    struct machine *machine = context;
    const struct link *link = machine_link(machine, connection);

    *ret_value = (struct hole_value){0};
    if (link->conversation == NULL && hole->kind != HOLE_USER && hole->kind != HOLE_PASS &&
        hole->kind != HOLE_TOKEN && hole->kind != HOLE_NAME && hole->kind != HOLE_OTHER) {
        refuse(machine, ret_value, "the connection is not open", NULL);
        return;
    }
    switch (hole->kind) {
    case HOLE_USER:
    case HOLE_PASS:
    case HOLE_TOKEN:
        if (hole->number > 1)
            machine_link(machine, connection)->other_account = true;
        resolve_account(machine, hole, ret_value);
        return;
    case HOLE_APOP:
        resolve_apop(machine, link, hole, ret_value);
        return;
    case HOLE_COUNT:
        resolve_count(machine, link, ret_value);
        return;
    case HOLE_OCTETS:
        resolve_octets(machine, link, hole, ret_value);
        return;
    case HOLE_UID:
        resolve_unique_id(machine, link, hole, ret_value);
        return;
    case HOLE_NUMBER:
        resolve_number(machine, link, hole, ret_value);
        return;
    case HOLE_MESSAGE:
    case HOLE_TOP:
        resolve_message(machine, link, hole, ret_value);
        return;
    case HOLE_CHALLENGE:
        resolve_cram_md5(machine, link, ret_value);
        return;
    case HOLE_SASL:
        resolve_sasl(machine, hole->number > 0 ? (int)hole->number : connection, ret_value);
        return;
    case HOLE_NAME:
    case HOLE_OTHER:
        resolve_name(machine, hole, ret_value);
        return;
    case HOLE_BIND:
        refuse(machine, ret_value, "a name is bound by patterns only", hole->name);
        return;
    }
}

void holes_bind(void *context, const char *name, struct bytes value)
{
    struct machine *machine = context;

    for (size_t i = 0; i < machine->name_count; i++) {
        if (strcmp(machine->names[i].name, name) == 0) {
            machine->names[i].value = arena_copy(&machine->arena, value);
            return;
        }
    }
    if (machine->name_count < NAMES_MAX)
        machine->names[machine->name_count++] =
            (struct bound_name){.name = name, .value = arena_copy(&machine->arena, value)};
}
