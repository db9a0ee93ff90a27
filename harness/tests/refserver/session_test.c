/* The correct server, command by command and state by state: what it says to the letter. */
#include "pop3/command.h"
#include "refserver/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The maildrop that most conversations are about: 58, 49 and 35 octets. */
#define MAILDROP "deliver short\ndeliver dotted\ndeliver open\n"
#define LOGIN    "open\nC: USER u\nC: PASS secret word\n"

struct conversation {
    const char *name;
    const char *script;
    const char *said; /* with "|" for CRLF, behind the greeting of the last connection */
};

static void set_bare(struct talk *talk)
{
    struct policy policy;

    policy_init(&policy);
    policy.text = TEXT_NONE;
    policy.apop = false;
    refserver_set_policy(talk->server, &policy);
}

/* Words are no business of these: the policy says none, so that what is left is the protocol. */
static const struct conversation conversations[] = {
    {"USER and PASS", "open\nC: USER u\nC: PASS secret word\nC: QUIT", "+OK|+OK|+OK|+OK|<CLOSE>"},
    {"keywords in any case", "open\nC: user u\nC: pAsS secret word\nC: quit", "+OK|+OK|+OK|+OK|<CLOSE>"},
    {"wrong password", "open\nC: USER u\nC: PASS secret", "+OK|+OK|-ERR [AUTH]|"},
    {"password with blank", "open\nC: USER u\nC: PASS secret word ", "+OK|+OK|-ERR [AUTH]|"},
    {"unknown user", "open\nC: USER nobody\nC: PASS secret word", "+OK|+OK|-ERR [AUTH]|"},
    {"again after failure", "open\nC: USER u\nC: PASS x\nC: USER u\nC: PASS secret word\nC: STAT",
     "+OK|+OK|-ERR [AUTH]|+OK|+OK|+OK 0 0|"},
    {"PASS without USER", "open\nC: PASS secret word", "+OK|-ERR|"},
    {"PASS behind failed PASS", "open\nC: USER u\nC: PASS x\nC: PASS secret word",
     "+OK|+OK|-ERR [AUTH]|-ERR|"},
    {"PASS not immediately behind USER", "open\nC: USER u\nC: NOOP\nC: PASS secret word",
     "+OK|+OK|-ERR|-ERR|"},
    {"USER twice", "open\nC: USER u\nC: USER u\nC: PASS secret word", "+OK|+OK|-ERR|-ERR|"},
    {"QUIT before login", "open\nC: QUIT", "+OK|+OK|<CLOSE>"},
    {"wrong state", "open\nC: STAT\nC: LIST\nC: RETR 1\nC: DELE 1\nC: NOOP\nC: RSET\nC: TOP 1 1\nC: UIDL",
     "+OK|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"login twice", LOGIN "C: USER u\nC: PASS secret word\nC: AUTH PLAIN", "+OK|+OK|+OK|-ERR|-ERR|-ERR|"},
    {"STAT", MAILDROP LOGIN "C: STAT\nC: DELE 2\nC: STAT", "+OK|+OK|+OK|+OK 3 142|+OK|+OK 2 93|"},
    {"LIST", MAILDROP LOGIN "C: LIST\nC: DELE 1\nC: LIST\nC: LIST 2\nC: LIST 1\nC: LIST 4",
     "+OK|+OK|+OK|+OK|1 58|2 49|3 35|.|+OK|+OK|2 49|3 35|.|+OK 2 49|-ERR|-ERR|"},
    {"LIST of nothing", LOGIN "C: LIST\nC: UIDL\nC: STAT", "+OK|+OK|+OK|+OK|.|+OK|.|+OK 0 0|"},
    {"RETR", "deliver short\n" LOGIN "C: RETR 1",
     "+OK|+OK|+OK|+OK|Subject: one|From: a.b@c||first line  |second|third|.|"},
    {"RETR of dots", "deliver dotted\n" LOGIN "C: RETR 1",
     "+OK|+OK|+OK|+OK|..first: line|Subject: dots||..|...|..x||a.b|.|"},
    {"RETR of LF", "deliver lf\n" LOGIN "C: RETR 1\nC: LIST 1",
     "+OK|+OK|+OK|+OK|Subject: lf||body|..dot|.|+OK 1 27|"},
    {"RETR without final newline", "deliver open\n" LOGIN "C: RETR 1",
     "+OK|+OK|+OK|+OK|Subject: no final newline||body|.|"},
    {"RETR of nothing", "deliver empty\n" LOGIN "C: RETR 1\nC: LIST 1\nC: TOP 1 3",
     "+OK|+OK|+OK|+OK|.|+OK 1 0|+OK|.|"},
    {"RETR of odd octets", "deliver odd\n" LOGIN "C: RETR 1",
     "+OK|+OK|+OK|+OK|Subject: odd||nul \\x00 here|\\xe4\\xf6|bare \\x0d inside|.|"},
    {"no such message",
     "deliver short\n" LOGIN "C: RETR 0\nC: RETR 2\nC: RETR 4294967297\nC: RETR 18446744073709551617\n"
     "C: RETR -1\nC: RETR 1x\nC: RETR x\nC: RETR\nC: RETR 1 0",
     "+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"TOP", "deliver short\n" LOGIN "C: TOP 1 0\nC: TOP 1 2\nC: TOP 1 3\nC: TOP 1 99999999999999999999",
     "+OK|+OK|+OK|+OK|Subject: one|From: a.b@c||.|+OK|Subject: one|From: a.b@c||first line  |second|.|"
     "+OK|Subject: one|From: a.b@c||first line  |second|third|.|"
     "+OK|Subject: one|From: a.b@c||first line  |second|third|.|"},
    {"TOP of dots", "deliver dotted\n" LOGIN "C: TOP 1 2",
     "+OK|+OK|+OK|+OK|..first: line|Subject: dots||..|...|.|"},
    {"TOP with wrong arguments",
     "deliver short\n" LOGIN "C: TOP 1\nC: TOP\nC: TOP 1 -1\nC: TOP 1 x\nC: TOP 2 1",
     "+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"UIDL", "deliver open\n" LOGIN "C: UIDL\nC: UIDL 1\nC: DELE 1\nC: UIDL\nC: UIDL 1",
     "+OK|+OK|+OK|+OK|1 00000001.29595de427d83852|.|+OK 1 00000001.29595de427d83852|+OK|+OK|.|-ERR|"},
    {"DELE hides", MAILDROP LOGIN "C: DELE 1\nC: DELE 1\nC: RETR 1\nC: TOP 1 0\nC: LIST 1\nC: UIDL 1",
     "+OK|+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"RSET", MAILDROP LOGIN "C: DELE 1\nC: DELE 2\nC: RSET\nC: STAT\nC: QUIT\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|+OK|+OK|+OK 3 142|+OK|<CLOSE>+OK|+OK|+OK|+OK 3 142|"},
    {"NOOP", LOGIN "C: NOOP\nC: NOOP x", "+OK|+OK|+OK|+OK|-ERR|"},
    {"QUIT removes", MAILDROP LOGIN "C: DELE 2\nC: QUIT\n" LOGIN "C: LIST",
     "+OK|+OK|+OK|+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK|1 58|2 35|.|"},
    {"end keeps", MAILDROP LOGIN "C: DELE 2\nend\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK 3 142|"},
    {"drop keeps", MAILDROP LOGIN "C: DELE 2\ndrop\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK|+OK|+OK|+OK|+OK 3 142|"},
    {"lock", LOGIN LOGIN "use 1\nC: QUIT\nuse 2\nC: USER u\nC: PASS secret word",
     "+OK|+OK|+OK|+OK|+OK|-ERR [IN-USE]|+OK|<CLOSE>+OK|+OK|"},
    {"lock and end", LOGIN "end\n" LOGIN "drop\n" LOGIN, "+OK|+OK|+OK|<CLOSE>+OK|+OK|+OK|+OK|+OK|+OK|"},
    {"wrong password before lock", LOGIN "open\nC: USER u\nC: PASS x", "+OK|+OK|+OK|+OK|+OK|-ERR [AUTH]|"},
    {"new mail waits", "deliver short\n" LOGIN "deliver short\nC: STAT\nC: RETR 2\nC: QUIT\n" LOGIN "C: STAT",
     "+OK|+OK|+OK|+OK 1 58|-ERR|+OK|<CLOSE>+OK|+OK|+OK|+OK 2 116|"},
    {"UTF-8 mode",
     "deliver raw\ndeliver short\n" LOGIN "C: RETR 1\nC: TOP 1 0\nC: LIST\nC: RETR 2\nend\n"
     "open\nC: UTF8\nC: UTF8\nC: USER u\nC: PASS secret word\nC: TOP 1 0\nC: UTF8",
     "+OK|+OK|+OK|-ERR [UTF8]|-ERR [UTF8]|+OK|1 53|2 58|.|+OK|Subject: one|From: a.b@c||first line  "
     "|second|third|.|<CLOSE>"
     "+OK|+OK|+OK|+OK|+OK|+OK|Subject: gr\\xc3\\xbc\\xc3\\x9f| dich|From: p\\xc3\\xa9@b.c|X: y||.|-ERR|"},
    {"names in UTF-8",
     "open\nC: USER pele\\xCC\\x81\nC: PASS cle\\xCC\\x81-d'e\\xCC\\x81te\\xCC\\x81\nopen\nC: USER "
     "pel\\xE9\nC: USER \\xEE\\x80\\x80\n"
     "C: USER u\nC: PASS secret word\\xC3\nC: USER u\nC: PASS secret word",
     "+OK|+OK|+OK|+OK|-ERR|-ERR|+OK|-ERR [AUTH]|+OK|+OK|"},
    {"languages",
     "open\nC: LANG\nC: LANG FR\nC: LANG fra\nC: LANG *\nC: LANG en-GB\nC: LANG en de\nC: LANG -\nC: "
     "STLS\nC: LANG I-",
     "+OK|+OK|en English|de Deutsch|i-default|fr Fran\\xc3\\xa7ais|.|+OK fr |-ERR|+OK en "
     "|-ERR|-ERR|-ERR|+OK|<TLS>-ERR|"},
    {"unknown commands", LOGIN "C: FOO\nC: \nC: STATUS\nC: LAST\nC: XTND x\nC: RPOP x",
     "+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"syntax", LOGIN "C:  NOOP\nC: NOOP \nC: LIST  1\nC: STAT\\t\nC: NOOP\\r\nC: NO\\0OP\nC: NOOP\\x01",
     "+OK|+OK|+OK|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|-ERR|"},
    {"bare LF", LOGIN "R: NOOP\\n\nC: NOOP", "+OK|+OK|+OK|-ERR|+OK|"},
    {"pipelining", MAILDROP LOGIN "R: STAT\\r\\nDELE 1\\r\\nSTAT\\r\\nQUIT\\r\\nNOOP\\r\\n",
     "+OK|+OK|+OK|+OK 3 142|+OK|+OK 2 84|+OK|<CLOSE>"},
    {"pipelined login", "open\nR: USER u\\r\\nPASS secret word\\r\\nSTAT\\r\\n", "+OK|+OK|+OK|+OK 0 0|"},
    {"CAPA", "open\nC: CAPA\nC: USER u\nC: CAPA\nC: PASS secret word\nC: CAPA\nC: CAPA x",
     "+OK|"
     "+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|UTF8 USER|LANG|IMPLEMENTATION pop3spec-refserver|.|"
     "+OK|"
     "+OK|TOP|USER|SASL " TALK_MECHANISMS "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|STLS|EXPIRE "
     "NEVER|UIDL|UTF8 USER|LANG|IMPLEMENTATION pop3spec-refserver|.|"
     "+OK|"
     "+OK|TOP|USER|SASL " TALK_MECHANISMS
     "|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE NEVER|UIDL|UTF8 USER|LANG|IMPLEMENTATION "
     "pop3spec-refserver|.|"
     "-ERR|"},
    {"STLS", "open\nC: STLS\nC: STLS\nC: USER u\nC: PASS secret word\nC: STLS",
     "+OK|+OK|<TLS>-ERR|+OK|+OK|-ERR|"},
    {"STLS forgets USER", "open\nC: USER u\nC: STLS\nC: PASS secret word", "+OK|+OK|+OK|<TLS>-ERR|"},
    {"STLS drops what follows", "open\nR: STLS\\r\\nCAPA\\r\\nNO\nC: OP\nC: QUIT",
     "+OK|+OK|<TLS>-ERR|+OK|<CLOSE>"},
    {"STLS behind login", LOGIN "C: STLS", "+OK|+OK|+OK|-ERR|"},
    {"STLS with argument", "open\nC: STLS now", "+OK|-ERR|"},
    {"implicit TLS", "open tls\nC: STLS\nC: USER u\nC: PASS secret word\nC: QUIT",
     "+OK|-ERR|+OK|+OK|+OK|<CLOSE>"},
    {"AUTH PLAIN", "open\nC: AUTH PLAIN\nC: AHUAc2VjcmV0IHdvcmQ=\nC: STAT", "+OK|+ |+OK|+OK 0 0|"},
    {"AUTH PLAIN with identity", "open\nC: AUTH PLAIN\nC: dQB1AHNlY3JldCB3b3Jk", "+OK|+ |+OK|"},
    {"AUTH LOGIN", "open\nC: AUTH LOGIN\nC: dQ==\nC: c2VjcmV0IHdvcmQ=\nC: STAT",
     "+OK|+ VXNlcm5hbWU6|+ UGFzc3dvcmQ6|+OK|+OK 0 0|"},
    {"AUTH LOGIN wrong", "open\nC: AUTH LOGIN\nC: dQ==\nC: eA==\nC: STAT",
     "+OK|+ VXNlcm5hbWU6|+ UGFzc3dvcmQ6|-ERR [AUTH]|-ERR|"},
    {"AUTH LOGIN cancelled at the second prompt", "open\nC: AUTH LOGIN\nC: dQ==\nC: *\nC: NOOP",
     "+OK|+ VXNlcm5hbWU6|+ UGFzc3dvcmQ6|-ERR|-ERR|"},
    {"AUTH LOGIN with initial response", "open\nC: AUTH LOGIN dQ==", "+OK|-ERR|"},
    {"AUTH SCRAM-SHA-1",
     "open\nC: AUTH SCRAM-SHA-1 biwsbj11LHI9YWJj\nC: "
     "Yz1iaXdzLHI9YWJjOTEwYTJkZWM4OTAyNWNjMSxwPVN6UVBodVFXOWd2Smc3WG1UR1E5R2dmOTBGdz0=\nC: \nC: STAT",
     "+OK|+ cj1hYmM5MTBhMmRlYzg5MDI1Y2MxLHM9UXpiQUNqV1d4Z0lCaE56dixpPTQwOTY=|+ "
     "dj1uSzNob3FOeUlPa29XeTBNNHI5Y0I5aGlWUkk9|+OK|+OK 0 0|"},
    {"AUTH SCRAM-SHA-1 with something behind the signature",
     "open\nC: AUTH SCRAM-SHA-1 biwsbj11LHI9YWJj\nC: "
     "Yz1iaXdzLHI9YWJjOTEwYTJkZWM4OTAyNWNjMSxwPVN6UVBodVFXOWd2Smc3WG1UR1E5R2dmOTBGdz0=\nC: AAAA\nC: STAT",
     "+OK|+ cj1hYmM5MTBhMmRlYzg5MDI1Y2MxLHM9UXpiQUNqV1d4Z0lCaE56dixpPTQwOTY=|+ "
     "dj1uSzNob3FOeUlPa29XeTBNNHI5Y0I5aGlWUkk9|-ERR [AUTH]|-ERR|"},
    {"AUTH SCRAM-SHA-1 malformed", "open\nC: AUTH SCRAM-SHA-1 =\nC: STAT", "+OK|-ERR [AUTH]|-ERR|"},
    {"AUTH DIGEST-MD5",
     "open\nC: AUTH DIGEST-MD5\nC: "
     "dXNlcm5hbWU9InUiLHJlYWxtPSJwb3AuZXhhbXBsZSIsbm9uY2U9IjkxMGEyZGVjODkwMjVjYzEiLGNub25jZT0iYWJjIixuYz0wMDA"
     "wMDAwMSxkaWdlc3QtdXJpPSJwb3AvaCIscmVzcG9uc2U9OWMwZjk0Y2QxZThjOWQ0NGEyZDIyNmY0Mjg4ZGI2MDk=\nC: \nC: "
     "STAT",
     "+OK|+ "
     "cmVhbG09InBvcC5leGFtcGxlIixub25jZT0iOTEwYTJkZWM4OTAyNWNjMSIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2h"
     "hcnNldD11dGYtOA==|+ cnNwYXV0aD01NWYyNjZiN2NkZmRlODgwZDZlYzI3YTlmMWJiYjgyMQ==|+OK|+OK 0 0|"},
    {"AUTH DIGEST-MD5 with something behind the proof",
     "open\nC: AUTH DIGEST-MD5\nC: "
     "dXNlcm5hbWU9InUiLHJlYWxtPSJwb3AuZXhhbXBsZSIsbm9uY2U9IjkxMGEyZGVjODkwMjVjYzEiLGNub25jZT0iYWJjIixuYz0wMDA"
     "wMDAwMSxkaWdlc3QtdXJpPSJwb3AvaCIscmVzcG9uc2U9OWMwZjk0Y2QxZThjOWQ0NGEyZDIyNmY0Mjg4ZGI2MDk=\nC: AAAA\nC: "
     "STAT",
     "+OK|+ "
     "cmVhbG09InBvcC5leGFtcGxlIixub25jZT0iOTEwYTJkZWM4OTAyNWNjMSIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2h"
     "hcnNldD11dGYtOA==|+ cnNwYXV0aD01NWYyNjZiN2NkZmRlODgwZDZlYzI3YTlmMWJiYjgyMQ==|-ERR [AUTH]|-ERR|"},
    {"AUTH DIGEST-MD5 by an old proof",
     "open\nC: AUTH DIGEST-MD5\nC: *\nC: AUTH DIGEST-MD5\nC: "
     "dXNlcm5hbWU9InUiLHJlYWxtPSJwb3AuZXhhbXBsZSIsbm9uY2U9IjkxMGEyZGVjODkwMjVjYzEiLGNub25jZT0iYWJjIixuYz0wMDA"
     "wMDAwMSxkaWdlc3QtdXJpPSJwb3AvaCIscmVzcG9uc2U9OWMwZjk0Y2QxZThjOWQ0NGEyZDIyNmY0Mjg4ZGI2MDk=\nC: STAT",
     "+OK|+ "
     "cmVhbG09InBvcC5leGFtcGxlIixub25jZT0iOTEwYTJkZWM4OTAyNWNjMSIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2h"
     "hcnNldD11dGYtOA==|-ERR|+ "
     "cmVhbG09InBvcC5leGFtcGxlIixub25jZT0iYmVlYjhkYTE2NThlZWM2NyIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2h"
     "hcnNldD11dGYtOA==|-ERR [AUTH]|-ERR|"},
    {"AUTH DIGEST-MD5 of a client that comes back", "open\nC: AUTH DIGEST-MD5 AAAA\nC: =",
     "+OK|+ "
     "cmVhbG09InBvcC5leGFtcGxlIixub25jZT0iOTEwYTJkZWM4OTAyNWNjMSIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2h"
     "hcnNldD11dGYtOA==|-ERR|"},
    {"AUTH OAUTHBEARER", "open\nC: AUTH OAUTHBEARER bixhPXUsAWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB\nC: STAT",
     "+OK|+OK|+OK 0 0|"},
    {"AUTH OAUTHBEARER without a name",
     "open\nC: AUTH OAUTHBEARER\nC: biwsAWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB\nC: STAT", "+OK|+ |+OK|+OK 0 0|"},
    {"AUTH OAUTHBEARER for another",
     "open\nC: AUTH OAUTHBEARER bixhPW1yb3NlLAFhdXRoPUJlYXJlciBhLnRva2VuLTEBAQ==\nC: AQ==\nC: STAT",
     "+OK|+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0=|-ERR [AUTH]|-ERR|"},
    {"AUTH OAUTHBEARER behind its own error result",
     "open\nC: AUTH OAUTHBEARER =\nC: biwsAWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB\nC: AUTH OAUTHBEARER AQ==\nC: *",
     "+OK|+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0=|-ERR [AUTH]|+ "
     "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0=|-ERR|"},
    {"AUTH XOAUTH2", "open\nC: AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIGEudG9rZW4tMQEB\nC: STAT",
     "+OK|+OK|+OK 0 0|"},
    {"AUTH XOAUTH2 wrong", "open\nC: AUTH XOAUTH2 AAAA\nC: \nC: STAT",
     "+OK|+ eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJtYWlsIn0=|-ERR [AUTH]|-ERR|"},
    {"AUTH PLAIN for another", "open\nC: AUTH PLAIN\nC: bXJvc2UAdQBzZWNyZXQgd29yZA==", "+OK|+ |-ERR [AUTH]|"},
    {"AUTH PLAIN at once", "open\nC: auth plain AHUAc2VjcmV0IHdvcmQ=", "+OK|+OK|"},
    {"AUTH PLAIN with nothing", "open\nC: AUTH PLAIN =", "+OK|-ERR [AUTH]|"},
    {"AUTH cancelled", "open\nC: AUTH PLAIN\nC: *\nC: AUTH PLAIN AHUAc2VjcmV0IHdvcmQ=", "+OK|+ |-ERR|+OK|"},
    {"AUTH with bad base 64",
     "open\nC: AUTH PLAIN\nC: AHUAc2VjcmV0IHdvcmQ\nC: AUTH PLAIN\nC: =AAA\nC: AUTH PLAIN A!==",
     "+OK|+ |-ERR|+ |-ERR|-ERR|"},
    {"AUTH with wrong password", "open\nC: AUTH PLAIN AHUAc2VjcmV0", "+OK|-ERR [AUTH]|"},
    {"AUTH without name", "open\nC: AUTH\nC: AUTH FOO\nC: AUTH CRAM-MD5 AHUA\nC: AUTH PLAIN A B",
     "+OK|-ERR|-ERR|-ERR|-ERR|"},
    {"failed AUTH keeps USER", "open\nC: USER u\nC: AUTH FOO\nC: PASS secret word", "+OK|+OK|-ERR|+OK|"},
};

static void says_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++) {
        struct talk talk;

        talk_init(&talk);
        set_bare(&talk);
        talk_play(&talk, conversations[i].script);
        char *said = talk_take(&talk);

        if (strcmp(said, conversations[i].said) != 0)
            print_error("%s\n", conversations[i].name);
        assert_string_equal(said, conversations[i].said);
        free(said);
        talk_release(&talk);
    }
}

/* The same octets come out, however those that go in are cut. A STLS line is left out: what it drops is cut-dependent. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++) {
        if (strcmp(conversations[i].name, "STLS drops what follows") == 0)
            continue;
        for (size_t cut_octets = 1; cut_octets <= 24; cut_octets++) {
            struct talk talk;

            talk_init(&talk);
            set_bare(&talk);
            talk.cut_octets = cut_octets;
            talk_play(&talk, conversations[i].script);
            char *said = talk_take(&talk);

            assert_string_equal(said, conversations[i].said);
            free(said);
            talk_release(&talk);
        }
    }
}

static void expect(struct talk *talk, const char *script, const char *expected)
{
    talk_play(talk, script);
    char *said = talk_take(talk);

    assert_string_equal(said, expected);
    free(said);
}

/* RFC 1939 sections 7 and 10, word for word: greeting, digest, texts. */
static void speaks_like_rfc_1939(void **state)
{
    struct policy policy;
    struct talk talk;
    struct error error;
    char message[201];

    (void)state;
    talk_init(&talk);
    policy_init_rfc(&policy);
    refserver_set_policy(talk.server, &policy);
    memset(message, 'x', sizeof(message));
    memcpy(message, "A: \r\n\r\n", 7);
    message[118] = '\r';
    message[119] = '\n';
    assert_true(refserver_deliver_as(talk.server, "mrose", "whqtswO00WBw418f9t5JxYwZ",
                                     bytes_make(message, 120), &error));
    message[198] = '\r';
    message[199] = '\n';
    assert_true(
        refserver_deliver_as(talk.server, "mrose", "QhdPYR:00WBw1Ph7x7", bytes_make(message, 200), &error));
    expect(&talk,
           "open\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nC: STAT\nC: LIST\nC: LIST 2\nC: LIST 3\nC: "
           "UIDL",
           "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>|"
           "+OK mrose's maildrop has 2 messages (320 octets)|+OK 2 320|+OK 2 messages (320 octets)|1 120|2 "
           "200|.|"
           "+OK 2 200|-ERR no such message, only 2 messages in maildrop|"
           "+OK|1 whqtswO00WBw418f9t5JxYwZ|2 QhdPYR:00WBw1Ph7x7|.|");
    expect(&talk, "C: DELE 1\nC: DELE 2\nC: DELE 2\nC: RSET\nC: DELE 1\nC: DELE 2\nC: QUIT",
           "+OK message 1 deleted|+OK message 2 deleted|-ERR message 2 already deleted|"
           "+OK maildrop has 2 messages (320 octets)|+OK message 1 deleted|+OK message 2 deleted|"
           "+OK dewey POP3 server signing off (maildrop empty)|<CLOSE>");
    expect(&talk, "open\nC: USER frated\nC: USER mrose\nC: QUIT",
           "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>|-ERR sorry, no mailbox for frated here|"
           "+OK mrose is a real hoopy frood|+OK dewey POP3 server signing off|<CLOSE>");
    talk_release(&talk);
}

/* RFC 2195 section 2. */
static void speaks_like_rfc_2195(void **state)
{
    struct policy policy;
    struct talk talk;

    (void)state;
    talk_init(&talk);
    policy_init_rfc(&policy);
    refserver_set_policy(talk.server, &policy);
    assert_true(refserver_add_user(talk.server, "tim", "tanstaaftanstaaf"));
    expect(&talk, "open\nC: AUTH CRAM-MD5\nC: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
           "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>|"
           "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+|+OK Maildrop locked and ready|");
    expect(&talk, "open\nC: AUTH CRAM-MD5\nC: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkx",
           "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>|"
           "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+|-ERR [AUTH] permission denied|");
    talk_release(&talk);
}

static void refuses_apop_with_wrong_digest(void **state)
{
    struct policy policy;
    struct talk talk;

    (void)state;
    talk_init(&talk);
    policy_init_rfc(&policy);
    policy.text = TEXT_NONE;
    refserver_set_policy(talk.server, &policy);
    expect(&talk,
           "open\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fc\nC: APOP mrose "
           "C4C9334BAC560ECC979E58001B3E22FB\n"
           "C: APOP nobody c4c9334bac560ecc979e58001b3e22fb\nC: APOP mrose\nC: USER mrose\n"
           "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb",
           "+OK <1896.697170952@dbc.mtview.ca.us>|-ERR [AUTH]|-ERR [AUTH]|-ERR [AUTH]|-ERR|+OK|-ERR|+OK|");
    talk_release(&talk);
}

static void greets_with_a_new_timestamp(void **state)
{
    struct talk talk;
    char *first;
    char *second;

    (void)state;
    talk_init(&talk);
    talk_play(&talk, "open");
    first = talk_take(&talk);
    talk_play(&talk, "open");
    second = talk_take(&talk);
    assert_string_not_equal(first, second);
    assert_memory_equal(first, "+OK pop.example POP3 server ready <1.", 37);
    assert_memory_equal(second, "+OK pop.example POP3 server ready <2.", 37);
    free(first);
    free(second);
    talk_release(&talk);
}

static void play_line(struct talk *talk, const char *start, size_t fill_octets, const char *end)
{
    struct buf line;

    buf_init(&line, BUF_UNBOUNDED);
    buf_append_text(&line, start);
    for (size_t i = 0; i < fill_octets; i++)
        buf_append_octet(&line, 'A');
    buf_append_format(&line, "%s\r\n", end);
    talk_send(talk, buf_bytes(&line));
    buf_release(&line);
}

/* RFC 2449 section 4: 255 octets with CRLF are owed an answer of their own; what is longer gets one -ERR. */
static void answers_long_lines_once(void **state)
{
    static const size_t sizes[] = {248, 249, 300, 505, 1024, 1025, 5000, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t cut_octets = 0; cut_octets <= 100; cut_octets += 50) {
            struct talk talk;

            talk_init(&talk);
            set_bare(&talk);
            talk.cut_octets = cut_octets;
            talk_play(&talk, "open");
            play_line(&talk, "USER ", sizes[i], "");
            play_line(&talk, "USER ", sizes[i], "\nQUIT\r\nCAPA X");
            expect(&talk, "C: QUIT",
                   sizes[i] <= 248 ? "+OK|+OK|-ERR|+OK|<CLOSE>" : "+OK|-ERR|-ERR|+OK|<CLOSE>");
            talk_release(&talk);
        }
}

static void logs_out_behind_ten_silent_minutes(void **state)
{
    struct talk talk;

    (void)state;
    talk_init(&talk);
    set_bare(&talk);
    expect(&talk, "open\nwait 599\nC: USER u\nwait 599\nC: PASS secret word\n", "+OK|+OK|+OK|");
    expect(&talk, "deliver short\nwait 599\nC: NOOP\nwait 599\nC: STAT\nwait 599", "+OK|+OK 0 0|");
    expect(&talk, "wait 1", "<CLOSE>");
    expect(&talk, "open\nC: USER u\nC: PASS secret word\nC: DELE 1\nwait 600", "+OK|+OK|+OK|+OK|<CLOSE>");
    expect(&talk, "open\nwait 600", "+OK|<CLOSE>");
    assert_int_equal(refserver_message_count(talk.server, "u"), 1);
    expect(&talk, "open\nC: USER u\nC: PASS secret word", "+OK|+OK|+OK|");
    talk_release(&talk);
}

/* The carrier is told when to come back, and a client that never reads is not waited for. */
static void gives_up_on_who_does_not_read(void **state)
{
    struct peer_info info = {0};
    struct talk talk;

    (void)state;
    talk_init(&talk);
    void *peer = refserver_peer_ops.open(talk.server, &info, 0);

    assert_int_equal(refserver_peer_ops.deadline(peer), 600 * US_PER_S);
    refserver_peer_ops.input(peer, BYTES_LITERAL("QUIT\r\n"), 5 * US_PER_S);
    assert_int_equal(refserver_peer_ops.wish(peer), PEER_CLOSE);
    refserver_peer_ops.tick(peer, 604 * US_PER_S);
    assert_int_equal(refserver_peer_ops.wish(peer), PEER_CLOSE);
    refserver_peer_ops.tick(peer, 605 * US_PER_S);
    assert_int_equal(refserver_peer_ops.wish(peer), PEER_ABORT);
    refserver_peer_ops.close(peer, 605 * US_PER_S);
    talk_release(&talk);
}

/* Commands without end, and never a reply taken: memory stays bounded, then the connection is cut off. */
static void cuts_off_endless_pipelining(void **state)
{
    struct peer_info info = {0};
    struct talk talk;
    struct buf commands;

    (void)state;
    talk_init(&talk);
    buf_init(&commands, BUF_UNBOUNDED);
    while (commands.size < 60000)
        buf_append_text(&commands, "NOOP\r\n");
    void *peer = refserver_peer_ops.open(talk.server, &info, 0);
    int count = 0;

    while (refserver_peer_ops.wish(peer) == PEER_READ && count < 1000) {
        refserver_peer_ops.input(peer, buf_bytes(&commands), 0);
        count++;
    }
    assert_int_equal(refserver_peer_ops.wish(peer), PEER_ABORT);
    assert_in_range(count, 18, 40);
    refserver_peer_ops.close(peer, 0);
    buf_release(&commands);
    talk_release(&talk);
}

/* A large message leaves in pieces, and the commands behind it wait their turn. */
static void streams_large_messages(void **state)
{
    struct talk talk;
    struct buf expected;

    (void)state;
    talk_init(&talk);
    set_bare(&talk);
    talk_play(&talk, "deliver large\n" LOGIN);
    buf_clear(&talk.output);
    talk_play(&talk, "R: LIST 1\\r\\nRETR 1\\r\\nNOOP\\r\\nTOP 1 1\\r\\nQUIT\\r\\n");
    buf_init(&expected, BUF_UNBOUNDED);
    buf_append_text(&expected, "+OK 1 131130\r\n+OK\r\n");
    size_t start = expected.size;

    talk_message("large", &expected);
    assert_int_equal(expected.size - start, 131130);
    /* The lines that begin with dots are 2001, and stuffing adds one octet to each. */
    const uint8_t *body = talk.output.data + start;
    size_t i = start;

    for (; i < expected.size; i++, body++) {
        if (*body == '.' && body[-1] == '\n')
            body++;
        assert_int_equal(*body, expected.data[i]);
    }
    assert_int_equal(body - talk.output.data - (ptrdiff_t)start, 131130 + 2001);
    assert_memory_equal(body, ".\r\n+OK\r\n+OK\r\nSubject: large", 27);
    assert_in_range(talk.largest_segment, 16 * 1024, 32 * 1024);
    buf_release(&expected);
    talk_release(&talk);
}

static void keeps_a_record_of_what_was_consulted(void **state)
{
    struct talk talk;

    (void)state;
    talk_init(&talk);
    assert_int_equal(refserver_seams_consulted(talk.server), 0);
    talk_play(&talk, "open");
    assert_int_equal(refserver_seams_consulted(talk.server),
                     1 << SEAM_TRANSITION | 1 << SEAM_REPLY | 1 << SEAM_WIRE);
    talk_play(&talk, "C: USER u\nC: PASS secret word\nC: STAT");
    assert_int_equal(refserver_seams_consulted(talk.server), (1 << SEAM_COUNT) - 1);
    assert_true(refserver_record(talk.server)->verbs[SEAM_COMMAND] & 1U << COMMAND_STAT);
    assert_false(refserver_record(talk.server)->verbs[SEAM_COMMAND] & 1U << COMMAND_LIST);
    assert_int_equal(refserver_record(talk.server)->sessions, 1);
    refserver_clear_record(talk.server);
    assert_int_equal(refserver_seams_consulted(talk.server), 0);
    talk_release(&talk);
}

static void provisions_users(void **state)
{
    struct talk talk;
    struct error error;
    struct buf octets;

    (void)state;
    talk_init(&talk);
    assert_false(refserver_add_user(talk.server, "u", "again"));
    assert_false(refserver_add_user(talk.server, "", "x"));
    assert_false(refserver_deliver(talk.server, "nobody", BYTES_LITERAL("x"), &error));
    assert_string_equal(error.text, "the reference server has no user 'nobody'");
    assert_true(refserver_deliver(talk.server, "u", BYTES_LITERAL("one"), &error));
    assert_true(refserver_deliver(talk.server, "u", BYTES_LITERAL("two\n"), &error));
    buf_init(&octets, 4096);
    assert_true(refserver_message(talk.server, "u", 1, &octets));
    assert_string_equal(buf_text(&octets), "two\n");
    assert_false(refserver_message(talk.server, "u", 2, &octets));
    talk_play(&talk, LOGIN);
    assert_true(refserver_reset(talk.server, "u", &error));
    assert_int_equal(refserver_message_count(talk.server, "u"), 0);
    /* What a session has open stays readable, and the account is free again. */
    buf_clear(&talk.output);
    set_bare(&talk);
    expect(&talk, "C: RETR 1\n" LOGIN "C: STAT", "+OK|one|.|+OK|+OK|+OK|+OK 0 0|");
    buf_release(&octets);
    talk_release(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_expected),
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(speaks_like_rfc_1939),
        cmocka_unit_test(speaks_like_rfc_2195),
        cmocka_unit_test(refuses_apop_with_wrong_digest),
        cmocka_unit_test(greets_with_a_new_timestamp),
        cmocka_unit_test(answers_long_lines_once),
        cmocka_unit_test(logs_out_behind_ten_silent_minutes),
        cmocka_unit_test(gives_up_on_who_does_not_read),
        cmocka_unit_test(cuts_off_endless_pipelining),
        cmocka_unit_test(streams_large_messages),
        cmocka_unit_test(keeps_a_record_of_what_was_consulted),
        cmocka_unit_test(provisions_users),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
