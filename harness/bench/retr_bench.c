/*
 * RETR of one message of 1 GiB: pop3spec's own path against curl and against a loop that only receives, plain and
 * under TLS, all from the same server. Each contender is a process of its own; they take turns.
 */
#include "bare_client.h"
#include "bench.h"
#include "contender.h"
#include "driven_client.h"
#include "stream_server.h"

#define MESSAGE_OCTETS (UINT64_C(1) << 30)

enum { ROUNDS = 3, MEMORY_MIB_MAX = 32 };

enum who { WHO_PRODUCT, WHO_CURL, WHO_BARE, WHO_COUNT };

static const char *const who_names[WHO_COUNT] = {"pop3spec", "curl", "bare"};
static const char *const who_titles[WHO_COUNT] = {"pop3spec", "curl", "a bare receive loop"};

/* ---- the contenders' processes: this program as `bench_retr pop3spec|bare plain|tls PORT` ---- */

static bool fetch_driven(uint16_t port, bool tls)
{
    static const struct account account = {.user = "test1", .pass = "secret1", .login = LOGIN_USER_PASS};
    struct driven_client client;
    /* Without LIST, what goes on for 256 MiB is taken for a message without end. */
    bool fetched =
        driven_open(&client, "      C: LIST 1\n      S: +OK\n      C: RETR 1\n      S: +OK\n", port, tls) &&
        driven_run(&client, &account, 1, 1);

    driven_close(&client);
    return fetched;
}

static bool fetch_bare(uint16_t port, bool tls)
{
    struct bare_client client;
    bool fetched = bare_open(&client, port, tls) && bare_exchange(&client, "USER test1\r\n") &&
                   bare_exchange(&client, "PASS secret1\r\n") && bare_exchange_multi(&client, "RETR 1\r\n") &&
                   bare_exchange(&client, "QUIT\r\n") && client.octets > MESSAGE_OCTETS;

    bare_close(&client);
    return fetched;
}

static int contend(const char *who, const char *how, const char *port_text)
{
    uint16_t port = (uint16_t)strtoul(port_text, NULL, 10);
    bool tls = strcmp(how, "tls") == 0;
    bool fetched = strcmp(who, who_names[WHO_PRODUCT]) == 0 ? fetch_driven(port, tls) : fetch_bare(port, tls);

    return fetched ? 0 : 1;
}

/* ---- the race ---- */

struct figures {
    double wall_s[ROUNDS];
    double processor_s[ROUNDS];
    double memory_mib; /* the most of all rounds */
};

static bool run_one(enum who who, uint16_t port, bool tls, struct contender_cost *ret_cost)
{
    char port_text[16];
    char url[64];

    snprintf(port_text, sizeof(port_text), "%u", port);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u/1", tls ? "pop3s" : "pop3", port);
    const char *own[] = {"/proc/self/exe", who_names[who], tls ? "tls" : "plain", port_text, NULL};
    const char *curl[] = {"curl", "-q", "-s", "-k", "-o", "/dev/null", "-u", "test1:secret1", url, NULL};

    return contender_run(who == WHO_CURL ? curl : own, ret_cost);
}

static bool race(uint16_t port, bool tls, struct figures figures[WHO_COUNT])
{
    struct contender_cost cost;

    for (size_t round = 0; round < ROUNDS; round++) {
        for (enum who who = 0; who < WHO_COUNT; who++) {
            if (!run_one(who, port, tls, &cost)) {
                fprintf(stderr, "%s could not fetch the message\n", who_names[who]);
                return false;
            }
            figures[who].wall_s[round] = cost.wall_s;
            figures[who].processor_s[round] = cost.processor_s;
            if (cost.memory_mib > figures[who].memory_mib)
                figures[who].memory_mib = cost.memory_mib;
        }
    }
    return true;
}

/* How many times as fast as WHO pop3spec was, by the clock and by the processor's time. */
static void print_against(const char *how, enum who who, double least, struct figures figures[WHO_COUNT])
{
    struct figures *own = &figures[WHO_PRODUCT];
    char name[96];

    snprintf(name, sizeof(name), "RETR of 1 GiB, %s: speed / %s's", how, who_titles[who]);
    bench_row_at_least(name, bench_median(figures[who].wall_s, ROUNDS) / bench_median(own->wall_s, ROUNDS),
                       "times", least);
    snprintf(name, sizeof(name), "RETR of 1 GiB, %s: speed / %s's, by processor time", how, who_titles[who]);
    bench_row(name, bench_median(figures[who].processor_s, ROUNDS) / bench_median(own->processor_s, ROUNDS),
              "times");
}

static void print_race(const char *how, double curl_least, struct figures figures[WHO_COUNT])
{
    const double mebioctets = (double)MESSAGE_OCTETS / (1 << 20);
    char name[96];

    print_against(how, WHO_CURL, curl_least, figures);
    print_against(how, WHO_BARE, 0.5, figures);
    snprintf(name, sizeof(name), "RETR of 1 GiB, %s: memory", how);
    bench_row_at_most(name, figures[WHO_PRODUCT].memory_mib, "MiB", MEMORY_MIB_MAX);
    for (enum who who = 0; who < WHO_COUNT; who++) {
        double *wall_s = figures[who].wall_s;

        snprintf(name, sizeof(name), "RETR of 1 GiB, %s: speed of %s", how, who_titles[who]);
        bench_row(name, mebioctets / bench_median(wall_s, ROUNDS), "MiB/s"); /* and puts them in order */
        snprintf(name, sizeof(name), "RETR of 1 GiB, %s: slowest round over fastest of %s", how,
                 who_titles[who]);
        bench_row(name, 100 * (wall_s[ROUNDS - 1] / wall_s[0] - 1), "%");
    }
}

int main(int argument_count, char **arguments)
{
    struct figures plain[WHO_COUNT] = {0};
    struct figures tls[WHO_COUNT] = {0};
    struct stream_server server;

    if (argument_count == 4)
        return contend(arguments[1], arguments[2], arguments[3]);
    if (!stream_server_start(MESSAGE_OCTETS, &server)) {
        fprintf(stderr, "the server could not be started\n");
        return 1;
    }
    bool raced = race(server.port, false, plain) && race(server.tls_port, true, tls);

    stream_server_stop(&server);
    if (!raced)
        return 1;
    print_race("plain", 3, plain);
    print_race("TLS", 1, tls);
    return 0;
}
