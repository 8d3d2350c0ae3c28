package display_test

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"gokernel/kernel/display"
)

type point struct{ X, Y int }

type named struct {
	name string
	Tags []string
	p    *point
}

type hue int

func (c hue) String() string { return [...]string{"red", "green"}[c] }

type node struct {
	V    int
	Next *node
}

type failure struct{ code int }

func (f *failure) Error() string { return fmt.Sprintf("failure %d", f.code) }

// TestTextLikeFmt holds Text to %v for values that are small and have no pointers inside.
func TestTextLikeFmt(t *testing.T) {
	for _, v := range []any{
		nil, true, 42, -1, uint8(7), 1.5, float32(0.1), 2 + 3i, "text", "a\nb", 'x', []byte("ab"), [3]bool{true},
		[]string{"a", "b c"}, []string{}, []int(nil), map[string]int{"b": 2, "a": 1}, map[string]int(nil),
		map[hue][]int{0: {1}, 1: nil}, map[float64]bool{2: true, 1: false}, map[bool]int{true: 1, false: 0},
		map[any]int{"x": 1, "y": 2}, map[point]string{{2, 1}: "b", {1, 2}: "a"},
		point{1, 2}, &point{1, 2}, (*point)(nil), &[]int{1, 2}, &map[string]int{"a": 1},
		named{"n", []string{"t"}, nil}, struct{}{}, hue(1), []hue{0, 1}, map[string]hue{"c": 1},
		errors.New("broken"), &failure{3}, []error{&failure{4}, nil}, (error)(nil), (*failure)(nil),
		struct{ E error }{&failure{5}}, struct{ e error }{nil}, big.NewInt(1 << 40), []*big.Int{big.NewInt(5)},
		time.Duration(1500) * time.Millisecond, []any{1, "a", nil, []any{2.5}}, hue(9),
		reflect.ValueOf(point{3, 4}), reflect.Value{}, [][]int{{1}, {2, 3}}, uintptr(5), complex64(1),
		[]byte(nil), [2][]byte{{1}, {2}}, struct{ b []byte }{[]byte{9}},
	} {
		want := fmt.Sprint(v)
		if got := display.Text(v); got != want {
			t.Errorf("Text(%T) = %q, want %q", v, got, want)
		}
	}
}

func TestTextBounded(t *testing.T) {
	ints := make([]int, 1_000_000)
	set := make(map[int]bool)
	for i := range 5000 {
		set[i] = true
	}
	deep := any(1)
	for range 100_000 {
		deep = []any{deep}
	}
	wide := make([][]string, 300)
	for i := range wide {
		wide[i] = make([]string, 300)
		for j := range wide[i] {
			wide[i][j] = strings.Repeat("é", 3000)
		}
	}
	var list *node
	for i := range 100_000 {
		list = &node{i, list}
	}
	for _, test := range []struct {
		name  string
		value any
		has   string
		limit int
	}{
		{"slice", ints, " … 999,800 more]", 1000},
		{"array", [1000]int{}, " … 800 more]", 1000},
		{"map", set, "198:true 199:true … 4,800 more]", 4000},
		{"string", strings.Repeat("x", 10_000_000), "x… 9,934,464 more bytes", 70_000},
		{"bytes", make([]byte, 1_000_000), "… 999,800 more", 1000},
		{"deep", deep, "[[[[…]]]]", 100},
		{"wide", wide, "more bytes", 20_000},
		{"error", errors.New(strings.Repeat("e", 1_000_000)), "more bytes", 70_000},
		{"list", list, "&{99999 &{99998 ", 500},
		{"rune kept whole", []string{strings.Repeat("é", 3000)}, "é… 4,976 more bytes", 2000},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := display.Text(test.value)
			if !strings.Contains(got, test.has) {
				t.Errorf("Text = %.200q, want %q in it", got, test.has)
			}
			if len(got) > test.limit {
				t.Errorf("Text has %d bytes, want at most %d", len(got), test.limit)
			}
		})
	}
}

func TestTextCyclic(t *testing.T) {
	s := make([]any, 2)
	s[0], s[1] = 1, s
	m := map[string]any{"a": 1}
	m["m"] = m
	n := &node{V: 1}
	n.Next = &node{2, n}
	var p any
	p = &p
	shared := &point{1, 2}
	for _, test := range []struct {
		value any
		want  string
	}{
		{s, "[1 …]"},
		{m, "map[a:1 m:…]"},
		{n, "&{1 &{2 …}}"},
		{[]*point{shared, shared}, "[&{1 2} &{1 2}]"},
		{[]*node{nil, {V: 5}}, "[<nil> &{5 <nil>}]"},
	} {
		if got := display.Text(test.value); got != test.want {
			t.Errorf("Text = %q, want %q", got, test.want)
		}
	}
	if got := display.Text(p); !strings.HasPrefix(got, "0x") {
		t.Errorf("Text of a pointer to itself = %q, want an address", got)
	}
}

func TestTextOfMethods(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{display.Methods{Value: point{1, 2}}, "{1 2}"},
		{display.Methods{Value: 1, String: func() string { return "one" }}, "one"},
		{display.Methods{Value: 1, String: func() string { return "one" }, Error: func() string { return "bad" }}, "bad"},
		{_htmler{IValue: point{3, 4}}, "{3 4}"},
		{&_htmler{IValue: "inner"}, "inner"},
	} {
		if got := display.Text(test.value); got != test.want {
			t.Errorf("Text = %q, want %q", got, test.want)
		}
	}
}

// _htmler has the form in which interpreted values reach compiled code as an HTMLer.
type _htmler struct {
	IValue any
	WHTML  func() string
}

func (h _htmler) HTML() string { return h.WHTML() }
