package interp

import (
	"bytes"
	"cmp"
	"fmt"
	"go/token"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"gokernel/kernel/goroutine"
)

// yaegi, when it unwinds a call, names the position at which the call began rather than the one that it had come to. So
// each operation that may panic is wrapped: if it does not return, its position is noted for its goroutine, and the trace
// that yaegi writes next, for the call that this operation belongs to, gets it.

// bltn and generator have the forms of yaegi's types of these names: an operation, which returns the next, and what makes
// the operation of a node.
type (
	bltn      func(frame unsafe.Pointer) bltn
	generator func(node unsafe.Pointer)
)

// positions knows where the nodes of all sources are in the cells.
type positions struct {
	mu      sync.Mutex
	sources []source             // by base
	noted   map[uint64]token.Pos // of panics under way, by goroutine
}

// source is one file that was compiled. Its token.File has the positions that the line directives lead to.
type source struct {
	base int // of the interpreter's positions
	file *token.File
}

// plainSource hides line directives from yaegi, which would take the name of a cell for that of a file whose imports it
// has to look up.
func plainSource(s string) string { return strings.ReplaceAll(s, "\n//line ", "\n//Line ") }

// add notes the line directives of a source that the interpreter has parsed at base.
func (p *positions) add(base int, text string) {
	f := token.NewFileSet().AddFile(sourceName, 1, len(text))
	f.SetLinesForContent([]byte(text))
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		offset += len(line)
		rest, ok := strings.CutPrefix(line, "//line ")
		if !ok {
			continue
		}
		rest, col := cutNumber(strings.TrimSpace(rest))
		name, n := cutNumber(rest)
		if n > 0 && offset < len(text) {
			f.AddLineColumnInfo(offset, name, n, col)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sources = append(p.sources, source{base, f})
}

// cutNumber takes ":n" from the end of s.
func cutNumber(s string) (before string, n int) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		if n, err := strconv.Atoi(s[i+1:]); err == nil {
			return s[:i], n
		}
	}
	return s, 0
}

// find returns a position in a cell, or one in a file sourceName where there is none.
func (p *positions) find(pos token.Pos) token.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, found := slices.BinarySearchFunc(p.sources, int(pos), func(s source, pos int) int { return cmp.Compare(s.base, pos) })
	if !found {
		i--
	}
	if i < 0 || int(pos)-p.sources[i].base > p.sources[i].file.Size() {
		return token.Position{Filename: sourceName, Line: 1, Column: 1}
	}
	s := p.sources[i]
	return s.file.Position(s.file.Pos(int(pos) - s.base))
}

// maxNoted bounds what goroutines leave behind that end by Goexit, whose notes nobody takes.
const maxNoted = 1000

func (p *positions) note(pos token.Pos) {
	id := goid()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.noted) >= maxNoted {
		clear(p.noted)
	}
	if p.noted == nil {
		p.noted = map[uint64]token.Pos{}
	}
	p.noted[id] = pos
}

// take returns what was noted last on the calling goroutine.
func (p *positions) take() (token.Pos, bool) {
	id := goid()
	p.mu.Lock()
	defer p.mu.Unlock()
	pos, ok := p.noted[id]
	delete(p.noted, id)
	return pos, ok
}

// trace is yaegi's standard error stream: it corrects the positions in what yaegi writes about a call that it unwinds.
type trace struct {
	positions *positions
	to        io.Writer
}

func (t trace) Write(b []byte) (int, error) {
	const mark = ": panic: "
	i := bytes.Index(b, []byte(mark))
	if i < 0 || !bytes.HasSuffix(b, []byte("(...)\n")) {
		return t.to.Write(b)
	}
	pos, ok := t.positions.take()
	if !ok {
		return t.to.Write(b)
	}
	at := t.positions.find(pos)
	if _, err := fmt.Fprintf(t.to, "%s:%d:%d%s", at.Filename, at.Line, at.Column, b[i:]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// mayPanic are the actions of nodes that are wrapped, by yaegi's names of them.
var mayPanic = []string{
	"=", "X=", "--", "++", "/", "/=", "%", "%=", "<<", "<<=", ">>", ">>=", "+=", "-=", "*=", "&=", "|=", "^=", "&^=",
	"==", "!=", "&", "call", "callSlice", "case", "compositeLit", "convert", "getIndex", "getMethod", "Method", ".", "range",
	"<-", "<~", "slice", "slice0", "*", "TypeAssert",
}

// names returns the values of an integer type with a String method, by what String returns.
func names(t reflect.Type) map[string][]uint {
	m := map[string][]uint{}
	for i := range uint(200) {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		s, ok := v.Interface().(fmt.Stringer)
		if !ok {
			break
		}
		m[s.String()] = append(m[s.String()], i)
	}
	return m
}

// one returns the first value of a name, which there must be.
func one(m map[string][]uint, name string) uint {
	if len(m[name]) == 0 {
		panic(fmt.Errorf("nothing is called %q", name))
	}
	return m[name][0]
}

// wraps sets the actions and kinds that instrument looks for.
func (m *machine) wraps(actions, kinds map[string][]uint) {
	m.wrapped, m.assigns = make([]bool, 200), make([]bool, 200)
	for _, name := range mayPanic {
		for _, a := range actions[name] {
			m.wrapped[a] = true
		}
		if name == "--" || name == "++" || strings.HasSuffix(name, "=") && !strings.ContainsAny(name, "/%<>!") && name != "==" {
			for _, a := range actions[name] {
				m.assigns[a] = true
			}
		}
	}
	m.shifts = make([]bool, len(m.wrapped))
	for _, name := range []string{"<<", "<<=", ">>", ">>="} {
		for _, a := range actions[name] {
			m.shifts[a] = true
		}
	}
	m.mul, m.star = one(actions, "*"), one(kinds, "starExpr")
	m.call, m.returns, m.convert = one(actions, "call"), one(actions, "return"), one(actions, "convert")
	m.equal, m.notEqual, m.dot = one(actions, "=="), one(actions, "!="), one(actions, ".")
	m.indexExpr, m.binary, m.addressExpr, m.compositeLit = one(kinds, "indexExpr"), one(kinds, "binaryExpr"), one(kinds, "addressExpr"), one(kinds, "compositeLitExpr")
	m.addr, m.and, m.composite = actions["&"][0], actions["&"][1], one(actions, "compositeLit")
	m.divides = make([]bool, len(m.wrapped))
	for _, name := range []string{"/", "/=", "%", "%="} {
		for _, a := range actions[name] {
			m.divides[a] = true
		}
	}
	m.index, m.slice, m.slice0 = one(actions, "getIndex"), one(actions, "slice"), one(actions, "slice0")
	m.selects, m.selector = one(kinds, "selectStmt"), one(kinds, "selectorExpr")
	m.goStmt, m.deferStmt = one(kinds, "goStmt"), one(kinds, "deferStmt")
	m.defineX, m.assignX = one(kinds, "defineXStmt"), one(kinds, "assignXStmt")
	m.ranges = one(kinds, "forRangeStmt")
	m.ident, m.literal = one(kinds, "identExpr"), one(kinds, "basicLit")
}

// instrument wraps the operations of a tree that has been compiled and not executed. Function literals have operations by
// then, which are made anew.
func (m *machine) instrument(n unsafe.Pointer) {
	children := *in[[]unsafe.Pointer](n, m.at.child)
	for _, c := range children {
		m.instrument(c)
	}
	*in[bltn](n, m.at.exec) = nil
	if *in[uint](n, m.at.kind) == m.selects && len(children) > 0 {
		m.separate(children[0]) // the clauses, which have the operation
	}
	action := *in[uint](n, m.at.action)
	if action >= uint(len(m.wrapped)) || !m.wrapped[action] {
		return
	}
	gen := *in[generator](n, m.at.gen)
	if gen == nil {
		return
	}
	if action == m.index && len(children) == 2 && m.kindOf(children[0]) == reflect.Map {
		*in[generator](n, m.at.gen) = m.read(gen, m.harmless(n, children))
		return
	}
	if *in[uint](n, m.at.kind) != m.star && action == m.mul || !m.shifts[action] && (m.plainAssign(n, children) || m.harmless(n, children)) {
		return
	}
	*in[generator](n, m.at.gen) = func(n unsafe.Pointer) {
		gen(n)
		exec := *in[bltn](n, m.at.exec)
		if exec == nil {
			return
		}
		pos := *in[token.Pos](n, m.at.pos)
		if m.makesChan(n, children) {
			exec = noted(exec, n)
		}
		if a := *in[uint](n, m.at.action); a == m.index || a == m.slice || a == m.slice0 || m.makesWithCap(n, children) {
			careful := func(frame unsafe.Pointer) bltn {
				defer func() {
					if v := recover(); v != nil {
						m.positions.note(pos)
						panic(m.explain(v, n, frame))
					}
				}()
				return exec(frame)
			}
			*in[bltn](n, m.at.exec) = careful
			if a != m.index {
				return
			}
			if fast, ok := m.element(n, children, careful); ok {
				*in[bltn](n, m.at.exec) = fast
			} else if fast, ok := m.member(n, children, careful); ok {
				*in[bltn](n, m.at.exec) = fast
			}
			return
		}
		if m.shifts[*in[uint](n, m.at.action)] {
			*in[bltn](n, m.at.exec) = m.shift(exec, n, pos)
			return
		}
		if fast, ok := m.native(n, children, exec); ok {
			*in[bltn](n, m.at.exec) = m.noting(fast, pos)
			return
		}
		if fast, ok := m.divided(n, children, exec, pos); ok {
			*in[bltn](n, m.at.exec) = fast
			return
		}
		if reflect.ValueOf(gen).Pointer() == reflect.ValueOf(deref).Pointer() {
			if fast, ok := m.pointed(n, children, m.noting(exec, pos)); ok {
				*in[bltn](n, m.at.exec) = fast
				return
			}
		}
		if a := *in[uint](n, m.at.action); a != m.call && !m.assigns[a] && a != m.index && *in[uint](n, m.at.kind) != m.ranges {
			*in[bltn](n, m.at.exec) = m.noting(exec, pos)
			return
		}
		if fast, ok := m.invocation(n, children, exec); ok {
			exec = fast
		}
		at := m.positions.find(pos)
		line := goroutine.Pos(goroutine.CellID(at.Filename), at.Line)
		entry, key := m.entry(n, children), m.key(n, children)
		noted := entry != nil && (len(children) == 1 || len(children) == 2 && m.leaf(children[1])) // by read
		*in[bltn](n, m.at.exec) = func(frame unsafe.Pointer) bltn {
			if !noted {
				goroutine.Here(line, at.Column) // for the case that it ends the process
			}
			if entry != nil && entry(frame) {
				return exec(frame)
			}
			if key != nil {
				defer func() {
					if v := recover(); v != nil {
						m.positions.note(pos)
						if f, ok := recovered(v, unknown).(fault); ok && strings.HasPrefix(string(f), unhashable) {
							v = unhashed(v, key(frame))
						}
						panic(v)
					}
				}()
				return exec(frame)
			}
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
}

// plainAssign reports whether a node assigns to variables only, or counts one, which cannot fail.
func (m *machine) plainAssign(n unsafe.Pointer, children []unsafe.Pointer) bool {
	if !m.assigns[*in[uint](n, m.at.action)] {
		return false
	}
	for _, c := range children {
		if !m.leaf(c) {
			return false
		}
	}
	return true
}

// leaf reports whether a node is a name or a literal.
func (m *machine) leaf(n unsafe.Pointer) bool {
	k := *in[uint](n, m.at.kind)
	return k == m.ident || k == m.literal
}
