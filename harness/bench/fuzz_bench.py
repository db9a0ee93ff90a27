"""Inputs a second of every fuzz target over its corpus, beside a target that does nothing: fuzz_bench.py POP3SPEC

All have a fuzzer's flags: both sanitizers, and coverage. Time is the processor's, so that ratios hold on a busy machine. A
condition is one that an oracle looked at. Aims are for the input in the middle: a corpus holds a few that were made to be
slow, which a fuzzer seldom takes.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts/campaign.d"))

import builds  # noqa: E402  (found through the line above)

SECONDS = "3"
FOLDER = ROOT / "build/fuzz"
AIMS = {"command_parser": ">=150000", "reply_reader": ">=150000", "server_lines": ">=150000", "session": ">=20000", "scenario_loader": ">=10000"}


def build():
    targets = sorted(path.name.removesuffix("_fuzzer.c") for path in (ROOT / "fuzz").glob("*_fuzzer.c"))
    programs = [f"speed_{target}" for target in ["empty", *targets]]
    subprocess.run([ROOT / "scripts/build", "fuzz", *programs], check=True, stdout=sys.stderr)
    return targets


def measure(program, corpus):
    said = subprocess.run([*builds.prefix(), FOLDER / f"speed_{program}", corpus, SECONDS], check=True, capture_output=True, text=True)
    return re.fullmatch(r"(\d+) inputs/s (\d+) median-inputs/s (\d+) octets/s (\d+) conditions/s\n", said.stdout).groups()


def row(name, value, unit, aim="-"):
    print("row", name, value, unit, aim, sep="\t", flush=True)


def main():
    for target in build():
        corpus = ROOT / "corpus" / target
        files = [path for path in corpus.iterdir() if path.is_file()]
        octets = sum(path.stat().st_size for path in files) // len(files)
        inputs, median, octets_read, conditions = measure(target, corpus)
        row(f"fuzz {target}: {len(files)} inputs of {octets} octets", inputs, "/s")
        row(f"fuzz {target}: the input in the middle", median, "/s", AIMS.get(target, "-"))
        row(f"fuzz {target}: octets of inputs", octets_read, "/s")
        row(f"fuzz {target}: conditions of oracles", conditions, "/s")
        row(f"fuzz {target}: a target that does nothing, on the same inputs", measure("empty", corpus)[0], "/s")


if __name__ == "__main__":
    main()
