package introspect

import (
	"fmt"
	"go/doc/comment"
	"go/token"
	"go/types"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
	"gokernel/kernel/jupyter"
)

// A report is what an inspection found, ready to be shown.
type report struct {
	head   string // a declaration or signature, in Go
	doc    string // a doc comment without its marks
	links  linker // for the links in doc
	notes  []string
	value  string // of a variable, if hasVal
	hasVal bool
	source string // of the reader's own declaration
	list   string // fields and methods, in Go
}

// report describes a subject.
func (q *question) report(s subject, detail int) report {
	if s.obj == nil {
		r := packageReport(s, detail)
		r.links = linker{q.scope, s.paths[0]}
		return r
	}
	r := report{head: declaration(s), links: linker{q.scope, "main"}}
	if pkg := s.obj.Pkg(); pkg != nil {
		r.links.path = pkg.Path()
	}
	live := q.scope.Lookup(q.liveName(s))
	switch {
	case s.own:
		r.notes = append(r.notes, "declared in this cell")
	case s.obj.Pkg() == nil:
		r.doc = std.Doc("builtin", s.obj.Name())
		r.notes = append(r.notes, "predeclared")
	case s.obj.Pkg().Path() != "main":
		r.doc = std.Doc(s.obj.Pkg().Path(), docName(s))
		r.notes = append(r.notes, fmt.Sprintf("package %s", s.obj.Pkg().Path()))
	case live != nil:
		q.describeLive(&r, live, s, detail)
	}
	if live != nil && live.Kind == check.Var && s.ofNotebook() && q.Value != nil {
		r.value, r.hasVal = q.Value(s.obj.Name())
	}
	if detail > 0 {
		r.list = methodList(s.obj)
	}
	return r
}

// ofNotebook reports whether a subject is a variable of the notebook, rather than of a function or of another package, or
// one that the code itself declares and that is not there before it has run.
func (s subject) ofNotebook() bool {
	v, ok := s.obj.(*types.Var)
	return ok && !v.IsField() && !s.own && !s.local && s.recv == nil && v.Pkg() != nil && v.Pkg().Path() == "main"
}

// liveName returns the name under which the scope would know a subject.
func (q *question) liveName(s subject) string {
	if f, ok := s.obj.(*types.Func); ok && s.recv != nil {
		return receiverName(f) + "." + f.Name()
	}
	if v, ok := s.obj.(*types.Var); ok && v.IsField() {
		return ""
	}
	return s.obj.Name()
}

// describeLive adds what the notebook knows of a declaration of an earlier cell.
func (q *question) describeLive(r *report, d *check.Decl, s subject, detail int) {
	where := "declared in " + d.Where
	if d.Node != nil {
		if cell, line, _ := q.scope.Position(d.Node.Pos()); cell != "" {
			where += fmt.Sprintf(", line %d", line)
		}
		source, doc := q.scope.Text(d)
		r.doc = doc
		if detail > 0 {
			r.source = source
		}
	}
	r.notes = append(r.notes, where)
	if st, ok := q.scope.Stale(s.obj.Name()); ok {
		r.notes = append(r.notes, "out of date: "+st.Reason)
	}
}

// receiverName returns the name of the type that a method belongs to.
func receiverName(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// docName returns the name under which std knows the documentation of a subject.
func docName(s subject) string {
	switch obj := s.obj.(type) {
	case *types.Func:
		if recv := receiverName(obj); recv != "" {
			return recv + "." + obj.Name()
		}
	case *types.Var:
		if obj.IsField() && s.recv != nil {
			t := types.Unalias(s.recv)
			if p, ok := t.(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			if n, ok := t.(*types.Named); ok {
				return n.Obj().Name() + "." + obj.Name()
			}
		}
	}
	return s.obj.Name()
}

// declaration returns the subject as Go would declare it.
func declaration(s subject) string {
	qualifier := func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	}
	switch obj := s.obj.(type) {
	case *types.Builtin:
		return "func " + obj.Name()
	case *types.TypeName:
		text := types.ObjectString(obj, qualifier)
		if st, ok := obj.Type().Underlying().(*types.Struct); ok && st.NumFields() > 0 {
			var b strings.Builder
			head, _, _ := strings.Cut(text, " struct{")
			b.WriteString(head + " struct {\n")
			for f := range st.Fields() {
				if visible(f) {
					fmt.Fprintf(&b, "\t%s %s\n", f.Name(), types.TypeString(f.Type(), qualifier))
				}
			}
			return b.String() + "}"
		}
		return text
	case *types.Const:
		return types.ObjectString(obj, qualifier) + " = " + obj.Val().String()
	}
	return types.ObjectString(s.obj, qualifier)
}

// methodList lists the methods of a type or of a variable's type, as Go.
func methodList(obj types.Object) string {
	t := obj.Type()
	if t == nil {
		return ""
	}
	if _, ok := obj.(*types.Func); ok {
		return ""
	}
	if _, isPointer := t.Underlying().(*types.Pointer); !isPointer && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	var lines []string
	for i := range set.Len() {
		if f, ok := set.At(i).Obj().(*types.Func); ok && visible(f) {
			lines = append(lines, "func "+f.Name()+strings.TrimPrefix(typeString(f.Signature()), "func"))
		}
	}
	return strings.Join(lines, "\n")
}

// packageReport describes packages.
func packageReport(s subject, detail int) report {
	var r report
	for i, path := range s.paths {
		if i > 0 {
			r.head += "\n"
		}
		r.head += fmt.Sprintf("package %s // import %q", s.name, path)
	}
	if len(s.paths) > 1 {
		r.notes = append(r.notes, "several packages have this name; import the one that is meant")
		return r
	}
	r.doc = std.Doc(s.paths[0], "")
	if before, _, ok := strings.Cut(r.doc, "\n\n"); ok && detail == 0 {
		r.doc = before
	}
	return r
}

// bundle returns the report as text and as Markdown.
func (r report) bundle() jupyter.MIMEBundle {
	var text, md strings.Builder
	block := func(s string) {
		if s != "" {
			fmt.Fprintf(&text, "%s\n\n", s)
			fmt.Fprintf(&md, "```go\n%s\n```\n\n", s)
		}
	}
	block(r.head)
	if r.doc != "" {
		doc := r.links.parser().Parse(r.doc)
		printer := &comment.Printer{TextWidth: 80, HeadingLevel: 4, DocLinkURL: r.links.url}
		fmt.Fprintf(&text, "%s\n", printer.Text(doc))
		fmt.Fprintf(&md, "%s\n", printer.Markdown(doc))
	}
	if r.hasVal {
		fmt.Fprintf(&text, "Value: %s\n\n", r.value)
		fmt.Fprintf(&md, "Value:\n\n```\n%s\n```\n\n", r.value)
	}
	block(r.source)
	block(r.list)
	for _, note := range r.notes {
		fmt.Fprintf(&text, "(%s)\n", note)
		fmt.Fprintf(&md, "*%s*\n\n", note)
	}
	return jupyter.MIMEBundle{"text/plain": strings.TrimSpace(text.String()) + "\n", "text/markdown": strings.TrimSpace(md.String()) + "\n"}
}

// keywords says in a line what each keyword is for.
var keywords = map[token.Token]string{
	token.BREAK: "Ends the innermost for, switch or select, or the labelled one.", token.CASE: "Begins a clause of a switch or select.",
	token.CHAN: "A channel type: chan T, <-chan T to receive only, chan<- T to send only.", token.CONST: "Declares constants.",
	token.CONTINUE:    "Begins the next round of the innermost for loop, or of the labelled one.",
	token.DEFAULT:     "The clause of a switch or select that runs if no other does.",
	token.DEFER:       "Calls a function when the one around it returns or panics. The operands are evaluated at once.",
	token.ELSE:        "What runs if the condition of the if does not hold.",
	token.FALLTHROUGH: "Goes on with the statements of the next clause of a switch.",
	token.FOR:         "A loop: for {…}, for condition {…}, for init; condition; post {…}, for x := range y {…}.",
	token.FUNC:        "Declares a function or method, or is a function literal or type.", token.GO: "Calls a function in a new goroutine.",
	token.GOTO: "Goes on at a label.", token.IF: "Runs a block if a condition holds: if init; condition {…} else {…}.",
	token.IMPORT: "Makes a package known under its name.", token.INTERFACE: "A type by its methods, or a constraint by its types.",
	token.MAP: "A map type: map[Key]Value.", token.PACKAGE: "The package that a file belongs to. Cells need none.",
	token.RANGE:  "Goes over an integer, slice, array, string, map, channel or iterator function.",
	token.RETURN: "Ends the function with its results.", token.SELECT: "Waits for the first of several channel operations that can go on.",
	token.STRUCT: "A type by its fields.", token.SWITCH: "Runs the first clause whose value or type matches.",
	token.TYPE: "Declares types.", token.VAR: "Declares variables.",
}
