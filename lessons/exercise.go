package lessons

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// A Role is what a cell is in an exercise.
type Role string

// The roles, in the order of their cells. Other cells have none.
const (
	Task     Role = "task"
	Solution Role = "solution"
	Check    Role = "check"
)

// An Exercise names the cells of an exercise by their IDs.
type Exercise struct {
	Task, Solution, Check string
	Wrong                 []Wrong
}

// A Wrong is a typical wrong answer.
type Wrong struct {
	Name   string
	Source string // what a student would have in the solution's cell
	Says   string // a part of the error that the check, or the answer itself, then ends with
	Hidden bool   // only the hidden part of the check finds it

	check string // the ID of the check
}

// newWrong makes a wrong answer of a marker that follows a check.
func newWrong(m marker, check string) (Wrong, error) {
	name, rest, _ := strings.Cut(m.head, " ")
	w := Wrong{Name: name, Source: m.body, check: check}
	err := attributes(rest, func(name, value string) error {
		switch name {
		case "says":
			w.Says = value
		case "hidden":
			w.Hidden = true
		default:
			return fmt.Errorf("unknown attribute %q", name)
		}
		return nil
	})
	switch {
	case err != nil:
		return w, err
	case check == "":
		return w, fmt.Errorf("no check stands before a wrong answer")
	case !cellID.MatchString(name) || w.Says == "" || w.Source == "":
		return w, fmt.Errorf("a wrong answer needs a name, says=\"TEXT\" and code")
	}
	return w, nil
}

// exercises puts cells and wrong answers together.
func exercises(cells []Cell, wrong []Wrong) ([]Exercise, error) {
	var all []Exercise
	var e Exercise
	for _, c := range cells {
		switch c.Role {
		case Task:
			if e.Task != "" {
				return nil, fmt.Errorf("task %s has no solution or no check", e.Task)
			}
			e.Task = c.ID
		case Solution:
			if e.Task == "" || e.Solution != "" {
				return nil, fmt.Errorf("solution %s does not follow a task of its own", c.ID)
			}
			e.Solution = c.ID
		case Check:
			if e.Solution == "" {
				return nil, fmt.Errorf("check %s does not follow a solution of its own", c.ID)
			}
			e.Check = c.ID
			for _, w := range wrong {
				if w.check == c.ID {
					e.Wrong = append(e.Wrong, w)
				}
			}
			all = append(all, e)
			e = Exercise{}
		}
	}
	if e.Task != "" {
		return nil, fmt.Errorf("task %s has no solution or no check", e.Task)
	}
	return all, nil
}

// messages returns the texts that the calls of NotYet and Within in a file have, which checks say to the reader.
func messages(f *ast.File) []string {
	argument := map[string]int{"NotYet": 0, "Within": 1}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at, ok := argument[sel.Sel.Name]
		if !ok || at >= len(call.Args) {
			return true
		}
		if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}

// The comments that bound what a student writes, and what is kept from students. They are nbgrader's.
const (
	beginSolution = "// BEGIN SOLUTION"
	endSolution   = "// END SOLUTION"
	beginHidden   = "// BEGIN HIDDEN TESTS"
	endHidden     = "// END HIDDEN TESTS"
)

// Stub stands in the student's edition where the solution was. The nbgrader configuration has the same.
const Stub = "// your code here"

// Starter returns what a student begins with: the source without what is between the solution's bounds.
func (c Cell) Starter() string { return without(c.Source, beginSolution, endSolution, Stub) }

// shownToStudents returns the source of a check without its hidden part.
func (c Cell) shownToStudents() string { return without(c.Source, beginHidden, endHidden, "") }

// without replaces the lines from begin to end by stub, at the indentation of begin, or by nothing if stub is empty.
func without(source, begin, end, stub string) string {
	var kept []string
	inside := false
	for ln := range strings.SplitSeq(source, "\n") {
		switch trimmed := strings.TrimLeft(ln, "\t "); {
		case trimmed == begin:
			inside = true
			if stub != "" {
				kept = append(kept, ln[:len(ln)-len(trimmed)]+stub)
			}
		case trimmed == end:
			inside = false
		case !inside:
			kept = append(kept, ln)
		}
	}
	return strings.Join(kept, "\n")
}
