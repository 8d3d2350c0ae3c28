#!/bin/sh
# run.sh grades exercises with nbgrader, in an environment of its own.
set -eu
cd "$(dirname "$0")/../.."
sh clients/venv.sh .cache/nbgrader clients/requirements/nbgrader.txt
go build -o bin/gokernel ./cmd/gokernel
PATH="$(pwd)/.cache/nbgrader/bin:$PATH"
export PATH
exec python -W ignore -m unittest discover --verbose --start-directory clients/nbgrader
