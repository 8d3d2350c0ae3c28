"""nbgrader, with the configuration that we ship, makes the student's edition and grades submissions."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import nbformat

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
GOKERNEL = os.environ.get("GOKERNEL", str(ROOT / "bin" / "gokernel"))
GRADED = "54-locks"  # the notebook that is executed; the others are only generated

# Wrong answers that are found for certain, not by chance, one for each check.
SURE = {"tally-never-unlocked", "turns-in-order", "transfer-to-itself", "office-one-try", "cache-no-cache"}


def wrong_answers(lesson):
    """Returns the wrong answers of a lesson's source, by the check that they follow, in their order."""
    answers = {}
    for file in sorted((ROOT / "lessons" / lesson).glob("*.go")):
        check = None
        for marker in re.finditer(r"//lesson:check (\S+)|/\*lesson:wrong ([^\n]*)\n(.*?)\*/", file.read_text(), re.S):
            if marker[1]:
                check = marker[1]
            else:
                answers.setdefault(check, []).append((marker[2], marker[3].strip("\n")))
    return answers


class NbgraderTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.course = pathlib.Path(cls.folder.name)
        data = cls.course / "jupyter"
        cls.environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(data), "JUPYTER_CONFIG_DIR": str(cls.course / "config"),
            "JUPYTER_RUNTIME_DIR": str(cls.course / "runtime"), "IPYTHONDIR": str(cls.course / "ipython"),
        }
        shutil.copy(HERE / "nbgrader_config.py", cls.course)
        cls.run_command(GOKERNEL, "install")
        cls.run_command(GOKERNEL, "lessons", str(cls.course / "source" / "concurrency"), "--edition", "teacher")
        cls.run_command(GOKERNEL, "lessons", str(cls.course / "ours"), "--edition", "student")
        cls.nbgrader("generate_assignment", "concurrency")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_command(cls, *args):
        done = subprocess.run(
            args, cwd=cls.course, env=cls.environment, capture_output=True, text=True, timeout=1200, check=False
        )
        if done.returncode:
            raise AssertionError(f"{args}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    @classmethod
    def nbgrader(cls, *args):
        return cls.run_command(sys.executable, "-W", "ignore", "-m", "nbgrader", *args)

    def read(self, *path):
        return nbformat.read(self.course.joinpath(*path), as_version=4)

    def test_release_is_the_student_edition(self):
        names = sorted(file.name for file in (self.course / "ours").glob("*.ipynb"))
        self.assertEqual(names, sorted(file.name for file in (self.course / "release" / "concurrency").glob("*.ipynb")))
        for name in names:
            ours, theirs = self.read("ours", name), self.read("release", "concurrency", name)
            self.assertEqual(
                [(cell.cell_type, cell.source) for cell in ours.cells],
                [(cell.cell_type, cell.source) for cell in theirs.cells],
                msg=name,
            )
            for cell in theirs.cells:
                self.assertEqual(cell.get("outputs", []), [], msg=name)

    def submit(self, student, answer):
        """Hands in the released notebook; answer returns the source for a solution cell, by its check."""
        notebook = self.read("release", "concurrency", GRADED + ".ipynb")
        teacher = {cell.id: cell for cell in self.read("source", "concurrency", GRADED + ".ipynb").cells}
        solution = None
        for cell in notebook.cells:
            grading = cell.metadata.get("nbgrader", {})
            if grading.get("solution"):
                solution = cell
            elif grading.get("grade"):
                solution.source = answer(grading["grade_id"], solution.source, teacher[solution.id].source)
        folder = self.course / "submitted" / student / "concurrency"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / (GRADED + ".ipynb"))

    def test_grades(self):
        wrong = wrong_answers("item54")
        points = {
            cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
            for cell in self.read("source", "concurrency", GRADED + ".ipynb").cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        self.assertEqual(set(points), set(wrong))
        half = sorted(points)[::2]

        def mistaken(check):
            return next(code for head, code in wrong[check] if head.split()[0] in SURE)

        self.submit("solved", lambda check, starter, solution: solution)
        self.submit("chatty", lambda check, starter, solution: solution + '\n\nfunc init() { println("to stderr") }\n')
        self.submit("untouched", lambda check, starter, solution: starter)
        self.submit("half", lambda check, starter, solution: solution if check in half else mistaken(check))
        self.nbgrader("autograde", "concurrency")

        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.course}/gradebook.db") as gradebook:
            got = {
                name: {
                    grade.name: grade.score
                    for grade in gradebook.find_submission_notebook(GRADED, "concurrency", name).grades
                }
                for name in ("solved", "chatty", "half", "untouched")
            }
        self.assertEqual(got["solved"], points)
        self.assertEqual(got["chatty"], points)
        self.assertEqual(got["half"], {check: points[check] if check in half else 0 for check in points})
        # Starters that race may now and then have luck; a race is not certain to show.
        sure = {check for check in points if check not in ("check-tally", "check-transfer")}
        self.assertEqual({check: got["untouched"][check] for check in sure}, dict.fromkeys(sure, 0))


if __name__ == "__main__":
    unittest.main()
