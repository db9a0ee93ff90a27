/*
 * The driver's side of a session: the step machine, the model and the auditor, against a server that says anything. Input:
 * one octet that says which scenario is run and how, then the server (inputs/hostile_script.h). Of the first octet, bits 0 to 3
 * choose the scenario of inputs/driver_scenarios.h and bits 4 and 5 the transport; bit 6 forbids to delete.
 *
 * Oracles: driver-ends (the case is over after so many steps and so long on the virtual clock, in one of the outcomes a
 * target can cause), driver-repeats (the same again), driver-safe (where deleting is forbidden, nothing sent says DELE),
 * driver-print (the transcript prints as harmless text), driver-cut (fed octet by octet, the model finds the same).
 */
#include "check.h"
#include "chunks.h"
#include "hostile_server.h"
#include "oracles.h"

#include "base/check.h"
#include "base/memory.h"
#include "exec/machine.h"
#include "inputs/driver_scenarios.h"
#include "model/conversation.h"
#include "net/memory.h"
#include "scenario/suite.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 16 * 1024,
    STEPS_MAX = 1000 * 1000,
    CASE_S_MAX = 3600,
    EVENTS_MAX = 4096,
    TRANSCRIPT_LINES_MAX = 200,
    PRINTED_OCTETS_MAX = 16 * 1024 * 1024,
};

static struct suite suite;

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));

    (void)argument_count;
    (void)arguments;
    suite_init(&suite);
    if (!suite_add_fixtures_text(&suite, bytes_of(DRIVER_FIXTURES), "fixtures.yaml", diagnostics) ||
        !suite_add_text(&suite, bytes_of(DRIVER_SCENARIOS), "driver.yaml", NULL, NULL, diagnostics)) {
        fprintf(stderr, "%u: %s\n", diagnostics->errors[0].line, diagnostics->errors[0].text);
        abort();
    }
    free(diagnostics);
    return 0;
}

/* ---- what is played ---- */

static bool digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text)
{
    (void)timestamp;
    (void)secret;
    return buf_append_text(ret_text, "0123456789abcdef0123456789abcdef");
}

enum { LAST_MESSAGE = 2 };

/* Any mechanism: a few messages that say the user's name, of which CRAM-MD5 has one. */
struct exchange {
    const struct account *account;
    int step;
};

static void *sasl_begin(enum login_method method, const struct account *account)
{
    struct exchange *exchange = memory_new(sizeof(*exchange));

    exchange->account = account;
    exchange->step = method == LOGIN_AUTH_CRAM_MD5 ? LAST_MESSAGE : 0;
    return exchange;
}

static enum sasl_progress sasl_step(void *exchange, struct bytes challenge, struct buf *ret_text)
{
    struct exchange *this = exchange;

    (void)challenge;
    buf_append_text(ret_text, this->account->user);
    return this->step++ < LAST_MESSAGE ? SASL_GOES_ON : SASL_COMPLETE;
}

/* What went over the wire, so that the model can be asked again. */
struct event {
    size_t end; /* in `octets` */
    int connection;
    bool sent;
};

struct played {
    enum outcome_kind kind;
    uint64_t breaches[RULE_COUNT];
    struct buf octets;
    struct event events[EVENTS_MAX];
    size_t event_count; /* EVENTS_MAX: not all are here */
};

static void observe(void *context, const struct observation *observation)
{
    ((struct played *)context)->breaches[observation->rule]++;
}

static void tap(void *context, void *actor, int connection, enum tap_direction direction, struct bytes plain,
                time_us now_us)
{
    struct played *played = context;

    (void)actor;
    (void)now_us;
    if (played->event_count == EVENTS_MAX)
        return;
    buf_append(&played->octets, plain);
    played->events[played->event_count++] =
        (struct event){played->octets.size, connection, direction == TAP_SENT};
}

static enum host_result host(void *context, void *actor, const char *verb, const char *noun,
                             struct host_call *call, struct buf *ret_reason)
{
    (void)context;
    (void)actor;
    (void)verb;
    (void)noun;
    (void)call;
    (void)ret_reason;
    return HOST_DONE;
}

static struct transport transport_of(uint8_t octet)
{
    static const struct transport transports[] = {
        {.name = "lines"},
        {.name = "octets", .split = SPLIT_OCTETS},
        {.name = "pipelined", .pipelined = true},
        {.name = "stls", .starttls = true},
    };

    return transports[octet >> 4 & 3];
}

static struct machine *new_machine(uint8_t octet, const struct delivered *mailbox, struct played *played)
{
    static const struct account accounts[] = {
        {.user = "reader", .pass = "secret", .apop_secret = "secret", .login = LOGIN_USER_PASS},
        {.user = "other", .pass = "secret2", .login = LOGIN_USER_PASS}};
    const struct scenario *scenario = &suite.scenarios[(octet & 0x0F) % suite.scenario_count];

    return machine_new(&(struct machine_options){
        .scenario = scenario,
        .fixtures = &suite.fixtures,
        .accounts = accounts,
        .account_count = 2,
        .mailbox = mailbox,
        .mailbox_count = scenario->mailbox_count,
        .facts = {.capa = true,
                  .pipelining = true,
                  .resp_codes = true,
                  .delivery_order = true,
                  .exact_store = true},
        .transport = transport_of(octet),
        .credentials =
            {.apop_digest = digest, .sasl_begin = sasl_begin, .sasl_step = sasl_step, .sasl_end = free},
        .may_delete = (octet & 0x40) == 0,
        .reply_timeout_us = 10 * US_PER_S,
        .login_patience_us = 35 * US_PER_S,
        .time_scale_percent = 100,
        .observer = {observe, played},
    });
}

/* ---- oracles ---- */

static void check_outcome(const struct outcome *outcome, enum memory_result result)
{
    FUZZ_CHECK(result == MEMORY_DONE, "driver-ends");
    FUZZ_CHECK(outcome->kind == OUTCOME_PASSED || outcome->kind == OUTCOME_FAILED ||
                   outcome->kind == OUTCOME_BLOCKED || outcome->kind == OUTCOME_SKIPPED ||
                   outcome->kind == OUTCOME_REFUSED,
               "driver-ends");
    FUZZ_CHECK(outcome->ended_us - outcome->began_us < CASE_S_MAX * US_PER_S, "driver-ends");
}

static void check_transcript(const struct machine *machine)
{
    struct arena arena;
    struct redactor *redactor = redactor_new();
    size_t count;

    arena_init(&arena, PRINTED_OCTETS_MAX);
    struct transcript_line *lines = transcript_print(machine_transcript(machine), TRANSCRIPT_OWN_TOPIC,
                                                     redactor, 0, TRANSCRIPT_LINES_MAX, &arena, &count);

    FUZZ_CHECK(count <= TRANSCRIPT_LINES_MAX, "driver-print");
    for (size_t i = 0; i < count; i++)
        for (const char *at = lines[i].text.text; *at != '\0'; at++)
            FUZZ_CHECK(*at >= ' ' && *at <= '~', "driver-print");
    redactor_free(redactor);
    arena_release(&arena);
}

/* No octets of a connection that was not to delete say DELE in any letter case, however they were cut. */
static void check_safe(const struct played *played)
{
    static const char word[] = "DELE";
    size_t matched[10] = {0};
    size_t start = 0;

    for (size_t i = 0; i < played->event_count; i++) {
        const struct event *event = &played->events[i];

        for (size_t at = start; event->sent && at < event->end; at++) {
            size_t *state = &matched[event->connection];
            uint8_t octet = ascii_upper(played->octets.data[at]);

            *state = octet == (uint8_t)word[*state] ? *state + 1 : octet == 'D' ? 1 : 0;
            FUZZ_CHECK(*state < sizeof(word) - 1, "driver-safe");
        }
        start = event->end;
    }
}

static void feed(struct conversation *conversation, struct bytes octets, size_t chunk_octets)
{
    struct conversation_event event;

    for (size_t at = 0; at < octets.size; at += chunk_octets) {
        struct bytes chunk = bytes_slice(octets, at, at + chunk_octets);

        do
            conversation_next(conversation, &chunk, 0, &event);
        while (event.reply.kind != REPLY_NONE);
        FUZZ_CHECK(chunk.size == 0, "driver-cut");
    }
}

/* What the model finds in the events of CONNECTION's first session, the server's octets cut in chunks. */
static void judge_again(const struct played *played, int connection, size_t chunk_octets,
                        struct played *found)
{
    const struct conversation_options options = {.connection = connection,
                                                 .capa = true,
                                                 .resp_codes = true,
                                                 .pipelining = true,
                                                 .observer = {observe, found}};
    struct conversation *conversation = conversation_new(&options);
    size_t start = 0;

    for (size_t i = 0; i < played->event_count; i++) {
        const struct event *event = &played->events[i];
        struct bytes octets = bytes_slice(buf_bytes(&played->octets), start, event->end);

        start = event->end;
        if (event->connection != connection)
            continue;
        if (event->sent)
            conversation_sent(conversation, octets, CONVERSATION_BY_COMMAND);
        else
            feed(conversation, octets, chunk_octets);
    }
    conversation_left(conversation, 0);
    conversation_free(conversation);
}

static void check_cut(const struct played *played)
{
    static struct played whole;
    static struct played cut;

    for (int connection = 1; connection <= 2; connection++) {
        memset(whole.breaches, 0, sizeof(whole.breaches));
        memset(cut.breaches, 0, sizeof(cut.breaches));
        judge_again(played, connection, SIZE_MAX / 2, &whole);
        judge_again(played, connection, 1, &cut);
        FUZZ_CHECK(memcmp(whole.breaches, cut.breaches, sizeof(whole.breaches)) == 0, "driver-cut");
    }
}

/* ---- a run ---- */

static size_t fill_mailbox(const struct scenario *scenario, struct buf *octets, struct delivered *mailbox)
{
    for (size_t i = 0; i < scenario->mailbox_count; i++) {
        const struct fixture *fixture = fixture_find(&suite.fixtures, scenario->mailbox[i]);

        buf_init(&octets[i], BUF_UNBOUNDED);
        CHECK(fixture_deliver(fixture, i + 1, &octets[i]));
        mailbox[i] = (struct delivered){fixture, i + 1, buf_bytes(&octets[i])};
    }
    return scenario->mailbox_count;
}

static void run(uint8_t octet, struct bytes server, struct played *played)
{
    struct hostile_server hostile = {server};
    struct buf octets[2];
    struct delivered mailbox[2];
    size_t mailbox_count =
        fill_mailbox(&suite.scenarios[(octet & 0x0F) % suite.scenario_count], octets, mailbox);
    struct machine *machine = new_machine(octet, mailbox, played);
    struct memory_driver *driver = memory_driver_new(&(struct memory_server){
        .ops = &hostile_peer_ops, .server = &hostile, .tls_ready = true, .implicit_tls_ready = true});

    memory_driver_add(driver, &machine_actor_ops, machine,
                      &(struct driver_hooks){.context = played, .host = host, .tap = tap});
    check_outcome(machine_outcome(machine), memory_driver_run(driver, STEPS_MAX));
    played->kind = machine_outcome(machine)->kind;
    check_transcript(machine);
    memory_driver_free(driver);
    machine_free(machine);
    for (size_t i = 0; i < mailbox_count; i++)
        buf_release(&octets[i]);
}

static void begin(struct played *played)
{
    buf_clear(&played->octets);
    memset(played->breaches, 0, sizeof(played->breaches));
    played->event_count = 0;
}

static void check_repeats(uint8_t octet, struct bytes server, const struct played *first)
{
    static struct played again = {.octets = {.size_max = BUF_UNBOUNDED}};

    begin(&again);
    run(octet, server, &again);
    FUZZ_CHECK(first->kind == again.kind, "driver-repeats");
    FUZZ_CHECK(memcmp(first->breaches, again.breaches, sizeof(again.breaches)) == 0, "driver-repeats");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct played first = {.octets = {.size_max = BUF_UNBOUNDED}};
    uint64_t number = chunks_number((struct bytes){data, size});

    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    begin(&first);
    run(data[0], bytes_make(data + 1, size - 1), &first);
    if ((data[0] & 0x40) != 0)
        check_safe(&first);
    if (oracle_is_due(number, 0, 2))
        check_cut(&first);
    if (oracle_is_due(number, 1, 2))
        check_repeats(data[0], bytes_make(data + 1, size - 1), &first);
    return 0;
}
