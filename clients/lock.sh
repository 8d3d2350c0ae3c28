#!/bin/sh
# lock.sh renews the lock files: the newest versions of what the .in files name, for every Python and system.
set -eu
cd "$(dirname "$0")/requirements"
python3 -m venv ../../.cache/lock
../../.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check --requirement lock.in
compile() {
	out=$1
	shift
	rm -f "$out.txt"
	../../.cache/lock/bin/uv pip compile --universal --python-version 3.10 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet --output-file "$out.txt" "$out.in" "$@"
}
compile lab
compile hub --constraint lab.txt
compile clients --constraint lab.txt
compile nbgrader --constraint lab.txt
