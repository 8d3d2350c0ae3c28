package kernelspec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gokernel/internal/logo"
)

// ErrForeign is wrapped by errors about a kernelspec that starts some other kernel.
var ErrForeign = errors.New("belongs to another kernel")

// ErrNotInstalled is wrapped by Remove's error if there is nothing to remove.
var ErrNotInstalled = errors.New("is not installed")

// An Installation says what to install where.
type Installation struct {
	Dir         string            // directory of kernelspecs; made if absent
	Name        string            // name of the kernelspec, see CheckName
	DisplayName string            // name in JupyterLab's launcher
	Env         map[string]string // additional environment of the kernel
	Exe         string            // absolute path of the program
	Copy        bool              // keep a copy of the program beside kernel.json and start that
	Replace     bool              // replace a kernelspec of this name that is not ours
}

// Write makes the kernelspec and returns its folder. A kernelspec of ours with this name is replaced;
// another's makes it fail with ErrForeign unless in.Replace is set. The folder appears complete or not at
// all: it is made under another name and renamed, and what was there comes back if that fails.
func (in Installation) Write() (dir string, err error) {
	if err := CheckName(in.Name); err != nil {
		return "", err
	}
	dir = filepath.Join(in.Dir, in.Name)
	if err := in.mayReplace(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(in.Dir, 0o755); err != nil {
		return "", fmt.Errorf("making the directory of kernelspecs: %w", err)
	}
	staged, err := os.MkdirTemp(in.Dir, "."+in.Name+"-new-*")
	if err != nil {
		return "", fmt.Errorf("making the kernelspec: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(staged) // the first error is the one to report
		}
	}()
	if err := os.Chmod(staged, 0o755); err != nil { // MkdirTemp's is closed to others, who may share the prefix
		return "", fmt.Errorf("making the kernelspec: %w", err)
	}
	if err := in.fill(staged, dir); err != nil {
		return "", err
	}
	return dir, swap(staged, dir)
}

// mayReplace returns nil if there is nothing at dir, or something that may be replaced.
func (in Installation) mayReplace(dir string) error {
	if _, err := os.Lstat(dir); err != nil || in.Replace {
		return nil // if the error is more than absence, making the folder will meet it too
	}
	spec, err := Read(dir)
	if err != nil {
		return fmt.Errorf("%s exists and is no kernelspec of ours: --replace replaces it (%w)", dir, err)
	}
	if !spec.Ours() {
		return fmt.Errorf("kernelspec %s in %s %w (%s): choose another --name, or --replace it", in.Name, in.Dir, ErrForeign, spec.DisplayName)
	}
	return nil
}

// fill writes the files of the kernelspec to staged, which will be renamed to dir.
func (in Installation) fill(staged, dir string) error {
	exe := in.Exe
	if in.Copy {
		exe = filepath.Join(dir, "gokernel")
		if err := copyBinary(filepath.Join(staged, "gokernel"), in.Exe); err != nil {
			return err
		}
	}
	spec, err := json.MarshalIndent(New(exe, in.DisplayName, in.Env), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding kernel.json: %w", err)
	}
	files := map[string][]byte{"kernel.json": append(spec, '\n'), "logo-svg.svg": logo.SVG()}
	for _, size := range []int{32, 64} {
		data, err := logo.PNG(size)
		if err != nil {
			return err
		}
		files[fmt.Sprintf("logo-%dx%d.png", size, size)] = data
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(staged, name), data, 0o644); err != nil {
			return fmt.Errorf("writing the kernelspec: %w", err)
		}
	}
	return nil
}

// swap renames staged to dir. What was at dir is set aside first and removed afterwards.
func swap(staged, dir string) error {
	aside := staged + "-old"
	err := os.Rename(dir, aside)
	had := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("setting the old kernelspec aside: %w", err)
	}
	if err := os.Rename(staged, dir); err != nil {
		if had {
			err = errors.Join(err, os.Rename(aside, dir))
		}
		return fmt.Errorf("putting the kernelspec in place: %w", err)
	}
	if had {
		if err := os.RemoveAll(aside); err != nil {
			return fmt.Errorf("removing the old kernelspec: %w", err)
		}
	}
	return nil
}

// Remove deletes the kernelspec name from the directory dir and returns the folder that it was. The error
// wraps ErrNotInstalled if there is none, and ErrForeign if it starts some other kernel.
func Remove(dir, name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	folder := filepath.Join(dir, name)
	spec, err := Read(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("kernelspec %s %w in %s", name, ErrNotInstalled, dir)
	}
	if err != nil {
		return "", err
	}
	if !spec.Ours() {
		return "", fmt.Errorf("kernelspec %s in %s %w (%s): it stays", name, dir, ErrForeign, spec.DisplayName)
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("removing the kernelspec: %w", err)
	}
	return folder, nil
}
