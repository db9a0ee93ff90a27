/*
 * Without `provision` the suite deletes nothing. Every stock scenario runs against a reference server that would carry
 * out whatever it is told, a spy between them reads all that is sent, and the maildrop must be the same afterwards, octet
 * for octet.
 */
#include "base/buf.h"
#include "refserver/shell/shell.h"
#include "run/safety.h"
#include "stock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- the spy ---- */

struct spy {
    struct refserver *server;
    uint64_t sessions;
    uint64_t deletes;           /* lines with DELE in them, in any case and place */
    uint64_t quits_behind_retr; /* sessions that retrieved and then left by QUIT */
    uint64_t wrong_passwords;
};

struct spied {
    struct spy *spy;
    void *session;
    struct buf line;
    bool retrieved;
};

static void *spied_open(void *context, const struct peer_info *info, time_us now_us)
{
    struct spied *spied = (struct spied *)memory_new(sizeof(*spied));

    spied->spy = (struct spy *)context;
    spied->spy->sessions++;
    spied->session = refserver_peer_ops.open(spied->spy->server, info, now_us);
    buf_init(&spied->line, BUF_UNBOUNDED);
    return spied;
}

static bool begins(struct bytes line, const char *word)
{
    struct bytes prefix = bytes_of(word);

    return bytes_equal_nocase(bytes_slice(line, 0, prefix.size), prefix);
}

static bool contains(struct bytes line, const char *word)
{
    for (size_t i = 0; i < line.size; i++)
        if (begins(bytes_from(line, i), word))
            return true;
    return false;
}

static void read_line(struct spied *spied, struct bytes line)
{
    struct spy *spy = spied->spy;

    if (contains(line, "DELE"))
        spy->deletes++;
    if (begins(line, "RETR ") || begins(line, "TOP "))
        spied->retrieved = true;
    if (begins(line, "QUIT") && spied->retrieved)
        spy->quits_behind_retr++;
    if (begins(line, "PASS ") && !bytes_equal(bytes_from(line, strlen("PASS ")), BYTES_LITERAL("secret")))
        spy->wrong_passwords++;
}

static void spied_input(void *peer, struct bytes octets, time_us now_us)
{
    struct spied *spied = (struct spied *)peer;

    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] != '\n') {
            if (octets.data[i] != '\r')
                buf_append_octet(&spied->line, octets.data[i]);
            continue;
        }
        read_line(spied, buf_bytes(&spied->line));
        buf_clear(&spied->line);
    }
    refserver_peer_ops.input(spied->session, octets, now_us);
}

static void spied_end(void *peer, time_us now_us)
{
    refserver_peer_ops.end(((struct spied *)peer)->session, now_us);
}

static void spied_reset(void *peer, time_us now_us)
{
    refserver_peer_ops.reset(((struct spied *)peer)->session, now_us);
}

static struct bytes spied_output(void *peer)
{
    return refserver_peer_ops.output(((struct spied *)peer)->session);
}

static void spied_wrote(void *peer, size_t count, time_us now_us)
{
    refserver_peer_ops.wrote(((struct spied *)peer)->session, count, now_us);
}

static enum peer_wish spied_wish(const void *peer)
{
    return refserver_peer_ops.wish(((const struct spied *)peer)->session);
}

static void spied_tls_done(void *peer, bool ok, time_us now_us)
{
    refserver_peer_ops.tls_done(((struct spied *)peer)->session, ok, now_us);
}

static time_us spied_deadline(const void *peer)
{
    return refserver_peer_ops.deadline(((const struct spied *)peer)->session);
}

static void spied_tick(void *peer, time_us now_us)
{
    refserver_peer_ops.tick(((struct spied *)peer)->session, now_us);
}

static void spied_close(void *peer, time_us now_us)
{
    struct spied *spied = (struct spied *)peer;

    /* What was sent without a line end counts too. */
    read_line(spied, buf_bytes(&spied->line));
    refserver_peer_ops.close(spied->session, now_us);
    buf_release(&spied->line);
    free(spied);
}

static const struct peer_ops spied_ops = {
    .open = spied_open,
    .input = spied_input,
    .end = spied_end,
    .reset = spied_reset,
    .output = spied_output,
    .wrote = spied_wrote,
    .wish = spied_wish,
    .tls_done = spied_tls_done,
    .deadline = spied_deadline,
    .tick = spied_tick,
    .close = spied_close,
};

/* ---- the server ---- */

static const char *const messages[] = {
    "Subject: one\r\n\r\nThe only copy there is.\r\n",
    "Subject: two\r\n\r\n..\r\nDELE 1\r\n",
    "Subject: three\r\n\r\nno line end behind this",
};

enum { MESSAGE_COUNT = sizeof(messages) / sizeof(messages[0]) };

static struct refserver *server_new(void)
{
    struct refserver *server = refserver_new(1, refserver_shell_digests());
    struct error error;

    assert_true(refserver_add_user(server, "anna", "secret"));
    for (size_t i = 0; i < MESSAGE_COUNT; i++)
        assert_true(refserver_deliver(server, "anna", bytes_of(messages[i]), &error));
    return server;
}

static void assert_untouched(struct refserver *server)
{
    struct buf octets;

    assert_int_equal(refserver_message_count(server, "anna"), MESSAGE_COUNT);
    buf_init(&octets, BUF_UNBOUNDED);
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        buf_clear(&octets);
        assert_true(refserver_message(server, "anna", i, &octets));
        assert_int_equal(octets.size, strlen(messages[i]));
        assert_memory_equal(octets.data, messages[i], octets.size);
    }
    buf_release(&octets);
}

/* Runs every stock scenario over every transport; the result's exit code. */
static int run_all(struct spy *spy, unsigned bad_logins, uint64_t *ret_cases)
{
    static const char *const transports[] = {"all", NULL};
    const struct memory_server memory = {
        .ops = &spied_ops, .server = spy, .tls_ready = true, .implicit_tls_ready = true};
    struct solo *solo = solo_new(&memory, (struct provisioner){NULL, NULL});
    struct stock *stock = stock_load();
    struct run_options options = solo_options(solo, stock);
    struct run_result result;
    struct error error;
    struct arena arena;
    int exit_code;

    solo->target.implicit_port = 995;
    options.transports = transports;
    options.bad_logins = bad_logins;
    arena_init(&arena, SIZE_MAX);
    if (!run_execute(&options, &arena, &result, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < result.case_count; i++)
        if (result.cases[i].unexpected)
            print_message("%s %s@%s\n", verdict_name(result.cases[i].verdict), result.cases[i].id,
                          result.cases[i].transport);
    *ret_cases = result.counts[VERDICT_PASS];
    exit_code = result.exit_code;
    arena_release(&arena);
    stock_free(stock);
    solo_free(solo);
    return exit_code;
}

static void without_provision_nothing_is_deleted(void **state)
{
    struct spy spy = {.server = server_new()};
    uint64_t passed;

    (void)state;
    assert_int_equal(run_all(&spy, RUN_BAD_LOGINS_DEFAULT, &passed), 0);
    assert_int_equal(spy.deletes, 0);
    assert_int_equal(spy.quits_behind_retr, 0);
    assert_untouched(spy.server);
    /* It was not for want of trying. */
    assert_true(passed > 200);
    assert_true(spy.sessions > 500);
    refserver_free(spy.server);
}

/* A server that removes what was retrieved when the session ends in QUIT, and announces that by EXPIRE, or does not. */
static void assert_retrieving_is_harmless(int64_t expire_days, uint64_t passed_min)
{
    struct spy spy = {.server = server_new()};
    struct policy policy = *refserver_policy(spy.server);
    uint64_t passed;

    policy.retrieved_removed = true;
    policy.expire_days = expire_days;
    refserver_set_policy(spy.server, &policy);
    run_all(&spy, RUN_BAD_LOGINS_DEFAULT, &passed);
    assert_int_equal(spy.deletes, 0);
    assert_untouched(spy.server);
    assert_true(passed > passed_min);
    refserver_free(spy.server);
}

/* RFC 2449 section 6.7 for the first; RFC 1939 section 8 knows servers that do it unannounced. */
static void what_is_retrieved_stays_where_retrieving_deletes(void **state)
{
    (void)state;
    assert_retrieving_is_harmless(0, 200);
    assert_retrieving_is_harmless(EXPIRE_UNANNOUNCED, 200);
}

static uint64_t wrong_passwords_sent(unsigned bad_logins)
{
    struct spy spy = {.server = server_new()};
    uint64_t passed;

    run_all(&spy, bad_logins, &passed);
    refserver_free(spy.server);
    return spy.wrong_passwords;
}

static void wrong_passwords_are_few(void **state)
{
    (void)state;
    assert_in_range(wrong_passwords_sent(RUN_BAD_LOGINS_DEFAULT), 0, 2);
    assert_int_equal(wrong_passwords_sent(0), 0);
    assert_true(wrong_passwords_sent(1000) > 2);
}

static void what_is_refused_and_why(void **state)
{
    const struct target_facts facts = {.expire_zero = false};
    const struct target_facts expire_zero = {.expire_zero = true};
    const struct provisioner_ops ops = {.provoke = NULL};
    const struct venue bare = {.literal = false};
    const struct venue provisioned = {.provisioner = {&ops, NULL}};
    const struct scenario harmless = {.effects = {.logs_in = true, .retrieves = true}};
    const struct scenario harmful[] = {
        {.effects = {.marks = true}},    {.effects = {.commits = true}},  {.mailbox_given = true},
        {.effects = {.delivers = true}}, {.effects = {.provokes = true}},
    };

    (void)state;
    assert_null(safety_refusal(&harmless, &bare, &facts));
    assert_non_null(strstr(safety_refusal(&harmless, &bare, &expire_zero), "EXPIRE 0"));
    assert_null(safety_refusal(&harmless, &provisioned, &expire_zero));
    for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++) {
        assert_non_null(strstr(safety_refusal(&harmful[i], &bare, &facts), "(provision)"));
        assert_null(safety_refusal(&harmful[i], &provisioned, &facts));
    }
    assert_int_equal(safety_bad_logins_max(RUN_BAD_LOGINS_DEFAULT, &bare), 2);
    assert_int_equal(safety_bad_logins_max(5, &bare), 5);
    assert_int_equal(safety_bad_logins_max(RUN_BAD_LOGINS_DEFAULT, &provisioned), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_and_why),
        cmocka_unit_test(without_provision_nothing_is_deleted),
        cmocka_unit_test(what_is_retrieved_stays_where_retrieving_deletes),
        cmocka_unit_test(wrong_passwords_are_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
