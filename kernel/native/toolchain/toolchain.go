package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Config says where to look for a toolchain. The zero value is this process's surroundings.
type Config struct {
	// Env is the environment, as os.Environ returns it, in which all programs run: PATH, GOFLAGS, GOPROXY and the
	// like are taken from it. Nil: this process's.
	Env []string
	// Dir is the directory in which the environment of Go is asked for: its go.mod or go.work may name another
	// version of Go. "": this process's.
	Dir string
}

// A Toolchain is a Go toolchain that works. Its fields do not change, its methods may be called from several
// goroutines. Make one with Find.
type Toolchain struct {
	Go       string // the path of the go command
	GOROOT   string
	Version  string // "go1.26.8"
	Language string // "go1.26", what -lang of the compiler takes
	GOOS     string
	GOARCH   string
	GOFLAGS  string
	GOPROXY  string
	GOWORK   string // the go.work in force in Config.Dir, "" if none
	CC       string // the path of the C compiler, "" if there is none
	Cgo      bool   // CGO_ENABLED=1 and a C compiler is there: -race and plugins need it

	cc    string // as CC names it
	cgoOn bool
	tools string // the directory of compile and link
	env   []string
	cfg   Config

	mu     sync.Mutex // for listed
	listed map[listKey]*listing
}

// MissingError says what is not there, and what to do, on one line.
type MissingError struct {
	What   string // "go", "gcc", "cgo", "version", NotBuilt
	Reason string
}

// NotBuilt is the What of a MissingError if this program is not built to load plugins.
const NotBuilt = "plugins"

// Error returns the reason.
func (e *MissingError) Error() string { return e.Reason }

// goVariables are what Find asks `go env` for.
var goVariables = []string{
	"GOROOT", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "GOPROXY", "GOWORK", "CC", "CGO_ENABLED", "GOTOOLDIR",
}

// Find finds the toolchain whose go command the PATH of the environment has, else the one in /usr/local/go. It takes
// about 10 ms. The error is a *MissingError if there is none.
func Find(ctx context.Context, cfg Config) (*Toolchain, error) {
	if cfg.Env == nil {
		cfg.Env = os.Environ()
	}
	path, ok := lookPath(cfg.Env, "go")
	if !ok {
		path = "/usr/local/go/bin/go"
		if !executable(path) {
			return nil, &MissingError{"go", "no Go toolchain: there is no go command in PATH (install Go from https://go.dev/dl)"}
		}
	}
	t := &Toolchain{Go: path, env: cfg.Env, cfg: cfg, listed: map[listKey]*listing{}}
	cmd := t.command(ctx, cfg.Dir, path, append([]string{"env", "-json"}, goVariables...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &MissingError{"go", fmt.Sprintf("the Go toolchain %s does not work: %s", path, firstLine(stderr.String(), err))}
	}
	vars := map[string]string{}
	if err := json.Unmarshal(stdout.Bytes(), &vars); err != nil {
		return nil, fmt.Errorf("decoding the output of go env: %w", err)
	}
	t.GOROOT, t.Version, t.GOOS, t.GOARCH = vars["GOROOT"], vars["GOVERSION"], vars["GOOS"], vars["GOARCH"]
	t.GOFLAGS, t.GOPROXY, t.GOWORK, t.tools = vars["GOFLAGS"], vars["GOPROXY"], vars["GOWORK"], vars["GOTOOLDIR"]
	if t.GOWORK == "off" {
		t.GOWORK = ""
	}
	t.cgoOn = vars["CGO_ENABLED"] == "1"
	t.Language = language(t.Version)
	if fields := strings.Fields(vars["CC"]); len(fields) > 0 {
		t.cc = fields[0]
		if cc, ok := lookPath(cfg.Env, t.cc); ok {
			t.CC = cc
		}
	}
	t.Cgo = t.cgoOn && t.CC != ""
	return t, nil
}

// NeedCgo returns a *MissingError unless -race and plugins can be built; what names the one that needs it.
func (t *Toolchain) NeedCgo(what string) error {
	return t.needCgo(what, "install gcc, or set CC with %env", "%env CGO_ENABLED=1")
}

// NeedCgoAtStart is NeedCgo for what a kernel decides on when it starts.
func (t *Toolchain) NeedCgoAtStart(what string) error {
	return t.needCgo(what, "install gcc or set CC, and restart the kernel", "unset it, and restart the kernel")
}

func (t *Toolchain) needCgo(what, compiler, enable string) error {
	switch {
	case t.CC == "":
		return &MissingError{"gcc", fmt.Sprintf("%s needs a C compiler: %s is not in PATH (%s)", what, firstWord(t.cc, "gcc"), compiler)}
	case !t.cgoOn:
		return &MissingError{"cgo", fmt.Sprintf("%s needs cgo, which CGO_ENABLED=0 switches off (%s)", what, enable)}
	}
	return nil
}

// harmless are the flags that do not change how a program is compiled, or only which of a module's files are.
var harmless = []string{"buildvcs", "mod", "modfile", "modcacherw", "tags", "trimpath", "p", "v", "x", "overlay", "json", "work", "a", "count", "timeout"}

// Direct reports whether Compile and Link do what `go build` would: GOFLAGS asks for nothing that they leave out.
func (t *Toolchain) Direct() bool {
	for _, flag := range strings.Fields(t.GOFLAGS) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		known := false
		for _, h := range harmless {
			known = known || h == name
		}
		if !known {
			return false
		}
	}
	return true
}

// Environ returns the environment in which the toolchain's programs run.
func (t *Toolchain) Environ() []string { return append([]string(nil), t.env...) }

// With returns the same toolchain with more environment variables ("GOWORK=off"), which knows nothing of packages yet.
func (t *Toolchain) With(env ...string) *Toolchain {
	again := Toolchain{
		Go: t.Go, GOROOT: t.GOROOT, Version: t.Version, Language: t.Language, GOOS: t.GOOS, GOARCH: t.GOARCH,
		GOFLAGS: t.GOFLAGS, GOPROXY: t.GOPROXY, GOWORK: t.GOWORK, CC: t.CC, Cgo: t.Cgo,
		cc: t.cc, cgoOn: t.cgoOn, tools: t.tools, cfg: t.cfg, listed: map[listKey]*listing{},
	}
	again.env = append(t.Environ(), env...)
	return &again
}

// tool returns the path of a tool such as compile.
func (t *Toolchain) tool(name string) string { return filepath.Join(t.tools, name) }

// language returns the language version of a Go version: "go1.26" of "go1.26.8" and of "go1.26rc1 X:jsonv2".
func language(version string) string {
	dots := 0
	for i, r := range version {
		switch {
		case r == '.':
			if dots++; dots == 2 {
				return version[:i]
			}
		case i >= 2 && (r < '0' || r > '9'):
			return version[:i]
		}
	}
	return version
}

// lookPath finds a program in the PATH of an environment.
func lookPath(env []string, name string) (string, bool) {
	if strings.Contains(name, "/") {
		return name, executable(name)
	}
	path := ""
	for _, kv := range env {
		if value, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = value
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if file := filepath.Join(dir, name); filepath.IsAbs(file) && executable(file) {
			return file, true
		}
	}
	return "", false
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// firstLine returns the first line of what a program said that is not empty, or else its error.
func firstLine(text string, err error) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return err.Error()
}

func firstWord(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
