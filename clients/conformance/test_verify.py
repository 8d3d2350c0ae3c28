"""gokernel verify runs the notebooks of another kernel: ipykernel, the usual Python."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import nbformat
from jupyter_client.kernelspec import KernelSpecManager

GOKERNEL = KernelSpecManager().get_kernel_spec("gokernel").argv[0]


def cell(source, *outputs, **metadata):
    new = nbformat.v4.new_code_cell(source, metadata=metadata)
    new.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in outputs]
    return new


class VerifyTests(unittest.TestCase):
    def verify(self, *cells):
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook.cells = list(cells)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "python.ipynb")
            nbformat.write(notebook, file)
            return subprocess.run(
                [GOKERNEL, "verify", "--kernel", "python3", "--timeout", "60s", str(file)],
                capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "VIRTUAL_ENV": sys.prefix},
            )

    def test_as_expected(self):
        done = self.verify(
            cell("print('a')", "a\n"),
            cell("import random; print(random.random())", gokernel={"expect": {"pattern": "{float 0..1}\n"}}),
            cell("# NBVAL_RAISES_EXCEPTION\n1/0"),
            cell("1/0", tags=["raises-exception"]),
            cell("import os; os._exit(1)", tags=["skip-execution"]),
            cell("import time; print(time.time())", "1\n", tags=["nbval-ignore-output"]),
        )
        self.assertEqual(done.returncode, 0, msg=done.stdout + done.stderr)

    def test_differences(self):
        done = self.verify(cell("print('a')\nprint('b')", "a\nc\n"), cell("x = 1\nx.y"))
        self.assertEqual(done.returncode, 1, msg=done.stdout + done.stderr)
        self.assertIn("stdout is not as expected from line 2 on", done.stdout)
        self.assertIn("- c", done.stdout)
        self.assertIn("line 2: AttributeError", done.stdout)
