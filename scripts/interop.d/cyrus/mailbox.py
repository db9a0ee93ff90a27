#!/usr/bin/env python3
"""Empties and fills Cyrus' mailboxes over IMAP: mailbox.py PORT IMAP-PORT SECRETS

Stays, and answers what mailbox.sh asks on 127.0.0.1:PORT, since to start Python and to log in takes longer than most
scenarios. A request is a line "reset USER", or a line "deliver USER END" with the message behind it, a line end, and
the line END; the answer is a line "STATUS TEXT", STATUS being the exit status of the command. The file SECRETS holds a
line "USER PASSWORD" for each account. APPEND keeps messages as they are, octet for octet; what Cyrus does not take has
status 65.
"""

import imaplib
import pathlib
import re
import socketserver
import sys
import threading

DONE, FAILED, REFUSED = 0, 1, 65
REQUEST_SECONDS = 20


class Failure(Exception):
    """What the server said instead of OK."""


def check(answer):
    status, data = answer
    if status != "OK":
        raise Failure(f"{status}: {data}")
    return data


class Mailbox:
    """One account's mailbox. Between requests its session has nothing selected, and so holds nothing of it."""

    def __init__(self, port, user, password):
        self.port, self.user, self.password = port, user, password
        self.session = None
        self.lock = threading.Lock()

    def __enter__(self):
        self.lock.acquire()
        if self.session is None:
            self.session = imaplib.IMAP4("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
            self.session.login(self.user, self.password)
        return self

    def __exit__(self, kind, *_):
        if kind is not None and kind is not Failure:
            self.session = None  # nobody knows what it would say next
        self.lock.release()

    def reset(self):
        (count,) = check(self.session.select("INBOX"))
        if int(count) > 0:
            check(self.session.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
        check(self.session.close())

    def deliver(self, message):
        check(self.session.append("INBOX", None, None, message))


class Request(socketserver.StreamRequestHandler):
    timeout = REQUEST_SECONDS

    def read_message(self, end):
        """What comes up to the line END, which no message has in it."""
        mark, message = f"\n{end}\n".encode(), bytearray()
        while not message.endswith(mark):
            part = self.rfile.read1()
            if not part:
                raise Failure("the message does not end")
            message += part
        return bytes(message.removesuffix(mark))

    def carry_out(self, action, user, end=""):
        message = self.read_message(end) if action == "deliver" else b""
        with self.server.mailboxes[user] as mailbox:
            if action == "reset":
                mailbox.reset()
                return DONE, ""
            try:
                mailbox.deliver(message)
                return DONE, ""
            except Failure as failure:
                return REFUSED, failure

    def handle(self):
        request = self.rfile.readline().decode("ascii").split()
        if not request:
            return  # who only looks whether somebody listens
        try:
            status, text = self.carry_out(*request)
        except (OSError, imaplib.IMAP4.error, Failure) as trouble:
            status, text = FAILED, trouble
        self.wfile.write(f"{status} {' '.join(str(text).split())}\n".encode())


class Helper(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def main(port, imap_port, secrets):
    # imaplib would turn a bare LF into CRLF; the literal goes out as it is by its own hand.
    imaplib.MapCRLF = re.compile(rb"(?!)")
    accounts = [line.split() for line in pathlib.Path(secrets).read_text().splitlines()]
    with Helper(("127.0.0.1", int(port)), Request) as helper:
        helper.mailboxes = {user: Mailbox(int(imap_port), user, password) for user, password in accounts}
        helper.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
