"""Real clients fetch mail from our reference server and delete it: without TLS, by STLS and with TLS from the start.

A server that only our own suite can talk to would prove nothing. Each client fetches three messages that are hard on
byte-stuffing and line ends, must have them whole, and leaves an empty maildrop behind.
"""

import pathlib
import poplib
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from serving import Serving  # noqa: E402  (found through the line above)

CLIENT_SECONDS = 60

BODIES = [
    b"A message without anything special.\r\n",
    b".\r\n..\r\n.one dot\r\n..two dots\r\n \r\n\r\nlast line\r\n.\r\n",
    b"gr\xc3\xbc\xc3\x9fe, " + b"x" * 900 + b"\r\n" + b"line\r\n" * 2000,
]
MESSAGES = [
    b"Message-ID: <%d@example.org>\r\nFrom: sender@example.org\r\nTo: reader@example.org\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nSubject: message %d\r\n\r\n" % (number, number) + body
    for number, body in enumerate(BODIES, 1)
]


def run_client(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, timeout=CLIENT_SECONDS,
                          **options)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout!r}\n{done.stderr!r}")
    return done.stdout


def fetch_with_curl(server, way):
    scheme, port = ("pop3s", server.tls_port) if way == "tls" else ("pop3", server.port)
    base = ["curl", "-q", "-sS", "--max-time", CLIENT_SECONDS, "-u", f"{server.user}:{server.password}"]
    if way != "plain":
        base += ["--cacert", server.certificate, "--ssl-reqd"]
    address = f"{scheme}://localhost:{port}/"
    listing = run_client([*base, address]).split(b"\r\n")
    numbers = [row.split()[0].decode() for row in listing if row]
    messages = [run_client([*base, address + number]) for number in numbers]
    for number in reversed(numbers):
        # With -l and a number curl expects no body, as DELE has none.
        run_client([*base, "-l", "-X", "DELE", address + number])
    return messages


def fetch_with_fetchmail(server, way):
    out, rc = server.path / "fetched", server.path / "fetchmailrc"
    tls = {
        "plain": "sslproto ''",
        "stls": f"sslproto 'TLS1.2+' sslcertck sslcertfile '{server.certificate}'",
        "tls": f"ssl sslproto 'TLS1.2+' sslcertck sslcertfile '{server.certificate}'",
    }[way]
    port = server.tls_port if way == "tls" else server.port
    rc.write_text(f"poll localhost service {port} protocol pop3 timeout 30\n"
                  f"  auth password user '{server.user}' password '{server.password}'\n"
                  f"  {tls} fetchall nokeep no rewrite mda \"cat >> '{out}'; echo '<end>' >> '{out}'\"\n")
    rc.chmod(0o600)
    run_client(["fetchmail", "--fetchmailrc", rc, "--nosyslog", "--invisible"],
               env={"FETCHMAILHOME": str(server.path), "PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return out.read_bytes().split(b"<end>\n")[:-1]


def fetch_with_mpop(server, way, mechanism="user"):
    inbox = server.path / "inbox"
    for name in ("new", "cur", "tmp"):
        (inbox / name).mkdir(parents=True)
    tls = ["--tls=off"]
    if way != "plain":
        tls = ["--tls=on", f"--tls-starttls={'on' if way == 'stls' else 'off'}",
               f"--tls-trust-file={server.certificate}"]
    port = server.tls_port if way == "tls" else server.port
    run_client(["mpop", "--host=localhost", f"--port={port}", f"--user={server.user}", f"--auth={mechanism}",
                f"--passwordeval=echo {server.password}", *tls, "--keep=off", "--only-new=off", "--received-header=off",
                f"--uidls-file={server.path / 'uidls'}", f"--delivery=maildir,{inbox}", "--timeout=30"])
    found = [path.read_bytes() for path in (inbox / "new").iterdir()]
    return sorted(found, key=lambda message: message.partition(b"Message-ID: ")[2])


def connect_poplib(server, way):
    context = ssl.create_default_context(cafile=str(server.certificate))
    if way == "tls":
        return poplib.POP3_SSL("localhost", server.tls_port, timeout=CLIENT_SECONDS, context=context)
    session = poplib.POP3("localhost", server.port, timeout=CLIENT_SECONDS)
    if way == "stls":
        session.stls(context)
    return session


def fetch_with_poplib(server, way):
    session = connect_poplib(server, way)
    session.user(server.user)
    session.pass_(server.password)
    messages = []
    for row in session.list()[1]:
        number = int(row.split()[0])
        messages.append(b"".join(line + b"\r\n" for line in session.retr(number)[1]))
        session.dele(number)
    session.quit()
    return messages


PERL = r"""
use strict; use warnings; use Net::POP3;
my ($way, $port, $user, $password, $certificate) = @ARGV;
my %tls = (SSL_ca_file => $certificate);
my $session = Net::POP3->new('localhost', Port => $port, Timeout => 30, $way eq 'tls' ? (SSL => 1, %tls) : ())
    or die "no connection: $@";
if ($way eq 'stls') { $session->starttls(%tls) or die 'no STLS: ' . $session->message; }
my $count = $session->login($user, $password);
defined $count or die 'no login: ' . $session->message;
binmode STDOUT;
for my $number (1 .. $count) {
    my $lines = $session->get($number) or die "no message $number";
    print @$lines, "<end>\n";
    $session->delete($number) or die "message $number is not deleted";
}
$session->quit or die 'no QUIT';
"""


def fetch_with_perl(server, way):
    port = server.tls_port if way == "tls" else server.port
    out = run_client(["perl", "-e", PERL, way, port, server.user, server.password, server.certificate])
    return out.split(b"<end>\n")[:-1]


class Clients(unittest.TestCase):
    def check(self, fetch, way):
        with Serving(MESSAGES) as server:
            messages = fetch(server, way)
            self.assertEqual(server.stored(), 0, "the client deleted everything")
        self.assertEqual(len(messages), len(MESSAGES))
        for message, sent in zip(messages, MESSAGES):
            headers, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
            sent_headers, _, sent_body = sent.replace(b"\r\n", b"\n").partition(b"\n\n")
            # Clients may add header fields (fetchmail adds Received), and take none away.
            self.assertLessEqual(set(sent_headers.split(b"\n")), set(headers.split(b"\n")))
            self.assertEqual(body, sent_body)


class MailInMemory(unittest.TestCase):
    """Without a Maildir a client finds fixtures, so that faults show without any preparation."""

    def subjects(self, *options):
        with Serving(None, options=options) as server:
            session = connect_poplib(server, "plain")
            session.user(server.user)
            session.pass_(server.password)
            found = [line for row in session.list()[1] for line in session.retr(int(row.split()[0]))[1]
                     if line.startswith(b"Subject: ")]
            session.quit()
            return found

    def test_default(self):
        self.assertEqual(len(self.subjects()), 3)

    def test_chosen(self):
        self.assertEqual(self.subjects("--fixture", "dotted", "--fixture", "dotted"), [b"Subject: dots"] * 2)

    def test_empty(self):
        self.assertEqual(self.subjects("--empty"), [])


def add_tests():
    """One test for each client and way, so that a failure names both."""
    clients = {"curl": fetch_with_curl, "fetchmail": fetch_with_fetchmail, "mpop": fetch_with_mpop,
               "poplib": fetch_with_poplib, "perl": fetch_with_perl}
    for client, fetch in clients.items():
        for way in ("plain", "stls", "tls"):
            def test(self, fetch=fetch, way=way):
                self.check(fetch, way)
            setattr(Clients, f"test_{client}_{way}", test)


def add_login_tests():
    """Ways to log in that only clients with SASL speak; curl and mpop each have their own code for them."""
    for mechanism in ("+APOP", "PLAIN", "CRAM-MD5"):
        def test_curl(self, mechanism=mechanism):
            with Serving(MESSAGES) as server:
                listing = run_client(["curl", "-q", "-sS", "--max-time", CLIENT_SECONDS, "--login-options",
                                      f"AUTH={mechanism}", "-u", f"{server.user}:{server.password}",
                                      f"pop3://localhost:{server.port}/"])
                self.assertEqual(len(listing.splitlines()), len(MESSAGES))

        def test_mpop(self, mechanism=mechanism.strip("+").lower()):
            self.check(lambda server, way: fetch_with_mpop(server, way, mechanism), "plain")

        name = mechanism.strip("+").lower().replace("-", "_")
        setattr(Clients, f"test_curl_login_{name}", test_curl)
        setattr(Clients, f"test_mpop_login_{name}", test_mpop)


add_tests()
add_login_tests()

if __name__ == "__main__":
    unittest.main()
