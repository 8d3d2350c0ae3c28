package stdlib

import (
	"expvar"
	"net/http"
	"net/http/pprof"
	"net/url"
)

func isolateHTTP() { http.DefaultServeMux = http.NewServeMux() }

// Imported does what importing a package for the first time does to the process, after Isolate: expvar and net/http/pprof
// register handlers with http.DefaultServeMux. Call it when a cell imports the package; Load alone has no effects.
// Where the reader has registered the same pattern before it does nothing, whereas his program would panic at start.
func Imported(path string) {
	switch path {
	case "expvar":
		handle("/debug/vars", expvar.Handler().ServeHTTP)
	case "net/http/pprof":
		handle("/debug/pprof/", pprof.Index)
		handle("/debug/pprof/cmdline", pprof.Cmdline)
		handle("/debug/pprof/profile", pprof.Profile)
		handle("/debug/pprof/symbol", pprof.Symbol)
		handle("/debug/pprof/trace", pprof.Trace)
	}
}

func handle(path string, h http.HandlerFunc) {
	pattern := http.MethodGet + " " + path
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}
	if _, registered := http.DefaultServeMux.Handler(r); registered != pattern {
		http.DefaultServeMux.HandleFunc(pattern, h)
	}
}
