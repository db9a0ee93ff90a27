#include "lab/builtin.h"

#include "base/check.h"
#include "base/memory.h"
#include "refserver/shell/shell.h"
#include "run/memory_stage.h"
#include "run/tcp_stage.h"
#include "sasl/saslprep.h"

enum { NORMAL_ACCOUNTS = 4, FLAVOURS = 2 };

/* One server with its accounts and its listeners. */
struct flavour {
    struct refserver *server;
    struct target target;
};

struct builtin {
    struct flavour flavours[FLAVOURS]; /* the normal one, then the literal one */
    struct tcp_stage *tcp;             /* one of the two */
    struct memory_stage *memory;
    struct tls_context *tls; /* over TCP */
};

/* ---- provisioning, without a detour over the wire ---- */

static enum provision_result reset(void *context, const char *user, struct error *error)
{
    return refserver_reset((struct refserver *)context, user, error) ? PROVISION_DONE : PROVISION_FAILED;
}

static enum provision_result deliver(void *context, const char *user, struct bytes message,
                                     struct error *error)
{
    return refserver_deliver((struct refserver *)context, user, message, error) ? PROVISION_DONE
                                                                                : PROVISION_FAILED;
}

static enum provision_result provoke(void *context, const char *user, const char *what, bool on,
                                     struct error *error)
{
    if (!bytes_equal(bytes_of(what), BYTES_LITERAL("update-failure")))
        error_set(error, ERROR_HOST, "the built-in server cannot be made to show %s", what);
    else if (refserver_fail_update((struct refserver *)context, user, on))
        return PROVISION_DONE;
    else
        error_set(error, ERROR_HOST, "the built-in server has no user %s", user);
    return PROVISION_FAILED;
}

static void keep(void *context)
{
    (void)context; /* the server belongs to the flavour */
}

static const struct provisioner_ops provisioner_ops = {
    .reset = reset,
    .deliver = deliver,
    .provoke = provoke,
    .free = keep,
};

/* ---- flavours ---- */

/* What an account has besides its name and password; NULL: it has not. */
struct secrets {
    const char *apop;
    const char *token;
};

static const char *keep_text(struct flavour *flavour, const char *text)
{
    return text != NULL ? arena_text(&flavour->target.arena, bytes_of(text)) : NULL;
}

static void add_account(struct flavour *flavour, const char *user, const char *pass, struct secrets secrets,
                        enum login_method login)
{
    struct target *target = &flavour->target;
    bool added = refserver_add_user(flavour->server, user, pass) &&
                 (secrets.apop == NULL || refserver_set_apop_secret(flavour->server, user, secrets.apop)) &&
                 (secrets.token == NULL || refserver_set_token(flavour->server, user, secrets.token));

    CHECK(added);
    target->accounts[target->account_count++] = (struct target_account){
        .user = keep_text(flavour, user),
        .pass = keep_text(flavour, pass),
        .apop_secret = keep_text(flavour, secrets.apop),
        .token = keep_text(flavour, secrets.token),
        .login = login,
    };
}

static void init_flavour(struct flavour *flavour, const char *name, uint64_t seed)
{
    flavour->server = refserver_new(seed, refserver_shell_digests());
    refserver_set_saslprep(flavour->server, saslprep);
    target_init(&flavour->target);
    flavour->target.name = name;
    flavour->target.host = "127.0.0.1";
    flavour->target.tls_name = "localhost";
    flavour->target.accounts = (struct target_account *)arena_new_array(
        &flavour->target.arena, NORMAL_ACCOUNTS, sizeof(*flavour->target.accounts));
}

static void init_normal(struct flavour *flavour, const struct builtin_options *options)
{
    bool marked = refserver_shell_digests() != NULL && !options->apop_unmarked;

    init_flavour(flavour, "built-in", options->seed);
    for (int i = 1; i <= NORMAL_ACCOUNTS; i++) {
        char user[16];
        char pass[16];
        char token[16];

        snprintf(user, sizeof(user), "test%d", i);
        snprintf(pass, sizeof(pass), "secret%d", i);
        snprintf(token, sizeof(token), "token%d", i);
        add_account(flavour, user, pass, (struct secrets){marked ? pass : NULL, token}, options->login);
    }
}

/* The name, password and shared secret of RFC 1939's examples. */
static void init_literal(struct flavour *flavour, const struct builtin_options *options)
{
    struct policy policy;

    init_flavour(flavour, "built-in, literal", options->seed);
    policy_init_rfc(&policy);
    refserver_set_policy(flavour->server, &policy);
    add_account(flavour, "mrose", "secret", (struct secrets){.apop = "tanstaaf"}, LOGIN_USER_PASS);
    /* Of RFC 2195's and RFC 5034's examples; cases lease the account above. The last is for RFC 6856 section 2.2. */
    bool added = refserver_add_user(flavour->server, "tim", "tanstaaftanstaaf") &&
                 refserver_add_user(flavour->server, "test", "test") &&
                 refserver_add_user(flavour->server, "chris", "secret") &&
                 refserver_add_user(flavour->server, "pel\xC3\xA9", "cl\xC3\xA9-d'\xC3\xA9t\xC3\xA9");

    CHECK(added);
}

static struct provisioner provisioner_of(const struct flavour *flavour)
{
    return (struct provisioner){&provisioner_ops, flavour->server};
}

/* ---- in memory ---- */

/* Port numbers mean nothing there, but say that connections of both kinds can be made. */
enum { MEMORY_PORT = 110, MEMORY_IMPLICIT_PORT = 995 };

static void open_in_memory(struct builtin *builtin)
{
    builtin->memory = memory_stage_new();
    for (size_t i = 0; i < FLAVOURS; i++) {
        struct flavour *flavour = &builtin->flavours[i];
        const struct memory_server server = {.ops = &refserver_peer_ops,
                                             .server = flavour->server,
                                             .tls_ready = true,
                                             .implicit_tls_ready = true};

        flavour->target.port = MEMORY_PORT;
        flavour->target.implicit_port = MEMORY_IMPLICIT_PORT;
        memory_stage_add_venue(builtin->memory, &flavour->target, provisioner_of(flavour), i != 0, &server);
    }
}

/* ---- over TCP ---- */

static bool listen_for(const struct builtin *builtin, struct flavour *flavour, struct error *error)
{
    struct listening listening = {.tls = builtin->tls, .ops = &refserver_peer_ops, .server = flavour->server};
    struct loop *loop = tcp_stage_loop(builtin->tcp);

    if (!address_parse("127.0.0.1", &listening.address) ||
        !loop_listen(loop, &listening, error, &flavour->target.port))
        return false;
    listening.implicit_tls = true;
    return loop_listen(loop, &listening, error, &flavour->target.implicit_port);
}

/* The certificate is made for this run and nobody else's: verifying it would prove nothing, and the report says so. */
static bool open_over_tcp(struct builtin *builtin, struct error *error)
{
    const struct tls_server_settings settings = {.certificate_file = NULL};

    builtin->tcp = tcp_stage_new(error);
    if (builtin->tcp == NULL)
        return false;
    tcp_stage_skip_waits(builtin->tcp);
    builtin->tls = tls_context_server(&settings, error);
    if (builtin->tls == NULL)
        return false;
    for (size_t i = 0; i < FLAVOURS; i++) {
        struct flavour *flavour = &builtin->flavours[i];

        flavour->target.tls_verify = false;
        if (!listen_for(builtin, flavour, error) ||
            !tcp_stage_add_venue(builtin->tcp, &flavour->target, provisioner_of(flavour), i != 0, error))
            return false;
    }
    return true;
}

/* ---- all ---- */

struct builtin *builtin_new(const struct builtin_options *options, struct error *error)
{
    struct builtin *builtin = (struct builtin *)memory_new(sizeof(*builtin));

    init_normal(&builtin->flavours[0], options);
    init_literal(&builtin->flavours[1], options);
    if (options->over_memory) {
        open_in_memory(builtin);
    } else if (!open_over_tcp(builtin, error)) {
        builtin_free(builtin);
        return NULL;
    }
    return builtin;
}

void builtin_free(struct builtin *builtin)
{
    if (builtin == NULL)
        return;
    /* The stage first: its connections end in sessions of the servers. */
    tcp_stage_free(builtin->tcp);
    memory_stage_free(builtin->memory);
    tls_context_free(builtin->tls);
    for (size_t i = 0; i < FLAVOURS; i++) {
        refserver_free(builtin->flavours[i].server);
        target_release(&builtin->flavours[i].target);
    }
    free(builtin);
}

const struct target *builtin_target(const struct builtin *builtin)
{
    return &builtin->flavours[0].target;
}

const struct stage *builtin_stage(const struct builtin *builtin)
{
    return builtin->tcp != NULL ? tcp_stage_stage(builtin->tcp) : memory_stage_stage(builtin->memory);
}

struct refserver *builtin_server(const struct builtin *builtin, bool literal)
{
    return builtin->flavours[literal ? 1 : 0].server;
}
