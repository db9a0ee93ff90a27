/* The health of a server by its process file and its log. */
#include "target/health.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct world {
    struct folder folder;
    struct target target;
    struct health *health;
    char pid_file[128];
    char log[128];
    struct buf what;
};

static int set_up(void **state)
{
    struct world *world = (struct world *)calloc(1, sizeof(*world));
    struct error error;

    folder_make(&world->folder);
    folder_write(&world->folder, "pid", "4711\n");
    folder_write(&world->folder, "log", "Panic: of yesterday\n");
    target_init(&world->target);
    world->target.health_pid_file =
        folder_name(&world->folder, "pid", world->pid_file, sizeof(world->pid_file));
    world->target.health_log = folder_name(&world->folder, "log", world->log, sizeof(world->log));
    world->target.health_log_pattern = "Panic|signal [0-9]+";
    world->health = health_begin(&world->target, &error);
    assert_non_null(world->health);
    buf_init(&world->what, HEALTH_TEXT_OCTETS_MAX);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = (struct world *)*state;

    health_free(world->health);
    target_release(&world->target);
    buf_release(&world->what);
    folder_remove(&world->folder);
    free(world);
    return 0;
}

static void append_to_log(const struct world *world, const char *text)
{
    FILE *file = fopen(world->log, "ab");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void what_the_log_said_before_does_not_count(void **state)
{
    struct world *world = (struct world *)*state;

    append_to_log(world, "Login: anna\n");
    assert_true(health_log_is_quiet(world->health, &world->what));
    assert_int_equal(world->what.size, 0);
}

static void lines_that_meet_the_pattern_are_told(void **state)
{
    struct world *world = (struct world *)*state;

    append_to_log(world, "Login: anna\nchild killed with sig");
    assert_true(health_log_is_quiet(world->health, &world->what));
    append_to_log(world, "nal 11\nLogout: anna\n");
    assert_false(health_log_is_quiet(world->health, &world->what));
    assert_string_equal(buf_text(&world->what), "child killed with signal 11\n");
    buf_clear(&world->what);
    assert_true(health_log_is_quiet(world->health, &world->what));
}

static void another_process_is_told(void **state)
{
    struct world *world = (struct world *)*state;

    assert_true(health_process_lives(world->health, &world->what));
    folder_write(&world->folder, "pid", "4712\n");
    assert_false(health_process_lives(world->health, &world->what));
    assert_non_null(strstr(buf_text(&world->what), "another process"));
    buf_clear(&world->what);
    unlink(world->pid_file);
    assert_false(health_process_lives(world->health, &world->what));
    assert_non_null(strstr(buf_text(&world->what), "is gone"));
}

static void files_that_are_not_there_are_an_error_at_once(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    unlink(world->log);
    assert_null(health_begin(&world->target, &error));
    assert_non_null(strstr(error.text, world->log));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_log_said_before_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_that_meet_the_pattern_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_process_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_there_are_an_error_at_once, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
