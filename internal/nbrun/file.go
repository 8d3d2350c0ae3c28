package nbrun

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

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

// writeFile writes a notebook as WriteFile does.
func writeFile(name string, nb *nbformat.Notebook) error {
	b, err := nb.Bytes()
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return WriteFile(name, b)
}

// WriteFile writes a file such that name is at every moment the old file or the whole new one. A file that is there keeps
// its permissions. What is no file, such as /dev/stdout, is written as it is.
func WriteFile(name string, b []byte) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return unwritten(name, os.WriteFile(name, b, mode))
		}
		mode = info.Mode().Perm()
	}
	f, err := beside(name)
	if err != nil {
		return unwritten(name, err)
	}
	_, err = f.Write(b)
	err = cmp.Or(err, f.Chmod(mode), f.Sync())
	if err = cmp.Or(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), followed(name))
	}
	if err != nil {
		return errors.Join(unwritten(name, err), os.Remove(f.Name()))
	}
	return nil
}

// MayWrite returns the error that WriteFile would return if name cannot be written at all. It changes nothing.
func MayWrite(name string) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil
	} else if err == nil && info.IsDir() {
		return unwritten(name, errors.New("it is a directory"))
	}
	f, err := beside(name)
	if err != nil {
		return unwritten(name, err)
	}
	return cmp.Or(f.Close(), os.Remove(f.Name()))
}

// beside makes a new file in the directory of name.
func beside(name string) (*os.File, error) {
	name = followed(name)
	return os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
}

// followed returns the file that name is a link to, or name.
func followed(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

// unwritten is err as an error of writing name, in one line that does not tell of the file beside it.
func unwritten(name string, err error) error {
	var path *fs.PathError
	dir := filepath.Dir(name)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s cannot be written: there is no directory %s, make it first", name, dir)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s cannot be written: %s is not a directory, name another place", name, dir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s cannot be written: you may not write to the directory %s, name another place", name, dir)
	case errors.As(err, &path):
		err = path.Err
	}
	return fmt.Errorf("writing %s: %w", name, err)
}
