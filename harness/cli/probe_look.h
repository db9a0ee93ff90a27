/*
 * The look that `pop3spec probe` takes: greeting, CAPA, STLS where it is offered, CAPA again, QUIT. An actor for
 * net/loop; it never logs in. Every octet passes through the model, so what breaks a rule is noted.
 */
#ifndef CLI_PROBE_LOOK_H
#define CLI_PROBE_LOOK_H

#include "base/actor.h"
#include "model/conversation.h"
#include "report/look.h"

enum {
    LOOK_LINES_MAX = CAPABILITIES_MAX,
    LOOK_OCTETS_MAX = 256 * 1024, /* a server that sends more than this to a CAPA is one that never ends */
};

enum look_step {
    LOOK_OPEN,
    LOOK_GREETING,
    LOOK_CAPA,
    LOOK_STLS,
    LOOK_TLS,
    LOOK_CAPA_TLS,
    LOOK_QUIT,
    LOOK_END,
    LOOK_CLOSE,
    LOOK_DONE,
};

/* A CAPA reply. */
struct look_capabilities {
    bool asked;
    bool positive;
    struct printable lines[LOOK_LINES_MAX];
    size_t count;
};

struct look_options {
    bool implicit_tls;
    bool starttls;            /* try STLS where it is offered */
    enum tls_version version; /* offered alone; ANY: what is usual */
    bool handshake_only;      /* nothing is asked for behind the handshake */
    int64_t reply_timeout_us;
};

struct look {
    struct look_options options;
    struct arena arena;
    enum look_step step;
    bool asked; /* what the step asks for was asked */
    time_us deadline_us;
    struct conversation *conversation;
    bool positive; /* the reply that is being read */
    uint64_t octets;

    bool opened;
    bool greeted;
    bool secured;
    bool stls_offered;
    bool stls_refused;
    struct printable greeting;
    struct bytes timestamp; /* in the conversation; data NULL if the greeting has none */
    struct look_capabilities plain;
    struct look_capabilities tls;
    const char *tls_text; /* version, cipher, certificate, or why it failed; NULL: not tried */
    const char *failure;  /* why the look ended early; NULL: it did not */
    struct look_breach notes[RULE_COUNT]; /* texts in the arena */
    size_t note_count;
};

extern const struct actor_ops look_actor_ops; /* the actor is the struct look */

void look_init(struct look *look, const struct look_options *options);
void look_release(struct look *look);

#endif
