#include "run/credentials.h"

#include "sasl/client.h"

static bool apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text)
{
    return sasl_apop_digest(timestamp, secret, ret_text);
}

static void *sasl_begin(enum login_method method, const struct account *account)
{
    const struct sasl_identity identity = {
        .user = account->user,
        .pass = account->pass,
        .token = account->token,
        .host = account->host,
        .port = account->port,
    };

    return sasl_client_new(method, &identity);
}

static enum sasl_progress sasl_step(void *exchange, struct bytes challenge, struct buf *ret_text)
{
    return sasl_client_step((struct sasl_client *)exchange, challenge, ret_text);
}

static void sasl_end(void *exchange)
{
    sasl_client_free((struct sasl_client *)exchange);
}

const struct credential_ops run_credentials = {
    .apop_digest = apop_digest,
    .sasl_begin = sasl_begin,
    .sasl_step = sasl_step,
    .sasl_end = sasl_end,
};

struct account credentials_account(const struct target *target, const struct target_account *account)
{
    return (struct account){
        .user = account->user,
        .pass = account->pass,
        .apop_secret = account->apop_secret,
        .token = account->token,
        .host = target->host,
        .port = target->port != 0 ? target->port : target->implicit_port,
        .login = account->login,
    };
}

void credentials_redact(struct redactor *redactor, const struct target *target)
{
    for (size_t i = 0; i < target->account_count; i++) {
        const struct target_account *account = &target->accounts[i];

        if (account->pass[0] != '\0')
            redactor_add(redactor, bytes_of(account->pass));
        if (account->apop_secret != NULL && account->apop_secret[0] != '\0')
            redactor_add(redactor, bytes_of(account->apop_secret));
        if (account->token != NULL && account->token[0] != '\0')
            redactor_add(redactor, bytes_of(account->token));
    }
}
