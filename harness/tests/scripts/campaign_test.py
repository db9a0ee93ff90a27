"""Campaigns: what is found is filed, made small and repeatable, whatever ends the campaign, and machines share it."""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "scripts/campaign.d"))

import engines  # noqa: E402  (found through the line above)
import finds  # noqa: E402
import hosts  # noqa: E402
import merge  # noqa: E402
import page  # noqa: E402
import state  # noqa: E402

CAMPAIGN = SOURCE / "scripts/campaign"
TIMEOUT_SECONDS = 300
REPLAY = finds.Replay


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def arguments(self, state, *arguments):
        return [CAMPAIGN, "--state", self.folder / state, "--corpus", self.folder / "corpus", "--report", self.folder / "report",
                "--no-coverage", *arguments]

    def campaign(self, state, *arguments):
        return subprocess.run(self.arguments(state, *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS, check=False)

    def finds(self, state):
        found = [json.loads(path.read_text(encoding="utf-8")) for path in (self.folder / state).glob("*/finds/*/find.json")]
        return {find["fingerprint"]: find for find in found}


class Campaign(Folder):
    def test_both_engines_find_the_canary(self):
        done = self.campaign("state", "--targets", "canary", "--time", "10s", "--cores", "2")
        self.assertEqual(done.returncode, 1, done.stderr)
        found = self.finds("state")
        self.assertIn("oracle-canary", found, done.stderr)
        self.assertEqual(self.living(), [])
        find = found["oracle-canary"]
        self.assertTrue(find["minimised"])
        self.assertEqual((self.folder / "state/canary/finds/oracle-canary/input").read_bytes(), b"!")
        self.assertIn("oracle canary failed", (self.folder / "state/canary/finds/oracle-canary/report.txt").read_text(encoding="utf-8"))
        again = subprocess.run(find["replay"], shell=True, cwd=SOURCE, capture_output=True, check=False)
        self.assertNotEqual(again.returncode, 0)
        self.assertTrue(any((self.folder / "state/canary/afl").glob("main-*/queue/id:*")), done.stderr)
        text = (self.folder / "report/index.html").read_text(encoding="utf-8")
        for expected in ("oracle-canary", "<polyline", 'class="aflpp"', 'class="libfuzzer"'):
            self.assertIn(expected, text)

    def test_a_right_target_gives_a_corpus(self):
        options = ("--targets", "server_lines", "--engine", "libfuzzer", "--cores", "1")
        (self.folder / "corpus/server_lines").mkdir(parents=True)
        (self.folder / "corpus/server_lines/seed").write_bytes(b"+OK\r\n")
        done = self.campaign("state", *options, "--time", "3s")
        self.assertEqual((done.returncode, self.finds("state")), (0, {}), done.stderr)
        names = [path.name for path in (self.folder / "corpus/server_lines").iterdir()]
        self.assertGreater(len(names), 10)
        self.assertTrue(all(name.startswith("found.") or name == "seed" for name in names))
        history = (self.folder / "state/history.tsv").read_text(encoding="ascii").splitlines()
        first = int(history[-1].split("\t")[3])
        self.assertEqual(self.campaign("state", *options, "--time", "1s", "--no-merge").returncode, 0)
        history = (self.folder / "state/history.tsv").read_text(encoding="ascii").splitlines()
        self.assertGreater(int(history[-1].split("\t")[3]), first, "a second start goes on counting")

    def test_a_kill_loses_nothing(self):
        """Killed as soon as an engine has written a find, the next start files it; and no engine outlives the kill."""
        for engine in ("libfuzzer", "aflpp"):
            with self.subTest(engine):
                self.kill_and_resume(engine, "--targets", "canary", "--engine", engine, "--cores", "1")

    def kill_and_resume(self, state, *options):
        with subprocess.Popen(self.arguments(state, *options, "--time", "100s"), start_new_session=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            until = time.monotonic() + TIMEOUT_SECONDS
            while not self.written(state) and time.monotonic() < until:
                time.sleep(0.02)
            written = self.written(state)
            process.send_signal(signal.SIGKILL)
        self.assertTrue(written)
        self.assertEqual(self.living(but="T"), [])  # the next start ends what AFL++ stopped
        self.assertEqual(self.campaign(state, *options, "--time", "1s").returncode, 1)
        self.assertEqual(self.living(), [])
        self.assertEqual(list((self.folder / state / "canary/artifacts").glob("crash-*")), [])
        self.assertTrue(self.finds(state))

    def written(self, state):
        folder = self.folder / state / "canary"
        return [*folder.glob("artifacts/crash-*"), *folder.glob("afl/*/crashes/id:*"), *folder.glob("finds/*/find.json")]

    def living(self, but=""):
        """Command lines of processes that work in the campaign's folder, a moment after its end, but those in the states BUT."""
        until = time.monotonic() + 10
        while True:
            found = [line for line, letter in self.processes() if str(self.folder).encode() in line and letter not in but]
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.05)

    @staticmethod
    def processes():
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                yield (folder / "cmdline").read_bytes(), (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            except OSError:
                pass

    def test_machines_share(self):
        """Two folders stand for two machines: what the first's main instance kept comes to the second's."""
        options = ("--targets", "canary", "--engine", "aflpp", "--cores", "1", "--time", "2s")
        queue = self.folder / "one/canary/afl/main-one/queue"
        find = self.folder / "one/canary/finds/oracle-canary"
        for folder in (queue, find):
            folder.mkdir(parents=True)
        (queue / "id:000000,time:0,execs:0,orig:seed").write_bytes(b"other")
        (find / "input").write_bytes(b"!")
        hosts = self.folder / "hosts"
        hosts.write_text(f"# the other one\n{self.folder}/one\n{self.folder}/not-begun-yet\n", encoding="utf-8")
        done = self.campaign("two", *options, "--name", "two", "--hosts", hosts)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertTrue(any((self.folder / "two/canary/afl/main-one/queue").iterdir()), done.stderr)
        self.assertFalse((self.folder / "one/canary/afl/main-two").exists())
        self.assertIn("oracle-canary", self.finds("two"))

    def test_what_is_wrong_is_told(self):
        with open(self.folder / "hosts", "w", encoding="utf-8") as file:
            file.write("# none\n")
        for arguments, word in ((("--targets", "nothing"), "no target 'nothing'"), (("--time", "soon"), "'soon' is no time"),
                                (("--hosts", self.folder / "hosts"), "names no machine"),
                                (("--hosts", self.folder / "hosts", "--engine", "libfuzzer"), "AFL++"), (("--cores", "0"), "--cores")):
            done = self.campaign("state", *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(word, done.stderr)


class Parts(unittest.TestCase):
    def setUp(self):
        patched = unittest.mock.patch.object(engines.builds, "build_id", return_value="first")
        self.build_id = patched.start()
        self.addCleanup(patched.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def replay(self, report, status=-6, target="session"):
        replay = REPLAY.__new__(REPLAY)
        replay.target, replay.status, replay.report = target, status, report
        return replay

    def test_fingerprints(self):
        stack = ("==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n"
                 "    #0 0x55d in __asan_memcpy (/build/replay_session+0x9)\n"
                 "    #1 0x55e in buf_append /src/harness/base/buf.c:40:5\n"
                 "    #2 0x55f in send_octets /src/fuzz/session_play.c:9:1\n")
        elsewhere = stack.replace("0x55", "0x77").replace("/src/", "/other/").replace(":40:5", ":41:5")
        name = self.replay(stack).fingerprint()
        self.assertRegex(name, "^addresssanitizer-heap-use-after-free-[0-9a-f]{8}$")
        self.assertEqual(self.replay(elsewhere).fingerprint(), name)
        self.assertNotEqual(self.replay(stack.replace("buf_append", "buf_clear")).fingerprint(), name)
        accused = "accused of crlf (variant none): expected x; got y\noracle session-accused failed at fuzz/a.c:1: false\n"
        self.assertEqual(self.replay(accused).fingerprint(), "oracle-session-accused-crlf")
        undefined = "../harness/base/buf.c:40:7: runtime error: signed integer overflow: 5 + 2147483647 cannot be represented in type 'int'\n"
        name = self.replay(undefined).fingerprint()
        self.assertRegex(name, "^undefined-signed-integer-overflow-")
        self.assertEqual(self.replay(undefined.replace(":40:7", ":41:7").replace(": 5 +", ": 6 +")).fingerprint(), name)
        self.assertNotEqual(self.replay(undefined.replace("overflow", "remainder")).fingerprint(), name)
        endless = "==7==ERROR: AddressSanitizer: stack-overflow on address 0x60\n" + "".join(
            f"    #{i} 0x55d in again /src/harness/base/buf.c:{i}:5\n" for i in range(9))
        self.assertEqual(self.replay(endless).frames(), ["again"])
        freed = stack.replace("    #2 0x55f in send_octets /src/fuzz/session_play.c:9:1\n", "\nfreed by thread T0 here:\n    #0 0x55d in other /src/harness/a.c:1:1\n")
        self.assertEqual(self.replay(freed).frames(), ["buf_append"])
        self.assertEqual(self.replay("", status=None).fingerprint(), "timeout")
        self.assertFalse(self.replay("fine", status=0).failed)

    def test_what_ends_libfuzzer_is_not_read_again(self):
        """Else it would end before its first own input, each time it is started."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for kept in ("corpus/one/seed", "afl/main-one/queue/id:000000,time:0", "afl/main-one/queue/id:000001,src:000000,op:havoc"):
                (folder / kept).parent.mkdir(parents=True, exist_ok=True)
                (folder / kept).write_bytes(kept.encode())
            ends = hashlib.sha1(b"afl/main-one/queue/id:000001,src:000000,op:havoc").hexdigest()
            fuzzer = engines.LibFuzzer("one", folder, folder / "corpus", "host")
            self.assertEqual(fuzzer.endings, set())
            with unittest.mock.patch.object(engines.builds, "seed_folders", return_value=[folder / "corpus/one"]):
                self.assertEqual(len(list(fuzzer.gather().iterdir())), 3)
                fuzzer.leave_out(b"artifact_prefix='x'; Test unit written to /a/b/crash-" + ends.encode() + b"\nBase64: xx\n")
                self.assertEqual(len(list((folder / "gathered").iterdir())), 2)
                names = [path.name for path in fuzzer.gather().iterdir()]
            self.assertEqual((len(names), ends in names), (2, False))
            self.assertEqual(engines.LibFuzzer("one", folder, folder / "corpus", "host").endings, {ends}, "nor in a later turn")
            self.build_id.return_value = "second"
            self.assertEqual(engines.LibFuzzer("one", folder, folder / "corpus", "host").endings, set())

    def test_what_an_engine_still_writes_is_looked_at_again(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            path = folder / "artifacts/crash-1"
            path.parent.mkdir()
            path.write_bytes(b"")
            taken = finds.Finds("canary", folder)
            seen = []

            def file(octets, _engine, _digest, _seconds):
                seen.append(octets)
                path.write_bytes(b"all of it")
                return None, True

            taken.file = file
            for _ in range(3):
                taken.take(path, "libfuzzer")
            self.assertEqual(seen, [b"", b"all of it"])
            self.assertFalse(path.exists())

    def test_finds_of_an_instance_that_resumed(self):
        """AFL++ moves its folder of crashes away then, which may be before they were filed."""
        with tempfile.TemporaryDirectory() as name:
            folders = [pathlib.Path(name) / "afl/main-one" / kind for kind in ("crashes", "crashes.2026-11-22-10:48:14", "hangs")]
            for folder in folders:
                folder.mkdir(parents=True)
                (folder / "id:000000,sig:06").write_bytes(b"!")
                (folder / "README.txt").write_bytes(b"")
            found = engines.AflPlusPlus.crashes(pathlib.Path(name))
            self.assertEqual([path.parent for path in found], folders)

    def test_every_role_has_its_turn(self):
        """On one core too, and with names that AFL++ takes and no two instances share."""
        afl = engines.AflPlusPlus("one", self.folder, self.folder, engines.host_name("a-machine-with-a-long-name"))
        alone = [role[0].split("-")[0] for turn in range(2 * len(afl.ROLES)) for role in afl.roles(1, turn)]
        self.assertEqual(alone[::2], ["main"] * len(afl.ROLES))
        self.assertEqual(set(alone[1::2]), {name for name, _, _ in afl.ROLES})
        names = [role[0] for role in afl.roles(64, 3)]
        self.assertEqual(len(set(names)), 64)
        self.assertLessEqual(max(map(len, names)), 24)
        self.assertNotEqual(engines.host_name("ip-172-31-100-101"), engines.host_name("ip-172-31-100-102"))

    def test_an_engine_that_does_not_run_is_told(self):
        (self.folder / "logs").mkdir()
        starts = []

        def start(log):
            starts.append(log)
            return engines.spawn(["sh", "-c", "echo no such luck; exit 7"], log, dict(os.environ))

        instance = engines.Instance(self.folder / "logs/one", start)
        for _ in range(9):
            instance.process.wait()
            if not instance.trouble:
                instance.start_again(worked=False)
        self.assertEqual(len(starts), engines.STARTS_MAX)
        self.assertRegex(engines.troubles([instance])[0], "status 7.*no such luck")

    def test_finds_that_a_kill_left_a_build_to_look_at(self):
        """Nothing is lost, whichever step comes last, and all is looked at again behind it."""
        campaign = self.folder
        for steps in range(7):
            self.folder = campaign / str(steps)
            self.folder.mkdir()
            self.build_id.return_value = "first"
            taken = self.finds_with(b"nothing at all")
            for name in ("crash-1", "crash-2"):
                self.assertIsNone(self.take(taken, name, name.encode()))
            self.build_id.return_value = "second"
            with unittest.mock.patch.object(state, "write_whole", side_effect=self.killed_behind(steps)):
                with self.assertRaises(KeyboardInterrupt):
                    self.finds_with(b"crash")
            kept = [path.read_bytes() for place in ("unrepeated/*", "finds/*/input", "finds/*/more/*") for path in self.folder.glob(place)]
            self.assertEqual(set(kept), {b"crash-1", b"crash-2"}, f"behind {steps} steps")
            taken = self.finds_with(b"crash")
            self.assertEqual((taken.count(), taken.unrepeated_count()), (1, 0), f"behind {steps} steps")

    @staticmethod
    def killed_behind(steps):
        """A way to write files in which so many steps succeed."""
        left = [steps]
        write = state.write_whole

        def step(path, content):
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            write(path, content)

        return step

    def test_a_build_that_gives_a_find_another_name(self):
        taken = self.finds_with(b"!")
        self.assertEqual(self.take(taken, "crash-1", b"!"), "oracle-one")
        self.build_id.return_value = "second"
        taken = self.finds_with(b"!", "two")
        self.assertEqual([path.parent.name for path in self.folder.glob("finds/*/find.json")], ["oracle-two"])
        self.assertIn("oracle two", (self.folder / "finds/oracle-two/report.txt").read_text(encoding="utf-8"))
        self.assertEqual((self.folder / "finds/oracle-two/input").read_bytes(), b"!")
        self.assertEqual(taken.mended_count(), 1)

    def test_engines_let_others_go_first(self):
        process = engines.spawn(["sh", "-c", "nice"], self.folder / "log", dict(os.environ))
        self.assertEqual(process.wait(), 0)
        self.assertEqual(int((self.folder / "log").read_text(encoding="ascii")), min(os.nice(0) + 10, 19))

    def test_a_process_that_is_gone_already_is_ended(self):
        program = self.folder / "sleeper"
        shutil.copy(shutil.which("sleep"), program)
        process = subprocess.Popen([program, "60"])
        with unittest.mock.patch.object(os, "kill", side_effect=ProcessLookupError):
            engines.end_leftovers(self.folder)
        engines.end_leftovers(self.folder)
        self.assertEqual(process.wait(), -signal.SIGKILL)

    def finds_with(self, failing, oracle="one"):
        """The finds of a target whose replay fails on inputs that hold FAILING."""
        def replay(target, octets, symbolize, seconds=0):
            return self.replay(f"oracle {oracle} failed at a.c:1\n", -6 if failing in octets else 0, target)

        patched = unittest.mock.patch.object(finds, "Replay", side_effect=replay)
        self.addCleanup(patched.stop)
        patched.start()
        return finds.Finds("canary", self.folder)

    def take(self, taken, name, octets):
        (self.folder / "artifacts").mkdir(exist_ok=True)
        (self.folder / "artifacts" / name).write_bytes(octets)
        return taken.take(self.folder / "artifacts" / name, "libfuzzer")

    def test_a_build_that_mends_a_find(self):
        """It is no find any more, and what it hid is one: an input of the same name that still fails."""
        taken = self.finds_with(b"!")
        self.assertEqual(self.take(taken, "crash-1", b"!"), "oracle-one")
        self.assertIsNone(self.take(taken, "crash-2", b"and another!"))
        self.assertIsNone(self.take(taken, "crash-3", b"nothing"))
        self.assertEqual((taken.count(), taken.unrepeated_count(), taken.mended_count()), (1, 1, 0))
        self.build_id.return_value = "second"
        taken = self.finds_with(b"another")
        self.assertEqual((taken.count(), taken.mended_count()), (1, 0))
        self.assertEqual((self.folder / "finds/oracle-one/input").read_bytes(), b"and another!")
        self.build_id.return_value = "third"
        taken = self.finds_with(b"nothing")
        self.assertEqual((taken.count(), taken.unrepeated_count(), taken.mended_count()), (1, 0, 1))
        self.assertEqual((self.folder / "finds/oracle-one/input").read_bytes(), b"nothing")

    def test_what_somebody_else_ended_is_no_find(self):
        """An interrupt from the keyboard, for one. It is tried again, and not for ever."""
        ended = self.replay("", -signal.SIGINT)
        with unittest.mock.patch.object(finds, "Replay", return_value=ended):
            taken = finds.Finds("canary", self.folder)
            for _ in range(finds.ATTEMPTS_MAX):
                self.assertIsNone(self.take(taken, "crash-1", b"!"))
                self.assertEqual((taken.count(), taken.seen), (0, set()))
            self.assertIsNotNone(self.take(taken, "crash-1", b"!"))

    def test_a_corpus_keeps_within_its_limits(self):
        place, working = self.folder / "corpus/one", self.folder / "working"
        working.mkdir()
        (working / "0").write_bytes(b"needed no more")
        many = [b"%d" % number for number in range(merge.FOUND_FILES_MAX + 5)]
        self.assertEqual(merge.within_limits(many), many[:merge.FOUND_FILES_MAX])
        self.assertEqual(merge.within_limits([b"a", bytes(merge.FOUND_OCTETS_MAX)]), [b"a"])
        self.assertEqual(merge.put([b"a", b"b\r\n"], place), (2, 0))
        (place / "by-hand").write_bytes(b"c")
        self.assertEqual(merge.put([b"b\r\n", b"d"], place), (1, 1))
        self.assertEqual(sorted(path.read_bytes() for path in place.iterdir()), [b"b\r\n", b"c", b"d"])
        merge.keep_small(working, [b"d"])
        self.assertEqual([path.read_bytes() for path in working.iterdir()], [b"d"])
        lines = merge.index_of(self.folder / "corpus").splitlines()
        self.assertEqual([line.split("\t")[2:] for line in lines[1:]], [["1", "d"], ["3", "b\\r\\n"]])

    def test_too_many_inputs_make_room_for_those_that_reach_most(self):
        """libFuzzer's merges are stood in for: the first takes all, the second finds that 9 reaches most, then 7."""
        corpus, folder = self.folder / "corpus", self.folder / "state"
        for path in (corpus / "one/seed", *(folder / "corpus" / str(size) for size in range(1, 10))):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * int(path.name) if path.name.isdigit() else b"seed")

        def merge_stand_in(_target, _folder, _place, how, folders):
            found = sorted((path.read_bytes() for source in folders[1:] for path in source.iterdir()), key=len)
            for number, octets in enumerate(found if how == "merge" else [found[-1], found[-3]]):
                path = folders[0] / hashlib.sha1(octets).hexdigest()
                path.write_bytes(octets)
                os.utime(path, ns=(number, number))
            return True

        with unittest.mock.patch.multiple(merge, run_merge=merge_stand_in, FOUND_FILES_MAX=4, SMALL_FILES_MAX=3), \
                unittest.mock.patch.object(merge.builds, "seed_folders", return_value=[corpus / "one"]):
            said = merge.merge("one", folder, corpus)
        self.assertIn("4 inputs are new", said)
        self.assertIn("5 more are too many", said)
        self.assertEqual(sorted(len(path.read_bytes()) for path in (corpus / "one").glob("found.*")), [1, 2, 3, 9])
        self.assertEqual(len(list((folder / "corpus").iterdir())), 9, "the campaign keeps what the corpus has no room for")
        self.assertEqual((corpus / "found.tsv").read_text(encoding="ascii"), merge.index_of(corpus))

    def test_the_index_is_up_to_date(self):
        path = SOURCE / "corpus" / merge.INDEX
        self.assertEqual(path.read_text(encoding="ascii"), merge.index_of(SOURCE / "corpus"), "a campaign's merge writes it")

    @unittest.skipUnless(shutil.which("rsync"), "rsync is missing")
    def test_finds_of_all_targets_come_with_one(self):
        """The target whose turn it is has its queue fetched; finds come for all, so that each machine has every one."""
        for target in ("a", "b"):
            (self.folder / f"one/{target}/finds/oracle-x").mkdir(parents=True)
            (self.folder / f"one/{target}/finds/oracle-x/input").write_bytes(b"!")
            (self.folder / f"one/{target}/afl/main-one/queue").mkdir(parents=True)
        sources = [str(self.folder / "one"), str(self.folder / "not-there")]
        shared = hosts.Hosts(sources, state.State(self.folder / "two"), ["a", "b"], 6000, "two")
        shared.poll("a")
        while shared.proceed():
            time.sleep(0.01)
        found = sorted(str(path.relative_to(self.folder / "two")) for path in (self.folder / "two").glob("*/*/*"))
        self.assertEqual(found, ["a/afl/main-one", "a/fetched/oracle-x", "b/fetched/oracle-x"])
        shared.poll("b")
        while shared.proceed():
            time.sleep(0.01)
        self.assertTrue((self.folder / "two/b/afl/main-one").exists(), "each target has a time of its own")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            shared.finish(interrupted=False)
        self.assertIn("not-there: nothing was there", said.getvalue())
        self.assertNotIn("/one:", said.getvalue())

    def test_minimising_keeps_what_matters(self):
        far = time.monotonic() + 60
        self.assertEqual(finds.minimise(b"USER u\r\nPASS p\r\nDELE 1\r\nQUIT\r\n", lambda octets: b"P" in octets and b"Q" in octets, far), b"PQ")
        self.assertEqual(finds.minimise(b"abc", lambda octets: True, far), b"")
        self.assertEqual(finds.minimise(b"abc", lambda octets: True, time.monotonic() - 1), b"abc")

    def test_pages_show_findings_as_text(self):
        find = {"fingerprint": "<b>", "target": "t", "found": 0, "octets": 1, "hits": 1, "engine": "aflpp", "replay": "a && b"}
        self.assertIn("&lt;b&gt;", page.finds_table([find]))
        self.assertIn("a &amp;&amp; b", page.finds_table([find]))

    def test_the_least_stability_is_shown(self):
        self.assertIsNone(engines.stability(self.folder))
        for name, said in (("one", "stability : 100.00%\n"), ("two", "stability         : 9.10%\n"), ("three", "stability : \n")):
            (self.folder / "afl" / name).mkdir(parents=True)
            (self.folder / "afl" / name / "fuzzer_stats").write_text(said, encoding="ascii")
        self.assertEqual(page.stability_of("aflpp", self.folder), "9.10%")
        self.assertEqual(page.stability_of("libfuzzer", self.folder), "-")

    def test_coverage_that_is_counted_anew_does_not_fall(self):
        self.assertEqual([row["coverage"] for row in page.growing([{"coverage": count} for count in (5, 9, 2, 10)])], [5, 9, 9, 10])


if __name__ == "__main__":
    unittest.main()
