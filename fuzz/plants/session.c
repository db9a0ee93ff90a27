#include "plants.h"

#include "base/memory.h"
#include "model/conversation.h"
#include "pop3/command.h"
#include "refserver/refserver.h"
#include "refserver/store.h"

static void plant(struct refserver *server, enum fault fault, bool planted)
{
    if (planted)
        refserver_set_fault(server, fault, true);
}

static void plant_login_faults(struct refserver *server)
{
    plant(server, FAULT_PASS_WITHOUT_USER, PLANTED("asks-for-no-name", "session-credentials"));
    plant(server, FAULT_PASS_UNCHECKED, PLANTED("takes-any-password", "session-credentials"));
    plant(server, FAULT_UNKNOWN_NAME_IS_FIRST, PLANTED("takes-any-name", "session-credentials"));
    plant(server, FAULT_APOP_UNCHECKED, PLANTED("takes-any-digest", "session-credentials"));
    plant(server, FAULT_FIRST_PASS_REFUSED, PLANTED("refuses-the-first-login", "session-login"));
    plant(server, FAULT_FAILED_LOGIN_STICKS, PLANTED("remembers-a-failed-login", "session-login"));
    plant(server, FAULT_LOGIN_UNDER_TLS_REFUSED, PLANTED("refuses-logins-under-tls", "session-login"));
}

static void plant_faults_of_replies(struct refserver *server)
{
    plant(server, FAULT_LETTERS_BEHIND_NUMBER,
          PLANTED("ignores-letters-behind-a-number", "session-expected"));
    plant(server, FAULT_UNKNOWN_COMMAND_OK, PLANTED("takes-any-command", "session-expected"));
    plant(server, FAULT_LIST_EMPTY_ERR, PLANTED("refuses-to-list-nothing", "session-expected"));
    plant(server, FAULT_LISTINGS_REFUSED_LATER, PLANTED("lists-no-message-twice", "session-expected"));
    plant(server, FAULT_QUIT_ERR, PLANTED("refuses-to-quit", "session-expected"));
    plant(server, FAULT_CAPA_REFUSED, PLANTED("refuses-capa", "session-expected"));
    plant(server, FAULT_UNIQUE_IDS_CHANGE, PLANTED("changes-unique-ids", "session-unique-id"));
    plant(server, FAULT_UNIQUE_ID_REUSED, PLANTED("gives-a-unique-id-again", "session-unique-id"));
    plant(server, FAULT_UNIQUE_IDS_LOST_WITHOUT_UPDATE, PLANTED("loses-unique-ids", "session-unique-id"));
    plant(server, FAULT_UNIQUE_ID_IS_NUMBER, PLANTED("numbers-unique-ids", "session-unique-id"));
    plant(server, FAULT_NAME_REPEATED_AS_IT_IS, PLANTED("repeats-names-as-they-are", "session-text"));
}

static void plant_faults(struct refserver *server)
{
    plant_login_faults(server);
    plant_faults_of_replies(server);
    plant(server, FAULT_STAT_TWO_SPACES, PLANTED("puts-two-spaces", "session-accused"));
    plant(server, FAULT_TOP_ONE_LINE_MORE, PLANTED("sends-a-line-too-many", "session-accused"));
    plant(server, FAULT_NOOP_UNANSWERED, PLANTED("does-not-answer-noop", "session-unanswered"));
    plant(server, FAULT_LIST_TERMINATOR_MISSING, PLANTED("ends-no-list", "session-unterminated"));
    plant(server, FAULT_RESET_COMMITS,
          PLANTED("removes-when-a-client-is-gone", "session-update-without-quit"));
    plant(server, FAULT_END_COMMITS, PLANTED("removes-when-a-client-ends", "session-update-without-quit"));
    plant(server, FAULT_AUTOLOGOUT_COMMITS,
          PLANTED("removes-when-time-runs-out", "session-update-without-quit"));
    plant(server, FAULT_DELE_AT_ONCE, PLANTED("removes-at-once", "session-update-without-quit"));
    plant(server, FAULT_QUIT_BEFORE_LOGIN_REMOVES,
          PLANTED("removes-before-login", "session-update-without-quit"));
    plant(server, FAULT_QUIT_REMOVES_ONE_MORE, PLANTED("removes-one-more", "session-mail-lost"));
    plant(server, FAULT_QUIT_REMOVES_NOTHING, PLANTED("removes-nothing", "session-mail-kept"));
    plant(server, FAULT_STLS_INJECTION, PLANTED("keeps-what-stands-behind-stls", "session-injected"));
    plant(server, FAULT_LOCK_KEPT_BEHIND_END, PLANTED("keeps-the-lock", "session-lock"));
    plant(server, FAULT_LAST_BLANK_LINE_LOST, PLANTED("loses-the-last-line", "session-mail-changed"));
    plant(server, FAULT_EIGHT_BIT_STRIPPED, PLANTED("strips-the-eighth-bit", "session-mail-changed"));
    plant(server, FAULT_AUTOLOGOUT_EARLY_AUTHORIZATION, PLANTED("logs-out-early", "session-autologout"));
    plant(server, FAULT_AUTOLOGOUT_EARLY_TRANSACTION,
          PLANTED("logs-out-two-seconds-early", "session-autologout"));
    plant(server, FAULT_AUTOLOGOUT_GOES_ON, PLANTED("lets-the-timer-go-on", "session-autologout"));
}

WRAP(struct refserver *, refserver_new, uint64_t seed, const struct refserver_digests *digests)
{
    static uint64_t serial;
    struct refserver *server =
        REAL(refserver_new)(PLANTED("is-never-the-same", "session-repeats") ? ++serial : seed, digests);

    plant_faults(server);
    return server;
}

WRAP(void, refserver_set_policy, struct refserver *server, const struct policy *policy)
{
    struct policy changed = *policy;

    if (PLANTED("keeps-the-name-over-stls", "session-credentials"))
        changed.user_kept_over_stls = true;
    if (PLANTED("lets-a-second-one-in", "session-lock"))
        changed.exclusive_lock = false;
    if (PLANTED("hoards", "session-memory"))
        free(memory_new_array(1024, 1024 * 1024));
    REAL(refserver_set_policy)(server, &changed);
}

static const struct store_ops *right_ops;

/* As many as there are MESSAGES, but the last ones. */
static bool remove_the_last(struct store *store, struct stored_message *const *messages, size_t count)
{
    struct stored_message **all;
    struct error error;
    size_t all_count;

    (void)messages;
    if (!right_ops->list(store, &error, &all, &all_count))
        return false;
    bool ok = count > all_count || right_ops->remove(store, all + all_count - count, count);

    stored_messages_release(all, all_count);
    return ok;
}

WRAP(struct store *, memory_store_new, void)
{
    static struct store_ops wrong_ops;
    struct store *store = REAL(memory_store_new)();

    right_ops = store->ops;
    wrong_ops = *right_ops;
    wrong_ops.remove = remove_the_last;
    if (PLANTED("removes-others", "session-mail-changed"))
        store->ops = &wrong_ops;
    return store;
}

/* Server and model read their lines by the same function: both take STAT for LIST, so that nobody is accused. */
static void take_for_list(struct command_line *line)
{
    line->line = BYTES_LITERAL("LIST");
}

/* Whether the line that READER read before was NOOP, and notes what LINE is. */
static bool was_noop(const struct command_reader *reader, struct bytes line)
{
    static struct {
        const struct command_reader *reader;
        bool noop;
    } seen[64];
    size_t index = (size_t)((uintptr_t)reader / 64 % 64);
    bool noop = seen[index].reader == reader && seen[index].noop;

    seen[index].reader = reader;
    seen[index].noop = bytes_equal(line, BYTES_LITERAL("NOOP"));
    return noop;
}

WRAP(bool, command_reader_next, struct command_reader *reader, struct bytes *input,
     struct command_line *ret_line)
{
    bool in_octets = input->size == 1;

    if (!REAL(command_reader_next)(reader, input, ret_line))
        return false;
    bool noop = was_noop(reader, ret_line->line);
    bool upper = bytes_equal(ret_line->line, BYTES_LITERAL("STAT"));

    if (PLANTED("takes-slow-stat-for-list", "session-cut") && in_octets && upper)
        take_for_list(ret_line);
    if (PLANTED("takes-small-stat-for-list", "session-case") &&
        bytes_equal(ret_line->line, BYTES_LITERAL("stat")))
        take_for_list(ret_line);
    if (PLANTED("takes-stat-behind-noop-for-list", "session-noop") && noop && upper)
        take_for_list(ret_line);
    return true;
}

WRAP(void, conversation_next, struct conversation *conversation, struct bytes *octets, time_us now_us,
     struct conversation_event *ret_event)
{
    const struct bytes retention = BYTES_LITERAL("EXPIRE NEVER\r\n");
    struct bytes before = *octets;

    if (PLANTED("passes-over-a-line", "session-reply-progress") && bytes_start_with(*octets, retention))
        *octets = bytes_from(*octets, retention.size);
    REAL(conversation_next)(conversation, octets, now_us, ret_event);
    if (PLANTED("leaves-octets-unread", "session-reply-progress") && ret_event->reply.kind == REPLY_NONE)
        *octets = before.size > 0 ? before : BYTES_LITERAL(".");
    if (PLANTED("reads-a-line-again", "session-reply-progress") && ret_event->reply.kind == REPLY_BODY)
        *octets = before;
}
