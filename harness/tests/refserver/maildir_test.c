/* The Maildir store: what is listed, read and removed, and that a removal happens wholly or not at all. */
#include "refserver/talk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LOGIN "open\nC: USER m\nC: PASS p\n"

struct folder {
    char path[64];
    struct talk talk;
};

static void in_folder(const struct folder *folder, const char *name, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/%s", folder->path, name);
}

static void make_folder(const struct folder *folder, const char *name)
{
    char path[256];

    in_folder(folder, name, path, sizeof(path));
    assert_int_equal(mkdir(path, 0700), 0);
}

static void write_file(const struct folder *folder, const char *name, const char *octets)
{
    char path[256];

    in_folder(folder, name, path, sizeof(path));
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, strlen(octets), file), strlen(octets));
    assert_int_equal(fclose(file), 0);
}

static bool exists(const struct folder *folder, const char *name)
{
    char path[256];

    in_folder(folder, name, path, sizeof(path));
    return access(path, F_OK) == 0;
}

static int set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof(struct folder));
    struct policy policy;
    struct error error;

    snprintf(folder->path, sizeof(folder->path), "/tmp/pop3spec-maildir-XXXXXX");
    if (mkdtemp(folder->path) == NULL)
        return -1;
    make_folder(folder, "new");
    make_folder(folder, "cur");
    make_folder(folder, "tmp");
    talk_init(&folder->talk);
    policy_init(&policy);
    policy.text = TEXT_NONE;
    policy.apop = false;
    refserver_set_policy(folder->talk.server, &policy);
    *state = folder;
    return refserver_add_maildir_user(folder->talk.server, "m", "p", folder->path, &error) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct folder *folder = *state;
    char command[128];

    talk_release(&folder->talk);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
    int result = system(command);

    free(folder);
    return result;
}

static void expect(struct folder *folder, const char *script, const char *expected)
{
    talk_play(&folder->talk, script);
    char *said = talk_take(&folder->talk);

    assert_string_equal(said, expected);
    free(said);
}

static void serves_lf_and_crlf(void **state)
{
    struct folder *folder = *state;

    write_file(folder, "new/2.host", "Subject: two\n\n.body\n");
    write_file(folder, "cur/1.host:2,S", "Subject: one\r\n\r\nbody\r\n");
    write_file(folder, "new/3.host", "Subject: three\r\n\r\nno end");
    write_file(folder, "new/.hidden", "not a message\n");
    make_folder(folder, "cur/4.folder");
    expect(folder, LOGIN "C: UIDL\nC: LIST\nC: RETR 2\nC: TOP 3 1",
           "+OK|+OK|+OK|+OK|1 1.host|2 2.host|3 3.host|.|+OK|1 22|2 23|3 26|.|"
           "+OK|Subject: two||..body|.|+OK|Subject: three||no end|.|");
}

static void removes_at_update_only(void **state)
{
    struct folder *folder = *state;

    write_file(folder, "new/1", "A: 1\n");
    write_file(folder, "cur/2:2,", "A: 2\n");
    expect(folder, LOGIN "C: DELE 2\ndrop\n" LOGIN "C: DELE 2\nC: LIST",
           "+OK|+OK|+OK|+OK|+OK|+OK|+OK|+OK|+OK|1 6|.|");
    assert_true(exists(folder, "cur/2:2,"));
    expect(folder, "C: QUIT", "+OK|<CLOSE>");
    assert_false(exists(folder, "cur/2:2,"));
    assert_false(exists(folder, "tmp/2:2,"));
    assert_true(exists(folder, "new/1"));
}

/* A folder in tmp/ stands where message 2 would be moved to, so that its removal fails when message 1's has begun. */
static void removes_all_or_nothing(void **state)
{
    struct folder *folder = *state;

    write_file(folder, "new/1", "A: 1\n");
    write_file(folder, "new/2", "A: 2\n");
    write_file(folder, "new/3", "A: 3\n");
    make_folder(folder, "tmp/2");
    make_folder(folder, "tmp/2/full");
    expect(folder, LOGIN "C: DELE 1\nC: DELE 2\nC: DELE 3\nC: QUIT",
           "+OK|+OK|+OK|+OK|+OK|+OK|-ERR [SYS/TEMP]|<CLOSE>");
    expect(folder, LOGIN "C: LIST", "+OK|+OK|+OK|+OK|1 6|2 6|3 6|.|");
    assert_true(exists(folder, "new/1") && exists(folder, "new/2") && exists(folder, "new/3"));
}

static void bears_files_that_go_away(void **state)
{
    struct folder *folder = *state;
    char path[256];

    write_file(folder, "new/1", "A: 1\n");
    write_file(folder, "new/2", "A: 2\n");
    expect(folder, LOGIN, "+OK|+OK|+OK|");
    in_folder(folder, "new/1", path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    expect(folder, "C: RETR 1\nC: LIST 1\nC: DELE 1\nC: DELE 2\nC: QUIT",
           "-ERR [SYS/TEMP]|+OK 1 6|+OK|+OK|+OK|<CLOSE>");
    assert_int_equal(refserver_message_count(folder->talk.server, "m"), 0);
}

static void refuses_to_open_what_is_gone(void **state)
{
    struct folder *folder = *state;
    char path[256];

    in_folder(folder, "cur", path, sizeof(path));
    assert_int_equal(rmdir(path), 0);
    expect(folder, LOGIN, "+OK|+OK|-ERR [SYS/TEMP]|");
    make_folder(folder, "cur");
    expect(folder, "C: USER m\nC: PASS p", "+OK|+OK|");
}

/* A FIFO and a symbolic link are no messages, and neither hangs the server. */
static void opens_regular_files_only(void **state)
{
    struct folder *folder = *state;
    char path[256];

    in_folder(folder, "new/1.fifo", path, sizeof(path));
    assert_int_equal(mkfifo(path, 0600), 0);
    in_folder(folder, "new/2.link", path, sizeof(path));
    assert_int_equal(symlink("/etc/passwd", path), 0);
    expect(folder, LOGIN "C: STAT", "+OK|+OK|+OK|+OK 0 0|");
}

static void names_that_are_no_unique_ids_are_hashed(void **state)
{
    struct folder *folder = *state;

    write_file(folder, "new/1 with space", "A: 1\n");
    write_file(folder, "new/2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:2,S",
               "A: 2\n");
    expect(folder, LOGIN "C: UIDL",
           "+OK|+OK|+OK|+OK|1 hash-dc3abeeb41f1e95a-12|2 hash-b1286fcd753a417b-71|.|");
}

static void delivers_and_resets(void **state)
{
    struct folder *folder = *state;
    struct refserver *server = folder->talk.server;
    struct error error;
    struct buf octets;

    buf_init(&octets, 1024);
    assert_true(refserver_deliver(server, "m", BYTES_LITERAL("A: 1\r\n\r\nx\r\n"), &error));
    assert_true(refserver_deliver(server, "m", BYTES_LITERAL("A: 2\n"), &error));
    assert_true(refserver_deliver_as(server, "m", "zz", BYTES_LITERAL("A: 3\n"), &error));
    assert_false(refserver_deliver_as(server, "m", "zz", BYTES_LITERAL("A: 3\n"), &error));
    assert_false(refserver_deliver_as(server, "m", "../x", BYTES_LITERAL("A: 3\n"), &error));
    assert_int_equal(refserver_message_count(server, "m"), 3);
    assert_true(refserver_message(server, "m", 0, &octets));
    assert_string_equal(buf_text(&octets), "A: 1\r\n\r\nx\r\n");
    expect(folder, LOGIN "C: UIDL 3", "+OK|+OK|+OK|+OK 3 zz|");
    assert_true(refserver_reset(server, "m", &error));
    assert_int_equal(refserver_message_count(server, "m"), 0);
    buf_release(&octets);
}

static void names_what_is_no_maildir(void **state)
{
    struct folder *folder = *state;
    struct error error;

    assert_false(refserver_add_maildir_user(folder->talk.server, "n", "p", "/no/such/folder", &error));
    assert_int_equal(error.kind, ERROR_HOST);
    assert_string_equal(error.text, "/no/such/folder is no Maildir: it has no folder new/");
    assert_false(refserver_add_maildir_user(folder->talk.server, "m", "p", folder->path, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(serves_lf_and_crlf),
        WITH_FOLDER(removes_at_update_only),
        WITH_FOLDER(removes_all_or_nothing),
        WITH_FOLDER(bears_files_that_go_away),
        WITH_FOLDER(refuses_to_open_what_is_gone),
        WITH_FOLDER(opens_regular_files_only),
        WITH_FOLDER(names_that_are_no_unique_ids_are_hashed),
        WITH_FOLDER(delivers_and_resets),
        WITH_FOLDER(names_what_is_no_maildir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
