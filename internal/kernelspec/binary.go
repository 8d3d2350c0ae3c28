package kernelspec

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Binary returns the absolute path by which this program can be started later on, and whether that path is
// only a passing one (go run's, go test's), so that the file has to be copied to a place that lasts.
//
// A path through a symbolic link is kept as it was typed: package managers point the link at
// the new version when they upgrade, and remove the directory that it pointed at before.
func Binary(arg0 string) (exe string, passing bool, err error) {
	exe, err = os.Executable()
	if err != nil {
		return "", false, fmt.Errorf("finding this program's file: %w", err)
	}
	if typed, err := exec.LookPath(arg0); err == nil {
		if abs, err := filepath.Abs(typed); err == nil && sameFile(abs, exe) {
			exe = abs
		}
	}
	return exe, isPassing(exe, os.Getenv("GOCACHE"), os.Getenv("GOTMPDIR")), nil
}

// isPassing reports whether exe lies where the go command keeps what it builds for one run: a go-build
// directory, or one of the directories given. Empty names are passed over.
func isPassing(exe string, dirs ...string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(exe), "/") {
		if strings.HasPrefix(part, "go-build") {
			return true
		}
	}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		if rel, err := filepath.Rel(dir, exe); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

// sameFile reports whether two paths lead to one file.
func sameFile(a, b string) bool {
	ai, err := os.Stat(a)
	if err != nil {
		return false
	}
	bi, err := os.Stat(b)
	return err == nil && os.SameFile(ai, bi)
}

// copyBinary writes the program at src to dst, executable by all.
func copyBinary(dst, src string) (err error) {
	in, err := os.Open(src)
	if err != nil {
		return fmt.Errorf("copying the program: %w", err)
	}
	defer in.Close() // read only: nothing to lose
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return fmt.Errorf("copying the program: %w", err)
	}
	defer func() {
		if cerr := out.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("copying the program: %w", cerr)
		}
	}()
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("copying the program: %w", err)
	}
	return nil
}
