/*
 * What a target can do, learnt by probes: each ability when a scenario first asks for it, never from how scenarios come
 * out, and always with the evidence. One struct abilities speaks for one venue and one way of securing connections, since
 * servers offer other things under TLS. Private to run/.
 */
#ifndef RUN_ABILITIES_H
#define RUN_ABILITIES_H

#include "pop3/capability.h"
#include "run/probes.h"
#include "run/transports.h"

enum ability {
#define ABILITY(name, keyword, what) ABILITY_##name,
#include "pop3/abilities.def"
#undef ABILITY
    ABILITY_COUNT
};

/* False when ID names none. */
bool ability_of_id(const char *id, enum ability *ret_ability);

struct learnt {
    bool known;
    bool has;
    const char *evidence; /* why not: a sentence that may quote the target, not yet printable; NULL if HAS */
};

struct abilities {
    struct run_context *run;
    struct probes *probes;
    const struct venue *venue;
    enum security security;
    bool reachable;      /* the first connection got a greeting */
    bool silent;         /* it was opened, and nothing came */
    bool logged_in;      /* the configured login of account 1 worked */
    const char *failure; /* why the first look failed; NULL: it did not, or is still to come */
    struct target_facts facts;
    const char *greeting;      /* first line as it came; "" if none. In the run's arena, as all texts here */
    const char *capa_evidence; /* "CAPA: -ERR unknown command" */
    struct capability_set before_login;
    struct capability_set after_login;
    struct learnt learnt[ABILITY_COUNT];
};

void abilities_init(struct abilities *abilities, struct run_context *run, struct probes *probes,
                    const struct venue *venue, enum security security);

/*
 * The first connection: greeting, TLS, CAPA. False with ERROR_UNREACHABLE when it does not get there. It must come before all
 * else; with LOGIN (some selected case needs it) account 1 is logged in too, with as few wrong passwords as can be.
 */
bool abilities_look(struct abilities *abilities, bool login, struct error *error);

/* Learns ABILITY if it is not known yet. */
const struct learnt *abilities_learn(struct abilities *abilities, enum ability ability);

/* The pause between two logins of one account: what the target file says, or LOGIN-DELAY announces if that is longer. */
int64_t abilities_login_delay_us(const struct abilities *abilities);

/* True when CAPA lists TAG before or after login. */
bool abilities_capability(const struct abilities *abilities, const char *tag,
                          struct capability *ret_capability);

#endif
