/*
 * One octet of what the target says in a session is another one, each octet in turn: whatever that makes of the replies, the
 * case ends in one of its outcomes, and in time.
 */
#include "harmed_peer.h"
#include "playing.h"

/* More than the whole session says. */
enum { SESSION_OCTETS = 1200 };

static void play_garbled(uint64_t offset, uint8_t octet)
{
    struct refserver *server = reference_new();
    struct harmed_server harmed = {
        .ops = &refserver_peer_ops,
        .server = server,
        .after_octets = UINT64_MAX,
        .changed_at = offset,
        .changed_to = octet,
    };
    struct play play = reference_play(server, "state: closed\nmailbox: [short, dotted]\n");

    play.ops = &harmed_peer_ops;
    play.server = &harmed;
    const struct played played = play_dialog(&play, PLAY_SESSION);
    bool known = played.kind == OUTCOME_PASSED || played.kind == OUTCOME_FAILED ||
                 played.kind == OUTCOME_BLOCKED || played.kind == OUTCOME_SKIPPED;

    if (played.result != MEMORY_DONE || !known)
        fail_msg("octet %llu is %d: outcome %d, driver %d", (unsigned long long)offset, octet,
                 (int)played.kind, (int)played.result);
    assert_true(played.took_us < (PLAY_PATIENCE_S + PLAY_TIMEOUT_S) * US_PER_S);
    refserver_free(server);
}

/* Octets that begin, end, part or fill something in a reply. */
static void any_octet_may_be_another_one(void **state)
{
    static const uint8_t octets[] = {'\n', '\r', '.', ' ', '+', '9', '\0', 0xFF};

    (void)state;
    for (size_t i = 0; i < sizeof(octets); i++) {
        for (uint64_t offset = 0; offset < SESSION_OCTETS; offset++)
            play_garbled(offset, octets[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_octet_may_be_another_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
