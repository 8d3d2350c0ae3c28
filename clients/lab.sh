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

# The kernel slows a cell that floods, so the server's own limit, which drops output, is not needed.
set -- --ServerApp.root_dir="$(pwd)/notebooks" --ZMQChannelsWebsocketConnection.limit_rate=False "$@"
if [ "$(id -u)" = 0 ]; then set -- --allow-root "$@"; fi
PATH="$(pwd)/.venv/bin:$PATH" exec .venv/bin/python -m jupyterlab "$@"
