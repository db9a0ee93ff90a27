#include "run/credentials.h"

#include "sasl/client.h"

static bool apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text)
{
    return sasl_apop_digest(timestamp, secret, ret_text);
}

static bool sasl_step(const char *mechanism, int step, const struct account *account, struct bytes challenge,
                      struct buf *ret_text)
{
    return sasl_client_step(mechanism, step, account->user, account->pass, challenge, ret_text);
}

const struct credential_ops run_credentials = {
    .apop_digest = apop_digest,
    .sasl_step = sasl_step,
    .sasl_client_first = sasl_client_first,
};

static enum login_method login_method(enum target_login login)
{
    switch (login) {
    case TARGET_LOGIN_USER_PASS:
        return LOGIN_USER_PASS;
    case TARGET_LOGIN_APOP:
        return LOGIN_APOP;
    case TARGET_LOGIN_PLAIN:
        return LOGIN_AUTH_PLAIN;
    case TARGET_LOGIN_CRAM_MD5:
        return LOGIN_AUTH_CRAM_MD5;
    }
    return LOGIN_USER_PASS;
}

struct account credentials_account(const struct target_account *account)
{
    return (struct account){
        .user = account->user,
        .pass = account->pass,
        .apop_secret = account->apop_secret,
        .login = login_method(account->login),
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
    }
}
