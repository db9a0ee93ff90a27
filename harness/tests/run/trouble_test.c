/*
 * Targets that cannot be used, and targets that die: each ends with one clear error or the right exit code, in bounded
 * time, whatever it sends.
 */
#include "line_server.h"
#include "stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What the machine waits for on the way, several times over; no run of these may take longer. */
#define BOUND_US (300 * US_PER_S)

static const char SCENARIOS[] = "pop3spec: 1\n"
                                "scenarios:\n"
                                "  - name: noop\n"
                                "    title: NOOP is answered\n"
                                "    tags: [example]\n"
                                "    state: transaction\n"
                                "    dialog: |\n"
                                "      C: NOOP\n"
                                "      S: +OK\n"
                                "  - name: each\n"
                                "    title: NOOP is answered, {number}\n"
                                "    tags: [example]\n"
                                "    state: transaction\n"
                                "    each: {number: [1, 2, 3, 4, 5, 6, 7, 8]}\n"
                                "    dialog: |\n"
                                "      C: NOOP\n"
                                "      S: +OK\n";

struct attempt {
    bool ran;
    struct error error;
    struct run_result result;
    struct arena arena;
    int64_t elapsed_us;
};

static void attempt_run(struct line_server *server, const char *const *transports, struct attempt *attempt)
{
    const struct memory_server memory = {.ops = &line_server_ops, .server = server};
    struct solo *solo = solo_new(&memory, (struct provisioner){NULL, NULL});
    struct stock *stock = stock_from_text(SCENARIOS);
    struct run_options options = solo_options(solo, stock);

    *attempt = (struct attempt){.ran = false};
    options.transports = transports;
    arena_init(&attempt->arena, SIZE_MAX);
    attempt->ran = run_execute(&options, &attempt->arena, &attempt->result, &attempt->error);
    attempt->elapsed_us = options.stage->ops->now(options.stage->context, &options.stage->venues[0]);
    assert_true(attempt->elapsed_us < BOUND_US);
    stock_free(stock);
    solo_free(solo);
}

static void assert_unreachable(struct line_server *server, const char *why)
{
    struct attempt attempt;

    attempt_run(server, NULL, &attempt);
    assert_false(attempt.ran);
    assert_int_equal(attempt.error.kind, ERROR_UNREACHABLE);
    if (strstr(attempt.error.text, why) == NULL)
        fail_msg("the error says: %s", attempt.error.text);
    assert_non_null(strstr(attempt.error.text, "solo cannot be used"));
    arena_release(&attempt.arena);
}

/* ---- targets that cannot be used ---- */

static void says_nothing(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                         bool *close)
{
    (void)server;
    (void)line;
    (void)greeting;
    (void)out;
    (void)close;
}

static void a_silent_target_is_unreachable(void **state)
{
    struct line_server server = {.answer = says_nothing};

    (void)state;
    assert_unreachable(&server, "greeting");
}

static void says_another_protocol(struct line_server *server, struct bytes line, bool greeting,
                                  struct buf *out, bool *close)
{
    (void)server;
    (void)line;
    (void)close;
    if (greeting)
        buf_append_text(out, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void another_protocol_is_unreachable_and_quoted(void **state)
{
    struct line_server server = {.answer = says_another_protocol};

    (void)state;
    assert_unreachable(&server, "SSH-2.0-OpenSSH_9.2");
}

static void refuses_service(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                            bool *close)
{
    (void)server;
    (void)line;
    if (greeting)
        buf_append_text(out, "-ERR too many connections\r\n");
    *close = true;
}

static void a_refusing_greeting_is_quoted(void **state)
{
    struct line_server server = {.answer = refuses_service};

    (void)state;
    assert_unreachable(&server, "too many connections");
}

static void says_garbage(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                         bool *close)
{
    (void)server;
    (void)line;
    (void)greeting;
    (void)close;
    for (int i = 0; i < 4096; i++)
        buf_append_octet(out, (uint8_t)(i * 37));
}

static void endless_garbage_is_unreachable(void **state)
{
    struct line_server server = {.answer = says_garbage, .endless = true};

    (void)state;
    assert_unreachable(&server, "");
}

static void says_one_line_without_end(struct line_server *server, struct bytes line, bool greeting,
                                      struct buf *out, bool *close)
{
    (void)server;
    (void)line;
    (void)close;
    buf_append_text(out, greeting ? "+OK " : "");
    for (int i = 0; i < 4096; i++)
        buf_append_octet(out, 'x');
}

static void an_endless_greeting_is_unreachable(void **state)
{
    struct line_server server = {.answer = says_one_line_without_end, .endless = true};

    (void)state;
    assert_unreachable(&server, "");
}

static void a_target_that_resets_at_once_is_unreachable(void **state)
{
    struct line_server server = {.answer = says_nothing, .dies_behind = 1, .sessions = 1};

    (void)state;
    assert_unreachable(&server, "");
}

/* ---- targets that work for a while ---- */

static bool is(struct bytes line, const char *keyword)
{
    return bytes_start_with(line, bytes_of(keyword));
}

/* A whole server for NOOP. */
static void serves(struct line_server *server, struct bytes line, bool greeting, struct buf *out, bool *close)
{
    (void)server;
    if (greeting)
        buf_append_text(out, "+OK ready\r\n");
    else if (is(line, "USER") || is(line, "PASS secret") || is(line, "NOOP"))
        buf_append_text(out, "+OK\r\n");
    else if (is(line, "QUIT"))
        buf_append_text(out, "+OK bye\r\n");
    else
        buf_append_text(out, "-ERR no\r\n");
    *close = is(line, "QUIT");
}

static void refuses_login(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                          bool *close)
{
    if (is(line, "PASS")) {
        server->logged_in = true;
        buf_append_text(out, "-ERR [AUTH] wrong password\r\n");
        return;
    }
    serves(server, line, greeting, out, close);
}

/* The password of the command line is wrong: two tries, not a dozen, and nothing else is run. */
static void a_wrong_password_is_unreachable_and_sent_twice_at_most(void **state)
{
    struct line_server server = {.answer = refuses_login};

    (void)state;
    assert_unreachable(&server, "account \"anna\" cannot log in");
    assert_true(server.logged_in);
    assert_int_equal(server.sessions, 3); /* one look, two logins */
}

static void a_plain_server_passes(void **state)
{
    struct line_server server = {.answer = serves};
    struct attempt attempt;

    (void)state;
    attempt_run(&server, NULL, &attempt);
    assert_true(attempt.ran);
    assert_int_equal(attempt.result.exit_code, 0);
    assert_false(attempt.result.target_died);
    assert_string_equal(attempt.result.target.greeting.text, "+OK ready");
    arena_release(&attempt.arena);
}

/* It dies behind the fifth session: what is left is blocked at once, not after one time-out each. */
static void a_target_that_dies_ends_the_run(void **state)
{
    struct line_server server = {.answer = serves, .dies_behind = 5};
    struct attempt attempt;

    (void)state;
    attempt_run(&server, NULL, &attempt);
    assert_true(attempt.ran);
    assert_true(attempt.result.target_died);
    assert_int_equal(attempt.result.exit_code, 4);
    assert_int_equal(attempt.result.counts[VERDICT_BLOCKED], 9 - 3);
    /* The case that met it tries for as long as a lock may last; then three knocks, and no connection more. */
    assert_true(server.sessions < 5 + 20 + 3);
    assert_true(attempt.elapsed_us < 60 * US_PER_S);
    arena_release(&attempt.arena);
}

static void hangs_behind(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                         bool *close)
{
    if (server->sessions <= 5)
        serves(server, line, greeting, out, close);
}

static void a_target_that_hangs_ends_the_run(void **state)
{
    struct line_server server = {.answer = hangs_behind};
    struct attempt attempt;

    (void)state;
    attempt_run(&server, NULL, &attempt);
    assert_true(attempt.ran);
    assert_int_equal(attempt.result.exit_code, 4);
    assert_int_equal(attempt.result.counts[VERDICT_BLOCKED], 9 - 3);
    assert_true(attempt.elapsed_us < 60 * US_PER_S);
    arena_release(&attempt.arena);
}

/* One case that cannot get there is no death: the others go on. */
static void hangs_once(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                       bool *close)
{
    if (server->sessions != 5)
        serves(server, line, greeting, out, close);
}

static void one_blocked_case_does_not_end_the_run(void **state)
{
    struct line_server server = {.answer = hangs_once};
    struct attempt attempt;

    (void)state;
    attempt_run(&server, NULL, &attempt);
    assert_true(attempt.ran);
    assert_false(attempt.result.target_died);
    assert_int_equal(attempt.result.exit_code, 1);
    assert_int_equal(attempt.result.counts[VERDICT_BLOCKED], 1);
    arena_release(&attempt.arena);
}

/* ---- a lock that stays behind a session without QUIT ---- */

/* The fifth session fails at NOOP, so that the case is over; from then on logins are refused for REASON. */
static void refuse_behind_failure(struct line_server *server, struct bytes line, bool greeting,
                                  struct buf *out, bool *close, const char *reason)
{
    if (server->sessions == 5 && is(line, "NOOP"))
        buf_append_text(out, "-ERR\r\n");
    else if (server->sessions > 5 && is(line, "PASS"))
        buf_append_format(out, "-ERR %s\r\n", reason);
    else
        serves(server, line, greeting, out, close);
}

static void stays_locked(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                         bool *close)
{
    refuse_behind_failure(server, line, greeting, out, close, "[IN-USE] locked");
}

static void withdraws_account(struct line_server *server, struct bytes line, bool greeting, struct buf *out,
                              bool *close)
{
    refuse_behind_failure(server, line, greeting, out, close, "[AUTH] no such account");
}

static void assert_rest(struct line_server *server, enum verdict verdict, const char *why)
{
    struct attempt attempt;
    size_t count = 0;

    attempt_run(server, NULL, &attempt);
    assert_true(attempt.ran);
    for (size_t i = 0; i < attempt.result.case_count; i++) {
        const struct case_result *one = &attempt.result.cases[i];

        if (one->verdict == verdict && one->reason.text != NULL)
            count += strstr(one->reason.text, why) != NULL ? 1 : 0;
    }
    assert_int_equal(count, 9 - 3);
    arena_release(&attempt.arena);
}

static void what_a_lock_keeps_out_is_skipped_with_advice(void **state)
{
    struct line_server server = {.answer = stays_locked};

    (void)state;
    assert_rest(&server, VERDICT_SKIP, "timeouts: {login: 5min}");
}

static void what_is_refused_for_no_lock_is_blocked(void **state)
{
    struct line_server server = {.answer = withdraws_account};

    (void)state;
    assert_rest(&server, VERDICT_BLOCKED, "[AUTH] no such account");
}

/* ---- transports that the target lacks ---- */

static void transports_without_tls_are_skipped_with_the_reason(void **state)
{
    static const char *const transports[] = {"all", NULL};
    struct line_server server = {.answer = serves};
    struct attempt attempt;
    size_t skipped = 0;

    (void)state;
    attempt_run(&server, transports, &attempt);
    assert_true(attempt.ran);
    assert_int_equal(attempt.result.exit_code, 0);
    for (size_t i = 0; i < attempt.result.case_count; i++) {
        const struct case_result *one = &attempt.result.cases[i];
        bool tls = strcmp(one->transport, "stls") == 0 || strcmp(one->transport, "implicit") == 0;

        if (!tls)
            continue;
        skipped++;
        assert_int_equal(one->verdict, VERDICT_SKIP);
        assert_non_null(one->evidence.text);
    }
    assert_int_equal(skipped, 2 * 9);
    arena_release(&attempt.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_target_is_unreachable),
        cmocka_unit_test(another_protocol_is_unreachable_and_quoted),
        cmocka_unit_test(a_refusing_greeting_is_quoted),
        cmocka_unit_test(endless_garbage_is_unreachable),
        cmocka_unit_test(an_endless_greeting_is_unreachable),
        cmocka_unit_test(a_target_that_resets_at_once_is_unreachable),
        cmocka_unit_test(a_wrong_password_is_unreachable_and_sent_twice_at_most),
        cmocka_unit_test(a_plain_server_passes),
        cmocka_unit_test(a_target_that_dies_ends_the_run),
        cmocka_unit_test(a_target_that_hangs_ends_the_run),
        cmocka_unit_test(one_blocked_case_does_not_end_the_run),
        cmocka_unit_test(what_a_lock_keeps_out_is_skipped_with_advice),
        cmocka_unit_test(what_is_refused_for_no_lock_is_blocked),
        cmocka_unit_test(transports_without_tls_are_skipped_with_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
