#include "cli/run_target.h"

#include "cli/arguments.h"
#include "cli/password.h"
#include "cli/target_address.h"

#include <stdlib.h>
#include <string.h>

static bool open_builtin(struct run_target *target, const struct run_arguments *arguments, uint64_t seed,
                         struct error *error)
{
    if (arguments->user != NULL || arguments->pass != NULL || arguments->pass_file != NULL) {
        error_set(error, ERROR_USAGE, "a login is given, but no server to log in to");
        return error_hint(error, "name the TARGET: pop3spec run HOST:PORT -u USER -p -");
    }
    target->builtin = builtin_new(&(struct builtin_options){.seed = seed}, error);
    if (target->builtin == NULL)
        return false;
    target->target = builtin_target(target->builtin);
    target->stage = builtin_stage(target->builtin);
    return true;
}

/* The password from wherever it comes, for the caller to free; *ret_password is NULL when none is given. */
static bool find_password(const struct run_arguments *arguments, struct error *error, char **ret_password)
{
    const char *environment = getenv("POP3SPEC_PASS");

    *ret_password = NULL;
    if (arguments->pass != NULL && strcmp(arguments->pass, "-") == 0)
        *ret_password = password_ask(error);
    else if (arguments->pass != NULL)
        *ret_password = strdup(arguments->pass);
    else if (arguments->pass_file != NULL)
        *ret_password = password_read(arguments->pass_file, error);
    else if (environment != NULL && arguments->user != NULL)
        *ret_password = strdup(environment);
    else
        return true;
    return *ret_password != NULL;
}

static bool set_login(struct target *target, const struct run_arguments *arguments, struct error *error)
{
    char *password;

    if (!find_password(arguments, error, &password))
        return false;
    if (arguments->user != NULL && password == NULL) {
        error_set(error, ERROR_USAGE, "user '%s' has no password", arguments->user);
        return error_hint(error, "-p - asks for it; --pass-file FILE and POP3SPEC_PASS are other ways");
    }
    bool set = (arguments->user == NULL && password == NULL) ||
               target_set_login(target, arguments->user, password, error);

    free(password);
    return set;
}

static void set_connection(struct target *target, const struct run_arguments *arguments)
{
    if (arguments->tls != NULL)
        target_tls_of_name(arguments->tls, &target->tls);
    if (arguments->ca != NULL)
        target->tls_ca = arguments->ca;
    if (arguments->insecure)
        target->tls_verify = false;
    if (arguments->cert != NULL)
        target->tls_cert = arguments->cert;
    if (arguments->key != NULL)
        target->tls_key = arguments->key;
    if (arguments->source != NULL)
        target->source = arguments->source;
    if (arguments->connect_timeout_us > 0)
        target->connect_timeout_us = arguments->connect_timeout_us;
    if (arguments->timeout_us > 0)
        target->reply_timeout_us = arguments->timeout_us;
}

bool run_target_open(struct run_target *target, const struct run_arguments *arguments, const char *address,
                     uint64_t seed, struct error *error)
{
    *target = (struct run_target){.target = &target->own};
    target_init(&target->own);
    if (address == NULL && arguments->target_file == NULL)
        return open_builtin(target, arguments, seed, error);
    if (arguments->target_file != NULL && !target_load(&target->own, arguments->target_file, error))
        return arguments_hint_flag(error, "--target");
    if (address != NULL && !target_parse_address(&target->own, address, error))
        return false;
    set_connection(&target->own, arguments);
    target_address_settle(&target->own, address);
    return set_login(&target->own, arguments, error) && target_check(&target->own, error);
}

void run_target_release(struct run_target *target)
{
    builtin_free(target->builtin);
    target_release(&target->own);
}
