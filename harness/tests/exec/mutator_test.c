/*
 * The wire mutator: one reply of a correct server is changed in one way, each reply in each way at each place, and the session
 * is judged as in a run, by the scenario's lines, the auditor and the model. A mutant that nobody accuses has a written reason
 * in SURVIVORS, and what stands there is a mutant that nobody accuses.
 */
#include "harmed_peer.h"
#include "mutate.h"
#include "playing.h"

#include "lab/word_in.h"
#include "refserver/shell/shell.h"

/* Each reply that can be compared with another one is asked for twice; only the first is changed. */
static const char SESSION[] = "open\n"
                              "S: +OK\n"
                              "C: CAPA\n"
                              "S: +OK\n"
                              "S: ...\n"
                              "S: /^TOP$/\n"
                              "S: ... /^((?!EXPIRE( |$))|EXPIRE ([0-9]+|NEVER)( USER)? ?$)/\n"
                              "S: .\n"
                              "C: AUTH CRAM-MD5\n"
                              "S: + /^([A-Za-z0-9+\\/]{4})*([A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=)?$/\n"
                              "C: {b64 {cram-md5}}\n"
                              "S: +OK\n"
                              "C: CAPA\n"
                              "S: +OK\n"
                              "C: STAT\n"
                              "S: +OK {count} {octets}\n"
                              "C: LIST\n"
                              "S: +OK\n"
                              "S: 1 {octets short}\n"
                              "S: 2 {octets dotted}\n"
                              "C: LIST 2\n"
                              "S: +OK 2 {octets dotted}\n"
                              "C: UIDL\n"
                              "S: +OK\n"
                              "S: 1 {?first}\n"
                              "S: 2 {?second}\n"
                              "C: UIDL 2\n"
                              "S: +OK 2 {second}\n"
                              "C: UIDL\n"
                              "S: +OK\n"
                              "S: 1 {first}\n"
                              "S: 2 {second}\n"
                              "C: RETR 2\n"
                              "S: +OK\n"
                              "S: {message dotted}\n"
                              "S: .\n"
                              "C: TOP 2 1\n"
                              "S: +OK\n"
                              "S: {top dotted 1}\n"
                              "S: .\n"
                              "C: NOOP\n"
                              "S: +OK\n"
                              "C: XYZZY\n"
                              "S: -ERR\n"
                              "C: DELE 1\n"
                              "S: +OK\n"
                              "C: RETR 1\n"
                              "S: -ERR\n"
                              "C: RSET\n"
                              "S: +OK\n"
                              "fence\n"
                              "C: QUIT\n"
                              "S: +OK\n"
                              "closed\n";

static const char APOP[] = "open\n"
                           "S: +OK\n"
                           "C: APOP {user} {apop}\n"
                           "S: +OK\n"
                           "C: QUIT\n"
                           "S: +OK\n"
                           "closed\n";

static const char PASS[] = "open\n"
                           "S: +OK\n"
                           "C: USER {user}\n"
                           "S: +OK\n"
                           "C: PASS {pass}\n"
                           "S: +OK\n"
                           "C: QUIT\n"
                           "S: +OK\n"
                           "closed\n";

/* A reply that is changed: the first to COMMAND; "": the greeting. */
struct subject {
    const char *name;
    const char *dialog;
    const char *command;
};

static const struct subject SUBJECTS[] = {
    {"greeting", APOP, ""},       {"USER", PASS, "USER test1"},   {"PASS", PASS, "PASS secret1"},
    {"APOP", APOP, "APOP test1"}, {"CAPA", SESSION, "CAPA"},      {"challenge", SESSION, "AUTH CRAM-MD5"},
    {"STAT", SESSION, "STAT"},    {"LIST", SESSION, "LIST"},      {"LIST-n", SESSION, "LIST 2"},
    {"UIDL", SESSION, "UIDL"},    {"UIDL-n", SESSION, "UIDL 2"},  {"RETR", SESSION, "RETR 2"},
    {"TOP", SESSION, "TOP 2 1"},  {"NOOP", SESSION, "NOOP"},      {"unknown", SESSION, "XYZZY"},
    {"DELE", SESSION, "DELE 1"},  {"refused", SESSION, "RETR 1"}, {"RSET", SESSION, "RSET"},
    {"QUIT", SESSION, "QUIT"},
};

enum { SUBJECT_COUNT = sizeof(SUBJECTS) / sizeof(SUBJECTS[0]) };

/* ---- those that nobody accuses ---- */

/* Where the first octet stands that is another one. */
enum spot {
    IN_FIRST_LINE,
    IN_FREE_TEXT, /* of the first line, not in a timestamp */
    IN_BODY,
    BEHIND_FIRST_LINE, /* in the body or the terminator */
    IN_TAG,            /* of a capability line, or on the blank behind it */
};

struct survivor {
    const char *mutation;
    const char *subjects;
    enum spot spot;
    const char *except; /* not in lines that begin so; NULL: in any */
    bool gap; /* it breaks a clause, and nothing sees it yet; otherwise it is legal, or let pass on purpose */
    const char *reason;
};

/* Replies whose first line has words for people alone. */
#define WORDY "greeting USER PASS APOP CAPA LIST UIDL RETR TOP NOOP unknown DELE refused RSET QUIT"

static const struct survivor SURVIVORS[] = {
    {"two-blanks", WORDY, IN_FIRST_LINE, NULL, false,
     "RFC 1939 section 3: additional information may follow, and a blank may be its first octet"},
    {"trailing-blank", WORDY, IN_FIRST_LINE, NULL, false,
     "RFC 1939 section 3: additional information may follow, and a blank may be its last octet"},
    {"off-by-one", WORDY, IN_FREE_TEXT, NULL, false,
     "RFC 1939 section 3: what the additional information says is for people, numbers too"},
    {"cr-doubled", WORDY, IN_FIRST_LINE, NULL, false,
     "RFC 1939 names no octets of the text, and the line does end in CRLF; RFC 2449 section 3 has CR in "
     "CHAR, and "
     "its schar, which lacks it, leaves out the blank as well"},
    {"trailing-blank", "STAT LIST-n", IN_FIRST_LINE, NULL, false,
     "RFC 1939 section 5: no requirement on what follows the size"},
    {"trailing-blank", "LIST", IN_BODY, NULL, false,
     "RFC 1939 section 5: no requirement on what follows the size in a scan listing"},
    {"body-lines-swapped", "LIST UIDL", IN_BODY, NULL, false,
     "RFC 1939 sections 5 and 7: a listing for each message, in no order that is said"},
    {"trailing-blank", "CAPA", IN_BODY, "TOP", false,
     "the reading of rfc2449-3-capability-form: one space at the end of a line is let pass (TOP's line is "
     "demanded to the octet)"},
    {"first-line-doubled", "CAPA", IN_BODY, NULL, false,
     "RFC 2449 section 3: a tag may begin with a plus sign, so the second line is a capability that nobody "
     "knows"},
    {"body-line-lost", "CAPA", IN_BODY, "TOP", false,
     "RFC 2449 section 5: a server need not have a capability, nor have it before login (TOP's line is "
     "demanded)"},
    {"body-line-doubled", "CAPA", BEHIND_FIRST_LINE, NULL, false,
     "RFC 2449 section 5: nothing says that a capability is listed once"},
    {"body-lines-swapped", "CAPA", IN_BODY, NULL, false,
     "RFC 2449 section 5: capabilities are listed in no order that is said"},
    {"body-octet", "CAPA", IN_TAG, "TOP", false,
     "RFC 2449 section 5: another tag is a capability that nobody knows (TOP's is demanded)"},
    {"off-by-one", "CAPA", IN_TAG, NULL, false,
     "RFC 2449 section 5: another tag is a capability that nobody knows"},
};

enum { SURVIVOR_COUNT = sizeof(SURVIVORS) / sizeof(SURVIVORS[0]) };

/* ---- one mutant ---- */

struct mutant {
    const struct subject *subject;
    const struct mutation *mutation;
    size_t site;
    bool met;    /* the reply was said */
    bool exists; /* the operator has such a site in it */
    struct buf correct;
    struct buf wire;
    bool accused;
};

static void rewrite_one(void *context, struct bytes command, struct bytes reply, struct buf *ret_reply)
{
    struct mutant *mutant = context;
    struct bytes wanted = bytes_of(mutant->subject->command);
    bool is_it = wanted.size == 0 ? command.size == 0 : bytes_start_with(command, wanted);

    if (!is_it || mutant->met) {
        buf_append(ret_reply, reply);
        return;
    }
    const struct wire_reply parts = wire_reply_of(reply);

    mutant->met = true;
    mutant->exists = mutant->mutation->apply(&parts, mutant->site, &mutant->wire);
    buf_append(&mutant->correct, reply);
    buf_append(ret_reply, mutant->exists ? buf_bytes(&mutant->wire) : reply);
}

static bool is_accused(const struct played *played)
{
    bool broken = false;

    for (int rule = 0; rule < RULE_COUNT; rule++)
        broken = broken || played->breaches[rule] > 0;
    return broken || played->kind == OUTCOME_FAILED;
}

/* False: there is no such mutant; the server is then the correct one, and passes. */
static bool play_mutant(struct mutant *mutant)
{
    struct refserver *server = reference_new_with(refserver_shell_digests());
    struct harmed_server harmed = {
        .ops = &refserver_peer_ops,
        .server = server,
        .after_octets = UINT64_MAX,
        .changed_at = UINT64_MAX,
        .rewrite = rewrite_one,
        .context = mutant,
    };
    struct play play = reference_play(server, "state: closed\nmailbox: [short, dotted]\n");

    play.ops = &harmed_peer_ops;
    play.server = &harmed;
    play.apop = true;
    const struct played played = play_dialog(&play, mutant->subject->dialog);

    refserver_free(server);
    assert_int_equal(played.result, MEMORY_DONE);
    assert_true(mutant->met);
    if (!mutant->exists)
        demand_passed(&played);
    mutant->accused = is_accused(&played);
    return mutant->exists;
}

/* ---- its reason ---- */

/* The offset of the first octet that is another one, in LINE, which is line *RET_INDEX of the correct reply. */
static size_t first_change(const struct mutant *mutant, struct bytes *ret_line, size_t *ret_index)
{
    const struct wire_reply correct = wire_reply_of(buf_bytes(&mutant->correct));
    size_t offset = 0;

    while (offset < mutant->wire.size && offset < mutant->correct.size &&
           mutant->wire.data[offset] == mutant->correct.data[offset])
        offset++;
    for (*ret_index = 0; *ret_index + 1 < correct.count && offset >= correct.lines[*ret_index].size;
         (*ret_index)++)
        offset -= correct.lines[*ret_index].size;
    *ret_line = correct.lines[*ret_index];
    return offset;
}

static bool is_at(const struct mutant *mutant, enum spot spot, const char *except)
{
    struct bytes line;
    size_t index;
    size_t offset = first_change(mutant, &line, &index);

    if (except != NULL && bytes_start_with(line, bytes_of(except)))
        return false;
    switch (spot) {
    case IN_FIRST_LINE:
        return index == 0;
    case IN_FREE_TEXT:
        return index == 0 && offset < bytes_find_octet(line, '<');
    case IN_BODY:
        return index > 0 && !bytes_equal(line, BYTES_LITERAL(".\r\n"));
    case BEHIND_FIRST_LINE:
        return index > 0;
    case IN_TAG:
        return index > 0 && offset <= bytes_find_octet(line, ' ');
    }
    return false;
}

/* Notes in *RET_USED which survivors it is; the result is how many. */
static size_t find_reasons(const struct mutant *mutant, size_t *used)
{
    size_t found = 0;

    for (size_t i = 0; i < SURVIVOR_COUNT; i++) {
        const struct survivor *survivor = &SURVIVORS[i];

        if (strcmp(survivor->mutation, mutant->mutation->name) == 0 &&
            word_in(survivor->subjects, mutant->subject->name) &&
            is_at(mutant, survivor->spot, survivor->except)) {
            used[i]++;
            found++;
        }
    }
    return found;
}

/* ---- all of them ---- */

struct tally {
    size_t mutants;
    size_t accused;
    size_t wrong;
    size_t used[SURVIVOR_COUNT];
    size_t by_mutation[MUTATION_COUNT]; /* that were accused */
};

static void judge_mutant(const struct mutant *mutant, struct tally *tally)
{
    size_t reasons = find_reasons(mutant, tally->used);

    tally->mutants++;
    tally->accused += mutant->accused ? 1 : 0;
    tally->by_mutation[mutant->mutation - MUTATIONS] += mutant->accused ? 1 : 0;
    if (reasons == (mutant->accused ? 0 : 1))
        return;
    tally->wrong++;
    print_error("%s of %s, site %zu, is %s, and has %zu reasons:\n%s\n", mutant->mutation->name,
                mutant->subject->name, mutant->site, mutant->accused ? "accused" : "not accused", reasons,
                buf_text(&mutant->wire));
}

static void play_every_site(const struct subject *subject, const struct mutation *mutation,
                            struct tally *tally)
{
    bool exists = true;

    for (size_t site = 0; exists; site++) {
        struct mutant mutant = {.subject = subject, .mutation = mutation, .site = site};

        buf_init(&mutant.correct, BUF_UNBOUNDED);
        buf_init(&mutant.wire, BUF_UNBOUNDED);
        exists = play_mutant(&mutant);
        if (exists)
            judge_mutant(&mutant, tally);
        buf_release(&mutant.correct);
        buf_release(&mutant.wire);
    }
}

static void demand_full_tables(const struct tally *tally)
{
    for (size_t i = 0; i < SURVIVOR_COUNT; i++) {
        if (tally->used[i] == 0)
            fail_msg("no mutant is %s of %s: %s", SURVIVORS[i].mutation, SURVIVORS[i].subjects,
                     SURVIVORS[i].reason);
        print_message("%4zu %s%s of %s: %s\n", tally->used[i], SURVIVORS[i].gap ? "GAP " : "",
                      SURVIVORS[i].mutation, SURVIVORS[i].subjects, SURVIVORS[i].reason);
    }
    for (size_t i = 0; i < MUTATION_COUNT; i++) {
        if (tally->by_mutation[i] == 0)
            fail_msg("%s is never accused", MUTATIONS[i].name);
    }
}

static void every_mutant_is_accused_or_has_a_reason(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        for (size_t j = 0; j < MUTATION_COUNT; j++)
            play_every_site(&SUBJECTS[i], &MUTATIONS[j], &tally);
    }
    demand_full_tables(&tally);
    print_message("%zu mutants, %zu accused\n", tally.mutants, tally.accused);
    assert_int_equal(tally.wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mutant_is_accused_or_has_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
