package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecipe(t *testing.T) {
	for _, tt := range []struct {
		src  string
		args []string
		ok   bool
	}{
		{"// run\n\npackage main\n", []string{}, true},
		{"\n// run arg1 2\n", []string{"arg1", "2"}, true},
		{"//go:build " + runtime.GOOS + "\n\n// run\n", []string{}, true},
		{"//go:build !" + runtime.GOOS + "\n\n// run\n", nil, false},
		{"// run -race\n", nil, false},
		{"// run other.go\n", nil, false},
		{"// errorcheck\n", nil, false},
		{"package main\n// run\n", nil, false},
	} {
		args, ok := recipe(tt.src)
		if ok != tt.ok || !cmp.Equal(args, tt.args) {
			t.Errorf("recipe(%q): got %q, %v, want %q, %v", tt.src, args, ok, tt.args, tt.ok)
		}
	}
}

func TestJudge(t *testing.T) {
	want := outcome{Stdout: "1\n", Stderr: "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n", Status: 2}
	for _, tt := range []struct {
		name string
		got  outcome
		want verdict
	}{
		{"the same", want, pass},
		{"another stack", outcome{Stdout: "1\n", Stderr: "panic: boom\n\ngoroutine 7 [running]:\n", Status: 2}, pass},
		{"another status", outcome{Stdout: "1\n", Stderr: want.Stderr, Status: 0}, wrong},
		{"another output", outcome{Stdout: "2\n", Stderr: want.Stderr, Status: 2}, wrong},
		{"another panic", outcome{Stdout: "1\n", Stderr: "panic: bang\n", Status: 2}, wrong},
		{"no end", outcome{TimedOut: true}, slow},
		{"refused", outcome{Stderr: "a.go:1:1: unsafe is not supported by the interpreter\n", Status: execRefused}, refused},
		{"a refused import", outcome{Stderr: "a.go:1:8: cgo is not supported in cells\n", Status: execCompile}, refused},
		{"does not compile", outcome{Stderr: "a.go:1:1: undefined: x\n", Status: execCompile}, rejected},
		{"the interpreter failed", outcome{Stderr: "gokernel: the interpreter failed: x\n", Status: execInternal}, broken},
		{"a status that is its own", outcome{Stderr: "bye\n", Status: execInternal}, wrong},
	} {
		if got, why := judge(tt.got, want); got != tt.want || got == wrong && why == "" {
			t.Errorf("%s: got %s (%s), want %s", tt.name, got, why, tt.want)
		}
	}
}

func TestHold(t *testing.T) {
	results := []result{{program{name: "a.go"}, pass, ""}, {program{name: "b.go"}, wrong, "status"}, {program{name: "c.go"}, slow, ""}}
	list := filepath.Join(t.TempDir(), "passing.txt")
	c := &config{}
	if err := c.hold(list, []string{"a.go"}, results); err != nil {
		t.Errorf("nothing is lost: got %v", err)
	}
	if err := c.hold(list, []string{"a.go", "b.go"}, results); err == nil || !strings.Contains(err.Error(), "b.go (wrong: status)") {
		t.Errorf("b.go is lost: got %v", err)
	}
	c.update = true
	if err := c.hold(list, []string{"b.go", "c.go"}, results); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a.go\nc.go\n", string(data)); diff != "" {
		t.Errorf("what passes, and what a busy machine has slowed down (-want +got):\n%s", diff)
	}
	if names, err := readList(list); err != nil || !cmp.Equal(names, []string{"a.go", "c.go"}) {
		t.Errorf("read again: got %q, %v", names, err)
	}
}

func TestListsOfEngines(t *testing.T) {
	for engine, want := range map[string]string{"interp": "x/passing.txt", "auto": "x/passing-auto.txt"} {
		if got := (&config{engine: engine}).of("x/passing.txt"); got != want {
			t.Errorf("%s: got %s, want %s", engine, got, want)
		}
	}
}
