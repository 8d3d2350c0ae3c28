"""What is done with notebooks beside running them: converting, passing parameters, writing as text, comparing, stripping."""

import base64
import copy
import functools
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import jupytext
import nbformat
from gokernel_papermill.translator import GoTranslator
from jupytext.compare import compare_notebooks
from nbclient import NotebookClient
from papermill.exceptions import PapermillException

ROOT = pathlib.Path(__file__).parents[2]
LESSONS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/*/*.ipynb")])

# One cell for each way to show a picture. 1 px images are drawn by the cell itself.
PICTURES = {
    "svg": 'display.SVG(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="30" height="10" fill="red"/></svg>`)',
    "image": "img := image.NewRGBA(image.Rect(0, 0, 8, 8))\nimg.Set(3, 3, color.RGBA{255, 0, 0, 255})\ndisplay.Image(img)",
    "film": "life.Film{Grids: life.MustParse(`-*-\n--*\n***`).Generations(4)}",
    "strip": "life.Film{Grids: life.MustParse(`-*-\n--*\n***`).Generations(4)}.Strip()",
    "trace": 'concurrency.Trace(func() { var wg sync.WaitGroup; wg.Go(func() {}); wg.Wait() })',
}


def new_notebook(*cells):
    """Returns a notebook of ours with these cells, which may be sources."""
    notebook = nbformat.v4.new_notebook(metadata=nbformat.read(LESSONS[0], as_version=4).metadata)
    notebook.cells = [nbformat.v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return notebook


@functools.cache
def pictures():
    """Returns an executed notebook of pictures."""
    notebook = new_notebook(*PICTURES.values())
    NotebookClient(notebook, kernel_name="gokernel", timeout=120).execute()
    return notebook


class Folder(unittest.TestCase):
    """Tests with a folder of their own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, notebook):
        file = self.folder / name
        nbformat.write(notebook, file)
        return file

    def command(self, *args, status=0):
        """Runs a module of this Python as a command, or a program, and returns what it printed."""
        argv = [str(arg) for arg in args]
        if "/" not in argv[0]:
            argv = [sys.executable, "-m", *argv]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, status, msg=done.stdout + done.stderr)
        return done.stdout


class Images(html.parser.HTMLParser):
    """Counts the pictures of a page: img elements with data in them, and svg elements.

    The still of a film is left out, which is seen only where the page's styles are not trusted.
    """

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(re.sub(r'<span class="\w+-still">.*?</span>', "", page))

    def handle_starttag(self, tag, attrs):
        if tag == "svg":
            self.found.append("svg")
        elif tag == "img":
            match = re.match(r"data:image/([\w+]+);base64,(.+)", dict(attrs).get("src") or "", re.DOTALL)
            if not match or not base64.b64decode(match[2], validate=False):
                raise AssertionError(f"a picture that is not in the page: {dict(attrs)}")
            self.found.append(match[1])


class ConvertTests(Folder):
    def test_pictures_are_shown(self):
        for name, cell in zip(PICTURES, pictures().cells, strict=True):
            kinds = [kind for out in cell.outputs for kind in out.get("data", {}) if kind.startswith("image/")]
            self.assertEqual(len(kinds), 1, msg=f"{name}: {cell.outputs}")

    def test_html(self):
        self.write("pictures.ipynb", pictures())
        self.command("nbconvert", "--to", "html", "pictures.ipynb")
        found = Images((self.folder / "pictures.html").read_text(encoding="utf-8")).found
        self.assertEqual(len(found), len(PICTURES), msg=found)

    def test_html_of_life(self):
        self.command("nbconvert", "--to", "html", "--output-dir", ".", ROOT / "notebooks" / "56-life.ipynb")
        lesson = nbformat.read(ROOT / "notebooks" / "56-life.ipynb", as_version=4)
        drawn = sum("image/svg+xml" in out.get("data", {}) for cell in lesson.cells for out in cell.get("outputs", []))
        self.assertGreater(drawn, 2)
        page = (self.folder / "56-life.html").read_text(encoding="utf-8")
        self.assertEqual(len(Images(page).found), drawn)
        self.assertIn('class="kd">func</span>', page)  # coloured as Go

    def test_latex(self):
        self.write("pictures.ipynb", pictures())
        self.command("nbconvert", "--to", "latex", "--config", ROOT / "clients/jupyter/jupyter_nbconvert_config.py", "pictures.ipynb")
        text = (self.folder / "pictures.tex").read_text(encoding="utf-8")
        files = re.findall(r"\\adjustimage\{[^\n]*\}\{(pictures_files/[^}]+)\}", text)
        self.assertEqual([pathlib.Path(name).suffix for name in files], [".pdf", ".png", ".pdf", ".pdf", ".pdf"])
        for name in files:
            with self.subTest(name):
                self.assertGreater(self.colours(name), 1, msg="the picture is empty")
        self.assertNotIn("<svg", text)

    def colours(self, name):
        """Returns how many colours a PDF or PNG has."""
        if name.endswith(".png"):  # made by image/png, which TestImage of kernel/display looks into
            return 2 if (self.folder / name).read_bytes().startswith(b"\x89PNG") else 0
        self.command(shutil.which("pdftoppm"), "-r", "40", "-singlefile", name, "page")
        data = (self.folder / "page.ppm").read_bytes()
        pixels = data.split(b"\n", 3)[3]
        return len({pixels[i : i + 3] for i in range(0, len(pixels), 3)})

    def test_script(self):
        self.write("code.ipynb", new_notebook('fmt.Println("hello")'))
        self.command("nbconvert", "--to", "script", "code.ipynb")
        self.assertIn('fmt.Println("hello")', (self.folder / "code.go").read_text(encoding="utf-8"))


class PapermillTests(Folder):
    def test_parameters(self):
        defaults = nbformat.v4.new_code_cell(
            'workers := 2\nrate := 0.5\nname := "nobody"\ntags := []string{"a"}\nfunc double() int { return 2 * workers }',
            metadata={"tags": ["parameters"]})
        self.write("in.ipynb", new_notebook(
            defaults, 'fmt.Println(workers, double(), rate, name, len(tags), limits["b"], ready)'))
        self.command("papermill", "--no-progress-bar", "in.ipynb", "out.ipynb", "-p", "workers", "8", "-p", "rate", "2.5",
                     "-p", "name", 'a "gopher" \\ é', "-p", "ready", "True", "-y", "{tags: [x, y, z], limits: {a: 1, b: 2}}")
        out = nbformat.read(self.folder / "out.ipynb", as_version=4)
        self.assertEqual(out.cells[1].metadata.tags, ["injected-parameters"])
        self.assertEqual(out.cells[2].outputs[0].text, '8 16 2.5 a "gopher" \\ é 3 2 true\n')

    def test_no_tagged_cell(self):
        self.write("in.ipynb", new_notebook("fmt.Println(n * n)"))
        self.command("papermill", "--no-progress-bar", "in.ipynb", "out.ipynb", "-p", "n", "12")
        self.assertEqual(nbformat.read(self.folder / "out.ipynb", as_version=4).cells[1].outputs[0].text, "144\n")

    def test_inspect(self):
        source = 'n := 2 // how many\n// n := 3\nvar name string = "x"\nconst limit = 4\n\nlist := []int{1, 2}\nif n == 2 {\n}'
        found = GoTranslator.inspect(nbformat.v4.new_code_cell(source))
        self.assertEqual([tuple(p) for p in found], [
            ("n", "None", "2", "how many"), ("name", "string", '"x"', ""), ("limit", "None", "4", ""),
            ("list", "None", "[]int{1, 2}", "")])

    def test_values(self):
        for value, want in [
            (True, "true"), (-3, "-3"), (2**63 - 1, "9223372036854775807"), (1.0, "1.0"), (1e300, "1e+300"),
            (float("nan"), "math.NaN()"), (float("-inf"), "math.Inf(-1)"), (None, "any(nil)"), ("a\nb\t\"\\", r'"a\nb\t\"\\"'),
            ("世界\ufeff\x00\x7f", r'"世界\ufeff\u0000\x7f"'), ([], "[]any{}"), ([1, 2.5], "[]float64{1.0, 2.5}"),
            ([1, "a", None], '[]any{1, "a", nil}'), ([[1], [2]], "[][]int{[]int{1}, []int{2}}"),
            ({"a": [True]}, 'map[string][]bool{"a": []bool{true}}'), ({1: "x"}, 'map[int]string{1: "x"}'),
        ]:
            with self.subTest(value=value):
                self.assertEqual(GoTranslator.translate(value), want)
        for name, value in [("go", 1), ("a-b", 1), ("1a", 1), ("big", 2**63), ("half", "\ud800")]:
            with self.subTest(name), self.assertRaises(PapermillException):
                GoTranslator.codify({name: value})


class TextTests(Folder):
    def test_jupytext_lessons(self):
        for file in LESSONS:
            notebook = nbformat.read(file, as_version=4)
            for kind in ("go:percent", "go:light", "md", "md:myst"):
                with self.subTest(file.name, kind=kind):
                    self.round_trip(notebook, kind)

    def round_trip(self, notebook, kind):
        text = jupytext.writes(notebook, kind)
        back = jupytext.reads(text, kind)
        compare_notebooks(back, notebook, kind)
        self.assertEqual([(c.cell_type, c.source) for c in back.cells], [(c.cell_type, c.source) for c in notebook.cells])
        self.assertEqual(dict(back.metadata.kernelspec), dict(notebook.metadata.kernelspec))
        return text

    def test_jupytext_magics(self):
        text = self.round_trip(new_notebook(
            "%%race\nx := 1\nx", "%time sort.Ints(s)", "!ls -l", "$ ls", "fmt.Println?", "%get example.com/m@v1.0.0\n%who",
            "%%bash\necho a", "package main\n\n\nfunc main() {\n\n\n}\n\n\nfunc f() {}", "7 % 3"), "go:percent")
        self.assertIn("\n// %%\n", text)
        self.assertIn("\n7 % 3\n", text)  # a remainder is no magic

    def test_jupytext_runs_again(self):
        text = jupytext.writes(new_notebook("x := 20", "x + 22"), "go:percent")
        (self.folder / "cells.go").write_text(text, encoding="utf-8")
        self.command("jupytext", "--to", "ipynb", "--execute", "cells.go")
        again = nbformat.read(self.folder / "cells.ipynb", as_version=4)
        self.assertEqual(again.cells[1].outputs[0].data["text/plain"], "42")

    def test_nbdime(self):
        # Run twice, a notebook differs in nothing; one changed line is one line of the difference, and its output another.
        first = new_notebook("n := 3", "for i := range n {\n\tfmt.Println(i)\n}", "n * n")
        client = NotebookClient(first, kernel_name="gokernel", timeout=60)
        client.execute()
        again = copy.deepcopy(first)
        NotebookClient(again, kernel_name="gokernel", timeout=60).execute()
        for notebook in (first, again):  # when a cell ran is nbclient's note, not an output
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
        a = self.write("a.ipynb", first)
        self.assertEqual(self.command("nbdime.nbdiffapp", "--no-color", a, self.write("b.ipynb", again)), "")
        again.cells[0].source = "n := 2"
        again.cells[2].outputs[0].data["text/plain"] = "4"
        said = self.command("nbdime.nbdiffapp", "--no-color", a, self.write("c.ipynb", again)).splitlines()
        changes = [line for line in said if re.match(r"[+-](?![+-]{2})", line)]
        self.assertEqual([line.replace(" ", "") for line in changes], ["-n:=3", "+n:=2", "-9", "+4"])

    def test_nbstripout(self):
        shutil.copy(ROOT / "notebooks" / "55-queues.ipynb", self.folder / "in.ipynb")
        self.command("nbstripout", "--keep-id", "in.ipynb")
        stripped = nbformat.read(self.folder / "in.ipynb", as_version=4)
        nbformat.validate(stripped)
        lesson = nbformat.read(ROOT / "notebooks" / "55-queues.ipynb", as_version=4)
        for cell in lesson.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        # All that says what the outputs should be is metadata, and stays.
        self.assertEqual(stripped.cells, lesson.cells)


if __name__ == "__main__":
    unittest.main()
