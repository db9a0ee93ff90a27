"""The whole proof: every fault is caught by its own clause, no legal variant is flagged, no scenario is idle.

It is a million cases, so the optimised build does all of it, and the build under test, with its sanitizers, a share.
"""

import subprocess
import tempfile
import unittest

import program
from report_checks import check_proof_json

SHARE = 10


class Proof(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([program.SOURCE / "scripts" / "build", "gcc", "pop3spec"], check=True)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/proof.json"
            cls.done = subprocess.run([program.SOURCE / "build" / "gcc" / "pop3spec", "prove", "--json", path],
                                      capture_output=True, text=True, timeout=500, check=False)
            with open(path, encoding="ascii") as file:
                cls.proof = check_proof_json(file.read())

    def test_it_is_proved(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)
        self.assertTrue(self.proof["proved"])

    def test_nothing_is_idle(self):
        self.assertEqual(self.proof["idle"], [])
        self.assertEqual(self.proof["faultless_clauses"], [])
        self.assertEqual(self.proof["unvaried_clauses"], [])

    def test_no_fault_lists_what_it_does_not_break(self):
        self.assertEqual([fault["id"] for fault in self.proof["faults"] if fault["stale"]], [])

    def test_every_seam_has_its_faults(self):
        seams = {seam["id"]: seam["faults"] for seam in self.proof["seams"]}
        self.assertEqual(set(seams), {"command", "transition", "view", "reply", "wire"})
        self.assertEqual(self.proof["seam_faults_min"], 10)
        self.assertGreaterEqual(min(seams.values()), 10)
        self.assertIn(f"by seam: {seams['command']} of command, ", self.done.stdout)

    def test_there_are_variants(self):
        self.assertGreaterEqual(len(self.proof["variants"]), 15)
        self.assertGreaterEqual(len(self.proof["combinations"]), 200)


class SanitizedShare(unittest.TestCase):
    def test_every_tenth_fault_and_variant_is_proved(self):
        names = [name for noun in ("faults", "variants") for name in self.names(noun)[::SHARE]]
        done = program.run("prove", *names, timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def names(self, noun):
        return [line.split()[0] for line in program.run("list", noun).stdout.splitlines()]


if __name__ == "__main__":
    unittest.main()
