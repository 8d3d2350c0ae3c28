"""What "make lab" says on a machine that lacks something: at once, with the package to install, before it begins."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).parents[2]
TOOLS = ("awk", "cat", "cc", "dirname", "gcc", "go", "grep", "openssl", "printf", "sed", "sh", "uname")


class NeedTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.path / tool).symlink_to(os.path.realpath(found) if tool != "sh" else found)
        self.stub("python3", f'exec "{sys.executable}" "$@"')

    def stub(self, name, text):
        """Puts a script into PATH in place of a program."""
        self.without(name)
        file = self.path / name
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        file.chmod(0o755)

    def without(self, *names):
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def check(self, status, *said, but=()):
        """Runs the check of "make lab" and looks for what it should say, and for what it should not."""
        began = time.monotonic()
        done = subprocess.run(
            ["/bin/sh", "-euc", ". clients/need.sh; need_lab; echo begins"], cwd=ROOT, text=True, check=False, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": str(self.path), "HOME": str(self.path), "GOTOOLCHAIN": "local"},
        )
        took = time.monotonic() - began
        self.assertEqual(done.returncode, status, msg=done.stdout)
        self.assertEqual(done.stdout.endswith("begins\n"), status == 0)
        self.assertLess(took, 20, msg="this should be said at once")
        for text in said:
            self.assertIn(text, done.stdout)
        for text in but:
            self.assertNotIn(text, done.stdout)
        return done.stdout

    def test_nothing(self):
        self.assertEqual(self.check(0), "begins\n")

    def test_go(self):
        self.without("go")
        self.check(1, "Go was not found: install Go 1.26", "https://go.dev/dl")

    def old_go(self, version, toolchain):
        self.stub("go", f'case $2 in GOVERSION) echo {version};; GOTOOLCHAIN) echo {toolchain};; CC) echo gcc;; esac')

    def test_old_go(self):
        self.old_go("go1.25.9", "local")
        self.check(1, "Go 1.25.9 is too old: install Go 1.26")
        self.old_go("go1.19.8", "")
        self.check(1, "Go 1.19.8 is too old")

    def test_old_go_that_fetches_a_newer_one(self):
        self.old_go("go1.25.9", "auto")
        self.assertEqual(self.check(0), "begins\n")

    def test_newer_go(self):
        for version in ("go1.26.0", "go1.26rc2", "go1.27.0", "go1.100.1", "go2.0.0"):
            with self.subTest(version):
                self.old_go(version, "local")
                self.assertEqual(self.check(0), "begins\n")

    def test_python(self):
        self.without("python3")
        self.check(1, "python3 was not found", "apt-get install python3 python3-venv")

    def test_old_python(self):
        (self.path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 2)", encoding="utf-8")
        self.stub("python3", f'PYTHONPATH="{self.path}" exec "{sys.executable}" "$@"')
        self.check(1, "Python 3.9.2, too old", "PYTHON=")

    def test_venv(self):
        # Debian's python3 has the module venv, but not ensurepip, which it needs.
        (self.path / "ensurepip.py").write_text("raise ImportError", encoding="utf-8")
        self.stub("python3", f'PYTHONPATH="{self.path}" exec "{sys.executable}" "$@"')
        self.check(1, "no venv module", "apt-get install python3 python3-venv", but=["gcc"])

    def test_gcc(self):
        self.without("gcc", "cc")
        self.check(0, "gcc was not found; without it cells are interpreted", "apt-get install gcc libc6-dev", but=["python"])

    def test_headers(self):
        self.stub("gcc", "exit 1")
        self.check(0, "headers of the C library", "apt-get install gcc libc6-dev")

    def test_openssl(self):
        self.without("openssl")
        self.check(0, "openssl was not found", "apt-get install openssl")

    def test_all_at_once(self):
        self.without("gcc", "cc", "openssl", "python3")
        self.check(1, "apt-get install python3 python3-venv gcc libc6-dev openssl")

    def test_other_systems(self):
        self.without("gcc", "cc", "openssl")
        self.stub("dnf", "")
        self.check(0, "Fedora: dnf install gcc openssl")
        self.stub("uname", "echo Darwin")
        self.check(0, "macOS: brew install gcc openssl")


if __name__ == "__main__":
    unittest.main()
