#!/bin/sh
# run.sh [--long] tests the kernel in JupyterLab and in Notebook 7 as a reader uses them. It installs Node.js and
# Chromium where it can. LAB_URL=http://127.0.0.1:8888/lab?token=… tests the server that runs there instead, which shows
# JupyterLab (…/lab) or Notebook 7 (…/tree). With --long all lessons are read in both, in both languages and both themes.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
need_go
need_command node nodejs
need_command npm npm
case $(uname) in
Linux) if [ -z "${CHROMIUM:-}" ] && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then need_command chromium chromium fonts-dejavu-core; fi ;;
esac
if [ "${1:-}" = --long ]; then
	export BROWSER_LONG=1
	# Without a font for it Chinese is shown as boxes.
	if command -v fc-list >/dev/null && [ -z "$(fc-list :lang=zh)" ]; then get_packages "a Chinese font" fonts-wqy-microhei; fi
fi
if [ -z "${LAB_URL:-}" ]; then
	sh clients/venv.sh .cache/clients clients/requirements/clients.txt
	sh clients/install.sh .cache/clients
fi
go build -o bin/gokernel ./cmd/gokernel # judges what the notebooks have shown
cd clients/browser
npm ci --silent --no-audit --no-fund
exec npm test --silent
