"""Runs an image as "docker run --network host" would: with docker or podman, or where neither works, from the image that
buildah holds, in namespaces of its own. The latter needs root.

    container.py run [--user U:G] [--read-only] [--tmpfs DIR[:noexec]] [--volume FROM:TO] [--env K[=V]|PREFIX*] IMAGE [COMMAND…]
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys


def builder():
    """Returns what runs containers: BUILDER, or the first of docker, podman and buildah that works."""
    if os.environ.get("BUILDER"):
        return os.environ["BUILDER"]
    for name in ["docker", "podman", "buildah"]:
        if name != "buildah" and os.environ.get("STANDINS"):
            continue
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    sys.exit("neither docker nor podman nor buildah works here")


def output(*command):
    """Returns what a command prints; its errors are shown."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def config(image):
    """Returns the configuration of an image, as Docker has it."""
    if builder() == "buildah":
        return json.loads(output("buildah", "inspect", "--type", "image", image))["Docker"]["config"]
    return json.loads(output(builder(), "image", "inspect", image))[0]["Config"]


# What runs in the new namespaces. $1 is the root, $2 "ro" or "rw", $3 the user, $4 the directory, $5 the mounts, the rest the command.
# A descriptor of /dev that the container must not have is not given to it: it has the same few devices as Docker's.
SETUP = r"""
set -eu
root=$1 mode=$2 user=$3 dir=$4 mounts=$5
shift 5
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/dev" "$root/proc"
if [ "$mode" = ro ]; then mount -o remount,ro,bind "$root"; fi
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777,noexec,nosuid,nodev,size=64m tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for file in /etc/resolv.conf /etc/hosts; do
    if [ -e "$root$file" ]; then mount --bind "$file" "$root$file"; fi
done
eval "$mounts"
exec chroot --userspec="$user" --groups= "$root" /usr/bin/env -i --chdir="$dir" "$@"
"""


class Container:
    """A container that is to be run. Several commands may run in it, one after the other or together."""

    def __init__(self, image, user=None, read_only=False, tmpfs=(), volumes=(), env=None):
        self.image, self.user, self.read_only, self.tmpfs = image, user, read_only, list(tmpfs)
        self.volumes, self.env, self.builder, self.name = list(volumes), dict(env or {}), builder(), None
        self.config = config(image)

    def __enter__(self):
        if self.builder == "buildah":
            self.name = output("buildah", "from", "--pull-never", self.image)
            self.root = output("buildah", "mount", self.name)
            for volume in self.volumes:  # Docker makes the places of volumes beforehand too
                os.makedirs(self.root + volume.split(":")[1], exist_ok=True)
        return self

    def __exit__(self, *_):
        if self.name:
            output("buildah", "umount", self.name)
            output("buildah", "rm", self.name)

    def command(self, *args, entrypoint=True):
        """Returns what runs a command in the container, or the image's own without args."""
        args = list(args) or list(self.config.get("Cmd") or [])
        if self.builder != "buildah":
            flags = [self.builder, "run", "--rm", "--network", "host"]
            if self.builder == "docker" or os.isatty(0):
                flags.append("--init=false")
            flags += ["--user", self.user] if self.user else []
            flags += ["--read-only"] if self.read_only else []
            flags += [f for t in self.tmpfs for f in ("--tmpfs", t if ":" in t else t + ":exec,mode=1777")]
            flags += [f for v in self.volumes for f in ("--volume", v)]
            flags += [f for k, v in self.env.items() for f in ("--env", f"{k}={v}")]
            flags += [] if entrypoint else ["--entrypoint", ""]
            return [*flags, self.image, *args]
        if entrypoint:
            args = list(self.config.get("Entrypoint") or []) + args
        env = dict(v.split("=", 1) for v in self.config.get("Env") or []) | {"HOSTNAME": "container"} | self.env
        mounts = []
        for place in self.tmpfs:
            place, _, option = place.partition(":")
            mounts.append(f'mount -t tmpfs -o mode=1777,nosuid,nodev,{option or "exec"} tmpfs "$root"{shlex.quote(place)}')
        for volume in self.volumes:
            source, place = volume.split(":")[:2]
            mounts.append(f'mount --bind {shlex.quote(source)} "$root"{shlex.quote(place)}')
        return [
            *["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", SETUP, "container", self.root],
            *["ro" if self.read_only else "rw", self.user or self.config.get("User") or "0:0"],
            *[self.config.get("WorkingDir") or "/", "\n".join(mounts), *[f"{k}={v}" for k, v in env.items()], *args],
        ]

    def run(self, *args, timeout=120, **options):
        """Runs a command to its end and returns what subprocess.run does."""
        return subprocess.run(
            self.command(*args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False, **options
        )

    def start(self, *args, **options):
        """Starts a command and returns its process, whose output goes where options say."""
        return subprocess.Popen(self.command(*args), **options)


def inside(process):
    """Returns the process id of what a process of Container.start with buildah runs, which is the first in its namespace."""
    return int(output("pgrep", "--parent", str(process.pid)))


def main():
    """Runs an image from the command line. Signals go to what runs in it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", choices=["run"])
    parser.add_argument("--user")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--tmpfs", action="append", default=[])
    parser.add_argument("--volume", action="append", default=[], dest="volumes")
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    env = {}
    for item in args.env:
        name, found, value = item.partition("=")
        if item.endswith("*"):
            env |= {k: v for k, v in os.environ.items() if k.startswith(item[:-1])}
        elif found or name in os.environ:
            env[name] = value if found else os.environ[name]
    with Container(args.image, args.user, args.read_only, args.tmpfs, args.volumes, env) as container:
        process = container.start(*args.command)

        def forward(number, _frame):
            try:
                os.kill(inside(process) if container.builder == "buildah" else process.pid, number)
            except (ProcessLookupError, subprocess.CalledProcessError):
                pass  # it has ended by itself

        for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
            signal.signal(number, forward)
        status = process.wait()
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
