"""scenarios/clauses/HISTORY.md and the faults agree: each case has faults that name it, or a reason why there is none."""

import re
import unittest

import program

ROW = re.compile(r"\| (.+?) \| (.+?) \| (.+?) \|")
ID = re.compile(r"`([a-z0-9-]+)`")
REFERENCE = re.compile(r"CVE-\d{4}-\d{4,}|[\w-]+ (?:#\d+|PR\d+)")
NO_FAULT = "no fault: "


def ids(noun):
    return {line.split()[0] for line in program.run("list", noun).stdout.splitlines()}


def histories():
    """The cases of each fault, by its id, as history.def has them."""
    faults = program.SOURCE / "harness/refserver/faults"
    names = {}
    for table in ("faults.def", "positions.def"):
        names.update(re.findall(r'^(?:FAULT|POSITION)\((\w+), "([^"]+)"', (faults / table).read_text(), re.MULTILINE))
    rows = re.findall(r'^HISTORY\((\w+),((?:\s*"[^"]*")+)\)$', (faults / "history.def").read_text(), re.MULTILINE)
    return {names[name]: "".join(re.findall(r'"([^"]*)"', text)).split("; ") for name, text in rows}


class History(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = (program.SOURCE / "scenarios/clauses/HISTORY.md").read_text()
        rows = [ROW.fullmatch(line) for line in text.splitlines() if line.startswith("| ")]
        cls.rows = [row.groups() for row in rows if row and row[1] != "where"]
        cls.faults, cls.variants, cls.histories = ids("faults"), ids("variants"), histories()
        assert all(rows), "a row that has not three columns"

    def test_there_are_rows_of_both_kinds(self):
        without = [row for row in self.rows if row[2].startswith(NO_FAULT)]
        self.assertGreaterEqual(len(without), 20)
        self.assertGreaterEqual(len(self.rows) - len(without), 60)

    def test_each_case_has_faults_that_name_it_or_a_reason(self):
        for where, what, to in self.rows:
            if to.startswith(NO_FAULT):
                self.assertGreater(len(to), len(NO_FAULT) + 10, where)
                continue
            self.assertEqual(ID.sub("", to).strip(), "", where)
            for fault in ID.findall(to):
                self.assertIn(fault, self.faults, where)
                self.assertIn(f"{where}: {what}".replace("; ", ", "), self.histories.get(fault, []))

    def test_each_case_of_a_fault_is_a_row(self):
        rows = {(f"{where}: {what}".replace("; ", ", "), fault) for where, what, to in self.rows for fault in ID.findall(to)}
        for fault, cases in self.histories.items():
            for case in cases:
                self.assertIn((case, fault), rows)

    def test_legal_cases_name_variants_that_there_are(self):
        named = [name for *_, to in self.rows for name in re.findall(r"variants? ([a-z0-9-]+)", to)]
        self.assertGreaterEqual(len(named), 3)
        self.assertEqual(set(named) - self.variants, set())

    def test_no_advisory_stands_twice(self):
        found = [reference for where, *_ in self.rows for reference in REFERENCE.findall(where)]
        twice = {reference for reference in found if found.count(reference) > 1}
        self.assertEqual(twice, set())

    def test_explain_says_it(self):
        said = program.run("explain", "retr-unstuffed").stdout
        for case in self.histories["retr-unstuffed"]:
            self.assertIn(f"  done by      {case}\n", said)


if __name__ == "__main__":
    unittest.main()
