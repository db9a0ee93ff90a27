"""The manuals follow the program and its pages: each option, subcommand and section is there, and roff has no complaint."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import program

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])


class Manuals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        subprocess.run([ROOT / "scripts/manual", program.PROGRAM, cls.folder.name], check=True)
        cls.pages = {path.name: path for path in pathlib.Path(cls.folder.name).iterdir()}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def plain(self, name):
        """A page without what only roff reads."""
        text = re.sub(r"\\f[BIPR]|\\&", "", self.pages[name].read_text(encoding="utf-8"))
        for code, character in (("\\-", "-"), ("\\(ga", "`"), ("\\(ti", "~"), ("\\(ha", "^"), ("\\e", "\\")):
            text = text.replace(code, character)
        return text

    def test_every_option_is_there(self):
        text, options = self.plain("pop3spec.1"), 0
        for line in program.run("--describe-options").stdout.splitlines():
            name = line.split("\t")[1]
            self.assertIn(f'.SS "pop3spec {name} ', text)
            section = text.split(f'.SS "pop3spec {name} ')[1].split("\n.S")[0]
            for kind, *rest in (entry.split("\t") for entry in program.run(name, "--describe-options").stdout.splitlines()):
                if kind == "option":
                    options += 1
                    self.assertRegex(section, rf"(?m)(^|, )--{re.escape(rest[0])}(=|$)")
                    self.assertIn(rest[3], section)
        self.assertGreater(options, 60)

    def test_exit_codes_are_there(self):
        text = self.plain("pop3spec.1")
        for code in ("0", "1", "2", "3", "4", "70", "130, 143"):
            self.assertIn(f".TP\n{code}\n", text)

    def test_pages_are_there_as_they_are_written(self):
        for name, page in (("scenario", "scenarios"), ("target", "harness/target"), ("reports", "reports")):
            text = self.plain(f"pop3spec-{name}.5")
            source = (ROOT / page / "README.md").read_text(encoding="utf-8")
            for heading in re.findall(r"(?m)^## (.*)$", source):
                self.assertIn(heading.replace("`", "").upper(), text.upper())
            for fence in re.findall(r"(?ms)^```[\w ]*\n(.*?)^```$", source):
                for line in fence.splitlines():
                    self.assertIn(line, text)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_roff_has_no_complaint(self):
        for path in self.pages.values():
            done = subprocess.run(["groff", "-man", "-ww", "-t", "-Tutf8", path], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertGreater(len(done.stdout), 5000)


if __name__ == "__main__":
    unittest.main()
