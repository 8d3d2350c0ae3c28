package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gokernel/kernel/check/std"
	"gokernel/kernel/native/toolchain"
)

// modulePath is the path of the module in which programs are built: ours, for internal packages can only be imported from
// where they belong.
const modulePath = "gokernel"

// A Module is a directory with a go.mod in which the programs of one notebook are built. Its methods may be called from
// several goroutines. Make one with NewModule.
type Module struct {
	dir string

	mu     sync.Mutex
	serial int
	tc     *toolchain.Toolchain            // of key
	key    string                          // the environment and the go.work it was found with
	trials map[string]*toolchain.Toolchain // tc with an experiment; tc itself if that is not known
	asked  []string                        // paths that %get and %use were given
	local  []*local                        // directories without a module that %use has brought
}

// prefix begins the names of modules' directories; the number of the process follows.
const prefix = "gokernel-notebook-"

// NewModule makes a module below the directory for temporary files. Close removes it; what a process has left
// that could not is removed by the next one.
func NewModule() (*Module, error) {
	dir, err := toolchain.TempDir("", prefix)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("making a directory for programs: %w", err)
	}
	m := &Module{dir: dir}
	if err := m.fill(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// fill writes go.mod and the preloaded packages.
func (m *Module) fill() error {
	if err := m.write("go.mod", []byte("module "+modulePath+"\n")); err != nil {
		return err
	}
	for _, path := range std.Packages() {
		if !std.Preloaded(path) {
			continue
		}
		files, ok := std.Source(path)
		if !ok {
			return fmt.Errorf("the source of %s is not embedded", path)
		}
		for name, text := range files {
			if err := m.write(strings.TrimPrefix(path, modulePath+"/")+"/"+name, []byte(text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes a file of the module; name is relative and has slashes.
func (m *Module) write(name string, data []byte) error {
	file := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// Dir returns the module's directory, where go commands about it run.
func (m *Module) Dir() string { return m.dir }

// Close removes the module with all that was built.
func (m *Module) Close() error { return os.RemoveAll(m.dir) }

// Toolchain returns the toolchain of an environment for this module. dir is where the notebook is: a go.work that is in force
// there is in the module, too. It takes 15 ms where the environment has changed, and microseconds otherwise. The error is a
// *toolchain.MissingError if there is none.
func (m *Module) Toolchain(ctx context.Context, env []string, dir string) (*toolchain.Toolchain, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	work := Workspace(env, dir)
	key := relevant(env) + "\n" + work + "\n" + stamp(work)
	if m.tc != nil && m.key == key {
		return m.tc, m.follow(ctx, m.tc)
	}
	own := append([]string(nil), env...)
	if flags := lookup(env, "GOFLAGS"); flags != "" {
		own = append(own, "GOFLAGS="+applicable(flags, work))
	}
	tc, err := toolchain.Find(ctx, toolchain.Config{Env: append(own, "GOWORK=off"), Dir: m.dir})
	if err != nil {
		return nil, err
	}
	if err := m.language(tc); err != nil {
		return nil, err
	}
	if work != "" {
		file, err := m.copyWorkspace(ctx, tc, work)
		if err != nil {
			return nil, err
		}
		tc = tc.With("GOWORK=" + file)
		tc.GOWORK = work
	}
	m.tc, m.key, m.trials = tc, key, map[string]*toolchain.Toolchain{}
	return tc, m.follow(ctx, tc)
}

// experiment returns a toolchain with one more experiment, or tc if it does not know that.
func (m *Module) experiment(ctx context.Context, tc *toolchain.Toolchain, name string) *toolchain.Toolchain {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tc == tc && m.trials[name] != nil {
		return m.trials[name]
	}
	all := name
	if others := lookup(tc.Environ(), "GOEXPERIMENT"); others != "" {
		all = others + "," + name
	}
	trial := tc.With("GOEXPERIMENT=" + all)
	if _, err := trial.Output(ctx, m.dir, "version"); err != nil { // "unknown GOEXPERIMENT"
		trial = tc
	}
	if m.tc == tc {
		m.trials[name] = trial
	}
	return trial
}

// language puts the toolchain's version into a go.mod that has none yet, so that no other toolchain is asked for.
func (m *Module) language(tc *toolchain.Toolchain) error {
	text, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("reading the notebook's go.mod: %w", err)
	}
	if strings.Contains(string(text), "\ngo ") {
		return nil
	}
	return m.write("go.mod", append(text, "\ngo "+strings.TrimPrefix(tc.Language, "go")+"\n"...))
}

// applicable returns GOFLAGS without what was meant for another module: this one has no vendor directory, and a
// workspace allows no -mod=mod.
func applicable(flags, work string) string {
	all := strings.Fields(flags)
	kept := all[:0:0]
	for _, f := range all {
		mode, isMode := strings.CutPrefix(strings.TrimLeft(f, "-"), "mod=")
		if isMode && (mode == "vendor" || mode == "mod" && work != "") {
			continue
		}
		kept = append(kept, f)
	}
	if len(kept) == len(all) {
		return flags // with its quotes
	}
	return strings.Join(kept, " ")
}

// relevant returns those of the variables of an environment on which builds depend.
func relevant(env []string) string {
	var b strings.Builder
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, "GO"), strings.HasPrefix(name, "CGO_"), strings.HasSuffix(strings.ToLower(name), "_proxy"),
			name == "PATH", name == "HOME", name == "CC", name == "CXX", name == "TMPDIR", name == "XDG_CACHE_HOME", name == "NETRC":
			b.WriteString(kv + "\n")
		}
	}
	return b.String()
}

// stamp tells versions of a file apart.
func stamp(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// lookup returns the value of a variable of an environment.
func lookup(env []string, name string) string {
	value := ""
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}
