/*
 * The driver's side of a session: the step machine, the model and the auditor, against a server that says anything. Input:
 * one octet that says which scenario is run and how, then the server (inputs/hostile_script.h). Of the first octet, bits 0 to 3
 * choose the scenario of inputs/driver_scenarios.h and bits 4 and 5 the transport; bit 6 forbids to delete.
 *
 * Oracles: driver-ends (the case is over after so many steps and so long on the virtual clock, in one of the outcomes a
 * target can cause), driver-repeats (the same again, octet for octet), driver-safe (where deleting is forbidden, nothing sent
 * says DELE, and nothing says QUIT behind RETR or TOP), driver-print (the transcript prints as harmless text, and what is said
 * of a breach is such), driver-injected (octets in clear text between the reply to STLS and TLS are accused), driver-read (the
 * model reads no octet twice), driver-offset (a breach stands within what was received), driver-missed (first lines too long
 * or without CR, and lines with a single dot, are accused), driver-verdict (a server that says neither + nor - behind its
 * greeting, or no message as it was delivered, passes no scenario that demands it), driver-cut (fed octet by octet, the model
 * finds the same, at the same places), driver-passes (passing over the lines of messages, too). While fuzzing the last two,
 * driver-verdict and driver-repeats take turns, by the input's octets.
 */
#include "check.h"
#include "chunks.h"
#include "driver_played.h"
#include "hostile_server.h"
#include "oracles.h"

#include "base/check.h"
#include "base/memory.h"
#include "exec/machine_private.h"
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
struct sasl_exchange {
    const struct account *account;
    int step;
};

static void *sasl_begin(enum login_method method, const struct account *account)
{
    struct sasl_exchange *exchange = memory_new(sizeof(*exchange));

    exchange->account = account;
    exchange->step = method == LOGIN_AUTH_CRAM_MD5 ? LAST_MESSAGE : 0;
    return exchange;
}

static enum sasl_progress sasl_step(void *exchange, struct bytes challenge, struct buf *ret_text)
{
    struct sasl_exchange *this = exchange;

    (void)challenge;
    buf_append_text(ret_text, this->account->user);
    return this->step++ < LAST_MESSAGE ? SASL_GOES_ON : SASL_COMPLETE;
}

static void tap(void *context, void *actor, int connection, enum tap_direction direction, struct bytes plain,
                time_us now_us)
{
    struct played *played = context;

    (void)actor;
    (void)now_us;
    played->received[connection] += direction == TAP_RECEIVED ? plain.size : 0;
    played_note(played, direction == TAP_SENT ? EVENT_SENT : EVENT_RECEIVED, connection, plain);
}

/* The machine, and who notes what it asks and is told. */
struct watched {
    struct machine *machine;
    struct played *played;
};

/* What was read in the clear is not read again under TLS. */
static void check_read(const struct watched *watched)
{
    for (int connection = 1; connection <= CONNECTIONS_MAX; connection++) {
        const struct conversation *conversation = machine_link(watched->machine, connection)->conversation;
        uint64_t received = watched->played->received[connection];

        FUZZ_CHECK(conversation == NULL || conversation_read_octets(conversation) <= received, "driver-read");
    }
}

static void watched_next(void *actor, time_us now_us, struct ask *ret_ask)
{
    struct watched *watched = actor;

    check_read(watched);
    machine_actor_ops.next(watched->machine, now_us, ret_ask);
    if (ret_ask->kind != ASK_OPEN)
        return;
    watched->played->received[ret_ask->connection] = 0;
    played_note(watched->played, EVENT_OPENED, ret_ask->connection, BYTES_EMPTY);
}

static void watched_tell(void *actor, const struct told *told)
{
    struct watched *watched = actor;

    if (told->kind == TOLD_TLS_DONE)
        played_note(watched->played, EVENT_SECURED, told->connection, BYTES_EMPTY);
    else if (told->kind == TOLD_END)
        played_note(watched->played, EVENT_ENDED, told->connection, BYTES_EMPTY);
    else if (told->kind == TOLD_RESET)
        played_note(watched->played, EVENT_RESET, told->connection, BYTES_EMPTY);
    machine_actor_ops.tell(watched->machine, told);
}

static const struct actor_ops watched_ops = {watched_next, watched_tell};

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

static const struct scenario *scenario_of(uint8_t octet)
{
    return &suite.scenarios[(octet & 0x0F) % suite.scenario_count];
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
    const struct scenario *scenario = scenario_of(octet);

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
        .observer = {played_observe, played},
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
        FUZZ_CHECK(played_is_harmless(lines[i].text.text), "driver-print");
    redactor_free(redactor);
    arena_release(&arena);
}

/* The last octets that were sent on a connection, in upper case. */
struct sent_tail {
    char word[sizeof("DELE")];
    bool retrieved;
};

static void check_sent_octet(struct sent_tail *tail, uint8_t octet)
{
    memmove(tail->word, tail->word + 1, sizeof(tail->word) - 2);
    tail->word[sizeof(tail->word) - 2] = (char)ascii_upper(octet);
    FUZZ_CHECK(strcmp(tail->word, "DELE") != 0, "driver-safe");
    FUZZ_CHECK(!tail->retrieved || strcmp(tail->word, "QUIT") != 0, "driver-safe");
    tail->retrieved = tail->retrieved || strcmp(tail->word, "RETR") == 0 || strcmp(tail->word, "TOP ") == 0;
}

/*
 * What was sent in a session that was not to delete does not say DELE in any letter case, however it was cut, and does not
 * say QUIT behind what retrieves.
 */
static void check_safe(const struct played *played)
{
    struct sent_tail tails[CONNECTIONS_MAX + 1];

    for (size_t i = 0; i < played->event_count; i++) {
        const struct event *event = &played->events[i];
        struct bytes octets = played_octets(played, i);

        if (event->kind == EVENT_OPENED)
            tails[event->connection] = (struct sent_tail){.word = "----"};
        for (size_t at = 0; event->kind == EVENT_SENT && at < octets.size; at++)
            check_sent_octet(&tails[event->connection], octets.data[at]);
    }
}

/* ---- octets between the reply to STLS and TLS ---- */

/* What CONNECTION received in the clear since it last sent anything, where TLS began at event SECURED. */
static void clear_text_before(const struct played *played, size_t secured, struct buf *ret_octets)
{
    size_t first = secured;
    int connection = played->events[secured].connection;

    for (size_t i = secured; i-- > 0;) {
        if (played->events[i].connection != connection)
            continue;
        if (played->events[i].kind == EVENT_OPENED)
            return; /* implicit TLS, in which nothing is sent before */
        if (played->events[i].kind == EVENT_SENT)
            break;
        first = i;
    }
    for (size_t i = first; i < secured; i++)
        if (played->events[i].connection == connection)
            buf_append(ret_octets, played_octets(played, i));
}

/* True where octets stand behind the first line of TEXT that are none of TLS. */
static bool is_injected(struct bytes text)
{
    size_t end = bytes_find_octet(text, '\n');
    struct bytes rest = end != BYTES_NOT_FOUND ? bytes_from(text, end + 1) : BYTES_EMPTY;

    return rest.size > 0 && rest.data[0] != 0x15 && rest.data[0] != 0x16;
}

/* A server that says more than its reply to STLS before TLS begins has broken a rule, whatever became of the case. */
static void check_injected(const struct played *played)
{
    static const uint64_t no_breaches[RULE_COUNT];
    struct buf text;

    if (memcmp(played->breaches, no_breaches, sizeof(no_breaches)) != 0)
        return;
    buf_init(&text, BUF_UNBOUNDED);
    for (size_t i = 0; i < played->event_count; i++) {
        if (played->events[i].kind != EVENT_SECURED)
            continue;
        buf_clear(&text);
        clear_text_before(played, i, &text);
        FUZZ_CHECK(!is_injected(buf_bytes(&text)), "driver-injected");
    }
    buf_release(&text);
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

static void run(uint8_t octet, struct hostile_server hostile, struct played *played)
{
    struct buf octets[2];
    struct delivered mailbox[2];
    size_t mailbox_count = fill_mailbox(scenario_of(octet), octets, mailbox);
    struct machine *machine = new_machine(octet, mailbox, played);
    struct memory_driver *driver = memory_driver_new(&(struct memory_server){
        .ops = &hostile_peer_ops, .server = &hostile, .tls_ready = true, .implicit_tls_ready = true});

    struct watched watched = {machine, played};

    memory_driver_add(driver, &watched_ops, &watched,
                      &(struct driver_hooks){.context = played, .host = host, .tap = tap});
    check_outcome(machine_outcome(machine), memory_driver_run(driver, STEPS_MAX));
    check_read(&watched);
    played->kind = machine_outcome(machine)->kind;
    check_transcript(machine);
    memory_driver_free(driver);
    machine_free(machine);
    for (size_t i = 0; i < mailbox_count; i++)
        buf_release(&octets[i]);
}

static void check_repeats(uint8_t octet, struct bytes server, const struct played *first)
{
    static struct played again = {.octets = {.size_max = BUF_UNBOUNDED}};

    played_begin(&again);
    run(octet, (struct hostile_server){.rest = server}, &again);
    FUZZ_CHECK(first->kind == again.kind, "driver-repeats");
    FUZZ_CHECK(memcmp(first->breaches, again.breaches, sizeof(again.breaches)) == 0, "driver-repeats");
    FUZZ_CHECK(first->event_count == again.event_count, "driver-repeats");
    FUZZ_CHECK(bytes_equal(buf_bytes(&first->octets), buf_bytes(&again.octets)), "driver-repeats");
}

/* Behind the greeting no line says +OK or -ERR, or asks for more. */
static uint8_t without_indicators(uint8_t octet, uint64_t line)
{
    return line > 0 && (octet == '+' || octet == '-') ? '?' : octet;
}

/* "Subject", which every message says, is not said. */
static uint8_t without_subject(uint8_t octet, uint64_t line)
{
    (void)line;
    return octet == 'j' ? 'k' : octet;
}

static bool demands_message(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct step *step = &scenario->steps[i];

        for (size_t j = 0; step->kind == STEP_EXPECT && j < step->reply.body_count; j++)
            if (step->reply.body[j].kind == BODY_MESSAGE)
                return true;
    }
    return false;
}

/* Every scenario demands a reply behind the greeting: without one, or without its message, it does not pass. */
static void check_verdict(uint8_t octet, struct bytes server, const struct played *first)
{
    static struct played other = {.octets = {.size_max = BUF_UNBOUNDED}};

    if (first->kind != OUTCOME_PASSED)
        return;
    played_begin(&other);
    run(octet, (struct hostile_server){.rest = server, .spoil = without_indicators}, &other);
    FUZZ_CHECK(other.kind != OUTCOME_PASSED, "driver-verdict");
    if (!demands_message(scenario_of(octet)))
        return;
    played_begin(&other);
    run(octet, (struct hostile_server){.rest = server, .spoil = without_subject}, &other);
    FUZZ_CHECK(other.kind != OUTCOME_PASSED, "driver-verdict");
}

enum { CUTS, PASSES, REPEATS, VERDICT, TURNS };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct played first = {.octets = {.size_max = BUF_UNBOUNDED}};
    uint64_t number = chunks_number((struct bytes){data, size});

    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    played_begin(&first);
    run(data[0], (struct hostile_server){.rest = bytes_make(data + 1, size - 1)}, &first);
    check_injected(&first);
    if ((data[0] & 0x40) != 0)
        check_safe(&first);
    if (oracle_is_due(number, CUTS, TURNS))
        played_check(&first, PLAYED_OCTETS, "driver-cut");
    if (oracle_is_due(number, PASSES, TURNS))
        played_check(&first, PLAYED_PASSING, "driver-passes");
    if (oracle_is_due(number, REPEATS, TURNS))
        check_repeats(data[0], bytes_make(data + 1, size - 1), &first);
    if (oracle_is_due(number, VERDICT, TURNS))
        check_verdict(data[0], bytes_make(data + 1, size - 1), &first);
    return 0;
}
