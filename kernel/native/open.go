package native

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"gokernel/kernel/check/std"
	"gokernel/kernel/native/toolchain"
)

// Open finds the Go toolchain and returns an engine whose units this program can load: a plugin must be built by the
// toolchain that built the program, with the same flags. The error says in one line what is missing and what to do. dir is
// as for NewEngine.
func Open(ctx context.Context, dir string) (*Engine, error) {
	tools, err := toolchain.Find(ctx, toolchain.Config{})
	if err != nil {
		return nil, err
	}
	if tools.Version != runtime.Version() {
		return nil, fmt.Errorf("the Go toolchain is %s, but gokernel was built with %s: compiled cells need the same version", tools.Version, runtime.Version())
	}
	flags := toolchain.Flags{Untrimmed: true}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "-trimpath" && s.Value == "true":
				flags.Untrimmed = false
			case s.Key == "-race" && s.Value == "true":
				return nil, &toolchain.MissingError{What: toolchain.NotBuilt, Reason: "gokernel was built with -race: cells are interpreted"}
			case s.Key == "CGO_ENABLED" && s.Value == "0":
				return nil, errors.New("gokernel was built without cgo and cannot load compiled code: build it with CGO_ENABLED=1 and a C compiler")
			}
		}
	}
	e, err := NewEngine(tools, flags, dir)
	if err != nil {
		return nil, err
	}
	e.recall()
	return e, nil
}

// Warm compiles all of the standard library for units, as far as the build cache lacks it, and tries the toolchain, so that
// no reader waits for that: the first time on a machine it takes half a minute or more. begin is called if there is
// something to do.
func Warm(ctx context.Context, load func(file string) error, begin func()) error {
	e, err := Open(ctx, "")
	if err != nil {
		return err
	}
	defer e.Close() // what it has built is of no more use
	all := slices.DeleteFunc(slices.Clone(std.Packages()), std.Preloaded)
	if e.Tried && !e.tools.Lacks("", all, e.flags) {
		return nil
	}
	begin()
	if _, err := e.tools.Packages(ctx, "", all, e.flags); err != nil {
		return err
	}
	return e.Try(ctx, load)
}

// Export returns the file with the types of a package of the standard library, compiled for units.
func (e *Engine) Export(ctx context.Context, path string) (string, error) {
	files, err := e.tools.Packages(ctx, "", []string{path}, e.flags)
	if err != nil {
		return "", err
	}
	return files[path], nil
}

// memory returns the file in which what is known of the toolchain outlives the process: where the compiled packages of the
// standard library are, and those of ours. It is another one for each toolchain and each text of our packages.
func (e *Engine) memory() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	info, err := os.Stat(e.tools.Go)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(h, e.tools.Go, info.Size(), info.ModTime().UnixNano())
	for _, path := range std.Packages() {
		if std.Preloaded(path) {
			files, _ := std.Source(path)
			for _, name := range slices.Sorted(maps.Keys(files)) {
				fmt.Fprintln(h, e.home(path), name, files[name])
			}
		}
	}
	fmt.Fprintln(h, e.tools.Version, e.tools.GOROOT, e.tools.GOFLAGS, e.tools.CC, e.flags, os.Getenv("GOCACHE"))
	return filepath.Join(dir, "gokernel", "native-"+hex.EncodeToString(h.Sum(nil)[:8])+".json"), nil
}

// kept returns the directory for compiled packages that outlive the process, or else one that does not.
func (e *Engine) kept() string {
	name, err := e.memory()
	if err != nil {
		return e.dir
	}
	return strings.TrimSuffix(name, ".json")
}

// recall reads what an earlier process has learnt. Without it the toolchain is asked again, so errors do not matter.
func (e *Engine) recall() {
	name, err := e.memory()
	if err != nil {
		return
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return
	}
	var packages toolchain.Packages
	if json.Unmarshal(data, &packages) == nil {
		e.Tried = e.tools.Seed("", e.flags, packages)
	}
}

// remember writes down what this process has learnt. That it could not is no reason to fail: the next one learns it again.
func (e *Engine) remember(ctx context.Context) {
	name, err := e.memory()
	if err != nil {
		return
	}
	packages, err := e.tools.Packages(ctx, "", always, e.flags)
	if err != nil {
		return
	}
	data, err := json.Marshal(packages)
	if err != nil {
		return
	}
	if os.MkdirAll(filepath.Dir(name), 0o777) != nil {
		return
	}
	temp, err := os.CreateTemp(filepath.Dir(name), "native-*")
	if err != nil {
		return
	}
	defer os.Remove(temp.Name()) // it is gone if all went well
	_, err = temp.Write(data)
	if errors.Join(err, temp.Close()) == nil {
		_ = os.Rename(temp.Name(), name)
	}
}
