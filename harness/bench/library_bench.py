#!/usr/bin/env python3
"""What it costs to begin: the program alone, and reading and checking a library of 5,000 scenarios; and memory.

Usage: library_bench.py POP3SPEC. Prints rows as bench.h describes them. The library is the stock one, with copies of some
of its files until there are enough.
"""

import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SCENARIOS = 5000
ROUNDS = 7
LINT_SECONDS = 0.5
ROOT = pathlib.Path(__file__).resolve().parents[2]


def measure(*command):
    """(median wall time in s, largest resident set in MiB) of COMMAND."""
    taken, resident = [], []
    for _ in range(ROUNDS):
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken.append(time.monotonic() - start)
        resident.append(usage.ru_maxrss / 1024)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return statistics.median(taken), max(resident)


def row(name, value, unit, aim="-"):
    print(f"row\t{name}\t{value:.2f}\t{unit}\t{aim}", flush=True)


def count(program, folder):
    done = subprocess.run([program, "lint", "--scenarios", folder], check=True, capture_output=True, text=True)
    return int(re.match(r"\d+", done.stdout)[0])


def make_library(program, folder):
    """How many scenarios FOLDER holds in the end: at least SCENARIOS."""
    shutil.copytree(ROOT / "scenarios", folder)
    sources = sorted(path for path in (ROOT / "scenarios/rfc1939").glob("*.yaml") if "include:" not in path.read_text())
    copies = 0
    while count(program, folder) < SCENARIOS:
        copies += 1
        target = pathlib.Path(folder) / f"copies-{copies}"
        target.mkdir()
        for source in sources:
            shutil.copy(source, target / source.name)
    return count(program, folder)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="pop3spec-bench-") as folder:
        library = pathlib.Path(folder) / "scenarios"
        number = make_library(program, library)
        wall_s, _ = measure(program, "--version")
        row("start-up alone (--version)", 1000 * wall_s, "ms")
        wall_s, resident = measure(program, "lint", "--scenarios", library)
        row(f"lint: loading and checking {number} scenarios", wall_s, "s", f"<={LINT_SECONDS:.2f}")
        row("lint: memory", resident, "MiB")
    wall_s, resident = measure(program, "run", "rfc1939/noop-rset/noop")
    row("one case of the stock library: wall time", 1000 * wall_s, "ms")
    row("one case of the stock library: memory", resident, "MiB")


main()
