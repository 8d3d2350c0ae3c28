#!/bin/sh
# install.sh PREFIX puts gokernel into the environment at PREFIX and makes it known to the Jupyter there. It does
# nothing if this build is there already.
set -eu
cd "$(dirname "$0")/.."
sh clients/build.sh
if [ -x "$1/bin/gokernel" ] && [ -f "$1/share/jupyter/kernels/gokernel/kernel.json" ] &&
	[ "$(cat "$1/gokernel.stamp" 2>/dev/null)" = "$(cat .cache/build/stamp)" ]; then
	exit 0
fi
rm -f "$1/gokernel.stamp"
cp .cache/build/gokernel "$1/bin/gokernel.new"
mv -f "$1/bin/gokernel.new" "$1/bin/gokernel" # a kernel that runs keeps the file it was started from
"$1/bin/gokernel" install --prefix "$1" --replace
cp .cache/build/stamp "$1/gokernel.stamp"
