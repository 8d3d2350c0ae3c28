package program

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gokernel/kernel/native/toolchain"
)

// Workspace returns the go.work that is in force in a directory, "" if none is: the one that GOWORK names, else the
// nearest above (https://go.dev/ref/mod#workspaces).
func Workspace(env []string, dir string) string {
	switch named := lookup(env, "GOWORK"); named {
	case "off":
		return ""
	case "":
	default:
		return named
	}
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil {
			return ""
		}
	}
	for {
		if file := filepath.Join(dir, "go.work"); exists(file) {
			return file
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

func exists(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}

// workFile is what `go work edit -json` prints of a go.work.
type workFile struct {
	Use     []struct{ DiskPath string }
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// copyWorkspace writes a go.work for the module that uses it and all that the workspace uses.
func (m *Module) copyWorkspace(ctx context.Context, tc *toolchain.Toolchain, work string) (string, error) {
	out, err := tc.Output(ctx, m.dir, "work", "edit", "-json", work)
	if err != nil {
		return "", err
	}
	var w workFile
	if err := json.Unmarshal(out, &w); err != nil {
		return "", fmt.Errorf("decoding %s: %w", work, err)
	}
	absolute := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(filepath.Dir(work), path)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "go %s\n\nuse .\n", strings.TrimPrefix(tc.Language, "go"))
	for _, u := range w.Use {
		fmt.Fprintf(&b, "use %q\n", absolute(u.DiskPath))
	}
	for _, r := range w.Replace {
		to := fmt.Sprintf("%s %s", r.New.Path, r.New.Version)
		if r.New.Version == "" {
			to = fmt.Sprintf("%q", absolute(r.New.Path))
		}
		fmt.Fprintf(&b, "replace %s %s => %s\n", r.Old.Path, r.Old.Version, to)
	}
	if err := m.write("go.work", []byte(b.String())); err != nil {
		return "", err
	}
	return filepath.Join(m.dir, "go.work"), nil
}
