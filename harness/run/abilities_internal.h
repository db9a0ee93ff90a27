/*
 * What the parts of abilities share: abilities.c (which way an ability is learnt, and most of them), abilities_look.c (the
 * first look), abilities_login.c and abilities_store.c.
 */
#ifndef RUN_ABILITIES_INTERNAL_H
#define RUN_ABILITIES_INTERNAL_H

#include "run/abilities.h"

struct learnt ability_has(void);
/* EVIDENCE lives as long as the run. */
struct learnt ability_lacks(const char *evidence);
/* The evidence is the exchange that TRIAL failed by, or why it did not get as far. */
struct learnt ability_lacks_by_exchange(const struct abilities *abilities, const struct trial *trial);

/*
 * A refused login is taken for final unless the server says that it is temporary: each further try is one more wrong
 * password where the password is wrong, and servers lock accounts after a few.
 */
bool ability_refusal_is_temporary(const char *reason);

struct probe_setting ability_setting(const struct abilities *abilities);
/* Has the ability when PROBE passes. */
struct learnt ability_by_pass(const struct abilities *abilities, enum probe probe,
                              const struct probe_setting *setting);
/* Why there is no logging in; NULL when there is. */
const char *ability_needs_login(const struct abilities *abilities);
/* The ability's word in CAPA's list, or behind SASL there; NULL if it has none. */
const char *ability_tag(enum ability ability);

/* ---- ways of learning ---- */
struct learnt ability_learn_mechanism(struct abilities *abilities, enum ability ability);
struct learnt ability_learn_login(struct abilities *abilities, enum ability ability);
struct learnt ability_learn_apop_account(struct abilities *abilities, enum ability ability);
struct learnt ability_learn_exclusive_lock(struct abilities *abilities, enum ability ability);
struct learnt ability_learn_store(struct abilities *abilities, enum ability ability);

#endif
