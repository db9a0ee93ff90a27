/*
 * Walks through a dialog while it is compiled, as far as that can be known before it runs: which replies are due on
 * which connection, what is open, logged in and marked, which names are bound. It finds the mistakes that a run would
 * otherwise stumble over, and computes the scenario's effects and the abilities that it plainly needs. Private to scenario.
 *
 * Where lint cannot know (octets sent raw with a bare LF, paths that a `when` may take), a connection becomes `loose`, and
 * nothing is said about it any more until it is opened anew.
 */
#ifndef SCENARIO_FLOW_H
#define SCENARIO_FLOW_H

#include "scenario/pattern_parse.h"
#include "scenario/suite.h"

enum {
    DUE_MAX = 4096,   /* replies due at one time; more make the connection loose */
    MARKS_MAX = 256,  /* messages of a mailbox that lint follows */
    NAMES_MAX = 64,   /* {?name} in one scenario */
    ACCOUNTS_MAX = 3, /* there is no ability for more */
    DELIVERIES_MAX = 64,
    PARTIAL_OCTETS_MAX = 64 * 1024,
};

/* A reply that is due, by what the command says. */
struct due {
    enum command_verb verb;
    bool multi; /* a positive one has a body */
    enum body_form form;
    bool tries_login; /* a negative one is a failed login */
    int mark;         /* index in the mailbox of the message that a positive one marks; -1: none */
};

enum flow_state { FLOW_UNUSED, FLOW_OPEN, FLOW_CLOSED };

struct flow_connection {
    enum flow_state state;
    bool loose;
    bool greeting_due; /* an S line may check the greeting */
    bool quitting;     /* QUIT got its reply: the server closes */
    bool half_closed;
    bool logged_in;
    bool user_seen;
    bool stls_seen;
    bool challenged;     /* the last reply was a challenge: the next line answers it */
    bool exchanging;     /* `sasl` has begun an exchange and handed it over */
    unsigned last_kinds; /* bits 1 << enum alternative_kind: what the last reply may have been; 0: none yet */
    enum shape_override shape;
    struct due *due; /* on the heap */
    size_t due_count;
    size_t due_capacity;
    uint64_t marked[MARKS_MAX / 64];
    bool may_be_marked;
    struct buf partial; /* raw octets since the last LF */
};

struct flow {
    struct scenario *scenario;
    const struct fixture_set *fixtures;
    struct diagnostics *diagnostics;
    struct flow_connection connections[CONNECTIONS_MAX + 1];
    uint64_t gone[MARKS_MAX / 64]; /* marked, and QUIT */
    const char *names[NAMES_MAX];
    size_t name_count;
    const char *new_names[NAMES_MAX]; /* bound by the line that is being looked at */
    size_t new_name_count;
    const char *delivered[DELIVERIES_MAX];
    size_t delivered_count;
    bool in_pipeline;
    unsigned together_depth;
    int strand;   /* within a `when` inside `together`: the connection that it goes by; 0: not there */
    size_t steps; /* looked at so far */
    bool pointed; /* a `point` was met */
    size_t pipeline_commands;
    bool needs[64]; /* by enum ability */
};

enum ability {
#define ABILITY(name, keyword, what) ABILITY_##name,
#include "pop3/abilities.def"
#undef ABILITY
    ABILITY_COUNT
};

/* NULL unless there is such an ability. */
const char *ability_find(const char *keyword);
/* The keywords of all abilities, ABILITY_COUNT of them. */
const char *const *ability_keywords(void);

/* SCENARIO has its head (state, mailbox, tags, variables) already. Release the flow when done. */
void flow_init(struct flow *flow, struct scenario *scenario, const struct fixture_set *fixtures,
               struct diagnostics *diagnostics);
void flow_release(struct flow *flow);

/* The next reply due on CONNECTION; NULL where lint does not know, or none is due. */
const struct due *flow_next_due(const struct flow *flow, int connection);

/* True when lint does not know what is due on CONNECTION. */
bool flow_is_loose(const struct flow *flow, int connection);

/* A step that is whole was met. Steps with inner ones are announced before and behind those. */
void flow_step(struct flow *flow, const struct step *step);

/* A step on CONNECTION could not be compiled: what holds behind it is not known. */
void flow_lost(struct flow *flow, int connection);

/* Around the lines of a block: what holds before `when` and behind it is compared. Pointers in it are not followed. */
struct flow_fork {
    struct flow_connection connections[CONNECTIONS_MAX + 1];
    uint64_t gone[MARKS_MAX / 64];
    int strand;
};
void flow_enter_block(struct flow *flow, const struct step *step, struct flow_fork *ret_fork);
void flow_leave_block(struct flow *flow, const struct step *step, const struct flow_fork *fork);

/* All was met: adds abilities that are needed to the scenario's, and the tags that tell what it does. */
void flow_finish(struct flow *flow, struct arena *arena);

#endif
