#!/usr/bin/env python3
"""How long `prove` takes: every fault and variant, in memory. Once, for it is the longest of all measurements.

Usage: prove_bench.py POP3SPEC. Prints rows as bench.h describes them.
"""

import subprocess
import sys
import time

AIM_SECONDS = 120


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    start = time.monotonic()
    done = subprocess.run([sys.argv[1], "prove"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.exit(f"prove ended with {done.returncode}: {done.stdout[-2000:].decode(errors='replace')}")
    print(f"row\tprove: wall time\t{time.monotonic() - start:.2f}\ts\t<={AIM_SECONDS}.00", flush=True)


main()
