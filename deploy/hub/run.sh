#!/bin/sh
# run.sh [FLAGS…] starts a JupyterHub of its own and has a class work with it; FLAGS are those of load.py. It installs what it needs into
# .cache/hub. HUB_TEST_IMAGE names an image that each user's server shall run in, instead of .cache/hub.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
need_command node nodejs
need_command npm npm
sh clients/venv.sh .cache/hub clients/requirements/hub.txt
sh clients/install.sh .cache/hub
(cd deploy/hub && npm ci --silent --no-audit --no-fund)
# Users have homes of their own here, and in the image all that is compiled once: so they have it here.
GOCACHE=$(go env GOCACHE)
export GOCACHE XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}"
PATH="$(pwd)/.cache/hub/bin:$PATH" exec python deploy/hub/load.py "$@"
