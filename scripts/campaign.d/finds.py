"""What the engines found: each input is run again, known by its fingerprint, made small and filed with what repeats it.

A find lies in FOLDER/TARGET/finds/FINGERPRINT/: `input` (the smallest known), `report.txt` (what the program said),
`find.json`, and, where the target is about sessions, `scenario.yaml`.
"""

import hashlib
import json
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

import builds
import engines
import state as state_module

REPLAY_SECONDS = 60
PROCESSOR_SECONDS = 10  # of a replay, after which it counts as one that does not end
SLOW_SECONDS = 5  # the same for what an engine says takes too long
MEMORY_MEGABYTES = 2560
ATTEMPTS_MAX = 3  # at a replay that something else than the input ends
MORE_MAX = 10  # inputs that are kept of a find, besides the smallest
ENDED_FROM_OUTSIDE = {-signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL, 126, 127}
REPORT_OCTETS = 64 * 1024
FRAMES = 3
WITH_SCENARIO = ("session", "driver", "command_parser")

ORACLE = re.compile(r"^oracle ([\w/-]+) failed at", re.MULTILINE)
ACCUSED = re.compile(r"^accused of ([\w-]+)", re.MULTILINE)
CHECK_FAILED = re.compile(r"internal error at [^\n]*?([\w.]+):\d+: ([^\n]*)")
SANITIZER = re.compile(r"ERROR: (\w+Sanitizer): ([\w-]+)")
UNDEFINED = re.compile(r"^\S+:\d+:\d+: runtime error: ([^\n]+)", re.MULTILINE)
MEMORY = re.compile(r"hard rss limit exhausted|out-of-memory")
FRAME = re.compile(r"^ *#\d+ 0x[0-9a-f]+ in (\S+) (\S+)", re.MULTILINE)
OWN_SOURCE = re.compile(r"(^|/)(harness|fuzz)/")
FRAME_OFFSET = re.compile(r"^ *#\d+ 0x[0-9a-f]+ .*\((\S+)\+(0x[0-9a-f]+)\)", re.MULTILINE)


def limit_processor(seconds):
    """For a child before it begins: it dies with the campaign, and a hanging input does not run for ever even so."""
    engines.die_with_parent()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


class Replay:
    """What came of running one input on its own."""

    def __init__(self, target, octets, symbolize, seconds=PROCESSOR_SECONDS):
        self.target = target
        environment = builds.environment(detect_leaks=True)
        environment["ASAN_OPTIONS"] += f":hard_rss_limit_mb={MEMORY_MEGABYTES}"
        if symbolize:
            environment["ASAN_OPTIONS"] += ":symbolize=1"
            environment["UBSAN_OPTIONS"] += ":symbolize=1:print_stacktrace=1"
            environment["ASAN_SYMBOLIZER_PATH"] = environment.get("ASAN_SYMBOLIZER_PATH", "/usr/bin/llvm-symbolizer-14")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "input"
            path.write_bytes(octets)
            self.run([*builds.prefix(), builds.program("fuzz", f"replay_{target}"), path], environment, seconds)

    def run(self, arguments, environment, seconds):
        """In a session of its own: an interrupt from the keyboard is for the campaign."""
        try:
            done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                                  timeout=REPLAY_SECONDS, check=False, start_new_session=True, preexec_fn=lambda: limit_processor(seconds))
            self.status, self.report = done.returncode, done.stdout[:REPORT_OCTETS].decode(errors="replace")
        except subprocess.TimeoutExpired as trouble:
            self.status, self.report = None, (trouble.stdout or b"")[:REPORT_OCTETS].decode(errors="replace")

    @property
    def failed(self):
        return self.status != 0

    @property
    def judged(self):
        """Whether it was the input that ended it, not somebody else."""
        return self.status not in ENDED_FROM_OUTSIDE

    def kind(self):
        """What went wrong, in words that do not depend on addresses and line numbers; the frames of a stack not included."""
        oracle, check = ORACLE.search(self.report), CHECK_FAILED.search(self.report)
        sanitizer, undefined = SANITIZER.search(self.report), UNDEFINED.search(self.report)
        if self.status in (None, -signal.SIGXCPU):
            return "timeout"
        if oracle:
            accused = ACCUSED.search(self.report)
            return f"oracle-{oracle[1]}" + (f"-{accused[1]}" if accused else "")
        if MEMORY.search(self.report):
            return "out-of-memory"
        if sanitizer:
            return f"{sanitizer[1].lower()}-{sanitizer[2]}"
        if undefined:
            return "undefined-" + re.sub(r"0x[0-9a-f]+|-?[0-9]+|'[^']*'", "", undefined[1])[:60]
        return f"check-{check[1]}-{check[2][:50]}" if check else f"status-{self.status}"

    def has_stack(self):
        return not self.kind().startswith(("oracle-", "timeout", "check-"))

    def first_stack(self):
        """The lines of the stack of where it went wrong; others say where memory came from."""
        return re.split(r"\n\s*\n", self.report[max(self.report.find("#0 "), 0):], maxsplit=1)[0]

    def frames(self):
        """The functions of our own nearest to where it went wrong; one that calls itself counts once."""
        names = [name for name, place in FRAME.findall(self.first_stack()) if OWN_SOURCE.search(place)]
        return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name][:FRAMES]

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

def seconds_for(path):
    """Of processor time for the replay of PATH: less where it is said to take too long, by libFuzzer in the file's name, by
    AFL++ in its folder's, by us in the find's."""
    slow = path.name.startswith("timeout-") or path.parent.name.startswith("hangs") or path.parent.name == "timeout"
    return SLOW_SECONDS if slow else PROCESSOR_SECONDS



def remove_unchanged(path, octets):
    """An engine may have been writing the file when it was read: what has come since is to be looked at, too."""
    try:
        if path.read_bytes() == octets:
            path.unlink()
    except FileNotFoundError:
        pass


class Finds:
    """The finds of one target. What was looked at is known for one build of it only: another may say something else."""

    def __init__(self, target, folder):
        self.target = target
        self.folder = folder / "finds"
        self.mended = folder / "mended"
        self.unrepeated = folder / "unrepeated"
        self.seen_path = folder / "seen.txt"
        self.build = builds.build_id(target)
        self.attempts = {}  # at each input whose replay something else ended
        self.known_files = {}  # path: what it was when it was looked at
        words = self.seen_path.read_text(encoding="ascii").split() if self.seen_path.exists() else []
        self.seen = set(words[1:]) if words[:1] == [self.build] else self.begin_with_build()

    def begin_with_build(self):
        """Looks again at all there is: what fails no more was mended, and what could not be repeated may fail now. Until all
        is looked at, what is noted is no build's, so that a start behind a kill begins anew."""
        state_module.write_whole(self.seen_path, "none\n")
        self.seen = set()
        for path in sorted(self.folder.glob("*/find.json")):
            self.look_again(path.parent)
        for path in sorted(self.unrepeated.glob("*")):
            self.take(path, "an earlier build")
        state_module.write_whole(self.seen_path, "\n".join([self.build, *sorted(self.seen)]) + "\n")
        return self.seen

    def look_again(self, folder):
        """Moves a find aside that no input of fails as its name says. One of the others may still; and one that fails
        otherwise now is a find of its own."""
        find = json.loads((folder / "find.json").read_text(encoding="utf-8"))
        seconds = seconds_for(folder / "input")
        failing = []
        for path in filter(pathlib.Path.exists, [folder / "input", *sorted(folder.glob("more/*"))]):
            octets = path.read_bytes()
            replay = Replay(self.target, octets, symbolize=True, seconds=seconds)
            if replay.failed and (not replay.judged or replay.fingerprint() == folder.name):
                failing.append(path)
            elif replay.failed:
                self.file(octets, find["engine"], hashlib.sha1(octets).hexdigest(), seconds)
        if not failing:
            place = self.mended / f"{folder.name}-{self.build}"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
        elif failing[0].name != "input":
            octets = failing[0].read_bytes()
            self.write(folder, octets, Replay(self.target, octets, symbolize=True, seconds=seconds), {**find, "minimised": False})

    def count(self):
        return sum(1 for _ in self.folder.glob("*/find.json"))

    def unrepeated_count(self):
        return sum(1 for _ in self.unrepeated.glob("*"))

    def mended_count(self):
        return sum(1 for _ in self.mended.glob("*/find.json"))

    def note_seen(self, digest):
        self.seen.add(digest)
        with open(self.seen_path, "a", encoding="ascii") as file:
            file.write(digest + "\n")

    def is_known_file(self, path):
        """Whether the file was looked at as it is now: there may be thousands, and they are asked about each second."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return True
        now = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self.known_files.get(path) == now
        self.known_files[path] = now
        return known

    def take(self, path, engine):
        """Files the input in PATH unless it was looked at before; a file that only the campaign reads is removed then."""
        if self.is_known_file(path):
            return None
        try:
            octets = path.read_bytes()
        except FileNotFoundError:
            return None
        digest = hashlib.sha1(octets).hexdigest()
        filed = None
        if digest not in self.seen:
            filed, judged = self.file(octets, engine, digest, seconds_for(path))
            if not judged:
                del self.known_files[path]
                return None
            self.note_seen(digest)
        if path.parent.name == "artifacts":
            remove_unchanged(path, octets)
            self.known_files.pop(path, None)
        return filed

    def file(self, octets, engine, digest, seconds=PROCESSOR_SECONDS):
        """(the fingerprint, where the find is a new one; whether it was the input that ended the program)."""
        replay = Replay(self.target, octets, symbolize=True, seconds=seconds)
        if not replay.judged and self.attempts.setdefault(digest, 0) < ATTEMPTS_MAX:
            self.attempts[digest] += 1
            return None, False
        if not replay.failed:
            state_module.write_whole(self.unrepeated / digest, octets)
            return None, True
        folder = self.folder / replay.fingerprint()
        is_new = not (folder / "find.json").exists()
        if is_new:
            self.write(folder, octets, replay, {"target": self.target, "engine": engine, "found": int(time.time()), "hits": 1,
                                                "minimised": False})
        else:
            self.count_again(folder, octets, digest)
        (self.unrepeated / digest).unlink(missing_ok=True)  # last: it may be all there is of the input
        return folder.name if is_new else None, True

    def count_again(self, folder, octets, digest):
        """Also keeps some of the inputs: one name may hide a second mistake, which shows when the first is mended."""
        find = json.loads((folder / "find.json").read_text(encoding="utf-8"))
        find["hits"] += 1
        find["octets"] = (folder / "input").stat().st_size  # a kill may have come between the two files
        if sum(1 for _ in folder.glob("more/*")) < MORE_MAX:
            state_module.write_whole(folder / "more" / digest, octets)
        if len(octets) < find["octets"]:
            self.write(folder, octets, Replay(self.target, octets, symbolize=True), find)
        else:
            state_module.write_whole(folder / "find.json", json.dumps(find, indent=1))

    def write(self, folder, octets, replay, find):
        """find.json comes last: what has one is complete."""
        state_module.write_whole(folder / "input", octets)
        state_module.write_whole(folder / "report.txt", replay.report)
        self.write_scenario(folder)
        program = f"build/fuzz/replay_{self.target}"
        replay_line = shlex.join([*builds.prefix(), program, str(folder / "input")])
        state_module.write_whole(folder / "find.json", json.dumps(
            {**find, "fingerprint": folder.name, "octets": len(octets), "replay": replay_line}, indent=1))

    def write_scenario(self, folder):
        if self.target not in WITH_SCENARIO:
            return
        with tempfile.TemporaryDirectory() as name:
            named = pathlib.Path(name) / folder.name  # which the scenario is called after
            shutil.copyfile(folder / "input", named)
            done = subprocess.run([*builds.prefix(), builds.pop3spec(), "import-corpus", "--target", self.target, "--output",
                                   folder / "scenario.yaml", named], env=builds.environment(), check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            state_module.write_whole(folder / "no-scenario.txt", done.stdout[:REPORT_OCTETS])

    def minimise_all(self, seconds_each):
        """Makes each find small that is not yet; its fingerprint stays what it is."""
        for path in sorted(self.folder.glob("*/find.json")):
            find = json.loads(path.read_text(encoding="utf-8"))
            if not find["minimised"]:
                self.minimise_one(path.parent, find, seconds_each)

    def minimise_one(self, folder, find, seconds):
        octets = (folder / "input").read_bytes()
        limit = seconds_for(folder / "input")
        first = Replay(self.target, octets, symbolize=False, seconds=limit)
        if not first.failed or not first.judged:
            return  # nothing to go by: what was filed stays
        signature = first.signature()
        smaller = minimise(octets, lambda shorter: Replay(self.target, shorter, symbolize=False, seconds=limit).signature() == signature,
                           time.monotonic() + seconds)
        replay = Replay(self.target, smaller, symbolize=True, seconds=limit)
        if replay.fingerprint() != folder.name:
            smaller, replay = octets, Replay(self.target, octets, symbolize=True, seconds=limit)
        self.write(folder, smaller, replay, {**find, "minimised": True})

    def list(self):
        """find.json of each, the oldest first."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*/find.json")]
        return sorted(found, key=lambda find: (find["found"], find["fingerprint"]))
