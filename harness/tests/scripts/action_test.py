"""The GitHub action: its steps as the runner runs them, annotations of scenario lines, and the summary of the job."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import program
import report_checks
from serving import Serving

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
LOGIN = ("-u", "test", "-p", "secret")
NOOP = "rfc1939/noop-rset/noop"


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tools = self.folder / "tools"
        self.tools.mkdir()

    def tool(self, name, text):
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)


class Action(Folder):
    def step(self, index, inputs, tree=ROOT, **more):
        """Runs step INDEX with INPUTS beside the defaults, as the runner would: expressions are replaced, nothing else."""
        step = ACTION["runs"]["steps"][index]
        given = {name: about["default"] for name, about in ACTION["inputs"].items()} | inputs
        filled = {name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], text)
                  .replace("${{ github.action_repository }}", "owner/name") for name, text in step["env"].items()}
        environment = program.environment(**filled, GITHUB_ACTION_PATH=str(tree), GITHUB_OUTPUT=str(self.folder / "output"),
                                          GITHUB_STEP_SUMMARY=str(self.folder / "summary.md"), GITHUB_ACTIONS="true",
                                          GITHUB_SERVER_URL="https://server.example",
                                          PATH=f"{self.tools}:{os.environ['PATH']}", **more)
        return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], cwd=self.folder, env=environment,
                              capture_output=True, text=True, check=False, timeout=120)

    def outputs(self):
        return dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())

    def test_the_file_is_what_a_composite_action_is(self):
        self.assertEqual(ACTION["runs"]["using"], "composite")
        text = (ROOT / "action.yml").read_text()
        for name in re.findall(r"inputs\.([a-z-]+)", text):
            self.assertIn(name, ACTION["inputs"])
        self.assertEqual(set(re.findall(r"inputs\.([a-z-]+)", text)), set(ACTION["inputs"]))
        for about in ACTION["outputs"].values():
            self.assertIn("steps.run.outputs.", about["value"])

    def test_the_readme_uses_it_as_it_is(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        fences = [yaml.safe_load(text) for text in re.findall(r"(?ms)^```yaml\n(.*?)^```$", readme)]
        uses = next(fence for fence in fences if isinstance(fence, list) and "uses" in fence[0])[0]
        self.assertLessEqual(set(uses["with"]), set(ACTION["inputs"]))
        gitlab = next(fence for fence in fences if "pop3" in fence)["pop3"]
        command = next(line for line in gitlab["script"] if line.startswith("pop3spec run"))
        done = program.run(*command.split()[1:], "--list", cwd=self.folder, env=program.environment(POP3SPEC_PASS="x"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_released_package_is_installed(self):
        self.tool("curl", 'for word; do last=$word; done; echo "curl $last" >>log; : >"$(echo "$*" | sed "s/.*--output \\([^ ]*\\).*/\\1/")"')
        self.tool("apt-get", 'echo "apt-get $1 $(basename "$4")" >>log')
        self.tool("dpkg", "echo amd64")
        self.tool("sudo", 'shift; exec "$@"')
        self.tool("pop3spec", "echo pop3spec 9.9.9")
        done = self.step(0, {"version": "v9.9.9"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "log").read_text().splitlines(),
                         ["curl https://server.example/owner/name/releases/download/v9.9.9/pop3spec_9.9.9_amd64.deb",
                          "apt-get install pop3spec_9.9.9_amd64.deb"])

    def test_without_a_release_the_tree_is_built(self):
        tree = self.folder / "tree"
        (tree / "scripts").mkdir(parents=True)
        for name in ("action", "common.bash"):
            (tree / "scripts" / name).write_bytes((ROOT / "scripts" / name).read_bytes())
        for name in ("deps", "build"):
            (tree / "scripts" / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.folder}/log"\n')
        for path in (tree / "scripts").iterdir():
            path.chmod(0o755)
        (tree / "CMakeLists.txt").write_bytes((ROOT / "CMakeLists.txt").read_bytes())
        self.tool("curl", "exit 22")
        self.tool("sudo", 'shift; exec "$@"')
        self.tool("cmake", f'echo "cmake $1" >>"{self.folder}/log"')
        self.tool("pop3spec", "echo pop3spec 9.9.9")
        done = self.step(0, {}, tree=tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "log").read_text().splitlines(), ["deps run", "build release", "cmake --install"])

    def test_a_run_that_passes(self):
        (self.tools / "pop3spec").symlink_to(program.PROGRAM)
        done = self.step(1, {"selection": "rfc1939/noop-rset\n rfc1939/quit", "arguments": "--jobs=1\n\n--fail-on=should"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        outputs = self.outputs()
        self.assertEqual(outputs["exit-code"], "0")
        results = report_checks.check_json((self.folder / outputs["json"]).read_text())
        self.assertEqual((results["run"]["selection"], results["run"]["fail_on"]), ("rfc1939/noop-rset rfc1939/quit", "should"))
        report_checks.check_junit((self.folder / outputs["junit"]).read_text())
        report_checks.check_html((self.folder / outputs["html"]).read_text())
        self.assertIn("**Exit 0**", (self.folder / "summary.md").read_text(encoding="utf-8"))
        self.assertNotIn("::error", done.stdout)

    def test_a_run_that_fails(self):
        (self.tools / "pop3spec").symlink_to(program.PROGRAM)
        with Serving(None, {"test": "secret"}, ["--fault", "noop-unanswered"]) as server:
            done = self.step(1, {"target": f"127.0.0.1:{server.port}", "user": "test", "password": "secret", "selection": NOOP,
                                 "arguments": "--timeout=300ms"}, GITHUB_WORKSPACE=str(ROOT))
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(self.outputs()["exit-code"], "1")
        found = re.search(r"(?m)^::error file=(scenarios/rfc1939/noop-rset\.yaml),line=(\d+),title=([^:]+)::(.*)$", done.stdout)
        self.assertTrue(found, done.stdout)
        self.assertIn("NOOP", (ROOT / found[1]).read_text().splitlines()[int(found[2]) - 2])
        self.assertEqual(found[3], NOOP)
        self.assertIn("%0Aexpected: ", found[4])
        self.assertIn(NOOP, (self.folder / "summary.md").read_text(encoding="utf-8").replace("&#45;", "-"))
        self.assertNotIn("secret", done.stdout)


class Unasked(Folder):
    def test_elsewhere_nothing_is_annotated_unless_asked(self):
        with program.Listener(program.mailbox({b"STAT": b"+OK\r\n"})) as listener:
            done = program.run("run", listener.address, *LOGIN, "rfc1939/stat/form")
            self.assertNotIn("::error", done.stdout)
            done = program.run("run", listener.address, *LOGIN, "rfc1939/stat/form", "--annotations", "--json", "-",
                               "--summary", self.folder / "summary.md")
        report_checks.check_json(done.stdout)
        self.assertIn("::error ", done.stderr)
        self.assertIn("| **fail** | rfc1939/stat/form |", (self.folder / "summary.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
