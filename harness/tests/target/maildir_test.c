/* The Maildir adapter on a temporary folder: order, line ends, what a reset removes, and what nobody may reach. */
#include "target/provisioner.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define START_US (INT64_C(1700000000) * US_PER_S)

struct world {
    struct folder folder;
    struct target target;
    struct provisioner provisioner;
    char pattern[128];
};

static void set_accounts(struct world *world, const char *first, const char *second)
{
    struct target_account *accounts =
        (struct target_account *)arena_new_array(&world->target.arena, 2, sizeof(*accounts));

    accounts[0] = (struct target_account){.user = first, .pass = ""};
    accounts[1] = (struct target_account){.user = second, .pass = ""};
    world->target.accounts = accounts;
    world->target.account_count = 2;
}

static int set_up(void **state)
{
    struct world *world = (struct world *)calloc(1, sizeof(*world));

    folder_make(&world->folder);
    target_init(&world->target);
    set_accounts(world, "anna", "bert");
    world->target.provision = TARGET_PROVISION_MAILDIR;
    snprintf(world->pattern, sizeof(world->pattern), "%s/{user}", world->folder.path);
    world->target.provision_path = world->pattern;
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

static void open_provisioner(struct world *world)
{
    struct error error;

    if (!provisioner_open(&world->target, START_US, &world->provisioner, &error))
        fail_msg("%s", error.text);
}

static void deliver(struct world *world, const char *user, const char *message)
{
    struct error error;

    assert_int_equal(
        world->provisioner.ops->deliver(world->provisioner.context, user, bytes_of(message), &error),
        PROVISION_DONE);
}

static struct file_list list_new(const struct world *world, const char *user, struct arena *arena)
{
    char path[256];
    struct file_list list;
    struct error error;

    snprintf(path, sizeof(path), "%s/%s/new", world->folder.path, user);
    assert_true(file_list_read(path, "", NULL, arena, &error, &list));
    return list;
}

static void assert_message(const struct world *world, const char *name, const char *expected)
{
    struct buf text;

    buf_init(&text, 4096);
    assert_true(folder_read(&world->folder, name, &text));
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
}

/* Servers order by name or by date of the file; both must say the order of delivery. */
static void messages_keep_their_order_by_name_and_by_date(void **state)
{
    struct world *world = (struct world *)*state;
    struct stat earlier = {0};
    struct file_list list;
    struct arena arena;

    open_provisioner(world);
    for (int i = 0; i < 12; i++) {
        char message[32];

        snprintf(message, sizeof(message), "Subject: %d\r\n\r\n", i);
        deliver(world, "anna", message);
    }
    arena_init(&arena, SIZE_MAX);
    list = list_new(world, "anna", &arena);
    assert_int_equal(list.count, 12);
    for (size_t i = 0; i < list.count; i++) {
        const char *name = arena_format(&arena, "anna/new/%s", list.names[i]);
        struct stat status;
        char path[256];

        assert_message(world, name, arena_format(&arena, "Subject: %zu\n\n", i));
        assert_int_equal(stat(folder_name(&world->folder, name, path, sizeof(path)), &status), 0);
        assert_true(status.st_mtime > earlier.st_mtime);
        assert_int_equal(status.st_mode & 0777, 0600);
        earlier = status;
    }
    arena_release(&arena);
}

static void line_ends_are_stored_as_asked(void **state)
{
    struct world *world = (struct world *)*state;
    struct file_list list;
    struct arena arena;

    world->target.provision_crlf = true;
    open_provisioner(world);
    deliver(world, "anna", "a\r\nb\rc\nd\r\n");
    world->target.provision_crlf = false;
    deliver(world, "anna", "a\r\nb\rc\nd\r\n");
    arena_init(&arena, SIZE_MAX);
    list = list_new(world, "anna", &arena);
    assert_message(world, arena_format(&arena, "anna/new/%s", list.names[0]), "a\r\nb\rc\nd\r\n");
    assert_message(world, arena_format(&arena, "anna/new/%s", list.names[1]), "a\nb\rc\nd\n");
    arena_release(&arena);
}

static void reset_removes_messages_and_nothing_else(void **state)
{
    struct world *world = (struct world *)*state;
    char outside[256];
    char link_name[256];
    struct error error;

    open_provisioner(world);
    deliver(world, "anna", "1");
    deliver(world, "bert", "2");
    folder_write(&world->folder, "anna/cur/1700000000.x:2,S", "seen");
    folder_write(&world->folder, "anna/tmp/half", "half");
    folder_write(&world->folder, "anna/dovecot-uidlist", "index");
    folder_write(&world->folder, "outside", "precious");
    assert_int_equal(symlink(folder_name(&world->folder, "outside", outside, sizeof(outside)),
                             folder_name(&world->folder, "anna/cur/link", link_name, sizeof(link_name))),
                     0);
    assert_int_equal(world->provisioner.ops->reset(world->provisioner.context, "anna", &error),
                     PROVISION_DONE);
    assert_false(folder_has(&world->folder, "anna/cur/1700000000.x:2,S"));
    assert_false(folder_has(&world->folder, "anna/tmp/half"));
    assert_true(folder_has(&world->folder, "anna/dovecot-uidlist"));
    assert_true(folder_has(&world->folder, "outside"));
    assert_true(folder_has(&world->folder, "anna/cur/link"));

    struct arena arena;

    arena_init(&arena, SIZE_MAX);
    assert_int_equal(list_new(world, "anna", &arena).count, 0);
    assert_int_equal(list_new(world, "bert", &arena).count, 1);
    arena_release(&arena);
}

/* The owner of a mailbox must not lead a test run by root to the files of others. */
static void folders_that_are_links_are_not_followed(void **state)
{
    struct world *world = (struct world *)*state;
    char elsewhere[256];
    char new[256];
    struct error error;

    open_provisioner(world);
    folder_name(&world->folder, "elsewhere", elsewhere, sizeof(elsewhere));
    folder_name(&world->folder, "anna/new", new, sizeof(new));
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    folder_write(&world->folder, "elsewhere/precious", "precious");
    assert_int_equal(rmdir(new), 0);
    assert_int_equal(symlink(elsewhere, new), 0);
    assert_int_equal(world->provisioner.ops->reset(world->provisioner.context, "anna", &error),
                     PROVISION_FAILED);
    assert_int_equal(
        world->provisioner.ops->deliver(world->provisioner.context, "anna", bytes_of("x"), &error),
        PROVISION_FAILED);
    assert_true(folder_has(&world->folder, "elsewhere/precious"));
}

static void names_that_lead_out_of_the_path_are_refused(void **state)
{
    static const char *const names[] = {"..", ".", "", "a/b", "../bert", "a\nb"};
    struct world *world = (struct world *)*state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct error error;

        set_accounts(world, names[i], "bert");
        assert_false(provisioner_open(&world->target, START_US, &world->provisioner, &error));
        assert_non_null(strstr(error.text, "cannot stand in the path"));
    }
}

static void a_path_that_cannot_be_written_is_named(void **state)
{
    struct world *world = (struct world *)*state;
    struct error error;

    snprintf(world->pattern, sizeof(world->pattern), "%s/no/such/{user}", world->folder.path);
    assert_false(provisioner_open(&world->target, START_US, &world->provisioner, &error));
    assert_int_equal(error.kind, ERROR_HOST);
    assert_non_null(strstr(error.text, "no/such/anna"));
    folder_write(&world->folder, "anna", "a file where the maildir should be");
    snprintf(world->pattern, sizeof(world->pattern), "%s/{user}", world->folder.path);
    assert_false(provisioner_open(&world->target, START_US, &world->provisioner, &error));
    assert_non_null(strstr(error.text, "Not a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_keep_their_order_by_name_and_by_date, set_up, tear_down),
        cmocka_unit_test_setup_teardown(line_ends_are_stored_as_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reset_removes_messages_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_that_are_links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_lead_out_of_the_path_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_cannot_be_written_is_named, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
