"""The container image, tried as people use it. IMAGE names it; test.sh runs this."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import aiohttp
from container import Container, config, inside, output
from server import Kernel

IMAGE = os.environ["IMAGE"]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LARGEST = 450_000_000  # bytes, compressed
STOP = 3  # seconds that SIGTERM may take

# A cell that must be compiled, and one that needs the race detector.
COMPILED = "type pair[T any] struct{ a, b T }\nfunc (p pair[T]) swap() pair[T] { return pair[T]{p.b, p.a} }\nfmt.Println(pair[int]{1, 2}.swap())"
RACE = "%%race\nvar n int\ndone := make(chan bool)\ngo func() { n++; done <- true }()\nn++\n<-done\nfmt.Println(\"n is\", n)"


def free_port():
    """Returns a port that nobody uses."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, token=None):
    """Returns the status and the text that a server answers."""
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as err:
        return err.code, ""


class Lab:
    """JupyterLab in a container, from its start to its end."""

    def __init__(self, **options):
        self.port = free_port()
        self.container = Container(IMAGE, **options)

    def __enter__(self):
        self.container.__enter__()
        self.process = self.container.start("lab", f"--port={self.port}", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            link = re.search(rf"http://127\.0\.0\.1:{self.port}/lab\S*\?token=(\S+)", line)
            if link:
                self.link, self.token = link.group(0), link.group(1)
                break
        else:
            raise AssertionError(f"JupyterLab ended: {self.said}")
        for _ in range(300):  # the link comes before the server does
            with contextlib.suppress(OSError):
                get(f"{self.url}/api")
                break
            time.sleep(0.1)
        # The rest goes to nobody, but must be read.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.stop()
        self.drain.wait(30)
        self.process.stdout.close()
        self.container.__exit__()

    @property
    def url(self):
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        """Asks the container to end as "docker stop" does, and returns how many seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, subprocess.CalledProcessError):
                os.kill(inside(self.process) if self.container.builder == "buildah" else self.process.pid, signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began

    def cells(self, *codes):
        """Runs cells in a kernel of the server and returns their outcomes."""

        async def run():
            async with aiohttp.ClientSession(headers={"Authorization": f"token {self.token}"}) as http:
                async with Kernel(http, self.url) as kernel:
                    return [await kernel.execute(code) for code in codes]

        return asyncio.run(run())


class ImageTests(unittest.TestCase):
    def shell(self, script, **options):
        """Runs a shell script in a container and returns what it printed."""
        with Container(IMAGE, **options) as container:
            done = container.run("sh", "-euc", script, timeout=900)
        self.assertEqual(done.returncode, 0, msg=done.stdout)
        return done.stdout

    def test_what_the_image_says_of_itself(self):
        said = config(IMAGE)
        self.assertEqual(said["User"], "1000:100")
        self.assertEqual(said["Cmd"], ["lab"])
        self.assertIn("8888/tcp", said["ExposedPorts"])
        self.assertEqual(said["Healthcheck"]["Test"], ["CMD", "healthy"])
        self.assertEqual(said["Labels"]["org.opencontainers.image.licenses"], "BSD-3-Clause")
        self.assertRegex(said["Labels"]["org.opencontainers.image.revision"], "^[0-9a-f]{40}$")

    def test_size(self):
        """What a registry would send is less than was promised."""
        with tempfile.TemporaryDirectory() as folder:
            if Container(IMAGE).builder == "buildah":
                output("buildah", "push", "--quiet", "--format", "v2s2", IMAGE, f"dir:{folder}/image")
                manifest = json.loads(pathlib.Path(folder, "image", "manifest.json").read_text())
                sizes = [layer["size"] for layer in manifest["layers"]]
            else:
                saved = f"{Container(IMAGE).builder} save {IMAGE} | gzip | wc -c"
                sizes = [int(subprocess.run(["sh", "-c", saved], check=True, stdout=subprocess.PIPE).stdout)]
        print(f"compressed: {sum(sizes) / 1e6:.0f} MB, layers {[round(s / 1e6, 1) for s in sizes]}", file=sys.stderr)
        self.assertLess(sum(sizes), LARGEST)

    def test_lab(self):
        """A token by default, printed as a link; the health check; cells, compiled and with the race detector; and the end."""
        with Lab() as lab:
            self.assertRegex(lab.token, "^[0-9a-f]{48}$")
            self.assertEqual(get(f"{lab.url}/api/contents")[0], 403)
            status, listed = get(f"{lab.url}/api/contents", lab.token)
            self.assertEqual((status, sorted(f["name"] for f in json.loads(listed)["content"])), (200, ["notebooks", "work"]))
            names = [f["name"] for f in json.loads(get(f"{lab.url}/api/contents/notebooks", lab.token)[1])["content"]]
            self.assertLessEqual({"00-start-here.ipynb", "56-life.ipynb"}, set(names))
            specs = json.loads(get(f"{lab.url}/api/kernelspecs", lab.token)[1])
            self.assertEqual(specs["default"], "gokernel")
            self.assertEqual(get(lab.link)[0], 200)
            compiled, race = lab.cells(COMPILED, RACE)
            self.assertEqual((compiled.status, compiled.stdout), ("ok", "{2 1}\n"))
            self.assertIn("Data race 1 of 1", race.shown, msg=race)
            if lab.container.builder == "buildah":
                with Container(IMAGE) as other:  # the health check sees other servers only by their files
                    self.assertEqual(other.run("healthy").returncode, 1)
                entered = ["nsenter", "--target", str(inside(lab.process)), "--mount", "--pid", "--root", "--wd=/", "env", "-i"]
                healthy = [*config(IMAGE)["Env"], "healthy"]
                done = subprocess.run(entered + healthy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual(done.returncode, 0, msg=done.stdout)
            self.busy(lab)
            took = lab.stop()
            self.assertLess(took, STOP)
            self.assertIn(lab.process.returncode, (0, 143, -15))

    def busy(self, lab):
        """Starts a kernel whose cell never ends."""

        async def begin():
            async with aiohttp.ClientSession(headers={"Authorization": f"token {lab.token}"}) as http:
                kernel = await Kernel(http, lab.url).__aenter__()
                with contextlib.suppress(TimeoutError):
                    await kernel.execute('fmt.Println("going")\nfor {\n}', timeout=3)

        asyncio.run(begin())

    def test_browser(self):
        """JupyterLab in the image, in a browser: the same tests as those of "make lab"."""
        with Lab() as lab:
            command = ["sh", str(ROOT / "clients/browser/run.sh")]
            done = subprocess.run(command, env=os.environ | {"LAB_URL": lab.link}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, msg=done.stdout)
        print("".join(line + "\n" for line in done.stdout.splitlines() if re.match("ℹ (tests|pass|fail|skipped) ", line)), file=sys.stderr)
        # Each lesson, and the tests of cells and troubles; none would be a failure too.
        self.assertGreater(int(re.search(r"ℹ pass (\d+)", done.stdout).group(1)), 15, msg=done.stdout)

    def test_token(self):
        """A token of one's own."""
        with Lab(env={"JUPYTER_TOKEN": "of-my-own"}) as lab:
            self.assertNotIn("of-my-own", lab.said)
            self.assertEqual(get(f"{lab.url}/api/contents", "of-my-own")[0], 200)
            self.assertEqual(get(f"{lab.url}/api/contents", "another")[0], 403)

    def test_any_user(self):
        """A user that the image does not know works in a folder of the host's, and waits for no compilation of the library."""
        with tempfile.TemporaryDirectory() as folder:
            os.chown(folder, 4242, 4243)
            pathlib.Path(folder, "cells.ipynb").write_text(notebook(COMPILED, RACE))
            said = self.shell(
                "cd work && before=$(find $GOCACHE -name '*-d' | wc -l) && gokernel run cells.ipynb -o out.ipynb --allow-errors"
                " && touch mine && echo new: $(($(find $GOCACHE -name '*-d' | wc -l) - before))",
                user="4242:4243", volumes=[f"{folder}:/home/jovyan/work"],
            )
            self.assertIn("Data race 1 of 1", said)
            self.assertNotIn("may take a minute", said)
            self.assertIn("{2 1}", said)
            # Some files are of the cells' own; the library would be hundreds.
            self.assertLess(int(re.search(r"new: (\d+)", said).group(1)), 50)
            made = os.stat(f"{folder}/mine")
            self.assertEqual((made.st_uid, made.st_gid), (4242, 4243))

    def test_build_cache_stays(self):
        """The go command forgets nothing of what was compiled beforehand, though the image may be weeks old."""
        said = self.shell(
            "echo 1 >$GOCACHE/trim.txt; before=$(find $GOCACHE -name '*-d' | wc -l)"
            "; printf 'package main\n\nfunc main() {}\n' >work/main.go; go build -o work/program work/main.go; cat $GOCACHE/trim.txt"
            "; echo; echo $before $(find $GOCACHE -name '*-d' | wc -l)"
        ).split()
        self.assertGreater(int(said[0]), 1_000_000, msg="the go command has not looked for what is old")
        self.assertGreater(int(said[1]), 500)
        self.assertGreaterEqual(int(said[2]), int(said[1]))

    def test_read_only(self):
        """With a root file system that cannot be written to, compiled cells work if there is a folder that programs may run from."""
        with Lab(read_only=True, tmpfs=["/tmp"]) as lab:
            compiled, race = lab.cells(COMPILED, RACE)
            self.assertEqual((compiled.status, compiled.stdout), ("ok", "{2 1}\n"))
            self.assertIn("Data race 1 of 1", race.shown, msg=race)
            self.assertLess(lab.stop(), STOP)

    def test_read_only_without_anything(self):
        """With nothing that can be written to but /dev/shm, from which nothing may be run, cells are interpreted."""
        with Lab(read_only=True) as lab:
            (compiled,) = lab.cells(COMPILED)
            self.assertEqual((compiled.status, compiled.stdout), ("ok", "{2 1}\n"))

    def test_commands(self):
        """Commands of all kinds, with their status."""
        with Container(IMAGE) as container:
            self.assertEqual(container.run("sh", "-c", "exit 7").returncode, 7)
            done = container.run("gokernel", "doctor")
            self.assertEqual(done.returncode, 0, msg=done.stdout)
            for line in ["cells can be compiled", "jupyter", "gcc", "openssl", "starts this program"]:
                self.assertRegex(done.stdout, f"(?m)^ok .*{line}")
            self.assertNotIn("\n--", done.stdout)
            self.assertEqual(container.run("id", "-u").stdout, "1000\n")

    def test_notebooks(self):
        """All notebooks show what they should."""
        said = self.shell("gokernel verify /opt/gokernel/notebooks/*.ipynb", user="4242:0")
        self.assertIn("56-life", said)

    def test_jupyterhub(self):
        """JupyterHub takes the image for its users' servers as it is."""
        environ = os.environ | {"HUB_TEST_IMAGE": IMAGE}
        small = ROOT / "notebooks" / "00-start-here.ipynb"
        command = ["sh", str(ROOT / "deploy/hub/run.sh"), "--users", "2", "--notebook", str(small)]
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, msg=done.stdout)
        self.assertRegex(done.stdout, r"failures +0\n")


def notebook(*codes):
    """Returns a notebook with these cells."""
    cells = [
        {"cell_type": "code", "id": f"cell{i}", "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        for i, code in enumerate(codes)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


if __name__ == "__main__":
    unittest.main()
