/* Connecting over TCP and its failures: addresses, sources, time limits, descriptors, certificates. */
#include "raw_socket.h"

#include <sys/resource.h>

/* ---- connecting ---- */

static const struct script_step open_fails_steps[] = {OPEN_FAILS(1), END_OF_SCRIPT};

static void assert_open_fails(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);

static void assert_open_fails(struct world *world, const char *format, ...)
{
    char expected[256];
    va_list arguments;
    char *log = world_play(world, open_fails_steps);

    va_start(arguments, format);
    vsnprintf(expected, sizeof(expected), format, arguments);
    va_end(arguments);
    assert_string_equal(log, expected);
    free(log);
}

static void a_refused_connection_says_so(void **state)
{
    struct world world;
    int unused;

    (void)state;
    world_init_plain(&world);
    unused = raw_socket(&world.endpoint.port);
    assert_open_fails(&world, "1 open-failed: 127.0.0.1:%u: connection refused\n", world.endpoint.port);
    close(unused);
    world_release(&world);
}

static void addresses_are_tried_in_turn(void **state)
{
    static const struct script_step steps[] = {GREETED, CLOSE(1), END_OF_SCRIPT};
    struct world world;
    uint16_t port;

    (void)state;
    world_init_plain(&world);
    port = world.endpoint.port;
    world.endpoint.addresses =
        (struct address_list){.items = {world_address("127.0.0.2"), world_address("127.0.0.1")}, .count = 2};
    char *log = world_play(&world, steps);

    assert_string_equal(log, "1 opened\n1 bytes\n+OK ready\r\n");
    free(log);
    world.endpoint.addresses.items[1] = world_address("127.0.0.3");
    assert_open_fails(&world,
                      "1 open-failed: 127.0.0.2:%u: connection refused; 127.0.0.3:%u: connection refused\n",
                      port, port);
    world.endpoint.addresses.count = 0;
    assert_open_fails(&world, "1 open-failed: the target has no address\n");
    world_release(&world);
}

/* A listener whose queue of connections is full drops what else comes, as a host behind a silent firewall does. */
static void a_silent_host_is_given_up(void **state)
{
    enum { FILLING = 4 };
    struct world world;
    int filling[FILLING];
    int listener;

    (void)state;
    world_init_plain(&world);
    listener = raw_socket(&world.endpoint.port);
    assert_int_equal(listen(listener, 0), 0);
    for (int i = 0; i < FILLING; i++)
        filling[i] = raw_connect(world.endpoint.port);
    world.endpoint.connect_timeout_us = 200 * US_PER_MS;
    assert_open_fails(&world, "1 open-failed: 127.0.0.1:%u: timed out after 0.2 s\n", world.endpoint.port);
    assert_in_range(loop_now(world.loop), 200 * US_PER_MS, 5 * US_PER_S);
    for (int i = 0; i < FILLING; i++)
        close(filling[i]);
    close(listener);
    world_release(&world);
}

static void a_port_that_the_target_lacks_is_no_connection(void **state)
{
    static const struct script_step steps[] = {
        {.kind = DO_OPEN_IMPLICIT, .connection = 1},
        TOLD(1, TOLD_OPEN_FAILED),
        GREETED,
        TLS_FAILS(1),
        CLOSE(1),
        END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init_plain(&world);
    char *log = world_play(&world, steps);

    assert_string_equal(
        log, "1 open-failed: the target has no port for implicit TLS\n1 opened\n1 bytes\n+OK ready\r\n"
             "1 tls-failed: there are no TLS settings for this target\n");
    free(log);
    world_release(&world);
}

static void the_source_address_is_used(void **state)
{
    static const struct script_step steps[] = {GREETED, CLOSE(1), END_OF_SCRIPT};
    struct world world;
    struct address here = world_address("127.0.0.9");
    struct address elsewhere = world_address("192.0.2.1");

    (void)state;
    world_init_plain(&world);
    world.endpoint.source = &here;
    free(world_play(&world, steps));
    assert_int_equal(world.server.served_count, 1);
    world.endpoint.source = &elsewhere;
    assert_open_fails(
        &world, "1 open-failed: 127.0.0.1:%u: the address is not one of this machine's, or no port is free\n",
        world.endpoint.port);
    world_release(&world);
}

static void an_open_can_be_given_up(void **state)
{
    static const struct script_step steps[] = {
        {.kind = DO_OPEN, .connection = 1}, CLOSE(1), GREETED, CLOSE(1), END_OF_SCRIPT};
    struct world world;

    (void)state;
    world_init_plain(&world);
    char *log = world_play(&world, steps);

    assert_string_equal(log, "1 opened\n1 bytes\n+OK ready\r\n");
    free(log);
    world_release(&world);
}

static void a_port_in_use_cannot_be_listened_on(void **state)
{
    struct world world;
    struct error error = {.kind = ERROR_NONE};

    (void)state;
    world_init_plain(&world);
    struct listening listening = {.address = world_address("127.0.0.1"),
                                  .port = world.endpoint.port,
                                  .ops = &line_peer_ops,
                                  .server = &world.server};

    assert_false(loop_listen(world.loop, &listening, &error, NULL));
    assert_int_equal(error.kind, ERROR_HOST);
    assert_non_null(strstr(error.text, "the address is in use"));
    world_release(&world);
}

/* Connections that cannot be accepted for want of descriptors wait, and nothing spins or is lost. */
static void a_lack_of_descriptors_passes(void **state)
{
    enum { WAITING = 3 };
    static const struct script_step pause[] = {PAUSE(150 * US_PER_MS), END_OF_SCRIPT};
    struct world world;
    struct rlimit before;
    int waiting[WAITING];

    (void)state;
    world_init_plain(&world);
    for (int i = 0; i < WAITING; i++)
        waiting[i] = raw_connect(world.endpoint.port);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)waiting[WAITING - 1] + 1, .rlim_max = before.rlim_max};

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_open_fails(&world, "1 open-failed: 127.0.0.1:%u: too many open files\n", world.endpoint.port);
    free(world_play(&world, pause));
    assert_int_equal(world.server.served_count, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    free(world_play(&world, pause));
    assert_int_equal(world.server.served_count, WAITING);
    for (int i = 0; i < WAITING; i++)
        close(waiting[i]);
    world_release(&world);
}

/* ---- certificates, as they are told ---- */

/* The client trusts the server's certificate; what is wrong with it otherwise must be told. */
static void tls_fails_with(struct tls_server_settings settings, const char *host, const char *reason)
{
    static const struct script_step steps[] = {OPEN_IMPLICIT(1), TLS_FAILS(1), CLOSE(1),
                                               PAUSE(20 * US_PER_MS), END_OF_SCRIPT};
    struct error error;
    struct world world;
    char expected[256];

    world_init_tcp(&world, "127.0.0.1", tls_context_server(&settings, &error));
    world.endpoint.host = host;
    char *log = world_play(&world, steps);

    snprintf(expected, sizeof(expected), "1 opened\n1 tls-failed: %s\n", reason);
    assert_string_equal(log, expected);
    assert_string_equal(buf_text(&world.server.log), "");
    free(log);
    world_release(&world);
}

static void a_bad_certificate_ends_the_connection(void **state)
{
    (void)state;
    tls_fails_with((struct tls_server_settings){.expired = true}, "localhost",
                   "the server's certificate has expired");
    tls_fails_with((struct tls_server_settings){.version_max = TLS_VERSION_1_2}, "mail.example",
                   "the server's certificate is for another host name");
    tls_fails_with((struct tls_server_settings){.version_min = TLS_VERSION_1_3}, "127.0.0.2",
                   "the server's certificate is not for this IP address");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_connection_says_so),
        cmocka_unit_test(addresses_are_tried_in_turn),
        cmocka_unit_test(a_silent_host_is_given_up),
        cmocka_unit_test(a_port_that_the_target_lacks_is_no_connection),
        cmocka_unit_test(the_source_address_is_used),
        cmocka_unit_test(an_open_can_be_given_up),
        cmocka_unit_test(a_port_in_use_cannot_be_listened_on),
        cmocka_unit_test(a_lack_of_descriptors_passes),
        cmocka_unit_test(a_bad_certificate_ends_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
