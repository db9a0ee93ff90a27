/*
 * SASL exchanges, on both sides, and base 64. Input: a letter that says whose side is looked at and by which mechanism, then the
 * other side's messages, parted by LF.
 *
 *   a .. e   the reference server, by PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256; messages are put into base 64
 *   f .. j   the same, where the first message comes with AUTH
 *   k .. m   the reference server, by XOAUTH2, OAUTHBEARER, DIGEST-MD5; n .. p, where the first message comes with AUTH
 *   A .. P   the same, with the lines as they stand
 *   0 .. 7   our client, by each mechanism in the order of pop3/mechanisms.def; "%" in a challenge is the client's nonce
 *
 * Oracles: sasl-one-reply (every line gets one line), sasl-login (who gets in is who a naive reader of the whole exchange lets
 * in), sasl-state (and nobody else is in), sasl-base64 (a naive decoder says the same), sasl-round-trip, sasl-client (messages
 * of plain text are what they ought to be), sasl-tells (no message of a mechanism that hides the password has it),
 * sasl-ends (an exchange that is over goes no further), sasl-fits (a message that does not fit is none, and one that does is
 * the same).
 */
#include "check.h"
#include "chunks.h"
#include "naive_base64.h"
#include "naive_sasl.h"
#include "stand_ins.h"

#include "base/base64.h"
#include "base/check.h"
#include "digest/digest.h"
#include "sasl/client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_OCTETS_MAX = 4096,
    MESSAGE_OCTETS_MAX = 2048,
    ITERATION_DIGITS_MAX = 4,
    LIMIT_DIGITS = 7,
    FIRST_STEP_OCTETS_MAX = 128, /* more than any first message of ours */
};

/* Letters that say a mechanism of the server: each has one for AUTH alone, and one for AUTH with a message. */
struct server_letters {
    uint8_t first;
    size_t count;
    enum login_method methods[5];
    bool any_octets; /* the naive reader knows which messages are too long */
};

static const struct server_letters server_letters[] = {
    {'a',
     5,
     {LOGIN_AUTH_PLAIN, LOGIN_AUTH_LOGIN, LOGIN_AUTH_CRAM_MD5, LOGIN_AUTH_SCRAM_SHA_1,
      LOGIN_AUTH_SCRAM_SHA_256},
     true},
    {'k', 3, {LOGIN_AUTH_XOAUTH2, LOGIN_AUTH_OAUTHBEARER, LOGIN_AUTH_DIGEST_MD5}, false},
};

/* GNU SASL loses what a challenge of DIGEST-MD5 says twice. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgsasl.so";
}

/* Stands before OpenSSL, which would have to be linked for APOP's sake. */
bool digest_md5(struct bytes input, uint8_t out[DIGEST_MD5_SIZE])
{
    stand_in_digests.md5(input, out);
    return true;
}

/* Keys are the library's to derive here. */
bool digest_pbkdf2_sha1(struct bytes password, struct bytes salt, uint32_t iterations,
                        uint8_t out[DIGEST_SHA1_SIZE])
{
    (void)password, (void)salt, (void)iterations, (void)out;
    return false;
}

bool digest_pbkdf2_sha256(struct bytes password, struct bytes salt, uint32_t iterations,
                          uint8_t out[DIGEST_SHA256_SIZE])
{
    (void)password, (void)salt, (void)iterations, (void)out;
    return false;
}

/* Stands before GNU SASL's own, which it calls as everybody can: what a client says must not differ from run to run. */
int gsasl_nonce(char *data, size_t size);
int gsasl_nonce(char *data, size_t size)
{
    memset(data, 'n', size);
    return 0;
}

/* ---- base 64 ---- */

static void check_base64(struct bytes text)
{
    struct buf naive;
    struct buf octets;
    struct buf again;

    buf_init(&naive, BUF_UNBOUNDED);
    buf_init(&octets, BUF_UNBOUNDED);
    buf_init(&again, BUF_UNBOUNDED);
    bool expected = naive_base64(text, &naive);

    FUZZ_CHECK(base64_decode(text, &octets) == expected, "sasl-base64");
    if (expected) {
        FUZZ_CHECK(bytes_equal(buf_bytes(&octets), buf_bytes(&naive)), "sasl-base64");
        FUZZ_CHECK(base64_encode(buf_bytes(&octets), &again) && bytes_equal(buf_bytes(&again), text),
                   "sasl-round-trip");
    }
    buf_release(&naive);
    buf_release(&octets);
    buf_release(&again);
}

/* ---- the server ---- */

struct server_side {
    struct refserver *server;
    void *peer;
    struct naive_exchange exchange;
    struct buf storage[2 * NAIVE_SASL_MESSAGES_MAX]; /* of its messages and challenges */
    bool refused;                                    /* a line was no message at all */
    struct buf reply;
};

static void hear(struct server_side *side)
{
    buf_clear(&side->reply);
    for (;;) {
        struct bytes octets = refserver_peer_ops.output(side->peer);

        if (octets.size == 0)
            return;
        buf_append(&side->reply, octets);
        refserver_peer_ops.wrote(side->peer, octets.size, 0);
    }
}

/* Sends LINE; true when a challenge comes back. */
static bool ask(struct server_side *side, struct bytes line)
{
    refserver_peer_ops.input(side->peer, line, 0);
    refserver_peer_ops.input(side->peer, BYTES_LITERAL("\r\n"), 0);
    hear(side);
    struct bytes reply = buf_bytes(&side->reply);

    FUZZ_CHECK(reply.size >= 2 && bytes_find(reply, BYTES_LITERAL("\r\n")) == reply.size - 2,
               "sasl-one-reply");
    return bytes_start_with(reply, BYTES_LITERAL("+ "));
}

/* The challenge that has come, for the next message. */
static void note_challenge(struct server_side *side)
{
    struct naive_exchange *exchange = &side->exchange;
    struct buf *storage = &side->storage[2 * exchange->message_count + 1];
    struct bytes text = bytes_slice(buf_bytes(&side->reply), 2, side->reply.size - 2);

    FUZZ_CHECK(naive_base64(text, storage), "sasl-base64");
    exchange->challenges[exchange->message_count] = buf_bytes(storage);
}

static void note_message(struct server_side *side, struct bytes line)
{
    struct naive_exchange *exchange = &side->exchange;
    struct buf *storage = &side->storage[2 * exchange->message_count];

    if (!naive_base64(line, storage))
        side->refused = true;
    exchange->messages[exchange->message_count++] = buf_bytes(storage);
}

static bool begin(struct server_side *side, struct bytes line, bool initial)
{
    char command[40 + 2 * MESSAGE_OCTETS_MAX];
    int size = snprintf(command, sizeof(command), "AUTH %s", login_mechanism(side->exchange.method));

    if (!initial)
        return ask(side, bytes_make(command, (size_t)size));
    size += snprintf(command + size, sizeof(command) - (size_t)size, " %.*s", (int)line.size,
                     line.size > 0 ? (const char *)line.data : "=");
    note_message(side, line);
    return ask(side, bytes_make(command, (size_t)size));
}

/* A line of the client, whether it is to be put into base 64 or stands as it is. */
static struct bytes as_line(struct bytes message, bool raw, struct buf *storage)
{
    buf_clear(storage);
    if (raw)
        buf_append(storage, message);
    else
        (void)base64_encode(message, storage);
    return buf_bytes(storage);
}

static void converse(struct server_side *side, struct bytes messages, bool raw, bool initial)
{
    struct bytes message = BYTES_EMPTY;
    struct buf line;

    buf_init(&line, 2 * MESSAGE_OCTETS_MAX);
    if (initial)
        (void)bytes_split(&messages, '\n', &message);
    bool challenged = begin(side, as_line(message, raw, &line), initial);

    while (challenged && side->exchange.message_count < NAIVE_SASL_MESSAGES_MAX) {
        note_challenge(side);
        message = BYTES_EMPTY;
        if (!bytes_split(&messages, '\n', &message))
            break;
        note_message(side, as_line(message, raw, &line));
        challenged = ask(side, buf_bytes(&line));
    }
    bool in = bytes_start_with(buf_bytes(&side->reply), BYTES_LITERAL("+OK"));

    FUZZ_CHECK(in == (!challenged && !side->refused && naive_sasl_logs_in(&side->exchange)), "sasl-login");
    if (challenged)
        FUZZ_CHECK(!ask(side, BYTES_LITERAL("*")), "sasl-one-reply");
    (void)ask(side, BYTES_LITERAL("STAT"));
    FUZZ_CHECK(bytes_start_with(buf_bytes(&side->reply), BYTES_LITERAL("+OK")) == in, "sasl-state");
    buf_release(&line);
}

/* Lines end where we say so, and an initial response is one word; nor is "*" a message. */
static bool is_sendable(struct bytes messages, bool initial)
{
    struct bytes rest = messages;
    struct bytes message;
    bool first = true;

    while (bytes_split(&rest, '\n', &message)) {
        bool one_word = bytes_find_octet(message, ' ') == BYTES_NOT_FOUND &&
                        bytes_find_octet(message, '\t') == BYTES_NOT_FOUND &&
                        !bytes_equal(message, BYTES_LITERAL("="));

        if (message.size > MESSAGE_OCTETS_MAX || bytes_find_octet(message, '\r') != BYTES_NOT_FOUND ||
            (initial && first && (!one_word || bytes_find_octet(message, '\0') != BYTES_NOT_FOUND)))
            return false;
        first = false;
    }
    return true;
}

static void run_server(enum login_method method, struct bytes messages, bool raw, bool initial)
{
    static struct server_side side;
    struct peer_info info = {.tls_ready = true};
    struct policy policy;

    if (raw && !is_sendable(messages, initial))
        return;
    side = (struct server_side){.exchange.method = method};
    for (size_t i = 0; i < 2 * NAIVE_SASL_MESSAGES_MAX; i++)
        buf_init(&side.storage[i], BUF_UNBOUNDED);
    buf_init(&side.reply, BUF_UNBOUNDED);
    side.server = refserver_new(1, &stand_in_digests);
    policy_init(&policy);
    refserver_set_policy(side.server, &policy);
    CHECK(refserver_add_user(side.server, "u", "p") && refserver_set_token(side.server, "u", "t"));
    side.peer = refserver_peer_ops.open(side.server, &info, 0);
    hear(&side);
    converse(&side, messages, raw, initial && login_client_first(method));
    refserver_peer_ops.reset(side.peer, 0);
    refserver_peer_ops.close(side.peer, 0);
    refserver_free(side.server);
    for (size_t i = 0; i < 2 * NAIVE_SASL_MESSAGES_MAX; i++)
        buf_release(&side.storage[i]);
    buf_release(&side.reply);
}

/* ---- the client ---- */

static const struct sasl_identity identity = {
    .user = "u,=v", .pass = "s3cret-Pass", .token = "t0ken", .host = "mail.example", .port = 110};

/* What a mechanism of plain text says in its message STEP; NULL: nothing more. */
static const char *expected_text(enum login_method method, size_t step)
{
    static const char *const login[] = {"u,=v", "s3cret-Pass"};
    static const char *const xoauth2[] = {"user=u,=v\001auth=Bearer t0ken\001\001", ""};
    static const char *const oauthbearer[] = {
        "n,a=u=2C=3Dv,\001host=mail.example\001port=110\001auth=Bearer t0ken\001\001", "\001"};

    if (step > 1)
        return NULL;
    return method == LOGIN_AUTH_LOGIN     ? login[step]
           : method == LOGIN_AUTH_XOAUTH2 ? xoauth2[step]
                                          : oauthbearer[step];
}

/* TOLD: the server itself has said the password, in a realm for instance, and may hear it again. */
static void check_text(enum login_method method, size_t step, enum sasl_progress progress,
                       struct bytes message, bool told)
{
    static const struct bytes plain_message = BYTES_LITERAL("\0u,=v\0s3cret-Pass");
    bool text =
        method == LOGIN_AUTH_LOGIN || method == LOGIN_AUTH_XOAUTH2 || method == LOGIN_AUTH_OAUTHBEARER;
    bool made = progress == SASL_GOES_ON || progress == SASL_COMPLETE;

    if (method == LOGIN_AUTH_PLAIN) {
        FUZZ_CHECK(made == (step == 0) && (!made || bytes_equal(message, plain_message)), "sasl-client");
    } else if (text) {
        const char *expected = expected_text(method, step);

        FUZZ_CHECK(made == (expected != NULL), "sasl-client");
        FUZZ_CHECK(!made || bytes_equal(message, bytes_of(expected)), "sasl-client");
    } else {
        FUZZ_CHECK(told || bytes_find(message, bytes_of(identity.pass)) == BYTES_NOT_FOUND, "sasl-tells");
    }
}

/*
 * Keys are derived as often as a challenge asks, up to a limit: what a person would notice is not for a fuzzer, but what passes
 * the limit is.
 */
static bool is_patient(struct bytes challenge)
{
    size_t digits = 0;

    for (size_t i = 0; i <= challenge.size; i++) {
        if (i < challenge.size && ascii_is_digit(challenge.data[i])) {
            digits += digits > 0 || challenge.data[i] != '0' ? 1 : 0;
            continue;
        }
        if (digits > ITERATION_DIGITS_MAX && digits <= LIMIT_DIGITS)
            return false;
        digits = 0;
    }
    return true;
}

static void fill_in(struct bytes challenge, struct bytes nonce, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < challenge.size; i++) {
        if (challenge.data[i] == '%')
            buf_append(out, nonce);
        else
            buf_append_octet(out, challenge.data[i]);
    }
}

/* A first step, and what came of it where there was room for any message. */
struct first_step {
    enum sasl_progress progress;
    struct bytes challenge;
    struct bytes message;
};

static void check_fits(enum login_method method, const struct first_step *first, size_t room)
{
    struct sasl_client *client = sasl_client_new(method, &identity);
    struct buf message;

    buf_init(&message, room);
    enum sasl_progress progress = sasl_client_step(client, first->challenge, &message);

    FUZZ_CHECK(message.size <= room, "sasl-fits");
    if (first->message.size > room) {
        FUZZ_CHECK(progress == SASL_STUCK, "sasl-fits");
    } else {
        FUZZ_CHECK(progress == first->progress, "sasl-fits");
        FUZZ_CHECK(bytes_equal(buf_bytes(&message), first->message), "sasl-fits");
    }
    buf_release(&message);
    sasl_client_free(client);
}

static void run_client(enum login_method method, struct bytes challenges)
{
    size_t room = (size_t)(chunks_number(challenges) % FIRST_STEP_OCTETS_MAX);
    enum { STEPS_MAX = 6 };
    struct sasl_client *client = sasl_client_new(method, &identity);
    enum sasl_progress progress = SASL_GOES_ON;
    bool told = false;
    struct buf nonce;
    struct buf challenge;
    struct buf message;
    struct bytes next;

    CHECK(client != NULL);
    buf_init(&nonce, BUF_UNBOUNDED);
    buf_init(&challenge, BUF_UNBOUNDED);
    buf_init(&message, BUF_UNBOUNDED);
    for (size_t step = 0; step < STEPS_MAX && bytes_split(&challenges, '\n', &next) && is_patient(next);
         step++) {
        bool over = progress == SASL_STUCK || progress == SASL_SERVER_FALSE;

        fill_in(next, buf_bytes(&nonce), &challenge);
        told = told || bytes_find(buf_bytes(&challenge), bytes_of(identity.pass)) != BYTES_NOT_FOUND;
        buf_clear(&message);
        struct bytes heard = step == 0 && login_client_first(method) ? BYTES_EMPTY : buf_bytes(&challenge);

        progress = sasl_client_step(client, heard, &message);
        if (step == 0)
            check_fits(method, &(struct first_step){progress, heard, buf_bytes(&message)}, room);
        FUZZ_CHECK(!over || progress != SASL_GOES_ON, "sasl-ends");
        FUZZ_CHECK(progress != SASL_SERVER_FALSE || step == (method == LOGIN_AUTH_DIGEST_MD5 ? 1 : 2),
                   "sasl-ends");
        check_text(method, step, progress, buf_bytes(&message), told);
        if (step == 0)
            buf_append(&nonce, bytes_from(buf_bytes(&message),
                                          bytes_find(buf_bytes(&message), BYTES_LITERAL("r=")) + 2));
    }
    buf_release(&nonce);
    buf_release(&challenge);
    buf_release(&message);
    sasl_client_free(client);
}

/* No message makes a line that is too long for the server: one of 255 octets for AUTH, of 1,024 behind it. */
static bool are_short(enum login_method method, struct bytes messages)
{
    size_t limit = login_client_first(method) ? 160 : 700;
    struct bytes message;

    while (bytes_split(&messages, '\n', &message))
        if (message.size > limit)
            return false;
    return true;
}

static void run_letter(uint8_t letter, bool raw, struct bytes messages)
{
    for (size_t i = 0; i < sizeof(server_letters) / sizeof(server_letters[0]); i++) {
        const struct server_letters *letters = &server_letters[i];

        if (letter < letters->first || letter >= letters->first + 2 * letters->count)
            continue;
        size_t which = (size_t)letter - letters->first;
        enum login_method method = letters->methods[which % letters->count];

        if (letters->any_octets || are_short(method, messages))
            run_server(method, messages, raw, which >= letters->count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_OCTETS_MAX)
        return 0;
    struct bytes rest = bytes_make(data + 1, size - 1);
    struct bytes first = BYTES_EMPTY;
    uint8_t letter = ascii_lower(data[0]);
    struct bytes messages = rest;

    if (letter >= '0' && letter <= '7')
        run_client((enum login_method)(LOGIN_AUTH_PLAIN + (letter - '0')), messages);
    else
        run_letter(letter, letter != data[0], messages);
    if (bytes_split(&rest, '\n', &first))
        check_base64(first);
    return 0;
}
