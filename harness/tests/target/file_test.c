/* Target files: what they may say, and every mistake with its place and what to do. */
#include "target/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static bool load(struct target *target, const char *text, struct error *error)
{
    target_init(target);
    return target_load_text(target, bytes_of(text), "/etc/lab/target.yaml", error);
}

static void a_whole_file_is_read(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    setenv("POP3SPEC_TEST_PASS", "from the environment", 1);
    assert_true(load(&target,
                     "target: dovecot-lab\n"
                     "software: Dovecot 2.3\n"
                     "repeat: scripts/interop dovecot run\n"
                     "host: 127.0.0.1\n"
                     "port: 10110\n"
                     "tls: {starttls: true, implicit-port: 10995, ca: cert.pem, name: mail.example}\n"
                     "accounts:\n"
                     "  - {user: test1, pass: secret1}\n"
                     "  - {user: test2, pass-env: POP3SPEC_TEST_PASS, apop: true, login: apop}\n"
                     "  - {user: test3, pass: secret3, apop: tanstaaf, login: cram-md5}\n"
                     "provision:\n"
                     "  maildir: mail/{user}/Maildir\n"
                     "  line-ends: crlf\n"
                     "health: {pid-file: /run/master.pid, log: server.log, log-pattern: 'Panic|signal'}\n"
                     "delays: {login: 5s, bad-login: 300ms}\n"
                     "bad-logins: together\n"
                     "timeouts: {connect: 3s, reply: 2m, login: 40s}\n",
                     &error));
    assert_string_equal(target.name, "dovecot-lab");
    assert_string_equal(target.software, "Dovecot 2.3");
    assert_string_equal(target.repeat, "scripts/interop dovecot run");
    assert_string_equal(target_address_text(&target), "127.0.0.1:10110");
    assert_int_equal(target.implicit_port, 10995);
    assert_string_equal(target.tls_ca, "/etc/lab/cert.pem");
    assert_string_equal(target.tls_name, "mail.example");
    assert_true(target.tls_verify);
    assert_int_equal(target.account_count, 3);
    assert_null(target.accounts[0].apop_secret);
    assert_string_equal(target.accounts[1].pass, "from the environment");
    assert_string_equal(target.accounts[1].apop_secret, "from the environment");
    assert_int_equal(target.accounts[1].login, LOGIN_APOP);
    assert_string_equal(target.accounts[2].apop_secret, "tanstaaf");
    assert_int_equal(target.provision, TARGET_PROVISION_MAILDIR);
    assert_string_equal(target.provision_path, "/etc/lab/mail/{user}/Maildir");
    assert_true(target.provision_crlf);
    assert_string_equal(target.health_pid_file, "/run/master.pid");
    assert_string_equal(target.health_log, "/etc/lab/server.log");
    assert_int_equal(target.login_delay_us, 5 * US_PER_S);
    assert_int_equal(target.bad_login_delay_us, 300 * US_PER_MS);
    assert_true(target.bad_logins_together);
    assert_int_equal(target.connect_timeout_us, 3 * US_PER_S);
    assert_int_equal(target.reply_timeout_us, 120 * US_PER_S);
    assert_int_equal(target.login_patience_us, 40 * US_PER_S);
    target_release(&target);
}

/* A token stands beside a password, or in its place. */
static void accounts_have_tokens(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    setenv("POP3SPEC_TEST_TOKEN", "a token", 1);
    assert_true(load(&target,
                     "host: h\naccounts:\n"
                     "  - {user: a, pass: b, token: t, login: scram-sha-256}\n"
                     "  - {user: c, token-env: POP3SPEC_TEST_TOKEN, login: oauthbearer}\n"
                     "  - {user: d, pass: e}\n",
                     &error));
    assert_string_equal(target.accounts[0].token, "t");
    assert_int_equal(target.accounts[0].login, LOGIN_AUTH_SCRAM_SHA_256);
    assert_string_equal(target.accounts[1].pass, "");
    assert_string_equal(target.accounts[1].token, "a token");
    assert_int_equal(target.accounts[1].login, LOGIN_AUTH_OAUTHBEARER);
    assert_null(target.accounts[2].token);
    assert_true(target_account_allows(&target.accounts[1], LOGIN_AUTH_XOAUTH2));
    assert_false(target_account_allows(&target.accounts[2], LOGIN_AUTH_XOAUTH2));
    assert_true(target_account_allows(&target.accounts[2], LOGIN_AUTH_SCRAM_SHA_1));
    target_release(&target);
}

static void a_host_is_enough(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    assert_true(load(&target, "host: mail.example\n", &error));
    assert_string_equal(target.name, "mail.example:110");
    assert_int_equal(target.provision, TARGET_PROVISION_NONE);
    assert_int_equal(target.account_count, 0);
    assert_int_equal(target.login_patience_us, 35 * US_PER_S);
    target_release(&target);
}

/* What is wrong, where, and a part of the hint; the line and column are those of the word that is wrong. */
static const struct mistake {
    const char *text;
    unsigned line;
    unsigned column;
    const char *what;
    const char *hint;
} mistakes[] = {
    {"port: 110\n", 1, 1, "'host'", ""},
    {"host: h\nprot: 110\n", 2, 1, "unknown key 'prot'", "port"},
    {"host: h\nport: 70000\n", 2, 7, "port", ""},
    {"host: pop3://h\n", 1, 7, "no host name has", "without scheme"},
    {"host: \"h\\r\\n\"\n", 1, 7, "no host name has", ""},
    {"host: h\ntls: {starttl: true}\n", 2, 7, "unknown key 'starttl'", "starttls"},
    {"host: h\ntls: {verify: maybe}\n", 2, 15, "verify", ""},
    {"host: h\ntls: {use: ssl}\n", 2, 12, "use", ""},
    {"host: h\naccounts:\n  - {user: a}\n", 3, 5, "none of pass, pass-env and pass-file", ""},
    {"host: h\naccounts:\n  - {user: a, pass: b, pass-env: C}\n", 3, 24,
     "given twice, by pass and by pass-env", ""},
    {"host: h\naccounts:\n  - {user: a, token: b, token-env: C}\n", 3, 25,
     "token is given twice, by token and by token-env", ""},
    {"host: h\naccounts:\n  - {user: a, pass: b, login: xoauth2}\n", 3, 5,
     "logs in by XOAUTH2, but has no token", "token-env"},
    {"host: h\naccounts:\n  - {user: a, pass: b, login: scram-sha-512}\n", 3, 31, "scram-sha-512",
     "scram-sha-1"},
    {"host: h\naccounts:\n  - {user: a, pass-env: POP3SPEC_NO_SUCH}\n", 3, 25, "no variable POP3SPEC_NO_SUCH",
     ""},
    {"host: h\naccounts:\n  - {user: a, pass: b, login: apop}\n", 3, 5, "no secret for it", "apop: true"},
    {"host: h\naccounts:\n  - {user: a, pass: b, login: digest}\n", 3, 31, "login", ""},
    {"host: h\naccounts:\n  - {user: a, pass: b}\n  - {user: a, pass: c}\n", 4, 5, "named twice", ""},
    {"host: h\naccounts:\n  - {user: \"a\\r\\nDELE 1\", pass: b}\n", 3, 5, "line end", ""},
    {"host: h\nprovision: {smtp: 'h:65536'}\n", 2, 19, "is no address of a mail server", "HOST:PORT"},
    {"host: h\nprovision: {lmtp: ':24'}\n", 2, 19, "the host is missing", "HOST:PORT"},
    {"host: h\nprovision: {lmtp: h, lock: dot}\n", 2, 22, "lock is for mbox", ""},
    {"host: h\nprovision: {maildir: a, recipient: b}\n", 2, 25, "recipient is for lmtp and smtp", ""},
    {"host: h\naccounts: [{user: a, pass: b}, {user: c, pass: d}]\nprovision: {lmtp: h, recipient: x}\n", 3,
     33, "all accounts would share the mailbox x", "{user}"},
    {"host: h\naccounts: [{user: 'a> b', pass: b}]\nprovision: {smtp: h}\n", 2, 19, "no address", ""},
    {"host: h\nprovision: {command: x}\n", 2, 22, "command", ""},
    {"host: h\nprovision: {command: {reset: x}}\n", 2, 22, "deliver", ""},
    {"host: h\nprovision: {command: {deliver: x, empty: y}}\n", 2, 35, "unknown key 'empty'", ""},
    {"host: h\naccounts: [{user: a, pass: b}, {user: '$(reboot)', pass: c}]\n"
     "provision: {command: {deliver: 'cat > /m/{user}'}}\n",
     2, 39, "cannot stand in a command", "POP3SPEC_USER"},
    {"host: h\naccounts: [{user: '-rf', pass: b}]\nprovision: {command: {reset: 'rm {user}', deliver: x}}\n",
     2, 19, "cannot stand in a command", ""},
    {"host: h\nprovision: {maildir: a, mbox: b}\n", 2, 25, "names both maildir and mbox", ""},
    {"host: h\nprovision: {line-ends: lf}\n", 2, 12, "none of maildir, mbox, lmtp, smtp and command", ""},
    {"host: h\nprovision: {maildir: a, lock: dot}\n", 2, 25, "a maildir needs none", ""},
    {"host: h\nprovision: {mbox: a, lock: flock}\n", 2, 28, "lock", ""},
    {"host: h\naccounts: [{user: a, pass: b}, {user: c, pass: d}]\nprovision: {mbox: /var/mail/x}\n", 3, 19,
     "all accounts would share the mailbox /var/mail/x", "{user}"},
    {"host: h\nhealth: {log: l, log-pattern: '('}\n", 2, 31, "no extended regular expression", ""},
    {"host: h\nhealth: {log-pattern: x}\n", 2, 9, "of no use without log", ""},
    {"host: h\ntimeouts: {reply: 10}\n", 2, 19, "reply must be a time", "300ms"},
    {"host: h\ntimeouts: {reply: 90000s}\n", 2, 19, "reply must be a time", "at most a day"},
    {"host: h\ntimeouts: {reply: -1s}\n", 2, 19, "reply must be a time", ""},
    {"- host: h\n", 1, 1, "target file", ""},
};

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    unsetenv("POP3SPEC_NO_SUCH");
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const struct mistake *mistake = &mistakes[i];
        struct target target;
        struct error error;

        if (load(&target, mistake->text, &error))
            fail_msg("taken: %s", mistake->text);
        if (error.line != mistake->line || error.column != mistake->column ||
            strstr(error.text, mistake->what) == NULL || strstr(error.hint, mistake->hint) == NULL)
            fail_msg("%sgot %u:%u: %s (%s)", mistake->text, error.line, error.column, error.text, error.hint);
        assert_string_equal(error.file, "/etc/lab/target.yaml");
        assert_int_equal(error.kind, ERROR_USAGE);
        target_release(&target);
    }
}

static void mail_servers_have_ports_of_their_own(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        uint16_t port;
    } files[] = {
        {"host: h\nprovision: {lmtp: m}\n", "m", 24},
        {"host: h\nprovision: {smtp: m}\n", "m", 25},
        {"host: h\nprovision: {lmtp: '[::1]:2424', recipient: '{user}@example.org'}\n", "::1", 2424},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct target target;
        struct error error;

        if (!load(&target, files[i].text, &error))
            fail_msg("%s", error.text);
        assert_string_equal(target.mail_host, files[i].host);
        assert_int_equal(target.mail_port, files[i].port);
        target_release(&target);
    }
}

/* A name with anything in it that a shell reads can still be used by way of the environment. */
static void a_command_may_leave_the_name_to_the_environment(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    assert_true(load(&target,
                     "host: h\n"
                     "accounts: [{user: \"a'; reboot\", pass: b}]\n"
                     "provision: {command: {deliver: 'deliver \"$POP3SPEC_USER\"'}}\n",
                     &error));
    assert_int_equal(target.provision, TARGET_PROVISION_COMMAND);
    assert_null(target.command_reset);
    assert_string_equal(target.command_folder, "/etc/lab/");
    target_release(&target);
}

static void contradictions_name_the_file(void **state)
{
    struct target target;
    struct error error;

    (void)state;
    assert_false(load(&target, "host: h\ntls: {use: implicit}\n", &error));
    assert_string_equal(error.file, "/etc/lab/target.yaml");
    assert_non_null(strstr(error.text, "no port for it is known"));
    target_release(&target);
}

static void a_password_file_gives_its_first_line(void **state)
{
    char name[] = "/tmp/pop3spec-pass-XXXXXX";
    int file = mkstemp(name);
    struct target target;
    struct error error;
    char text[256];

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(write(file, "two words\r\nnot this\n", 20), 20);
    close(file);
    snprintf(text, sizeof(text), "host: h\naccounts: [{user: a, pass-file: %s}]\n", name);
    assert_true(load(&target, text, &error));
    assert_string_equal(target.accounts[0].pass, "two words");
    target_release(&target);
    unlink(name);
    assert_false(load(&target, text, &error));
    target_release(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file_is_read),
        cmocka_unit_test(accounts_have_tokens),
        cmocka_unit_test(a_host_is_enough),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(mail_servers_have_ports_of_their_own),
        cmocka_unit_test(a_command_may_leave_the_name_to_the_environment),
        cmocka_unit_test(contradictions_name_the_file),
        cmocka_unit_test(a_password_file_gives_its_first_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
