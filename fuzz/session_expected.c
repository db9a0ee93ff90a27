/*
 * What a server of the default policy answers, said once more and naively. The judge lets pass what any server may say; this one
 * says less.
 */
#include "session_stage.h"

#include "check.h"

#include <string.h>

/*
 * Which command a reply answers is asked of the judge's inside: what is sent does not tell, since answers to challenges get no
 * reply of their own, nor does what stands behind STLS, and no user of the model has the question.
 */
#include "model/conversation_private.h"

const struct exchange *stage_answered(const struct client *client)
{
    const struct conversation *conversation = client->conversation;

    return !client->judge_was_silent && conversation->agreed ? &conversation->current : NULL;
}

bool stage_is_line(const struct exchange *command, const char *line)
{
    struct bytes keyword = bytes_slice(bytes_of(line), 0, strcspn(line, " "));

    return bytes_equal_nocase(bytes_slice(bytes_of(command->text), 0, keyword.size), keyword) &&
           strcmp(command->text + keyword.size, line + keyword.size) == 0;
}

/* ---- status indicators ---- */

/* True where what was sent has one meaning: no bare LF, and no answer to a challenge, could be read in another way. */
static bool has_one_meaning(const struct conversation *conversation)
{
    const struct exchange *command = &conversation->current;

    return conversation->reading_count == 1 && command->modes == (LINE_MODE_LF | LINE_MODE_CRLF) &&
           !command->challenged;
}

/* What is malformed, or no command here. In PASS blanks belong to the password. */
static bool is_no_command(const struct exchange *command)
{
    const unsigned blanks = COMMAND_FACT_TAB | COMMAND_FACT_TRAILING_SPACE | COMMAND_FACT_DOUBLE_SPACE;
    const unsigned odd = COMMAND_FACT_NUL | COMMAND_FACT_CONTROL | COMMAND_FACT_BARE_CR | COMMAND_FACT_EMPTY |
                         COMMAND_FACT_TOO_FEW | COMMAND_FACT_TOO_MANY | COMMAND_FACT_LEADING_SPACE |
                         COMMAND_FACT_OVERLONG | COMMAND_FACT_CUT;

    return (command->facts & (command->verb == COMMAND_PASS ? odd : odd | blanks)) != 0 ||
           command->verb == COMMAND_UNKNOWN || command->verb == COMMAND_XTND ||
           command->verb == COMMAND_RPOP || command->verb == COMMAND_LAST;
}

static bool belongs_before_login(enum command_verb verb)
{
    return verb == COMMAND_USER || verb == COMMAND_PASS || verb == COMMAND_APOP || verb == COMMAND_AUTH ||
           verb == COMMAND_STLS || verb == COMMAND_UTF8;
}

/*
 * A command with a message-number. Whether DELE marks what was marked already its own reply tells, and messages in UTF-8 may be
 * refused where UTF8 is offered.
 */
static enum status_indicator expected_for_message(const struct stage *stage, const struct client *client,
                                                  const struct exchange *command)
{
    const struct mail_list *opened = &client->opened;
    bool sends_message = command->verb == COMMAND_RETR || command->verb == COMMAND_TOP;

    if (!command->canonical && command->verb == COMMAND_TOP)
        return STATUS_NONE;
    if (!command->canonical || command->number == 0 || command->number > DELIVERIES_MAX)
        return STATUS_ERR;
    if (!opened->known)
        return STATUS_NONE;
    if (command->number > opened->count)
        return STATUS_ERR;
    if (command->verb == COMMAND_DELE)
        return STATUS_NONE;
    if (conversation_marked(client->conversation, command->number))
        return STATUS_ERR;
    return sends_message && !stage->options->plain_ascii ? STATUS_NONE : STATUS_OK;
}

/* STATUS_NONE where it depends on more than is known here: on names, passwords and mechanisms, on languages. */
static enum status_indicator expected_status(const struct stage *stage, const struct client *client,
                                             const struct exchange *command, enum session_state before)
{
    if (before != SESSION_AUTHORIZATION && before != SESSION_TRANSACTION)
        return STATUS_NONE;
    if (is_no_command(command))
        return STATUS_ERR;
    if (command->verb == COMMAND_CAPA || command->verb == COMMAND_QUIT)
        return STATUS_OK;
    if (belongs_before_login(command->verb))
        return before == SESSION_TRANSACTION ? STATUS_ERR : STATUS_NONE;
    if (command->verb == COMMAND_LANG)
        return STATUS_NONE;
    if (before == SESSION_AUTHORIZATION)
        return STATUS_ERR;
    return command->has_number ? expected_for_message(stage, client, command) : STATUS_OK;
}

void stage_check_expected(const struct stage *stage, const struct client *client,
                          const struct conversation_event *event, enum session_state before)
{
    const struct exchange *command = stage_answered(client);
    enum status_indicator expected = STATUS_NONE;

    if (stage->options->variant == VARIANT_COUNT && command != NULL && has_one_meaning(client->conversation))
        expected = expected_status(stage, client, command, before);
    FUZZ_CHECK(expected == STATUS_NONE || expected == event->status.indicator, "session-expected");
}

/* ---- words ---- */

static bool is_printable(struct bytes text, bool ascii)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < ' ' || text.data[i] == 0x7F || (ascii && text.data[i] > 0x7F))
            return false;
    return true;
}

/* What a client sent never comes back raw; until a language or UTF-8 is asked for, words are in ASCII (RFC 6856 section 2.1). */
void stage_check_text(const struct stage *stage, struct client *client,
                      const struct conversation_event *event)
{
    bool unknown = !event->greeting && event->verb == COMMAND_UNKNOWN;

    client->may_speak_utf8 =
        client->may_speak_utf8 || unknown || event->verb == COMMAND_LANG || event->verb == COMMAND_UTF8;
    FUZZ_CHECK(stage->options->variant != VARIANT_COUNT ||
                   is_printable(event->reply.text, !client->may_speak_utf8),
               "session-text");
}
