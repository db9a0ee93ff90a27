"""What the engines found: each input is run again, known by its fingerprint, made small and filed with what repeats it.

A find lies in FOLDER/TARGET/finds/FINGERPRINT/: `input` (the smallest known), `report.txt` (what the program said),
`find.json`, and, where the target is about sessions, `scenario.yaml`.
"""

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import tempfile
import pathlib
import time

import builds
import state as state_module

REPLAY_SECONDS = 20
REPORT_OCTETS = 64 * 1024
FRAMES = 3
WITH_SCENARIO = ("session", "driver", "command_parser")

ORACLE = re.compile(r"^oracle ([\w/-]+) failed at", re.MULTILINE)
ACCUSED = re.compile(r"^accused of ([\w-]+)", re.MULTILINE)
CHECK_FAILED = re.compile(r"internal error at [^\n]*?([\w.]+:\d+): ")
SANITIZER = re.compile(r"ERROR: (\w+Sanitizer): ([\w-]+)")
UNDEFINED = re.compile(r"^\S+?([\w.]+:\d+):\d+: runtime error: ([^\n]+)", re.MULTILINE)
FRAME = re.compile(r"^ *#\d+ 0x[0-9a-f]+ in (\S+) (\S+)", re.MULTILINE)
OWN_SOURCE = re.compile(r"(^|/)(harness|fuzz)/")
FRAME_OFFSET = re.compile(r"^ *#\d+ 0x[0-9a-f]+ .*\((\S+)\+(0x[0-9a-f]+)\)", re.MULTILINE)


class Replay:
    """What came of running one input on its own."""

    def __init__(self, target, octets, symbolize):
        self.target = target
        environment = builds.environment(detect_leaks=True)
        if symbolize:
            environment["ASAN_OPTIONS"] += ":symbolize=1"
            environment["UBSAN_OPTIONS"] += ":symbolize=1:print_stacktrace=1"
            environment["ASAN_SYMBOLIZER_PATH"] = environment.get("ASAN_SYMBOLIZER_PATH", "/usr/bin/llvm-symbolizer-14")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "input"
            path.write_bytes(octets)
            arguments = [*builds.prefix(), builds.program("fuzz", f"replay_{target}"), path]
            try:
                done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      env=environment, timeout=REPLAY_SECONDS, check=False)
                self.status, self.report = done.returncode, done.stdout[:REPORT_OCTETS].decode(errors="replace")
            except subprocess.TimeoutExpired as trouble:
                self.status, self.report = None, (trouble.stdout or b"")[:REPORT_OCTETS].decode(errors="replace")

    @property
    def failed(self):
        return self.status != 0

    def kind(self):
        """What went wrong, in words that do not depend on addresses; the frames of a stack not included."""
        if self.status is None:
            return "timeout"
        oracle = ORACLE.search(self.report)
        if oracle:
            accused = ACCUSED.search(self.report)
            return f"oracle-{oracle[1]}" + (f"-{accused[1]}" if accused else "")
        sanitizer, undefined = SANITIZER.search(self.report), UNDEFINED.search(self.report)
        if sanitizer:
            return f"{sanitizer[1].lower()}-{sanitizer[2]}"
        if undefined:
            return f"undefined-{undefined[1]}"
        check = CHECK_FAILED.search(self.report)
        return f"check-{check[1]}" if check else f"status-{self.status}"

    def has_stack(self):
        return not self.kind().startswith(("oracle-", "timeout", "undefined-"))

    def frames(self):
        """The functions of our own nearest to where it went wrong."""
        return [name for name, place in FRAME.findall(self.report) if OWN_SOURCE.search(place)][:FRAMES]

    def signature(self):
        """Cheap, and the same as long as the program is: for comparing inputs with each other."""
        offsets = [offset for module, offset in FRAME_OFFSET.findall(self.report) if module.endswith(f"replay_{self.target}")]
        return (self.kind(), *(offsets[:FRAMES] if self.has_stack() else ()))

    def fingerprint(self):
        """A name for the mistake, for a folder: the kind, and a hash of the frames where the kind alone says too little."""
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", self.kind()).strip("-")[:80]
        if not self.has_stack():
            return name
        digest = hashlib.sha1(" ".join(self.frames()).encode()).hexdigest()[:8]
        return f"{name}-{digest}"


# ---- making an input small ----

def without(octets, start, size):
    return octets[:start] + octets[start + size:]


def minimise(octets, still_fails, deadline):
    """The smallest input that removing runs of octets leads to, by halves of ever smaller size, until DEADLINE."""
    size = max(len(octets) // 2, 1)
    while size > 0:
        start, shrunk = 0, False
        while start < len(octets):
            if time.monotonic() > deadline:
                return octets
            shorter = without(octets, start, size)
            if still_fails(shorter):
                octets, shrunk = shorter, True
            else:
                start += size
        if not shrunk or size > len(octets):
            size = min(size // 2, len(octets))
    return octets


# ---- filing ----

def remove_unchanged(path, octets):
    """An engine may have been writing the file when it was read: what has come since is to be looked at, too."""
    try:
        if path.read_bytes() == octets:
            path.unlink()
    except FileNotFoundError:
        pass


class Finds:
    """The finds of one target."""

    def __init__(self, target, folder):
        self.target = target
        self.folder = folder / "finds"
        self.unrepeated = folder / "unrepeated"
        self.seen_path = folder / "seen.txt"
        self.seen = set(self.seen_path.read_text(encoding="ascii").split()) if self.seen_path.exists() else set()

    def count(self):
        return sum(1 for _ in self.folder.glob("*/find.json"))

    def note_seen(self, digest):
        self.seen.add(digest)
        with open(self.seen_path, "a", encoding="ascii") as file:
            file.write(digest + "\n")

    def take(self, path, engine):
        """Files the input in PATH unless it was looked at before; a file that only the campaign reads is removed then."""
        try:
            octets = path.read_bytes()
        except FileNotFoundError:
            return None
        digest = hashlib.sha1(octets).hexdigest()
        filed = None
        if digest not in self.seen:
            filed = self.file(octets, engine, digest)
            self.note_seen(digest)
        if path.parent.name == "artifacts":
            remove_unchanged(path, octets)
        return filed

    def file(self, octets, engine, digest):
        """The fingerprint, where the find is a new one; what cannot be repeated is kept apart."""
        replay = Replay(self.target, octets, symbolize=True)
        if not replay.failed:
            state_module.write_whole(self.unrepeated / digest, octets)
            return None
        fingerprint = replay.fingerprint()
        folder = self.folder / fingerprint
        if (folder / "find.json").exists():
            self.count_again(folder, octets)
            return None
        self.write(folder, octets, replay, {"target": self.target, "engine": engine, "found": int(time.time()), "hits": 1,
                                            "minimised": False})
        return fingerprint

    def count_again(self, folder, octets):
        find = json.loads((folder / "find.json").read_text(encoding="utf-8"))
        find["hits"] += 1
        find["octets"] = (folder / "input").stat().st_size  # a kill may have come between the two files
        if len(octets) < find["octets"]:
            self.write(folder, octets, Replay(self.target, octets, symbolize=True), find)
        else:
            state_module.write_whole(folder / "find.json", json.dumps(find, indent=1))

    def write(self, folder, octets, replay, find):
        """find.json comes last: what has one is complete."""
        state_module.write_whole(folder / "input", octets)
        state_module.write_whole(folder / "report.txt", replay.report)
        self.write_scenario(folder)
        program = builds.program("fuzz", f"replay_{self.target}").relative_to(builds.ROOT)
        replay_line = shlex.join([*builds.prefix(), str(program), str(folder / "input")])
        state_module.write_whole(folder / "find.json", json.dumps(
            {**find, "fingerprint": folder.name, "octets": len(octets), "replay": replay_line}, indent=1))

    def write_scenario(self, folder):
        if self.target not in WITH_SCENARIO:
            return
        with tempfile.TemporaryDirectory() as name:
            named = pathlib.Path(name) / folder.name  # which the scenario is called after
            shutil.copyfile(folder / "input", named)
            subprocess.run([*builds.prefix(), builds.pop3spec(), "import-corpus", "--target", self.target, "--output",
                            folder / "scenario.yaml", named], env=builds.environment(), check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def minimise_all(self, seconds_each):
        """Makes each find small that is not yet; its fingerprint stays what it is."""
        for path in sorted(self.folder.glob("*/find.json")):
            find = json.loads(path.read_text(encoding="utf-8"))
            if not find["minimised"]:
                self.minimise_one(path.parent, find, seconds_each)

    def minimise_one(self, folder, find, seconds):
        octets = (folder / "input").read_bytes()
        signature = Replay(self.target, octets, symbolize=False).signature()
        smaller = minimise(octets, lambda shorter: Replay(self.target, shorter, symbolize=False).signature() == signature,
                           time.monotonic() + seconds)
        replay = Replay(self.target, smaller, symbolize=True)
        if replay.fingerprint() != folder.name:
            smaller, replay = octets, Replay(self.target, octets, symbolize=True)
        self.write(folder, smaller, replay, {**find, "minimised": True})

    def list(self):
        """find.json of each, the oldest first."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*/find.json")]
        return sorted(found, key=lambda find: (find["found"], find["fingerprint"]))
