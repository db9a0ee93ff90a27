#include "run/safety.h"

#include "run/run.h"

enum {
    /* Servers lock accounts and ban addresses after a handful; nobody asked us to find out after how many. */
    BAD_LOGINS_WITHOUT_PROVISION = 2,
};

const char *safety_refusal(const struct scenario *scenario, const struct venue *venue,
                           const struct target_facts *facts)
{
    const struct effects *effects = &scenario->effects;

    if (venue->provisioner.ops != NULL)
        return NULL;
    if (effects->marks || effects->commits)
        return "it would delete mail, and the target does not say that its mailboxes may be emptied "
               "(provision)";
    if (scenario->mailbox_given)
        return "it needs a prepared mailbox, and the target does not say how to fill one (provision)";
    if (effects->delivers)
        return "it delivers mail, and the target does not say how (provision)";
    if (effects->provokes)
        return "it makes the maildrop fail, and the target does not say how (provision)";
    if (effects->retrieves && facts->expire_zero)
        return "EXPIRE 0 is announced: what is retrieved may be deleted, and the target does not say that "
               "its "
               "mailboxes may be emptied (provision)";
    return NULL;
}

uint32_t safety_bad_logins_max(unsigned said, const struct venue *venue)
{
    if (said != RUN_BAD_LOGINS_DEFAULT)
        return said;
    return venue->provisioner.ops != NULL ? UINT32_MAX : BAD_LOGINS_WITHOUT_PROVISION;
}

uint32_t safety_bad_logins(const struct scenario *scenario)
{
    if (scenario->effects.bad_logins > 0)
        return scenario->effects.bad_logins;
    for (size_t i = 0; i < scenario->tag_count; i++)
        if (bytes_equal(bytes_of(scenario->tags[i]), BYTES_LITERAL("bad-login")))
            return 1;
    return 0;
}
