package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// choiceBody writes the statements of a case.
func (f *fn) choiceBody(list []ast.Stmt) {
	f.inner++
	f.stmts(list)
	f.inner--
}

// switchStmt writes a switch as one without a tag, a single condition a case: yaegi looks at no more.
func (f *fn) switchStmt(s *ast.SwitchStmt, label string) {
	f.line("{")
	defer f.line("}")
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	tag := ""
	var tagType types.Type
	if s.Tag != nil {
		f.waits(s.Tag)
		tag = f.temp()
		tagType = types.Default(f.typeOf(s.Tag))
		f.line("var %[1]s %[2]s\n%[1]s = %[3]s", tag, f.l.typ(nil, tagType), f.converted(s.Tag, tagType))
		f.line("_ = %s", tag)
	}
	conds := make([][]string, len(s.Body.List))
	for i, c := range s.Body.List {
		for _, x := range c.(*ast.CaseClause).List {
			if tag == "" && types.IsInterface(f.typeOf(x)) {
				conds[i] = append(conds[i], f.l.gk("Same")+"(true, "+f.converted(x, empty)+")")
			} else if tag == "" {
				conds[i] = append(conds[i], group(f.expr(x), len(c.(*ast.CaseClause).List)))
			} else {
				conds[i] = append(conds[i], f.equal(tag, tagType, x))
			}
		}
	}
	f.choose(s.Body.List, conds, label, func(int) {})
}

// choose finds the first case of which a condition holds, one condition after the other, and runs it: yaegi errs on
// cases with more than one.
func (f *fn) choose(clauses []ast.Stmt, conds [][]string, label string, before func(i int)) {
	if !falls(clauses) {
		f.chooseDirectly(clauses, conds, label, before)
		return
	}
	chosen := f.temp()
	f.line("%s := -1", chosen)
	open := 0
	for i, list := range conds {
		for _, cond := range list {
			f.line("if %s {\n%s = %d\n} else {", cond, chosen, i)
			open++
		}
	}
	if open > 0 {
		f.line("%s", strings.Repeat("}", open))
	}
	f.label(label)
	f.line("switch %s {", chosen)
	for i, c := range clauses {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			f.line("case -1:") // the interpreter does not fall through to or from default everywhere
		} else {
			f.line("case %d:", i)
		}
		before(i)
		f.choiceBody(clause.Body)
	}
	f.line("}")
}

// group puts one of several conditions in parentheses.
func group(text string, n int) string {
	if n == 1 {
		return text
	}
	return paren(text)
}

// falls reports whether a case falls through to the next, or goes elsewhere.
func falls(clauses []ast.Stmt) bool {
	for _, c := range clauses {
		body := c.(*ast.CaseClause).Body
		if uses(c, func(n ast.Node) bool { b, ok := n.(*ast.BranchStmt); return ok && b.Tok == token.GOTO }) {
			return true // the interpreter does not come to an end with one out of a switch
		}
		if n := len(body); n > 0 {
			if b, ok := body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				return true
			}
		}
	}
	return false
}

// chooseDirectly is choose for cases of which none falls through: the conditions of one are joined, default comes last.
func (f *fn) chooseDirectly(clauses []ast.Stmt, conds [][]string, label string, before func(i int)) {
	f.label(label)
	f.line("switch {")
	last := -1
	for i, c := range clauses {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			last = i
			continue
		}
		f.line("case %s:", strings.Join(conds[i], " || "))
		before(i)
		f.choiceBody(clause.Body)
	}
	if last >= 0 {
		f.line("default:")
		before(last)
		f.choiceBody(clauses[last].(*ast.CaseClause).Body)
	}
	f.line("}")
}

// equal compares a switch's tag with a case.
func (f *fn) equal(tag string, tagType types.Type, x ast.Expr) string {
	if f.isNil(x) {
		return "(" + tag + " == nil)"
	}
	if types.IsInterface(tagType) || types.IsInterface(f.typeOf(x)) {
		return f.l.gk("Same") + "(" + f.l.convert(tag, tagType, empty) + ", " + f.converted(x, empty) + ")"
	}
	if t := f.typeOf(x); f.info.Types[x].Value == nil && f.l.typ(nil, tagType) != f.l.typ(nil, t) {
		if !types.AssignableTo(tagType, t) {
			return "(" + tag + " == " + f.as(f.expr(x), t, tagType) + ")"
		}
		return "(" + f.as(tag, tagType, t) + " == " + f.expr(x) + ")"
	}
	return "(" + tag + " == " + f.operand(x) + ")"
}

// typeSwitch writes one assertion a type, then chooses.
func (f *fn) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	f.line("{")
	defer f.line("}")
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = ast.Unparen(a.X).(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		x = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr).X
	}
	f.waits(x)
	val := f.temp()
	f.line("var %[1]s %[2]s\n%[1]s = %[3]s", val, f.l.typ(f.env, f.typeOf(x)), f.expr(x))
	type arm struct {
		cond, value string
	}
	arms := map[ast.Expr]arm{}
	for _, c := range s.Body.List {
		for _, t := range c.(*ast.CaseClause).List {
			if f.isNil(t) {
				arms[t] = arm{cond: "(" + val + " == nil)"}
				continue
			}
			v, ok := f.temp(), f.temp()
			f.line("%s, %s := %s(%s)\n_, _ = %s, %s", v, ok, f.assertion(f.typeOf(x), f.typeOf(t)), val, v, ok)
			arms[t] = arm{ok, v}
		}
	}
	conds := make([][]string, len(s.Body.List))
	for i, c := range s.Body.List {
		for _, t := range c.(*ast.CaseClause).List {
			conds[i] = append(conds[i], arms[t].cond)
		}
	}
	f.choose(s.Body.List, conds, label, func(i int) {
		clause := s.Body.List[i].(*ast.CaseClause)
		value := val
		if len(clause.List) == 1 && arms[clause.List[0]].value != "" {
			value = arms[clause.List[0]].value
		}
		if obj := f.info.Implicits[clause]; obj != nil {
			f.declare(obj, value)
		}
	})
}

// selectStmt writes a select whose cases receive into variables of its own, and a switch that runs the chosen case: yaegi
// does not survive branches out of a select that lead back to it.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	waits := true
	for _, c := range s.Body.List {
		waits = waits && c.(*ast.CommClause).Comm != nil
	}
	if waits {
		f.wait(s, "select")
	}
	busy := false
	for _, c := range s.Body.List {
		if comm := c.(*ast.CommClause).Comm; comm != nil {
			busy = busy || calls(comm)
		}
	}
	ops := make([]string, len(s.Body.List)) // operands have their values before any case is chosen
	for i, c := range s.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case *ast.SendStmt:
			t := f.typeOf(comm.Chan)
			ops[i] = f.held(comm.Chan, busy) + " <- " + f.value(comm.Value, chanElem(t))
		case *ast.ExprStmt:
			ops[i] = "<-" + f.held(receivedFrom(comm.X), busy)
		case *ast.AssignStmt:
			ops[i] = "<-" + f.held(receivedFrom(comm.Rhs[0]), busy)
		}
	}
	if len(ops) == 0 {
		f.line("select {\n}")
		return
	}
	chosen := f.temp()
	f.line("%s := -1", chosen)
	received := make([][]string, len(ops))
	for i, c := range s.Body.List {
		if comm, ok := c.(*ast.CommClause).Comm.(*ast.AssignStmt); ok {
			received[i] = f.temps(len(comm.Lhs))
			for j, name := range received[i] {
				f.line("var %s %s", name, f.l.typ(nil, receivedType(f.typeOf(receivedFrom(comm.Rhs[0])), j)))
			}
		}
	}
	f.line("select {")
	for i, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		f.at(clause)
		switch {
		case clause.Comm == nil:
			f.line("default:")
		case received[i] == nil:
			f.line("case %s:", ops[i])
		default:
			temps := f.temps(len(received[i]))
			f.line("case %s := %s:", strings.Join(temps, ", "), ops[i])
			f.spread(received[i], temps)
		}
		f.line("%s = %d", chosen, i)
	}
	f.line("}")
	f.label(label)
	f.line("switch %s {", chosen)
	for i, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		f.line("case %d:", i)
		if received[i] != nil {
			f.receive(clause.Comm.(*ast.AssignStmt), received[i])
		}
		f.choiceBody(clause.Body)
	}
	f.line("}")
}

// receivedType returns the type of the first or the second value of a receive from a channel of type t.
func receivedType(t types.Type, i int) types.Type {
	if i == 1 {
		return types.Typ[types.Bool]
	}
	return chanElem(t)
}

// receive gives the places of a receive clause what was received.
func (f *fn) receive(comm *ast.AssignStmt, temps []string) {
	for i, x := range comm.Lhs {
		id, ok := x.(*ast.Ident)
		switch {
		case isBlank(x):
			f.line("_ = %s", temps[i])
		case ok && comm.Tok == token.DEFINE && f.info.Defs[id] != nil:
			f.declareAs(f.info.Defs[id], temps[i])
		default:
			from := receivedType(f.typeOf(receivedFrom(comm.Rhs[0])), i)
			f.set(f.lvalue(x), f.l.convert(temps[i], from, f.typeOf(x)))
		}
	}
}

// held returns a channel as a name, of a variable of its own if other operands may change that of the reader.
func (f *fn) held(x ast.Expr, busy bool) string {
	t := f.typeOf(x)
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && !f.isNil(x) && t == t.Underlying() {
		if name := f.ident(id); !busy && token.IsIdentifier(name) { // yaegi does not take what is of a compiled type for a channel
			return name
		}
	}
	return f.value(x, t.Underlying())
}

// value returns x, as a value of type t, in a variable of its own.
func (f *fn) value(x ast.Expr, t types.Type) string {
	temp := f.temp()
	f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temp, f.l.typ(f.env, t), f.converted(x, t))
	return temp
}

// receivedFrom returns the channel that the receive expression x receives from.
func receivedFrom(x ast.Expr) ast.Expr { return ast.Unparen(x).(*ast.UnaryExpr).X }
