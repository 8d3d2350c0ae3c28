// Package kernelspec writes, finds and removes kernelspecs: the folders that tell Jupyter how to start a kernel.
//
// The format and the folders are those of "Kernel specs" in jupyter_client's documentation ("Making kernels
// for Jupyter") and of Jupyter's documentation of its directories.
package kernelspec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Name is the name of our kernelspec unless the user chooses another.
const Name = "gokernel"

// A Spec is the content of kernel.json.
type Spec struct {
	Argv            []string          `json:"argv"`
	DisplayName     string            `json:"display_name"`
	Language        string            `json:"language"`
	InterruptMode   string            `json:"interrupt_mode,omitempty"`
	ProtocolVersion string            `json:"kernel_protocol_version,omitempty"`
	Env             map[string]string `json:"env,omitempty"`
	Metadata        map[string]any    `json:"metadata"`
}

// New returns the spec that starts our kernel from the binary at the absolute path exe.
func New(exe, displayName string, env map[string]string) Spec {
	return Spec{
		Argv:            []string{exe, "kernel", "-f", "{connection_file}"},
		DisplayName:     displayName,
		Language:        "go",
		InterruptMode:   "message",
		ProtocolVersion: "5.5",
		Env:             env,
		Metadata:        map[string]any{"debugger": false},
	}
}

// Ours reports whether s starts a gokernel, of this version or another.
func (s Spec) Ours() bool {
	return len(s.Argv) >= 2 && strings.HasPrefix(filepath.Base(s.Argv[0]), "gokernel") && s.Argv[1] == "kernel"
}

// ErrName is wrapped by CheckName's errors.
var ErrName = errors.New("invalid kernel name")

// namePattern is what jupyter_client allows as a kernel's name.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// CheckName returns an error that wraps ErrName if Jupyter would not find a kernelspec of this name.
func CheckName(name string) error {
	if !namePattern.MatchString(name) || name == "." || name == ".." {
		return fmt.Errorf("%w %q: use letters, digits, '-', '_' and '.' only", ErrName, name)
	}
	return nil
}

// Read returns the spec in the folder dir.
func Read(dir string) (Spec, error) {
	data, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return Spec{}, fmt.Errorf("reading a kernelspec: %w", err)
	}
	var s Spec
	if err := json.Unmarshal(data, &s); err != nil {
		return Spec{}, fmt.Errorf("reading %s: %w", filepath.Join(dir, "kernel.json"), err)
	}
	return s, nil
}

// A Found is a kernelspec on disk.
type Found struct {
	Name string // of its folder, by which Jupyter knows it
	Dir  string
	Spec Spec
	Err  error // kernel.json could not be read; Spec is then the zero value
}

// List returns the kernelspecs in the directories given, in their order; within one by name.
// A directory that does not exist holds none. Folders without kernel.json are passed over.
func List(dirs ...string) ([]Found, error) {
	var found []Found
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return found, fmt.Errorf("listing kernelspecs: %w", err)
		}
		for _, entry := range entries {
			folder := filepath.Join(dir, entry.Name())
			if CheckName(entry.Name()) != nil || strings.HasPrefix(entry.Name(), ".") {
				continue
			}
			spec, err := Read(folder)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			found = append(found, Found{Name: entry.Name(), Dir: folder, Spec: spec, Err: err})
		}
	}
	return found, nil
}

// Shadowed reports whether an earlier element of found hides the one at index i from Jupyter.
func Shadowed(found []Found, i int) bool {
	return slices.ContainsFunc(found[:i], func(f Found) bool {
		return f.Err == nil && strings.EqualFold(f.Name, found[i].Name)
	})
}
