/* The mbox adapter on a temporary file: what it writes, whose lock it respects, and that it never replaces the file. */
#include "target/provisioner.h"

#include "folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SEPARATOR "From pop3spec@localhost Tue Nov 14 22:13:20 2023\n"
#define START_US  (INT64_C(1700000000) * US_PER_S)

struct world {
    struct folder folder;
    struct target target;
    struct provisioner provisioner;
    struct target_account account;
    char pattern[128];
};

static int set_up(void **state)
{
    struct world *world = (struct world *)calloc(1, sizeof(*world));
    struct error error;

    folder_make(&world->folder);
    target_init(&world->target);
    world->account = (struct target_account){.user = "anna", .pass = ""};
    world->target.accounts = &world->account;
    world->target.account_count = 1;
    world->target.provision = TARGET_PROVISION_MBOX;
    world->target.provision_lock = TARGET_LOCK_BOTH;
    snprintf(world->pattern, sizeof(world->pattern), "%s/{user}", world->folder.path);
    world->target.provision_path = world->pattern;
    assert_true(provisioner_open(&world->target, START_US, &world->provisioner, &error));
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = (struct world *)*state;

    provisioner_release(&world->provisioner);
    target_release(&world->target);
    folder_remove(&world->folder);
    free(world);
    return 0;
}

static enum provision_result deliver(struct world *world, const char *message, struct error *error)
{
    return world->provisioner.ops->deliver(world->provisioner.context, "anna", bytes_of(message), error);
}

static enum provision_result reset(struct world *world, struct error *error)
{
    return world->provisioner.ops->reset(world->provisioner.context, "anna", error);
}

static void assert_mailbox(const struct world *world, const char *expected)
{
    struct buf text;

    buf_init(&text, 4096);
    assert_true(folder_read(&world->folder, "anna", &text));
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
}

static void messages_follow_each_other_with_a_blank_line(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    assert_int_equal(deliver(world, "Subject: 1\r\n\r\none\r\n", &error), PROVISION_DONE);
    assert_int_equal(deliver(world, "Subject: 2\r\n\r\ntwo", &error), PROVISION_DONE);
    assert_mailbox(world, SEPARATOR "Subject: 1\n\none\n\n" SEPARATOR "Subject: 2\n\ntwo\n\n");
    assert_false(folder_has(&world->folder, "anna.lock"));
}

static void lines_that_begin_with_from_are_quoted(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    assert_int_equal(deliver(world, "From: a\r\n\r\nFrom me\r\n>From you\r\nFromage\r\n a From \r\n", &error),
                     PROVISION_DONE);
    assert_mailbox(world, SEPARATOR "From: a\n\n>From me\n>From you\nFromage\n a From \n\n");
}

static void reset_empties_and_keeps_the_file(void **state)
{
    struct world *world = (struct world *)*state;
    struct stat before;
    struct stat after;
    struct error error;
    char path[256];

    folder_name(&world->folder, "anna", path, sizeof(path));
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_DONE);
    assert_int_equal(reset(world, &error), PROVISION_DONE);
    assert_mailbox(world, "");
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_int_equal(after.st_mode & 0777, 0640);
}

/* The change itself is stamped with the present, so it shows that the mailbox is dated earlier. */
static void expect_dated_back(const struct world *world)
{
    struct stat status;
    char path[256];

    assert_int_equal(stat(folder_name(&world->folder, "anna", path, sizeof(path)), &status), 0);
    assert_true(status.st_mtim.tv_sec < status.st_ctim.tv_sec - 1);
}

static void what_is_written_looks_older_than_this_second(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_DONE);
    expect_dated_back(world);
    assert_int_equal(reset(world, &error), PROVISION_DONE);
    expect_dated_back(world);
}

static void a_dot_lock_of_somebody_else_is_respected(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    folder_write(&world->folder, "anna.lock", "");
    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_BUSY);
    assert_non_null(strstr(error.text, "anna.lock"));
    assert_int_equal(reset(world, &error), PROVISION_BUSY);
    assert_true(folder_has(&world->folder, "anna.lock"));
    assert_mailbox(world, "");
    world->target.provision_lock = TARGET_LOCK_FCNTL;
    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_DONE);
}

/* Locks of one process do not meet each other: another one has to hold it. */
static pid_t hold_lock(const char *path, int ready, int release)
{
    pid_t child = fork();

    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int file = open(path, O_RDWR);
        char octet = fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';

        if (write(ready, &octet, 1) != 1 || read(release, &octet, 1) < 0)
            _exit(1);
        _exit(0);
    }
    return child;
}

static void an_fcntl_lock_of_somebody_else_is_respected(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;
    int ready[2];
    int release[2];
    char octet = '\0';
    char path[256];
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(release), 0);
    child = hold_lock(folder_name(&world->folder, "anna", path, sizeof(path)), ready[1], release[0]);
    assert_int_equal(read(ready[0], &octet, 1), 1);
    assert_int_equal(octet, 'y');
    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_BUSY);
    assert_false(folder_has(&world->folder, "anna.lock"));
    assert_int_equal(write(release[1], "x", 1), 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(deliver(world, "x\r\n", &error), PROVISION_DONE);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(release[i]);
    }
}

static void a_mailbox_that_is_a_link_is_refused(void **state)
{
    struct world *world = (struct world *)*state;
    char outside[256];
    char path[256];
    struct error error;

    folder_write(&world->folder, "outside", "precious");
    folder_name(&world->folder, "outside", outside, sizeof(outside));
    folder_name(&world->folder, "anna", path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(outside, path), 0);
    assert_int_equal(reset(world, &error), PROVISION_FAILED);
    assert_false(folder_has(&world->folder, "anna.lock"));
    assert_mailbox(world, "precious");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_follow_each_other_with_a_blank_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_that_begin_with_from_are_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reset_empties_and_keeps_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_looks_older_than_this_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dot_lock_of_somebody_else_is_respected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_fcntl_lock_of_somebody_else_is_respected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mailbox_that_is_a_link_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
