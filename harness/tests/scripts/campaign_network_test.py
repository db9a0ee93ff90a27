"""Campaigns on machines with a network between them: two network namespaces stand for two machines, and rsync's daemon
and ssh carry what they share. Runs where one may make namespaces (`ip netns`); over ssh where there is an sshd.
"""

import os
import pathlib
import shutil
import subprocess
import time
import unittest

import campaign_test

MACHINE, OTHER = "192.0.2.1", "192.0.2.2"  # of documentation (RFC 5737): they are nobody's
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
READY_SECONDS = 20


def may_make_namespaces():
    """Root may, but not in every container."""
    name = f"pop3spec-try-{os.getpid()}"
    tried = f"ip netns add {name} && ip netns exec {name} ip link add try type veth peer name other"
    made = subprocess.run(tried, shell=True, capture_output=True, check=False).returncode == 0
    subprocess.run(["sh", "-c", f"ip netns delete {name}"], capture_output=True, check=False)
    return made


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, capture_output=True)


@unittest.skipUnless(may_make_namespaces(), "network namespaces are not allowed here")
class Network(campaign_test.Folder):
    def setUp(self):
        super().setUp()
        names = [f"pop3spec-{os.getpid()}-{part}" for part in ("one", "two")]
        links = [f"p3s{os.getpid()}{part}" for part in ("a", "b")]
        for name in names:
            run("ip", "netns", "add", name)
            self.addCleanup(run, "ip", "netns", "delete", name)
        run("ip", "link", "add", links[0], "netns", names[0], "type", "veth", "peer", "name", links[1], "netns", names[1])
        for name, link, address in zip(names, links, (MACHINE, OTHER)):
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
        self.one, self.two = ([*"ip netns exec".split(), name] for name in names)
        self.seed()

    def seed(self):
        """What the campaign on the first machine has made so far."""
        self.queue = self.folder / "one/canary/afl/main-one/queue"
        find = self.folder / "one/canary/finds/oracle-canary"
        for folder in (self.queue, find):
            folder.mkdir(parents=True)
        (self.queue / "id:000000,time:0,execs:0,orig:seed").write_bytes(b"other")
        (find / "input").write_bytes(b"!")

    def serve(self, *arguments, port):
        """A daemon on the first machine, once it can be reached from the second."""
        log = open(self.folder / "daemon.log", "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen([*self.one, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        until = time.monotonic() + READY_SECONDS
        knock = [*self.two, "bash", "-c", f"exec 3<>/dev/tcp/{MACHINE}/{port}"]
        while subprocess.run(knock, capture_output=True, check=False).returncode != 0:
            self.assertLess(time.monotonic(), until, (self.folder / "daemon.log").read_text(encoding="utf-8"))

    def fetch(self, source, **environment):
        """A campaign on the second machine takes over what the first has."""
        hosts = self.folder / "hosts"
        hosts.write_text(f"{source}\n", encoding="utf-8")
        arguments = self.arguments("two", "--targets", "canary", "--engine", "aflpp", "--cores", "1", "--time", "2s", "--name", "two", "--hosts", hosts)
        done = subprocess.run([*self.two, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              timeout=campaign_test.TIMEOUT_SECONDS, env={**os.environ, **environment})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("rsync", done.stderr)
        fetched = self.folder / "two/canary/afl/main-one/queue"
        self.assertEqual([path.name for path in fetched.iterdir()], [path.name for path in self.queue.iterdir()], done.stderr)
        self.assertIn("oracle-canary", self.finds("two"))
        self.assertFalse((self.folder / "one/canary/afl/main-two").exists())

    def test_by_a_daemon_of_rsync(self):
        (self.folder / "rsyncd.conf").write_text(f"use chroot = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n[campaign]\npath = {self.folder}/one\n",
                                                 encoding="utf-8")
        self.serve("rsync", "--daemon", "--no-detach", f"--config={self.folder}/rsyncd.conf", "--port=8730", port=8730)
        self.fetch(f"rsync://{MACHINE}:8730/campaign")

    @unittest.skipUnless(SSHD and shutil.which("ssh"), "there is no sshd")
    def test_by_ssh(self):
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name)
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # which sshd demands, and the system's own start makes
        options = {"ListenAddress": f"{MACHINE}:2222", "HostKey": self.folder / "host", "AuthorizedKeysFile": self.folder / "user.pub",
                   "StrictModes": "no", "PidFile": "none", "UsePAM": "no", "PasswordAuthentication": "no"}
        self.serve(SSHD, "-D", "-e", "-f", "/dev/null", *(f"-o{key}={value}" for key, value in options.items()), port=2222)
        key = (self.folder / "host.pub").read_text(encoding="ascii").rsplit(" ", 1)[0]
        (self.folder / "known").write_text(f"[{MACHINE}]:2222 {key}\n", encoding="ascii")
        self.fetch(f"{MACHINE}:{self.folder}/one", RSYNC_RSH=f"ssh -F none -p 2222 -i {self.folder}/user -o UserKnownHostsFile={self.folder}/known")


if __name__ == "__main__":
    unittest.main()
