#!/bin/sh
# lab.sh [FLAGS…] opens the notebooks in a JupyterLab of this repository's own, with the kernel built from
# this source. FLAGS go to JupyterLab. It is what "make lab" runs.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh
need_go
need_python
sh clients/venv.sh .venv clients/requirements/lab.txt
sh clients/install.sh .venv

if [ "$(id -u)" = 0 ]; then set -- --allow-root "$@"; fi
root=$(pwd)
export JUPYTER_CONFIG_PATH="$root/clients/jupyter${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}"
PATH="$root/.venv/bin:$PATH" exec .venv/bin/python -m jupyterlab "$@"
