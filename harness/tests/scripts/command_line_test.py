"""The grammar of the command line: what is wrong is named, with what to do about it, and exit code 2."""

import pathlib
import re
import shutil
import tempfile
import unittest

import program

SUBCOMMANDS = ("run", "lint", "list", "explain", "serve", "probe", "export-corpus", "import-corpus")


class CommandLine(unittest.TestCase):
    def assert_usage(self, done, *words):
        """Exit code 2, nothing on standard output, and WORDS in what it says."""
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)

    def test_version(self):
        done = program.run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^pop3spec \d+\.\d+\.\d+\n(commit     [0-9a-f]{12}\n)?"
                                      r"built by   (gcc|clang) \d[\d.]*, \w+, sanitizers: [a-z, ]+\n"
                                      r"libraries  OpenSSL 3[\d.]*, libyaml [\d.]+, GNU SASL [\d.]+, ")

    def test_help_names_each_subcommand(self):
        done = program.run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, "")
        for name in SUBCOMMANDS:
            self.assertRegex(done.stdout, rf"(?m)^  {name} ")

    def test_each_subcommand_has_help(self):
        for name in SUBCOMMANDS:
            with self.subTest(name=name):
                done = program.run(name, "--help")
                self.assertEqual(program.run(name, "-h").stdout, done.stdout)
                self.assertEqual(done.returncode, 0)
                self.assertIn(f"Usage: pop3spec {name}", done.stdout)

    def test_no_subcommand(self):
        self.assert_usage(program.run(), "Usage: pop3spec")

    def test_unknown_subcommand(self):
        self.assert_usage(program.run("rum"), "'rum'", "did you mean `pop3spec run'?")
        self.assert_usage(program.run("mail.example"), "pop3spec run mail.example")

    def test_unknown_option(self):
        self.assert_usage(program.run("run", "--jnuit", "x"), "--jnuit", "did you mean --junit?")
        self.assert_usage(program.run("run", "-x"), "'x'")

    def test_long_options_are_not_abbreviated(self):
        for option in ("--jun=x", "--scenario=x", "--fail", "--ver", "--hel"):
            with self.subTest(option=option):
                self.assert_usage(program.run("run", option), option.split("=")[0])

    def test_an_options_value_is_no_option(self):
        done = program.run("run", "--json", "--no-such-folder/x", "--list", "rfc1939/dele")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_values(self):
        wrong = [("--jobs", "0"), ("--jobs", "many"), ("--jobs", "-1"), ("--jobs", "65"), ("--seed", "0x1"),
                 ("--seed", "18446744073709551616"), ("--timeout", "0"), ("--timeout", "10h"), ("--timeout", "nan"),
                 ("--time-scale", "0"), ("--time-scale", "1x"), ("--bad-logins", ""), ("--variable", "x"), ("--variable", "=x"),
                 ("--tls", "maybe"), ("--profile", "lax"), ("--fail-on", "rain"), ("--shard", "3/2"), ("--shard", "0/2"),
                 ("--shard", "2"), ("--shard", "1/"), ("--max-failures", "0"), ("--retry", "-1")]
        for option, value in wrong:
            with self.subTest(option=option, value=value):
                self.assert_usage(program.run("run", f"{option}={value}", "--list"), option, f"'{value}'")

    def test_missing_value(self):
        self.assert_usage(program.run("run", "--json"), "json")

    def test_what_cannot_go_together(self):
        self.assert_usage(program.run("run", "--json", "-", "--tap", "-"), "--json", "--tap")
        self.assert_usage(program.run("run", "--update-expectations"), "--expect")
        self.assert_usage(program.run("run", "h", "-u", "u", "-p", "x", "--pass-file", "y"), "--pass-file")
        self.assert_usage(program.run("run", "h", "--insecure", "--ca", "y"), "--insecure", "--ca")

    def test_login_without_target(self):
        self.assert_usage(program.run("run", "-u", "test", "-p", "secret"), "TARGET")

    def test_user_without_password(self):
        self.assert_usage(program.run("run", "127.0.0.1:1", "-u", "test"), "'test'", "-p -")

    def test_unknown_selection(self):
        self.assert_usage(program.run("run", "rfc1939/delle", "--list"), "rfc1939/delle")
        self.assert_usage(program.run("run", "rfc1939-5-dele-referense", "--list"), "rfc1939-5-dele-referense")
        self.assert_usage(program.run("run", "*/no-such-*-thing", "--list"), "*/no-such-*-thing")

    def test_unknown_transport(self):
        self.assert_usage(program.run("run", "--transport", "pigeons", "--list"), "pigeons")

    def test_missing_files(self):
        for option in ("--target", "--expect", "--ca", "--cert", "--pass-file", "--scenarios"):
            with self.subTest(option=option):
                login = ("-u", "u") if option == "--pass-file" else ("-u", "u", "-p", "x")
                done = program.run("run", "127.0.0.1:1", option, "/nonexistent/file", *login)
                self.assert_usage(done, "/nonexistent/file")
                if option in ("--target", "--expect"):
                    self.assert_usage(done, f"{option} names this file")

    def test_a_word_that_is_no_host_may_have_been_a_selection(self):
        done = program.run("run", "no-such-thing", "-u", "u", "-p", "x")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no clause is called 'no-such-thing'", done.stderr)

    def test_report_folder_that_is_not_there(self):
        self.assert_usage(program.run("run", "--json", "/nonexistent/r.json"), "--json", "/nonexistent/r.json")

    def test_bad_addresses(self):
        for address in ("host:port", "host:0", "host:65536", "[::1", "pop3://", "http://host", "pop3://u:p@host", ""):
            with self.subTest(address=address):
                done = program.run("probe", address)
                self.assertEqual(done.returncode, 2, done.stderr)

    def test_one_id_one_list_one_target(self):
        self.assert_usage(program.run("list", "clauses", "faults"), "'faults'")
        self.assert_usage(program.run("explain"), "ID")
        self.assert_usage(program.run("explain", "a", "b"), "'b'")
        self.assert_usage(program.run("probe"), "TARGET")

    def test_mail_of_a_maildir_or_of_fixtures(self):
        self.assert_usage(program.run("serve", "--fixture", "dottd"), "'dottd'", "did you mean dotted?")
        self.assert_usage(program.run("serve", "--maildir", "/nonexistent", "--empty"), "--empty", "--maildir")
        self.assert_usage(program.run("serve", "--fixture", "dotted", "--empty"), "--fixture", "--empty")

    def test_tokens_belong_to_accounts(self):
        self.assert_usage(program.run("serve", "--token", "abc"), "--token", "--user")
        self.assert_usage(program.run("serve", "--user", "u:p", "--token", "a b"), "--token", "'a b'")

    def test_uncovered_needs_something_to_cover(self):
        self.assert_usage(program.run("list", "fixtures", "--uncovered"), "--uncovered", "fixtures")


class Lists(unittest.TestCase):
    def lines(self, *arguments):
        done = program.run(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_each_list_has_lines_with_distinct_ids(self):
        for noun in ("scenarios", "clauses", "faults", "variants", "fixtures", "rules"):
            with self.subTest(noun=noun):
                ids = [line.split()[0] for line in self.lines("list", noun)]
                self.assertGreater(len(ids), 0)
                self.assertEqual(len(ids), len(set(ids)))

    def test_unknown_list(self):
        done = program.run("list", "scenario")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean scenarios?", done.stderr)
        self.assertIn("fixtures or rules", program.run("list", "unicorns").stderr)

    def test_every_id_is_explained(self):
        for noun in ("scenarios", "clauses", "faults", "variants", "fixtures", "rules"):
            first = self.lines("list", noun)[0].split()[0]
            with self.subTest(first=first):
                self.assertIn(first, self.lines("explain", first)[0])

    def test_every_clause_is_covered_or_says_why_not(self):
        self.assertEqual(self.lines("list", "clauses", "--uncovered"), [])
        self.assertEqual(self.lines("list", "faults", "--uncovered"), [])

    def test_uncovered_clauses_are_clauses_that_no_scenario_proves(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(program.SOURCE / "scenarios", folder, dirs_exist_ok=True)
            made_up = pathlib.Path(folder, "clauses", "made-up.yaml")
            made_up.write_text(MADE_UP, encoding="utf-8")
            uncovered = self.lines("list", "clauses", "--uncovered", "--scenarios", folder)
            self.assertEqual([line.split()[0] for line in uncovered], ["made-up-1-sing"])
            explained = self.lines("explain", "made-up-1-sing", "--scenarios", folder)
            self.assertIn("nothing yet", "\n".join(explained))

    def test_what_is_explained_says_what_proves_it(self):
        for name, label in (("dele-twice", "judged by    "),
                            ("audit/marked-hidden", "broken by    dele-twice"),
                            ("dotted", "used by      "),
                            ("rfc1939-5-dele-reference", "scenario     rfc1939/dele/hides-message"),
                            ("no-top", "prove it     pop3spec prove no-top")):
            with self.subTest(name=name):
                self.assertIn(label, "\n".join(self.lines("explain", name)))

    def test_a_scenario_is_explained_with_all_of_its_dialog(self):
        explained = self.lines("explain", "rfc1939/stuffing/first-line")
        at = explained.index("  dialog       C: RETR 1")
        self.assertEqual([line.strip() for line in explained[at + 1:]], ["S: +OK", "S: ...", "S: = ..first", "S: second", "S: ...", "S: ."])
        self.assertIn("  state        transaction", explained)

    def test_a_clause_of_many_cases_is_explained_in_few_lines(self):
        explained = self.lines("explain", "rfc1939-3-wrong-state")
        self.assertLess(len(explained), 60)
        self.assertIn("  scenario     rfc1939/states/behind-user, 6 cases", explained)

    def test_scenarios_are_explained_together(self):
        explained = self.lines("explain", "rfc1939/dele/hides-message")
        self.assertEqual(explained[0], "Scenarios rfc1939/dele/hides-message")
        self.assertEqual(len(explained), 4)

    def test_the_way_to_a_new_clause_can_be_gone(self):
        text = (program.SOURCE / "scenarios" / "clauses" / "README.md").read_text(encoding="utf-8")
        commands = set(re.findall(r"`pop3spec ([^`]+)`", text)) - {"prove"}  # the whole proof has tests of its own
        self.assertGreater(len(commands), 6)
        for command in sorted(commands):
            with self.subTest(command=command):
                done = program.run(*command.split())
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_unknown_id(self):
        done = program.run("explain", "rfc1939-5-dele-referense")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean rfc1939-5-dele-reference?", done.stderr)

    def test_selection(self):
        chosen = self.lines("run", "--list", "rfc1939/dele")
        self.assertTrue(all(line.startswith("rfc1939/dele/") for line in chosen))
        by_glob = self.lines("run", "--list", "rfc1939/dele/*")
        self.assertEqual(chosen, by_glob)
        self.assertLess(len(chosen), len(self.lines("run", "--list")))

    def test_an_id_takes_one_scenario_of_a_file(self):
        """So that the command that repeats a case of one's own file repeats that alone."""
        with tempfile.TemporaryDirectory(prefix="pop3spec-test-") as folder:
            mine = pathlib.Path(folder, "mine.yaml")
            mine.write_text(GOOD + GOOD.partition("scenarios:\n")[2].replace("name: ", "name: another-"), encoding="utf-8")
            names = {line.split("@")[0] for line in self.lines("run", "--list", mine)}
            self.assertEqual(len(names), 2)
            one = min(names)
            for words in ((mine, one), (one, mine)):
                self.assertEqual({line.split("@")[0] for line in self.lines("run", "--list", *words)}, {one})
            both = self.lines("run", "--list", mine, "rfc1939/stat")
            self.assertEqual({line.split("@")[0] for line in both} & names, names)


MADE_UP = """pop3spec-clauses: 1
document: made-up
clauses:
  - id: made-up-1-sing
    section: "1"
    where: first paragraph
    level: must
    party: server
    demand: The server sings.
"""

GOOD = """pop3spec: 1
scenarios:
  - name: greets
    title: The server greets
    proves: [rfc1939-4-greeting]
    dialog: |
      C: QUIT
      S: +OK
"""


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def lint(self, text, name="mine.yaml"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path, program.run("lint", path)

    def test_own_tree_is_clean(self):
        done = program.run("lint")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^\d+ scenarios, \d+ fixtures and \d+ clauses are as they should be\n$")

    def test_good_file(self):
        _, done = self.lint(GOOD)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_error_has_its_place_a_caret_and_a_suggestion(self):
        path, done = self.lint(GOOD.replace("proves:", "prooves:"))
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:5:5: ", done.stderr)
        self.assertRegex(done.stderr, r"(?m)^ *5 \|     prooves: .*\n *\|     \^$")
        self.assertIn("'proves'", done.stderr.split("'prooves'")[1])

    def test_unknown_clause(self):
        _, done = self.lint(GOOD.replace("rfc1939-4-greeting", "rfc1939-4-greetings"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("rfc1939-4-greeting", done.stderr)

    def test_hostile_files_end_soon_with_a_message(self):
        hostile = {"nesting": "[" * 100000, "maps": "{a: " * 50000, "aliases": "a: &a [x]\nb: *a\n",
                   "NUL": b"pop3spec: 1\n\0", "latin-1": b"pop3spec: \xff\n", "empty": "", "huge": "a" * 2000000,
                   "terminal": "pop3spec: \"\\e]0;owned\\a\"\n", "binary": bytes(range(256)) * 40, "tag": "!!python/object x\n",
                   "fill": GOOD.replace("QUIT", "{fill A 99999999999}"),
                   "repeat": GOOD.replace("QUIT", "{repeat 999999 {repeat 999999 {repeat 999999 x}}}"),
                   "regex": GOOD.replace("S: +OK", "S: +OK /(a+)+(b|/"), "bomb": "a: [" + "x, " * 400000 + "]"}
        for name, text in hostile.items():
            with self.subTest(name=name):
                _, done = self.lint(text)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("mine.yaml", done.stderr)
                self.assertLess(len(done.stderr), 200000)
                self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stderr))

    def test_what_is_no_file_of_scenarios(self):
        for path in ("/nonexistent/a.yaml", self.folder, "/dev/null"):
            done = program.run("lint", path)
            self.assertEqual(done.returncode, 2)
            self.assertIn(str(path), done.stderr)


if __name__ == "__main__":
    unittest.main()
