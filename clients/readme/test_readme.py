"""README.md is followed by its own commands, in a fresh clone in a path with blanks, with an empty home."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "readme"
CLONE = FOLDER / "a fresh clone"
HOME = FOLDER / "home"
COLD = bool(os.environ.get("README_COLD"))

# What may be in the home afterwards: caches, what the go command counts for itself, and what rustup's rustc leaves, which pip
# asks for its version.
CACHES = (".rustup", ".cache", "go/pkg", "Library/Caches", ".config/go/telemetry", "Library/Application Support/go/telemetry", ".npm")

# A start with everything in place may take so long, or so many times what importing JupyterLab alone takes on a busy machine.
SECOND_START, SLOWER = 5, 2.5


def blocks(page, language):
    """Returns the fenced blocks of a page in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (CLONE / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def output(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def environment():
    """Returns the environment of somebody who has just come to this machine: its settings for the network, and no more."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("JUPYTER", "XDG_", "GOKERNEL", "PYTHON", "MAKE", "MFLAGS", "README_")) and name not in
           ("VIRTUAL_ENV", "CONDA_PREFIX", "IPYTHONDIR", "GOPATH", "GOBIN", "LAB_ARGS", "DISPLAY", "BROWSER")}
    env |= {"HOME": str(HOME), "PATH": f"{HOME}/go/bin:{env['PATH']}", "GOENV": output("go", "env", "GOENV")}
    if "PYTHON" in os.environ:
        env["PYTHON"] = os.environ["PYTHON"]
    pip = pathlib.Path.home() / ".config" / "pip" / "pip.conf"
    if pip.exists():
        env.setdefault("PIP_CONFIG_FILE", str(pip))
    if COLD:  # what it fetches can be removed again
        env["GOFLAGS"] = f"{output('go', 'env', 'GOFLAGS')} -modcacherw".strip()
    else:  # what has been fetched and compiled before need not be again
        env |= {"GOCACHE": output("go", "env", "GOCACHE"), "GOMODCACHE": output("go", "env", "GOMODCACHE"),
                "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(pathlib.Path.home() / ".cache" / "pip")}
    return env


# Settings with which nothing can be fetched.
OFFLINE = {"GOPROXY": "off", "PIP_NO_INDEX": "1"} | {
    name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")}


def clone():
    """Clones the repository, with the changes that are not committed yet."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    HOME.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(CLONE)], check=True)
    listed = subprocess.run(["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard", "--deduplicate"], cwd=ROOT,
                            stdout=subprocess.PIPE, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (CLONE / name).unlink(missing_ok=True)
        if (ROOT / name).exists():
            (CLONE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, CLONE / name)


class Lab:
    """A JupyterLab started by a command of the README."""

    def __init__(self, command, env):
        self.began = time.monotonic()
        self.log = []
        self.address = None
        self.took = None
        self.up = threading.Event()
        self.process = subprocess.Popen(["/bin/sh", "-euc", command], cwd=CLONE, env=env, text=True, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.log.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/\S*", line)
            if found and self.address is None:
                self.address = found[0]
                self.up.set()
        self.up.set()

    def wait(self, patience):
        self.up.wait(patience)
        if self.address is None:
            raise AssertionError("no server:\n" + "".join(self.log))
        while True:  # the address is printed a little before the server listens
            try:
                self.get("/api/status")
                break
            except urllib.error.URLError:
                if time.monotonic() - self.began > patience:
                    raise
                time.sleep(0.05)
        self.took = time.monotonic() - self.began

    def get(self, path):
        base, _, query = self.address.partition("?")
        with urllib.request.urlopen(f"{base.split('/lab')[0]}{path}?{query}", timeout=60) as answer:
            return json.load(answer)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)
        self.reader.join()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class ReadmeTests(unittest.TestCase):
    def setUp(self):
        clone()
        self.env = environment()

    def test_readme(self):
        own = {
            "make lab\n": self.first_start,
            'make lab LAB_ARGS="--no-browser --port 9000"\n': self.second_start,
            "make image\ndocker run --rm -p 8888:8888 gokernel\n": self.in_the_image,
            "make test\n": self.this_very_test,
        }
        seen = blocks("README.md", "sh")
        self.assertEqual(seen[0], "make lab\n")
        for block in seen:
            with self.subTest(block):
                began = time.monotonic()
                own.pop(block, self.run_block)(block)
                print(f"    {time.monotonic() - began:6.1f} s  {block.strip().replace(chr(10), '; ')}", flush=True)
        self.assertEqual(own, {}, msg="these are no longer in the README")
        with self.subTest("docs/display.md"):
            self.examples("docs/display.md")

    def run_block(self, block):
        """Runs commands that are none of the below."""
        done = subprocess.run(["/bin/sh", "-euc", block], cwd=CLONE, env=self.env, text=True, check=False, timeout=600,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, msg=done.stdout)
        # A block that is not run to its end, or writes nothing, would be as good as none.
        self.assertNotEqual(done.stdout.strip(), "")

    def first_start(self, block):
        """From the clone to the Game of Life, in a browser."""
        env = self.env | {"LAB_ARGS": f"--no-browser --ServerApp.port={free_port()} --ServerApp.port_retries=0"}
        lab = Lab(block, env)
        try:
            lab.wait(900)
            print(f"\n    {lab.took:6.1f} s  until JupyterLab listened, the first time", flush=True)
            self.assertIn("/lab/tree/00-start-here.ipynb?token=", lab.address)
            seen = subprocess.run(["node", "clients/readme/life.mjs", lab.address, str(FOLDER / "life.png")], cwd=ROOT, text=True,
                                  check=False, timeout=400, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(seen.returncode, 0, msg=seen.stdout + "".join(lab.log))
        finally:
            lab.close()
        self.assertEqual(self.left_at_home(), [], msg="written outside of the clone")
        self.assertEqual(output("git", "-C", str(CLONE), "status", "--porcelain", "--", "clients", "cmd", "kernel", ".venv"),
                         output("git", "-C", str(ROOT), "status", "--porcelain", "--", "clients", "cmd", "kernel", ".venv"))

    def left_at_home(self):
        found = []
        for folder, _, names in os.walk(HOME):
            for name in names:
                file = pathlib.Path(folder, name).relative_to(HOME).as_posix()
                if not file.startswith(CACHES):
                    found.append(file)
        return found

    def second_start(self, block):
        """In five seconds, without a network, and with another kernel of our name at home."""
        other = HOME / ".local" / "share" / "jupyter" / "kernels" / "gokernel"
        other.mkdir(parents=True)
        (other / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "Other", "language": "go"}), encoding="utf-8")
        began = time.monotonic()
        subprocess.run([str(CLONE / ".venv/bin/python"), "-c", "import jupyterlab.labapp"], check=True, env=self.env)
        most = max(SECOND_START, SLOWER * (time.monotonic() - began))
        lab = Lab(block, self.env | OFFLINE)
        try:
            lab.wait(120)
            print(f"\n    {lab.took:6.1f} s  until JupyterLab listened, the second time", flush=True)
            self.assertLess(lab.took, most, msg="".join(lab.log))
            spec = lab.get("/api/kernelspecs")["kernelspecs"]["gokernel"]["spec"]
            self.assertEqual((spec["display_name"], spec["argv"][0]), ("Go", str(CLONE / ".venv/bin/gokernel")))
        finally:
            lab.close()
            shutil.rmtree(other)

    def in_the_image(self, block):
        """make image-test runs it, where there is a builder or root; here it is seen that the commands are those."""
        plan = output("make", "-C", str(CLONE), "--dry-run", "--no-print-directory", "image", "image-test")
        self.assertIn("deploy/image/build.sh", plan)
        self.assertIn("deploy/image/test.sh", plan)
        self.assertIn(block.strip().splitlines()[1].split()[-1], (CLONE / "deploy/image/build.sh").read_text(encoding="utf-8"))

    def this_very_test(self, block):
        """It is being run; what is to be seen is that it would be what CI runs."""
        self.assertIn(block.strip(), (CLONE / ".ci" / "run").read_text(encoding="utf-8"))
        plan = output("make", "-C", str(CLONE), "--dry-run", "--no-print-directory", "test")
        for part in ("go test", "clients/run.sh", "clients/browser/run.sh", "clients/readme/run.sh", "verify notebooks"):
            self.assertIn(part, plan)

    def examples(self, page):
        """Runs the Go of a page as the cells of one notebook."""
        cells = [{"cell_type": "code", "id": f"cell{i}", "metadata": {}, "source": source.rstrip("\n"), "outputs": [], "execution_count": None}
                 for i, source in enumerate(blocks(page, "go"))]
        self.assertGreater(len(cells), 4)
        file = FOLDER / "page.ipynb"
        file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
        done = subprocess.run(["gokernel", "run", "--timeout", "2m", str(file)], cwd=FOLDER, env=self.env, text=True, check=False, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, msg=done.stdout)


if __name__ == "__main__":
    unittest.main()
