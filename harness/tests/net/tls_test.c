/* The filter and its null twin, two ends joined by hand: steps, order, cuts at every place, and what went wrong. */
#include "certificates.h"
#include "net/tls.h"

#include "base/buf.h"
#include "base/memory.h"
#include "base/rng.h"

struct ends {
    struct tls_filter *client;
    struct tls_filter *server;
    struct tls_context *client_context;
    struct tls_context *server_context;
    struct buf client_read; /* plain octets that the client got */
    struct buf server_read;
    size_t chunk_octets; /* how much of the wire is fed at once */
};

static struct tls_context *server_context(struct tls_server_settings settings)
{
    struct error error;
    struct tls_context *context = tls_context_server(&settings, &error);

    if (context == NULL)
        fail_msg("%s", error.text);
    return context;
}

static struct tls_context *client_context(struct tls_client_settings settings)
{
    struct error error;
    struct tls_context *context = tls_context_client(&settings, &error);

    if (context == NULL)
        fail_msg("%s", error.text);
    return context;
}

/* Trusts what SERVER presents. */
static struct tls_context *trusting_context(const struct tls_context *server)
{
    struct error error;
    char path[64];

    fclose(certificates_temporary(path));
    assert_true(tls_context_write_certificate(server, path, &error));
    struct tls_context *context = client_context((struct tls_client_settings){.ca_file = path});

    unlink(path);
    return context;
}

/* Takes both contexts; with NULL for both the null twin. */
static void ends_init(struct ends *ends, struct tls_context *client, struct tls_context *server,
                      const char *host)
{
    *ends = (struct ends){.client_context = client, .server_context = server, .chunk_octets = SIZE_MAX};
    ends->client =
        client != NULL ? tls_client_new(client, host, TLS_VERSION_ANY) : tls_null_client_new(TLS_VERSION_ANY);
    ends->server =
        server != NULL ? tls_server_new(server, TLS_VERSION_ANY) : tls_null_server_new(TLS_VERSION_ANY);
    buf_init(&ends->client_read, BUF_UNBOUNDED);
    buf_init(&ends->server_read, BUF_UNBOUNDED);
}

static void ends_release(struct ends *ends)
{
    tls_free(ends->client);
    tls_free(ends->server);
    tls_context_free(ends->client_context);
    tls_context_free(ends->server_context);
    buf_release(&ends->client_read);
    buf_release(&ends->server_read);
}

static void drain(struct tls_filter *filter, struct buf *plain)
{
    uint8_t buffer[TLS_RECORD_OCTETS_MAX];
    size_t size;

    while ((size = tls_read(filter, buffer, sizeof(buffer))) > 0)
        buf_append(plain, bytes_make(buffer, size));
}

static bool carry(struct tls_filter *from, struct tls_filter *to, struct buf *plain, size_t chunk_octets)
{
    struct bytes output = tls_output(from);

    if (output.size == 0)
        return false;
    struct bytes chunk = bytes_slice(output, 0, chunk_octets);

    tls_feed(to, chunk);
    drain(to, plain);
    tls_sent(from, chunk.size);
    return true;
}

/* Carries octets both ways until both sides are silent. */
static void settle(struct ends *ends)
{
    bool busy = true;

    while (busy) {
        busy = carry(ends->client, ends->server, &ends->server_read, ends->chunk_octets);
        busy |= carry(ends->server, ends->client, &ends->client_read, ends->chunk_octets);
    }
}

enum maker { MAKER_NULL, MAKER_TLS_1_2, MAKER_TLS_1_3, MAKER_COUNT };

static void make(enum maker maker, struct ends *ends)
{
    enum tls_version version = maker == MAKER_TLS_1_2 ? TLS_VERSION_1_2 : TLS_VERSION_1_3;

    if (maker == MAKER_NULL) {
        ends_init(ends, NULL, NULL, NULL);
        return;
    }
    struct tls_context *server =
        server_context((struct tls_server_settings){.version_min = version, .version_max = version});

    ends_init(ends, trusting_context(server), server, "localhost");
}

static void write_text(struct tls_filter *filter, const char *text)
{
    tls_write(filter, bytes_of(text));
}

static void check_conversation(enum maker maker, size_t chunk_octets)
{
    struct ends ends;

    make(maker, &ends);
    ends.chunk_octets = chunk_octets;
    assert_int_equal(tls_state(ends.client), TLS_HANDSHAKE);
    settle(&ends);
    assert_int_equal(tls_state(ends.client), TLS_OPEN);
    assert_int_equal(tls_state(ends.server), TLS_OPEN);
    /* What a TLS 1.3 server sends behind the handshake, its tickets, is no data. */
    assert_int_equal(ends.client_read.size, 0);
    write_text(ends.client, "USER test\r\n");
    write_text(ends.client, "PASS secret\r\n");
    write_text(ends.server, "+OK\r\n");
    settle(&ends);
    assert_string_equal(buf_text(&ends.server_read), "USER test\r\nPASS secret\r\n");
    assert_string_equal(buf_text(&ends.client_read), "+OK\r\n");
    /* Each side closes for itself, and the other may still write. */
    tls_close(ends.client);
    settle(&ends);
    assert_int_equal(tls_state(ends.server), TLS_CLOSED);
    assert_int_equal(tls_state(ends.client), TLS_OPEN);
    write_text(ends.server, "bye\r\n");
    tls_close(ends.server);
    settle(&ends);
    assert_string_equal(buf_text(&ends.client_read), "+OK\r\nbye\r\n");
    assert_int_equal(tls_state(ends.client), TLS_CLOSED);
    ends_release(&ends);
}

static void conversations_hold_at_every_cut(void **state)
{
    static const size_t chunks[] = {1, 2, 3, 5, 64, 1000, SIZE_MAX};

    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++)
        for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
            check_conversation((enum maker)maker, chunks[i]);
}

static void much_data_arrives_whole(void **state)
{
    enum { ROUNDS = 200 };
    static const uint8_t record[TLS_RECORD_OCTETS_MAX] = {'x'};

    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++) {
        struct ends ends;

        make((enum maker)maker, &ends);
        settle(&ends);
        for (int i = 0; i < ROUNDS; i++) {
            tls_write(ends.server, bytes_make(record, sizeof(record)));
            settle(&ends);
        }
        assert_int_equal(ends.client_read.size, ROUNDS * sizeof(record));
        ends_release(&ends);
    }
}

static void a_missing_notice_is_truncation(void **state)
{
    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++) {
        struct ends ends;

        make((enum maker)maker, &ends);
        settle(&ends);
        tls_feed_end(ends.client, false);
        assert_int_equal(tls_state(ends.client), TLS_TRUNCATED);
        tls_close(ends.client);
        settle(&ends);
        tls_feed_end(ends.server, false);
        assert_int_equal(tls_state(ends.server), TLS_CLOSED);
        ends_release(&ends);
    }
}

static void an_end_in_the_handshake_fails_it(void **state)
{
    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++) {
        struct ends ends;

        make((enum maker)maker, &ends);
        tls_feed_end(ends.client, false);
        assert_int_equal(tls_state(ends.client), TLS_FAILED);
        assert_string_equal(tls_reason(ends.client),
                            "the server closed the connection during the TLS handshake");
        tls_feed_end(ends.server, true);
        assert_string_equal(tls_reason(ends.server),
                            "the client reset the connection during the TLS handshake");
        ends_release(&ends);
    }
}

static void plain_text_is_no_tls(void **state)
{
    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++) {
        struct ends ends;

        make((enum maker)maker, &ends);
        tls_feed(ends.client, bytes_of("+OK ready\r\n"));
        assert_int_equal(tls_state(ends.client), TLS_FAILED);
        assert_string_equal(tls_reason(ends.client),
                            "the server did not speak TLS: what it sent is no TLS record");
        tls_feed(ends.server, bytes_of("USER test\r\n"));
        assert_string_equal(tls_reason(ends.server),
                            "the client did not speak TLS: what it sent is no TLS record");
        ends_release(&ends);
    }
}

static void plain_text_among_records_fails(void **state)
{
    (void)state;
    for (int maker = 0; maker < MAKER_COUNT; maker++) {
        struct ends ends;

        make((enum maker)maker, &ends);
        settle(&ends);
        tls_feed(ends.client, bytes_of("+OK in the clear\r\n"));
        drain(ends.client, &ends.client_read);
        assert_int_equal(tls_state(ends.client), TLS_FAILED);
        assert_int_equal(ends.client_read.size, 0);
        assert_true(tls_reason(ends.client)[0] != '\0');
        ends_release(&ends);
    }
}

/* Whatever octets come, a filter ends in a state of its own and neither reads nor answers without bound. */
static void hostile_octets_do_no_harm(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 7);
    for (int round = 0; round < 600; round++) {
        struct ends ends;
        uint8_t octets[200];

        make((enum maker)(round % MAKER_COUNT), &ends);
        if (rng_below(&rng, 2) == 0)
            settle(&ends);
        for (size_t i = 0; i < sizeof(octets); i++)
            octets[i] = (uint8_t)rng_next(&rng);
        octets[0] = (uint8_t)(0x15 + rng_below(&rng, 3));
        octets[1] = 3;
        tls_feed(ends.client, bytes_make(octets, 1 + rng_below(&rng, sizeof(octets))));
        drain(ends.client, &ends.client_read);
        tls_feed(ends.server, bytes_make(octets, 1 + rng_below(&rng, sizeof(octets))));
        drain(ends.server, &ends.server_read);
        settle(&ends);
        tls_close(ends.client);
        ends_release(&ends);
    }
}

static void the_reason_names_version_and_cipher(void **state)
{
    struct ends ends;

    (void)state;
    make(MAKER_TLS_1_2, &ends);
    settle(&ends);
    assert_non_null(strstr(tls_reason(ends.client), "TLSv1.2 with "));
    ends_release(&ends);
    make(MAKER_TLS_1_3, &ends);
    settle(&ends);
    assert_string_equal(tls_reason(ends.client), "TLSv1.3 with TLS_AES_256_GCM_SHA384");
    ends_release(&ends);
}

/* One filter may offer less than its context. */
static void one_version_may_be_offered_alone(void **state)
{
    static const struct {
        enum tls_version version;
        const char *reason;
    } cases[] = {{TLS_VERSION_1_2, "TLSv1.2 with "}, {TLS_VERSION_1_3, "TLSv1.3 with "}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ends ends;

        ends_init(&ends, client_context((struct tls_client_settings){.unverified = true}),
                  server_context((struct tls_server_settings){.expired = false}), "localhost");
        tls_free(ends.client);
        ends.client = tls_client_new(ends.client_context, "localhost", cases[i].version);
        settle(&ends);
        assert_non_null(strstr(tls_reason(ends.server), cases[i].reason));
        ends_release(&ends);
    }
}

/* What a handshake comes to whose client offers OFFERED (ANY: what is usual) to a server that speaks HIGHEST at most. */
struct meeting {
    enum tls_version offered;
    enum tls_version highest;
    bool opens;
    bool versions_refused;
};

static void meet(bool null, const struct meeting *meeting)
{
    struct ends ends;

    if (null)
        ends_init(&ends, NULL, NULL, NULL);
    else
        ends_init(&ends, client_context((struct tls_client_settings){.unverified = true}),
                  server_context((struct tls_server_settings){.expired = false}), "localhost");
    tls_free(ends.client);
    tls_free(ends.server);
    ends.client = null ? tls_null_client_new(meeting->offered)
                       : tls_client_new(ends.client_context, "localhost", meeting->offered);
    ends.server =
        null ? tls_null_server_new(meeting->highest) : tls_server_new(ends.server_context, meeting->highest);
    settle(&ends);
    assert_int_equal(tls_state(ends.client), meeting->opens ? TLS_OPEN : TLS_FAILED);
    assert_int_equal(tls_state(ends.server), meeting->opens ? TLS_OPEN : TLS_FAILED);
    assert_int_equal(tls_versions_refused(ends.client), meeting->versions_refused);
    assert_false(tls_versions_refused(ends.server));
    ends_release(&ends);
}

/* Only who was offered both 1.2 and 1.3 can have refused them; OpenSSL may be built without old versions. */
static void refused_versions_are_told_from_other_failures(void **state)
{
    static const struct meeting meetings[] = {
        {TLS_VERSION_ANY, TLS_VERSION_ANY, true, false},  {TLS_VERSION_ANY, TLS_VERSION_1_2, true, false},
        {TLS_VERSION_ANY, TLS_VERSION_1_1, false, true},  {TLS_VERSION_1_3, TLS_VERSION_1_2, false, false},
        {TLS_VERSION_1_2, TLS_VERSION_1_1, false, false}, {TLS_VERSION_1_1, TLS_VERSION_ANY, false, false},
    };
    static const struct meeting old = {TLS_VERSION_1_1, TLS_VERSION_1_1, true, false};

    (void)state;
    for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
        meet(true, &meetings[i]);
        meet(false, &meetings[i]);
    }
    meet(true, &old);
#ifndef OPENSSL_NO_TLS1_1
    meet(false, &old);
#endif
}

static void a_certificate_that_is_not_trusted_refuses_no_version(void **state)
{
    struct ends ends;

    (void)state;
    ends_init(&ends, client_context((struct tls_client_settings){.unverified = false}),
              server_context((struct tls_server_settings){.expired = true}), "localhost");
    settle(&ends);
    assert_int_equal(tls_state(ends.client), TLS_FAILED);
    assert_false(tls_versions_refused(ends.client));
    ends_release(&ends);
}

/* Such a server answers the hello by one of its own that names 1.1, without looking at the extension for versions. */
static void a_hello_that_names_an_old_version_refuses_the_new(void **state)
{
    static const uint8_t HELLO[] = {0x16, 0x03, 0x02, 0x00, 0x2A, 0x02, 0x00, 0x00, 0x26, 0x03, 0x02};
    uint8_t record[5 + 0x2A] = {0};
    struct ends ends;

    (void)state;
    memcpy(record, HELLO, sizeof(HELLO));
    record[44] = 0x00; /* behind the random octets and an empty session id: TLS_RSA_WITH_AES_128_CBC_SHA */
    record[45] = 0x2F;
    ends_init(&ends, client_context((struct tls_client_settings){.unverified = true}),
              server_context((struct tls_server_settings){.expired = false}), "localhost");
    tls_feed(ends.client, bytes_make(record, sizeof(record)));
    assert_int_equal(tls_state(ends.client), TLS_FAILED);
    assert_string_equal(tls_reason(ends.client), "no TLS version in common with the server");
    assert_true(tls_versions_refused(ends.client));
    ends_release(&ends);
}

/* Runs a handshake that must fail; EXPECTED is what each side says. Takes both contexts. */
static void fails(struct tls_context *client, struct tls_context *server, const char *host,
                  const char *client_reason, const char *server_reason)
{
    struct ends ends;

    ends_init(&ends, client, server, host);
    settle(&ends);
    assert_string_equal(tls_reason(ends.client), client_reason);
    assert_int_equal(tls_state(ends.client), TLS_FAILED);
    assert_string_equal(tls_reason(ends.server), server_reason);
    assert_int_equal(tls_state(ends.server), TLS_FAILED);
    ends_release(&ends);
}

static void expired_certificates_are_refused(void **state)
{
    struct tls_context *server = server_context((struct tls_server_settings){.expired = true});

    (void)state;
    fails(trusting_context(server), server, "localhost", "the server's certificate has expired",
          "the client sent the TLS alert \"certificate expired\"");
}

static void certificates_of_the_future_are_refused(void **state)
{
    struct pair_files files = certificates_write("localhost", 10);
    struct tls_context *server = server_context(
        (struct tls_server_settings){.certificate_file = files.certificate, .key_file = files.key});

    (void)state;
    certificates_remove(&files);
    fails(trusting_context(server), server, "localhost", "the server's certificate is not valid yet",
          "the client sent the TLS alert \"bad certificate\"");
}

static void wrong_names_are_refused(void **state)
{
    static const char *const good[] = {"localhost", "127.0.0.1", "::1", "LOCALHOST"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct tls_context *server = server_context((struct tls_server_settings){.expired = false});
        struct ends ends;

        ends_init(&ends, trusting_context(server), server, good[i]);
        settle(&ends);
        assert_string_equal(tls_reason(ends.client), "TLSv1.3 with TLS_AES_256_GCM_SHA384");
        ends_release(&ends);
    }
    struct tls_context *server = server_context((struct tls_server_settings){.expired = false});

    fails(trusting_context(server), server, "mail.example",
          "the server's certificate is for another host name",
          "the client sent the TLS alert \"bad certificate\"");
    server = server_context((struct tls_server_settings){.expired = false});
    fails(trusting_context(server), server, "127.0.0.2",
          "the server's certificate is not for this IP address",
          "the client sent the TLS alert \"bad certificate\"");
}

static void unknown_issuers_are_refused(void **state)
{
    struct tls_context *other = server_context((struct tls_server_settings){.expired = false});
    struct tls_context *server = server_context((struct tls_server_settings){.expired = false});

    (void)state;
    fails(trusting_context(other), server, "localhost",
          "the server's certificate is self-signed and not among the trusted ones",
          "the client sent the TLS alert \"unknown CA\"");
    tls_context_free(other);
}

static void the_unverified_take_anything(void **state)
{
    struct tls_context *server = server_context((struct tls_server_settings){.expired = true});
    struct ends ends;

    (void)state;
    ends_init(&ends, client_context((struct tls_client_settings){.unverified = true}), server,
              "mail.example");
    settle(&ends);
    assert_int_equal(tls_state(ends.client), TLS_OPEN);
    ends_release(&ends);
}

static void versions_must_meet(void **state)
{
    struct tls_context *server = server_context((struct tls_server_settings){.version_max = TLS_VERSION_1_2});
    struct tls_context *client =
        client_context((struct tls_client_settings){.unverified = true, .version_min = TLS_VERSION_1_3});

    (void)state;
    fails(client, server, "localhost", "the server sent the TLS alert \"protocol version\"",
          "no TLS version in common with the client");
}

static void certificates_come_from_files(void **state)
{
    struct pair_files files = certificates_write("mail.example", 0);
    struct tls_context *server = server_context(
        (struct tls_server_settings){.certificate_file = files.certificate, .key_file = files.key});
    struct tls_context *client = client_context((struct tls_client_settings){
        .ca_file = files.certificate, .certificate_file = files.certificate, .key_file = files.key});
    struct ends ends;

    (void)state;
    certificates_remove(&files);
    ends_init(&ends, client, server, "mail.example");
    settle(&ends);
    assert_int_equal(tls_state(ends.client), TLS_OPEN);
    ends_release(&ends);
}

static void assert_refused(const struct tls_context *context, const struct error *error, const char *named)
{
    assert_null(context);
    assert_int_equal(error->kind, ERROR_HOST);
    assert_non_null(strstr(error->text, named));
}

static void files_that_do_not_serve_are_named(void **state)
{
    struct pair_files one = certificates_write("one.example", 0);
    struct pair_files two = certificates_write("two.example", 0);
    struct error error = {.kind = ERROR_NONE};

    (void)state;
    assert_refused(tls_context_client(&(struct tls_client_settings){.ca_file = "/no/such/ca.pem"}, &error),
                   &error, "/no/such/ca.pem");
    assert_refused(
        tls_context_client(&(struct tls_client_settings){.unverified = true, .certificate_file = one.key},
                           &error),
        &error, one.key);
    assert_refused(
        tls_context_server(&(struct tls_server_settings){.certificate_file = one.certificate}, &error),
        &error, one.certificate);
    assert_refused(
        tls_context_server(
            &(struct tls_server_settings){.certificate_file = one.certificate, .key_file = two.key}, &error),
        &error, two.key);
    certificates_remove(&one);
    certificates_remove(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversations_hold_at_every_cut),
        cmocka_unit_test(much_data_arrives_whole),
        cmocka_unit_test(a_missing_notice_is_truncation),
        cmocka_unit_test(an_end_in_the_handshake_fails_it),
        cmocka_unit_test(plain_text_is_no_tls),
        cmocka_unit_test(plain_text_among_records_fails),
        cmocka_unit_test(hostile_octets_do_no_harm),
        cmocka_unit_test(the_reason_names_version_and_cipher),
        cmocka_unit_test(one_version_may_be_offered_alone),
        cmocka_unit_test(refused_versions_are_told_from_other_failures),
        cmocka_unit_test(a_certificate_that_is_not_trusted_refuses_no_version),
        cmocka_unit_test(a_hello_that_names_an_old_version_refuses_the_new),
        cmocka_unit_test(expired_certificates_are_refused),
        cmocka_unit_test(certificates_of_the_future_are_refused),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(unknown_issuers_are_refused),
        cmocka_unit_test(the_unverified_take_anything),
        cmocka_unit_test(versions_must_meet),
        cmocka_unit_test(certificates_come_from_files),
        cmocka_unit_test(files_that_do_not_serve_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
