#include "driven_client.h"

#include "base/memory.h"

enum { REPLY_TIMEOUT_US = 60 * 1000 * 1000, CONNECT_TIMEOUT_US = 10 * 1000 * 1000 };

static void observe(void *context, const struct observation *observation)
{
    struct driven_client *client = context;

    client->observations++;
    fprintf(stderr, "octet %llu: expected %s, got %s\n", (unsigned long long)observation->offset,
            observation->expected, observation->actual);
}

static bool load(struct driven_client *client, const char *dialog)
{
    struct diagnostics *diagnostics = memory_new(sizeof(*diagnostics));
    struct buf text;

    buf_init(&text, BUF_UNBOUNDED);
    buf_append_format(&text,
                      "pop3spec: 1\nscenarios:\n  - name: bench\n    title: What is measured\n"
                      "    tags: [example]\n    mailbox: any\n    state: transaction\n    dialog: |\n%s",
                      dialog);
    bool loaded = suite_add_text(&client->suite, buf_bytes(&text), "dialog", "bench", NULL, diagnostics);

    for (size_t i = 0; i < diagnostics->count && i < DIAGNOSTICS_MAX; i++)
        fprintf(stderr, "%s\n", diagnostics->errors[i].text);
    buf_release(&text);
    free(diagnostics);
    return loaded;
}

static bool connect_to(struct driven_client *client, uint16_t port, bool tls)
{
    static const struct tls_client_settings settings = {.unverified = true};
    struct error error;

    client->endpoint = (struct endpoint){
        .host = "127.0.0.1",
        .port = port,
        .implicit_tls_port = port,
        .connect_timeout_us = CONNECT_TIMEOUT_US,
    };
    client->loop = loop_new(&error);
    if (client->loop == NULL || !address_resolve("127.0.0.1", &error, &client->endpoint.addresses))
        return false;
    if (!tls)
        return true;
    client->endpoint.tls = client->tls = tls_context_client(&settings, &error);
    return client->tls != NULL;
}

bool driven_open(struct driven_client *client, const char *dialog, uint16_t port, bool tls)
{
    *client = (struct driven_client){0};
    suite_init(&client->suite);
    if (!load(client, dialog) || !connect_to(client, port, tls))
        return false;
    client->options = (struct machine_options){
        .scenario = &client->suite.scenarios[0],
        .fixtures = &client->suite.fixtures,
        .transport = {.name = tls ? "implicit" : "lines", .implicit_tls = tls},
        .may_delete = true,
        .reply_timeout_us = REPLY_TIMEOUT_US,
        .login_patience_us = REPLY_TIMEOUT_US,
        .time_scale_percent = 100,
        .observer = {observe, client},
    };
    return true;
}

/* One of those that run at a time: it begins the next case when the one before is done. */
struct lane {
    struct driven_client *client;
    const struct account *account;
    struct machine *machine;
    uint64_t *cases_left;
};

static void begin_case(struct lane *lane);

static void case_done(void *context, void *actor)
{
    struct lane *lane = context;
    const struct outcome *outcome = machine_outcome(lane->machine);

    (void)actor;
    if (outcome->kind != OUTCOME_PASSED) {
        lane->client->not_passed++;
        fprintf(stderr, "a case ended otherwise: %s%s\n", buf_text(&outcome->reason),
                buf_text(&outcome->actual));
    }
    machine_free(lane->machine);
    lane->machine = NULL;
    begin_case(lane);
}

static void begin_case(struct lane *lane)
{
    struct driven_client *client = lane->client;
    const struct driver_hooks hooks = {.context = lane, .done = case_done};
    struct machine_options options = client->options;

    if (*lane->cases_left == 0)
        return;
    --*lane->cases_left;
    options.accounts = lane->account;
    options.account_count = 1;
    lane->machine = machine_new(&options);
    loop_add(client->loop, &machine_actor_ops, lane->machine, &client->endpoint, &hooks);
}

bool driven_run(struct driven_client *client, const struct account *accounts, size_t in_parallel,
                uint64_t cases)
{
    struct lane *lanes = memory_new_array(in_parallel, sizeof(*lanes));

    for (size_t i = 0; i < in_parallel; i++) {
        lanes[i] = (struct lane){.client = client, .account = &accounts[i], .cases_left = &cases};
        begin_case(&lanes[i]);
    }
    bool done = loop_run(client->loop, NULL) == LOOP_DONE;

    free(lanes);
    return done && cases == 0 && client->not_passed == 0 && client->observations == 0;
}

void driven_close(struct driven_client *client)
{
    loop_free(client->loop);
    tls_context_free(client->tls);
    suite_release(&client->suite);
}
