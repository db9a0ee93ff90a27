/*
 * The reference server's whole session, and the judge. Input: a script of up to three clients (inputs/session_script.h); a plain
 * sequence of commands is one. Reaches the session, its maildrop and locks, and on the other side the conversation with
 * auditor and model.
 *
 * Half of the inputs meet a server that offers no UTF8: of sizes the judge demands more there.
 *
 * Oracles on every input:
 * session-accused: a correct server breaks no rule, whatever comes or does not come behind the last reply;
 * session-unanswered and session-unterminated: each command has its whole reply at once;
 * session-reply-progress: the judge reads every octet, and what it makes of them comes to an end;
 * session-update-without-quit, session-mail-lost and session-mail-kept: mail goes where QUIT ends a session in the TRANSACTION
 * state, and then as much as was marked, no more and no less;
 * session-mail-changed: RETR sends the message that was delivered, and TOP the beginning of it, of those that earlier sessions
 * have left;
 * session-unique-id: a message keeps its unique-id from one session to the next, and no other ever gets it;
 * session-lock: one session at a time has the maildrop, and while none has it nobody is refused for that;
 * session-credentials: PASS is taken only behind USER, not behind a USER in front of STLS, and only with the right name and
 * password, APOP only with the right digest;
 * session-login: the right name and the right password get in, unless the maildrop is in use;
 * session-expected: malformed, unknown and misplaced commands, and those for messages that are not there, are refused, and others
 * are not, where the default policy leaves no doubt;
 * session-text: what a status line says is printable ASCII, until UTF-8 or another language may be spoken;
 * session-autologout: time ends no session before ten minutes have passed, and no timer is set to;
 * session-injected: nothing that was sent in the clear is answered under TLS;
 * session-memory: the heap that a script takes is bounded by its size.
 *
 * And one of these, chosen by the input's octets, or all of them where a corpus is replayed: session-repeats (the same again says
 * the same), session-cut (octet by octet it says the same: pipelined or not), session-case (so does turned letter case),
 * session-noop (NOOP changes nothing), or all of the above again with one of the legal variants.
 */
#include "check.h"
#include "chunks.h"
#include "session_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Half of the inputs meet a server without UTF8, of which the judge demands more: the same half in every manner. */
static struct play_options options_of(struct bytes script, enum play_manner manner, enum variant variant)
{
    return (struct play_options){manner, variant, chunks_number(script) / 131 % 2 == 0};
}

/* Plays SCRIPT in MANNER: the server must say what it said in FIRST. */
static void check_same(struct bytes script, enum play_manner manner, const struct play_result *first,
                       const char *id)
{
    const struct play_options options = options_of(script, manner, VARIANT_COUNT);
    struct play_result again;

    play(script, &options, &again);
    FUZZ_CHECK(play_results_equal(first, &again), id);
    play_result_release(&again);
}

static void check_variant(struct bytes script, enum variant variant)
{
    const struct play_options options = options_of(script, PLAY_PLAIN, variant);
    struct play_result result;

    play(script, &options, &result);
    play_result_release(&result);
}

enum { REPEATS, CUT, CASE, NOOPS, ORACLES_OF_THEIR_OWN };

static void check_oracle(struct bytes script, uint64_t which, const struct play_result *first)
{
    if (which == REPEATS)
        check_same(script, PLAY_PLAIN, first, "session-repeats");
    else if (which == CUT)
        check_same(script, PLAY_OCTETS, first, "session-cut");
    else if (which == CASE)
        check_same(script, PLAY_CASE, first, "session-case");
    else if (which == NOOPS)
        check_same(script, PLAY_NOOPS, first, "session-noop");
    else
        check_variant(script, (enum variant)(which - ORACLES_OF_THEIR_OWN));
}

#ifdef FUZZ_REPLAY
/*
 * Where a corpus is replayed all of them, but for the variants: each input meets a quarter of those, and each variant a quarter of
 * the corpus.
 */
static void check_more(struct bytes script, const struct play_result *first)
{
    uint64_t number = chunks_number(script);

    for (uint64_t which = 0; which < ORACLES_OF_THEIR_OWN + VARIANT_COUNT; which++)
        if (which < ORACLES_OF_THEIR_OWN || (number + which) % 4 == 0)
            check_oracle(script, which, first);
}
#else
/*
 * While fuzzing one of the costly oracles: each of the four has a seventh of the inputs, and the variants share the other three.
 * They are many, and reach what nothing else does, in the server and in what the judge lets pass.
 */
static void check_more(struct bytes script, const struct play_result *first)
{
    enum { TURNS = 7 };
    uint64_t number = chunks_number(script);
    uint64_t turn = number % TURNS;

    check_oracle(script,
                 turn < ORACLES_OF_THEIR_OWN ? turn : ORACLES_OF_THEIR_OWN + number / TURNS % VARIANT_COUNT,
                 first);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes script = {data, size};
    struct play_options plain = options_of(script, PLAY_PLAIN, VARIANT_COUNT);
    struct play_result result;

    if (size > SCRIPT_OCTETS_MAX)
        return 0;
    play(script, &plain, &result);
    check_more(script, &result);
    play_result_release(&result);
    return 0;
}
