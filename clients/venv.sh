#!/bin/sh
# venv.sh DIR LOCK makes the virtual environment DIR hold what the lock file LOCK pins. It does nothing if
# it does so already: for this lock, this Python and this place, since its scripts hold absolute paths.
set -eu
cd "$(dirname "$0")/.."
. clients/need.sh

dir=$1 lock=$2
need_python
stamp="$(cksum <"$lock") $("$python" -c 'import sys; print(sys.version, sys.base_prefix)' | tr '\n' ' ') $(pwd)"
if [ -x "$dir/bin/python" ] && [ "$(cat "$dir/lock" 2>/dev/null)" = "$stamp" ] && "$dir/bin/python" -c ''; then
	exit 0
fi

echo "Installing what $lock pins into $dir (once; about half a minute)."
rm -f "$dir/lock"
"$python" -m venv --clear "$dir"
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" || fail \
	"pip could not install what $lock pins." "The first run needs the network; later ones do not."
printf '%s\n' "$stamp" >"$dir/lock"
