"""Several machines, or folders, that share what they find: AFL++'s own way, with rsync to carry it.

Each machine runs a campaign of its own, and fetches from the others the folder of their main instance, which its own
main then reads. Only that folder travels, only away from its owner, nothing is ever removed, and rsync puts files in place
whole. Finds are fetched as well, and filed like those of one's own.

The file says for each other machine, one a line, where its campaign's folder is, as rsync takes it:
`HOST:/path/to/build/campaign`, `rsync://HOST/module` or `/another/folder`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import builds
import engines

FETCH_SECONDS = 600
LAST_FETCH_SECONDS = 120
INTERVAL_SECONDS_MAX = 3600
INTERVAL_SECONDS_MIN = 5
SHELL = "ssh -oBatchMode=yes -oConnectTimeout=20"  # it must never ask: nobody may be there
NOT_THERE = re.compile(r"(change_dir|link_stat) .*No such file|chdir failed|Unknown module")
FINDS = ["--include=*/", "--include=input", "--exclude=*"]


def read_file(path):
    """The sources that FILE names."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as trouble:
        builds.fail(f"--hosts: {trouble}")
    found = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not found:
        builds.fail(f"--hosts: {path} names no machine")
    if not shutil.which("rsync"):
        builds.fail("rsync is missing: scripts/deps fuzz")
    return found


class Transfer:
    """One rsync that carries a folder of SOURCE into PLACE, while the campaign goes on."""

    def __init__(self, source, folder, place, filters):
        self.source, self.place = source, place
        place.mkdir(parents=True, exist_ok=True)
        self.said, self.errors = tempfile.TemporaryFile(), ""
        environment = {"RSYNC_RSH": SHELL, **os.environ}
        arguments = ["rsync", "-rlptzu", "--timeout=60", *filters, f"{source.rstrip('/')}/{folder}/", f"{place}/"]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.said, env=environment,
                                        start_new_session=True, preexec_fn=engines.die_with_parent)
        self.until = time.monotonic() + FETCH_SECONDS

    def has_ended(self):
        if time.monotonic() > self.until:
            self.stop()
        return self.process.poll() is not None

    def stop(self):
        engines.kill(self.process)

    def close(self):
        """Behind its end: what it said is read, and its file let go."""
        self.said.seek(0)
        self.errors = self.said.read().decode(errors="replace").strip()
        self.said.close()

    def nothing_there(self):
        """Machines that have not begun with a target yet are no trouble."""
        return self.process.returncode != 0 and bool(NOT_THERE.search(self.errors))

    def trouble(self):
        """None, or what rsync said."""
        if self.process.returncode == 0 or self.nothing_there():
            return None
        if time.monotonic() > self.until:
            return f"rsync took longer than {FETCH_SECONDS} seconds"
        return (self.errors.splitlines() or [f"rsync: {self.process.returncode}"])[0]


class Hosts:
    """The transfers from other machines, one at a time. Each target's are due once in an interval, the finds of all with them."""

    def __init__(self, sources, state, targets, campaign_seconds, host):
        self.sources, self.state, self.targets, self.host = sources, state, targets, host
        self.interval = min(max(campaign_seconds / 10, INTERVAL_SECONDS_MIN), INTERVAL_SECONDS_MAX)
        self.next = {}
        self.queue = []
        self.running = None
        self.troubles = {}
        self.answered = set()  # sources that had something

    def poll(self, target):
        """Asks for what is due while TARGET has its turn, and looks after what runs."""
        if time.monotonic() >= self.next.get(target, 0):
            self.next[target] = time.monotonic() + self.interval
            self.ask_for_queues(target)
            self.ask_for_finds()
        self.proceed()

    def ask_for_queues(self, target):
        self.queue += [(source, f"{target}/afl", self.state.target(target) / "afl", self.main_only()) for source in self.sources]

    def ask_for_finds(self):
        asked = {item[1] for item in self.queue}
        self.queue += [(source, f"{target}/finds", self.state.target(target) / "fetched", FINDS)
                       for source in self.sources for target in self.targets if f"{target}/finds" not in asked]

    def proceed(self):
        """True as long as something is to be done."""
        if self.running and self.running.has_ended():
            self.note(self.running)
            self.running = None
        if not self.running and self.queue:
            self.running = Transfer(*self.queue.pop(0))
        return self.running is not None

    def note(self, transfer):
        transfer.close()
        trouble = transfer.trouble()
        if trouble and trouble != self.troubles.get(transfer.source):
            print(f"campaign: {transfer.source}: {trouble}", file=sys.stderr, flush=True)
        if trouble or transfer.process.returncode == 0:
            self.troubles[transfer.source] = trouble
        if transfer.process.returncode == 0:
            self.answered.add(transfer.source)

    def finish(self, interrupted):
        """The last finds, so that each machine has all; and which sources never had anything."""
        self.queue.clear()
        if not interrupted:
            self.ask_for_finds()
        until = time.monotonic() + LAST_FETCH_SECONDS
        while self.proceed() and time.monotonic() < until:
            time.sleep(0.02)
        if self.running:
            self.running.stop()
            self.note(self.running)
        for source in self.sources:
            if source not in self.answered and not self.troubles.get(source):
                print(f"campaign: {source}: nothing was there: is that where the other campaign's folder is?", file=sys.stderr, flush=True)

    def main_only(self):
        """Others' main instances, without what is theirs alone."""
        return [f"--exclude=/main-{self.host}/", "--exclude=.cur_input", "--exclude=.synced", "--exclude=is_main_node",
                "--include=/main-*/", "--include=/main-*/**", "--exclude=*"]
