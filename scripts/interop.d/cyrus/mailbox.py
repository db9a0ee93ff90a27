#!/usr/bin/env python3
"""Empties or fills a Cyrus mailbox over IMAP: mailbox.py PORT SECRETS reset|deliver < MESSAGE

The account is $POP3SPEC_USER, and the file SECRETS holds a line "USER PASSWORD" for each. APPEND keeps messages as they
are, octet for octet. Exit status 65 says that the server does not take the message.
"""

import imaplib
import os
import pathlib
import re
import sys

REFUSED = 65


def check(answer):
    status, data = answer
    if status != "OK":
        sys.exit(f"{status}: {data}")


def reset(session):
    status, (count,) = session.select("INBOX")
    check((status, count))
    if int(count) > 0:
        check(session.store("1:*", "+FLAGS.SILENT", "\\Deleted"))
        check(session.expunge())


def deliver(session, message):
    # imaplib would turn a bare LF into CRLF; the literal goes out as it is by its own hand.
    imaplib.MapCRLF = re.compile(rb"(?!)")
    status, data = session.append("INBOX", None, None, message)
    if status != "OK":
        print(f"{status}: {data}", file=sys.stderr)
        sys.exit(REFUSED)


def main(port, secrets, action):
    user = os.environ["POP3SPEC_USER"]
    password = dict(line.split() for line in pathlib.Path(secrets).read_text().splitlines())[user]
    with imaplib.IMAP4("127.0.0.1", int(port), timeout=20) as session:
        session.login(user, password)
        if action == "reset":
            reset(session)
        else:
            deliver(session, sys.stdin.buffer.read())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except imaplib.IMAP4.error as trouble:
        sys.exit(f"IMAP: {trouble}")
