/* When cases begin: those that send wrong passwords keep to themselves, unless the target says that they need not. */
#include "line_server.h"
#include "stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char SCENARIOS[] = "pop3spec: 1\n"
                                "defaults: {proves: [], tags: [example]}\n"
                                "scenarios:\n"
                                "  - name: a-guess\n"
                                "    title: A wrong password is refused\n"
                                "    dialog: |\n"
                                "      C: USER {user}\n"
                                "      S: +OK\n"
                                "      C: PASS wrong\n"
                                "      S: -ERR\n"
                                "  - name: b-quit\n"
                                "    title: QUIT is answered\n"
                                "    dialog: |\n"
                                "      C: QUIT\n"
                                "      S: +OK\n";

/* A server for a name, the right password and QUIT. */
static void answer(struct line_server *server, struct bytes line, bool greeting, struct buf *out, bool *close)
{
    static const char *const taken[] = {"USER anna", "PASS secret", "QUIT"};
    bool positive = greeting;

    (void)server;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        positive = positive || bytes_equal(line, bytes_of(taken[i]));
    buf_append_text(out, positive ? "+OK\r\n" : "-ERR\r\n");
    *close = bytes_equal(line, BYTES_LITERAL("QUIT"));
}

/* ---- what is written down ---- */

enum { NOTES_SIZE = 200 };

struct notes {
    char text[NOTES_SIZE];
};

static void note(struct notes *notes, const char *what, const char *id)
{
    size_t used = strlen(notes->text);

    snprintf(notes->text + used, sizeof(notes->text) - used, "%s%s %s", used == 0 ? "" : ", ", id, what);
}

static void note_start(void *context, const char *id, const char *transport)
{
    (void)transport;
    note((struct notes *)context, "begins", id);
}

static void note_end(void *context, const struct case_result *result, size_t finished_count,
                     size_t total_count)
{
    (void)finished_count;
    (void)total_count;
    note((struct notes *)context, "ends", result->id);
}

/* Runs both scenarios, two at a time. */
static void run_both(bool bad_logins_together, struct notes *notes)
{
    struct line_server server = {.answer = answer};
    const struct memory_server memory = {.ops = &line_server_ops, .server = &server};
    struct solo *solo = solo_new(&memory, (struct provisioner){NULL, NULL});
    struct stock *stock = stock_from_text(SCENARIOS);
    struct run_options options = solo_options(solo, stock);
    struct run_result result;
    struct error error;
    struct arena arena;

    *notes = (struct notes){.text = ""};
    solo->target.bad_logins_together = bad_logins_together;
    options.jobs = 2;
    options.watcher =
        (struct run_watcher){.case_started = note_start, .case_finished = note_end, .context = notes};
    arena_init(&arena, SIZE_MAX);
    if (!run_execute(&options, &arena, &result, &error))
        fail_msg("%s", error.text);
    assert_int_equal(result.exit_code, 0);
    arena_release(&arena);
    stock_free(stock);
    solo_free(solo);
}

static void wrong_passwords_come_last_and_alone(void **state)
{
    struct notes notes;

    (void)state;
    run_both(false, &notes);
    assert_string_equal(notes.text, "t/b-quit begins, t/b-quit ends, t/a-guess begins, t/a-guess ends");
}

static void wrong_passwords_are_sent_beside_others_where_the_target_says_so(void **state)
{
    struct notes notes;

    (void)state;
    run_both(true, &notes);
    assert_string_equal(notes.text, "t/a-guess begins, t/b-quit begins, t/b-quit ends, t/a-guess ends");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_passwords_come_last_and_alone),
        cmocka_unit_test(wrong_passwords_are_sent_beside_others_where_the_target_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
