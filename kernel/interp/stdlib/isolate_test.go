package stdlib_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"testing"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/stdlib"
)

func TestIsolate(t *testing.T) {
	args, mux, flags := os.Args, http.DefaultServeMux, flag.CommandLine
	t.Cleanup(func() { os.Args, http.DefaultServeMux, flag.CommandLine = args, mux, flags })
	status := func(path string) int {
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	stdlib.Isolate("cell")
	if len(os.Args) != 1 || os.Args[0] != "cell" || flag.CommandLine.Lookup("test.v") != nil {
		t.Errorf("got arguments %q, flag test.v %v", os.Args, flag.CommandLine.Lookup("test.v"))
	}
	stdlib.Load("expvar")
	for _, path := range []string{"/debug/vars", "/debug/pprof/"} {
		if got := status(path); got != http.StatusNotFound {
			t.Errorf("%s: got status %d before the import", path, got)
		}
	}
	for range 2 {
		stdlib.Imported("expvar")
		stdlib.Imported("net/http/pprof")
	}
	for _, path := range []string{"/debug/vars", "/debug/pprof/", "/debug/pprof/cmdline"} {
		if got := status(path); got != http.StatusOK {
			t.Errorf("%s: got status %d after the import", path, got)
		}
	}
}

// TestFlagParseEndsTheCell checks that a wrong flag ends the cell, not the process, with the status that flag gives.
func TestFlagParseEndsTheCell(t *testing.T) {
	runtime, _ := stdlib.Load(stdlib.Runtime)
	parse := runtime["FlagSetParse"].Interface().(func(*flag.FlagSet, []string) error)
	for _, c := range []struct {
		args []string
		code int
	}{{[]string{"-nope"}, 2}, {[]string{"-h"}, 0}} {
		fs := flag.NewFlagSet("cell", flag.ExitOnError)
		fs.SetOutput(t.Output())
		p := (&goroutine.Cell{ID: 1, Name: "cell [1]"}).Run(t.Context(), func() { _ = parse(fs, c.args) })
		if p == nil || p.Kind != goroutine.KindExit || p.Code != c.code {
			t.Errorf("Parse(%q): got %v, want exit status %d", c.args, p, c.code)
		}
	}
	fs := flag.NewFlagSet("cell", flag.ExitOnError)
	n := fs.Int("n", 0, "")
	if err := parse(fs, []string{"-n", "3", "rest"}); err != nil || *n != 3 || !reflect.DeepEqual(fs.Args(), []string{"rest"}) {
		t.Errorf("got n %d, arguments %q, %v", *n, fs.Args(), err)
	}
	if got := fs.ErrorHandling(); got != flag.ExitOnError {
		t.Errorf("got error handling %v afterwards", got)
	}
}
