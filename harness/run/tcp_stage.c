#include "run/tcp_stage.h"

#include "base/memory.h"

struct tcp_venue {
    struct endpoint endpoint;
    struct endpoint mail; /* the mail server that fills mailboxes, if there is one */
    struct address source;
    struct tls_context *tls;
};

struct tcp_stage {
    struct stage stage;
    struct venue venues[TCP_STAGE_VENUES_MAX];
    struct tcp_venue places[TCP_STAGE_VENUES_MAX];
    struct loop *loop;
};

static void stage_add(void *context, const struct venue *venue, const struct actor_ops *ops, void *actor,
                      const struct driver_hooks *hooks)
{
    const struct tcp_stage *stage = (const struct tcp_stage *)context;
    const struct tcp_venue *place = (const struct tcp_venue *)venue->carrier;

    loop_add(stage->loop, ops, actor, &place->endpoint, hooks);
}

static void stage_add_errand(void *context, const struct venue *venue, const struct errand *errand,
                             const struct driver_hooks *hooks)
{
    const struct tcp_stage *stage = (const struct tcp_stage *)context;
    const struct tcp_venue *place = (const struct tcp_venue *)venue->carrier;

    loop_add(stage->loop, errand->ops, errand->actor,
             errand->way == ERRAND_BY_MAIL ? &place->mail : &place->endpoint, hooks);
}

static bool stage_run(void *context, const volatile sig_atomic_t *stop)
{
    const struct tcp_stage *stage = (const struct tcp_stage *)context;

    return loop_run(stage->loop, stop) == LOOP_DONE;
}

static time_us stage_now(const void *context, const struct venue *venue)
{
    const struct tcp_stage *stage = (const struct tcp_stage *)context;

    (void)venue;
    return loop_now(stage->loop);
}

static const struct stage_ops tcp_stage_ops = {
    .add = stage_add, .add_errand = stage_add_errand, .run = stage_run, .now = stage_now};

struct tcp_stage *tcp_stage_new(struct error *error)
{
    struct loop *loop = loop_new(error);
    struct tcp_stage *stage;

    if (loop == NULL)
        return NULL;
    stage = (struct tcp_stage *)memory_new(sizeof(*stage));
    stage->loop = loop;
    stage->stage = (struct stage){.ops = &tcp_stage_ops, .context = stage, .venues = stage->venues};
    return stage;
}

void tcp_stage_free(struct tcp_stage *stage)
{
    if (stage == NULL)
        return;
    loop_free(stage->loop);
    for (size_t i = 0; i < stage->stage.venue_count; i++)
        tls_context_free(stage->places[i].tls);
    free(stage);
}

void tcp_stage_skip_waits(struct tcp_stage *stage)
{
    loop_skip_waits(stage->loop);
    stage->stage.virtual_time = true;
}

static bool make_tls(const struct target *target, struct tcp_venue *place, struct error *error)
{
    const struct tls_client_settings settings = {
        .ca_file = target->tls_ca,
        .unverified = !target->tls_verify,
        .certificate_file = target->tls_cert,
        .key_file = target->tls_key,
    };

    place->tls = tls_context_client(&settings, error);
    return place->tls != NULL;
}

static bool make_endpoint(const struct target *target, struct tcp_venue *place, struct error *error)
{
    struct endpoint *endpoint = &place->endpoint;

    if (target->source != NULL && !address_parse(target->source, &place->source))
        return error_set(error, ERROR_USAGE, "\"%s\" is no address to connect from", target->source);
    if (!address_resolve(target->host, error, &endpoint->addresses)) {
        error->kind = ERROR_UNREACHABLE;
        return false;
    }
    endpoint->host = target->tls_name != NULL ? target->tls_name : target->host;
    endpoint->port = target->port;
    endpoint->implicit_tls_port = target->implicit_port;
    endpoint->source = target->source != NULL ? &place->source : NULL;
    endpoint->tls = place->tls;
    endpoint->connect_timeout_us = target->connect_timeout_us;
    return true;
}

static bool make_mail_endpoint(const struct target *target, struct tcp_venue *place, struct error *error)
{
    if (target->mail_host == NULL)
        return true;
    place->mail = (struct endpoint){.host = target->mail_host,
                                    .port = target->mail_port,
                                    .connect_timeout_us = target->connect_timeout_us};
    if (address_resolve(target->mail_host, error, &place->mail.addresses))
        return true;
    error->kind = ERROR_UNREACHABLE;
    return false;
}

bool tcp_stage_add_venue(struct tcp_stage *stage, const struct target *target, struct provisioner provisioner,
                         bool literal, struct error *error)
{
    struct tcp_venue *place = &stage->places[stage->stage.venue_count];

    if (stage->stage.venue_count == TCP_STAGE_VENUES_MAX)
        return error_set(error, ERROR_USAGE, "there are more than %d servers at a time",
                         TCP_STAGE_VENUES_MAX);
    if (!make_tls(target, place, error))
        return false;
    if (!make_endpoint(target, place, error) || !make_mail_endpoint(target, place, error)) {
        tls_context_free(place->tls);
        place->tls = NULL;
        return false;
    }
    stage->venues[stage->stage.venue_count++] = (struct venue){target, provisioner, literal, place};
    return true;
}

const struct stage *tcp_stage_stage(const struct tcp_stage *stage)
{
    return &stage->stage;
}

struct loop *tcp_stage_loop(const struct tcp_stage *stage)
{
    return stage->loop;
}
