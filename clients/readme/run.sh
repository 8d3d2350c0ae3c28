#!/bin/sh
# run.sh follows README.md in a fresh clone with an empty home, down to the Game of Life in JupyterLab, and tries what
# "make lab" says on machines that lack something. With "cold", the caches of Go and pip are empty too.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
need_python
need_command git git
need_command node nodejs
need_command npm npm
case $(uname) in
Linux) if [ -z "${CHROMIUM:-}" ] && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then need_command chromium chromium fonts-dejavu-core; fi ;;
esac
[ -d clients/browser/node_modules/playwright-core ] || (cd clients/browser && npm ci --silent --no-audit --no-fund)
README_COLD=${1:-} exec "$python" -W ignore -m unittest discover --verbose --start-directory clients/readme
