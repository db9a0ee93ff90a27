#include "plants.h"

#include "model/conversation.h"
#include "pop3/command.h"
#include "refserver/refserver.h"

WRAP(struct refserver *, refserver_new, uint64_t seed, const struct refserver_digests *digests)
{
    static uint64_t serial;
    struct refserver *server =
        REAL(refserver_new)(PLANTED("is-never-the-same", "session-repeats") ? ++serial : seed, digests);

    if (PLANTED("puts-two-spaces", "session-accused"))
        refserver_set_fault(server, FAULT_STAT_TWO_SPACES, true);
    if (PLANTED("does-not-answer-noop", "session-unanswered"))
        refserver_set_fault(server, FAULT_NOOP_UNANSWERED, true);
    if (PLANTED("ends-no-list", "session-unterminated"))
        refserver_set_fault(server, FAULT_LIST_TERMINATOR_MISSING, true);
    if (PLANTED("removes-when-a-client-is-gone", "session-update-without-quit"))
        refserver_set_fault(server, FAULT_RESET_COMMITS, true);
    return server;
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
    struct bytes before = *octets;

    REAL(conversation_next)(conversation, octets, now_us, ret_event);
    if (PLANTED("leaves-octets-unread", "session-reply-progress") && ret_event->reply.kind == REPLY_NONE)
        *octets = before.size > 0 ? before : BYTES_LITERAL(".");
}

WRAP(size_t, refserver_message_count, struct refserver *server, const char *user)
{
    static size_t calls;
    size_t count = REAL(refserver_message_count)(server, user);

    return PLANTED("loses-a-message", "session-mail-lost") ? count - calls++ % 2 : count;
}
