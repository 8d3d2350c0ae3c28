// This program uses the source that std.Source has, and prints ok if it behaves like the standard library.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"sort"
	"sync"

	"try/std/cmp"
	"try/std/errors"
	"try/std/iter"
	"try/std/maps"
	"try/std/math/rand/v2"
	tryreflect "try/std/reflect"
	"try/std/slices"
	trysync "try/std/sync"
	"try/std/sync/atomic"
	"try/std/unique"
)

var failed bool

func equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		failed = true
		fmt.Printf("%s: got %v, want %v\n", what, got, want)
	}
}

// panics returns what f panicked with.
func panics(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func main() {
	sorting()
	pulling()
	pointers()
	rest()
	if failed {
		os.Exit(1)
	}
	fmt.Println("ok")
}

func sorting() {
	s := []int{5, 2, 9, 1}
	slices.Sort(s)
	equal("Sort", s, []int{1, 2, 5, 9})
	slices.SortFunc(s, func(a, b int) int { return cmp.Compare(b, a) })
	equal("SortFunc", s, []int{9, 5, 2, 1})
	big := rand.N(10) + 1000
	many := make([]int, big)
	for i := range many {
		many[i] = rand.N(500)
	}
	want := append([]int(nil), many...)
	sort.Ints(want)
	slices.SortStableFunc(many, cmp.Compare[int])
	equal("SortStableFunc", many, want)
	// The inserted elements are part of the slice, and there is room: overlaps decides.
	room := append(make([]int, 0, 20), 1, 2, 3, 4, 5)
	equal("Insert", slices.Insert(room, 1, room[2:4]...), []int{1, 3, 4, 2, 3, 4, 5})
	room = append(make([]int, 0, 20), 1, 2, 3, 4, 5)
	equal("Replace", slices.Replace(room, 0, 1, room[1:5]...), []int{2, 3, 4, 5, 2, 3, 4, 5})
	equal("Insert of nothing", slices.Insert([]struct{}{{}}, 0, struct{}{}), []struct{}{{}, {}})
	m := map[string]int{"a": 1, "b": 2}
	c := maps.Clone(m)
	c["c"] = 3
	equal("Clone", len(m), 2)
	equal("Clone of nil", maps.Clone(map[string]int(nil)) == nil, true)
	keys := []string{}
	for k := range maps.Keys(c) {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	equal("Keys", keys, []string{"a", "b", "c"})
}

func pulling() {
	ended := false
	next, stop := iter.Pull(func(yield func(int) bool) {
		defer func() { ended = true }()
		for i := 1; i < 4 && yield(i); i++ {
		}
	})
	for want := 1; want < 4; want++ {
		v, ok := next()
		equal("next", []any{v, ok}, []any{want, true})
	}
	v, ok := next()
	equal("next at the end", []any{v, ok, ended}, []any{0, false, true})
	v, ok = next()
	equal("next after the end", []any{v, ok}, []any{0, false})
	stop()

	ended = false
	next2, stop := iter.Pull2(func(yield func(string, int) bool) {
		defer func() { ended = true }()
		for i := 0; yield("k", i); i++ {
		}
	})
	next2()
	k, v, ok := next2()
	equal("next of Pull2", []any{k, v, ok}, []any{"k", 1, true})
	stop()
	equal("stop ends the sequence", ended, true)
	stop()
	_, _, ok = next2()
	equal("next after stop", ok, false)

	_, stop = iter.Pull(func(func(int) bool) { panic("started") })
	stop() // before it began

	next, stop = iter.Pull(func(yield func(int) bool) {
		yield(1)
		panic("boom")
	})
	next()
	equal("panic of a sequence", panics(func() { next() }), "boom")
	_, ok = next()
	equal("next after a panic", ok, false)
	stop()

	next, stop = iter.Pull(func(yield func(int) bool) {
		yield(1)
		panic("stopped")
	})
	next()
	equal("panic at stop", panics(stop), "stopped")

	next, _ = iter.Pull(func(yield func(int) bool) { next() })
	equal("next within the sequence", panics(func() { next() }), "iter.Pull: next called again before yield")
}

func pointers() {
	type node struct{ n int }
	var p atomic.Pointer[node]
	a, b := &node{1}, &node{2}
	equal("Load of zero", p.Load() == nil, true)
	equal("CompareAndSwap of zero, wrong", p.CompareAndSwap(a, b), false)
	equal("CompareAndSwap of zero", p.CompareAndSwap(nil, a), true)
	equal("Swap", p.Swap(b) == a, true)
	p.Store(nil)
	equal("Load of nil", p.Load() == nil, true)
	equal("CompareAndSwap of nil", p.CompareAndSwap(nil, b), true)
	equal("CompareAndSwap, wrong", p.CompareAndSwap(a, nil), false)
	equal("Load", p.Load() == b, true)
	var zero atomic.Pointer[node]
	equal("Swap of zero", zero.Swap(nil) == nil, true)

	var head atomic.Pointer[node]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				for {
					old := head.Load()
					next := &node{1}
					if old != nil {
						next.n = old.n + 1
					}
					if head.CompareAndSwap(old, next) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	equal("count by CompareAndSwap", head.Load().n, 4000)
}

func rest() {
	h, same, other := unique.Make("a"), unique.Make("a"), unique.Make("b")
	equal("Make", []any{h == same, h == other, h.Value()}, []any{true, false, "a"})
	equal("TypeFor", tryreflect.TypeFor[error]().String(), "error")
	n, ok := tryreflect.TypeAssert[int](reflect.ValueOf(3))
	equal("TypeAssert", []any{n, ok}, []any{3, true})
	_, ok = tryreflect.TypeAssert[string](reflect.ValueOf(3))
	equal("TypeAssert to another", ok, false)
	calls := 0
	once := trysync.OnceValue(func() int { calls++; return 7 })
	equal("OnceValue", []int{once(), once(), calls}, []int{7, 7, 1})
	_, err := os.Open("/nothing/here")
	pe, ok := errors.AsType[*fs.PathError](fmt.Errorf("wrapped: %w", err))
	equal("AsType", ok && pe.Op == "open", true)
	equal("Or", cmp.Or("", "x", "y"), "x")
}
