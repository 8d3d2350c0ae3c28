package interp

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// call makes a call with parameters and returns its answer as it comes over the wire.
func call[T any](tb testing.TB, ev *Evaluator, method string, params any) T {
	tb.Helper()
	raw, err := json.Marshal(params)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := ev.Call(method, raw)
	if err != nil {
		tb.Fatalf("%s: %v", method, err)
	}
	if raw, err = json.Marshal(v); err != nil {
		tb.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestSnapshot(t *testing.T) {
	const decls = `
type T_1 struct { name string; n int; next *T_1; mu p_sync.Mutex }
type I_1 interface { M() }
var list_1, tail_1 *T_1
var counts_1 map[string]int
var alias_1 map[string]int
var nested_1 map[string][]T_1
var f_1 float64
var c_1 complex128
var u_1 uint64
var s_1, part_1 []int
var bytes_1 []byte
var any_1 any
var anys_1 []any
var when_1 p_time.Time
var whens_1 map[string]p_time.Time
var ch_1 chan int
var nilch_1 chan int
var fn_1 func()
var px_1 *int
var x_1 int
var bad_1 struct { p *int; c chan int }
var inner_1 *int
var arr_1 [3]int
var text_1 string
var big_1 []int
var err_1 error
`
	const set = `
tail_1 = &T_1{name: "b", n: 2}
list_1 = &T_1{name: "a", n: 1, next: tail_1}
tail_1.next = list_1
counts_1 = map[string]int{"a": 1}
alias_1 = counts_1
nested_1 = map[string][]T_1{"k": {{name: "x"}, {name: "y", next: tail_1}}}
f_1 = 0.1; c_1 = complex(1, 2); u_1 = 1<<64 - 1
s_1 = append(make([]int, 0, 10), 1, 2, 3)
part_1 = s_1[:2]
bytes_1 = []byte("abc")
any_1 = map[string]int{"z": 26}
anys_1 = []any{1, "two", 3.5, nil, []string{"x"}}
when_1 = p_time.Unix(1700000000, 5).UTC()
whens_1 = map[string]p_time.Time{"w": when_1}
ch_1 = make(chan int)
fn_1 = func() {}
px_1 = &x_1; x_1 = 17
bad_1.p = px_1; bad_1.c = ch_1
inner_1 = &arr_1[1]
arr_1[2] = 5
text_1 = "a\xffb"
big_1 = make([]int, 1000000)
`
	const show = `
p_fmt.Println(list_1.name, list_1.next.name, list_1.next.next == list_1, tail_1 == list_1.next, tail_1.n)
p_fmt.Println(counts_1, len(nested_1["k"]), nested_1["k"][1].next == tail_1, f_1, c_1, u_1)
alias_1["b"] = 2; p_fmt.Println(len(counts_1))
part_1[0] = 9; p_fmt.Println(s_1, cap(s_1), len(part_1), string(bytes_1), any_1, anys_1)
p_fmt.Println(when_1, whens_1["w"].Equal(when_1), nilch_1 == nil, ch_1 == nil, fn_1 == nil, bad_1.p == nil)
x_1++; p_fmt.Println(*px_1, inner_1 == nil, arr_1, text_1 == "a\xffb", len(big_1), err_1)
list_1.mu.Lock(); list_1.mu.Unlock()
`
	names := []string{"list_1", "tail_1", "counts_1", "alias_1", "nested_1", "f_1", "c_1", "u_1", "s_1", "part_1", "bytes_1", "any_1", "anys_1",
		"when_1", "whens_1", "ch_1", "nilch_1", "fn_1", "px_1", "x_1", "bad_1", "inner_1", "arr_1", "text_1", "big_1", "err_1", "none_1"}
	b := newNotebook(t)
	b.must(decls, set, "sync", "time")
	quiet(t)
	s := call[Snapshot](t, b.ev, "snapshot", request{Names: names, MaxBytes: 1 << 20})
	want := map[string]string{
		"ch_1": "it holds a chan", "fn_1": "", "bad_1": "it holds a chan", "big_1": "it is too large",
		"inner_1": "it points into other data, or shares a part of an array", "none_1": "it does not exist",
	}
	if got := s.Skipped["fn_1"]; got != "" {
		want["fn_1"] = got
	}
	if diff := cmp.Diff(want, s.Skipped); diff != "" {
		t.Error("skipped (-want +got)", diff)
	}

	fresh := newNotebook(t)
	fresh.must(decls, "", "sync", "time")
	quiet(t)
	r := call[Restored](t, fresh.ev, "restore", request{Data: s.Data})
	if len(r.Failed) != 0 || len(r.Restored) != len(s.Saved) {
		t.Errorf("restored %v, failed %v", r.Restored, r.Failed)
	}
	got := fresh.must("", show, "fmt", "time").out
	wantOut := `a b true true 2
map[a:1] 2 true 0.1 (1+2i) 18446744073709551615
2
[9 2 3] 10 2 abc map[z:26] [1 two 3.5 <nil> [x]]
2023-11-14 22:13:20.000000005 +0000 UTC true true true true true
18 true [0 0 5] true 0 <nil>
`
	if diff := cmp.Diff(wantOut, got); diff != "" {
		t.Error("after restoring (-want +got)", diff)
	}
	v := call[Vars](t, fresh.ev, "vars", request{Names: []string{"arr_1", "s_1"}})
	if diff := cmp.Diff(map[string]Var{"arr_1": {"[3]int", "[0 0 5]"}, "s_1": {"[]int", "[9 2 3]"}}, v.Vars); diff != "" {
		t.Error("vars (-want +got)", diff)
	}
}

func TestSnapshotLongList(t *testing.T) {
	b := newNotebook(t)
	b.must("type L_1 struct { next *L_1 }\nvar l_1 *L_1\nvar n_1 int", "for i := 0; i < 5000; i++ { l_1 = &L_1{l_1} }; n_1 = 3")
	quiet(t)
	s := call[Snapshot](t, b.ev, "snapshot", request{Names: []string{"l_1", "n_1"}})
	r := call[Restored](t, b.ev, "restore", request{Data: s.Data})
	if diff := cmp.Diff([]string{"l_1", "n_1"}, r.Restored); diff != "" {
		t.Error("restored (-want +got)", diff, s.Skipped, r.Failed)
	}
}

func TestSnapshotBusy(t *testing.T) {
	b := newNotebook(t)
	quiet(t)
	b.must("var n_1 int", "p_gk.Go(1, 1, func() { for { p_time.Sleep(1000000); n_1++ } })", "time")
	if s := call[Snapshot](t, b.ev, "snapshot", request{Names: []string{"n_1"}}); !s.Busy || len(s.Saved) != 0 {
		t.Errorf("got %+v while a goroutine runs", s)
	}
	g := call[[]map[string]any](t, b.ev, "goroutines", nil)
	if len(g) != 1 || !strings.HasPrefix(g[0]["cell"].(string), "cell [") {
		t.Errorf("goroutines: %v", g)
	}
	if s := call[Stopped](t, b.ev, "stop", nil); s.Ended != 1 || len(s.Left) != 0 {
		t.Errorf("stopped %+v", s)
	}
	if s := call[Snapshot](t, b.ev, "snapshot", request{Names: []string{"n_1"}}); s.Busy || len(s.Saved) != 1 {
		t.Errorf("got %+v afterwards", s)
	}
}

// What waits for a lock, or the like, that nobody gives it touches no variable: they are saved all the same.
func TestSnapshotOfDormant(t *testing.T) {
	b := newNotebook(t)
	quiet(t)
	locked := b.run(t.Context(), b.program("var n_2 int; var wg_2 p_sync.WaitGroup",
		"n_2 = 5; wg_2.Add(1); p_gk.Go(1, 1, func() { wg_2.Wait(); n_2++ }); wg_2.Wait()", "sync"))
	if f := locked.failure(t); f.Kind != "deadlock" || len(f.Goroutines) != 2 {
		t.Fatalf("got %+v", f)
	}
	defer b.must("", "wg_2.Done()", "sync") // which ends them
	if s := call[Snapshot](t, b.ev, "snapshot", request{Names: []string{"n_2"}}); s.Busy || len(s.Saved) != 1 {
		t.Errorf("got %+v", s)
	}
	// They are nobody's business when another cell waits for something else,
	again := b.run(t.Context(), b.program("var c_2 = make(chan int)", "<-c_2")).failure(t)
	if len(again.Goroutines) != 1 || len(again.Notes) != 0 {
		t.Errorf("of another deadlock: %+v", again)
	}
	// but they are when it waits for a lock, which they may hold.
	again = b.run(t.Context(), b.program("", "wg_2.Wait()", "sync")).failure(t)
	if len(again.Goroutines) != 3 || len(again.Notes) != 0 {
		t.Errorf("of a deadlock on a lock: %+v", again)
	}
}

// A call that is for between cells waits for a snapshot that is being taken, but for no cell.
func TestBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ev := &Evaluator{}
		called := make(chan error, 1)
		ev.busy.Lock() // as a snapshot does
		go func() {
			_, err := between(ev, func() (int, error) { return 0, nil })
			called <- err
		}()
		synctest.Wait()
		if len(called) > 0 {
			t.Fatalf("it did not wait: %v", <-called)
		}
		ev.busy.Unlock()
		if err := <-called; err != nil {
			t.Error(err)
		}
		ev.busy.Lock() // as Eval does
		ev.evaluating.Store(true)
		if _, err := between(ev, func() (int, error) { return 0, nil }); !errors.Is(err, errRunning) {
			t.Errorf("while a cell runs: %v", err)
		}
	})
}

// quiet waits until the goroutines of the cells of other tests have ended, as far as they can.
func quiet(tb testing.TB) {
	tb.Helper()
	ev, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	if s := ev.stopAll(); len(s.Left) > 0 {
		tb.Skip("goroutines of other tests are left: ", s.Left)
	}
}
