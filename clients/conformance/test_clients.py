"""Other people's clients run a notebook on the kernel: nbclient, nbconvert, papermill and jupyter console."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import nbformat
from nbclient import NotebookClient

NOTEBOOK = pathlib.Path(__file__).with_name("clients.ipynb")

# What clients.ipynb prints and returns, cell by cell, as (kind, text).
EXPECTED = [
    [("stdout", "hello, clients\n")],
    [("result", "42")],
    [("stdout", "0 1 4 9 \n")],
    [("stderr", "to stderr\n"), ("stdout", "sum 10\n")],
]


def outputs(cell):
    """Returns the outputs of a cell as sorted (kind, text) pairs, streams of one name joined."""
    streams, rest = {}, []
    for out in cell.outputs:
        if out.output_type == "stream":
            streams[out.name] = streams.get(out.name, "") + out.text
        elif out.output_type == "execute_result":
            rest.append(("result", out.data["text/plain"]))
        else:
            rest.append((out.output_type, str(out)))
    return sorted([*streams.items(), *rest])


class ClientTests(unittest.TestCase):
    def check(self, notebook):
        """Checks that the executed notebook is valid and has the outputs expected."""
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.assertEqual([outputs(cell) for cell in code], EXPECTED)
        self.assertEqual([cell.execution_count for cell in code], [1, 2, 3, 4])

    def command(self, *args, **options):
        """Runs a module of this Python as a command; its output is shown if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", *args], capture_output=True, text=True, timeout=120, check=False, **options
        )
        self.assertEqual(done.returncode, 0, msg=done.stdout + done.stderr)
        return done

    def test_nbclient(self):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        NotebookClient(notebook, kernel_name="gokernel", timeout=60).execute()
        self.check(notebook)

    def test_nbconvert(self):
        with tempfile.TemporaryDirectory() as folder:
            self.command("nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, str(NOTEBOOK))
            self.check(nbformat.read(pathlib.Path(folder, NOTEBOOK.name), as_version=4))

    def test_nbconvert_to_html(self):
        with tempfile.TemporaryDirectory() as folder:
            self.command("nbconvert", "--to", "html", "--execute", "--output-dir", folder, str(NOTEBOOK))
            page = pathlib.Path(folder, NOTEBOOK.stem + ".html").read_text(encoding="utf-8")
        self.assertIn("hello, clients", page)
        self.assertIn('class="kd">func</span>', page)  # coloured as Go

    def test_papermill(self):
        with tempfile.TemporaryDirectory() as folder:
            result = pathlib.Path(folder, "result.ipynb")
            self.command("papermill", "--no-progress-bar", str(NOTEBOOK), str(result))
            self.check(nbformat.read(result, as_version=4))

    def test_console(self):
        typed = 'import "fmt"\nfmt.Println("hello,", "console")\n6 * 7\n'
        done = self.command("jupyter_console", "--kernel", "gokernel", "--simple-prompt", input=typed)
        self.assertIn("hello, console", done.stdout)
        self.assertRegex(done.stdout, r"Out\[\d+\]: .*42")


if __name__ == "__main__":
    unittest.main()
