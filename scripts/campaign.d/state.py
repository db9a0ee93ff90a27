"""What a campaign remembers between two starts. Whatever moment it is killed at, files are whole: the old or the new."""

import fcntl
import json
import os
import pathlib
import shutil
import time

import builds

HISTORY_COLUMNS = ("time", "target", "engine", "execs", "coverage", "corpus", "finds", "spent")
TEXT_COLUMNS = ("target", "engine")


def write_whole(path, data):
    """Puts DATA (text or octets) into PATH so that a reader sees all of it or what was there before."""
    octets = data.encode("utf-8") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with open(beside, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def sync_folder(folder):
    """Makes names in FOLDER last beyond a power cut, as fsync does the octets of a file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder):
    """What kills left in a target's folder: half-written files, and folders that a merge worked in."""
    for path in folder.glob("tmp*"):
        shutil.rmtree(path, ignore_errors=True)
    for place in (".", "finds/*", "finds/*/more", "unrepeated"):
        for path in folder.glob(f"{place}/.*.*[0-9]"):
            path.unlink()


class State:
    """The folder of a campaign."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = None
        self.data = {"spent": {}, "execs": {}, "turns": {}}
        try:
            self.data.update(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass

    @property
    def path(self):
        return self.folder / "campaign.json"

    def claim(self):
        """Two campaigns in one folder would tread on each other."""
        self.lock = open(self.folder / "lock", "w", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            builds.fail(f"another campaign runs in {self.folder}")

    def save(self):
        write_whole(self.path, json.dumps(self.data, indent=1, sort_keys=True))

    def target(self, name):
        folder = self.folder / name
        for part in ("corpus", "artifacts", "finds", "logs"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        return folder

    def spent(self, target):
        return self.data["spent"].get(target, 0)

    def spend(self, target, seconds):
        self.data["spent"][target] = self.spent(target) + seconds

    def turns(self, *of):
        """How many turns a target had, or an engine on a target."""
        return self.data["turns"].get("/".join(of), 0)

    def end_turn(self, *of):
        self.data["turns"]["/".join(of)] = self.turns(*of) + 1

    def execs(self, target, engine):
        """Executions so far, as far as they are known: a kill costs those of its last second."""
        return self.data["execs"].get(f"{target}/{engine}", 0)

    def note_execs(self, target, engine, count):
        self.data["execs"][f"{target}/{engine}"] = count

    def note(self, row):
        """Adds a line to the history: ROW has a value for each of HISTORY_COLUMNS but the time."""
        path = self.folder / "history.tsv"
        new = not path.exists()
        with open(path, "a", encoding="ascii") as file:
            if new:
                file.write("\t".join(HISTORY_COLUMNS) + "\n")
            file.write("\t".join([str(int(time.time())), *map(str, row)]) + "\n")

    def history(self):
        """Rows as dicts; a line that a kill left unfinished, or an earlier version wrote, is passed over."""
        try:
            lines = (self.folder / "history.tsv").read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            return []
        rows = [line.split("\t") for line in lines]
        return [{key: value if key in TEXT_COLUMNS else int(value) for key, value in zip(HISTORY_COLUMNS, row)}
                for row in rows if len(row) == len(HISTORY_COLUMNS) and row[-1].isdigit()]
