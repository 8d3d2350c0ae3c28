package interp

import (
	"go/token"
	"reflect"
	"unsafe"

	"gokernel/kernel/goroutine"
)

// read returns gen for a node that reads an entry of a map: the runtime may end the process for it, and if it is not harmless its key
// may make it panic.
func (m *machine) read(gen generator, harmless bool) generator {
	return func(n unsafe.Pointer) {
		gen(n)
		exec := *in[bltn](n, m.at.exec)
		if exec == nil {
			return
		}
		if harmless {
			exec = m.found(gen, n, exec)
		}
		pos := *in[token.Pos](n, m.at.pos)
		at := m.positions.find(pos)
		line := goroutine.Pos(goroutine.CellID(at.Filename), at.Line)
		*in[bltn](n, m.at.exec) = func(frame unsafe.Pointer) bltn {
			goroutine.Here(line, at.Column)
			if harmless {
				return exec(frame)
			}
			defer func() {
				if v := recover(); v != nil {
					m.positions.note(pos)
					panic(m.explain(v, n, frame))
				}
			}()
			return exec(frame)
		}
	}
}

// noting returns exec with a note of its position if it panics, after which a goroutine that shall end does.
func (m *machine) noting(exec bltn, pos token.Pos) bltn {
	return func(frame unsafe.Pointer) bltn {
		returned := false
		defer func() {
			if !returned {
				m.positions.note(pos)
			}
		}()
		next := exec(frame)
		returned = true
		return alive(next)
	}
}

// makesWithCap reports whether a node makes a slice with a capacity.
func (m *machine) makesWithCap(n unsafe.Pointer, children []unsafe.Pointer) bool {
	return *in[uint](n, m.at.action) == m.call && len(children) == 4 && *in[string](children[0], m.at.ident) == "make"
}

// makesChan reports whether a node makes a channel.
func (m *machine) makesChan(n unsafe.Pointer, children []unsafe.Pointer) bool {
	return *in[uint](n, m.at.action) == m.call && len(children) > 1 && *in[string](children[0], m.at.ident) == "make" && m.kindOf(n) == reflect.Chan
}

// noted is exec, which makes a channel, with a note of the channel.
func noted(exec bltn, n unsafe.Pointer) bltn {
	made := genValue(n)
	return func(frame unsafe.Pointer) bltn {
		next := exec(frame)
		goroutine.Made(made(frame).Interface())
		return next
	}
}

// key returns what finds the key, held by an interface, of the entry of a map that a node assigns to, nil for other nodes.
func (m *machine) key(n unsafe.Pointer, children []unsafe.Pointer) func(frame unsafe.Pointer) reflect.Value {
	if !m.assigns[*in[uint](n, m.at.action)] || len(children) == 0 || *in[uint](children[0], m.at.kind) != m.indexExpr {
		return nil
	}
	place := *in[[]unsafe.Pointer](children[0], m.at.child)
	if len(place) != 2 || m.kindOf(place[0]) != reflect.Map || m.kindOf(place[1]) != reflect.Interface {
		return nil
	}
	return genValue(place[1])
}

// shift is exec, a shift, that looks at its count: the interpreter takes a negative one for a large one.
func (m *machine) shift(exec bltn, n unsafe.Pointer, pos token.Pos) bltn {
	children := *in[[]unsafe.Pointer](n, m.at.child)
	if len(children) != 2 || *in[uint](children[1], m.at.kind) == m.literal {
		return exec
	}
	count := genValue(children[1])
	return func(frame unsafe.Pointer) bltn {
		if c := count(frame); c.IsValid() && c.CanInt() && c.Int() < 0 {
			m.positions.note(pos)
			panic(fault("negative shift amount"))
		}
		return exec(frame)
	}
}
