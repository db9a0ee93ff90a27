#include "sasl/client.h"

#include "digest/digest.h"
#include "sasl/gsasl_cram_md5.h"

bool sasl_apop_digest(struct bytes timestamp, struct bytes secret, struct buf *ret_text)
{
    uint8_t digest[DIGEST_MD5_SIZE];
    struct buf input;
    bool ok;

    buf_init(&input, BUF_UNBOUNDED);
    buf_append(&input, timestamp);
    buf_append(&input, secret);
    ok = digest_md5(buf_bytes(&input), digest);
    buf_release(&input);
    for (size_t i = 0; ok && i < sizeof(digest); i++)
        ok = buf_append_format(ret_text, "%02x", digest[i]);
    return ok;
}

static bool plain_step(int step, const char *user, const char *pass, struct bytes challenge,
                       struct buf *ret_text)
{
    (void)challenge;
    return step == 0 && buf_append_octet(ret_text, '\0') && buf_append_text(ret_text, user) &&
           buf_append_octet(ret_text, '\0') && buf_append_text(ret_text, pass);
}

/* LOGIN has no standard: whatever the prompts say, the first answer is the name, the second the password. */
static bool login_step(int step, const char *user, const char *pass, struct bytes challenge,
                       struct buf *ret_text)
{
    (void)challenge;
    return (step == 0 || step == 1) && buf_append_text(ret_text, step == 0 ? user : pass);
}

static bool cram_md5_step(int step, const char *user, const char *pass, struct bytes challenge,
                          struct buf *ret_text)
{
    return step == 0 && gsasl_cram_md5_answer(user, pass, challenge, ret_text);
}

/* Step 1 answers the error report that a server sends as a challenge before it says -ERR: with an empty message. */
static bool xoauth2_step(int step, const char *user, const char *pass, struct bytes challenge,
                         struct buf *ret_text)
{
    (void)challenge;
    return step == 1 ||
           (step == 0 && buf_append_format(ret_text, "user=%s\001auth=Bearer %s\001\001", user, pass));
}

static const struct mechanism {
    const char *name;
    bool client_first;
    bool (*step)(int step, const char *user, const char *pass, struct bytes challenge, struct buf *ret_text);
} mechanisms[] = {
    {"PLAIN", true, plain_step},
    {"LOGIN", false, login_step},
    {"CRAM-MD5", false, cram_md5_step},
    {"XOAUTH2", true, xoauth2_step},
};

static const struct mechanism *find_mechanism(const char *name)
{
    for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
        if (bytes_equal_nocase(bytes_of(mechanisms[i].name), bytes_of(name)))
            return &mechanisms[i];
    return NULL;
}

bool sasl_client_step(const char *mechanism, int step, const char *user, const char *pass,
                      struct bytes challenge, struct buf *ret_text)
{
    const struct mechanism *found = find_mechanism(mechanism);
    struct buf message;
    bool ok;

    if (found == NULL)
        return false;
    buf_init(&message, ret_text->size_max);
    ok = found->step(step, user, pass, challenge, &message) && buf_append(ret_text, buf_bytes(&message));
    buf_release(&message);
    return ok;
}

bool sasl_client_first(const char *mechanism)
{
    const struct mechanism *found = find_mechanism(mechanism);

    return found != NULL && found->client_first;
}
