#!/bin/sh
# run.sh holds the kernel installed in .cache/clients to other people's clients. Their configuration,
# histories and run-time files are kept apart from the user's.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh
need_command pandoc pandoc
need_command rsvg-convert librsvg2-bin
need_command pdftoppm poppler-utils
root=$(pwd)
own=$root/.cache/home
mkdir -p "$own"
export JUPYTER_CONFIG_DIR="$own/config" JUPYTER_DATA_DIR="$own/data" JUPYTER_RUNTIME_DIR="$own/runtime" IPYTHONDIR="$own/ipython"
export XDG_DATA_HOME="$own/data" XDG_STATE_HOME="$own/state"
export PATH="$root/.cache/clients/bin:$PATH"
python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall ./clients/papermill
exec python -W ignore -m unittest discover --verbose --start-directory clients/conformance "$@"
