"""Several machines, or folders, that share what they find: AFL++'s own way, with rsync to carry it.

Each machine runs a campaign of its own, and fetches from the others the folder of their main instance, which its own
main then reads. Only that folder travels, only away from its owner, nothing is ever removed, and rsync puts files in place
whole. Finds are fetched as well, and filed like those of one's own.

The file says for each other machine, one a line, where its campaign's folder is, as rsync takes it:
`HOST:/path/to/build/campaign`, `rsync://HOST/module` or `/another/folder`.
"""

import shutil
import subprocess
import sys
import time

import builds

FETCH_SECONDS = 600
INTERVAL_SECONDS_MAX = 3600
INTERVAL_SECONDS_MIN = 5


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


class Hosts:
    def __init__(self, sources, campaign_seconds, host):
        self.host = host
        self.sources = sources
        self.interval = min(max(campaign_seconds / 10, INTERVAL_SECONDS_MIN), INTERVAL_SECONDS_MAX)
        self.next = 0
        self.troubles = {}

    def fetch_when_due(self, target, folder):
        if time.monotonic() >= self.next:
            self.fetch(target, folder)
            self.next = time.monotonic() + self.interval

    def fetch(self, target, folder):
        for source in self.sources:
            place = f"{source.rstrip('/')}/{target}"
            trouble = self.rsync(f"{place}/afl/", folder / "afl", self.main_only()) or \
                self.rsync(f"{place}/finds/", folder / "fetched", ["--include=*/", "--include=input", "--exclude=*"])
            if trouble and trouble != self.troubles.get(source):
                print(f"campaign: {source}: {trouble}", file=sys.stderr, flush=True)
            self.troubles[source] = trouble

    def main_only(self):
        """Others' main instances, without what is theirs alone."""
        return [f"--exclude=/main-{self.host}/", "--exclude=.cur_input", "--exclude=.synced", "--exclude=is_main_node",
                "--include=/main-*/", "--include=/main-*/**", "--exclude=*"]

    @staticmethod
    def rsync(source, place, filters):
        """None, or what rsync said. Machines that have not begun with this target yet are no trouble."""
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["rsync", "-rlptz", "--timeout=60", *filters, source, f"{place}/"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=FETCH_SECONDS, check=False)
        if done.returncode == 0 or "No such file" in done.stderr:
            return None
        return done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"rsync: {done.returncode}"
