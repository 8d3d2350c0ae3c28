"""Parameters for Go notebooks in papermill: `papermill in.ipynb out.ipynb -p workers 8`.

Once this package is installed, papermill knows how values are written in Go; nothing else is to be done.
"""

import papermill.engines  # noqa: F401  (it loads .translator, whichever of the two packages is imported first)
