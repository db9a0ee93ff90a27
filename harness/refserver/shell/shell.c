#include "refserver/shell/shell.h"

#include "base/check.h"
#include "base/memory.h"
#include "net/tls.h"

#include <stdlib.h>

struct refserver_shell {
    struct refserver *server;
    struct tls_context *tls; /* NULL: without TLS */
    uint16_t port;
    uint16_t tls_port;
};

static void set_behaviour(struct refserver *server, const struct refserver_shell_options *options)
{
    struct policy policy = options->policy != NULL ? *options->policy : *refserver_policy(server);

    for (size_t i = 0; i < options->variant_count; i++)
        policy_apply(&policy, options->variants[i]);
    refserver_set_policy(server, &policy);
    for (size_t i = 0; i < options->fault_count; i++)
        refserver_set_fault(server, options->faults[i], true);
}

static bool add_maildrop(struct refserver *server, const struct refserver_shell_options *options,
                         const struct refserver_shell_user *user, struct error *error)
{
    if (user->maildir != NULL)
        return refserver_add_maildir_user(server, user->name, user->password, user->maildir, error);
    if (!refserver_add_user(server, user->name, user->password))
        return error_set(error, ERROR_USAGE, "'%s' cannot be a user: the name is empty, too long, or taken",
                         user->name);
    for (size_t i = 0; i < options->message_count; i++)
        if (!refserver_deliver(server, user->name, options->messages[i], error))
            return false;
    return true;
}

static bool add_user(struct refserver *server, const struct refserver_shell_options *options,
                     const struct refserver_shell_user *user, struct error *error)
{
    return add_maildrop(server, options, user, error) &&
           (user->token == NULL || refserver_set_token(server, user->name, user->token));
}

static bool add_users(struct refserver *server, const struct refserver_shell_options *options,
                      struct error *error)
{
    for (size_t i = 0; i < options->user_count; i++)
        if (!add_user(server, options, &options->users[i], error))
            return false;
    return true;
}

static bool make_tls(struct refserver_shell *shell, const struct refserver_shell_options *options,
                     struct error *error)
{
    struct tls_server_settings settings = {
        .certificate_file = options->certificate_file,
        .key_file = options->key_file,
    };

    if (!options->tls)
        return true;
    shell->tls = tls_context_server(&settings, error);
    return shell->tls != NULL;
}

static bool listen_on(struct loop *loop, struct refserver_shell *shell,
                      const struct refserver_shell_options *options, struct error *error)
{
    struct listening listening = {
        .address = options->address,
        .port = options->port,
        .tls = shell->tls,
        .ops = &refserver_peer_ops,
        .server = shell->server,
    };

    if (!loop_listen(loop, &listening, error, &shell->port))
        return false;
    if (!options->tls)
        return true;
    listening.port = options->tls_port;
    listening.implicit_tls = true;
    return loop_listen(loop, &listening, error, &shell->tls_port);
}

bool refserver_shell_start(struct loop *loop, const struct refserver_shell_options *options,
                           struct error *error, struct refserver_shell **ret_shell)
{
    struct refserver_shell *shell = memory_new(sizeof(struct refserver_shell));

    shell->server = refserver_new(options->seed, refserver_shell_digests());
    refserver_set_saslprep(shell->server, options->saslprep);
    set_behaviour(shell->server, options);
    if (!add_users(shell->server, options, error) || !make_tls(shell, options, error) ||
        !listen_on(loop, shell, options, error)) {
        refserver_shell_free(shell);
        return false;
    }
    *ret_shell = shell;
    return true;
}

void refserver_shell_free(struct refserver_shell *shell)
{
    if (shell == NULL)
        return;
    refserver_free(shell->server);
    tls_context_free(shell->tls);
    free(shell);
}

uint16_t refserver_shell_port(const struct refserver_shell *shell)
{
    return shell->port;
}

uint16_t refserver_shell_tls_port(const struct refserver_shell *shell)
{
    return shell->tls_port;
}

struct refserver *refserver_shell_server(struct refserver_shell *shell)
{
    return shell->server;
}

bool refserver_shell_write_certificate(const struct refserver_shell *shell, const char *path,
                                       struct error *error)
{
    if (shell->tls == NULL)
        return error_set(error, ERROR_USAGE,
                         "there is no certificate to write to %s: the server runs without TLS", path);
    return tls_context_write_certificate(shell->tls, path, error);
}
