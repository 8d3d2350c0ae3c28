package interp

import (
	"fmt"

	"gokernel/kernel/display"
)

// render turns the values of the cell's last expression into what the front end shows. It runs on the cell's main
// goroutine, so that methods of the reader's print, panic and hang as part of the cell, and can be interrupted.
func (ev *Evaluator) render(r *running, reply *Reply) {
	ev.mu.Lock()
	values, has := r.result, r.has
	ev.mu.Unlock()
	if !has {
		return
	}
	for i, v := range values {
		values[i] = ev.m.printable(v)
	}
	data, ok := ev.m.results(values)
	if ok {
		reply.Data, reply.Metadata = data.Data, data.Metadata
	}
}

// results is display.Results for values whose methods may panic.
func (m *machine) results(values []any) (data display.Data, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			text := fmt.Sprintf("(the result cannot be shown: a method of it panicked: %v)", m.printed(v))
			data, ok = display.Data{Data: display.MIMEMap{display.MIMETypeText: text}}, true
		}
	}()
	return display.Results(values...)
}
