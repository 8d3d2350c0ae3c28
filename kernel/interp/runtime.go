package interp

import (
	"reflect"

	"gokernel/kernel/display"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/stdlib"
)

// runtimePath is the import path of what lowered code calls and no cell can import.
const runtimePath = "gk"

// runtime returns the symbols of the runtime package: all of stdlib.Runtime, and this package's own.
func (ev *Evaluator) runtime() map[string]reflect.Value {
	symbols, _ := stdlib.Load(stdlib.Runtime)
	symbols["Call"] = reflect.ValueOf(Call)
	symbols["Defers"] = reflect.ValueOf((*Defers)(nil))
	symbols["Recover"] = reflect.ValueOf(func() any { return ev.m.rebound(Recover()) })
	symbols["Dyn"] = reflect.ValueOf(Dyn)
	symbols["Panic"] = reflect.ValueOf(Panic)
	symbols["Result"] = ev.result
	symbols["Same"] = reflect.ValueOf(Same)
	symbols["Step"] = reflect.ValueOf(ev.step)
	return symbols
}

// mapTypes tells yaegi which methods of interpreted types compiled functions look for.
func (ev *Evaluator) mapTypes() map[reflect.Value][]reflect.Type {
	m := stdlib.MapTypes()
	text := printing[1:]
	m[reflect.ValueOf(Panic)] = text
	ev.result = reflect.ValueOf(ev.setResult)
	m[ev.result] = append([]reflect.Type{
		reflect.TypeFor[display.Renderer](), reflect.TypeFor[display.SimpleRenderer](), reflect.TypeFor[display.HTMLer](),
		reflect.TypeFor[display.Markdowner](), reflect.TypeFor[display.SVGer](), reflect.TypeFor[display.PNGer](),
		reflect.TypeFor[display.JPEGer](), reflect.TypeFor[display.Latexer](), reflect.TypeFor[display.JSONer](),
		reflect.TypeFor[display.JavaScripter](), reflect.TypeFor[display.PDFer](),
	}, text...)
	return m
}

// Panic is panic, for values of interpreted types too: their Error and String methods are found when it is printed.
func Panic(v any) { panic(v) }

// setResult keeps the values of a cell's last expression.
func (ev *Evaluator) setResult(values ...any) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	if r := ev.cell; r != nil && r.cell == goroutine.Current() {
		r.result, r.has = values, true
	}
}

// step notes that the variables of step n of the cell have their values.
func (ev *Evaluator) step(n int) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	if r := ev.cell; r != nil && r.cell == goroutine.Current() {
		r.steps = max(r.steps, n)
	}
}
