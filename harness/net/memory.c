#include "net/memory.h"

#include "base/check.h"
#include "base/memory.h"
#include "net/client.h"
#include "net/served.h"
#include "net/tls.h"

enum {
    /* Octets on their way in one direction; a write is taken whole while fewer are. As a small TCP window. */
    WINDOW_OCTETS = 64 * 1024,
    /* In a flood, the time that a delivery takes doubles after so many of them. */
    FLOOD_DOUBLING_SEGMENTS = 1024,
    FLOOD_DOUBLINGS_MAX = 24,
};

enum delivery_kind { DELIVER_OPENED, DELIVER_OPEN_FAILED, DELIVER_SEGMENT, DELIVER_END, DELIVER_RESET };

struct delivery {
    enum delivery_kind kind;
    struct delivery *next;
    size_t size;
    uint8_t octets[]; /* SEGMENT */
};

/* One end of a connection. Both ends live until both are dead. */
struct memory_end {
    struct memory_driver *driver;
    struct memory_connection *connection;
    struct memory_end *other;
    struct memory_end *next_ready;
    struct channel channel;
    struct delivery *first; /* on their way to this end */
    struct delivery *last;
    size_t inbound_octets;
    bool queued;
    bool turn_to_write; /* channel_writable() is due */
    bool blocked;       /* the last write did not fit */
};

struct memory_connection {
    struct memory_end client;
    struct memory_end server;
    struct served served;
    bool is_served; /* the server has accepted */
    bool implicit_tls;
    uint64_t unanswered_segments; /* to the client since it said something */
    struct memory_connection *previous;
    struct memory_connection *next;
};

struct memory_client {
    struct client client;
    struct memory_driver *driver;
    struct memory_client *previous;
    struct memory_client *next;
};

struct memory_driver {
    struct memory_server server;
    struct timers timers;
    struct memory_end *ready_first; /* ends with something to do, each gets one delivery a turn */
    struct memory_end *ready_last;
    struct memory_connection *connections;
    struct memory_client *clients;
    struct memory_client *done_clients;
};

/* ---- the queue of ends ---- */

static void enqueue(struct memory_end *end)
{
    struct memory_driver *driver = end->driver;

    if (end->queued)
        return;
    end->queued = true;
    end->next_ready = NULL;
    if (driver->ready_last != NULL)
        driver->ready_last->next_ready = end;
    else
        driver->ready_first = end;
    driver->ready_last = end;
}

static struct memory_end *dequeue(struct memory_driver *driver)
{
    struct memory_end *end = driver->ready_first;

    driver->ready_first = end->next_ready;
    if (driver->ready_first == NULL)
        driver->ready_last = NULL;
    end->queued = false;
    return end;
}

/* Octets and FIN wait on the wire until the end wants to read; the rest is the wire's own business. */
static bool can_deliver(const struct memory_end *end)
{
    if (end->first == NULL)
        return false;
    return (end->first->kind != DELIVER_SEGMENT && end->first->kind != DELIVER_END) ||
           channel_wants_read(&end->channel) || end->channel.dead;
}

static void enqueue_if_busy(struct memory_end *end)
{
    if (end->turn_to_write || can_deliver(end))
        enqueue(end);
}

/* ---- the wire ---- */

static void post(struct memory_end *to, enum delivery_kind kind, struct bytes octets)
{
    struct delivery *delivery = memory_new(sizeof(*delivery) + octets.size);

    delivery->kind = kind;
    delivery->size = octets.size;
    if (octets.size > 0)
        memcpy(delivery->octets, octets.data, octets.size);
    if (to->last != NULL)
        to->last->next = delivery;
    else
        to->first = delivery;
    to->last = delivery;
    to->inbound_octets += octets.size;
    enqueue_if_busy(to);
}

static struct delivery *take(struct memory_end *end)
{
    struct delivery *delivery = end->first;

    end->first = delivery->next;
    if (end->first == NULL)
        end->last = NULL;
    end->inbound_octets -= delivery->size;
    return delivery;
}

static void drop_deliveries(struct memory_end *end)
{
    while (end->first != NULL)
        free(take(end));
}

static ptrdiff_t wire_write(void *wire, struct bytes bytes)
{
    struct memory_end *end = wire;

    if (end->other->inbound_octets >= WINDOW_OCTETS) {
        end->blocked = true;
        return 0;
    }
    if (end == &end->connection->client)
        end->connection->unanswered_segments = 0;
    post(end->other, DELIVER_SEGMENT, bytes);
    return (ptrdiff_t)bytes.size;
}

static void wire_finish(void *wire)
{
    struct memory_end *end = wire;

    post(end->other, DELIVER_END, BYTES_EMPTY);
}

/* As with TCP, closing with octets unread sends RST too, and so does FIN's absence. */
static void wire_close(void *wire, bool reset)
{
    struct memory_end *end = wire;

    if (!end->other->channel.dead && (reset || !end->channel.finished || end->first != NULL))
        post(end->other, DELIVER_RESET, BYTES_EMPTY);
    drop_deliveries(end);
    enqueue(end);
}

static void wire_again(void *wire)
{
    struct memory_end *end = wire;

    end->turn_to_write = true;
    enqueue(end);
}

static const struct wire_ops memory_wire_ops = {
    .write = wire_write,
    .finish = wire_finish,
    .close = wire_close,
    .again = wire_again,
};

/* ---- connections ---- */

static void end_init(struct memory_end *end, struct memory_connection *connection, struct memory_end *other,
                     struct memory_driver *driver)
{
    end->driver = driver;
    end->connection = connection;
    end->other = other;
    channel_init(&end->channel, &memory_wire_ops, end, &driver->timers);
}

static void end_release(struct memory_end *end)
{
    channel_release(&end->channel);
    drop_deliveries(end);
}

static void connection_free(struct memory_driver *driver, struct memory_connection *connection)
{
    if (connection->is_served)
        served_release(&connection->served);
    end_release(&connection->client);
    end_release(&connection->server);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        driver->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    free(connection);
}

static struct channel *carrier_open(void *carrier, bool implicit_tls)
{
    struct memory_driver *driver = ((struct memory_client *)carrier)->driver;
    struct memory_connection *connection = memory_new(sizeof(*connection));
    bool possible = !implicit_tls || driver->server.implicit_tls_ready;

    end_init(&connection->client, connection, &connection->server, driver);
    end_init(&connection->server, connection, &connection->client, driver);
    connection->implicit_tls = implicit_tls;
    connection->next = driver->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    driver->connections = connection;
    post(&connection->client, possible ? DELIVER_OPENED : DELIVER_OPEN_FAILED, BYTES_EMPTY);
    return &connection->client.channel;
}

static struct tls_filter *server_tls(const void *context, enum tls_version version_max)
{
    (void)context;
    return tls_null_server_new(version_max);
}

static void accept_connection(struct memory_connection *connection)
{
    const struct memory_server *server = &connection->client.driver->server;
    struct served_by by = {
        .ops = server->ops,
        .server = server->server,
        .tls = server->tls_ready ? server_tls : NULL,
    };

    connection->is_served = true;
    served_init(&connection->served, &by, &connection->server.channel, connection->implicit_tls);
}

static struct tls_filter *carrier_tls(void *carrier, enum tls_version version)
{
    const struct memory_client *client = carrier;

    return client->driver->server.tls_ready ? tls_null_client_new(version) : NULL;
}

/* Virtual time does not pass while a host works. */
static void carrier_look_at_clock(void *carrier)
{
    (void)carrier;
}

static void carrier_done(void *carrier)
{
    struct memory_client *client = carrier;
    struct memory_driver *driver = client->driver;

    if (client->previous != NULL)
        client->previous->next = client->next;
    else
        driver->clients = client->next;
    if (client->next != NULL)
        client->next->previous = client->previous;
    client->next = driver->done_clients;
    driver->done_clients = client;
}

static const struct client_carrier_ops memory_carrier_ops = {
    .open = carrier_open,
    .tls = carrier_tls,
    .look_at_clock = carrier_look_at_clock,
    .done = carrier_done,
};

/* ---- running ---- */

/* True when nothing but CONNECTION has anything to do, and its server has said too much for too long. */
static bool is_only_flood(const struct memory_driver *driver, const struct memory_connection *connection)
{
    if (connection->unanswered_segments < MEMORY_FLOOD_SEGMENTS)
        return false;
    for (const struct memory_end *end = driver->ready_first; end != NULL; end = end->next_ready)
        if (end->connection->unanswered_segments < MEMORY_FLOOD_SEGMENTS)
            return false;
    return true;
}

static int64_t delivery_us(const struct memory_driver *driver, const struct memory_connection *connection)
{
    if (!is_only_flood(driver, connection))
        return 1;
    uint64_t doublings = (connection->unanswered_segments - MEMORY_FLOOD_SEGMENTS) / FLOOD_DOUBLING_SEGMENTS;

    return INT64_C(1) << (doublings < FLOOD_DOUBLINGS_MAX ? doublings : FLOOD_DOUBLINGS_MAX);
}

static void deliver(struct memory_end *end, const struct delivery *delivery)
{
    switch (delivery->kind) {
    case DELIVER_OPENED:
        accept_connection(end->connection);
        channel_opened(&end->channel);
        break;
    case DELIVER_OPEN_FAILED:
        channel_open_failed(&end->channel, "the target has no port for implicit TLS");
        break;
    case DELIVER_SEGMENT:
        channel_receive(&end->channel, bytes_make(delivery->octets, delivery->size));
        break;
    case DELIVER_END:
        channel_receive_end(&end->channel);
        break;
    case DELIVER_RESET:
        channel_receive_reset(&end->channel);
        break;
    }
}

/* Brings END the next thing that is on its way to it. */
static void deliver_next(struct memory_end *end)
{
    struct memory_connection *connection = end->connection;
    struct delivery *delivery = take(end);

    if (delivery->kind == DELIVER_SEGMENT && end == &connection->client)
        connection->unanswered_segments++;
    if (end->other->blocked && end->inbound_octets < WINDOW_OCTETS) {
        end->other->blocked = false;
        end->other->turn_to_write = true;
        enqueue(end->other);
    }
    if (!end->channel.dead)
        deliver(end, delivery);
    else if (delivery->kind == DELIVER_SEGMENT && !end->other->channel.dead)
        post(end->other, DELIVER_RESET, BYTES_EMPTY);
    free(delivery);
}

static bool is_over(const struct memory_connection *connection)
{
    bool server_gone = connection->server.channel.dead || !connection->is_served;

    return connection->client.channel.dead && server_gone && !connection->client.queued &&
           !connection->server.queued;
}

/* One turn of the end that has waited longest. */
static void turn(struct memory_driver *driver)
{
    struct memory_end *end = dequeue(driver);
    struct memory_connection *connection = end->connection;

    driver->timers.now_us = time_after(driver->timers.now_us, delivery_us(driver, connection));
    if (can_deliver(end))
        deliver_next(end);
    if (end->turn_to_write) {
        end->turn_to_write = false;
        channel_writable(&end->channel);
    }
    enqueue_if_busy(end);
    if (is_over(connection))
        connection_free(driver, connection);
}

static void free_done_clients(struct memory_driver *driver)
{
    while (driver->done_clients != NULL) {
        struct memory_client *client = driver->done_clients;

        driver->done_clients = client->next;
        client_release(&client->client);
        free(client);
    }
}

enum memory_result memory_driver_run(struct memory_driver *driver, uint64_t steps_max)
{
    for (uint64_t step = 0; step < steps_max; step++) {
        bool idle = driver->ready_first == NULL;
        time_us next = timers_next(&driver->timers);

        if (idle && driver->clients == NULL)
            return MEMORY_DONE;
        if (idle && next == TIME_NEVER)
            return MEMORY_STALLED;
        if (idle)
            driver->timers.now_us = next;
        else
            turn(driver);
        timers_run(&driver->timers, driver->timers.now_us);
        free_done_clients(driver);
    }
    return MEMORY_EXHAUSTED;
}

struct memory_driver *memory_driver_new(const struct memory_server *server)
{
    struct memory_driver *driver = memory_new(sizeof(*driver));

    CHECK(server->tls_ready || !server->implicit_tls_ready);
    driver->server = *server;
    timers_init(&driver->timers);
    return driver;
}

void memory_driver_free(struct memory_driver *driver)
{
    if (driver == NULL)
        return;
    while (driver->clients != NULL) {
        struct memory_client *client = driver->clients;

        driver->clients = client->next;
        client_release(&client->client);
        free(client);
    }
    free_done_clients(driver);
    while (driver->connections != NULL)
        connection_free(driver, driver->connections);
    timers_release(&driver->timers);
    free(driver);
}

void memory_driver_add(struct memory_driver *driver, const struct actor_ops *ops, void *actor,
                       const struct driver_hooks *hooks)
{
    struct memory_client *client = memory_new(sizeof(*client));

    client->driver = driver;
    client_init(&client->client, ops, actor, hooks, &memory_carrier_ops, client, &driver->timers);
    client->next = driver->clients;
    if (client->next != NULL)
        client->next->previous = client;
    driver->clients = client;
}

time_us memory_driver_now(const struct memory_driver *driver)
{
    return driver->timers.now_us;
}
