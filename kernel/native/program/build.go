package program

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gokernel/kernel/native/toolchain"
)

// Options say how a program is built.
type Options struct {
	Race  bool
	Cover bool              // with Test: count which statements run, see CoverVariable
	Test  bool              // the program has no main: one that runs its test functions is added
	More  map[string]string // further files of package main by name
	// Experiment is a GOEXPERIMENT beside those of the environment, "" for none; a toolchain that does not know it builds
	// without.
	Experiment string
	// Imports are those of More, and of what is added.
	Imports []string
}

// An Executable is a program that has been built. It lies in a directory of its own, which Close removes.
type Executable struct {
	Path string
	Dir  string

	Instrumented []byte // with Options.Cover, the program as it was compiled
}

// CoverVariable is the environment variable that names the file to which a program with Options.Cover writes its counters, as
// a JSON array.
const CoverVariable = "GOKERNEL_COVER"

// Close removes the program with its directory.
func (e *Executable) Close() error { return os.RemoveAll(e.Dir) }

// displayPath is the import path of the package that shows things in the notebook.
const displayPath = "gokernel/kernel/display"

// DisplayFD is the file descriptor to which a program that imports the display package writes what it shows: lines of
// JSON, each a Shown. It shows nothing where the environment variable DisplayVariable is not set.
const (
	DisplayFD       = 3
	DisplayVariable = "GOKERNEL_DISPLAY"
)

// Shown is what a program displays.
type Shown struct {
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
	ID       string         `json:"id"`
	Update   bool           `json:"update"`
	Clear    bool           `json:"clear"`
	Wait     bool           `json:"wait"`
}

// emitterSource is the file of a program that carries its displays out.
const emitterSource = `package main

import (
	"encoding/json"
	"os"
	"sync"
	"time"

	"gokernel/kernel/display"
)

type gk_emitter struct {
	mu    sync.Mutex
	enc   *json.Encoder
	later map[int]func() // calls that are to be made before the program ends
	last  int            // key in later
}

func (e *gk_emitter) send(v map[string]any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.enc.Encode(v)
}

func (e *gk_emitter) Display(data, metadata map[string]any, id string, update bool) error {
	return e.send(map[string]any{"data": data, "metadata": metadata, "id": id, "update": update})
}

func (e *gk_emitter) Clear(wait bool) error { return e.send(map[string]any{"clear": true, "wait": wait}) }

func (e *gk_emitter) Later(d time.Duration, f func(display.Emitter)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	key, once := e.last, sync.OnceFunc(func() { f(e) })
	e.later[key] = once
	time.AfterFunc(d, func() {
		once()
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.later, key)
	})
}

var gk_shows = &gk_emitter{later: map[int]func(){}}

// gk_shown is deferred by main.
func gk_shown() {
	gk_shows.mu.Lock()
	later := gk_shows.later
	gk_shows.later = map[int]func(){}
	gk_shows.mu.Unlock()
	for _, f := range later {
		f()
	}
}

func init() {
	if os.Getenv("GOKERNEL_DISPLAY") != "" {
		gk_shows.enc = json.NewEncoder(os.NewFile(3, "display"))
		display.SetEmitter(gk_shows)
	}
}
`

// showing returns the program such that what it has put off to show is shown when main returns.
func (p *Program) showing() []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", p.Source, parser.SkipObjectResolution)
	if err != nil {
		return p.Source // the compiler will say why
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" && f.Body != nil {
			at := fset.PositionFor(f.Body.Lbrace, false).Offset + 1
			return slices.Concat(p.Source[:at], []byte(" defer gk_shown();"), p.Source[at:])
		}
	}
	return p.Source
}

// Displays reports whether the program imports the display package.
func (p *Program) Displays() bool { return slices.Contains(p.Imports, displayPath) }

// Build builds a program. The error is a *toolchain.Error if the compiler or the linker refused it, with the positions of
// cells, or a *toolchain.MissingError.
func (m *Module) Build(ctx context.Context, tc *toolchain.Toolchain, p *Program, o Options) (*Executable, error) {
	if o.Race {
		if err := tc.NeedCgo("-race"); err != nil {
			return nil, err
		}
	}
	if o.Experiment != "" {
		tc = m.experiment(ctx, tc, o.Experiment)
	}
	m.mu.Lock()
	m.serial++
	name := fmt.Sprintf("run-%d", m.serial)
	m.mu.Unlock()
	exe := &Executable{Dir: filepath.Join(m.dir, name)}
	exe.Path = filepath.Join(exe.Dir, "program")
	direct := tc.Direct() && !p.Cgo
	main := "main.go"
	files := map[string]string{}
	imports := append(slices.Clone(p.Imports), o.Imports...)
	for n, text := range o.More {
		files[n] = text
	}
	source := p.Source
	if p.Displays() {
		source = p.showing()
		files["display.go"] = emitterSource
		imports = append(imports, "encoding/json", "os", "sync", "time")
	}
	if (o.Race || o.Test) && p.canDeadlock() {
		files["deadlock.go"] = deadlockSource
		imports = append(imports, deadlockImports...)
	}
	switch {
	case o.Test && direct:
		files["tests.go"] = p.testMain(o.Cover)
		imports = append(imports, "encoding/json", "os", "reflect", "testing", "testing/internal/testdeps")
	case o.Test:
		main = "main_test.go"
	}
	files[main] = string(source)
	var names []string
	for n, text := range files {
		if err := m.write(name+"/"+n, []byte(text)); err != nil {
			return nil, errors.Join(err, exe.Close())
		}
		names = append(names, n)
	}
	slices.Sort(names)
	if o.Cover {
		if err := m.instrument(ctx, tc, exe, direct); err != nil {
			return nil, errors.Join(err, exe.Close())
		}
	}
	build := m.buildWithGo
	if direct {
		build = m.buildDirectly
	}
	if err := build(ctx, tc, exe, names, imports, o); err != nil {
		return nil, errors.Join(tidied(err, exe.Dir), exe.Close())
	}
	return exe, nil
}

// buildDirectly calls the compiler and the linker.
func (m *Module) buildDirectly(ctx context.Context, tc *toolchain.Toolchain, exe *Executable, names, imports []string, o Options) error {
	flags := toolchain.Flags{Race: o.Race}
	packages, err := tc.Packages(ctx, m.dir, imports, flags)
	if err != nil {
		return err
	}
	object := filepath.Join(exe.Dir, "main.a")
	err = tc.Compile(ctx, toolchain.Compilation{Path: "main", Files: names, Dir: exe.Dir, Packages: packages, Flags: flags, Output: object})
	if err != nil {
		return err
	}
	return tc.Link(ctx, toolchain.Linking{Object: object, Packages: packages, Flags: flags, Output: exe.Path})
}

// buildWithGo leaves it all to the go command: for cgo, and where GOFLAGS asks for more than we do.
func (m *Module) buildWithGo(ctx context.Context, tc *toolchain.Toolchain, exe *Executable, _, _ []string, o Options) error {
	args := []string{"build", "-trimpath", "-o", exe.Path}
	if o.Test {
		args = []string{"test", "-c", "-vet=off", "-trimpath", "-o", exe.Path}
	}
	if o.Race {
		args = append(args, "-race")
	}
	_, err := tc.Output(ctx, m.dir, append(args, "./"+filepath.Base(exe.Dir))...)
	return err
}

// place is what go build and -trimpath put before the name of a cell.
var place = regexp.MustCompile(`(?:\./|` + modulePath + `/)?(?:run-\d+/)?(cell \[\d+\]|unnumbered cell)`)

// Tidy takes what leads from a directory to the cells off the positions in a text.
func Tidy(text, dir string) string {
	return place.ReplaceAllString(strings.ReplaceAll(text, dir+"/", ""), "$1")
}

// tidied does it for an error of the toolchain.
func tidied(err error, dir string) error {
	var said *toolchain.Error
	if errors.As(err, &said) {
		return &toolchain.Error{Tool: said.Tool, Output: Tidy(said.Output, dir)}
	}
	return err
}
