/* Who gets in, and who does not. */
#include "session_stage.h"

#include "check.h"

#include <string.h>

/* Whether the right password was sent on this connection. */
static bool gave_password(const struct client *client)
{
    static const char keyword[] = "PASS";
    static const char password[] = " " STAGE_PASSWORD "\r\n";
    struct bytes said = buf_bytes(&client->said);

    for (size_t i = 0; i < said.size; i++) {
        struct bytes behind = bytes_from(said, i + strlen(keyword));

        if (bytes_start_with(behind, bytes_of(password)) &&
            bytes_equal_nocase(bytes_slice(said, i, i + strlen(keyword)), bytes_of(keyword)))
            return true;
    }
    return false;
}

/*
 * PASS opens the maildrop only behind a USER that was taken, each time anew, and with the right password (RFC 1939 section 7),
 * which variants take in other forms, too. What was refused without the response code AUTH may have been no command at all (a
 * variant gives each reply a code of its own): that forgets no name.
 */
void stage_check_credentials(const struct stage *stage, struct client *client,
                             const struct conversation_event *event)
{
    bool ok = event->status.indicator == STATUS_OK;
    bool strict = stage->options->variant == VARIANT_COUNT;

    if (!conversation_certain(client->conversation)) {
        client->named = true; /* by some reading */
    } else if (event->verb == COMMAND_USER) {
        client->named = client->named || ok;
    } else if (event->verb == COMMAND_PASS) {
        FUZZ_CHECK(!ok || (client->named && (!strict || gave_password(client))), "session-credentials");
        client->named =
            client->named && !ok && !bytes_equal_nocase(event->status.code, BYTES_LITERAL("AUTH"));
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
