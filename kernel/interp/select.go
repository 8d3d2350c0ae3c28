package interp

import (
	"go/token"
	"reflect"
	"sync"
	"unsafe"
)

// separate gives each execution of a select statement its own operation: that which yaegi makes has room for the cases of one
// execution, which goroutines that select at the same time would overwrite for each other.
func (m *machine) separate(n unsafe.Pointer) {
	gen := *in[generator](n, m.at.gen)
	if gen == nil {
		return
	}
	*in[generator](n, m.at.gen) = func(n unsafe.Pointer) {
		gen(n)
		first := *in[bltn](n, m.at.exec)
		if first == nil {
			return
		}
		pos := m.positionOf(n)
		free := sync.Pool{New: func() any {
			m.selecting.Lock()
			defer m.selecting.Unlock()
			c := m.copyOf(n)
			gen(c)
			return *in[bltn](c, m.at.exec)
		}}
		free.Put(first)
		*in[bltn](n, m.at.exec) = func(frame unsafe.Pointer) bltn {
			returned := false
			defer func() {
				if !returned {
					m.positions.note(pos)
				}
			}()
			exec := free.Get().(bltn)
			next := exec(frame)
			returned = true
			free.Put(exec)
			return next
		}
	}
}

// copyOf returns a copy of a node.
func (m *machine) copyOf(n unsafe.Pointer) unsafe.Pointer {
	c := reflect.New(m.node)
	c.Elem().Set(reflect.NewAt(m.node, n).Elem())
	return c.UnsafePointer()
}

func (m *machine) positionOf(n unsafe.Pointer) token.Pos { return *in[token.Pos](n, m.at.pos) }
