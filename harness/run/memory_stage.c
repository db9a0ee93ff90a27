#include "run/memory_stage.h"

#include "base/check.h"
#include "base/memory.h"

enum {
    /* Steps between two looks at the stop flag: about a millisecond's work. */
    STEPS_BETWEEN_LOOKS = 16384,
};

struct memory_venue {
    struct memory_driver *driver;
    size_t waiting_count; /* actors added since the driver last ran out of them */
};

struct memory_stage {
    struct stage stage;
    struct venue venues[MEMORY_STAGE_VENUES_MAX];
    struct memory_venue places[MEMORY_STAGE_VENUES_MAX];
};

static void stage_add(void *context, const struct venue *venue, const struct actor_ops *ops, void *actor,
                      const struct driver_hooks *hooks)
{
    struct memory_venue *place = (struct memory_venue *)venue->carrier;

    (void)context;
    place->waiting_count++;
    memory_driver_add(place->driver, ops, actor, hooks);
}

/* There is no mail server in memory: only the built-in target is tried there. */
static void stage_add_errand(void *context, const struct venue *venue, const struct errand *errand,
                             const struct driver_hooks *hooks)
{
    CHECK(errand->way == ERRAND_ON_HOST);
    stage_add(context, venue, errand->ops, errand->actor, hooks);
}

/* Runs one venue until its actors are done. */
static bool run_venue(struct memory_venue *place, const volatile sig_atomic_t *stop)
{
    enum memory_result result = MEMORY_EXHAUSTED;

    while (result == MEMORY_EXHAUSTED) {
        if (stop != NULL && *stop != 0)
            return false;
        place->waiting_count = 0;
        result = memory_driver_run(place->driver, STEPS_BETWEEN_LOOKS);
    }
    return result == MEMORY_DONE;
}

static bool stage_run(void *context, const volatile sig_atomic_t *stop)
{
    struct memory_stage *stage = (struct memory_stage *)context;
    bool ran = true;

    /* What ends at one venue may begin something at another. */
    while (ran) {
        ran = false;
        for (size_t i = 0; i < stage->stage.venue_count; i++) {
            if (stage->places[i].waiting_count == 0)
                continue;
            ran = true;
            if (!run_venue(&stage->places[i], stop))
                return false;
        }
    }
    return true;
}

static time_us stage_now(const void *context, const struct venue *venue)
{
    (void)context;
    return memory_driver_now(((const struct memory_venue *)venue->carrier)->driver);
}

static const struct stage_ops memory_stage_ops = {
    .add = stage_add, .add_errand = stage_add_errand, .run = stage_run, .now = stage_now};

struct memory_stage *memory_stage_new(void)
{
    struct memory_stage *stage = (struct memory_stage *)memory_new(sizeof(*stage));

    stage->stage = (struct stage){
        .ops = &memory_stage_ops, .context = stage, .venues = stage->venues, .virtual_time = true};
    return stage;
}

void memory_stage_free(struct memory_stage *stage)
{
    if (stage == NULL)
        return;
    for (size_t i = 0; i < stage->stage.venue_count; i++)
        memory_driver_free(stage->places[i].driver);
    free(stage);
}

void memory_stage_add_venue(struct memory_stage *stage, const struct target *target,
                            struct provisioner provisioner, bool literal, const struct memory_server *server)
{
    struct memory_venue *place = &stage->places[stage->stage.venue_count];

    CHECK(stage->stage.venue_count < MEMORY_STAGE_VENUES_MAX);
    place->driver = memory_driver_new(server);
    stage->venues[stage->stage.venue_count++] = (struct venue){target, provisioner, literal, place};
}

const struct stage *memory_stage_stage(const struct memory_stage *stage)
{
    return &stage->stage;
}
