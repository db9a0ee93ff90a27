#include "refserver/policy.h"

#include <string.h>

void policy_init(struct policy *policy)
{
    *policy = (struct policy){
        .text = TEXT_OWN,
        .host = "pop.example",
        .rset_counts = true,
        .capa = true,
        .top = true,
        .uidl = true,
        .apop = true,
        .stls = true,
        .user_pass = true,
        .auth_plain = true,
        .auth_login = true,
        .auth_cram_md5 = true,
        .auth_scram_sha_1 = true,
        .auth_scram_sha_256 = true,
        .auth_digest_md5 = true,
        .auth_xoauth2 = true,
        .auth_oauthbearer = true,
        .scram_iterations = 4096,
        .response_codes = true,
        .response_codes_announced = true,
        .auth_resp_code_announced = true,
        .in_use_code = true,
        .pipelining_announced = true,
        .implementation_announced = true,
        .utf8 = UTF8_ACCEPTED,
        .utf8_user = true,
        .lang = LANG_LISTED,
        .lang_preferred = "en",
        .exclusive_lock = true,
        .expire_days = EXPIRE_NEVER,
        .autologout_s = AUTOLOGOUT_S,
        .segment_octets_max = SEGMENT_OCTETS_MAX,
    };
}

/* The timestamp is that of RFC 1939 sections 7 and 10 (whose examples name the host dewey elsewhere), the challenge RFC 2195's. */
void policy_init_rfc(struct policy *policy)
{
    policy_init(policy);
    policy->text = TEXT_RFC;
    policy->host = "dewey";
    policy->timestamp = "<1896.697170952@dbc.mtview.ca.us>";
    policy->challenge = "<1896.697170952@postoffice.reston.mci.net>";
    policy->digest_nonce = "OA6MG9tEQGm2hh"; /* RFC 5034 section 6 */
    policy->digest_realm = "elwood.innosoft.com";
    policy->unknown_user_refused = true;
    policy->lang_preferred = "es"; /* RFC 6856 section 3.3 */
}

#define VARIANT(name, id, clause, what, skips, warns, ...)                                                   \
    static void variant_apply_##name(struct policy *policy)                                                  \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }
#include "refserver/variants.def"
#undef VARIANT

struct variant_row {
    struct variant_info info;
    void (*apply)(struct policy *policy);
};

static const struct variant_row variants[VARIANT_COUNT] = {
#define VARIANT(name, id, clause, what, skips, warns, ...)                                                   \
    [VARIANT_##name] = {{id, clause, what, skips, warns}, variant_apply_##name},
#include "refserver/variants.def"
#undef VARIANT
};

void policy_apply(struct policy *policy, enum variant variant)
{
    variants[variant].apply(policy);
}

const struct variant_info *variant_info(enum variant variant)
{
    return &variants[variant].info;
}

bool variant_of_id(const char *id, enum variant *ret_variant)
{
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        if (strcmp(variants[variant].info.id, id) == 0) {
            *ret_variant = variant;
            return true;
        }
    return false;
}
