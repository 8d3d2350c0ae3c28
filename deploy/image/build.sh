#!/bin/sh
# build.sh builds the image of the Dockerfile, and calls it IMAGE (gokernel). It takes docker, podman or buildah, whichever is there and
# works, or the one that BUILDER names. PLATFORM, such as linux/arm64, builds for another machine. With STANDINS=1 the
# bases are made here instead of fetched, for where no registry can be reached; that needs buildah and root.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
image=${IMAGE:-gokernel}

builder=${BUILDER:-}
if [ -z "$builder" ]; then
	for name in docker podman buildah; do
		if [ "$name" != buildah ] && [ -n "${STANDINS:-}" ]; then continue; fi
		if command -v "$name" >/dev/null 2>&1 && "$name" info >/dev/null 2>&1; then
			builder=$name
			break
		fi
	done
fi
set -- --tag "$image" --label "org.opencontainers.image.revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)" --file Dockerfile
if [ -n "${PLATFORM:-}" ]; then set -- "$@" --platform "$PLATFORM"; fi
if [ -n "${STANDINS:-}" ]; then
	need_command buildah buildah
	builder=buildah
	export GO_IMAGE=localhost/gokernel-standin-go:latest BASE_IMAGE=localhost/gokernel-standin-debian:latest
	sh deploy/image/standins.sh
	set -- "$@" --build-arg "GO_IMAGE=$GO_IMAGE" --build-arg "BASE_IMAGE=$BASE_IMAGE" --pull-never
fi
# The health check is one of Docker's, which the format of the Open Container Initiative has no place for.
case $builder in
docker) exec docker build "$@" . ;;
podman) exec podman build --format docker "$@" . ;;
buildah)
	# Without a user namespace or as an unprivileged container's root there is only chroot.
	exec buildah bud --format docker --isolation "${BUILDAH_ISOLATION:-chroot}" --layers "$@" .
	;;
"") fail "neither docker nor podman nor buildah works here." "Debian, Ubuntu: apt-get install buildah" ;;
*) fail "BUILDER is $builder; docker, podman and buildah are known." ;;
esac
