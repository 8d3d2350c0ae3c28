package toolchain

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Flags say how packages are compiled. All packages of a program must be compiled with the same.
type Flags struct {
	Race    bool // with the race detector
	Dynlink bool // for a plugin (-buildmode=plugin)
	// Untrimmed keeps the paths of directories in the program, as `go build` does without -trimpath. A plugin needs the
	// setting of the program that loads it.
	Untrimmed bool
}

// args returns the flags as the go command takes them.
func (f Flags) args() []string {
	var args []string
	if !f.Untrimmed {
		args = append(args, "-trimpath")
	}
	if f.Race {
		args = append(args, "-race")
	}
	if f.Dynlink {
		args = append(args, "-buildmode=plugin")
	}
	return args
}

// compiler returns the flags as the compiler takes them.
func (f Flags) compiler() []string {
	var args []string
	if f.Race {
		args = append(args, "-race", "-installsuffix", "race")
	}
	if f.Dynlink {
		args = append(args, "-dynlink")
	}
	return args
}

// Packages maps import paths to the files that hold the compiled packages.
type Packages map[string]string

// listKey is what decides an answer of go list, beside the environment, which does not change, and the files.
type listKey struct {
	dir   string
	flags Flags
}

// A listing is all that go list has said in one directory so far.
type listing struct {
	stamp   string          // of go.mod and its like
	asked   map[string]bool // import paths that were asked for
	files   Packages
	sources map[string]time.Time // directories of packages that can change, with the time of their newest file
}

// Packages returns the compiled packages that a main package in dir with these imports needs, indirect ones and those
// of the runtime included; "main", "C" and "unsafe" among the imports are ignored. Packages are compiled if they
// are not in the build cache. dir must hold a go.mod, "" will do for imports of the standard library.
//
// The answer is kept until go.mod, go.sum or go.work changes, or a source file of a package that is not in the module
// cache: then it takes 20 µs, else as long as go list, about 70 ms. The error is an *Error if go list refused.
func (t *Toolchain) Packages(ctx context.Context, dir string, imports []string, flags Flags) (Packages, error) {
	if flags.Race {
		if err := t.NeedCgo("-race"); err != nil {
			return nil, err
		}
	}
	if flags.Dynlink {
		if err := t.NeedCgo("a plugin"); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := listKey{dir, flags}
	l := t.listed[key]
	if stamp := stampOf(dir); l == nil || l.stamp != stamp || !l.fresh() {
		l = &listing{stamp: stamp, asked: map[string]bool{}, files: Packages{}, sources: map[string]time.Time{}}
		t.listed[key] = l
	}
	missing := l.missing(append(slices.Clone(imports), implicit(flags)...))
	if len(missing) == 0 {
		return maps.Clone(l.files), nil
	}
	if err := t.list(ctx, l, key, missing); err != nil {
		return nil, err
	}
	return maps.Clone(l.files), nil
}

// Seed gives the toolchain an answer of Packages for dir and flags that an earlier process got. It reports whether that
// still holds: whether all the files are there.
func (t *Toolchain) Seed(dir string, flags Flags, packages Packages) bool {
	l := &listing{stamp: stampOf(dir), asked: map[string]bool{}, files: maps.Clone(packages), sources: map[string]time.Time{}}
	if len(packages) == 0 || !l.fresh() {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listed[listKey{dir, flags}] = l
	return true
}

// Lacks reports whether Packages would have to ask the go command for some of the imports.
func (t *Toolchain) Lacks(dir string, imports []string, flags Flags) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.listed[listKey{dir, flags}]
	return l == nil || len(l.missing(imports)) > 0
}

// implicit lists what the linker wants although nobody imports it.
func implicit(flags Flags) []string {
	switch {
	case flags.Race:
		return []string{"runtime", "runtime/race", "runtime/cgo"}
	case flags.Dynlink:
		return []string{"runtime", "runtime/cgo"}
	}
	return []string{"runtime"}
}

func (l *listing) missing(imports []string) []string {
	var missing []string
	for _, path := range imports {
		if path != "C" && path != "unsafe" && path != "main" && !l.asked[path] && l.files[path] == "" {
			missing = append(missing, path)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// list asks go list for more packages.
func (t *Toolchain) list(ctx context.Context, l *listing, key listKey, imports []string) error {
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}\t{{if not .Standard}}{{.Dir}}{{end}}"}, key.flags.args()...)
	out, err := t.run(ctx, t.Command(ctx, key.dir, append(append(args, "--"), imports...)...), "go list")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(fields) != 3 {
			return fmt.Errorf("reading the output of go list: unexpected line %q", line)
		}
		path, file, source := fields[0], fields[1], fields[2]
		if file != "" {
			l.files[path] = file
		}
		if source != "" && !strings.Contains(source, "@") { // directories of the module cache have a version and are read-only
			l.sources[source] = newest(source)
		}
	}
	for _, path := range imports {
		l.asked[path] = true
	}
	return nil
}

// fresh reports whether the files of a listing are still what go list would say.
func (l *listing) fresh() bool {
	for dir, at := range l.sources {
		if !newest(dir).Equal(at) {
			return false
		}
	}
	for _, file := range l.files {
		if _, err := os.Stat(file); err != nil {
			return false // the build cache was cleaned
		}
	}
	return true
}

// newest returns the time of the latest change of a directory or of a file in it.
func newest(dir string) time.Time {
	var last time.Time
	look := func(name string) {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	look(dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return last
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			look(filepath.Join(dir, e.Name()))
		}
	}
	return last
}

// stampOf tells versions of the files that govern a module apart.
func stampOf(dir string) string {
	var b strings.Builder
	for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
