"""The engines: how each is started on a target, what it says of itself, and where it puts what it found."""

import ctypes
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import builds
import state as state_module

NAME_OCTETS_MAX = 14  # AFL++ takes 24 with the role in front, of which the longest is exploit99-
STOP_SECONDS = 10
NICE = 10
STARTS_MAX = 3  # of an engine that ends early and did nothing
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def host_name(text=None):
    """What this machine is called among those that share a campaign, in the letters that AFL++ takes."""
    text = text or socket.gethostname()
    name = re.sub(r"[^A-Za-z0-9-]", "-", text) or "host"
    if len(name) <= NAME_OCTETS_MAX:
        return name
    digest = hashlib.sha1(text.encode()).hexdigest()[:4]  # names that only differ behind the cut stay different
    return f"{name[:NAME_OCTETS_MAX - 5]}-{digest}"


def die_with_parent():
    """Nothing that a campaign started outlives it, however that ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def begin_as_engine():
    """Whoever works on the machine goes first."""
    die_with_parent()
    os.nice(NICE)


def spawn(arguments, log, environment):
    with open(log, "ab") as output:
        return subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=output,
                                stderr=output, env=environment, start_new_session=True, preexec_fn=begin_as_engine)


class Instance:
    """One process of an engine, started anew by `tend` when it ends early, as libFuzzer does at each crash."""

    def __init__(self, log, start):
        self.log = log
        self.start = start
        self.log.unlink(missing_ok=True)
        self.idle_ends = 0
        self.begin()
        self.trouble = None  # why it runs no more, though it should

    def begin(self):
        self.said_before = len(read(self.log))
        self.process = self.start(self.log)

    def said(self):
        """What the process that runs now has said."""
        return read(self.log)[self.said_before:]

    def has_ended(self):
        return self.process.poll() is not None

    def start_again(self, worked):
        """Behind an early end: an engine that does not get to work at all is given up, with what it said last."""
        self.idle_ends = 0 if worked else self.idle_ends + 1
        if self.idle_ends < STARTS_MAX:
            self.begin()
        elif not self.trouble:
            said = self.said().decode(errors="replace").strip().splitlines() or ["it said nothing"]
            self.trouble = f"ended early {self.idle_ends} times (status {self.process.returncode}), see {self.log}: {said[-1][:200]}"

    def ask_to_stop(self):
        if not self.has_ended():
            self.process.send_signal(signal.SIGINT)

    def stop(self):
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            kill(self.process)


def kill(process):
    """Ends what spawn() began, and what that has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end(process):
    """It may have ended by itself meanwhile."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_leftovers(programs):
    """Ends what AFL++, or a kill, left behind: its children stop between two inputs, and wait for a parent that is gone.
    PROGRAMS is the folder of this campaign's own copies, which nobody else runs."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            program = os.readlink(process / "exe")
        except OSError:  # it ended, or is somebody else's
            continue
        if program.startswith(f"{programs}/"):
            end(int(process.name))


def troubles(instances):
    """What keeps engines from running, a line each."""
    return [instance.trouble for instance in instances if instance.trouble]


def stop_all(instances):
    """All at one time, so that many take no longer than one."""
    for instance in instances:
        instance.ask_to_stop()
    for instance in instances:
        instance.stop()


class LibFuzzer:
    """Processes that share one folder, in which each finds at once what the others add."""

    name = "libfuzzer"
    coverage_unit = "edges"
    STATUS = re.compile(rb"#(\d+)\s+\w+\s+cov: (\d+) ")
    FINAL = re.compile(rb"stat::number_of_executed_units: (\d+)")
    ENDED_BY = re.compile(rb"Test unit written to [^\n]*-([0-9a-f]{40})\n")

    def __init__(self, target, folder, corpus, host):
        self.target, self.folder, self.corpus, self.host = target, folder, corpus, host
        self.instances = []
        self.known_endings = self.folder / "endings.txt"
        self.build = builds.build_id(target)
        self.endings = self.read_endings()  # digests of inputs that ended this build of the program

    def gather(self):
        """The seeds and what AFL++ kept, by digest. libFuzzer runs all of a folder before anything else, and one input that
        ends it, as what only a sanitizer objects to does, would end it each time anew."""
        gathered = self.folder / "gathered"
        shutil.rmtree(gathered, ignore_errors=True)
        gathered.mkdir(parents=True)
        for folder in (*builds.seed_folders(self.target, self.corpus), *(self.folder / "afl").glob("*/queue")):
            for path in folder.rglob("*"):
                digest = hashlib.sha1(read(path)).hexdigest() if path.is_file() else None
                if digest is not None and digest not in self.endings and not (gathered / digest).is_symlink():
                    (gathered / digest).symlink_to(path.resolve())
        return gathered

    def read_endings(self):
        words = read(self.known_endings).decode().split()
        return set(words[1:]) if words[:1] == [self.build] else set()

    def leave_out(self, log):
        """What ended the program is read no more; libFuzzer, too, names its inputs by their digests."""
        found = set(map(bytes.decode, self.ENDED_BY.findall(log)))
        if found - self.endings:
            self.endings |= found
            state_module.write_whole(self.known_endings, "\n".join([self.build, *sorted(self.endings)]) + "\n")
        for digest in found:
            for folder in ("corpus", "gathered"):
                (self.folder / folder / digest).unlink(missing_ok=True)

    def arguments(self, which, seconds):
        """Every second process looks at the values of comparisons, too, and where there is one, every second turn."""
        given = builds.options(self.target)
        flags = {"max_total_time": int(seconds) + 1, "timeout": 10, "rss_limit_mb": 2560, "print_final_stats": 1,
                 "use_value_profile": which % 2, "artifact_prefix": f"{self.folder}/artifacts/",
                 "verbosity": 1, **given}
        return [*builds.prefix(), builds.program("fuzz", f"{self.target}_fuzzer"),
                *(f"-{key}={value}" for key, value in flags.items()),
                self.folder / "corpus", self.folder / "gathered"]

    def start(self, cores, seconds, turn):
        self.gather()
        for index in range(cores):
            arguments = self.arguments(index + turn, seconds)
            self.instances.append(Instance(self.folder / f"logs/libfuzzer-{index}.log",
                                           lambda log, arguments=arguments: spawn(arguments, log, builds.environment(detect_leaks=True))))

    def tend(self, seconds_left):
        for instance in self.instances:
            if instance.has_ended() and seconds_left > 0 and not instance.trouble:
                self.leave_out(instance.said())
                instance.start_again(worked=bool(self.ENDED_BY.search(instance.said())))

    def stop(self):
        stop_all(self.instances)

    def execs(self):
        """Executions of this turn: of each process that ended, and of those that run, as far as they said."""
        total = 0
        for instance in self.instances:
            octets = read(instance.log)
            total += sum(map(int, self.FINAL.findall(octets)))
            running = octets.rpartition(b"stat::")[2]
            total += max((int(found[0]) for found in self.STATUS.findall(running)), default=0)
        return total

    def coverage(self):
        found = [int(status[1]) for instance in self.instances for status in self.STATUS.findall(read(instance.log))]
        return max(found, default=0)

    def corpus_count(self):
        return sum(1 for _ in (self.folder / "corpus").iterdir())

    @staticmethod
    def crashes(folder):
        """Files that made the target end."""
        return [path for path in sorted((folder / "artifacts").iterdir()) if not path.name.startswith("slow-unit")]


class AflPlusPlus:
    """A main instance and secondaries, each with a way of its own; where cores are few they take turns."""

    name = "aflpp"
    coverage_unit = "map entries"
    ROLES = (("asan", "afl-sanitize", []), ("cmplog", "afl", ["-c", "CMPLOG"]), ("explore", "afl", ["-p", "explore"]),
             ("rare", "afl", ["-p", "rare"]), ("exploit", "afl", ["-p", "exploit"]), ("mopt", "afl", ["-L", "0"]), ("whole", "afl", []))
    PLAIN_ROLES = ("rare", "exploit", "mopt")  # with AFL++'s own mutations alone
    SETTINGS = {"AFL_SKIP_CPUFREQ": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_TRY_AFFINITY": "1",
                "AFL_NO_UI": "1", "AFL_AUTORESUME": "1", "AFL_TESTCACHE_SIZE": "100", "AFL_IMPORT_FIRST": "1",
                "AFL_FAST_CAL": "1", "AFL_CMPLOG_ONLY_NEW": "1", "AFL_SKIP_CRASHES": "1", "AFL_QUIET": "1",
                "AFL_FORKSRV_INIT_TMOUT": "30000", "AFL_NO_COLOR": "1", "AFL_SYNC_TIME": "1"}

    def __init__(self, target, folder, corpus, host):
        self.target, self.folder, self.corpus, self.host = target, folder, corpus, host
        self.instances = []

    @property
    def seeds(self):
        return self.folder / "seeds"

    @property
    def output(self):
        return self.folder / "afl"

    def prepare_seeds(self):
        """AFL++ begins with one folder; the main instance looks there at later starts, too, for seeds that came meanwhile."""
        seeds = self.seeds
        seeds.mkdir(exist_ok=True)
        for folder in builds.seed_folders(self.target, self.corpus):
            for path in folder.rglob("*"):
                name = str(path.relative_to(folder)).replace("/", "-")
                if path.is_file() and path.stat().st_size <= int(builds.options(self.target).get("max_len", 1 << 20)):
                    shutil.copyfile(path, seeds / name)
        if not any(seeds.iterdir()):
            (seeds / "blank").write_bytes(b" ")
        return seeds

    def roles(self, cores, turn):
        """(name, way to take part, kind of build, more arguments) of each instance of this turn."""
        main = (f"main-{self.host}", "-M", "afl", ["-F", self.folder / "corpus", "-F", self.seeds])
        if cores == 1:
            return [main] if turn % 2 == 0 else [self.role(turn // 2)]
        return [main, *(self.role(turn * (cores - 1) + number, number) for number in range(cores - 1))]

    def role(self, which, number=0):
        """A secondary; where there are more of them than roles, a role's second has another name than its first."""
        name, kind, more = self.ROLES[which % len(self.ROLES)]
        again = number // len(self.ROLES)
        return (f"{name}{again + 1 if again else ''}-{self.host}", "-S", kind, more)

    def arguments(self, role, seeds, seconds):
        name, way, kind, more = role
        given = builds.options(self.target)
        program = builds.program(kind, f"{self.target}_fuzzer")
        cmplog = builds.program("afl-cmplog", f"{self.target}_fuzzer")
        more = [cmplog if word == "CMPLOG" else word for word in more]
        more += ["-x", given["dict"]] if "dict" in given else []
        more += ["-G", given["max_len"]] if "max_len" in given else []
        return [*builds.prefix(), "afl-fuzz", way, name, "-i", seeds, "-o", self.output, "-t", "2000+", "-m", "none",
                "-V", max(int(seconds), 1), *more, "--", program]

    def settings(self, role):
        """The environment of an instance. Inputs with a format are changed by our mutator, too, in most roles; one role leaves them as long as they are."""
        found = dict(self.SETTINGS)
        if role[0].startswith("whole"):
            found["AFL_DISABLE_TRIM"] = "1"
        if builds.has_format(self.target) and not role[0].startswith(self.PLAIN_ROLES):
            found["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(builds.program("mutator", "libpop3mutator.so"))
            found["POP3SPEC_FUZZ_TARGET"] = self.target
        return found

    def start(self, cores, seconds, turn):
        seeds = self.prepare_seeds()
        self.output.mkdir(exist_ok=True)
        for role in self.roles(cores, turn):
            arguments = self.arguments(role, seeds, seconds)
            environment = builds.environment(**self.settings(role))
            self.instances.append(Instance(self.folder / f"logs/{role[0]}.log",
                                           lambda log, arguments=arguments, environment=environment: spawn(arguments, log, environment)))

    def tend(self, seconds_left):
        """AFL++ goes on behind crashes, and ends by itself when its time is over."""
        for instance in self.instances:
            if instance.has_ended() and seconds_left > STOP_SECONDS and not instance.trouble:
                instance.start_again(worked=False)

    def stop(self):
        stop_all(self.instances)

    def statistics(self):
        """Of the instances of this machine."""
        return statistics_in(self.output, f"*-{self.host}")

    def execs(self):
        return sum(int(found.get("execs_done", 0)) for found in self.statistics())

    def coverage(self):
        return max((int(found.get("edges_found", 0)) for found in self.statistics()), default=0)

    def corpus_count(self):
        """Of the largest: what one has the others take over, as far as it is new to them."""
        return max((int(found.get("corpus_count", 0)) for found in self.statistics()), default=0)

    @staticmethod
    def crashes(folder):
        """Also those of earlier runs: an instance that resumes gives their folder a name with the time."""
        return [path for kind in ("crashes", "hangs") for path in sorted((folder / "afl").glob(f"*/{kind}*/id:*"))]


def statistics_in(output, instances="*"):
    """What AFL++'s instances in the folder OUTPUT say of themselves."""
    for path in output.glob(f"{instances}/fuzzer_stats"):
        yield dict(map(str.strip, line.split(":", 1)) for line in read(path).decode(errors="replace").splitlines() if ":" in line)


def stability(folder):
    """Of a target's FOLDER: the least share, such as "99.10%", of what an input reached that it reached again, each time AFL++
    ran it anew. Below 100 percent the target keeps something from input to input. None where AFL++ did not say."""
    found = [each["stability"] for each in statistics_in(folder / "afl") if re.fullmatch(r"[0-9.]+%", each.get("stability", ""))]
    return min(found, key=lambda share: float(share[:-1]), default=None)


def read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


ENGINES = {engine.name: engine for engine in (LibFuzzer, AflPlusPlus)}
