#!/usr/bin/env python3
"""How long the whole suite takes over TCP against the built-in server, beside its longest scenario.

Usage: suite_bench.py POP3SPEC. Prints rows as bench.h describes them. What the runs find is no matter here.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
COMPLETE = (0, 1)  # exit codes of runs that went to their end, whatever they found


def seconds_of(command):
    start = time.monotonic()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    taken = time.monotonic() - start
    if ended.returncode not in COMPLETE:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.decode(errors='replace')}")
    return taken


def row(name, value, unit):
    print(f"row\t{name}\t{value:.2f}\t{unit}\t-", flush=True)


def suite(program):
    taken = []
    longest = []
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        for _ in range(ROUNDS):
            taken.append(seconds_of([program, "run", "--json", report.name]))
            with open(report.name, encoding="utf-8") as file:
                results = json.load(file)
            cases = results["cases"]
            # Some wait on a clock of the built-in server's own, which jumps: nobody spends that time.
            longest.append(max(case["ms"] for case in cases if case["ms"] <= results["run"]["ms"]))
    row(f"suite over TCP, {len(cases)} cases: wall time", statistics.median(taken), "s")
    row("suite over TCP: its longest case", statistics.median(longest) / 1000, "s")
    row("suite over TCP: wall time for a case", 1000 * statistics.median(taken) / len(cases), "ms")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    suite(sys.argv[1])


main()
