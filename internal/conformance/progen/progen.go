// Package progen makes small well-typed Go programs from a seed, for comparing two implementations of Go. A program ends
// soon, prints much, and prints the same each time: maps are walked in order, goroutines meet before their work is shown.
// Panics happen, and are recovered and printed.
package progen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Program returns the program of seed, a file of package main.
func Program(seed uint64) string {
	g := &gen{r: rand.New(rand.NewPCG(seed, 1))}
	return g.program()
}

// A gen holds the making of one program.
type gen struct {
	r        *rand.Rand
	out      strings.Builder
	types    []*typ // structs and named basic types that the program declares
	ifaces   []*typ
	funcs    []*function
	vars     []variable // in scope, innermost last
	serial   int
	cost     int // of what is being made, in steps; loops multiply
	times    int // how often the statement in work runs
	inLoop   int
	closures int    // function literals around the place in work
	results  []*typ // of the function in work, nil at the top
}

type variable struct {
	name  string
	t     *typ
	fixed bool // must not be assigned: a loop's counter
}

type function struct {
	name    string
	params  []*typ
	results []*typ
	cost    int
}

// budget bounds the steps of a program, roughly: an interpreter takes a microsecond a step.
const budget = 30000

func (g *gen) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *gen) name(prefix string) string {
	g.serial++
	return fmt.Sprintf("%s%d", prefix, g.serial)
}

func (g *gen) p(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

func pick[T any](g *gen, list []T) T { return list[g.r.IntN(len(list))] }

// header is the same for all programs: what statements need besides what they declare.
const header = `package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
)

var (
	_ = cmp.Compare[int]
	_ = errors.New
	_ = maps.Keys[map[int]int]
	_ = slices.Sort[[]int]
	_ = sort.Ints
	_ = strings.ToUpper
	_ sync.Mutex
)

func id[T any](x T) T { return x }

func mapped[T, U any](s []T, f func(T) U) []U {
	var out []U
	for _, x := range s {
		out = append(out, f(x))
	}
	return out
}

func kept[T any](s []T, f func(T) bool) (out []T) {
	for i := range s {
		if f(s[i]) {
			out = append(out, s[i])
		}
	}
	return
}

func folded[T, A any](s []T, a A, f func(A, T) A) A {
	for _, x := range s {
		a = f(a, x)
	}
	return a
}

func largest[T cmp.Ordered](first T, rest ...T) T {
	for _, x := range rest {
		first = max(first, x)
	}
	return first
}

type stack[T any] struct{ items []T }

func (s *stack[T]) push(x ...T) *stack[T] { s.items = append(s.items, x...); return s }
func (s *stack[T]) pop() (x T, ok bool) {
	if n := len(s.items); n > 0 {
		x, ok = s.items[n-1], true
		s.items = s.items[:n-1]
	}
	return
}
func (s *stack[T]) all(yield func(int, T) bool) {
	for i, x := range s.items {
		if !yield(i, x) {
			return
		}
	}
}

type pair[K comparable, V any] struct {
	key K
	val V
}

func sortedPairs[K cmp.Ordered, V any](m map[K]V) (out []pair[K, V]) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, pair[K, V]{k, m[k]})
	}
	return
}

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// shown returns what fmt prints of x the same each time.
func shown(x any) string {
	switch x.(type) {
	case nil, bool, int, int8, int64, uint8, uint32, rune, float64, string, []int, []string, map[string]int:
		return fmt.Sprint(x)
	}
	return fmt.Sprintf("%T", x)
}

func guarded(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "recovered:", r)
		}
	}()
	f()
}
`

func (g *gen) program() string {
	g.out.WriteString(header)
	for range 1 + g.r.IntN(4) {
		g.typeDecl()
	}
	if g.chance(70) {
		g.interfaceDecl()
	}
	for range 1 + g.r.IntN(3) {
		t := g.valueType(2)
		name := g.name("global")
		g.p("var %s %s = %s", name, t, g.literal(t, 1)) // calls might print before main does
		g.vars = append(g.vars, variable{name: name, t: t})
	}
	for range 1 + g.r.IntN(4) {
		g.function()
	}
	g.p("\nfunc main() {")
	g.times, g.cost = 1, 0
	for range 2 + g.r.IntN(3) {
		mark := len(g.vars)
		g.p("guarded(%q, func() {", g.name("part"))
		g.block(4+g.r.IntN(6), 3)
		g.show(mark)
		g.vars = g.vars[:mark]
		g.p("})")
	}
	g.show(0)
	g.p("}")
	return g.out.String()
}

// show prints the variables in scope from mark on.
func (g *gen) show(mark int) {
	for _, v := range g.vars[mark:] {
		g.p("fmt.Println(%q, %s)", v.name, g.printable(v.name, v.t))
	}
}
