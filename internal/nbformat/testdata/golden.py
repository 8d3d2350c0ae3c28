"""Writes the goldens of this package with the reference implementation. Run by hand, never by the tests:

    pip install nbformat && python golden.py

For each golden/NAME.in.ipynb it writes golden/NAME.ipynb. Inputs below format 4.5 have no cell ids and the
reference invents random ones, so here they are ID0, ID1, ...
"""
import pathlib, warnings
import nbformat

warnings.simplefilter("ignore")
for path in sorted(pathlib.Path(__file__).with_name("golden").glob("*.in.ipynb")):
    nb = nbformat.read(path, as_version=4)
    if nb.nbformat_minor < 5:
        nb = nbformat.v4.upgrade(nb)
        for i, cell in enumerate(nb.cells):
            cell["id"] = f"ID{i}"
    nbformat.write(nb, path.with_name(path.name.replace(".in.", ".")))
