package program

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// StartPrefix begins the names of the functions through which a program with Starts calls WaitGroup.Go. Each stands at the
// line of the call: its frame in a stack tells where a goroutine was started, which the runtime and the race detector do
// not say since the go statement is in package sync.
const StartPrefix = "gk_start"

// findStarts notes the calls of WaitGroup.Go below a node.
func (a *assembly) findStarts(node ast.Node, info *types.Info) {
	if !a.starts || info == nil {
		return
	}
	ast.Inspect(node, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || info.Selections[sel] == nil || info.Selections[sel].Kind() != types.MethodVal {
			return true
		}
		if f, ok := info.Uses[sel.Sel].(*types.Func); !ok || f.FullName() != "(*sync.WaitGroup).Go" {
			return true
		}
		cell, begin, _, ok := a.scope.Span(call)
		_, paren, end, ok2 := a.scope.Range(call.Lparen, call.Lparen+1)
		if !ok || !ok2 {
			return true
		}
		a.helpers = append(a.helpers, call.Pos())
		name := fmt.Sprint(StartPrefix, len(a.helpers))
		if a.calls == nil {
			a.calls = map[int][]edit{}
		}
		a.calls[cell] = append(a.calls[cell], edit{begin, begin, name + "("}, edit{paren, end, ", "})
		return true
	})
}

// withStarts adds the edits of the calls in bytes [start, end) of a cell to others.
func (a *assembly) withStarts(cell, start, end int, edits []edit) []edit {
	for _, e := range a.calls[cell] {
		if e.start >= start && e.start < end {
			edits = append(edits, e)
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	return edits
}

// startFunctions writes what the calls call.
func (a *assembly) startFunctions() {
	for i, pos := range a.helpers {
		fmt.Fprintf(&a.out, "\n//go:noinline\n%sfunc %s%d(start func(func()), f func()) { start(func() { f() }) }\n", a.directive(pos, true), StartPrefix, i+1)
	}
}
