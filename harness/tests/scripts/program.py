"""Runs pop3spec for the tests, and serves it what they want on loopback: each test says what it gets back."""

import os
import pathlib
import socket
import ssl
import subprocess
import threading

PROGRAM = os.environ["POP3SPEC"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
TIMEOUT_SECONDS = 120


def environment(**changes):
    """This process's, without what would change the program's ways, and with CHANGES."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "POP3SPEC_PASS") and not name.startswith("GITHUB_")}
    return {**kept, **changes}


def run(*arguments, text_input="", timeout=TIMEOUT_SECONDS, env=None, **more):
    """The finished process, with its output as text; what is not UTF-8 in it is an error."""
    return subprocess.run([PROGRAM, *map(str, arguments)], input=text_input, capture_output=True, encoding="utf-8",
                          timeout=timeout, check=False, env=env or environment(), **more)


class Listener:
    """A server whose every connection is handled by HANDLE(connection), in a thread of its own, until the block ends."""

    def __init__(self, handle, tls=None):
        self.handle = handle
        self.tls = tls
        self.connections = []
        self.seen = b""
        self.lock = threading.Lock()

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.connections.append(connection)
            self.handle(Line(connection, self))
        except (OSError, EOFError):
            pass
        finally:
            connection.close()

    def close(self):
        """Ends listening and every connection, as a server that dies does."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            connection.close()

    def __exit__(self, *_):
        if self.socket.fileno() >= 0:
            self.close()


class Line:
    """A connection as lines. What the client sends is remembered in the listener's `seen`."""

    def __init__(self, connection, listener):
        self.connection = connection
        self.listener = listener
        self.buffer = b""

    def send(self, octets):
        self.connection.sendall(octets)

    def read_some(self):
        octets = self.connection.recv(65536)
        if not octets:
            raise EOFError
        with self.listener.lock:
            self.listener.seen += octets
        return octets

    def read_line(self):
        while b"\n" not in self.buffer:
            self.buffer += self.read_some()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def drain(self):
        while True:
            self.read_some()


def closed_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def server_tls(certificate):
    """A server's TLS settings from a PEM file with certificate and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def mailbox(replies=None):
    """A handler that speaks just enough POP3; REPLIES maps a keyword to what is sent instead."""
    ordinary = {b"CAPA": b"+OK\r\nUSER\r\nTOP\r\nUIDL\r\n.\r\n", b"USER": b"+OK\r\n", b"PASS": b"+OK\r\n", b"NOOP": b"+OK\r\n",
                b"STAT": b"+OK 0 0\r\n", b"LIST": b"+OK\r\n.\r\n", b"UIDL": b"+OK\r\n.\r\n", b"RSET": b"+OK\r\n",
                b"QUIT": b"+OK\r\n", **(replies or {})}

    def handle(line):
        line.send(ordinary.get(b"GREETING", b"+OK ready\r\n"))
        while True:
            keyword = line.read_line().split(b" ")[0].upper()
            line.send(ordinary.get(keyword, b"-ERR\r\n"))
            if keyword == b"QUIT":
                return

    return handle
