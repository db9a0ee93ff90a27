/* What follows from a dialog that lint has walked through: the abilities that it needs, and the tags it gets. */
#include "scenario/flow_internal.h"

#include <string.h>

static const char *const ABILITIES[] = {
#define ABILITY(name, keyword, what) keyword,
#include "pop3/abilities.def"
#undef ABILITY
};

const char *const *ability_keywords(void)
{
    return ABILITIES;
}

const char *ability_find(const char *keyword)
{
    for (size_t i = 0; i < ABILITY_COUNT; i++) {
        if (strcmp(ABILITIES[i], keyword) == 0)
            return ABILITIES[i];
    }
    return NULL;
}

bool flow_has_tag(const struct scenario *scenario, const char *tag)
{
    for (size_t i = 0; i < scenario->tag_count; i++) {
        if (strcmp(scenario->tags[i], tag) == 0)
            return true;
    }
    return false;
}

static bool has_need(const struct scenario *scenario, const char *need)
{
    for (size_t i = 0; i < scenario->need_count; i++) {
        if (strcmp(scenario->needs[i], need) == 0)
            return true;
    }
    return false;
}

static void add_needs(const struct flow *flow, struct arena *arena)
{
    struct scenario *scenario = flow->scenario;
    const char **needs = arena_new_array(arena, scenario->need_count + ABILITY_COUNT, sizeof(*needs));

    if (scenario->need_count > 0)
        memcpy(needs, scenario->needs, scenario->need_count * sizeof(*needs));
    scenario->needs = needs;
    for (size_t i = 0; i < ABILITY_COUNT; i++) {
        if (flow->needs[i] && !has_need(scenario, ABILITIES[i]))
            needs[scenario->need_count++] = ABILITIES[i];
    }
}

static void add_tag(struct scenario *scenario, struct arena *arena, const char *tag)
{
    if (flow_has_tag(scenario, tag))
        return;
    const char **tags = arena_new_array(arena, scenario->tag_count + 1, sizeof(*tags));

    if (scenario->tag_count > 0)
        memcpy(tags, scenario->tags, scenario->tag_count * sizeof(*tags));
    tags[scenario->tag_count++] = tag;
    scenario->tags = tags;
}

void flow_finish(struct flow *flow, struct arena *arena)
{
    struct scenario *scenario = flow->scenario;

    if (scenario->effects.marks)
        flow->needs[ABILITY_PROVISION] = true;
    if (scenario->effects.sessions > 1)
        flow->needs[ABILITY_TWO_CONNECTIONS] = true;
    add_needs(flow, arena);
    if (scenario->effects.bad_logins > 0)
        add_tag(scenario, arena, "bad-login");
    if (has_need(scenario, "stls") || has_need(scenario, "implicit-tls"))
        add_tag(scenario, arena, "tls");
}
