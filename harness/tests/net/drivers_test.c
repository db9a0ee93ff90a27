/* One script, every world: what actor and server are told must be what is written here, over memory and TCP alike. */
#include "world.h"

struct play {
    const char *name;
    const struct script_step *steps;
    const char *actor_log;
    const char *server_log;
};

#define UNDER_TLS     GREETED, SEND(1, "STLS\r\n"), TEXT(1, "+OK begin\r\n"), START_TLS(1)
#define GREETED_LOG   "1 opened\n1 bytes\n+OK ready\r\n"
#define UNDER_TLS_LOG GREETED_LOG "1 sent\n1 bytes\n+OK begin\r\n1 tls-done\n"
/* A pause lets the server see what the actor did last before the run ends. */
#define LINGER PAUSE(20 * US_PER_MS), END_OF_SCRIPT

static const struct script_step quit_steps[] = {
    GREETED,
    SEND(1, "ECHO one\r\n"),
    TEXT(1, "+OK one\r\n"),
    SEND(1, "QUIT\r\n"),
    TOLD(1, TOLD_END),
    CLOSE(1),
    LINGER,
};

static const struct script_step silent_close_steps[] = {GREETED, CLOSE(1), LINGER};

static const struct script_step abort_steps[] = {GREETED, ABORT(1), LINGER};

static const struct script_step half_close_steps[] = {
    GREETED, HALF_CLOSE(1), TOLD(1, TOLD_END), CLOSE(1), LINGER,
};

static const struct script_step stls_steps[] = {
    UNDER_TLS,
    SEND(1, "ECHO two\r\n"),
    TEXT(1, "+OK two\r\n"),
    SEND(1, "QUIT\r\n"),
    TOLD(1, TOLD_END),
    CLOSE(1),
    LINGER,
};

static const struct script_step implicit_steps[] = {
    OPEN_IMPLICIT(1), START_TLS(1), TEXT(1, "+OK ready\r\n"), SEND(1, "QUIT\r\n"), TOLD(1, TOLD_END),
    CLOSE(1),         LINGER,
};

static const struct script_step injection_steps[] = {
    GREETED,
    SEND(1, "STLS\r\nECHO injected\r\n"),
    TEXT(1, "+OK begin\r\n"),
    START_TLS(1),
    SEND(1, "ECHO real\r\n"),
    TEXT(1, "+OK real\r\n"),
    CLOSE(1),
    LINGER,
};

static const struct script_step truncated_steps[] = {
    UNDER_TLS, SEND(1, "DROP\r\n"), TOLD(1, TOLD_END), CLOSE(1), LINGER,
};

static const struct script_step dropped_plain_steps[] = {
    GREETED, SEND(1, "DROP\r\n"), TOLD(1, TOLD_END), CLOSE(1), LINGER,
};

static const struct script_step tls_half_close_steps[] = {
    UNDER_TLS, HALF_CLOSE(1), TOLD(1, TOLD_END), CLOSE(1), LINGER,
};

static const struct script_step reset_steps[] = {
    GREETED,
    SEND(1, "RESET\r\n"),
    TOLD(1, TOLD_RESET),
    {.kind = DO_SEND, .connection = 1, .text = "ECHO\r\n"},
    TOLD(1, TOLD_RESET),
    {.kind = DO_TLS, .connection = 1},
    TOLD(1, TOLD_TLS_FAILED),
    CLOSE(1),
    LINGER,
};

static const struct script_step tls_reset_steps[] = {
    UNDER_TLS, SEND(1, "RESET\r\n"), TOLD(1, TOLD_RESET), ABORT(1), LINGER,
};

static const struct script_step no_tls_steps[] = {OPEN(1), TLS_FAILS(1), ABORT(1), LINGER};

static const struct script_step plain_to_implicit_steps[] = {
    OPEN_IMPLICIT(1), SEND(1, "ECHO one\r\n"), TOLD(1, TOLD_END), CLOSE(1), LINGER,
};

static const struct script_step plain_in_handshake_steps[] = {
    GREETED,
    SEND(1, "STLS\r\n"),
    TEXT(1, "+OK begin\r\n"),
    SEND(1, "ECHO one\r\n"),
    TOLD(1, TOLD_END),
    CLOSE(1),
    LINGER,
};

static const struct script_step two_connections_steps[] = {
    OPEN(1),
    TEXT(1, "\r\n"),
    OPEN(2),
    TEXT(2, "\r\n"),
    SEND(2, "ECHO two\r\n"),
    TEXT(2, "two\r\n"),
    SEND(1, "ECHO one\r\n"),
    TEXT(1, "one\r\n"),
    ABORT(2),
    SEND(1, "ECHO still\r\n"),
    TEXT(1, "still\r\n"),
    CLOSE(1),
    LINGER,
};

static const struct script_step reopen_steps[] = {
    GREETED, CLOSE(1), GREETED, SEND(1, "QUIT\r\n"), TOLD(1, TOLD_END), GREETED, CLOSE(1), LINGER,
};

static const struct script_step host_steps[] = {
    {.kind = DO_HOST, .text = "short"}, TOLD(0, TOLD_HOST_DONE), {.kind = DO_HOST, .text = "long"},
    TOLD(0, TOLD_HOST_FAILED),          END_OF_SCRIPT,
};

static const struct script_step deadline_steps[] = {
    GREETED, SEND(1, "LATER\r\n"), TEXT(1, "+OK now\r\n"), CLOSE(1), LINGER,
};

static const struct script_step spell_steps[] = {
    GREETED, SEND(1, "SPELL abcdef\r\n"), TEXT(1, "abcdef\r\n"), CLOSE(1), LINGER,
};

static const struct script_step send_after_end_steps[] = {
    GREETED, SEND(1, "QUIT\r\n"), TOLD(1, TOLD_END), SEND(1, "ECHO late\r\n"), CLOSE(1), LINGER,
};

static const struct play plays[] = {
    {"quit", quit_steps, GREETED_LOG "1 sent\n1 bytes\n+OK one\r\n1 sent\n1 bytes\n+OK bye\r\n1 end\n",
     "open\ncommand\ncommand\nclose\n"},
    {"close in silence", silent_close_steps, GREETED_LOG, "open\nend\nclose\n"},
    {"abort", abort_steps, GREETED_LOG, "open\nreset\nclose\n"},
    {"half-close", half_close_steps, GREETED_LOG "+OK farewell\r\n1 end\n", "open\nend\nclose\n"},
    {"stls", stls_steps, UNDER_TLS_LOG "1 sent\n1 bytes\n+OK two\r\n1 sent\n1 bytes\n+OK bye\r\n1 end\n",
     "open\ncommand\ntls\ncommand\ncommand\nclose\n"},
    {"implicit TLS", implicit_steps,
     "1 opened\n1 tls-done\n1 bytes\n+OK ready\r\n1 sent\n1 bytes\n+OK bye\r\n1 end\n",
     "open under TLS\ncommand\nclose\n"},
    {"injection behind STLS", injection_steps, UNDER_TLS_LOG "1 sent\n1 bytes\n+OK real\r\n",
     "open\ncommand\ndropped octets behind STLS\ntls\ncommand\nend\nclose\n"},
    {"truncated TLS", truncated_steps, UNDER_TLS_LOG "1 sent\n1 end truncated\n",
     "open\ncommand\ntls\ncommand\nclose\n"},
    {"no notice without TLS", dropped_plain_steps, GREETED_LOG "1 sent\n1 end\n", "open\ncommand\nclose\n"},
    {"half-close under TLS", tls_half_close_steps, UNDER_TLS_LOG "1 bytes\n+OK farewell\r\n1 end\n",
     "open\ncommand\ntls\nend\nclose\n"},
    {"reset", reset_steps,
     GREETED_LOG "1 sent\n1 bytes\n+OK ouch\r\n1 reset\n1 reset\n"
                 "1 tls-failed: the connection had ended before the TLS handshake\n",
     "open\ncommand\nclose\n"},
    {"reset under TLS", tls_reset_steps, UNDER_TLS_LOG "1 sent\n1 bytes\n+OK ouch\r\n1 reset\n",
     "open\ncommand\ntls\ncommand\nclose\n"},
    {"TLS to a plain port", no_tls_steps,
     "1 opened\n1 tls-failed: the server did not speak TLS: what it sent is no TLS record\n",
     "open\nreset\nclose\n"},
    {"plain text to the TLS port", plain_to_implicit_steps, "1 opened\n1 sent\n1 end\n", ""},
    {"plain text for a handshake", plain_in_handshake_steps,
     GREETED_LOG "1 sent\n1 bytes\n+OK begin\r\n1 sent\n1 end\n", "open\ncommand\nno tls\nclose\n"},
    {"two connections", two_connections_steps,
     GREETED_LOG "2 opened\n2 bytes\n+OK ready\r\n2 sent\n2 bytes\n+OK two\r\n1 sent\n1 bytes\n+OK one\r\n"
                 "1 sent\n1 bytes\n+OK still\r\n",
     "open\nopen\ncommand\ncommand\nreset\nclose\ncommand\nend\nclose\n"},
    {"reopened", reopen_steps, GREETED_LOG GREETED_LOG "1 sent\n1 bytes\n+OK bye\r\n1 end\n" GREETED_LOG,
     NULL},
    {"host", host_steps, "0 host-done\n0 host-failed: there is no long to deliver\n", ""},
    {"deadline of the server", deadline_steps, GREETED_LOG "1 sent\n1 bytes\n+OK now\r\n",
     "open\ncommand\nend\nclose\n"},
    {"octet by octet", spell_steps, GREETED_LOG "1 sent\n1 bytes\n+OK abcdef\r\n",
     "open\ncommand\nend\nclose\n"},
    {"sending after the end", send_after_end_steps, GREETED_LOG "1 sent\n1 bytes\n+OK bye\r\n1 end\n1 sent\n",
     "open\ncommand\nclose\n"},
};

static void play_all(enum world_kind kind)
{
    for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
        struct world world;

        world_init(&world, kind);
        char *log = world_play(&world, plays[i].steps);

        print_message("  %s\n", plays[i].name);
        assert_string_equal(log, plays[i].actor_log);
        if (plays[i].server_log != NULL)
            assert_string_equal(buf_text(&world.server.log), plays[i].server_log);
        free(log);
        world_release(&world);
    }
}

static void plays_in_memory(void **state)
{
    (void)state;
    play_all(WORLD_MEMORY);
}

static void plays_over_tcp_with_tls_1_2(void **state)
{
    (void)state;
    play_all(WORLD_TCP_TLS_1_2);
}

static void plays_over_tcp_with_tls_1_3(void **state)
{
    (void)state;
    play_all(WORLD_TCP_TLS_1_3);
}

static void plays_over_tcp_without_waits(void **state)
{
    (void)state;
    play_all(WORLD_TCP_SKIPPING);
}

/* A host that takes its time: a second actor, which pauses, brings the answer. */
struct slow_host {
    struct world *world;
    struct scripted_actor messenger;
    struct host_call *call;
    enum host_result result;
    const char *reason;
};

static void messenger_arrives(void *context, void *actor)
{
    const struct slow_host *host = context;

    (void)actor;
    driver_host_finish(host->call, host->result, host->reason);
}

static enum host_result send_messenger(void *context, void *actor, const char *verb, const char *noun,
                                       struct host_call *call, struct buf *ret_reason)
{
    static const struct script_step steps[] = {PAUSE(20 * US_PER_MS), END_OF_SCRIPT};
    struct slow_host *host = context;

    (void)actor;
    (void)verb;
    (void)ret_reason;
    host->call = call;
    host->result = HOST_DONE;
    host->reason = NULL;
    if (strcmp(noun, "letter") != 0) {
        host->result = strcmp(noun, "lost") == 0 ? HOST_FAILED : HOST_IMPOSSIBLE;
        host->reason = strcmp(noun, "lost") == 0 ? "it was lost on the way" : "nobody goes there";
    }
    scripted_release(&host->messenger);
    scripted_init(&host->messenger, steps);
    world_add_with(host->world, &host->messenger,
                   &(struct driver_hooks){.context = host, .done = messenger_arrives});
    return HOST_UNDER_WAY;
}

/* What comes on the wire meanwhile is told in its own time. */
static void a_host_may_take_its_time(enum world_kind kind)
{
    static const struct script_step steps[] = {
        GREETED,
        {.kind = DO_SEND, .connection = 1, .text = "ECHO one\r\n"},
        {.kind = DO_HOST, .text = "letter"},
        TOLD(0, TOLD_HOST_DONE),
        {.kind = DO_HOST, .text = "lost"},
        TOLD(0, TOLD_HOST_FAILED),
        {.kind = DO_HOST, .text = "far"},
        TOLD(0, TOLD_HOST_IMPOSSIBLE),
        CLOSE(1),
        END_OF_SCRIPT,
    };
    struct scripted_actor actor;
    struct slow_host host = {0};
    struct world world;

    world_init(&world, kind);
    host.world = &world;
    scripted_init(&actor, steps);
    scripted_init(&host.messenger, steps);
    world_add_with(&world, &actor, &(struct driver_hooks){.context = &host, .host = send_messenger});
    world_run(&world);
    assert_string_equal(scripted_log(&actor), GREETED_LOG "1 sent\n1 bytes\n+OK one\r\n0 host-done\n"
                                                          "0 host-failed: it was lost on the way\n"
                                                          "0 host-impossible: nobody goes there\n");
    scripted_release(&actor);
    scripted_release(&host.messenger);
    world_release(&world);
}

static void a_host_may_take_its_time_in_memory(void **state)
{
    (void)state;
    a_host_may_take_its_time(WORLD_MEMORY);
}

static void a_host_may_take_its_time_over_tcp(void **state)
{
    (void)state;
    a_host_may_take_its_time(WORLD_TCP_TLS_1_3);
    a_host_may_take_its_time(WORLD_TCP_SKIPPING);
}

/* False where the machine has no ::1. */
static bool has_ipv6(void)
{
    struct listening listening = {.address = world_address("::1"), .ops = &line_peer_ops};
    struct error error;
    struct loop *loop = loop_new(&error);

    assert_non_null(loop);
    bool has = loop_listen(loop, &listening, &error, NULL);

    loop_free(loop);
    return has;
}

static void plays_over_ipv6(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    play_all(WORLD_TCP_IPV6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_in_memory),
        cmocka_unit_test(plays_over_tcp_with_tls_1_2),
        cmocka_unit_test(plays_over_tcp_with_tls_1_3),
        cmocka_unit_test(plays_over_tcp_without_waits),
        cmocka_unit_test(plays_over_ipv6),
        cmocka_unit_test(a_host_may_take_its_time_in_memory),
        cmocka_unit_test(a_host_may_take_its_time_over_tcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
