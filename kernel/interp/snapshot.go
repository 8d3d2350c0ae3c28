package interp

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"gokernel/kernel/display"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
)

// A Snapshot is the values of variables that are plain data: booleans, numbers, strings, and arrays, slices, maps, structs,
// pointers and empty interfaces of such, with what they share. Types of the standard library come along if they are zero,
// as an unlocked mutex, or can be marshalled to binary, as a time.
type Snapshot struct {
	Data    json.RawMessage   `json:"data,omitempty"` // for "restore"
	Saved   []string          `json:"saved"`          // emitted names, sorted
	Skipped map[string]string `json:"skipped"`        // emitted name → why
	// Busy says that nothing was saved since goroutines of the reader's are there, or a cell runs.
	Busy bool `json:"busy,omitempty"`
}

// Restored answers the call "restore".
type Restored struct {
	Restored []string          `json:"restored"` // emitted names, sorted
	Failed   map[string]string `json:"failed"`   // emitted name → why
}

// A Var describes a variable.
type Var struct {
	Type string `json:"type"` // as reflection tells it
	Text string `json:"text"`
}

// Vars answers the call "vars".
type Vars struct {
	Vars map[string]Var `json:"vars"`           // by emitted name
	Busy bool           `json:"busy,omitempty"` // as in Snapshot
}

// request is the parameter of "vars", "snapshot" and "restore".
type request struct {
	Names    []string        `json:"names"`     // emitted names; for "restore" none stands for all
	MaxBytes int             `json:"max_bytes"` // of Data; 0: maxSnapshot
	Data     json.RawMessage `json:"data"`
}

const (
	maxSnapshot  = 8 << 20                // bytes
	snapshotTime = 200 * time.Millisecond // of CPU, after which variables are left out
	snapshotWait = 3 * time.Second        // on the clock, for a machine that is busy with other things
	maxSorted    = 10000                  // keys of a map that is shown; to sort more takes too long for a question
	lingering    = 200 * time.Millisecond // what a cell's own goroutine is given to end after its cell has
)

// quiet calls f if no cell runs and no goroutine of the reader's is there, but for those that touch nothing any more: one that
// writes to a map while it is read here would end the process.
func (ev *Evaluator) quiet(f func()) bool {
	if !ev.busy.TryLock() {
		return false
	}
	defer ev.busy.Unlock()
	for end := time.Now().Add(lingering); ; time.Sleep(time.Millisecond) {
		if goroutine.Left() {
			return false // which spares a dump of what may be very many
		}
		left := slices.DeleteFunc(goroutine.List(), goroutine.Info.Dormant)
		if len(left) == 0 {
			break
		}
		// The interpreter runs a cell on a goroutine of its own. On a busy machine that may still be on its way out.
		stays := func(i goroutine.Info) bool { return !i.Main || i.State != "running" && i.State != "runnable" }
		if slices.ContainsFunc(left, stays) || time.Now().After(end) {
			return false
		}
	}
	f()
	return true
}

// A budget is time to spend: CPU time of the process, in which nothing else goes on then, so that a busy machine takes
// nothing away.
type budget struct {
	cpu  time.Duration // of the process, at the end
	wall time.Time     // the end in any case
}

func newBudget() budget {
	return budget{cpu: cpuTime() + snapshotTime, wall: time.Now().Add(snapshotWait)}
}

func (b budget) spent() bool { return cpuTime() > b.cpu || time.Now().After(b.wall) }

// cpuTime returns how long this process has run on any processor.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // the clock decides alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// variables returns those of the notebook, addressable.
func (ev *Evaluator) variables(names []string) map[string]reflect.Value {
	all := ev.m.Globals()
	vars := make(map[string]reflect.Value, len(names))
	for _, name := range names {
		v, ok := all[name]
		if stored, compiled := ev.units.stored[name]; compiled {
			v, ok = stored, true
		}
		if ok && v.IsValid() && v.CanAddr() {
			vars[name] = v
		}
	}
	return vars
}

func (ev *Evaluator) vars(r request) Vars {
	out := Vars{Vars: map[string]Var{}}
	out.Busy = !ev.quiet(func() {
		time := newBudget()
		for name, v := range ev.variables(r.Names) {
			if time.spent() {
				return
			}
			out.Vars[name] = Var{Type: v.Type().String(), Text: text(v)}
		}
	})
	return out
}

// text is display.Text of a variable, without calling methods of the reader's.
func text(v reflect.Value) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprintf("(it cannot be shown: %v)", e)
		}
	}()
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if d, ok := dynamic.Bare(v.Interface()).(dynamic.Value); ok {
			v = reflect.ValueOf(d.Raw())
		}
	}
	if v.Kind() == reflect.Map && v.Len() > maxSorted {
		return fmt.Sprintf("map of %d keys", v.Len())
	}
	return display.Text(v)
}

func (ev *Evaluator) snapshot(r request) (Snapshot, error) {
	s := Snapshot{Saved: []string{}, Skipped: map[string]string{}}
	var err error
	s.Busy = !ev.quiet(func() {
		e := newEncoder(ev.variables(r.Names), r.MaxBytes)
		for _, name := range r.Names {
			if _, ok := e.globals[name]; !ok {
				s.Skipped[name] = "it does not exist"
			}
		}
		e.encodeAll()
		for name, reason := range e.failed {
			s.Skipped[name] = reason
		}
		image := e.image()
		for name := range image.Vars {
			s.Saved = append(s.Saved, name)
		}
		slices.Sort(s.Saved)
		s.Data, err = json.Marshal(image)
	})
	return s, err
}

func (ev *Evaluator) restore(r request) (Restored, error) {
	var im image
	if err := json.Unmarshal(r.Data, &im); err != nil {
		return Restored{}, fmt.Errorf("reading a snapshot: %w", err)
	}
	out := Restored{Restored: []string{}, Failed: map[string]string{}}
	names := r.Names
	if names == nil {
		for name := range im.Vars {
			names = append(names, name)
		}
	}
	ok := ev.quiet(func() {
		d := &decoder{image: im, globals: ev.variables(names), objects: map[int]reflect.Value{}}
		for _, name := range names {
			if err := d.restore(name); err != nil {
				out.Failed[name] = err.Error()
				continue
			}
			out.Restored = append(out.Restored, name)
		}
	})
	if !ok {
		return Restored{}, errRunning
	}
	slices.Sort(out.Restored)
	return out, nil
}

// image is a snapshot as it is kept. What pointers, maps and slices refer to are objects with numbers, so that what is
// shared stays so.
type image struct {
	Vars    map[string]tree `json:"vars"`
	Objects map[int]tree    `json:"objects"`
}

// tree is an encoded value. Its form depends on the type that it is decoded to:
//
//   - a bool is one; numbers are strings, as strconv writes them; a complex one is an array of two
//   - a string is one, or an array with its base64 form if it is not valid UTF-8
//   - an array is an array; a struct too, with its fields in order
//   - a pointer or map is null, or a reference: the number of an object, or the name of a variable it points to
//   - a slice is null, or an array of a number and a length: the object is the array up to the capacity
//   - an interface is null, or an object with a "type" and a "value"
//   - what marshals itself to binary is an object with the base64 form as "binary"; null stands for its zero value
type tree = any

var errPlain = errors.New("it is not plain data")

// marshals is the interface of compiled types that come along in binary form.
type marshals interface {
	MarshalBinary() ([]byte, error)
}
type unmarshals interface{ UnmarshalBinary([]byte) error }

// gobs is the same for those that only package gob knows, as big.Int.
type gobs interface{ GobEncode() ([]byte, error) }
type ungobs interface{ GobDecode([]byte) error }

// fieldOf returns a field of an addressable struct, to be read and set. Unexported fields are the reader's if the compiled struct is one
// of a cell; those of other packages are theirs, and ok is false.
func fieldOf(v reflect.Value, i int) (field reflect.Value, ok bool) {
	field = v.Field(i)
	switch f := v.Type().Field(i); {
	case f.IsExported():
		return field, true
	case strings.HasPrefix(f.PkgPath, goroutine.UnitPath):
		return reflect.NewAt(f.Type, field.Addr().UnsafePointer()).Elem(), true
	}
	return field, false
}

// extent is a piece of memory.
type extent struct {
	from, to uintptr
	owner    string // the variable that is there, or whose object is
	variable bool
}

func extentOf(p unsafe.Pointer, size uintptr, owner string) extent {
	return extent{from: uintptr(p), to: uintptr(p) + size, owner: owner, variable: true}
}
