/*
 * A world in which scripted actors meet the line server: memory and its virtual clock, or TCP on loopback with real TLS.
 * Tests that play one script in several worlds demand the same logs of both.
 */
#ifndef TESTS_NET_WORLD_H
#define TESTS_NET_WORLD_H

#include "line_peer.h"
#include "net/loop.h"
#include "net/memory.h"
#include "scripted_actor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <unistd.h>

enum world_kind {
    WORLD_MEMORY,
    WORLD_TCP_TLS_1_2,
    WORLD_TCP_TLS_1_3,
    WORLD_TCP_IPV6,
    WORLD_TCP_SKIPPING, /* as WORLD_TCP_TLS_1_3, on virtual time */
    WORLD_COUNT
};

enum { WORLD_STEPS_MAX = 5 * 1000 * 1000 };

/* A file name that lives until the certificate file is unlinked. */
struct certificate_file {
    char path[64];
};

static inline struct certificate_file certificate_file_new(const struct tls_context *context)
{
    struct certificate_file file = {"/tmp/pop3spec-test-XXXXXX"};
    struct error error;
    int descriptor = mkstemp(file.path);

    assert_true(descriptor >= 0);
    close(descriptor);
    assert_true(tls_context_write_certificate(context, file.path, &error));
    return file;
}

struct world {
    struct line_server server;
    struct memory_driver *memory; /* or */
    struct loop *loop;
    struct tls_context *server_tls;
    struct tls_context *client_tls;
    struct endpoint endpoint;
    struct driver_hooks hooks;
};

static inline enum host_result world_host(void *context, void *actor, const char *verb, const char *noun,
                                          struct host_call *call, struct buf *ret_reason)
{
    (void)context;
    (void)actor;
    (void)call;
    if (strcmp(noun, "short") == 0)
        return HOST_DONE;
    buf_append_format(ret_reason, "there is no %s to %s", noun, verb);
    return HOST_FAILED;
}

static inline struct tls_context *world_server_tls(enum tls_version version)
{
    struct error error;
    struct tls_context *context = tls_context_server(
        &(struct tls_server_settings){.version_min = version, .version_max = version}, &error);

    assert_non_null(context);
    return context;
}

/* A client's context that trusts SERVER_TLS's own certificate. */
static inline struct tls_context *world_client_tls(const struct tls_context *server_tls)
{
    struct error error;
    struct certificate_file file = certificate_file_new(server_tls);
    struct tls_context *context =
        tls_context_client(&(struct tls_client_settings){.ca_file = file.path}, &error);

    assert_non_null(context);
    unlink(file.path);
    return context;
}

static inline struct address world_address(const char *text)
{
    struct address address;

    assert_true(address_parse(text, &address));
    return address;
}

/* Listens with the line server on a free port of ADDRESS. */
static inline uint16_t world_listen(struct world *world, const char *address, bool implicit_tls)
{
    struct listening listening = {
        .address = world_address(address),
        .implicit_tls = implicit_tls,
        .tls = world->server_tls,
        .ops = &line_peer_ops,
        .server = &world->server,
    };
    struct error error;
    uint16_t port = 0;

    if (!loop_listen(world->loop, &listening, &error, &port))
        fail_msg("%s", error.text);
    return port;
}

/* SERVER_TLS may be NULL; it becomes the world's. */
static inline void world_init_tcp(struct world *world, const char *address, struct tls_context *server_tls)
{
    struct error error;

    *world = (struct world){.server_tls = server_tls, .hooks = {.host = world_host}};
    line_server_init(&world->server);
    world->loop = loop_new(&error);
    assert_non_null(world->loop);
    if (server_tls != NULL)
        world->client_tls = world_client_tls(server_tls);
    world->endpoint = (struct endpoint){
        .host = address,
        .addresses = {.items = {world_address(address)}, .count = 1},
        .port = world_listen(world, address, false),
        .implicit_tls_port = server_tls != NULL ? world_listen(world, address, true) : 0,
        .tls = world->client_tls,
        .connect_timeout_us = 5 * US_PER_S,
    };
}

/* Over TCP, without TLS. */
static inline void world_init_plain(struct world *world)
{
    world_init_tcp(world, "127.0.0.1", NULL);
}

static inline void world_init_memory(struct world *world)
{
    *world = (struct world){.hooks = {.host = world_host}};
    line_server_init(&world->server);
    world->memory = memory_driver_new(&(struct memory_server){
        .ops = &line_peer_ops, .server = &world->server, .tls_ready = true, .implicit_tls_ready = true});
}

static inline void world_init(struct world *world, enum world_kind kind)
{
    switch (kind) {
    case WORLD_MEMORY:
    case WORLD_COUNT:
        world_init_memory(world);
        break;
    case WORLD_TCP_TLS_1_2:
        world_init_tcp(world, "127.0.0.1", world_server_tls(TLS_VERSION_1_2));
        break;
    case WORLD_TCP_TLS_1_3:
        world_init_tcp(world, "127.0.0.1", world_server_tls(TLS_VERSION_1_3));
        break;
    case WORLD_TCP_IPV6:
        world_init_tcp(world, "::1", world_server_tls(TLS_VERSION_ANY));
        break;
    case WORLD_TCP_SKIPPING:
        world_init_tcp(world, "127.0.0.1", world_server_tls(TLS_VERSION_1_3));
        loop_skip_waits(world->loop);
        break;
    }
}

static inline void world_release(struct world *world)
{
    memory_driver_free(world->memory);
    loop_free(world->loop);
    tls_context_free(world->client_tls);
    tls_context_free(world->server_tls);
    assert_int_equal(world->server.open_count, 0);
    line_server_release(&world->server);
}

static inline void world_add_with(struct world *world, struct scripted_actor *actor,
                                  const struct driver_hooks *hooks)
{
    if (world->memory != NULL)
        memory_driver_add(world->memory, &scripted_actor_ops, actor, hooks);
    else
        loop_add(world->loop, &scripted_actor_ops, actor, &world->endpoint, hooks);
}

static inline void world_add(struct world *world, struct scripted_actor *actor)
{
    world_add_with(world, actor, &world->hooks);
}

static inline void world_run(struct world *world)
{
    if (world->memory != NULL)
        assert_int_equal(memory_driver_run(world->memory, WORLD_STEPS_MAX), MEMORY_DONE);
    else
        assert_int_equal(loop_run(world->loop, NULL), LOOP_DONE);
}

/* Plays STEPS alone in WORLD; the log is the caller's to free. */
static inline char *world_play(struct world *world, const struct script_step *steps)
{
    struct scripted_actor actor;

    scripted_init(&actor, steps);
    world_add(world, &actor);
    world_run(world);
    char *log = buf_take_text(&actor.log);

    scripted_release(&actor);
    return log;
}

#endif
