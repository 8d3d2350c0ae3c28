package nbrun

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gokernel/internal/nbformat"
)

// readFile reads a notebook. Errors name the file and are one line.
func readFile(name string) (*nbformat.Notebook, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err // names the file already
	}
	nb, err := nbformat.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return nb, nil
}

// writeFile writes a notebook such that name is at every moment the old file or the whole new one. A file
// that is there keeps its permissions.
func writeFile(name string, nb *nbformat.Notebook) (err error) {
	b, err := nb.Bytes()
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real // replace the file, not the link to it
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
