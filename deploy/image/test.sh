#!/bin/sh
# test.sh builds the image and tries it: see test_image.py. Where no registry can be reached, as STANDINS=1 says, it is
# built on bases that are made here. BUILT=1 takes the image IMAGE as it is.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
export IMAGE="${IMAGE:-localhost/gokernel:latest}"
if [ -z "${STANDINS:-}" ] && ! docker info >/dev/null 2>&1 && ! podman info >/dev/null 2>&1; then export STANDINS=1; fi
if [ -z "${BUILT:-}" ]; then sh deploy/image/build.sh; fi
# The tests speak with Jupyter servers, for which they need the client's libraries.
sh clients/venv.sh .cache/hub clients/requirements/hub.txt
PYTHONPATH=deploy/image:deploy/hub exec .cache/hub/bin/python -W ignore -m unittest --verbose "${@:-test_image}"
