package interp

import (
	"fmt"
	"reflect"

	"gokernel/kernel/display"
	"gokernel/kernel/interp/dynamic"
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
		values[i] = displayable(v)
	}
	data, ok := results(values)
	if ok {
		reply.Data, reply.Metadata = data.Data, data.Metadata
	}
}

// displayable returns a value for package display, which cannot see methods of the notebook's types: they are handed over
// beside the value.
func displayable(x any) any {
	v, ok := dynamic.Bare(x).(dynamic.Value)
	if !ok {
		return x
	}
	m := display.Methods{Value: v.Displayed()}
	fields, found := reflect.ValueOf(&m).Elem(), false
	for i := 1; i < fields.NumField(); i++ {
		f := fields.Field(i)
		if bound, ok := v.Bind(fields.Type().Field(i).Name, f.Type()); ok {
			f.Set(bound)
			found = true
		}
	}
	if !found {
		return m.Value
	}
	return m
}

// results is display.Results for values whose methods may panic.
func results(values []any) (data display.Data, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			text := fmt.Sprintf("(the result cannot be shown: a method of it panicked: %v)", printable(recovered(v, here)))
			data, ok = display.Data{Data: display.MIMEMap{display.MIMETypeText: text}}, true
		}
	}()
	return display.Results(values...)
}
