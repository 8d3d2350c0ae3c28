#!/bin/sh
# lab.sh [FLAGS…] opens the notebooks in a JupyterLab of this repository's own, with the kernel built from
# this source. FLAGS go to JupyterLab. It is what "make lab" runs. Each step does nothing if nothing has changed.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh
need_lab

# JupyterLab is fetched while gokernel is built.
sh clients/venv.sh .venv clients/requirements/lab.txt &
venv=$!
trap 'kill "$venv" 2>/dev/null' INT TERM
if ! sh clients/build.sh; then
	kill "$venv" 2>/dev/null
	exit 1
fi
wait "$venv"
trap - INT TERM
sh clients/install.sh .venv
mkdir -p .venv/share/jupyter/lab/settings
cp clients/jupyter/overrides.json .venv/share/jupyter/lab/settings/

if [ "$(id -u)" = 0 ]; then set -- --allow-root "$@"; fi
case " $* " in
*root_dir=* | *notebook-dir=* | *default_url=*) ;;
*) set -- --LabApp.default_url=/lab/tree/00-start-here.ipynb "$@" ;;
esac

# Settings, histories and run-time files stay in the repository, and no kernel of the user's hides ours.
root=$(pwd)
own=$root/.cache/lab
export JUPYTER_CONFIG_DIR="${JUPYTER_CONFIG_DIR:-$own/config}" JUPYTER_DATA_DIR="${JUPYTER_DATA_DIR:-$own/data}"
export JUPYTER_RUNTIME_DIR="${JUPYTER_RUNTIME_DIR:-$own/runtime}" IPYTHONDIR="${IPYTHONDIR:-$own/ipython}"
export GOKERNEL_HISTORY="${GOKERNEL_HISTORY:-$own/history.jsonl}"
export JUPYTER_CONFIG_PATH="$root/clients/jupyter${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}"
export JUPYTER_PATH="$root/.venv/share/jupyter${JUPYTER_PATH:+:$JUPYTER_PATH}"
PATH="$root/.venv/bin:$PATH" exec .venv/bin/python -m jupyterlab "$@"
