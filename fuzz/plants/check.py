#!/usr/bin/env python3
"""Shows that every oracle of a fuzz target can fire: check.py PLANTED_PROGRAM CORPUS PLANTS.c SOURCE...

For each PLANTED("mistake", "oracle") in PLANTS.c the corpus is replayed with that mistake, which must end in that oracle;
and each oracle that the sources name must have such a mistake.
"""

import os
import pathlib
import re
import subprocess
import sys

REPLAY_S_MAX = 60
FAILED = re.compile(r"^oracle (\S+) failed", re.MULTILINE)


def oracles_of(sources):
    """Ids of one target have their first word in common: the one that FUZZ_CHECK says."""
    text = "".join(pathlib.Path(source).read_text() for source in sources)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    words = {id.split("-")[0] for id in re.findall(r'FUZZ_CHECK\((?:(?!;\n).)*?"([a-z0-9-]+)"\)', text, re.DOTALL)}
    return {id for id in re.findall(r'"([a-z0-9]+-[a-z0-9-]+)"', text) if id.split("-")[0] in words}


def fired(program, mistake, path):
    """The oracle that aborted the replay of path with the mistake; None if none did."""
    environment = dict(os.environ, FUZZ_PLANT=mistake)
    replay = subprocess.run([program, path], env=environment, capture_output=True, text=True, errors="replace", check=False,
                            timeout=REPLAY_S_MAX)
    found = FAILED.search(replay.stderr)
    if replay.returncode != 0 and not found:
        print(f"{mistake}: the replay of {path} ended with {replay.returncode}:\n{replay.stderr[:2000]}")
    return found[1] if replay.returncode != 0 and found else None


def fires(program, mistake, oracle, corpus):
    """Of several oracles that a mistake breaks the first one aborts: then one input at a time is tried as well."""
    first = fired(program, mistake, corpus)
    seen = {first}
    for path in sorted(corpus.iterdir()) if first not in (oracle, None) else []:
        seen.add(fired(program, mistake, path))
        if oracle in seen:
            break
    if oracle not in seen:
        print(f"{mistake}: oracle {oracle} did not fire, but {seen - {None} or 'none'}")
    return oracle in seen


def main():
    program, corpus, plants, *sources = sys.argv[1:]
    pairs = re.findall(r'PLANTED\(\s*"([^"]+)",\s*"([^"]+)"\)', pathlib.Path(plants).read_text())
    wanted = oracles_of(sources)
    unplanted = wanted - {oracle for _, oracle in pairs}
    unknown = {oracle for _, oracle in pairs} - wanted
    if unplanted or unknown or not pairs:
        print(f"oracles without a plant: {sorted(unplanted)}; plants of no oracle: {sorted(unknown)}")
    failed = [mistake for mistake, oracle in pairs if not fires(program, mistake, oracle, pathlib.Path(corpus))]
    print(f"{len(pairs)} planted mistakes, {len(wanted)} oracles, {len(failed)} that did not fire")
    return 1 if failed or unplanted or unknown or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
