/*
 * Sessions per second: pop3spec's own path beside a bare blocking loop that only looks for line ends, both saying
 * USER, PASS, STAT, LIST and QUIT to the reference server in a process of its own. What pop3spec does on top (model,
 * auditor, transcript, scenario, loop) shows as the ratio of their times.
 */
#include "bare_client.h"
#include "bench.h"
#include "driven_client.h"

#include "refserver/shell/shell.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SESSIONS = 4000, ROUNDS = 5, LANES_MAX = 16, MESSAGES = 10 };

/* ---- the server's process ---- */

struct server {
    pid_t process;
    uint16_t port;
};

static void fill_names(char names[LANES_MAX][16], struct refserver_shell_user users[LANES_MAX])
{
    for (size_t i = 0; i < LANES_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "test%zu", i + 1);
        users[i] = (struct refserver_shell_user){.name = names[i], .password = "secret"};
    }
}

static struct refserver_shell *start_shell(struct loop *loop)
{
    char names[LANES_MAX][16];
    struct refserver_shell_user users[LANES_MAX];
    struct bytes messages[MESSAGES];
    struct refserver_shell_options options = {
        .users = users, .user_count = LANES_MAX, .messages = messages, .message_count = MESSAGES};
    struct refserver_shell *shell = NULL;
    struct error error;

    fill_names(names, users);
    for (size_t i = 0; i < MESSAGES; i++)
        messages[i] = BYTES_LITERAL("Subject: one of ten\r\n\r\nHello.\r\n");
    if (!address_parse("127.0.0.1", &options.address) ||
        !refserver_shell_start(loop, &options, &error, &shell))
        fprintf(stderr, "no server: %s\n", error.text);
    return shell;
}

/* Tells its port through SAY, and serves until it is ended. It goes with the benchmark that made it. */
static void serve(int say)
{
    struct error error;
    struct loop *loop = loop_new(&error);
    struct refserver_shell *shell = loop != NULL ? start_shell(loop) : NULL;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (shell == NULL)
        _exit(1);
    uint16_t port = refserver_shell_port(shell);

    if (write(say, &port, sizeof(port)) == (ssize_t)sizeof(port))
        (void)loop_run(loop, NULL);
    _exit(1);
}

static bool start_server(struct server *ret_server)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    ret_server->process = fork();
    if (ret_server->process == 0)
        serve(ends[1]);
    close(ends[1]);
    bool told =
        read(ends[0], &ret_server->port, sizeof(ret_server->port)) == (ssize_t)sizeof(ret_server->port);

    close(ends[0]);
    return told;
}

static void stop_server(const struct server *server)
{
    kill(server->process, SIGTERM);
    waitpid(server->process, NULL, 0);
}

/* ---- the bare loop: a thread for each of those that run at a time ---- */

struct bare_lane {
    pthread_t thread;
    uint16_t port;
    size_t number; /* of the user, from 1 */
    size_t sessions;
    bool failed;
};

static bool bare_session(const struct bare_lane *lane)
{
    struct bare_client client;
    char user[32];

    snprintf(user, sizeof(user), "USER test%zu\r\n", lane->number);
    bool held = bare_open(&client, lane->port, false) && bare_exchange(&client, user) &&
                bare_exchange(&client, "PASS secret\r\n") && bare_exchange(&client, "STAT\r\n") &&
                bare_exchange_multi(&client, "LIST\r\n") && bare_exchange(&client, "QUIT\r\n") &&
                bare_await_end(&client);

    bare_close(&client);
    return held;
}

static void *bare_sessions(void *context)
{
    struct bare_lane *lane = context;

    for (size_t i = 0; i < lane->sessions && !lane->failed; i++)
        lane->failed = !bare_session(lane);
    return NULL;
}

static bool run_bare(uint16_t port, size_t in_parallel)
{
    struct bare_lane lanes[LANES_MAX];
    size_t started = 0;
    bool failed = false;

    for (; started < in_parallel; started++) {
        lanes[started] =
            (struct bare_lane){.port = port, .number = started + 1, .sessions = SESSIONS / in_parallel};
        if (pthread_create(&lanes[started].thread, NULL, bare_sessions, &lanes[started]) != 0)
            break;
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(lanes[i].thread, NULL);
        failed = failed || lanes[i].failed;
    }
    return started == in_parallel && !failed;
}

/* ---- pop3spec's own path: all of them on one loop ---- */

static bool run_driven(struct driven_client *client, size_t in_parallel)
{
    char names[LANES_MAX][16];
    struct refserver_shell_user users[LANES_MAX];
    struct account accounts[LANES_MAX];

    fill_names(names, users);
    for (size_t i = 0; i < in_parallel; i++)
        accounts[i] =
            (struct account){.user = users[i].name, .pass = users[i].password, .login = LOGIN_USER_PASS};
    return driven_run(client, accounts, in_parallel, SESSIONS);
}

/* ---- the race ---- */

struct figures {
    double wall_s[ROUNDS];
    double processor_s[ROUNDS]; /* of this process alone: what the server does is not in it */
};

static double processor_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run_round(struct driven_client *driven, uint16_t port, size_t in_parallel, size_t round,
                      struct figures *figures)
{
    uint64_t start_ns = bench_now_ns();
    double start_s = processor_s();
    bool ran = driven != NULL ? run_driven(driven, in_parallel) : run_bare(port, in_parallel);

    figures->wall_s[round] = (double)(bench_now_ns() - start_ns) / 1e9;
    figures->processor_s[round] = processor_s() - start_s;
    return ran;
}

static void print_race(size_t in_parallel, struct figures *driven, struct figures *bare)
{
    double driven_s = bench_median(driven->wall_s, ROUNDS); /* and puts them in order */
    double driven_processor_s = bench_median(driven->processor_s, ROUNDS);
    char name[96];

    snprintf(name, sizeof(name), "sessions, %zu at a time: time / a bare blocking loop's", in_parallel);
    bench_row_at_most(name, driven_s / bench_median(bare->wall_s, ROUNDS), "times", 1.5);
    snprintf(name, sizeof(name), "sessions, %zu at a time: processor time / a bare loop's", in_parallel);
    bench_row(name, driven_processor_s / bench_median(bare->processor_s, ROUNDS), "times");
    snprintf(name, sizeof(name), "sessions, %zu at a time: processor time of one", in_parallel);
    bench_row(name, 1e6 * driven_processor_s / SESSIONS, "us");
    snprintf(name, sizeof(name), "sessions, %zu at a time", in_parallel);
    bench_row(name, SESSIONS / driven_s, "/s");
    snprintf(name, sizeof(name), "sessions, %zu at a time: slowest round over fastest", in_parallel);
    bench_row(name, 100 * (driven->wall_s[ROUNDS - 1] / driven->wall_s[0] - 1), "%");
}

static bool race(struct driven_client *client, uint16_t port, size_t in_parallel)
{
    struct figures driven;
    struct figures bare;

    for (size_t round = 0; round < ROUNDS; round++) {
        if (!run_round(client, port, in_parallel, round, &driven) ||
            !run_round(NULL, port, in_parallel, round, &bare))
            return false;
    }
    print_race(in_parallel, &driven, &bare);
    return true;
}

int main(void)
{
    static const char dialog[] = "      C: STAT\n      S: +OK\n      C: LIST\n      S: +OK\n"
                                 "      C: QUIT\n      S: +OK\n      closed:\n";
    struct server server;
    struct driven_client client;

    if (!start_server(&server)) {
        fprintf(stderr, "the server could not be started\n");
        return 1;
    }
    bool raced = driven_open(&client, dialog, server.port, false) && race(&client, server.port, 1) &&
                 race(&client, server.port, LANES_MAX);

    driven_close(&client);
    stop_server(&server);
    return raced ? 0 : 1;
}
