package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// How the body of a loop over a function ended; more values stand for branches to labels around the loop.
const (
	exitNormal = iota
	exitBreak
	exitReturn
	exitDone // the loop is over, and the iterator may not call its body any more
	exitLabel
)

// A rangeFunc is a loop over a function whose body is being written, as a function that the iterator calls.
type rangeFunc struct {
	state   string // pointer to how the body ended
	label   string // the reader's label of the loop
	returns bool
	exits   []*ast.BranchStmt // branches to labels around the loop
}

// branch writes break, continue, goto and fallthrough.
func (f *fn) branch(s *ast.BranchStmt) {
	if s.Label == nil {
		switch {
		case f.yields != nil && s.Tok == token.BREAK && f.inner == 0:
			f.line("*%s = %d\nreturn false", f.yields.state, exitBreak)
		case f.yields != nil && s.Tok == token.CONTINUE && f.loops == 0:
			f.line("return true")
		default:
			f.line("%s", s.Tok)
		}
		return
	}
	if name, ok := f.labels[s.Label.Name]; ok {
		f.line("%s %s", s.Tok, name)
		return
	}
	if f.yields == nil {
		f.line("%s %s", s.Tok, f.labelName(s.Label.Name))
		return
	}
	switch {
	case f.yields.label == s.Label.Name && s.Tok == token.BREAK:
		f.line("*%s = %d\nreturn false", f.yields.state, exitBreak)
	case f.yields.label == s.Label.Name && s.Tok == token.CONTINUE:
		f.line("return true")
	default:
		f.yields.exits = append(f.yields.exits, s)
		f.line("*%s = %d\nreturn false", f.yields.state, exitLabel+len(f.yields.exits)-1)
	}
}

// loopBody writes the statements of a loop.
func (f *fn) loopBody(b *ast.BlockStmt) {
	f.inner++
	f.loops++
	f.stmts(b.List)
	f.loops--
	f.inner--
}

func (f *fn) label(name string) {
	if name != "" {
		f.line("%s:", name)
	}
}

// forStmt writes a loop with a condition. Variables that are captured get new storage in each iteration, as since Go 1.22.
func (f *fn) forStmt(s *ast.ForStmt, label string) {
	f.line("{")
	defer f.line("}")
	var captured []types.Object
	if s.Init != nil {
		f.stmt(s.Init, "")
		if a, ok := s.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, x := range a.Lhs {
				if obj := f.info.Defs[x.(*ast.Ident)]; obj != nil && f.boxed(obj) {
					captured = append(captured, obj)
				}
			}
		}
	}
	if len(captured) == 0 && !f.blocks(s.Cond) && !f.complex(s.Post) {
		cond, post := "", ""
		if s.Cond != nil {
			cond = f.bare(s.Cond)
		}
		if s.Post != nil {
			post = f.simple(s.Post)
		}
		f.label(label)
		f.line("for ; %s; %s {", cond, post)
		f.loopBody(s.Body)
		f.line("}")
		return
	}
	again := f.temp()
	f.line("%s := false", again)
	f.label(label)
	f.line("for {")
	f.line("if %s {", again)
	for _, obj := range captured {
		next := f.temp()
		f.line("%s := new(%s)\n*%s = *%s\n%s = %s", next, f.l.typ(f.env, obj.Type()), next, f.local(obj), f.local(obj), next)
	}
	if s.Post != nil {
		f.stmt(s.Post, "")
	}
	f.line("}\n%s = true", again)
	if s.Cond != nil {
		f.waits(s.Cond)
		f.line("if !(%s) { break }", f.expr(s.Cond))
	}
	f.loopBody(s.Body)
	f.line("}")
}

// complex reports whether a post statement cannot stand in a for clause once lowered.
func (f *fn) complex(s ast.Stmt) bool {
	switch s := s.(type) {
	case nil, *ast.IncDecStmt:
		return false
	case *ast.AssignStmt:
		return len(s.Lhs) != 1 || f.blocks(s)
	}
	return true
}

// simple returns a statement of one line.
func (f *fn) simple(s ast.Stmt) string {
	save, here := f.buf.String(), f.here
	f.buf.Reset()
	f.here = ""
	switch s := s.(type) {
	case *ast.IncDecStmt:
		f.line("%s%s", f.expr(s.X), s.Tok)
	case *ast.AssignStmt:
		f.assign(s)
	}
	text := strings.TrimSpace(f.buf.String())
	f.buf.Reset()
	f.buf.WriteString(save)
	f.here = here
	return text
}

// rangeStmt writes the loops with range. Each sets variables of its own and copies them to those of the reader.
func (f *fn) rangeStmt(s *ast.RangeStmt, label string) {
	t := f.typeOf(s.X)
	switch u := t.Underlying().(type) {
	case *types.Signature:
		f.rangeOverFunc(s, u, label)
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			f.rangeOver(s, label)
			return
		}
		f.rangeOverInt(s, t, label)
	case *types.Chan:
		f.rangeOverChan(s, u, label)
	default:
		f.rangeOver(s, label)
	}
}

// bind gives the reader's variables of a range clause the values of an iteration.
func (f *fn) bind(s *ast.RangeStmt, values ...string) {
	if s.Tok == token.ASSIGN && len(values) > 1 && s.Key != nil && s.Value != nil && !isBlank(s.Key) && !isBlank(s.Value) {
		assigned := map[types.Object]bool{}
		if id, ok := ast.Unparen(s.Key).(*ast.Ident); ok {
			assigned[f.info.ObjectOf(id)] = true
		}
		place := f.place(s.Value, assigned)
		f.set(f.lvalue(s.Key), f.l.convert(values[0], f.env.subst(rangeType(f.typeOf(s.X), 0)), f.typeOf(s.Key)))
		f.set(place, f.l.convert(values[1], f.env.subst(rangeType(f.typeOf(s.X), 1)), f.typeOf(s.Value)))
		return
	}
	for i, x := range []ast.Expr{s.Key, s.Value} {
		if x == nil || isBlank(x) || i >= len(values) {
			continue
		}
		if id, ok := x.(*ast.Ident); ok && s.Tok == token.DEFINE {
			if obj := f.info.Defs[id]; obj != nil {
				f.declareAs(obj, values[i])
			}
			continue
		}
		f.set(f.lvalue(x), f.l.convert(values[i], f.env.subst(rangeType(f.typeOf(s.X), i)), f.typeOf(x)))
	}
}

// rangeType returns the type of the first or second value of a range over a value of type t.
func rangeType(t types.Type, i int) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsString == 0 {
			return types.Default(t)
		}
		if i == 1 {
			return types.Typ[types.Rune]
		}
	case *types.Pointer:
		return rangeType(u.Elem(), i)
	case *types.Slice:
		if i == 1 {
			return u.Elem()
		}
	case *types.Array:
		if i == 1 {
			return u.Elem()
		}
	case *types.Map:
		if i == 1 {
			return u.Elem()
		}
		return u.Key()
	case *types.Chan:
		return u.Elem()
	case *types.Signature:
		if yield, ok := u.Params().At(0).Type().Underlying().(*types.Signature); ok {
			return yield.Params().At(i).Type()
		}
	}
	return types.Typ[types.Int]
}

func isBlank(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "_"
}

func (f *fn) rangeOver(s *ast.RangeStmt, label string) {
	if n, ok := f.arrayLen(s); ok {
		i := f.temp()
		f.line("{")
		f.label(label)
		f.line("for %s := 0; %s < %d; %s++ {", i, i, n, i)
		f.bind(s, i)
		f.loopBody(s.Body)
		f.line("}\n}")
		return
	}
	over := f.temp()
	f.line("{\n%s := %s", over, f.expr(s.X))
	k, v := "_", "_"
	if s.Key != nil && !isBlank(s.Key) {
		k = f.temp()
	}
	if s.Value != nil && !isBlank(s.Value) {
		v = f.temp()
	}
	n := "len(" + over + ")"
	element := over
	array := false
	if p, ok := f.typeOf(s.X).Underlying().(*types.Pointer); ok {
		if a, ok := p.Elem().Underlying().(*types.Array); ok {
			n, element, array = fmt.Sprint(a.Len()), "(*"+over+")", true
		}
	}
	text := isString(f.typeOf(s.X)) && (k != "_" || v != "_")
	i, at, runes := f.temp(), f.temp(), f.temp()
	if text {
		f.line("%s, %s := %s(%s)\n_, _ = %s, %s", at, runes, f.l.gk("Runes"), over, at, runes)
	}
	f.label(label)
	switch {
	case text: // the interpreter counts runes
		f.line("for %s := 0; %s < len(%s); %s++ {", i, i, at, i)
		if k != "_" {
			f.line("%s := %s[%s]", k, at, i)
		}
		if v != "_" {
			f.line("%s := %s[%s]", v, runes, i)
		}
	case array, v != "_" && elemIsChan(f.typeOf(s.X)): // yaegi takes it for a loop over the channel
		f.line("for %s := 0; %s < %s; %s++ {", i, i, n, i)
		if v != "_" {
			f.line("%s := %s[%s]", v, element, i)
		}
		if k != "_" {
			f.line("%s := %s", k, i)
		}
	case v != "_":
		f.line("for %s, %s := range %s {", k, v, over)
	case k != "_":
		f.line("for %s := range %s {", k, over)
	default:
		k = f.temp()
		f.line("for %s := range %s {\n_ = %s", k, over, k)
		k = "_"
	}
	f.bind(s, k, v)
	f.loopBody(s.Body)
	f.line("}\n}")
}

// arrayLen returns the length of the array that s ranges over, if that is all that s asks of it: the array is not looked at.
func (f *fn) arrayLen(s *ast.RangeStmt) (n int64, ok bool) {
	t := f.typeOf(s.X).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	a, ok := t.(*types.Array)
	if !ok || s.Value != nil && !isBlank(s.Value) || calls(s.X) || f.blocks(s.X) {
		return 0, false
	}
	return a.Len(), true
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func elemIsChan(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return chanElem(u.Elem()) != nil
	case *types.Array:
		return chanElem(u.Elem()) != nil
	case *types.Pointer:
		return elemIsChan(u.Elem())
	}
	return false
}

func (f *fn) rangeOverInt(s *ast.RangeStmt, t types.Type, label string) {
	if s.Key != nil && !isBlank(s.Key) {
		t = f.typeOf(s.Key)
	}
	i, n := f.temp(), f.temp()
	typ := f.l.typ(nil, types.Default(t))
	f.line("{\nvar %[1]s %[2]s\n%[1]s = %[3]s", n, typ, f.converted(s.X, types.Default(t)))
	f.label(label)
	f.line("for %s := %s(0); %s < %s; %s++ {", i, typ, i, n, i)
	f.bind(s, i)
	f.loopBody(s.Body)
	f.line("}\n}")
}

func (f *fn) rangeOverChan(s *ast.RangeStmt, c *types.Chan, label string) {
	ch, v, ok := f.temp(), f.temp(), f.temp()
	f.line("{\n%s := %s", ch, f.expr(s.X))
	f.label(label)
	f.line("for {")
	f.at(s)
	f.wait(s, "chan receive")
	f.line("%s, %s := <-%s\nif !%s { break }\n_ = %s", v, ok, ch, ok, v)
	f.bind(s, v)
	f.loopBody(s.Body)
	f.line("}\n}")
}
