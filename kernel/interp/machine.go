package interp

import (
	"errors"
	"fmt"
	"go/parser"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"unsafe"

	yaegi "github.com/traefik/yaegi/interp"

	"gokernel/kernel/goroutine"
)

// sourceName is the name of all files: yaegi keeps imports by the name of the file that has them.
const sourceName = "gokernel"

// frameLen is how many variables the global frame has at first, and by how many it grows at least.
const frameLen = 1 << 14

// A machine is one yaegi interpreter. Its methods are for one goroutine at a time, except stop.
type machine struct {
	*yaegi.Interpreter
	at layout

	// The interpreter's own fields.
	id    *uint64                    // compared with that of each frame; see stop
	done  *chan struct{}             // what it sends ends channel operations
	mu    *sync.RWMutex              // guards roots, syms and kids
	data  *[]reflect.Value           // the global frame
	types *[]reflect.Type            // of the variables in it
	roots *[]unsafe.Pointer          // of all files; for a debugger only
	scope map[string]unsafe.Pointer  // name of a package → its scope
	syms  *map[string]unsafe.Pointer // of package main
	kids  *[]unsafe.Pointer          // scopes below that of package main
	frame unsafe.Pointer             // the global frame itself
	free  int                        // variables of the global frame that exist

	stopping      sync.Mutex
	awake, waking chan struct{} // while all is stopped: closed to end that, and when it has ended; guarded by stopping

	node                       reflect.Type // of the nodes of a program
	positions                  *positions
	wrapped, assigns, shifts   []bool // by action: see instrument, plainAssign
	star, mul, ident, literal  uint   // kinds of nodes, but mul, an action
	call, index, slice, slice0 uint   // actions
	returns, convert, dot      uint   // actions
	equal, notEqual, addr, and uint   // actions
	composite                  uint   // an action
	indexExpr, ranges, binary  uint   // kinds
	selects, selector          uint   // kinds
	goStmt, deferStmt          uint   // kinds
	defineX, assignX           uint   // kinds
	functions, variadic        uint   // categories of types
	selecting                  sync.Mutex
	addressExpr, compositeLit  uint   // kinds
	divides                    []bool // by action
	fast                       map[string]native
}

// layout is where yaegi v0.16.1 keeps what we need.
type layout struct {
	root                                                                     uintptr // of a Program
	child, anc, exec, gen, pos, action, kind, ident, rval, typ, tnext, fnext uintptr // of a node
	start, findex, level, types, val                                         uintptr // of a node
	cat, arg, ret                                                            uintptr // of a type
	data, global                                                             uintptr // of a frame
}

// field returns the offset of a field of a struct type, or panics with an error.
func field(t reflect.Type, name string, want any) uintptr {
	f, ok := t.FieldByName(name)
	if !ok || len(f.Index) != 1 || want != nil && f.Type.Size() != reflect.TypeOf(want).Size() {
		panic(fmt.Errorf("%s has no field %s of the expected size", t, name))
	}
	return f.Offset
}

// in returns the field at an offset of the struct that p points to.
func in[T any](p unsafe.Pointer, offset uintptr) *T { return (*T)(unsafe.Add(p, offset)) }

func newMachine() (m *machine, err error) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(error)
			if !ok {
				e = fmt.Errorf("%v", v)
			}
			m, err = nil, fmt.Errorf("the interpreter is not the version that this program knows: %w", e)
		}
	}()
	m = &machine{positions: &positions{}}
	m.Interpreter = yaegi.New(yaegi.Options{
		GoPath: filepath.Join("/nonexistent", "gopath"), // imports are binary, or unknown to the checker
		Stdout: goroutine.Out(), Stderr: trace{m.positions, goroutine.Trace()},
		Unrestricted: true,
	})
	// The scopes of package main come into being with the first file.
	if _, err := m.Interpreter.Eval("package main\n"); err != nil {
		return nil, fmt.Errorf("starting the interpreter: %w", err)
	}
	p := unsafe.Pointer(m.Interpreter)
	t := reflect.TypeFor[yaegi.Interpreter]()
	m.id = in[uint64](p, field(t, "id", uint64(0)))
	m.done = in[chan struct{}](p, field(t, "done", make(chan struct{})))
	m.mu = in[sync.RWMutex](p, field(t, "mutex", sync.RWMutex{}))
	m.roots = in[[]unsafe.Pointer](p, field(t, "roots", []unsafe.Pointer{}))
	m.scope = *in[map[string]unsafe.Pointer](p, field(t, "scopes", map[string]unsafe.Pointer{}))
	*in[bool](p, field(t, "cancelChan", false)) = true

	ft, _ := t.FieldByName("frame")
	m.frame = *in[unsafe.Pointer](p, ft.Offset)
	m.at.data = field(ft.Type.Elem(), "data", []reflect.Value{})
	m.data = in[[]reflect.Value](m.frame, m.at.data)
	m.at.global = field(ft.Type.Elem(), "root", unsafe.Pointer(nil))
	if field(ft.Type.Elem(), "id", uint64(0)) != 0 || unsafe.Sizeof(reflect.Value{}) != unsafe.Sizeof(header{}) {
		return nil, errors.New("starting the interpreter: frames or values have another layout")
	}

	st, _ := t.FieldByName("universe")
	universe := *in[unsafe.Pointer](p, st.Offset)
	m.types = in[[]reflect.Type](universe, field(st.Type.Elem(), "types", []reflect.Type{}))
	main := m.scope["main"]
	if main == nil {
		return nil, errors.New("starting the interpreter: it has no package main")
	}
	m.syms = in[map[string]unsafe.Pointer](main, field(st.Type.Elem(), "sym", map[string]unsafe.Pointer{}))
	m.kids = in[[]unsafe.Pointer](main, field(st.Type.Elem(), "child", []unsafe.Pointer{}))

	pt := reflect.TypeFor[yaegi.Program]()
	root, ok := pt.FieldByName("root")
	if !ok {
		return nil, errors.New("starting the interpreter: a program has no root")
	}
	m.at.root = root.Offset
	nt := root.Type.Elem()
	m.at.child = field(nt, "child", []unsafe.Pointer{})
	m.at.anc = field(nt, "anc", unsafe.Pointer(nil))
	m.at.tnext = field(nt, "tnext", unsafe.Pointer(nil))
	m.at.fnext = field(nt, "fnext", unsafe.Pointer(nil))
	m.at.exec = field(nt, "exec", (func())(nil))
	m.at.gen = field(nt, "gen", (func())(nil))
	m.at.pos = field(nt, "pos", 0)
	m.at.action = field(nt, "action", uint(0))
	m.at.kind = field(nt, "kind", uint(0))
	m.node = nt
	m.at.ident = field(nt, "ident", "")
	m.at.rval = field(nt, "rval", reflect.Value{})
	m.at.typ = field(nt, "typ", unsafe.Pointer(nil))
	m.at.start = field(nt, "start", unsafe.Pointer(nil))
	m.at.findex = field(nt, "findex", 0)
	m.at.level = field(nt, "level", 0)
	m.at.types = field(nt, "types", []reflect.Type{})
	m.at.val = field(nt, "val", [2]uintptr{})
	itype, _ := nt.FieldByName("typ")
	m.at.cat = field(itype.Type.Elem(), "cat", uint(0))
	m.at.arg = field(itype.Type.Elem(), "arg", []unsafe.Pointer{})
	m.at.ret = field(itype.Type.Elem(), "ret", []unsafe.Pointer{})
	cat, _ := itype.Type.Elem().FieldByName("cat")
	categories := names(cat.Type)
	m.functions, m.variadic = one(categories, "funcT"), one(categories, "variadicT")
	action, _ := nt.FieldByName("action")
	kind, _ := nt.FieldByName("kind")
	m.wraps(names(action.Type), names(kind.Type))
	*m.done = make(chan struct{})
	m.free = len(*m.data)
	m.reserve()
	return m, nil
}

// compile defines what a file declares. An error is the interpreter's.
func (m *machine) compile(source string) (prog *yaegi.Program, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v\n%s", v, debug.Stack())
		}
	}()
	base := m.FileSet().Base()
	f, err := parser.ParseFile(m.FileSet(), sourceName, plainSource(source), parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	prog, err = m.CompileAST(f)
	if err != nil {
		return nil, err
	}
	m.reserve()
	m.positions.add(base, source)
	if root := *in[unsafe.Pointer](unsafe.Pointer(prog), m.at.root); root != nil {
		m.instrument(root)
	}
	return prog, nil
}

// reserve makes the variables that have been declared since the last call. yaegi would do so by moving all variables,
// under the hands of the goroutines that use them.
func (m *machine) reserve() {
	types := *m.types
	data := *m.data
	if len(types) > len(data) {
		// Those who read data now see either slice, which share the variables.
		grown := make([]reflect.Value, max(len(types), 2*len(data), frameLen))
		copy(grown, data[:m.free])
		data = grown
		defer func() { *m.data = grown }()
	}
	for ; m.free < len(types); m.free++ {
		data[m.free] = reflect.New(types[m.free]).Elem()
	}
}

// stop ends all interpreted code: functions return at their next operation, and channel operations at once. What waits in
// compiled code, as for a lock or in Sleep, ends when it returns to interpreted code: see alive. Nothing runs until resume.
//
// yaegi compares the number of a run with that of each frame, and frames live on in function values: with another number for good
// these would do nothing and return zeros. So the number is another one only until all has come to rest. For the same
// reason the channel that yaegi would close wakes its receivers one by one.
func (m *machine) stop() {
	m.stopping.Lock()
	defer m.stopping.Unlock()
	if m.awake != nil {
		return // it is at rest, or comes to rest
	}
	atomic.AddUint64(m.id, 1)
	m.awake, m.waking = make(chan struct{}), make(chan struct{})
	go func(awake <-chan struct{}, waking chan<- struct{}) {
		defer close(waking)
		for {
			select {
			case *m.done <- struct{}{}:
			case <-awake:
				return
			}
		}
	}(m.awake, m.waking)
}

// resume lets code run that starts from now on. What was told to stop must have come to rest.
func (m *machine) resume() {
	m.stopping.Lock()
	defer m.stopping.Unlock()
	if m.awake == nil {
		return
	}
	close(m.awake)
	<-m.waking
	m.awake, m.waking = nil, nil
	atomic.AddUint64(m.id, ^uint64(0))
}

// alive returns next, what a goroutine does next that has been in compiled code, if it is not to end.
func alive(next bltn) bltn {
	if goroutine.Abandoned() {
		runtime.Goexit()
	}
	return next
}

// trim cuts off what nothing can refer to once a cell has run: its syntax, its inner scopes, and the named functions.
// Functions that are still called, by goroutines or through values, keep what they need.
func (m *machine) trim(functions ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*m.roots = nil
	clear(*m.kids)
	*m.kids = (*m.kids)[:0]
	for _, f := range functions {
		delete(*m.syms, f)
	}
}
