/* Who gets in, and who does not. */
#include "session_stage.h"

#include "check.h"
#include "stand_ins.h"

#include "model/reading.h"

/* By APOP only who knows the password gets in: the digest is of the greeting's timestamp with the password behind it. */
static bool is_right_apop(const struct client *client, const struct exchange *command)
{
    uint8_t digest[REFSERVER_DIGEST_OCTETS];
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append(&text, conversation_timestamp(client->conversation));
    buf_append_text(&text, STAGE_PASSWORD);
    stand_in_digests.md5(buf_bytes(&text), digest);
    buf_clear(&text);
    buf_append_text(&text, "APOP " STAGE_USER " ");
    for (size_t i = 0; i < sizeof(digest); i++)
        buf_append_format(&text, "%02x", digest[i]);
    bool right = stage_is_line(command, buf_text(&text));

    buf_release(&text);
    return right;
}

/*
 * PASS opens the maildrop only behind a USER that was taken, each time anew, and with the right name and password (RFC 1939
 * section 7), which variants take in other forms, too. What was refused without the response code AUTH may have been no command at
 * all (a variant gives each reply a code of its own): that forgets no name.
 */
static void check_pass(struct client *client, const struct conversation_event *event, bool strict)
{
    bool ok = event->status.indicator == STATUS_OK;
    bool right = !client->misnamed && stage_is_line(stage_answered(client), "PASS " STAGE_PASSWORD);

    FUZZ_CHECK(!ok || (client->named && (!strict || right)), "session-credentials");
    client->named = client->named && !ok && !bytes_equal_nocase(event->status.code, BYTES_LITERAL("AUTH"));
}

/* Whoever gives the right name and the right password gets in, unless somebody else is in. */
static void check_right_login(struct client *client, const struct conversation_event *event, bool strict)
{
    const struct exchange *command = stage_answered(client);
    bool clean = (command->facts & ~(unsigned)COMMAND_FACT_LOWER_CASE) == 0;
    bool ok = event->status.indicator == STATUS_OK;
    bool due = strict && clean && client->just_named && stage_is_line(command, "PASS " STAGE_PASSWORD);

    FUZZ_CHECK(!due || ok || bytes_equal(event->status.code, BYTES_LITERAL("IN-USE")), "session-login");
    client->just_named = ok && clean && stage_is_line(command, "USER " STAGE_USER);
}

void stage_check_credentials(const struct stage *stage, struct client *client,
                             const struct conversation_event *event)
{
    bool ok = event->status.indicator == STATUS_OK;
    bool strict = stage->options->variant == VARIANT_COUNT;

    if (!conversation_certain(client->conversation)) {
        client->named = true; /* by some reading */
        client->misnamed = false;
        client->just_named = false;
        return;
    }
    check_right_login(client, event, strict);
    if (event->verb == COMMAND_USER && ok) {
        client->named = true;
        client->misnamed = !stage_is_line(stage_answered(client), "USER " STAGE_USER);
    } else if (event->verb == COMMAND_PASS) {
        check_pass(client, event, strict);
    } else if (event->verb == COMMAND_APOP) {
        FUZZ_CHECK(!strict || !ok || is_right_apop(client, stage_answered(client)), "session-credentials");
    }
}

/* Whether CLIENT has the maildrop: false only where that is certain. */
static bool may_hold(const struct client *client)
{
    if (client->conversation == NULL)
        return false;
    enum session_state state = conversation_state(client->conversation);

    return state == SESSION_TRANSACTION || state == SESSION_UNKNOWN ||
           conversation_silent(client->conversation);
}

/* Who is refused because the maildrop is in use is not the only one (RFC 1939 section 6: a session's end releases it). */
void stage_check_refusal(const struct stage *stage, const struct conversation_event *event)
{
    bool held = stage->options->variant != VARIANT_COUNT;

    if (!bytes_equal(event->status.code, BYTES_LITERAL("IN-USE")))
        return;
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        held = held || may_hold(&stage->clients[i]);
    FUZZ_CHECK(held, "session-lock");
}
