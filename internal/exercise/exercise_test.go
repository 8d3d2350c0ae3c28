package exercise

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// said returns what a check says: "ok", or the text of its panic.
func said(f func(t *T)) (s string) {
	defer func() {
		if value := recover(); value != nil {
			s = fmt.Sprint(value)
			if err, ok := value.(error); ok && errors.Is(err, ErrNotYet) {
				s = "ErrNotYet " + s
			}
		}
	}()
	return Check(f)
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		f    func(t *T)
		want string
	}{
		{"solved", func(t *T) {}, "ok"},
		{"first note", func(t *T) { t.NotYet("got %d", 1); t.NotYet("got %d", 2) }, "ErrNotYet not yet: got 1"},
		{"panic", func(t *T) { panic("boom") }, "boom"},
		{"blocked", func(t *T) { time.Sleep(time.Minute) }, "ErrNotYet not yet: the check has not ended after 30s; does a goroutine wait for something that never comes?"},
		{"within", func(t *T) {
			if !t.Within(time.Second, "Get", func() { time.Sleep(900 * time.Millisecond) }) {
				t.NotYet("late")
			}
		}, "ok"},
		{"too late", func(t *T) { t.Within(time.Second, "Get", func() { time.Sleep(2 * time.Second) }) },
			"ErrNotYet not yet: Get has not returned after 1s; does it wait for something that never comes?"},
		{"panic within", func(t *T) { t.Within(time.Second, "Get", func() { panic("boom") }) }, "boom"},
		{"many goroutines", func(t *T) {
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { t.NotYet("wrong") })
			}
			wg.Wait()
		}, "ErrNotYet not yet: wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			synctest.Test(t, func(*testing.T) {
				got = said(tt.f)
				time.Sleep(time.Hour) // what was left behind comes to its end
			})
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStress(t *testing.T) {
	if got := said(func(t *T) {
		var each [3]int
		for i, n := range t.Stress(3, func(i int) { each[i]++ }) {
			if n == 0 || n != each[i] {
				t.NotYet("counted %d, want %d", n, each[i])
			}
		}
	}); got != "ok" {
		t.Error(got)
	}
	if got := said(func(t *T) { t.Stress(2, func(int) { panic("boom") }) }); got != "boom" {
		t.Errorf("got %q, want the panic", got)
	}
	if got, want := said(func(t *T) { t.Stress(2, func(int) { t.NotYet("wrong") }) }), "ErrNotYet not yet: wrong"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoLeak(t *testing.T) {
	stop := make(chan struct{})
	var left sync.WaitGroup
	got := said(func(t *T) {
		t.NoLeak(func() {
			for range 3 {
				left.Go(func() { <-stop })
			}
		})
	})
	close(stop)
	left.Wait()
	if want := "ErrNotYet not yet: 3 goroutines are still there; who tells them to stop?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := said(func(t *T) { t.NoLeak(func() { go func() {}() }) }); got != "ok" {
		t.Errorf("got %q for a goroutine that ends, want ok", got)
	}
}

func TestLanguage(t *testing.T) {
	t.Cleanup(func() { current.Store(nil) })
	Language("zh", map[string]string{prefix: "还不对：%s", "Close": "关闭", "got %d, not %d": "不应是 %[2]d，而得到 %[1]d"})
	if got, want := said(func(t *T) { t.NotYet("got %d, not %d", 1, 2) }), "ErrNotYet 还不对：不应是 2，而得到 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := said(func(t *T) { t.NotYet("other") }), "ErrNotYet 还不对：other"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	Language("en", nil)
	if got, want := said(func(t *T) { t.NotYet("other") }), "ErrNotYet not yet: other"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Messages must list every format that this package passes to NotYet.
func TestMessagesAreComplete(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "exercise.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "NotYet" {
			found++
			format, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
			if err != nil || !slices.Contains(Messages(), format) {
				t.Errorf("Messages does not list %q (%v)", format, err)
			}
		}
		return true
	})
	if want := len(Messages()) - 1; found != want {
		t.Errorf("found %d formats, want %d", found, want)
	}
}
