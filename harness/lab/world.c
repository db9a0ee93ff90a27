#include "lab/world.h"

#include "base/check.h"
#include "lab/word_in.h"

#include <string.h>

/* ---- settings ---- */

struct setting setting_default(void)
{
    return (struct setting){.login = LOGIN_USER_PASS};
}

bool setting_equal(const struct setting *a, const struct setting *b)
{
    if (a->variant_count != b->variant_count || a->login != b->login)
        return false;
    for (size_t i = 0; i < a->variant_count; i++) {
        if (a->variants[i] != b->variants[i])
            return false;
    }
    return true;
}

bool setting_lacks(const struct setting *setting, const char *ability)
{
    for (size_t i = 0; i < setting->variant_count; i++) {
        if (word_in(variant_info(setting->variants[i])->skips, ability))
            return true;
    }
    return false;
}

/* True when A and B set some member of the policy to different values: the one that comes last would win. */
static bool contradict(enum variant a, enum variant b)
{
    struct policy before;
    struct policy a_first;
    struct policy b_first;

    /* Copies, octet for octet, of one policy: the same assignments leave the same octets. */
    policy_init(&before);
    memcpy(&a_first, &before, sizeof(before));
    memcpy(&b_first, &before, sizeof(before));
    policy_apply(&a_first, a);
    policy_apply(&a_first, b);
    policy_apply(&b_first, b);
    policy_apply(&b_first, a);
    return memcmp(&a_first, &b_first, sizeof(before)) != 0;
}

/* False when nobody can log in. */
static bool choose_login(struct setting *setting)
{
    static const struct {
        const char *ability;
        enum login_method login;
    } ways[] = {
        {"user-pass", LOGIN_USER_PASS},
        {"apop", LOGIN_APOP},
        {"auth-cram-md5", LOGIN_AUTH_CRAM_MD5},
        {"auth-plain", LOGIN_AUTH_PLAIN},
    };

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (!setting_lacks(setting, ways[i].ability)) {
            setting->login = ways[i].login;
            return true;
        }
    }
    return false;
}

bool setting_of_variants(const enum variant *variants, size_t count, struct setting *ret_setting)
{
    struct setting setting = {.variant_count = count};

    CHECK(count <= SETTING_VARIANTS_MAX);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (contradict(variants[i], variants[k]))
                return false;
        }
        setting.variants[i] = variants[i];
    }
    if (!choose_login(&setting))
        return false;
    *ret_setting = setting;
    return true;
}

size_t setting_of_fault(enum fault fault, struct setting *ret_settings, size_t capacity)
{
    static const struct {
        enum fault fault;
        enum variant variant; /* VARIANT_COUNT: none */
        enum login_method login;
    } worlds[] = {
#define WORLD(fault, variant, login) {FAULT_##fault, VARIANT_##variant, LOGIN_##login},
#include "lab/worlds.def"
#undef WORLD
        {FAULT_COUNT, VARIANT_COUNT, LOGIN_USER_PASS}, /* no fault's: the table may be empty */
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
        if (worlds[i].fault == fault && count < capacity)
            ret_settings[count++] = (struct setting){
                .variants = {worlds[i].variant},
                .variant_count = worlds[i].variant == VARIANT_COUNT ? 0 : 1,
                .login = worlds[i].login,
            };
    }
    if (count == 0)
        ret_settings[count++] = setting_default();
    return count;
}

/* ---- running ---- */

static void set_up_server(struct refserver *server, const struct world *world)
{
    struct policy policy = *refserver_policy(server);

    for (size_t i = 0; i < world->setting.variant_count; i++)
        policy_apply(&policy, world->setting.variants[i]);
    refserver_set_policy(server, &policy);
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
        .apop_unmarked = setting_lacks(&world->setting, "apop"),
        .login = world->setting.login,
    };

    return builtin_new(&builtin, error);
}

bool world_run(const struct prove_options *options, const struct world *world, struct builtin *builtin,
               struct arena *arena, struct run_result *ret_result, struct error *error)
{
    set_up_server(builtin_server(builtin, false), world);
    /* The literal flavour is one variant already: its texts. */
    if (world->setting.variant_count == 0)
        set_up_server(builtin_server(builtin, true), world);
    size_t connections_max = refserver_policy(builtin_server(builtin, false))->connections_max;
    const struct run_options run = {
        .suite = options->suite,
        .ledger = options->ledger,
        .target = builtin_target(builtin),
        .stage = builtin_stage(builtin),
        .selection = world->selection,
        .skip_tags = world->skip_tags,
        .jobs = connections_max > 0 ? (unsigned)connections_max : world->jobs,
        .seed = options->seed,
        .bad_logins = UINT32_MAX,
        .stop = options->stop,
        .watcher = world->watcher,
    };

    return run_execute(&run, arena, ret_result, error);
}
