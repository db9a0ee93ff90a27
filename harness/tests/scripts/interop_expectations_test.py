"""The expectation files of scripts/interop name cases that exist, and cite what each failure breaks.

Whether the servers really fail so is found by running them; an entry whose cases are gone would be found by nobody.
"""

import fnmatch
import os
import pathlib
import re
import subprocess
import unittest

import yaml

SERVERS = pathlib.Path(os.environ["SOURCE_DIR"]) / "scripts/interop.d"


def output_of(*arguments):
    return subprocess.run([os.environ["POP3SPEC"], *arguments], capture_output=True, text=True, check=True).stdout


def first_words(text):
    return [line.split()[0] for line in text.splitlines() if line.strip()]


class Expectations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cases = [case.split("@")[0] for case in first_words(output_of("run", "--list"))]
        cls.cases = cases + first_words(output_of("list", "rules"))
        cls.clauses = set(first_words(output_of("list", "clauses")))
        cls.files = {file: yaml.safe_load(file.read_text()) for file in sorted(SERVERS.glob("*/expect*.yaml"))}
        cls.entries = [(f"{file.parent.name}/{file.name}: {entry['case']}", entry)
                       for file, entries in cls.files.items() for entry in entries]

    def test_every_server_has_its_file(self):
        servers = {path.parent for path in SERVERS.glob("*/server.py")}
        self.assertEqual({file.parent for file in self.files}, servers)

    def test_each_names_a_case(self):
        for where, entry in self.entries:
            self.assertTrue(fnmatch.filter(self.cases, entry["case"]), f"{where}: no case has such a name")

    def test_each_cites_what_is_broken(self):
        """The clause; a scenario that proves none cites the text, and what cannot be judged names what is in the way."""
        for where, entry in self.entries:
            if "clause" in entry:
                self.assertIn(entry["clause"], self.clauses, where)
            else:
                self.assertRegex(entry["reason"], r"RFC \d{4} section|accused by audit/[a-z-]+", where)

    def test_each_failure_has_the_words_that_condemn_it(self):
        for where, entry in self.entries:
            if not entry.get("clause", "").startswith("advisory-") and entry["verdict"] != "blocked":
                self.assertRegex(entry["reason"], r"RFC \d{4}", where)

    def test_no_case_is_named_twice(self):
        for file, entries in self.files.items():
            patterns = [entry["case"] for entry in entries]
            self.assertEqual(sorted(set(patterns)), sorted(patterns), file)


if __name__ == "__main__":
    unittest.main()
