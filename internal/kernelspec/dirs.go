package kernelspec

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// An Environment is what decides where Jupyter keeps its kernels. The zero value is of no use: take Current.
type Environment struct {
	GOOS   string                   // as runtime.GOOS
	Home   string                   // the user's home directory; empty if unknown
	Getenv func(name string) string // as os.Getenv
}

// Current returns the environment of this process.
func Current() Environment {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // UserDir says so if it needs it
	}
	return Environment{GOOS: runtime.GOOS, Home: home, Getenv: os.Getenv}
}

// UserDir returns the directory of the user's own kernels: below JUPYTER_DATA_DIR if that is set, else where
// Jupyter keeps its data on this system ("Data files" in Jupyter's documentation of its directories).
func (e Environment) UserDir() (string, error) {
	if data := e.Getenv("JUPYTER_DATA_DIR"); data != "" {
		return filepath.Join(data, "kernels"), nil
	}
	platform := e.Getenv("JUPYTER_PLATFORM_DIRS")
	switch {
	case e.GOOS == "darwin" && e.Home != "":
		if platform != "" && platform != "0" {
			return filepath.Join(e.Home, "Library", "Application Support", "Jupyter", "kernels"), nil
		}
		return filepath.Join(e.Home, "Library", "Jupyter", "kernels"), nil
	case e.GOOS != "darwin" && e.Getenv("XDG_DATA_HOME") != "":
		return filepath.Join(e.Getenv("XDG_DATA_HOME"), "jupyter", "kernels"), nil
	case e.Home != "":
		return filepath.Join(e.Home, ".local", "share", "jupyter", "kernels"), nil
	}
	return "", fmt.Errorf("finding the user's Jupyter directory: neither HOME nor JUPYTER_DATA_DIR is set")
}

// PrefixDir returns the directory of the kernels of the Python environment, or other tree, at prefix.
func PrefixDir(prefix string) string {
	return filepath.Join(prefix, "share", "jupyter", "kernels")
}

// SysPrefix returns the prefix of the Python environment that is active: the virtual or conda environment
// that the shell has entered, else what the python3 on the PATH calls sys.prefix.
func (e Environment) SysPrefix(ctx context.Context) (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := e.Getenv(name); prefix != "" {
			return prefix, nil
		}
	}
	out, err := exec.CommandContext(ctx, "python3", "-c", "import sys; print(sys.prefix)").Output()
	if err != nil {
		return "", fmt.Errorf("asking python3 for sys.prefix (no virtual environment is active): %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// SearchPath returns the directories in which Jupyter looks for kernels, the first hit winning: those of
// JUPYTER_PATH, the user's, the active environment's (before the user's where one is active, as
// jupyter_core does), and the system's.
func (e Environment) SearchPath() []string {
	var dirs []string
	for _, dir := range filepath.SplitList(e.Getenv("JUPYTER_PATH")) {
		if dir != "" {
			dirs = append(dirs, filepath.Join(dir, "kernels"))
		}
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := e.Getenv(name); prefix != "" {
			dirs = append(dirs, PrefixDir(prefix))
		}
	}
	if user, err := e.UserDir(); err == nil { // without a home there are none of the user's
		dirs = append(dirs, user)
	}
	return append(dirs, PrefixDir("/usr/local"), PrefixDir("/usr"))
}
