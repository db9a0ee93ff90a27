"""What every server of scripts/interop needs: a temporary folder, ports, a certificate, a process, an orderly end.

The state of a started server is build/interop/NAME/state.json (another folder than build/interop is named by
POP3SPEC_INTEROP_STATE, so that two runs do not meet): its folder and the processes that we started, each with
its start time, so that `stop` ends exactly those and their children, even when numbers were used again since.
"""

import json
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ACCOUNTS = 8  # as many sessions as the suite opens side by side
READY_SECONDS = 30
STOP_SECONDS = 10

# Below the kernel's range for outgoing connections, so that none of those takes a port between choosing and using it.
PORTS = range(20000, 32000)


class Trouble(Exception):
    """The host lacks something, or a server does not come up: a sentence for the user."""


def start_time(pid):
    """When a process began, in ticks since boot (field 22 of its stat file); None if there is no such process."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def children_of(pid):
    """All processes below PID, whatever their depth."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        below = parents.get(left.pop(), [])
        found += below
        left += below
    return found


def wait_for_end(pid, started, seconds):
    """Waits until the process is gone; False if it is still there after so many seconds."""
    if start_time(pid) != started:
        return True
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000)) or start_time(pid) != started
    finally:
        os.close(descriptor)


def send_signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it has ended by itself since we looked


def end_process(pid, started):
    """Asks the process and its children to end, and forces those that do not."""
    if start_time(pid) != started:
        return
    family = [(pid, started)] + [(child, start_time(child)) for child in children_of(pid)]
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        for member, member_started in family:
            if member_started is not None and start_time(member) == member_started:
                send_signal(member, number)
        if all(wait_for_end(member, member_started, patience) for member, member_started in family):
            return
    raise Trouble(f"process {pid} does not end")


class Lab:
    def __init__(self, root, name, server_folder):
        self.root = pathlib.Path(root)
        self.name = name
        self.server_folder = pathlib.Path(server_folder)
        self.folder = pathlib.Path(os.environ.get("POP3SPEC_INTEROP_STATE") or self.root / "build/interop") / name
        self.accounts = [(f"test{number}", f"secret{number}") for number in range(1, ACCOUNTS + 1)]
        self.work = None
        self.processes = []

    @staticmethod
    def fail(text):
        raise Trouble(text)

    def require_program(self, program):
        # /usr/sbin is not in everybody's path.
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            self.fail(f"the program {program} is missing: scripts/deps interop")

    @property
    def state_file(self):
        return self.folder / "state.json"

    @property
    def target_file(self):
        return self.folder / "target.yaml"

    def read_state(self):
        try:
            return json.loads(self.state_file.read_text())
        except FileNotFoundError:
            return None

    def is_running(self):
        state = self.read_state()
        return bool(state) and all(start_time(entry["pid"]) == entry["started"] for entry in state["processes"])

    def write_state(self):
        state = {"work": str(self.work), "processes": self.processes}
        partial = self.state_file.with_suffix(".part")
        partial.write_text(json.dumps(state) + "\n")
        partial.replace(self.state_file)

    def make_work_folder(self):
        """A short path below /tmp: the names of Unix sockets that servers put there have no more than 107 octets."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix=f"pop3spec-{self.name}-", dir="/tmp"))
        self.work.chmod(0o755)
        self.write_state()

    def free_ports(self, count):
        """Ports of 127.0.0.1 that nobody listens on; held all at once, so that they differ."""
        held = []
        try:
            for port in random.sample(PORTS, 1000):
                holder = socket.socket()
                holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    holder.bind(("127.0.0.1", port))
                except OSError:
                    holder.close()
                    continue
                held.append(holder)
                if len(held) == count:
                    return [holder.getsockname()[1] for holder in held]
        finally:
            for holder in held:
                holder.close()
        return self.fail("no free port on 127.0.0.1")

    def make_certificate(self):
        """cert.pem and key.pem: one self-signed certificate for localhost, which is its own authority."""
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                   "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                   "-keyout", str(self.work / "key.pem"), "-out", str(self.work / "cert.pem")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.fail(f"openssl made no certificate: {done.stderr.strip()}")

    def fill_template(self, name, path, **values):
        """Writes the server's template to PATH with each @KEY@ replaced; @WORK@ is the temporary folder."""
        text = (self.server_folder / name).read_text()
        for key, value in {"WORK": self.work, **values}.items():
            text = text.replace(f"@{key}@", str(value))
        path.write_text(text)
        return path

    def spawn(self, command, environment=None, name="server"):
        """Starts a process that stays in the foreground, in a session of its own; its id is in WORK/NAME.pid."""
        with open(self.work / "output.log", "ab") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       start_new_session=True, cwd="/", env=environment)
        self.processes.append({"pid": process.pid, "started": start_time(process.pid)})
        (self.work / f"{name}.pid").write_text(f"{process.pid}\n")
        self.write_state()
        return process

    def logs(self):
        return "".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.work.glob("*.log")))

    def wait_until_ready(self, process, port, greeting=b"+OK"):
        """Connects until the server greets (b"": until it listens). Between two tries it waits for the process to end,
        at most 50 ms: there is no event for "somebody listens now", and a server that died is noticed at once."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=READY_SECONDS) as connection:
                    if connection.recv(len(greeting)) == greeting:
                        return
            except OSError:
                pass
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            self.fail(f"{self.name} ended with {process.returncode}:\n{self.logs()}")
        self.fail(f"{self.name} did not greet on port {port} within {READY_SECONDS} s:\n{self.logs()}")

    def write_target(self, facts):
        """The target file (see harness/target/README.md): what the server's module says about it, and the test accounts."""
        apop = ", apop: true" if facts["apop"] else ""
        lines = [f"target: {self.name}", f"software: {json.dumps(facts['software'])}",
                 f"repeat: scripts/interop {self.name} run", "host: 127.0.0.1", f"port: {facts['port']}", f"tls: {facts['tls']}",
                 "accounts:"]
        lines += [f"  - {{user: {user}, pass: {secret}{apop}}}" for user, secret in self.accounts]
        lines += [f"provision: {facts['provision']}", f"health: {facts['health']}",
                  "bad-logins: together"]  # all servers are set up so that wrong passwords have no consequences
        self.target_file.write_text("\n".join(lines) + "\n")

    def stop(self):
        """Ends what the state file names and removes the temporary folder; nothing to do is no error."""
        state = self.read_state()
        if state is None:
            return
        for entry in state["processes"]:
            end_process(entry["pid"], entry["started"])
        work = pathlib.Path(state["work"])
        if work.name.startswith(f"pop3spec-{self.name}-"):
            shutil.rmtree(work, ignore_errors=True)
        self.target_file.unlink(missing_ok=True)
        self.state_file.unlink()


def say(text):
    print(f"interop: {text}", file=sys.stderr)
