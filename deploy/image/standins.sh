#!/bin/sh
# standins.sh makes images to build from where no registry can be reached: a Debian as the machine's own package mirror serves it, and the
# same with the machine's Go. They are named after GO_IMAGE and BASE_IMAGE; what is there already stays. How to reach
# packages is taken from the machine: its sources of apt, GOPROXY, pip's configuration, and certificates.
set -eu
cd "$(dirname "$0")/../.."
. clients/need.sh
: "${GO_IMAGE:?}" "${BASE_IMAGE:?}"
if buildah inspect --type image "$GO_IMAGE" >/dev/null 2>&1 && buildah inspect --type image "$BASE_IMAGE" >/dev/null 2>&1; then exit 0; fi
[ "$(id -u)" = 0 ] || fail "stand-ins for the base images are made with debootstrap, which needs root."
need_go
need_command debootstrap debootstrap
suite=bookworm # as the Dockerfile has it
goroot=$(go env GOROOT) version=$(sed -n 's/^ARG GO_IMAGE=.*:\([0-9.]*\)-.*/go\1/p' Dockerfile)
[ "$(go env GOVERSION)" = "$version" ] || fail "the Dockerfile wants $version, and this machine has $(go env GOVERSION)."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' "Codename: $suite" 'Identifier: Packages' 'Component: main' 2>/dev/null | head -n 1)}
echo "Making stand-ins for the base images with debootstrap (once; a minute or two)."
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" ${mirror:+"$mirror"} >"$work/log" || {
	tail -n 20 "$work/log" >&2
	exit 1
}

# What a slim base leaves out.
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' >"$root/etc/dpkg/dpkg.cfg.d/slim"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

# How this machine reaches packages.
apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) main' 'Identifier: Packages' 'Component: main' 'Origin: Debian' \
	>"$root/etc/apt/sources.list" 2>/dev/null || true
[ -s "$root/etc/apt/sources.list" ] || fail "apt-get has no list of packages of Debian's: run apt-get update."
for file in /etc/apt/apt.conf.d/*proxy*; do
	if [ -e "$file" ]; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
done
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
chroot "$root" update-ca-certificates >/dev/null 2>&1
{
	echo '[global]'
	python3 -m pip config list | sed -n "s/^\(:env:\|global\)\.\(cert\|index-url\|extra-index-url\|trusted-host\|proxy\|default-timeout\)='\(.*\)'$/\2 = \3/p" | sort -u
} | sed 's/^default-timeout/timeout/; s|^cert = .*|cert = /etc/ssl/certs/ca-certificates.crt|' >"$root/etc/pip.conf"

# commit NAME PATH makes an image of what is there now.
commit() {
	container=$(buildah from scratch)
	buildah add --quiet "$container" "$root" / >/dev/null
	buildah config --cmd bash --env PATH="$2" "$container"
	for name in GOPROXY GOSUMDB GONOSUMDB GOPRIVATE; do
		value=$(go env "$name")
		if [ -n "$value" ]; then buildah config --env "$name=$value" "$container"; fi
	done
	buildah commit --quiet --rm "$container" "$1" >/dev/null
}
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
commit "$BASE_IMAGE" "$path"
chroot "$root" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null'
cp -r --preserve=timestamps "$goroot" "$root/usr/local/go"
commit "$GO_IMAGE" "/usr/local/go/bin:$path"
