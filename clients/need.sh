# need.sh is read by the other scripts. It says at once what is missing and how to get it.

say() {
	echo "gokernel: $1" >&2
	shift
	for line in "$@"; do echo "          $line" >&2; done
}

fail() {
	say "$@"
	exit 1
}

# older A B: whether version A, such as 1.25.3, comes before B.
older() {
	[ "$1" != "$2" ] && printf '%s\n%s\n' "$1" "$2" | awk -F. '
		{ for (i = 1; i <= 3; i++) v[NR, i] = $i + 0 }
		END { for (i = 1; i <= 3; i++) if (v[1, i] != v[2, i]) exit !(v[1, i] < v[2, i]); exit 1 }'
}

# check_go prints what is wrong with the Go in PATH, if something is. One that can fetch a newer Go by itself is all right.
check_go() {
	advice="install Go $go_wanted or newer from https://go.dev/dl and make sure that \"go version\" says so."
	if ! command -v go >/dev/null 2>&1; then
		echo "Go was not found: $advice"
		return
	fi
	# Outside of the module, whose go.mod an older Go does not read.
	found=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//') || found=
	if [ -z "$found" ]; then
		echo "\"go env\" does not work: $advice"
	elif older "$found" "$go_wanted"; then
		case $(cd / && go env GOTOOLCHAIN 2>/dev/null) in
		'' | local | path | go*[0-9]) echo "Go $found is too old: $advice" ;;
		esac
	fi
}
go_wanted=$(sed -n 's/^go //p' go.mod)

need_go() {
	wrong=$(check_go)
	[ -z "$wrong" ] || fail "$wrong"
}

# check_python prints what is wrong with $python, if something is, and then the name of a package.
check_python() {
	if ! command -v "$python" >/dev/null 2>&1; then
		echo "$python was not found; JupyterLab needs Python 3.10 or newer. PYTHON=/path/to/python3 make lab names another."
		return
	fi
	"$python" -c '
import sys
if sys.version_info < (3, 10):
    print(sys.argv[1], "is Python %d.%d.%d, too old for JupyterLab, which needs 3.10 or newer." % sys.version_info[:3],
          "PYTHON=/path/to/python3 make lab names another.")
    sys.exit()
try:
    import ensurepip, venv
except ImportError:
    print(sys.argv[1], "has no venv module, which JupyterLab is installed with.")
' "$python" 2>/dev/null || echo "$python does not work."
}

# packages NAME… prints how to install those of python, gcc and openssl on this system.
packages() {
	if [ "$(uname)" = Darwin ]; then
		how='macOS: brew install'
	elif command -v dnf >/dev/null 2>&1; then
		how='Fedora: dnf install'
	else
		how='Debian, Ubuntu: apt-get install'
	fi
	for name; do
		case $how:$name in
		Debian*:python) how="$how python3 python3-venv" ;;
		Debian*:gcc) how="$how gcc libc6-dev" ;;
		Fedora*:python) how="$how python3" ;;
		*) how="$how $name" ;;
		esac
	done
	echo "$how"
}

need_python() {
	python=${PYTHON:-python3}
	wrong=$(check_python)
	[ -z "$wrong" ] || fail "$wrong" "$(packages python)"
}

# check_cc prints what is wrong with the C compiler, if something is.
check_cc() {
	cc=$(go env CC 2>/dev/null)
	without="without it cells are interpreted, not compiled, and %%race does not work."
	if ! command -v "${cc%% *}" >/dev/null 2>&1; then
		echo "${cc:-gcc} was not found; $without"
	elif ! echo '#include <stdlib.h>' | $cc -x c -fsyntax-only - 2>/dev/null; then
		echo "$cc does not find the headers of the C library; $without"
	fi
}

# need_lab says all that "make lab" lacks before it begins with anything, and ends if it cannot do without.
need_lab() {
	python=${PYTHON:-python3}
	names=
	wrong=$(check_go)
	[ -z "$wrong" ] || say "$wrong"
	no_python=$(check_python)
	if [ -n "$no_python" ]; then
		say "$no_python"
		names=python
	fi
	if [ -z "$wrong" ]; then
		cc_wrong=$(check_cc)
		if [ -n "$cc_wrong" ]; then
			say "$cc_wrong"
			names="$names gcc"
		fi
	fi
	if ! command -v openssl >/dev/null 2>&1; then
		say "openssl was not found; the notebook on subprocesses runs it."
		names="$names openssl"
	fi
	# shellcheck disable=SC2086 # names are words
	[ -z "$names" ] || say "To install what is missing:" "$(packages $names)"
	[ -z "$wrong$no_python" ] || exit 1
}

# get_packages WHAT DEBIAN-PACKAGE... installs packages where it can, for WHAT is missing.
get_packages() {
	missing=$1
	shift
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "Installing $*, for $missing is missing." >&2
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
	fi
}

# need_command COMMAND DEBIAN-PACKAGE... makes sure that COMMAND is there, and installs it where it can.
need_command() {
	if command -v "$1" >/dev/null 2>&1; then return; fi
	wanted=$1
	shift
	get_packages "$wanted" "$@"
	command -v "$wanted" >/dev/null 2>&1 || fail "$wanted was not found." "Debian, Ubuntu: apt-get install $*"
}
