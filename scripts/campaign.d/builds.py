"""The programs that a campaign runs: one build of each target for each way of watching it."""

import configparser
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CANARY = "canary"
RANDOM_BITS = pathlib.Path("/proc/sys/vm/mmap_rnd_bits")
RANDOM_BITS_MAX = 28  # clang 14's AddressSanitizer ends at random above

PLACES = []  # of programs that were taken, the last first
ENGINE_KINDS = {"libfuzzer": ("fuzz",), "aflpp": ("fuzz", "afl", "afl-sanitize", "afl-cmplog")}


def fail(text):
    print(f"{pathlib.Path(sys.argv[0]).name}: {text}", file=sys.stderr)
    raise SystemExit(2)


def all_targets():
    """The names of the targets, without the canary."""
    return sorted(path.name.removesuffix("_fuzzer.c") for path in (ROOT / "fuzz").glob("*_fuzzer.c"))


def target_names(text):
    """Those that TEXT names, separated by commas; all where it names none."""
    known = all_targets()
    names = [name for name in text.split(",") if name] or known
    for name in names:
        if name not in [*known, CANARY]:
            fail(f"there is no target '{name}'; there are {', '.join(known)}")
    return names


def build(engines, targets, coverage):
    """Builds what the engines run on the targets, and what finds are looked at with."""
    require(engines, coverage)
    kinds = {kind for engine in engines for kind in ENGINE_KINDS[engine]}
    for kind in sorted(kinds):
        programs = [f"{target}_fuzzer" for target in targets]
        if kind == "fuzz":
            programs += [f"replay_{target}" for target in targets] + ["pop3spec"] * ("POP3SPEC" not in os.environ)
        make(kind, programs)
    if "aflpp" in engines and any(has_format(target) for target in targets):
        make("mutator", ["pop3mutator"])
    if coverage:
        make("coverage", [f"replay_{target}" for target in targets])


def programs_of(engines, targets, coverage):
    """(kind of build, file) of all that a campaign runs or reads of a build."""
    kinds = {kind for engine in engines for kind in ENGINE_KINDS[engine]}
    found = [(kind, f"{target}_fuzzer") for kind in kinds for target in targets]
    found += [("fuzz", name) for name in ("fuzz_seeds.txt", "pop3spec", *(f"replay_{target}" for target in targets))]
    if "aflpp" in engines:
        found.append(("mutator", "libpop3mutator.so"))
    if coverage:
        found += [("coverage", f"replay_{target}") for target in targets]
    return [(kind, name) for kind, name in found if (ROOT / "build" / kind / name).exists()]


def take(place, engines, targets, coverage):
    """From now on programs are those in the folder PLACE, as they are now: a later build changes build/, and not these."""
    for kind, name in programs_of(engines, targets, coverage):
        source, kept = ROOT / "build" / kind / name, place / kind / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_name(f".{name}.{os.getpid()}")
        try:
            os.link(source, beside)
        except OSError:  # another file system
            shutil.copy2(source, beside)
        os.replace(beside, kept)
    PLACES.insert(0, place)


def build_id(target):
    """What tells one build of the target from another."""
    return hashlib.sha1(program("fuzz", f"replay_{target}").read_bytes()).hexdigest()[:16]


def make(kind, programs):
    done = subprocess.run([ROOT / "scripts/build", kind, *programs], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        fail(f"scripts/build {kind} failed:\n{done.stdout[-4000:]}")


def require(engines, coverage):
    needed = ["clang-14", "llvm-symbolizer-14"] + ["afl-fuzz", "afl-clang-fast"] * ("aflpp" in engines)
    needed += ["llvm-cov-14", "llvm-profdata-14"] * coverage
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        fail(f"{', '.join(missing)} is missing: scripts/deps fuzz")


def program(kind, name):
    """Of the first place that has it, and where it would be built otherwise."""
    return next((place / kind / name for place in PLACES if (place / kind / name).exists()), ROOT / "build" / kind / name)


def pop3spec():
    """The program that makes scenarios of finds: $POP3SPEC, or the one that was built with the targets."""
    return os.environ.get("POP3SPEC") or program("fuzz", "pop3spec")


def has_format(target):
    """Whether fuzz/mutate/ knows what the target's inputs are made of."""
    return f"FORMAT({target}," in (ROOT / "fuzz/mutate/formats.def").read_text(encoding="utf-8")


def prefix():
    """What must stand in front of a sanitized program on this machine."""
    try:
        bits = int(RANDOM_BITS.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return []
    return ["setarch", "-R"] if bits > RANDOM_BITS_MAX else []


def environment(detect_leaks=False, **changes):
    """This process's, with sanitizers that abort, so that each engine sees a crash. What it says to AFL++ is the campaign's alone."""
    options = f"abort_on_error=1:symbolize=0:detect_leaks={int(detect_leaks)}:allocator_may_return_null=1"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AFL_") and key != "POP3SPEC_FUZZ_TARGET"}
    return {**inherited, "ASAN_OPTIONS": options, "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:symbolize=0",
            **changes}


def options(target):
    """{key: value} of the target's .options file."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "fuzz" / f"{target}_fuzzer.options")
    found = dict(parser["libfuzzer"]) if parser.has_section("libfuzzer") else {}
    if "dict" in found:
        found["dict"] = str(ROOT / "fuzz" / found["dict"])
    return found


def seed_folders(target, corpus, kind="fuzz"):
    """Where the target's seeds are, as the build of that kind says. The canary's are those that must crash, so it has none."""
    if target == CANARY:
        return []
    lines = program(kind, "fuzz_seeds.txt").read_text(encoding="utf-8").splitlines()
    known = [pathlib.Path(folder) for name, _, folder in (line.partition("\t") for line in lines) if name == target]
    folders = [corpus / target] + [folder for folder in known if folder != ROOT / "corpus" / target]
    return [folder for folder in folders if folder.is_dir()]
