"""Inputs a second of every fuzz target over its corpus, beside a target that does nothing: fuzz_bench.py POP3SPEC

All have a fuzzer's flags: both sanitizers, and coverage. Time is the processor's, so that ratios hold on a busy machine. A
condition is one that an oracle looked at.
"""

import pathlib
import re
import subprocess
import sys

SECONDS = "3"
ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/fuzz"
STEADY = ["setarch", "-R"]  # clang 14's AddressSanitizer dies at random where addresses are (scripts/ctest-strict)


def build():
    targets = sorted(path.name.removesuffix("_fuzzer.c") for path in (ROOT / "fuzz").glob("*_fuzzer.c"))
    programs = [f"speed_{target}" for target in ["empty", *targets]]
    subprocess.run([ROOT / "scripts/build", "fuzz", *programs], check=True, stdout=sys.stderr)
    return targets


def measure(program, corpus):
    said = subprocess.run([*STEADY, FOLDER / f"speed_{program}", corpus, SECONDS], check=True, capture_output=True, text=True)
    return re.fullmatch(r"(\d+) inputs/s (\d+) conditions/s\n", said.stdout).groups()


def row(name, value, unit):
    print("row", name, value, unit, "-", sep="\t", flush=True)


def main():
    for target in build():
        corpus = ROOT / "corpus" / target
        files = [path for path in corpus.iterdir() if path.is_file()]
        octets = sum(path.stat().st_size for path in files) // len(files)
        inputs, conditions = measure(target, corpus)
        row(f"fuzz {target}: {len(files)} inputs of {octets} octets", inputs, "/s")
        row(f"fuzz {target}: conditions of oracles", conditions, "/s")
        row(f"fuzz {target}: a target that does nothing, on the same inputs", measure("empty", corpus)[0], "/s")


if __name__ == "__main__":
    main()
