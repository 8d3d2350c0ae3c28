# need.sh is read by the other scripts. It says at once what is missing and how to get it.

fail() {
	echo "gokernel: $1" >&2
	shift
	for line in "$@"; do echo "          $line" >&2; done
	exit 1
}

need_go() {
	command -v go >/dev/null 2>&1 || fail "Go was not found." \
		"Install Go 1.26 or newer from https://go.dev/dl and make sure that \"go version\" works."
}

# need_python sets $python to a Python that can make virtual environments.
need_python() {
	python=${PYTHON:-python3}
	command -v "$python" >/dev/null 2>&1 || fail "$python was not found; JupyterLab needs Python 3.10 or newer." \
		"Debian, Ubuntu: apt-get install python3 python3-venv" \
		"Fedora: dnf install python3" \
		"macOS: brew install python"
	"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail \
		"$("$python" --version) is too old; JupyterLab needs Python 3.10 or newer." \
		"Name a newer one: PYTHON=/path/to/python3 make lab"
	"$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python has no venv module." \
		"Debian, Ubuntu: apt-get install python3-venv"
}

# need_command COMMAND DEBIAN-PACKAGE... makes sure that COMMAND is there, and installs it where it can.
need_command() {
	if command -v "$1" >/dev/null 2>&1; then return; fi
	wanted=$1
	shift
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "Installing $*, for $wanted is missing." >&2
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
	fi
	command -v "$wanted" >/dev/null 2>&1 || fail "$wanted was not found." "Debian, Ubuntu: apt-get install $*"
}
