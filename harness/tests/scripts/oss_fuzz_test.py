"""OSS-Fuzz and ClusterFuzzLite: their files say what they must, and what build.sh builds passes their gates."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
OSS_FUZZ = SOURCE / "fuzz/oss-fuzz"
CLUSTER_FUZZ_LITE = SOURCE / ".clusterfuzzlite"
TIMEOUT_SECONDS = 300


class Files(unittest.TestCase):
    def test_projects(self):
        project = yaml.safe_load((OSS_FUZZ / "project.yaml").read_text(encoding="utf-8"))
        lite = yaml.safe_load((CLUSTER_FUZZ_LITE / "project.yaml").read_text(encoding="utf-8"))
        for key in ("homepage", "language", "primary_contact", "main_repo", "fuzzing_engines", "sanitizers"):
            self.assertTrue(project.get(key), key)
        for key, value in lite.items():
            self.assertEqual(project[key], value)

    def test_images(self):
        """Both install the same packages, and take the same build.sh."""
        images = [(folder / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "") for folder in (OSS_FUZZ, CLUSTER_FUZZ_LITE)]
        packages = [next(line for line in text.splitlines() if "apt-get install" in line).split() for text in images]
        self.assertEqual(*packages)
        for text in images:
            self.assertIn("build.sh $SRC/", text)
            self.assertIn("FROM gcr.io/oss-fuzz-base/base-builder:ubuntu-24-04\n", text)

    def test_workflows(self):
        modes = set()
        for path in (SOURCE / ".github/workflows").glob("cflite_*.yml"):
            for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
                self.assertEqual(job["steps"][0]["uses"], "actions/checkout@v4", path.name)
                modes.update(step["with"]["mode"] for step in job["steps"] if "mode" in step.get("with", {}))
        self.assertEqual(modes, {"code-change", "batch", "prune", "coverage"})

    def test_archives_repeat(self):
        archives = []
        with tempfile.TemporaryDirectory() as name:
            for number in range(2):
                path = pathlib.Path(name) / f"{number}.zip"
                subprocess.run(["python3", SOURCE / "fuzz/zip_seeds.py", path, SOURCE / "corpus/server_lines"], check=True)
                archives.append(path.read_bytes())
        self.assertGreater(len(archives[0]), 100)
        self.assertEqual(*archives)


class Build(unittest.TestCase):
    def check(self, *arguments, **changes):
        return subprocess.run([SOURCE / "scripts/check-oss-fuzz", *arguments], capture_output=True, text=True, check=False,
                              env={**os.environ, **changes}, timeout=TIMEOUT_SECONDS)

    def test_a_target_passes_the_gates(self):
        done = self.check("--kinds", "libfuzzer-address", "--targets", "server_lines")
        self.assertEqual((done.returncode, done.stdout), (0, "libfuzzer-address: server_lines_fuzzer: right\n"), done.stderr)

    def test_what_cannot_be_built_is_told(self):
        done = self.check("--kinds", "libfuzzer-address", "--targets", "no_such_target")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no_such_target", done.stderr)


if __name__ == "__main__":
    unittest.main()
