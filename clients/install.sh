#!/bin/sh
# install.sh PREFIX builds gokernel into the environment at PREFIX and makes it known to the Jupyter there.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh
need_go
go build -o "$1/bin/gokernel" ./cmd/gokernel || fail "gokernel could not be built." \
	"The first build fetches its modules and needs the network; \"go version\" must say 1.26 or newer."
"$1/bin/gokernel" install --prefix "$1" --replace
