#!/bin/sh
# build.sh builds .cache/build/gokernel. It does nothing if it has done so already: from these sources, with this
# Go and this C compiler, in this place. Then it needs no network either. .cache/build/stamp tells builds apart.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh
need_go
stamp="$(find cmd internal kernel lessons go.mod go.sum -type f -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum)
$(go env GOVERSION GOROOT GOCACHE GOFLAGS CGO_ENABLED CC) $(check_cc)
$(pwd)"
if [ -x .cache/build/gokernel ] && [ "$(cat .cache/build/stamp 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

echo "Building gokernel (the first time takes a minute or two)."
rm -f .cache/build/stamp
# The state of git is left out: a clone that belongs to somebody else, or is none, builds as well.
go build -buildvcs=false -o .cache/build/gokernel ./cmd/gokernel || fail "gokernel could not be built." \
	"The first build fetches its modules and needs the network; later ones do not."
printf '%s\n' "$stamp" >.cache/build/stamp
