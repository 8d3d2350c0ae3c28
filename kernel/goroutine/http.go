package goroutine

import "net/http"

// HTTPHandlerFunc wraps a handler of the reader's so that it runs as a goroutine of the calling goroutine's cell. If it
// panics the cell fails and the connection is aborted; net/http would only log it. A panic with http.ErrAbortHandler
// means to do that and no more.
func HTTPHandlerFunc(f func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
	if f == nil {
		return nil
	}
	c := Current()
	line, col := callSite()
	return func(w http.ResponseWriter, r *http.Request) {
		aborted := false
		ok := Adopt(c, line, col, func() {
			defer func() {
				switch v := recover(); v {
				case nil:
				case http.ErrAbortHandler:
					aborted = true
				default:
					panic(v)
				}
			}()
			f(w, r)
		})
		if aborted || !ok {
			panic(http.ErrAbortHandler)
		}
	}
}

// HTTPHandler is [HTTPHandlerFunc] for handlers.
func HTTPHandler(h http.Handler) http.Handler {
	if h == nil {
		return nil
	}
	return HTTPHandlerFunc(h.ServeHTTP)
}

// HTTPHandleFunc is http.HandleFunc.
func HTTPHandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	http.HandleFunc(pattern, HTTPHandlerFunc(f))
}

// HTTPHandle is http.Handle.
func HTTPHandle(pattern string, h http.Handler) { http.Handle(pattern, HTTPHandler(h)) }

// Hangup ends the servers of this process, so that their ports are free, and the connections of clients that nobody uses. It is for
// when all goroutines that might use them have been told to end.
func Hangup() {
	hangup()
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}
