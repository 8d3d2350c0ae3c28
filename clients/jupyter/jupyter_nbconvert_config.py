# How nbconvert makes the pictures of LaTeX and PDF: SVG is drawn by rsvg-convert (Debian, Ubuntu: librsvg2-bin; macOS:
# librsvg), a hundredth of the size of Inkscape, which nbconvert asks for unless told otherwise. "make lab" reads this.
import shutil

c = get_config()  # noqa: F821

if shutil.which("rsvg-convert"):
    c.SVG2PDFPreprocessor.command = ["rsvg-convert", "--format=pdf", "--output={to_filename}", "{from_filename}"]
