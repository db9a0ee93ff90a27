/* What only memory has: the virtual clock, segments as they were written, floods that end, and limits. */
#include "world.h"

#define GREETED OPEN(1), TEXT(1, "+OK ready\r\n")

static void time_jumps_when_nothing_is_on_its_way(void **state)
{
    static const struct script_step steps[] = {GREETED, SEND(1, "LATER\r\n"), TEXT(1, "+OK now\r\n"),
                                               END_OF_SCRIPT};
    struct world world;

    (void)state;
    world_init_memory(&world);
    free(world_play(&world, steps));
    assert_in_range(memory_driver_now(world.memory), US_PER_S, US_PER_S + 100);
    world_release(&world);
}

static void every_segment_is_told_by_itself(void **state)
{
    static const struct script_step steps[] = {GREETED, SEND(1, "SPELL abcdef\r\n"), TEXT(1, "f\r\n"),
                                               END_OF_SCRIPT};
    struct world world;
    struct scripted_actor actor;

    (void)state;
    world_init_memory(&world);
    scripted_init(&actor, steps);
    world_add(&world, &actor);
    world_run(&world);
    /* The greeting, and each octet of the reply. */
    assert_int_equal(actor.bytes_count[1], 1 + strlen("+OK abcdef\r\n"));
    scripted_release(&actor);
    world_release(&world);
}

static void every_cut_reaches_the_server_by_itself(void **state)
{
    static const size_t cuts[] = {0, 1, 4, 4, 10, 99};
    static const struct script_step steps[] = {
        GREETED,
        {.kind = DO_SEND,
         .connection = 1,
         .text = "ECHO abc\r\n",
         .cuts = cuts,
         .cut_count = 6,
         .span_us = 1000},
        TEXT(1, "abc\r\n"),
        END_OF_SCRIPT,
    };
    struct world world;

    (void)state;
    world_init_memory(&world);
    world.server.log_sizes = true;
    free(world_play(&world, steps));
    assert_string_equal(buf_text(&world.server.log), "open\n1\n3\n6\ncommand\nend\nclose\n");
    /* Two pauses between three segments. */
    assert_in_range(memory_driver_now(world.memory), 2000, 2100);
    world_release(&world);
}

static void a_flood_ends_by_the_deadline(void **state)
{
    static const struct script_step steps[] = {OPEN(1), SEND(1, "FLOOD\r\n"), PAUSE(10 * US_PER_S), ABORT(1),
                                               END_OF_SCRIPT};
    struct world world;
    struct scripted_actor actor;

    (void)state;
    world_init_memory(&world);
    scripted_init(&actor, steps);
    actor.octets_unlogged = true;
    world_add(&world, &actor);
    world_run(&world);
    assert_true(actor.octets[1] > (uint64_t)MEMORY_FLOOD_SEGMENTS * 1024);
    assert_string_equal(buf_text(&world.server.log), "open\ncommand\nreset\nclose\n");
    scripted_release(&actor);
    world_release(&world);
}

/* COUNT times one line there and back, behind the greeting; the caller frees. */
static struct script_step *echo_steps(size_t count)
{
    static const struct script_step opening[] = {GREETED};
    static const struct script_step echo[] = {SEND(1, "ECHO x\r\n"), TEXT(1, "+OK x\r\n")};
    enum { OPENING = sizeof(opening) / sizeof(opening[0]), ECHO = sizeof(echo) / sizeof(echo[0]) };
    struct script_step *steps = memory_new_array(OPENING + ECHO * count + 1, sizeof(*steps));

    memcpy(steps, opening, sizeof(opening));
    for (size_t i = 0; i < count; i++)
        memcpy(steps + OPENING + ECHO * i, echo, sizeof(echo));
    steps[OPENING + ECHO * count] = (struct script_step)END_OF_SCRIPT;
    return steps;
}

/* One is flooded; the other is busy for longer than honest floods last, and must not run out of time by it. */
static void a_flood_does_not_speed_up_the_clock_of_others(void **state)
{
    static const struct script_step flood[] = {OPEN(1), SEND(1, "FLOOD\r\n"), TOLD(1, TOLD_END),
                                               END_OF_SCRIPT};
    struct script_step *echos = echo_steps(MEMORY_FLOOD_SEGMENTS);
    struct world world;
    struct scripted_actor flooded;
    struct scripted_actor busy;

    (void)state;
    world_init_memory(&world);
    scripted_init(&flooded, flood);
    scripted_init(&busy, echos);
    flooded.octets_unlogged = true;
    flooded.give_up_us = 60 * US_PER_S;
    world_add(&world, &flooded);
    world_add(&world, &busy);
    world_run(&world);
    assert_true(flooded.gave_up);
    assert_true(flooded.bytes_count[1] > MEMORY_FLOOD_SEGMENTS);
    assert_false(busy.gave_up);
    assert_int_equal(busy.octets[1], strlen("+OK ready\r\n") + strlen("+OK x\r\n") * MEMORY_FLOOD_SEGMENTS);
    scripted_release(&flooded);
    scripted_release(&busy);
    free(echos);
    world_release(&world);
}

static void waiting_for_nothing_is_seen(void **state)
{
    static const struct script_step steps[] = {GREETED, TOLD(1, TOLD_END), END_OF_SCRIPT};
    struct world world;
    struct scripted_actor actor;

    (void)state;
    world_init_memory(&world);
    scripted_init(&actor, steps);
    actor.give_up_us = TIME_NEVER;
    world_add(&world, &actor);
    assert_int_equal(memory_driver_run(world.memory, WORLD_STEPS_MAX), MEMORY_STALLED);
    scripted_release(&actor);
    world_release(&world);
}

static void the_limit_of_steps_is_kept(void **state)
{
    static const struct script_step steps[] = {OPEN(1), SEND(1, "FLOOD\r\n"), TOLD(1, TOLD_END),
                                               END_OF_SCRIPT};
    struct world world;
    struct scripted_actor actor;

    (void)state;
    world_init_memory(&world);
    scripted_init(&actor, steps);
    actor.octets_unlogged = true;
    actor.give_up_us = TIME_NEVER;
    world_add(&world, &actor);
    assert_int_equal(memory_driver_run(world.memory, 1000), MEMORY_EXHAUSTED);
    scripted_release(&actor);
    world_release(&world);
}

static void a_port_that_is_not_there_cannot_be_opened(void **state)
{
    static const struct script_step steps[] = {
        {.kind = DO_OPEN_IMPLICIT, .connection = 1},
        TOLD(1, TOLD_OPEN_FAILED),
        OPEN(1),
        TLS_FAILS(1),
        END_OF_SCRIPT,
    };
    struct world world = {.hooks = {.host = NULL}};

    (void)state;
    line_server_init(&world.server);
    world.memory = memory_driver_new(&(struct memory_server){.ops = &line_peer_ops, .server = &world.server});
    char *log = world_play(&world, steps);

    assert_string_equal(log, "1 open-failed: the target has no port for implicit TLS\n1 opened\n"
                             "1 tls-failed: there are no TLS settings for this target\n");
    free(log);
    world_release(&world);
}

enum { MANY_ACTORS = 50 };

/* The server's log and the clock of a run with many actors at once. */
static char *run_many(time_us *ret_now_us)
{
    static const struct script_step steps[] = {
        GREETED,
        OPEN(2),
        SEND(2, "STLS\r\n"),
        TEXT(2, "begin\r\n"),
        START_TLS(2),
        SEND(1, "LATER\r\n"),
        SEND(2, "ECHO one\r\n"),
        TEXT(2, "one\r\n"),
        TEXT(1, "now\r\n"),
        SEND(2, "QUIT\r\n"),
        TOLD(2, TOLD_END),
        END_OF_SCRIPT,
    };
    struct scripted_actor *actors = memory_new_array(MANY_ACTORS, sizeof(*actors));
    struct world world;

    world_init_memory(&world);
    for (int i = 0; i < MANY_ACTORS; i++) {
        scripted_init(&actors[i], steps);
        world_add(&world, &actors[i]);
    }
    world_run(&world);
    for (int i = 0; i < MANY_ACTORS; i++) {
        assert_false(actors[i].gave_up);
        scripted_release(&actors[i]);
    }
    free(actors);
    assert_int_equal(world.server.served_count, 2 * MANY_ACTORS);
    *ret_now_us = memory_driver_now(world.memory);
    char *log = buf_take_text(&world.server.log);

    world_release(&world);
    return log;
}

static void the_same_run_twice_is_the_same(void **state)
{
    time_us first_us;
    time_us second_us;
    char *first = run_many(&first_us);
    char *second = run_many(&second_us);

    (void)state;
    assert_string_equal(first, second);
    assert_true(first_us == second_us);
    free(first);
    free(second);
}

static void what_is_open_at_the_end_is_reset(void **state)
{
    static const struct script_step steps[] = {GREETED, TOLD(1, TOLD_END), END_OF_SCRIPT};
    struct world world;
    struct scripted_actor actor;

    (void)state;
    world_init_memory(&world);
    scripted_init(&actor, steps);
    actor.give_up_us = TIME_NEVER;
    world_add(&world, &actor);
    assert_int_equal(memory_driver_run(world.memory, WORLD_STEPS_MAX), MEMORY_STALLED);
    memory_driver_free(world.memory);
    world.memory = NULL;
    assert_string_equal(buf_text(&world.server.log), "open\nreset\nclose\n");
    scripted_release(&actor);
    world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_jumps_when_nothing_is_on_its_way),
        cmocka_unit_test(every_segment_is_told_by_itself),
        cmocka_unit_test(every_cut_reaches_the_server_by_itself),
        cmocka_unit_test(a_flood_ends_by_the_deadline),
        cmocka_unit_test(a_flood_does_not_speed_up_the_clock_of_others),
        cmocka_unit_test(waiting_for_nothing_is_seen),
        cmocka_unit_test(the_limit_of_steps_is_kept),
        cmocka_unit_test(a_port_that_is_not_there_cannot_be_opened),
        cmocka_unit_test(the_same_run_twice_is_the_same),
        cmocka_unit_test(what_is_open_at_the_end_is_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
