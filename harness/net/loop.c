#include "net/loop_internal.h"

#include "base/check.h"
#include "base/memory.h"
#include "net/socket.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_PER_ROUND = 256,
    /* A signal may land on another thread, or between the look at the flag and the wait, and then wakes nobody. */
    STOP_FLAG_LOOK_MS = 250,
    /* So little time goes by round by round, as epoll_wait() can only sleep for a millisecond or more. */
    ROUNDS_FOR_US = 100,
    /* Where waits are skipped: nothing has happened for so long when time jumps. */
    STILLNESS_MS = 1,
};

/* The one place that reads a clock. */
static int64_t clock_us(void)
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

time_us loop_now(const struct loop *loop)
{
    return clock_us() - loop->start_us + loop->skipped_us;
}

void loop_skip_waits(struct loop *loop)
{
    loop->skips_waits = true;
}

bool loop_watch(struct loop *loop, int descriptor, uint32_t events, void *watched)
{
    struct epoll_event event = {.events = events, .data.ptr = watched};

    return epoll_ctl(loop->epoll_descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

struct loop *loop_new(struct error *error)
{
    struct loop *loop = memory_new(sizeof(*loop));

    loop->watched = WATCHED_WAKE;
    loop->epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->read_buffer = memory_new(LOOP_READ_OCTETS);
    loop->start_us = clock_us();
    timers_init(&loop->timers);
    if (loop->epoll_descriptor >= 0 && loop->wake_descriptor >= 0 &&
        loop_watch(loop, loop->wake_descriptor, EPOLLIN, loop))
        return loop;
    error_set(error, ERROR_HOST, "no event loop can be made: %s", socket_trouble(errno));
    loop_free(loop);
    return NULL;
}

static void client_free(struct loop_client *client)
{
    client_release(&client->client);
    free(client);
}

static void free_done_clients(struct loop *loop)
{
    while (loop->done_clients != NULL) {
        struct loop_client *client = loop->done_clients;

        loop->done_clients = client->next;
        client_free(client);
    }
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    while (loop->clients != NULL) {
        struct loop_client *client = loop->clients;

        loop->clients = client->next;
        client_free(client);
    }
    free_done_clients(loop);
    while (loop->sockets != NULL)
        loop_socket_free(loop->sockets);
    while (loop->listeners != NULL) {
        struct loop_listener *listener = loop->listeners;

        loop->listeners = listener->next;
        loop_listener_free(listener);
    }
    if (loop->epoll_descriptor >= 0)
        close(loop->epoll_descriptor);
    if (loop->wake_descriptor >= 0)
        close(loop->wake_descriptor);
    timers_release(&loop->timers);
    free(loop->read_buffer);
    free(loop->ready.items);
    free(loop->turn.items);
    free(loop);
}

void loop_add(struct loop *loop, const struct actor_ops *ops, void *actor, const struct endpoint *endpoint,
              const struct driver_hooks *hooks)
{
    struct loop_client *client = memory_new(sizeof(*client));

    client->loop = loop;
    client->endpoint = *endpoint;
    client_init(&client->client, ops, actor, hooks, &loop_carrier_ops, client, &loop->timers);
    client->next = loop->clients;
    if (client->next != NULL)
        client->next->previous = client;
    loop->clients = client;
}

void loop_stop(struct loop *loop)
{
    uint64_t one = 1;
    int saved = errno;

    /* It can only fail when the counter is full, and then the loop wakes all the same. */
    ssize_t written = write(loop->wake_descriptor, &one, sizeof(one));

    (void)written;
    errno = saved;
}

void loop_enqueue(struct loop_socket *socket)
{
    struct socket_queue *ready = &socket->loop->ready;

    if (socket->queued)
        return;
    socket->queued = true;
    if (ready->count == ready->capacity) {
        ready->capacity = ready->capacity > 0 ? 2 * ready->capacity : 64;
        ready->items = memory_resize_array(ready->items, ready->capacity, sizeof(ready->items[0]));
    }
    ready->items[ready->count++] = socket;
}

/* How long the loop may sleep, for epoll_wait(). */
static int patience_ms(const struct loop *loop, bool watch_flag)
{
    time_us next = timers_next(&loop->timers);
    int64_t patience = INT_MAX;

    if (loop->ready.count > 0)
        return 0;
    if (next != TIME_NEVER) {
        int64_t left_us = next - loop->looked_us;

        /* Rounded up: waking early would only mean to go round again. */
        patience = left_us <= ROUNDS_FOR_US ? 0 : left_us / US_PER_MS + (left_us % US_PER_MS != 0);
    }
    if (watch_flag && patience > STOP_FLAG_LOOK_MS)
        patience = STOP_FLAG_LOOK_MS;
    if (loop->skips_waits && patience > STILLNESS_MS)
        patience = STILLNESS_MS;
    return patience < INT_MAX ? (int)patience : next == TIME_NEVER ? -1 : INT_MAX;
}

/* Jumps to the next deadline if both ends of each connection wait for the other. The look at the descriptors found nothing. */
static void skip_wait(struct loop *loop)
{
    time_us next = timers_next(&loop->timers);
    time_us now_us = loop_now(loop);

    if (next == TIME_NEVER || next <= now_us || loop->ready.count > 0)
        return;
    for (const struct loop_socket *socket = loop->sockets; socket != NULL; socket = socket->next) {
        if (!loop_socket_is_still(socket))
            return;
    }
    loop->skipped_us += next - now_us;
}

static void drain_wake(struct loop *loop)
{
    uint64_t count;

    loop->stopped |= read(loop->wake_descriptor, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* Sleeps until something happens; only marks and queues what did. */
static void harvest(struct loop *loop, bool watch_flag)
{
    struct epoll_event events[EVENTS_PER_ROUND];

    loop->looked_us = loop_now(loop);
    int count = epoll_wait(loop->epoll_descriptor, events, EVENTS_PER_ROUND, patience_ms(loop, watch_flag));

    CHECK(count >= 0 || errno == EINTR);
    if (count == 0 && loop->skips_waits)
        skip_wait(loop);
    loop->timers.now_us = loop_now(loop);
    for (int i = 0; i < count; i++) {
        void *watched = events[i].data.ptr;

        switch (*(const enum watched *)watched) {
        case WATCHED_WAKE:
            drain_wake(loop);
            break;
        case WATCHED_LISTENER:
            loop_listener_mark(watched);
            break;
        case WATCHED_SOCKET:
            loop_socket_mark(watched, events[i].events);
            break;
        }
    }
}

/*
 * Whoever was sent something in an earlier round reads it before anything more is sent. A client that closes one connection
 * and opens another must not find the first one still counted, so closes are seen before new connections are.
 */
static void give_turns(struct loop *loop)
{
    struct socket_queue turn = loop->ready;

    loop->ready = loop->turn;
    loop->ready.count = 0;
    loop->turn = turn;
    for (size_t i = 0; i < turn.count; i++) {
        turn.items[i]->queued = false;
        turn.items[i]->writes_now = turn.items[i]->turn_to_write;
        turn.items[i]->turn_to_write = false;
    }
    for (size_t i = 0; i < turn.count; i++)
        loop_socket_read_turn(turn.items[i]);
    for (struct loop_listener *listener = loop->listeners; listener != NULL; listener = listener->next)
        loop_listener_turn(listener);
    for (size_t i = 0; i < turn.count; i++)
        loop_socket_write_turn(turn.items[i]);
    for (size_t i = 0; i < turn.count; i++) {
        struct loop_socket *socket = turn.items[i];

        if (socket->channel.dead && !socket->queued)
            loop_socket_free(socket);
        else if (loop_socket_is_ready(socket))
            loop_enqueue(socket);
    }
}

enum loop_result loop_run(struct loop *loop, const volatile sig_atomic_t *stop)
{
    bool for_actors = loop->clients != NULL;

    loop->stopped = false;
    for (;;) {
        harvest(loop, stop != NULL);
        if (loop->stopped || (stop != NULL && *stop != 0))
            return LOOP_STOPPED;
        give_turns(loop);
        /*
         * Only what was due before the look at the descriptors: however long this process was kept from running, what
         * had come by the deadline is told before it.
         */
        timers_run(&loop->timers, loop->looked_us);
        free_done_clients(loop);
        for_actors |= loop->clients != NULL;
        if (for_actors && loop->clients == NULL)
            return LOOP_DONE;
    }
}
