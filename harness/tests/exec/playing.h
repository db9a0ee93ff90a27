/*
 * Plays a small scenario, written as text, against a peer in memory, and says what came of it: the outcome, the line of the
 * dialog where it ended, and the rules that were found broken on the way.
 */
#ifndef TESTS_EXEC_PLAYING_H
#define TESTS_EXEC_PLAYING_H

#include "base/memory.h"
#include "exec/machine.h"
#include "net/memory.h"
#include "refserver/refserver.h"
#include "run/credentials.h"
#include "scenario/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    PLAY_STEPS_MAX = 4 * 1000 * 1000,
    PLAY_TIMEOUT_S = 10,
    PLAY_PATIENCE_S = 35,
    PLAY_MESSAGES_MAX = 8,
    PLAY_ACCOUNTS = 2,
};

static const char PLAY_FIXTURES[] = "pop3spec-fixtures: 1\n"
                                    "fixtures:\n"
                                    "  - name: short\n"
                                    "    what: one line\n"
                                    "    message: |\n"
                                    "      Subject: short\n"
                                    "\n"
                                    "      x\n"
                                    "  - name: dotted\n"
                                    "    what: lines that begin with dots\n"
                                    "    message: |\n"
                                    "      Subject: dots\n"
                                    "\n"
                                    "      .\n"
                                    "      ..two\n"
                                    "  - name: open-ended\n"
                                    "    what: no final line end\n"
                                    "    final-newline: false\n"
                                    "    message: |\n"
                                    "      Subject: open\n"
                                    "\n"
                                    "      x\n";

/*
 * A session with every shape of reply, multi-line ones with and without octets to stuff, and the end. For `state: closed` and
 * the mailbox [short, dotted].
 */
static const char PLAY_SESSION[] = "open\n"
                                   "S: +OK\n"
                                   "C: CAPA\n"
                                   "S: +OK | -ERR\n"
                                   "C: USER {user}\n"
                                   "S: +OK\n"
                                   "C: PASS {pass}\n"
                                   "S: +OK\n"
                                   "C: STAT\n"
                                   "S: +OK {count} {octets}\n"
                                   "C: LIST\n"
                                   "S: +OK\n"
                                   "C: RETR 2\n"
                                   "S: +OK\n"
                                   "S: {message dotted}\n"
                                   "S: .\n"
                                   "C: TOP 2 1\n"
                                   "S: +OK\n"
                                   "C: UIDL\n"
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

/* What to play; all but OPS and SERVER may be left zero. */
struct play {
    const struct peer_ops *ops;
    void *server;
    struct refserver *store; /* where the scenario's mailbox and `deliver` go; NULL: nowhere */
    const char *head;        /* more keys of the scenario, "state: transaction\nmailbox: [short]\n" */
    struct transport transport;
    struct target_facts facts;
    bool may_delete;
    const char *user; /* of account 1; NULL: "test1" */
    bool apop;        /* account 1 has an APOP secret, its password */
    enum login_method login;
    int64_t time_scale_percent;
    time_us stop_us; /* machine_stop() is called when the virtual clock has come so far; 0: it is not */
};

struct played {
    enum outcome_kind kind;
    unsigned line; /* of the dialog, from 1; 0: on the driver's own way, or none */
    char reason[512];
    char expected[512];
    char actual[512];
    bool two_readings;
    bool may_hold_mail;
    uint64_t breaches[RULE_COUNT];
    enum memory_result result;
    time_us took_us;
    char sent[4096]; /* what the client sent, CRLF as "\n" */
    /* The same by segments, each between bars, CR as "r" and LF as "n"; "-" where the server has spoken meanwhile. */
    char segments[4096];
};

/* ---- the scenario ---- */

static inline void play_append_indented(struct buf *text, const char *lines, const char *indent)
{
    struct bytes rest = bytes_of(lines);
    struct bytes line;

    while (rest.size > 0 && bytes_split(&rest, '\n', &line)) {
        buf_append_text(text, indent);
        buf_append(text, line);
        buf_append_text(text, "\n");
    }
}

/* Its only scenario's dialog begins on the line that is answered. */
static inline unsigned play_load(struct suite *suite, const struct play *play, const char *dialog)
{
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));
    struct buf text;
    unsigned line = 1;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_text(&text, "pop3spec: 1\nscenarios:\n  - name: s\n    title: T\n    tags: [example]\n");
    play_append_indented(&text, play->head != NULL ? play->head : "", "    ");
    buf_append_text(&text, "    dialog: |\n");
    for (size_t i = 0; i < text.size; i++)
        line += text.data[i] == '\n' ? 1 : 0;
    play_append_indented(&text, dialog, "      ");
    suite_init(suite);
    if (!suite_add_fixtures_text(suite, bytes_of(PLAY_FIXTURES), "f.yaml", diagnostics) ||
        !suite_add_text(suite, buf_bytes(&text), "t.yaml", NULL, NULL, diagnostics))
        fail_msg("%u: %s in\n%s", diagnostics->errors[0].line, diagnostics->errors[0].text, buf_text(&text));
    buf_release(&text);
    free(diagnostics);
    return line;
}

static inline struct bytes play_message(struct suite *suite, const struct fixture *fixture, uint64_t serial)
{
    struct buf octets;

    buf_init(&octets, BUF_UNBOUNDED);
    fixture_deliver(fixture, serial, &octets);
    struct bytes kept = arena_copy(&suite->arena, buf_bytes(&octets));

    buf_release(&octets);
    return kept;
}

static inline size_t play_fill_mailbox(struct suite *suite, const struct play *play,
                                       struct delivered *mailbox)
{
    const struct scenario *scenario = &suite->scenarios[0];
    struct error error;

    assert_true(scenario->mailbox_count <= PLAY_MESSAGES_MAX);
    if (play->store != NULL)
        assert_true(refserver_reset(play->store, "test1", &error));
    for (size_t i = 0; i < scenario->mailbox_count; i++) {
        const struct fixture *fixture = fixture_find(&suite->fixtures, scenario->mailbox[i]);

        mailbox[i] = (struct delivered){fixture, i + 1, play_message(suite, fixture, i + 1)};
        if (play->store != NULL)
            assert_true(refserver_deliver(play->store, "test1", mailbox[i].octets, &error));
    }
    return scenario->mailbox_count;
}

/* ---- playing it ---- */

struct play_stage {
    struct suite suite;
    struct refserver *store;
    struct played *played;
    struct account accounts[PLAY_ACCOUNTS];
    struct delivered mailbox[PLAY_MESSAGES_MAX];
    unsigned first_line; /* of the dialog */
    struct machine *machine;
};

static inline enum host_result play_host(void *context, void *actor, const char *verb, const char *noun,
                                         struct host_call *call, struct buf *ret_reason)
{
    struct play_stage *stage = context;
    const struct fixture *fixture = fixture_find(&stage->suite.fixtures, noun);
    struct error error;

    (void)actor;
    (void)call;
    if (strcmp(verb, "deliver") == 0 && stage->store != NULL && fixture != NULL &&
        refserver_deliver(stage->store, "test1", play_message(&stage->suite, fixture, 99), &error))
        return HOST_DONE;
    if (strcmp(verb, "provoke") == 0 && stage->store != NULL &&
        refserver_fail_update(stage->store, "test1", strcmp(noun, "update-failure") == 0))
        return HOST_DONE;
    buf_append_format(ret_reason, "nobody can %s %s", verb, noun);
    return HOST_FAILED;
}

static inline void play_note_segment(struct played *played, enum tap_direction direction, struct bytes plain)
{
    size_t used = strlen(played->segments);
    bool received = direction == TAP_RECEIVED;
    size_t size = received ? 0 : plain.size;

    if (used + size + 3 > sizeof(played->segments))
        return;
    if (received ? used == 0 || played->segments[used - 1] != '-'
                 : used == 0 || played->segments[used - 1] == '-')
        played->segments[used++] = received ? '-' : '|';
    for (size_t i = 0; i < size; i++)
        played->segments[used++] = plain.data[i] == '\r'   ? 'r'
                                   : plain.data[i] == '\n' ? 'n'
                                                           : (char)plain.data[i];
    if (!received)
        played->segments[used++] = '|';
}

static inline void play_tap(void *context, void *actor, int connection, enum tap_direction direction,
                            struct bytes plain, time_us now_us)
{
    struct played *played = ((struct play_stage *)context)->played;
    size_t used = strlen(played->sent);

    (void)actor;
    (void)connection;
    (void)now_us;
    for (size_t i = 0; direction == TAP_SENT && i < plain.size && used + 1 < sizeof(played->sent); i++) {
        if (plain.data[i] != '\r')
            played->sent[used++] = (char)plain.data[i];
    }
    played->sent[used] = '\0';
    play_note_segment(played, direction, plain);
}

static inline void play_observe(void *context, const struct observation *observation)
{
    ((struct played *)context)->breaches[observation->rule]++;
}

/* Until the actor is done; it is stopped on the way where the play says so. */
static inline void play_drive(struct memory_driver *driver, struct machine *machine, const struct play *play,
                              struct played *played)
{
    played->result = MEMORY_EXHAUSTED;
    for (uint64_t steps = 0; played->result == MEMORY_EXHAUSTED && steps < PLAY_STEPS_MAX; steps++) {
        uint64_t at_once = play->stop_us > 0 ? 1 : PLAY_STEPS_MAX;

        played->result = memory_driver_run(driver, at_once);
        if (play->stop_us > 0 && memory_driver_now(driver) >= play->stop_us)
            machine_stop(machine, "stopped");
        if (play->stop_us == 0)
            break;
    }
}

static inline void play_copy(char *to, size_t size, const struct buf *from)
{
    snprintf(to, size, "%s", buf_text(from));
}

static inline void play_say_outcome(const struct machine *machine, unsigned first_line, struct played *played)
{
    const struct outcome *outcome = machine_outcome(machine);

    played->kind = outcome->kind;
    played->line = outcome->step != NULL ? outcome->step->place.line - first_line + 1 : 0;
    played->two_readings = outcome->two_readings;
    played->may_hold_mail = outcome->may_hold_mail;
    played->took_us = outcome->ended_us - outcome->began_us;
    play_copy(played->reason, sizeof(played->reason), &outcome->reason);
    play_copy(played->expected, sizeof(played->expected), &outcome->expected);
    play_copy(played->actual, sizeof(played->actual), &outcome->actual);
}

/* Makes the machine that will play DIALOG, whose lines are not indented; what becomes of it is noted in PLAYED. */
static inline void play_stage_init(struct play_stage *stage, const struct play *play, const char *dialog,
                                   struct played *played)
{
    *stage = (struct play_stage){
        .store = play->store,
        .played = played,
        .accounts =
            {
                {
                    .user = play->user != NULL ? play->user : "test1",
                    .pass = "secret1",
                    .apop_secret = play->apop ? "secret1" : NULL,
                    .login = play->login,
                },
                {.user = "test2", .pass = "secret2", .login = play->login},
            },
    };
    stage->first_line = play_load(&stage->suite, play, dialog);
    size_t mailbox_count = play_fill_mailbox(&stage->suite, play, stage->mailbox);

    stage->machine = machine_new(&(struct machine_options){
        .scenario = &stage->suite.scenarios[0],
        .fixtures = &stage->suite.fixtures,
        .accounts = stage->accounts,
        .account_count = PLAY_ACCOUNTS,
        .mailbox = stage->mailbox,
        .mailbox_count = mailbox_count,
        .facts = play->facts,
        .transport = play->transport,
        .credentials = run_credentials,
        .may_delete = play->may_delete,
        .reply_timeout_us = PLAY_TIMEOUT_S * US_PER_S,
        .login_patience_us = PLAY_PATIENCE_S * US_PER_S,
        .time_scale_percent = play->time_scale_percent > 0 ? play->time_scale_percent : 100,
        .observer = {play_observe, played},
    });
}

/* Says what came of it, and frees all. */
static inline void play_stage_release(struct play_stage *stage)
{
    play_say_outcome(stage->machine, stage->first_line, stage->played);
    machine_free(stage->machine);
    suite_release(&stage->suite);
}

/* Plays DIALOG, whose lines are not indented. */
static inline struct played play_dialog(const struct play *play, const char *dialog)
{
    struct played played = {0};
    struct play_stage stage;
    struct memory_driver *driver = memory_driver_new(&(struct memory_server){
        .ops = play->ops, .server = play->server, .tls_ready = true, .implicit_tls_ready = true});

    play_stage_init(&stage, play, dialog, &played);
    memory_driver_add(driver, &machine_actor_ops, stage.machine,
                      &(struct driver_hooks){.context = &stage, .host = play_host, .tap = play_tap});
    play_drive(driver, stage.machine, play, &played);
    memory_driver_free(driver);
    play_stage_release(&stage);
    return played;
}

/* ---- demands ---- */

static inline void demand_kind(const struct played *played, enum outcome_kind kind)
{
    if (played->result == MEMORY_DONE && played->kind == kind)
        return;
    fail_msg("outcome %d instead of %d (driver: %d), line %u: %s; expected '%s', actual '%s'\n%s",
             (int)played->kind, (int)kind, (int)played->result, played->line, played->reason,
             played->expected, played->actual, played->sent);
}

static inline void demand_breaches(const struct played *played, const char *ids)
{
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        const char *id = rule_info((enum rule)rule)->id;
        bool wanted = bytes_find(bytes_of(ids), bytes_of(id)) != BYTES_NOT_FOUND;

        if (wanted != (played->breaches[rule] > 0))
            fail_msg("%s: broken %llu times", id, (unsigned long long)played->breaches[rule]);
    }
}

static inline void demand_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, text);
}

static inline void demand_passed(const struct played *played)
{
    demand_kind(played, OUTCOME_PASSED);
    demand_breaches(played, "");
}

/* KIND, where the reason (or what was got, for a failure) holds PART, at LINE. */
static inline void demand_end(const struct played *played, enum outcome_kind kind, unsigned line,
                              const char *part)
{
    demand_kind(played, kind);
    demand_text(kind == OUTCOME_FAILED ? played->actual : played->reason, part);
    assert_int_equal(played->line, line);
}

/* ---- the reference server as the peer ---- */

static inline struct refserver *reference_new_with(const struct refserver_digests *digests)
{
    struct refserver *server = refserver_new(1, digests);

    assert_true(refserver_add_user(server, "test1", "secret1"));
    assert_true(refserver_add_user(server, "test2", "secret2"));
    return server;
}

static inline struct refserver *reference_new(void)
{
    return reference_new_with(NULL);
}

/* What is true of it. */
static const struct target_facts REFERENCE_FACTS = {
    .capa = true,
    .pipelining = true,
    .resp_codes = true,
    .auth_resp_code = true,
    .utf8 = true,
    .delivery_order = true,
    .exact_store = true,
};

static inline struct play reference_play(struct refserver *server, const char *head)
{
    return (struct play){
        .ops = &refserver_peer_ops,
        .server = server,
        .store = server,
        .head = head,
        .facts = REFERENCE_FACTS,
        .may_delete = true,
    };
}

/* Plays DIALOG against a reference server of its own. */
static inline struct played play_reference(const char *head, const char *dialog)
{
    struct refserver *server = reference_new();
    const struct play play = reference_play(server, head);
    struct played played = play_dialog(&play, dialog);

    refserver_free(server);
    return played;
}

#endif
