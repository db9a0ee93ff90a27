"""Every command of README.md and reports/README.md that can be run on its own works as written, and the pages are complete.

Files are taken from ```yaml file=NAME fences, commands from ```sh test fences, one a line. They run in a folder of
their own against `pop3spec serve`; mail.example and the file names on /srv are replaced by that server's, and a
password that is asked for is typed. The program is installed there with SCENARIOS alone, enough for every command to
mean what the README says: other tests run the whole suite, and these commands need not each do so again.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from serving import PROGRAM, Serving  # noqa: E402  (found through the line above)

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
PAGES = (SOURCE / "README.md", SOURCE / "reports/README.md")
TARGETS = SOURCE / "harness/target/README.md"
WORDS_MAX = 1800  # what somebody reads in a few minutes, with the transcript, the tables and the examples
SCENARIOS = ("rfc1939/case", "rfc1939/dele", "rfc1939/noop-rset", "rfc1939/quit", "rfc1939/stat", "rfc1939/states", "rfc2449/capa")
COMMAND_SECONDS = 60


def fences(kind, pages=PAGES):
    """(rest of the opening line, text) of each fence of that kind."""
    pattern = rf"(?ms)^```{kind} ?([^\n]*)\n(.*?)^```$"
    return [fence for page in pages for fence in re.findall(pattern, page.read_text(encoding="utf-8"))]


def install(prefix):
    """The program in PREFIX/bin, and the clauses, fixtures and SCENARIOS beside it, where it looks first."""
    share = prefix / "share/pop3spec/scenarios"
    (prefix / "bin").mkdir(parents=True)
    shutil.copy(PROGRAM, prefix / "bin/pop3spec")
    for folder in ("clauses", "fixtures"):
        shutil.copytree(SOURCE / "scenarios" / folder, share / folder)
    for name in SCENARIOS:
        (share / name).parent.mkdir(exist_ok=True)
        shutil.copy(SOURCE / f"scenarios/{name}.yaml", share / f"{name}.yaml")


class Readme(unittest.TestCase):
    def fill_in(self, text, server):
        """TEXT with the example's names replaced by those of the server that runs here."""
        replacements = {
            "mail.example:110": f"127.0.0.1:{server.port}",
            "host: mail.example": "host: 127.0.0.1",
            "port: 110\n": f"port: {server.port}\n",
            "implicit-port: 995": f"implicit-port: {server.tls_port}",
            "ca: cert.pem": f"ca: {server.certificate}",
            "/srv/mail/{user}/Maildir": str(server.maildirs),
        }
        for old, new in replacements.items():
            text = text.replace(old, new)
        return text

    def run_line(self, line, server, folder):
        environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "POP3_PASS2": "secret2",
            "SSL_CERT_FILE": str(server.certificate),  # a real server's certificate is known to the system
        }
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, input=b"secret1\n", check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS)
        self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout.decode(errors='replace')[-8000:]}")
        self.assertTrue(done.stdout, f"{line} printed nothing")

    def test_commands(self):
        with Serving(users={"test": "secret1", "test1": "secret1", "test2": "secret2"}) as server:
            folder = server.path / "readme"
            install(folder)
            files = [(name, text) for name, text in fences("yaml") if name.startswith("file=")]
            for name, text in files:
                (folder / name.removeprefix("file=")).write_text(self.fill_in(text, server), encoding="utf-8")
            lines = [line for mark, text in fences("sh") if mark == "test" for line in text.splitlines()]
            self.assertGreater(len(lines), 10)
            for line in lines:
                with self.subTest(line):
                    self.run_line(self.fill_in(line, server), server, folder)

    def test_every_fence_is_known(self):
        """A fence without a mark is not run, so only what starts long work or a server may go without."""
        unmarked = [text for mark, text in fences("sh") if mark != "test"]
        for line in "".join(unmarked).splitlines():
            self.assertIn(shlex.split(line)[0], {"scripts/run", "scripts/test", "scripts/interop", "pop3spec"})
            if line.startswith("pop3spec"):
                self.assertIn(" serve ", line)

    def test_named_paths_exist(self):
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for path in re.findall(r"\]\(([^):#]+)[^):]*\)", text):
                self.assertTrue((page.parent / path).exists(), path)
            for path in re.findall(r"`(scripts/[a-z-]+|harness/[\w./]+)`", text):
                self.assertTrue((SOURCE / path).exists(), path)

    def test_the_readme_is_short(self):
        self.assertLess(len(PAGES[0].read_text(encoding="utf-8").split()), WORDS_MAX)

    def test_each_table_stands_behind_what_announces_it(self):
        """A sentence that ends in a colon is followed by what it speaks of: no other paragraph, no heading."""
        for page in (*PAGES, TARGETS):
            text = re.sub(r"(?ms)^```.*?^```$", "```", page.read_text(encoding="utf-8"))
            self.assertEqual(re.findall(r":\n\n(?![`|-])(.*)", text), [], page)


class Targets(unittest.TestCase):
    """The page about target files knows every key that the program takes."""

    def test_every_key_is_there(self):
        text = TARGETS.read_text(encoding="utf-8")
        sources = [(SOURCE / f"harness/target/{name}.c").read_text(encoding="utf-8") for name in ("target_file", "target_provision")]
        keys = {key for source in sources for list_of in re.findall(r"keys\[\] = \{(.*?)\};", source, re.S) for key in re.findall(r'"([^"]+)"', list_of)}
        self.assertGreater(len(keys), 35)
        for key in keys:
            self.assertRegex(text, rf"[`{{ ]{key}[`:]")

    def test_the_example_is_taken(self):
        example, = (text for _, text in fences("yaml", [TARGETS]))
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder, "target.yaml")
            pathlib.Path(folder, "cert.pem").touch()
            target.write_text(example, encoding="utf-8")
            done = subprocess.run([PROGRAM, "run", "--target", target, "--list", "rfc1939/stat"], check=False, capture_output=True, text=True,
                                  env={**os.environ, "POP3_PASS2": "secret2"})
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
