"""The corpus at the end of a campaign: of what campaigns found the smallest inputs that reach what the other seeds do not.

Small ones rather than few: engines run them over and over, and people can see what they are about.
"""

import hashlib
import pathlib
import subprocess
import tempfile

import builds
import engines as engines_module
import state as state_module

MERGE_SECONDS = 3600
INPUT_SECONDS = 25
FOUND_FILES_MAX = 1400
SMALL_FILES_MAX = 1100  # where there are too many, that many are the smallest, and the rest those that reach most
FOUND_OCTETS_MAX = 2 * 1024 * 1024
FOUND = "found."
INDEX = "found.tsv"
BEGINNING_OCTETS = 60


def sources(folder):
    return [folder / "corpus", *(folder / "afl").glob("*/queue")]


def seeds_and_found(target, corpus):
    """Files of the seeds' folders: those that somebody or the program wrote, and those that campaigns kept."""
    files = [path for folder in builds.seed_folders(target, corpus) for path in folder.rglob("*") if path.is_file()]
    found = {path for path in files if path.parent == corpus / target and path.name.startswith(FOUND)}
    return [path for path in files if path not in found], sorted(found)


def copies(files, folder):
    """Copies under their digests, as libFuzzer names inputs; FOLDER."""
    folder.mkdir()
    for path in files:
        octets = path.read_bytes()
        (folder / hashlib.sha1(octets).hexdigest()).write_bytes(octets)
    return folder


def run_merge(target, folder, place, how, folders):
    """libFuzzer's merge of FOLDERS into the first of them; whether it came to its end."""
    options = {how: 1, "timeout": INPUT_SECONDS, "artifact_prefix": f"{folder}/artifacts/",
               **{key: value for key, value in builds.options(target).items() if key == "max_len"}}
    arguments = [*builds.prefix(), builds.program("fuzz", f"{target}_fuzzer"), *(f"-{key}={value}" for key, value in options.items()), *folders]
    process = engines_module.spawn(arguments, folder / "logs/merge.log", builds.environment(TMPDIR=str(place)))
    try:
        return process.wait(MERGE_SECONDS) == 0
    except subprocess.TimeoutExpired:
        engines_module.kill(process)
        return False


def needed(target, folder, corpus, place):
    """Files that reach what the seeds and smaller ones do not, the smallest first; None where the merge failed."""
    seeds, found = seeds_and_found(target, corpus)
    known = copies(seeds, place / "known")
    before = {path.name for path in known.iterdir()}
    if not run_merge(target, folder, place, "merge", [known, copies(found, place / "found"), *sources(folder)]):
        return None
    new = [path for path in known.iterdir() if path.name not in before]
    return sorted(new, key=lambda path: (path.stat().st_size, path.name))


def most_telling(target, folder, corpus, place, files):
    """FILES, of which there are too many: the smallest, and of the others those that reach most beside them."""
    seeds, _ = seeds_and_found(target, corpus)
    known = copies([*seeds, *files[:SMALL_FILES_MAX]], place / "small")
    before = {path.name for path in known.iterdir()}
    run_merge(target, folder, place, "set_cover_merge", [known, copies(files[SMALL_FILES_MAX:], place / "large")])
    telling = [path for path in known.iterdir() if path.name not in before]
    # It writes the input that reaches most first.
    return files[:SMALL_FILES_MAX] + sorted(telling, key=lambda path: path.stat().st_mtime_ns)


def within_limits(inputs):
    """As many from the front as a repository should hold."""
    kept, octets = [], 0
    for item in inputs[:FOUND_FILES_MAX]:
        octets += len(item)
        if octets > FOUND_OCTETS_MAX:
            break
        kept.append(item)
    return kept


def put(inputs, place):
    """Makes INPUTS the found ones of the folder PLACE; (how many came, how many went)."""
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob(f".{FOUND}*"):
        path.unlink()  # what a kill left half written
    wanted = {FOUND + hashlib.sha1(octets).hexdigest()[:12]: octets for octets in inputs}
    there = {path.name for path in place.glob(f"{FOUND}*")}
    for name in sorted(set(wanted) - there):
        state_module.write_whole(place / name, wanted[name])
    for name in there - set(wanted):
        (place / name).unlink()
    return len(set(wanted) - there), len(there - set(wanted))


def merge(target, folder, corpus):
    """Brings CORPUS/TARGET up to what this campaign and those before found; what there is to say of it."""
    if target == builds.CANARY:
        return None
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = pathlib.Path(name)
        files = needed(target, folder, corpus, place)
        if files is None:
            return f"{target}: the corpus could not be merged, and stays as it is: see {folder / 'logs/merge.log'}"
        inputs = [path.read_bytes() for path in files]
        if len(inputs) > FOUND_FILES_MAX:
            files = most_telling(target, folder, corpus, place, files)
        kept = within_limits([path.read_bytes() for path in files])
    came, went = put(kept, corpus / target)
    keep_small(folder / "corpus", inputs)
    state_module.write_whole(corpus / INDEX, index_of(corpus))
    beyond = f"; {len(inputs) - len(kept)} more are too many to keep" if len(kept) < len(inputs) else ""
    return f"{target}: {came} inputs are new in {corpus / target}, {went} are needed no more{beyond}"


def keep_small(working, inputs):
    """Makes libFuzzer's folder what is needed of it: the rest would be read anew at each turn's beginning."""
    needed = {hashlib.sha1(octets).hexdigest(): octets for octets in inputs}
    for name, octets in needed.items():
        if not (working / name).exists():
            state_module.write_whole(working / name, octets)
    for path in working.iterdir():
        if path.name not in needed:
            path.unlink()


def beginning(octets):
    """What stands first in an input, for people."""
    return octets[:BEGINNING_OCTETS].decode("latin-1").encode("unicode_escape").decode("ascii")


def index_of(corpus):
    """A line for each input that campaigns found: how long it is, and how it begins."""
    lines = ["target\tname\toctets\tbeginning"]
    for path in sorted(corpus.glob(f"*/{FOUND}*")):
        octets = path.read_bytes()
        lines.append(f"{path.parent.name}\t{path.name}\t{len(octets)}\t{beginning(octets)}")
    return "\n".join(lines) + "\n"
