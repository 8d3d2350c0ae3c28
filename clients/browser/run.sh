#!/bin/sh
# run.sh tests the kernel in JupyterLab as a reader uses it. It installs Node.js and Chromium where it can.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
need_command node nodejs
need_command npm npm
case $(uname) in
Linux) if [ -z "${CHROMIUM:-}" ] && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then need_command chromium chromium fonts-dejavu-core; fi ;;
esac
cd clients/browser
npm ci --silent --no-audit --no-fund
exec npm test --silent
