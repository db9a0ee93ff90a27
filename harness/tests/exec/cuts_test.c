/*
 * The target closes, or resets the connection, behind every single octet of a session. No case hangs, no rule is said to be
 * broken but those that an early end breaks, and where octets may have been lost nothing is said at all.
 */
#include "harmed_peer.h"
#include "playing.h"

struct cutting {
    const char *head;
    const char *dialog;
    struct transport transport;
    bool abort;
};

static struct played play_cut(const struct cutting *cutting, uint64_t after_octets, uint64_t *ret_said_octets)
{
    struct refserver *server = reference_new();
    struct harmed_server harmed = {
        .ops = &refserver_peer_ops,
        .server = server,
        .after_octets = after_octets,
        .abort = cutting->abort,
        .changed_at = UINT64_MAX,
    };
    struct play play = reference_play(server, cutting->head);

    play.ops = &harmed_peer_ops;
    play.server = &harmed;
    play.transport = cutting->transport;
    struct played played = play_dialog(&play, cutting->dialog);

    *ret_said_octets = harmed.said_octets;
    refserver_free(server);
    return played;
}

static void demand_no_breach_but(const struct played *played, uint64_t after_octets, const char *allowed)
{
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        const char *id = rule_info((enum rule)rule)->id;

        if (played->breaches[rule] > 0 && bytes_find(bytes_of(allowed), bytes_of(id)) == BYTES_NOT_FOUND)
            fail_msg("cut behind %llu octets: accused of %s", (unsigned long long)after_octets, id);
    }
}

/* KINDS: of 1 << enum outcome_kind, what may come of it. */
static void cut_everywhere(const struct cutting *cutting, unsigned kinds, const char *allowed)
{
    uint64_t total;
    uint64_t said;
    const struct played whole = play_cut(cutting, UINT64_MAX, &total);

    demand_passed(&whole);
    assert_true(total > 50);
    for (uint64_t after = 0; after < total; after++) {
        const struct played played = play_cut(cutting, after, &said);

        if (played.result != MEMORY_DONE || (kinds & 1u << played.kind) == 0)
            fail_msg("cut behind %llu octets: outcome %d at line %u: %s", (unsigned long long)after,
                     (int)played.kind, played.line, played.reason);
        demand_no_breach_but(&played, after, allowed);
        /* It waits for the patience with refused logins, and for nothing else. */
        assert_true(played.took_us < (PLAY_PATIENCE_S + PLAY_TIMEOUT_S) * US_PER_S);
    }
}

enum {
    MAY_PASS = 1 << OUTCOME_PASSED,
    MAY_FAIL = 1 << OUTCOME_FAILED,
    MAY_BLOCK = 1 << OUTCOME_BLOCKED,
    MAY_SKIP = 1 << OUTCOME_SKIPPED,
};

static void closes_break_two_rules_at_most(void **state)
{
    (void)state;
    cut_everywhere(
        &(struct cutting){.head = "state: closed\nmailbox: [short, dotted]\n", .dialog = PLAY_SESSION},
        MAY_FAIL | MAY_BLOCK | MAY_SKIP | MAY_PASS, "reply-owed terminator");
}

static void resets_prove_nothing(void **state)
{
    (void)state;
    cut_everywhere(&(struct cutting){.head = "state: closed\nmailbox: [short, dotted]\n",
                                     .dialog = PLAY_SESSION,
                                     .abort = true},
                   MAY_BLOCK | MAY_SKIP | MAY_PASS, "");
}

static void closes_on_the_way_block(void **state)
{
    (void)state;
    cut_everywhere(
        &(struct cutting){.head = "state: transaction\nmailbox: [short]\n", .dialog = "C: NOOP\nS: +OK\n"},
        MAY_FAIL | MAY_BLOCK | MAY_SKIP | MAY_PASS, "reply-owed");
}

static void resets_on_the_way_accuse_nobody(void **state)
{
    (void)state;
    cut_everywhere(&(struct cutting){.head = "state: transaction\nmailbox: [short]\n",
                                     .dialog = "C: NOOP\nS: +OK\n",
                                     .abort = true},
                   MAY_BLOCK | MAY_SKIP | MAY_PASS, "");
}

static void closes_under_tls_break_two_rules_at_most(void **state)
{
    static const struct transport stls = {.name = "stls", .starttls = true};
    static const struct transport implicit = {.name = "implicit", .implicit_tls = true};

    (void)state;
    cut_everywhere(&(struct cutting){.head = "state: transaction\nmailbox: [short]\n",
                                     .dialog = "C: RETR 1\nS: +OK\n",
                                     .transport = stls},
                   MAY_FAIL | MAY_BLOCK | MAY_SKIP | MAY_PASS, "reply-owed terminator");
    cut_everywhere(&(struct cutting){.head = "state: transaction\nmailbox: [short]\n",
                                     .dialog = "C: RETR 1\nS: +OK\n",
                                     .transport = implicit},
                   MAY_FAIL | MAY_BLOCK | MAY_SKIP | MAY_PASS, "reply-owed terminator");
}

static void pipelined_replies_may_end_anywhere(void **state)
{
    static const struct cutting cutting = {
        .head = "state: transaction\nmailbox: [short, dotted]\n",
        .dialog = "pipeline:\n  C: STAT\n  C: RETR 2\n  C: XYZZY\n  C: LIST\n  C: QUIT\n"
                  "S: +OK\nS: +OK\nS: -ERR\nS: +OK\nS: +OK\nclosed\n",
    };

    (void)state;
    cut_everywhere(&cutting, MAY_FAIL | MAY_BLOCK | MAY_SKIP | MAY_PASS, "reply-owed terminator");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes_break_two_rules_at_most),
        cmocka_unit_test(resets_prove_nothing),
        cmocka_unit_test(closes_on_the_way_block),
        cmocka_unit_test(resets_on_the_way_accuse_nobody),
        cmocka_unit_test(closes_under_tls_break_two_rules_at_most),
        cmocka_unit_test(pipelined_replies_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
