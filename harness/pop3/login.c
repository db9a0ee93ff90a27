#include "pop3/login.h"

enum secret { PASSWORD, TOKEN };

struct login_row {
    const char *keyword;
    const char *mechanism;
    bool client_first;
    enum secret secret;
};

static const struct login_row rows[LOGIN_METHOD_COUNT] = {
    [LOGIN_USER_PASS] = {"user-pass", NULL, false, PASSWORD},
    [LOGIN_APOP] = {"apop", NULL, false, PASSWORD},
#define MECHANISM(name, mechanism, keyword, client_first, secret)                                            \
    [LOGIN_AUTH_##name] = {keyword, mechanism, client_first, secret},
#include "pop3/mechanisms.def"
#undef MECHANISM
};

const char *login_keyword(enum login_method method)
{
    return rows[method].keyword;
}

const char *login_mechanism(enum login_method method)
{
    return rows[method].mechanism;
}

bool login_client_first(enum login_method method)
{
    return rows[method].client_first;
}

bool login_wants_token(enum login_method method)
{
    return rows[method].secret == TOKEN;
}

bool login_of_mechanism(struct bytes mechanism, enum login_method *ret_method)
{
    for (int i = 0; i < LOGIN_METHOD_COUNT; i++)
        if (rows[i].mechanism != NULL && bytes_equal_nocase(bytes_of(rows[i].mechanism), mechanism)) {
            *ret_method = (enum login_method)i;
            return true;
        }
    return false;
}
