#include "lab/world.h"

/* ---- settings ---- */

struct setting setting_default(void)
{
    return (struct setting){VARIANT_COUNT, LOGIN_USER_PASS};
}

bool setting_equal(const struct setting *a, const struct setting *b)
{
    return a->variant == b->variant && a->login == b->login;
}

static bool lacks(enum variant variant, const char *ability)
{
    struct bytes rest = bytes_of(variant_info(variant)->skips);
    struct bytes word;

    while (bytes_split(&rest, ' ', &word)) {
        if (bytes_equal(word, bytes_of(ability)))
            return true;
    }
    return false;
}

struct setting setting_of_variant(enum variant variant)
{
    struct setting setting = {variant, LOGIN_USER_PASS};

    if (lacks(variant, "user-pass"))
        setting.login = lacks(variant, "apop") ? LOGIN_AUTH_CRAM_MD5 : LOGIN_APOP;
    return setting;
}

size_t setting_of_fault(enum fault fault, struct setting *ret_settings, size_t capacity)
{
    static const struct {
        enum fault fault;
        struct setting setting;
    } worlds[] = {
#define WORLD(fault, variant, login) {FAULT_##fault, {VARIANT_##variant, LOGIN_##login}},
#include "lab/worlds.def"
#undef WORLD
        {FAULT_COUNT, {VARIANT_COUNT, LOGIN_USER_PASS}}, /* no fault's: the table may be empty */
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
        if (worlds[i].fault == fault && count < capacity)
            ret_settings[count++] = worlds[i].setting;
    }
    if (count == 0)
        ret_settings[count++] = setting_default();
    return count;
}

/* ---- running ---- */

static void set_up_server(struct refserver *server, const struct world *world)
{
    struct policy policy = *refserver_policy(server);

    if (world->setting.variant != VARIANT_COUNT) {
        policy_apply(&policy, world->setting.variant);
        refserver_set_policy(server, &policy);
    }
    if (world->fault != FAULT_COUNT)
        refserver_set_fault(server, world->fault, true);
    refserver_survey(server, world->survey);
}

struct builtin *world_new_builtin(const struct prove_options *options, const struct world *world,
                                  struct error *error)
{
    const struct builtin_options builtin = {
        .over_memory = !options->over_tcp,
        .seed = options->seed,
        .login = world->setting.login,
    };

    return builtin_new(&builtin, error);
}

bool world_run(const struct prove_options *options, const struct world *world, struct builtin *builtin,
               struct arena *arena, struct run_result *ret_result, struct error *error)
{
    const struct run_options run = {
        .suite = options->suite,
        .ledger = options->ledger,
        .target = builtin_target(builtin),
        .stage = builtin_stage(builtin),
        .selection = world->selection,
        .jobs = world->jobs,
        .seed = options->seed,
        .bad_logins = UINT32_MAX,
        .stop = options->stop,
        .watcher = world->watcher,
    };

    set_up_server(builtin_server(builtin, false), world);
    /* The literal flavour is one variant already: its texts. */
    if (world->setting.variant == VARIANT_COUNT)
        set_up_server(builtin_server(builtin, true), world);
    return run_execute(&run, arena, ret_result, error);
}
