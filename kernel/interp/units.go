package interp

import (
	"errors"
	"fmt"
	"plugin"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/stdlib"
)

// units are the compiled parts of the notebook that are loaded. They cannot be unloaded.
type units struct {
	byPath map[string]*unit
	order  []*unit
	stored map[string]reflect.Value // variables that live in units, by emitted name

	mu    sync.Mutex
	polls []*[2]uint32 // by goroutine.PollStopping, goroutine.PollLeftover

	stopping atomic.Bool // since interrupt
}

// A unit is a loaded plugin.
type unit struct {
	path    string
	symbols map[string]reflect.Value
	vars    map[string]any // emitted name → **T, to be set to the variable's address
	joined  bool
	settled bool // moved has been called since
}

func (u *units) at(path string) *unit { return u.byPath[path] }

// load opens the plugins that are not open yet and gives them the functions that they call.
func (u *units) load(ev *Evaluator, list []Unit) error {
	for _, want := range list {
		if u.byPath[want.Path] != nil {
			continue
		}
		table, err := open(want.File)
		if err != nil {
			return err
		}
		loaded := &unit{path: want.Path}
		var ok1, ok2, ok3, ok4 bool
		var hooks map[string]any
		var poll *[2]uint32
		loaded.symbols, ok1 = table["symbols"].(map[string]reflect.Value)
		loaded.vars, ok2 = table["vars"].(map[string]any)
		hooks, ok3 = table["hooks"].(map[string]any)
		poll, ok4 = table["poll"].(*[2]uint32)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return fmt.Errorf("the compiled code in %s is not a unit", want.File)
		}
		for key, variable := range hooks {
			f, err := ev.function(key)
			if err != nil {
				return err
			}
			v := reflect.ValueOf(variable).Elem()
			if !f.Type().AssignableTo(v.Type()) {
				return fmt.Errorf("the function %s is a %s, not a %s", key, f.Type(), v.Type())
			}
			v.Set(f)
		}
		delete(loaded.symbols, "")
		if u.byPath == nil {
			u.byPath, u.stored = map[string]*unit{}, map[string]reflect.Value{}
		}
		for _, emit := range want.Storage {
			v := reflect.Indirect(loaded.symbols[storePrefix+emit])
			if !v.IsValid() {
				return fmt.Errorf("the compiled code in %s has no variable %s", want.File, emit)
			}
			if old, ok := ev.variables([]string{emit})[emit]; ok && old.Type().Size() == v.Type().Size() && old.Kind() == v.Kind() {
				// It moves: its type got other methods, which makes it another type of the same layout.
				v.Set(reflect.NewAt(v.Type(), old.Addr().UnsafePointer()).Elem())
			}
			u.stored[emit] = v
		}
		u.byPath[want.Path] = loaded
		u.order = append(u.order, loaded)
		u.mu.Lock()
		u.polls = append(u.polls, poll)
		u.mu.Unlock()
	}
	return nil
}

// storePrefix begins the symbols of variables that live in units; package native writes them.
const storePrefix = "ɣv_"

// Load tries whether this program can load a plugin.
func Load(file string) error {
	_, err := open(file)
	return err
}

// open loads a plugin and returns its table.
func open(file string) (map[string]any, error) {
	p, err := plugin.Open(file)
	if err != nil {
		return nil, fmt.Errorf("loading compiled code: %w", err)
	}
	s, err := p.Lookup("Unit")
	if err != nil {
		return nil, fmt.Errorf("loading compiled code: %w", err)
	}
	table, ok := s.(*map[string]any)
	if !ok {
		return nil, errors.New("loading compiled code: it has no table")
	}
	return *table, nil
}

// function returns what compiled code knows under key: a function of the runtime package, or the worker's own version of
// one of the standard library ("fmt.Println").
func (ev *Evaluator) function(key string) (reflect.Value, error) {
	switch key {
	case "Recovered":
		return reflect.ValueOf(compiledRecover), nil
	case "Words":
		return reflect.ValueOf(words), nil
	case "stopped":
		return reflect.ValueOf(ev.units.stopped), nil
	case "result":
		return reflect.ValueOf(ev.setResult), nil
	case "step":
		return reflect.ValueOf(ev.step), nil
	}
	symbols, name := map[string]reflect.Value(nil), key
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		symbols, _ = stdlib.Load(key[:i])
		name = key[i+1:]
	} else {
		symbols, _ = stdlib.Load(stdlib.Runtime)
	}
	if f, ok := symbols[name]; ok && f.Kind() == reflect.Func {
		return f, nil
	}
	return reflect.Value{}, fmt.Errorf("compiled code wants the function %s, which is unknown", key)
}

// join gives units the addresses of the variables that they refer to. The interpreter must have declared them.
func (u *units) join(ev *Evaluator) error {
	for _, unit := range u.order {
		if unit.joined {
			continue
		}
		var names []string
		for emit := range unit.vars {
			names = append(names, emit)
		}
		variables := ev.variables(names)
		unit.joined = len(variables) == len(names) // else code of old that nothing calls refers to what is gone
		for emit, place := range unit.vars {
			v, ok := variables[emit]
			if !ok {
				continue
			}
			p := reflect.ValueOf(place) // **T
			if want := p.Type().Elem().Elem(); want.Size() != v.Type().Size() || want.Kind() != v.Kind() {
				return fmt.Errorf("the variable %s is a %s, not a %s", emit, v.Type(), want)
			}
			*(*unsafe.Pointer)(p.UnsafePointer()) = v.Addr().UnsafePointer()
		}
	}
	return nil
}

// moved joins units again whose first cell has run. The interpreter gives a variable its place when the statement that
// declares it runs; after the death of a worker, that is after the units which refer to it have been loaded.
func (u *units) moved(ev *Evaluator) error {
	for _, unit := range u.order {
		if !unit.settled {
			unit.joined, unit.settled = false, true
		}
	}
	return u.join(ev)
}

// interrupt makes compiled loops end; resume lets those that start later run.
func (u *units) interrupt() {
	u.stopping.Store(true)
	u.poll(1, 1)
}

func (u *units) resume() {
	u.stopping.Store(false)
	if goroutine.Leftovers() {
		u.poll(0, 1)
	} else {
		u.poll(0, 0)
	}
}

// stopped ends the calling goroutine if it shall end.
func (u *units) stopped() {
	if u.stopping.Load() || goroutine.Abandoned() {
		runtime.Goexit()
	}
}

func (u *units) poll(stopping, leftover uint32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, p := range u.polls {
		atomic.StoreUint32(&p[goroutine.PollStopping], stopping)
		atomic.StoreUint32(&p[goroutine.PollLeftover], leftover)
	}
}
