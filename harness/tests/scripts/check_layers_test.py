"""scripts/check-layers finds each way in which a source can break the arrows, and says nothing about a good tree."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
LAYERS = "base:\nnet: base | openssl\nserver: base\nserver/shell: base server net\ncli: base server/shell\n"


class CheckLayers(unittest.TestCase):
    def check(self, name, text, layers=LAYERS):
        """The exit code and messages for a tree of one file (and an empty one in base, where there is a base)."""
        with tempfile.TemporaryDirectory() as folder:
            harness = pathlib.Path(folder)
            (harness / "LAYERS").write_text(layers)
            sources = {"base/empty.h": "", name: text} if "base:" in layers else {name: text}
            for source, content in sources.items():
                (harness / source).parent.mkdir(parents=True, exist_ok=True)
                (harness / source).write_text(content)
            done = subprocess.run([SOURCE / "scripts/check-layers", folder], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def accept(self, name, text):
        self.assertEqual(self.check(name, text), (0, ""))

    def refuse(self, name, text, reason, layers=LAYERS):
        status, errors = self.check(name, text, layers)
        self.assertEqual(status, 1)
        self.assertIn(reason, errors)

    def test_legal_arrows(self):
        self.accept("net/a.c", '#include "base/b.h"\n#include "net/a.h"\n#include <openssl/ssl.h>\n#include <poll.h>\n')
        self.accept("server/faults/a.c", '#include "server/session.h"\n#include "server/faults/a.h"\n')
        self.accept("server/shell/a.c", '#include "server/session.h"\n#include "net/loop.h"\n')
        self.accept("cli/a.c", "#include <argp.h>\n#include <stdio.h>\n")
        self.accept("bench/a.c", '#include "anything.h"\n')

    def test_forbidden_layer(self):
        self.refuse("base/a.c", '\n#include "net/loop.h"\n', "base/a.c:2: base may not include from net")
        self.refuse("server/a.c", '#include "server/shell/listen.h"\n', "server may not include from server/shell")
        self.refuse("cli/a.c", '#include "net/loop.h"\n', "cli may not include from net")

    def test_forbidden_header(self):
        self.refuse("base/a.h", "#include <openssl/md5.h>\n", "base may not name <openssl/md5.h> of openssl")
        self.refuse("server/a.c", "# include <sys/socket.h>\n", "which belongs to net")
        self.refuse("net/a.c", "#include <argp.h>\n", "which belongs to cli")

    def test_include_without_layer(self):
        self.refuse("net/a.c", '#include "loop.h"\n', "does not begin with a folder of LAYERS")
        self.refuse("net/a.c", '#include "other/loop.h"\n', "does not begin with a folder of LAYERS")

    def test_source_outside_layers(self):
        self.refuse("stray/a.c", "", "lies in no folder of LAYERS")

    def test_layers_file(self):
        self.refuse("a/a.c", "", "a sees b, which does not stand above it", "a: b\nb: a\n")
        self.refuse("a/a.c", "", "names yaaml", "a: | yaaml\n")
        self.refuse("a/a.c", "", "stands here twice", "a:\na:\n")
        self.refuse("a/a.c", "", "not of the form", "a\n")

    def test_empty_tree(self):
        self.refuse("a/notes.txt", "", "no sources here", "a:\n")


if __name__ == "__main__":
    unittest.main()
