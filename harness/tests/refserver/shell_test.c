/* The server behind sockets on loopback: the plain port, STLS, the port for implicit TLS, and what it cannot serve. */
#include "refserver/shell/shell.h"

#include "base/buf.h"
#include "base/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A client that opens a connection, sends each of its texts when the one before was answered, and reads to the end. */
struct client {
    bool implicit_tls;
    bool stls;
    const char *text; /* sent at once, behind the greeting or the handshake */
    enum {
        CLIENT_OPENS,
        CLIENT_WAITS,
        CLIENT_STARTS_TLS,
        CLIENT_SENDS,
        CLIENT_SAYS_STLS,
        CLIENT_IS_DONE
    } next;
    struct buf said;
};

static void client_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct client *client = actor;

    (void)now_us;
    *ret_ask = (struct ask){.kind = ASK_WAIT, .until_us = TIME_NEVER};
    switch (client->next) {
    case CLIENT_OPENS:
        *ret_ask = (struct ask){.kind = ASK_OPEN, .connection = 1, .implicit_tls = client->implicit_tls};
        break;
    case CLIENT_STARTS_TLS:
        *ret_ask = (struct ask){.kind = ASK_START_TLS, .connection = 1};
        break;
    case CLIENT_SENDS:
        *ret_ask = (struct ask){.kind = ASK_SEND, .connection = 1, .bytes = bytes_of(client->text)};
        break;
    case CLIENT_SAYS_STLS:
        *ret_ask = (struct ask){.kind = ASK_SEND, .connection = 1, .bytes = BYTES_LITERAL("STLS\r\n")};
        break;
    case CLIENT_IS_DONE:
        ret_ask->kind = ASK_DONE;
        return;
    case CLIENT_WAITS:
        return;
    }
    client->next = CLIENT_WAITS;
}

/* The greeting, or the reply to STLS, was read whole: it comes in one segment, and ends in LF. */
static void client_reads(struct client *client, struct bytes bytes)
{
    bool first = client->said.size == 0;

    buf_append(&client->said, bytes);
    if (first)
        client->next = client->stls ? CLIENT_SAYS_STLS : CLIENT_SENDS;
    else if (client->stls) {
        client->stls = false;
        client->next = CLIENT_STARTS_TLS;
    }
}

static void client_tell(void *actor, const struct told *told)
{
    struct client *client = actor;

    switch (told->kind) {
    case TOLD_OPENED:
        client->next = client->implicit_tls ? CLIENT_STARTS_TLS : CLIENT_WAITS;
        return;
    case TOLD_TLS_DONE:
        buf_append_text(&client->said, "<TLS>");
        client->next = client->implicit_tls ? CLIENT_WAITS : CLIENT_SENDS;
        client->said.size = client->implicit_tls ? 0 : client->said.size;
        return;
    case TOLD_BYTES:
        client_reads(client, told->bytes);
        return;
    case TOLD_END:
        buf_append_text(&client->said, told->truncated ? "<truncated>" : "<end>");
        client->next = CLIENT_IS_DONE;
        return;
    case TOLD_OPEN_FAILED:
    case TOLD_RESET:
    case TOLD_TLS_FAILED:
        buf_append_format(&client->said, "<%s>", told->reason != NULL ? told->reason : "reset");
        client->next = CLIENT_IS_DONE;
        return;
    case TOLD_SENT:
    case TOLD_HOST_DONE:
    case TOLD_HOST_FAILED:
    case TOLD_HOST_IMPOSSIBLE:
    case TOLD_TIME:
        return;
    }
}

static const struct actor_ops client_ops = {client_next, client_tell};

static const struct bytes message = {(const uint8_t *)"A: 1\r\n\r\n.\r\n", 11};
static const struct refserver_shell_user user = {.name = "u", .password = "p"};

struct served {
    struct loop *loop;
    struct refserver_shell *shell;
    struct tls_context *tls; /* the client's: it trusts the server's own certificate alone */
    char certificate[64];
};

static struct refserver_shell_options options_of(const struct policy *policy)
{
    struct refserver_shell_options options = {
        .tls = true,
        .seed = 1,
        .policy = policy,
        .users = &user,
        .user_count = 1,
        .messages = &message,
        .message_count = 1,
    };

    assert_true(address_parse("127.0.0.1", &options.address));
    return options;
}

static struct policy bare_policy(void)
{
    struct policy policy;

    policy_init(&policy);
    policy.text = TEXT_NONE;
    policy.apop = false;
    return policy;
}

static void start(struct served *served, const struct refserver_shell_options *options)
{
    struct tls_client_settings settings = {.ca_file = served->certificate};
    struct error error;

    served->loop = loop_new(&error);
    assert_non_null(served->loop);
    assert_true(refserver_shell_start(served->loop, options, &error, &served->shell));
    snprintf(served->certificate, sizeof(served->certificate), "/tmp/pop3spec-shell-XXXXXX");
    int descriptor = mkstemp(served->certificate);

    assert_true(descriptor >= 0);
    close(descriptor);
    assert_true(refserver_shell_write_certificate(served->shell, served->certificate, &error));
    served->tls = tls_context_client(&settings, &error);
    assert_non_null(served->tls);
}

static void stop(struct served *served)
{
    loop_free(served->loop);
    refserver_shell_free(served->shell);
    tls_context_free(served->tls);
    unlink(served->certificate);
}

static void expect(struct served *served, struct client client, const char *expected)
{
    struct endpoint endpoint = {
        .host = "localhost",
        .port = refserver_shell_port(served->shell),
        .implicit_tls_port = refserver_shell_tls_port(served->shell),
        .tls = served->tls,
        .connect_timeout_us = 10 * US_PER_S,
    };

    endpoint.addresses.count = 1;
    assert_true(address_parse("127.0.0.1", &endpoint.addresses.items[0]));
    buf_init(&client.said, 65536);
    loop_add(served->loop, &client_ops, &client, &endpoint, NULL);
    assert_int_equal(loop_run(served->loop, NULL), LOOP_DONE);
    assert_string_equal(buf_text(&client.said), expected);
    buf_release(&client.said);
}

static const char session_text[] = "USER u\r\nPASS p\r\nRETR 1\r\nQUIT\r\n";

static void serves_each_way(void **state)
{
    struct policy policy = bare_policy();
    struct refserver_shell_options options = options_of(&policy);
    struct served served;

    (void)state;
    start(&served, &options);
    expect(&served, (struct client){.text = session_text},
           "+OK\r\n+OK\r\n+OK\r\n+OK\r\nA: 1\r\n\r\n..\r\n.\r\n+OK\r\n<end>");
    expect(&served, (struct client){.text = session_text, .stls = true},
           "+OK\r\n+OK\r\n<TLS>+OK\r\n+OK\r\n+OK\r\nA: 1\r\n\r\n..\r\n.\r\n+OK\r\n<end>");
    expect(&served, (struct client){.text = session_text, .implicit_tls = true},
           "+OK\r\n+OK\r\n+OK\r\n+OK\r\nA: 1\r\n\r\n..\r\n.\r\n+OK\r\n<end>");
    assert_int_equal(refserver_message_count(refserver_shell_server(served.shell), "u"), 1);
    stop(&served);
}

static void faults_and_variants_are_switched_on(void **state)
{
    static const enum variant variants[] = {VARIANT_EXPIRE_ZERO};
    static const enum fault faults[] = {FAULT_RETR_UNSTUFFED, FAULT_TLS_CLOSE_UNNOTIFIED};
    struct policy policy = bare_policy();
    struct refserver_shell_options options = options_of(&policy);
    struct served served;

    (void)state;
    options.variants = variants;
    options.variant_count = 1;
    options.faults = faults;
    options.fault_count = 2;
    start(&served, &options);
    expect(&served, (struct client){.text = session_text, .implicit_tls = true},
           "+OK\r\n+OK\r\n+OK\r\n+OK\r\nA: 1\r\n\r\n.\r\n.\r\n+OK\r\n<truncated>");
    assert_int_equal(refserver_message_count(refserver_shell_server(served.shell), "u"), 0);
    stop(&served);
}

static void serves_without_tls(void **state)
{
    struct policy policy = bare_policy();
    struct refserver_shell_options options = options_of(&policy);
    struct refserver_shell *shell;
    struct error error;

    (void)state;
    options.tls = false;
    struct loop *loop = loop_new(&error);

    assert_true(refserver_shell_start(loop, &options, &error, &shell));
    assert_int_not_equal(refserver_shell_port(shell), 0);
    assert_int_equal(refserver_shell_tls_port(shell), 0);
    assert_false(refserver_shell_write_certificate(shell, "/tmp/unused", &error));
    struct served served = {.loop = loop, .shell = shell};

    expect(&served, (struct client){.text = "CAPA\r\nSTLS\r\nQUIT\r\n"},
           "+OK\r\n+OK\r\nTOP\r\nUSER\r\nSASL PLAIN "
           "LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 "
           "DIGEST-MD5\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
           "EXPIRE NEVER\r\nUIDL\r\nUTF8\r\nLANG\r\nIMPLEMENTATION "
           "pop3spec-refserver\r\n.\r\n-ERR\r\n+OK\r\n<end>");
    loop_free(loop);
    refserver_shell_free(shell);
}

static void says_what_cannot_be_served(void **state)
{
    static const struct refserver_shell_user twice[] = {{.name = "u", .password = "p"},
                                                        {.name = "u", .password = "q"}};
    static const struct refserver_shell_user nowhere = {
        .name = "u", .password = "p", .maildir = "/no/such/folder"};
    struct refserver_shell_options options = options_of(NULL);
    struct refserver_shell *shell = NULL;
    struct served served;
    struct error error;

    (void)state;
    start(&served, &options);
    options.port = refserver_shell_port(served.shell);
    assert_false(refserver_shell_start(served.loop, &options, &error, &shell));
    options.port = 0;
    options.users = twice;
    options.user_count = 2;
    assert_false(refserver_shell_start(served.loop, &options, &error, &shell));
    assert_string_equal(error.text, "'u' cannot be a user: the name is empty, too long, or taken");
    options.users = &nowhere;
    options.user_count = 1;
    assert_false(refserver_shell_start(served.loop, &options, &error, &shell));
    assert_string_equal(error.text, "/no/such/folder is no Maildir: it has no folder new/");
    options.user_count = 0;
    options.certificate_file = "/no/such/file";
    assert_false(refserver_shell_start(served.loop, &options, &error, &shell));
    assert_int_equal(error.kind, ERROR_HOST);
    assert_null(shell);
    stop(&served);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_each_way),
        cmocka_unit_test(faults_and_variants_are_switched_on),
        cmocka_unit_test(serves_without_tls),
        cmocka_unit_test(says_what_cannot_be_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
