"""The corpus at the end of a campaign: what reaches something that the seeds do not, and no more than that."""

import hashlib
import subprocess
import tempfile
import pathlib

import builds
import engines as engines_module
import state as state_module

MERGE_SECONDS = 3600
INPUT_OCTETS_MAX = 4096
FOUND_FILES_MAX = 1500
FOUND = "found."


def sources(folder):
    return [folder / "corpus", *(folder / "afl").glob("*/queue")]


def new_units(target, folder, corpus, log):
    """Octets that add coverage to the seeds: libFuzzer's merge, smallest first."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        known = pathlib.Path(name) / "known"
        known.mkdir()
        for seeds in builds.seed_folders(target, corpus):
            for path in filter(pathlib.Path.is_file, seeds.rglob("*")):
                octets = path.read_bytes()
                (known / hashlib.sha1(octets).hexdigest()).write_bytes(octets)
        before = {path.name for path in known.iterdir()}
        arguments = [*builds.prefix(), builds.program("fuzz", f"{target}_fuzzer"), "-merge=1", f"-max_len={INPUT_OCTETS_MAX}",
                     f"-artifact_prefix={folder}/artifacts/", known, *sources(folder)]
        process = engines_module.spawn(arguments, log, builds.environment(TMPDIR=name))
        try:
            process.wait(MERGE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return sorted((path.read_bytes() for path in known.iterdir() if path.name not in before), key=lambda octets: (len(octets), octets))


def merge(target, folder, corpus):
    """Adds to CORPUS/TARGET what the campaign found; the number of files."""
    if target == builds.CANARY:
        return 0
    place = corpus / target
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob(f".{FOUND}*"):
        path.unlink()  # what a kill left half written
    room = FOUND_FILES_MAX - sum(1 for path in place.iterdir() if path.name.startswith(FOUND))
    added = 0
    for octets in new_units(target, folder, corpus, folder / "logs/merge.log")[:max(room, 0)]:
        path = place / (FOUND + hashlib.sha1(octets).hexdigest()[:12])
        if not path.exists():
            state_module.write_whole(path, octets)
            added += 1
    return added
