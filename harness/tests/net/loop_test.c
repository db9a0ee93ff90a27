/* What only TCP has: segments on the wire, many connections, pressure, stopping. */
#include "raw_socket.h"

#include <pthread.h>
#include <sys/time.h>

/* ---- segments ---- */

static const size_t every_octet[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

#define SEND_OCTETS(pause)                                                                                   \
    {                                                                                                        \
        .kind = DO_SEND, .connection = 1, .text = "ECHO abc\r\n", .cuts = every_octet, .cut_count = 9,       \
        .span_us = (pause)                                                                                   \
    }

static void every_cut_reaches_the_server_by_itself(void **state)
{
    static const struct script_step steps[] = {
        GREETED, SEND_OCTETS(5 * US_PER_MS), TEXT(1, "abc\r\n"), CLOSE(1), END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init_plain(&world);
    world.server.log_sizes = true;
    free(world_play(&world, steps));
    assert_string_equal(buf_text(&world.server.log), "open\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\ncommand\n");
    assert_true(loop_now(world.loop) >= 9 * 5 * US_PER_MS);
    world_release(&world);
}

/* However the kernel joins them. */
static void every_cut_is_a_record_of_its_own(void **state)
{
    static const struct script_step steps[] = {
        OPEN_IMPLICIT(1), START_TLS(1), SEND_OCTETS(0), TEXT(1, "abc\r\n"), CLOSE(1), END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init(&world, WORLD_TCP_TLS_1_3);
    world.server.log_sizes = true;
    free(world_play(&world, steps));
    assert_string_equal(buf_text(&world.server.log),
                        "open under TLS\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\ncommand\n");
    world_release(&world);
}

/* ---- time ---- */

/* Both sides' deadlines are kept, and in their order; the test would last for a day by the wall's clock. */
static void waits_are_skipped(void **state)
{
    static const struct script_step day[] = {
        GREETED,  PAUSE(86400 * US_PER_S), SEND(1, "LATER\r\n"), TEXT(1, "now\r\n"),
        CLOSE(1), PAUSE(US_PER_S),         END_OF_SCRIPT,
    };
    static const struct script_step hour[] = {
        GREETED, PAUSE(3600 * US_PER_S), SEND(1, "ECHO abc\r\n"), TEXT(1, "abc\r\n"), CLOSE(1), END_OF_SCRIPT,
    };
    struct scripted_actor first;
    struct scripted_actor second;
    struct world world;

    (void)state;
    world_init(&world, WORLD_TCP_SKIPPING);
    scripted_init(&first, day);
    scripted_init(&second, hour);
    first.give_up_us = second.give_up_us = 2 * 86400 * US_PER_S;
    world_add(&world, &first);
    world_add(&world, &second);
    world_run(&world);
    assert_string_equal(buf_text(&world.server.log),
                        "open\nopen\ncommand\nend\nclose\ncommand\nend\nclose\n");
    assert_true(loop_now(world.loop) >= (86400 + 1) * US_PER_S);
    assert_false(first.gave_up || second.gave_up);
    scripted_release(&first);
    scripted_release(&second);
    world_release(&world);
}

/* ---- many, much, for ever ---- */

enum { MANY_ACTORS = 200 };

struct many {
    struct scripted_actor actors[MANY_ACTORS];
    unsigned done;
};

static void count_done(void *context, void *actor)
{
    (void)actor;
    ((struct many *)context)->done++;
}

static void many_connections_at_once(void **state)
{
    static const struct script_step steps[] = {
        GREETED,
        SEND(1, "STLS\r\n"),
        TEXT(1, "begin\r\n"),
        START_TLS(1),
        SEND(1, "LATER\r\n"),
        TEXT(1, "now\r\n"),
        SEND(1, "QUIT\r\n"),
        TOLD(1, TOLD_END),
        CLOSE(1),
        END_OF_SCRIPT,
    };
    struct many *many = memory_new(sizeof(*many));
    struct world world;

    (void)state;
    world_init(&world, WORLD_TCP_TLS_1_3);
    world.hooks = (struct driver_hooks){.context = many, .done = count_done};
    for (int i = 0; i < MANY_ACTORS; i++) {
        scripted_init(&many->actors[i], steps);
        world_add(&world, &many->actors[i]);
    }
    world_run(&world);
    assert_int_equal(many->done, MANY_ACTORS);
    assert_int_equal(world.server.served_count, MANY_ACTORS);
    for (int i = 0; i < MANY_ACTORS; i++) {
        assert_false(many->actors[i].gave_up);
        scripted_release(&many->actors[i]);
    }
    free(many);
    world_release(&world);
}

static void check_much(struct world *world, const struct script_step *steps, uint64_t expected_octets)
{
    struct scripted_actor actor;

    scripted_init(&actor, steps);
    actor.octets_unlogged = true;
    world_add(world, &actor);
    world_run(world);
    assert_false(actor.gave_up);
    assert_int_equal(actor.octets[1], expected_octets);
    scripted_release(&actor);
}

static void much_arrives_whole(void **state)
{
    static const struct script_step plain[] = {
        OPEN(1), SEND(1, "SIZE 50000000\r\nQUIT\r\n"), TOLD(1, TOLD_END), CLOSE(1), END_OF_SCRIPT,
    };
    static const struct script_step under_tls[] = {
        OPEN_IMPLICIT(1),  START_TLS(1), SEND(1, "SIZE 50000000\r\nQUIT\r\n"),
        TOLD(1, TOLD_END), CLOSE(1),     END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init(&world, WORLD_TCP_TLS_1_3);
    check_much(&world, plain, 50000000 + strlen("+OK ready\r\n+OK bye\r\n"));
    check_much(&world, under_tls, 50000000 + strlen("+OK ready\r\n+OK bye\r\n"));
    world_release(&world);
}

/* Octets on their way are waited for, however far off the next deadline is: the time that passes is the wall's. */
static void time_stands_while_octets_are_on_their_way(void **state)
{
    static const struct script_step steps[] = {
        OPEN(1), SEND(1, "SIZE 50000000\r\nQUIT\r\n"), TOLD(1, TOLD_END), CLOSE(1), END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init(&world, WORLD_TCP_SKIPPING);
    check_much(&world, steps, 50000000 + strlen("+OK ready\r\n+OK bye\r\n"));
    world_release(&world);
}

enum { PIPELINED_LINE = 1000, PIPELINED_COUNT = 8000 };

/* The caller frees. */
static char *pipelined_text(void)
{
    struct buf text;
    char line[PIPELINED_LINE + 1];

    memset(line, 'x', PIPELINED_LINE);
    line[PIPELINED_LINE] = '\0';
    buf_init(&text, BUF_UNBOUNDED);
    for (int i = 0; i < PIPELINED_COUNT; i++)
        buf_append_format(&text, "ECHO %s\r\n", line);
    buf_append_text(&text, "QUIT\r\n");
    return buf_take_text(&text);
}

/* Eight megabytes each way: a driver that did not read while it writes would never end. */
static void reading_goes_on_while_writing(void **state)
{
    char *text = pipelined_text();
    const struct script_step steps[] = {OPEN(1), SEND(1, text), TOLD(1, TOLD_END), CLOSE(1), END_OF_SCRIPT};
    struct world world;

    (void)state;
    world_init_plain(&world);
    check_much(&world, steps,
               (uint64_t)PIPELINED_COUNT * (PIPELINED_LINE + strlen("+OK \r\n")) +
                   strlen("+OK ready\r\n+OK bye\r\n"));
    free(text);
    world_release(&world);
}

static void a_flood_starves_nobody(void **state)
{
    static const struct script_step flood[] = {OPEN(1), SEND(1, "FLOOD\r\n"), PAUSE(300 * US_PER_MS),
                                               ABORT(1), END_OF_SCRIPT};
    static const struct script_step echo[] = {
        GREETED, PAUSE(50 * US_PER_MS), SEND(1, "ECHO one\r\n"), TEXT(1, "one\r\n"), CLOSE(1), END_OF_SCRIPT,
    };
    struct world world;
    struct scripted_actor flooded;
    struct scripted_actor other;

    (void)state;
    world_init_plain(&world);
    scripted_init(&flooded, flood);
    scripted_init(&other, echo);
    flooded.octets_unlogged = true;
    world_add(&world, &flooded);
    world_add(&world, &other);
    world_run(&world);
    assert_true(flooded.octets[1] > 1024 * 1024);
    assert_false(flooded.gave_up);
    assert_false(other.gave_up);
    assert_true(loop_now(world.loop) < 5 * US_PER_S);
    scripted_release(&flooded);
    scripted_release(&other);
    world_release(&world);
}

/* A client that sends and sends and never reads: the server stops reading when its own output is stuck. */
static void input_waits_while_output_is_stuck(void **state)
{
    enum { TRIES = 100 };
    static const struct script_step pause[] = {PAUSE(20 * US_PER_MS), END_OF_SCRIPT};
    static const uint8_t octets[64 * 1024];
    struct world world;
    size_t sent = 0;

    (void)state;
    world_init_plain(&world);
    int descriptor = raw_connect(world.endpoint.port);

    assert_true(send(descriptor, "FLOOD\r\n", 7, MSG_NOSIGNAL) == 7);
    free(world_play(&world, pause));
    buf_clear(&world.server.log);
    world.server.log_sizes = true;
    for (int i = 0; i < TRIES; i++) {
        ssize_t count = send(descriptor, octets, sizeof(octets), MSG_NOSIGNAL | MSG_DONTWAIT);

        sent += count > 0 ? (size_t)count : 0;
        free(world_play(&world, (const struct script_step[]){PAUSE(US_PER_MS), END_OF_SCRIPT}));
    }
    struct bytes rest = buf_bytes(&world.server.log);
    struct bytes line;
    uint64_t taken = 0;

    while (bytes_split(&rest, '\n', &line)) {
        uint64_t size = 0;

        assert_true(line.size == 0 || bytes_to_u64(line, &size));
        taken += size;
    }
    /* The bound, and the last read that passes it. */
    assert_in_range(taken, 1, 2 * 64 * 1024);
    assert_true(sent > taken);
    close(descriptor);
    world_release(&world);
}

/* ---- the end ---- */

/* The server takes the connection and closes it at once, while the loop looks elsewhere. */
static enum host_result accept_and_close(void *context, void *actor, const char *verb, const char *noun,
                                         struct host_call *call, struct buf *ret_reason)
{
    (void)actor;
    (void)verb;
    (void)noun;
    (void)call;
    (void)ret_reason;
    close(accept(*(const int *)context, NULL, NULL));
    return HOST_DONE;
}

/* What we send meets nobody, so that RST comes behind FIN: both are there at the first look. */
static void a_reset_behind_the_end_is_told(void **state)
{
    static const struct script_step steps[] = {
        OPEN(1),
        {.kind = DO_HOST, .text = "server"},
        SEND(1, "NOOP\r\n"),
        TOLD(1, TOLD_RESET),
        CLOSE(1),
        END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init_plain(&world);
    int listener = raw_socket(&world.endpoint.port);

    assert_int_equal(listen(listener, 1), 0);
    world.hooks = (struct driver_hooks){.context = &listener, .host = accept_and_close};
    char *log = world_play(&world, steps);

    assert_string_equal(log, "1 opened\n0 host-done\n1 sent\n1 end\n1 reset\n");
    free(log);
    close(listener);
    world_release(&world);
}

/* ---- stopping ---- */

static const struct script_step endless[] = {GREETED, TOLD(1, TOLD_END), END_OF_SCRIPT};

static void assert_stops(struct world *world, const volatile sig_atomic_t *flag)
{
    struct scripted_actor actor;

    scripted_init(&actor, endless);
    world_add(world, &actor);
    assert_int_equal(loop_run(world->loop, flag), LOOP_STOPPED);
    assert_true(loop_now(world->loop) < 2 * US_PER_S);
    world_release(world);
    scripted_release(&actor);
}

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void a_signal_stops_it(void **state)
{
    struct sigaction action = {.sa_handler = note_signal};
    struct itimerval soon = {.it_value = {.tv_usec = 50 * 1000}};
    struct world world;

    (void)state;
    world_init_plain(&world);
    interrupted = 0;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_stops(&world, &interrupted);
}

static void *stop_it(void *loop)
{
    loop_stop(loop);
    return NULL;
}

static void another_thread_stops_it(void **state)
{
    struct world world;
    pthread_t thread;

    (void)state;
    world_init_plain(&world);
    assert_int_equal(pthread_create(&thread, NULL, stop_it, world.loop), 0);
    assert_stops(&world, NULL);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ---- hooks ---- */

struct tapped {
    struct buf text;
};

static void tap(void *context, void *actor, int connection, enum tap_direction direction, struct bytes plain,
                time_us now_us)
{
    struct tapped *tapped = context;

    (void)actor;
    (void)now_us;
    buf_append_format(&tapped->text, "%c%d ", direction == TAP_SENT ? 'C' : 'S', connection);
    buf_append(&tapped->text, plain);
}

static void the_tap_sees_plain_octets(void **state)
{
    static const struct script_step steps[] = {
        OPEN_IMPLICIT(1),  START_TLS(1), TEXT(1, "ready\r\n"), SEND(1, "QUIT\r\n"),
        TOLD(1, TOLD_END), CLOSE(1),     END_OF_SCRIPT,
    };
    struct world world;
    struct tapped tapped;

    (void)state;
    buf_init(&tapped.text, 1000);
    world_init(&world, WORLD_TCP_TLS_1_2);
    world.hooks = (struct driver_hooks){.context = &tapped, .tap = tap};
    free(world_play(&world, steps));
    assert_string_equal(buf_text(&tapped.text), "S1 +OK ready\r\nC1 QUIT\r\nS1 +OK bye\r\n");
    buf_release(&tapped.text);
    world_release(&world);
}

struct relay {
    struct world *world;
    struct scripted_actor second;
    bool added;
};

static void add_second(void *context, void *actor)
{
    struct relay *relay = context;

    (void)actor;
    if (!relay->added)
        world_add(relay->world, &relay->second);
    relay->added = true;
}

static void actors_can_be_added_when_others_are_done(void **state)
{
    static const struct script_step steps[] = {GREETED, CLOSE(1), END_OF_SCRIPT};
    struct world world;
    struct relay relay = {.world = &world};

    (void)state;
    world_init_plain(&world);
    scripted_init(&relay.second, steps);
    world.hooks = (struct driver_hooks){.context = &relay, .done = add_second};
    free(world_play(&world, steps));
    assert_string_equal(scripted_log(&relay.second), "1 opened\n1 bytes\n+OK ready\r\n");
    scripted_release(&relay.second);
    world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_reaches_the_server_by_itself),
        cmocka_unit_test(every_cut_is_a_record_of_its_own),
        cmocka_unit_test(waits_are_skipped),
        cmocka_unit_test(time_stands_while_octets_are_on_their_way),
        cmocka_unit_test(many_connections_at_once),
        cmocka_unit_test(much_arrives_whole),
        cmocka_unit_test(reading_goes_on_while_writing),
        cmocka_unit_test(a_flood_starves_nobody),
        cmocka_unit_test(input_waits_while_output_is_stuck),
        cmocka_unit_test(a_reset_behind_the_end_is_told),
        cmocka_unit_test(a_signal_stops_it),
        cmocka_unit_test(another_thread_stops_it),
        cmocka_unit_test(the_tap_sees_plain_octets),
        cmocka_unit_test(actors_can_be_added_when_others_are_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
