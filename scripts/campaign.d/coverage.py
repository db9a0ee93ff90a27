"""What the corpus reaches in the sources: clang's own counts, as a page of every line and as a table by folder."""

import json
import os
import re
import subprocess
import sys
import tempfile
import pathlib

import builds

LAYERS = ("pop3", "model", "exec", "refserver", "scenario")
SOURCE = re.compile(r"/harness/([\w/]+\.[ch])$")
SECONDS = 1800  # for one target's corpus
LLVM_COV, LLVM_PROFDATA = "llvm-cov-14", "llvm-profdata-14"


def profile(target, folders, place):
    """Runs the corpus once; the raw counts, or None where the target ended before its end."""
    raw = place / f"{target}.profraw"
    inputs = [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]
    environment = {**os.environ, "LLVM_PROFILE_FILE": str(raw)}
    if inputs:
        try:
            subprocess.run([builds.program("coverage", f"replay_{target}"), *inputs], env=environment, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=SECONDS, start_new_session=True)
        except subprocess.TimeoutExpired:
            pass
    if not raw.exists():
        print(f"coverage: {target} is missing: its replay did not come to its end", file=sys.stderr)
        return None
    return raw


def run(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(targets, corpora, page):
    """Writes the page into the folder PAGE; {file of harness/: {"lines": (covered, all), "branches": (covered, all)}}.

    CORPORA is {target: [folder]}.
    """
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        raws = {target: profile(target, corpora[target], place) for target in targets}
        measured = [target for target in targets if raws[target] is not None]
        if not measured:
            return {}
        merged = place / "merged.profdata"
        run(LLVM_PROFDATA, "merge", "-sparse", "-o", merged, *[raws[target] for target in measured])
        objects = [str(builds.program("coverage", f"replay_{target}")) for target in measured]
        objects = [objects[0], *[word for item in objects[1:] for word in ("-object", item)]]
        common = [*objects, f"-instr-profile={merged}", "-ignore-filename-regex=.*/(fuzz|tests)/.*"]
        run(LLVM_COV, "show", "-format=html", f"-output-dir={page}", "-show-line-counts-or-regions", *common)
        return by_file(json.loads(run(LLVM_COV, "export", "-summary-only", *common)))


def by_file(export):
    found = {}
    for file in export["data"][0]["files"]:
        match = SOURCE.search(file["filename"])
        if match:
            found[match[1]] = {what: (file["summary"][what]["covered"], file["summary"][what]["count"]) for what in ("lines", "branches")}
    return found


def by_folder(files):
    """The sums of what measure() gives, for each folder of harness/."""
    found = {}
    for path, counts in files.items():
        sums = found.setdefault(path.rpartition("/")[0], {"lines": (0, 0), "branches": (0, 0)})
        for what, (covered, count) in counts.items():
            sums[what] = (sums[what][0] + covered, sums[what][1] + count)
    return found
