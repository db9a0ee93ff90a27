"""Mailboxes are filled by LMTP, SMTP and commands, and emptied by POP3 where nothing else empties them.

The target is `pop3spec serve` over Maildirs; the mail server is ours, and delivers into them: at once (LMTP), a little
later and with a header field more (SMTP), or not at all, in every way that a mail server can fail.
"""

import threading
import unittest

from program import Listener, run
from serving import Serving

USERS = {"anna": "one", "bert": "two"}
SELECTION = ("rfc1939/dele", "rfc1939/snapshot", "rfc1939/uidl", "rfc1939/top")
RESET_BY_ENVIRONMENT = 'rm -f mail/"$POP3SPEC_USER"/Maildir/*/*'
LEFT_OVER = b"Subject: left over\r\n\r\nfrom another day\r\n"


class MailServer:
    """Handles a connection of LMTP or SMTP. REPLIES maps a keyword, or MESSAGE, to what is answered instead."""

    def __init__(self, serving, replies=None, delay_seconds=0, added=b""):
        self.serving = serving
        self.replies = replies or {}
        self.delay_seconds = delay_seconds
        self.added = added
        self.count = 0
        self.lock = threading.Lock()
        self.recipients = set()

    def deliver(self, user, message):
        with self.lock:
            self.count += 1
            name = f"{1000000000 + self.count}.test"
        folder = self.serving.maildir(user)
        (folder / "tmp" / name).write_bytes(self.added + message)
        (folder / "tmp" / name).rename(folder / "new" / name)

    def take(self, user, message):
        """LMTP answers when the message is in the mailbox, SMTP before."""
        if "MESSAGE" in self.replies:
            return
        if self.delay_seconds > 0:
            threading.Timer(self.delay_seconds, self.deliver, (user, message)).start()
        else:
            self.deliver(user, message)

    def read_message(self, line):
        message = b""
        while (text := line.read_line()) != b".":
            message += (text[1:] if text.startswith(b".") else text) + b"\r\n"
        return message

    def __call__(self, line):
        line.send(self.replies.get("GREETING", b"220 ready\r\n"))
        user = None
        while True:
            command = line.read_line().decode()
            keyword = command.split(" ")[0]
            if keyword in self.replies:
                line.send(self.replies[keyword])
            elif keyword in ("LHLO", "EHLO"):
                line.send(b"250-test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif keyword == "RCPT":
                self.recipients.add(command)
                user = command.partition("<")[2].partition("@")[0].rstrip(">")
                line.send(b"250 ok\r\n")
            elif keyword == "DATA":
                line.send(b"354 go on\r\n")
                message = self.read_message(line)
                self.take(user, message)
                line.send(self.replies.get("MESSAGE", b"250 taken\r\n"))
            elif keyword == "QUIT":
                line.send(b"221 bye\r\n")
                return
            else:
                line.send(b"250 ok\r\n")


def write_target(serving, provision, timeouts="{reply: 10s}"):
    path = serving.path / "target.yaml"
    accounts = "".join(f"  - {{user: {user}, pass: {secret}}}\n" for user, secret in serving.users.items())
    path.write_text(f"host: 127.0.0.1\nport: {serving.port}\ntls: {{starttls: false}}\naccounts:\n{accounts}"
                    f"provision: {provision}\ntimeouts: {timeouts}\n")
    return path


class Provision(unittest.TestCase):
    def serving(self):
        return Serving([LEFT_OVER, LEFT_OVER], USERS)

    def run_suite(self, target, *selection):
        done = run("run", "--target", target, *(selection or SELECTION))
        self.assertNotIn("runtime error", done.stderr)
        return done

    def assert_kept(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(" pass", done.stdout)
        self.assertNotIn("blocked", done.stdout)
        self.assertNotIn("\nFAIL", done.stdout)
        self.assertNotIn(" error", done.stdout)

    def assert_stopped(self, done, what):
        """Nothing ran, it is said once, and why."""
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count(what), 1, done.stderr)
        self.assertNotIn("Cases", done.stdout)
        self.assertLess(len(done.stderr.splitlines()), 4)

    def by_mail(self, way, server, recipient="{user}", timeouts="{reply: 10s}", selection=()):
        with Listener(server) as listener:
            provision = f"{{{way}: '{listener.address}', recipient: '{recipient}'}}"
            return self.run_suite(write_target(server.serving, provision, timeouts), *selection)

    def test_lmtp(self):
        with self.serving() as serving:
            server = MailServer(serving)
            done = self.by_mail("lmtp", server)
            self.assert_kept(done)
            self.assertEqual(server.recipients, {"RCPT TO:<anna>", "RCPT TO:<bert>"})
            self.assertGreater(server.count, 20)

    def test_smtp_that_delivers_later_and_adds_to_the_header(self):
        with self.serving() as serving:
            server = MailServer(serving, delay_seconds=0.2, added=b"Received: from test\r\n")
            done = self.by_mail("smtp", server, "{user}@example.org",
                                selection=("rfc1939/dele/hides-message", "rfc1939/snapshot/stat"))
            self.assert_kept(done)
            self.assertIn("RCPT TO:<anna@example.org>", server.recipients)
            self.assertIn("may arrive when the session is over", done.stdout)

    def test_mail_servers_that_fail(self):
        for replies, what in (
                ({"GREETING": b"554 go away\x1b[2J\r\n"}, "554 go away?[2J"),
                ({"LHLO": b"500 what?\r\n"}, "500 what?"),
                ({"RCPT": b"550 5.1.1 nobody\r\n"}, "550 5.1.1 nobody"),
                ({"DATA": b"hello\r\n"}, "what came is no reply"),
                ({"MAIL": b"250 ok\r\n250 again\r\n"}, "nothing had asked for"),
                ({"MAIL": b"250-ok\r\n" * 200}, "the reply does not end"),
                ({"MAIL": b"2" * 10000}, "the reply does not end"),
                ({"GREETING": b""}, "no answer before the time was up"),
                ({"MESSAGE": b"250 but it is nowhere\r\n"}, "holds 0 messages where 1 should have been delivered")):
            with self.subTest(what=what), self.serving() as serving:
                done = self.by_mail("lmtp", MailServer(serving, replies), timeouts="{provision: 1s}")
                self.assert_stopped(done, what)

    def test_a_mail_server_that_is_not_there(self):
        with self.serving() as serving:
            done = self.run_suite(write_target(serving, "{lmtp: '127.0.0.1:1'}"))
            self.assert_stopped(done, "LMTP to 127.0.0.1:1")

    def test_a_message_that_is_refused_skips_its_scenarios(self):
        """552 stands for a message that is too large; it is refused before all of it is sent."""
        with self.serving() as serving:
            class Picky(MailServer):
                def read_message(self, line):
                    message = super().read_message(line)
                    self.replies = {"MESSAGE": b"552 too large\r\n"} if len(message) > 5000 else {}
                    return message

            done = self.by_mail("lmtp", Picky(serving), selection=("robustness/survival",))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("the store does not take a message that it needs", done.stdout)

    def command(self, serving, deliver, reset="rm -f mail/{user}/Maildir/*/*", timeouts="{reply: 10s}"):
        provision = f"{{command: {{deliver: {deliver!r}, reset: {reset!r}}}}}"
        return self.run_suite(write_target(serving, provision, timeouts))

    DELIVER = ('n=$(ls mail/{user}/Maildir/new mail/{user}/Maildir/cur | wc -l) && f=$(date +%s%N).$n.$$ && '
               'cat > mail/{user}/Maildir/tmp/$f && mv mail/{user}/Maildir/tmp/$f mail/{user}/Maildir/new/$f')

    def test_command(self):
        """It runs in the folder of the target file."""
        with self.serving() as serving:
            self.assert_kept(self.command(serving, self.DELIVER))

    def test_a_name_that_would_be_a_command(self):
        """It reaches the command by the environment, as it is, and nothing of it is carried out."""
        name = "x';touch${IFS}hurt;'\"$(touch${IFS}hurt)`touch${IFS}hurt`"
        with Serving([], {name: "one"}) as serving:
            target = serving.path / "target.yaml"
            deliver = self.DELIVER.replace("mail/{user}", '"$D"')
            target.write_text(
                f"host: 127.0.0.1\nport: {serving.port}\ntls: {{starttls: false}}\n"
                f"accounts:\n  - user: {quote(name)}\n    pass: one\n"
                f"provision:\n  command:\n    reset: {quote(RESET_BY_ENVIRONMENT)}\n"
                f"    deliver: {quote('D=mail/$POP3SPEC_USER; ' + deliver)}\n")
            done = self.run_suite(target, "rfc1939/dele/hides-message")
            self.assert_kept(done)
            self.assertFalse((serving.path / "hurt").exists())

    def test_commands_that_fail(self):
        for deliver, reset, what in (
                ("echo the disk is full >&2; exit 3", "true", "ended with 3: the disk is full"),
                (self.DELIVER, "kill -9 $$", "was ended by signal 9"),
                ("sleep 600", "true", "does not end"),
                ("nonesuch-program", "true", "ended with 127"),
                ("sleep 600 & sleep 600", "true", "does not end")):
            with self.subTest(what=what), self.serving() as serving:
                self.assert_stopped(self.command(serving, deliver, reset, "{provision: 1s}"), what)

    def test_output_without_end_fills_no_memory_of_ours(self):
        with self.serving() as serving:
            done = self.command(serving, "head -c 20000000 /dev/zero; exit 1", "true")
            self.assert_stopped(done, "ended with 1: ????")
            self.assertLess(len(done.stderr), 2000)

    def test_a_command_that_does_not_empty_leaves_that_to_pop3(self):
        with self.serving() as serving:
            provision = f"{{command: {{deliver: {self.DELIVER!r}}}}}"
            self.assert_kept(self.run_suite(write_target(serving, provision), "rfc1939/dele"))


def quote(text):
    """As a YAML text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    unittest.main()
