package toolchain

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// TempDir makes a new directory below dir, whose name begins with prefix and this process's number. Others like it, which
// processes that are gone could not remove, it removes; what fails there is left to the next one. "" stands for
// the system's directory for temporary files.
func TempDir(dir, prefix string) (string, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	old, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		old = nil // the name of dir has a bracket in it
	}
	for _, left := range old {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(left), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(left) // another user's, perhaps
		}
	}
	made, err := os.MkdirTemp(dir, prefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("a place to compile in: %w", err)
	}
	return made, nil
}
