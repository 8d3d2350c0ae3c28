package stdlib

import (
	"reflect"

	"gokernel/kernel/goroutine"
)

// hooks returns the symbols that stand in for those of a package: functions of the same type that end the cell instead of
// the process, print to the cell's own streams, and let the timers, contexts and signal subscriptions of the reader be
// known. Methods cannot be replaced by a table; Methods has functions for them.
func hooks(path string) []symbol {
	switch path {
	case "context":
		return []symbol{
			{"AfterFunc", goroutine.ContextAfterFunc},
			{"WithDeadline", goroutine.ContextWithDeadline},
			{"WithDeadlineCause", goroutine.ContextWithDeadlineCause},
			{"WithTimeout", goroutine.ContextWithTimeout},
			{"WithTimeoutCause", goroutine.ContextWithTimeoutCause},
		}
	case "flag":
		return []symbol{{"Parse", flagParse}}
	case "fmt":
		return []symbol{
			{"Print", goroutine.FmtPrint},
			{"Printf", goroutine.FmtPrintf},
			{"Println", goroutine.FmtPrintln},
		}
	case "log":
		return []symbol{
			{"Fatal", goroutine.LogFatal},
			{"Fatalf", goroutine.LogFatalf},
			{"Fatalln", goroutine.LogFatalln},
		}
	case "net/http":
		return []symbol{
			{"Handle", goroutine.HTTPHandle},
			{"HandleFunc", goroutine.HTTPHandleFunc},
		}
	case "os":
		return []symbol{{"Exit", goroutine.OsExit}}
	case "os/signal":
		return []symbol{
			{"Ignore", goroutine.SignalIgnore},
			{"Notify", goroutine.SignalNotify},
			{"NotifyContext", goroutine.SignalNotifyContext},
			{"Reset", goroutine.SignalReset},
			{"Stop", goroutine.SignalStop},
		}
	case "runtime":
		return []symbol{{"Goexit", goroutine.RuntimeGoexit}}
	case "syscall":
		return []symbol{{"Exit", goroutine.OsExit}}
	case "time":
		return []symbol{
			{"After", goroutine.TimeAfter},
			{"AfterFunc", goroutine.TimeAfterFunc},
			{"NewTicker", goroutine.TimeNewTicker},
			{"NewTimer", goroutine.TimeNewTimer},
			{"Sleep", goroutine.TimeSleep},
			{"Tick", goroutine.TimeTick},
		}
	}
	return nil
}

// Hooked lists the symbols of a package that Load replaces, in the order of their names.
func Hooked(path string) []string {
	var names []string
	for _, h := range hooks(path) {
		names = append(names, h.name)
	}
	return names
}

// Method is a method of the standard library that the reader's code should call as a function, which has the receiver for
// its first parameter.
type Method struct {
	Type, Name string // "*time.Timer", "Reset"
	// Func is the name under which Load(Runtime) has the function.
	Func string
}

// Methods lists the methods that only a function of our own does right. Without it timers that are reset are unknown to
// the search for deadlocks, (*log.Logger).Fatal and a flag set that exits on errors end the process, and compiled code is
// seen to have names that the reader did not write.
func Methods() []Method {
	return []Method{
		{"*flag.FlagSet", "Parse", "FlagSetParse"},
		{"*log.Logger", "Fatal", "LoggerFatal"},
		{"*log.Logger", "Fatalf", "LoggerFatalf"},
		{"*log.Logger", "Fatalln", "LoggerFatalln"},
		{"*runtime.Frames", "Next", "FramesNext"},
		{"*runtime.Func", "Name", "FuncName"},
		{"reflect.Type", "PkgPath", "TypePkgPath"},
		{"*time.Ticker", "Reset", "TickerReset"},
		{"*time.Ticker", "Stop", "TickerStop"},
		{"*time.Timer", "Reset", "TimerReset"},
		{"*time.Timer", "Stop", "TimerStop"},
	}
}

// Runtime is the import path under which Load has the functions that lowered code calls. The checker does not know it, so
// a cell cannot import it.
const Runtime = "gokernel/kernel/goroutine"

func runtimeSymbols() map[string]reflect.Value {
	symbols := map[string]reflect.Value{}
	for _, s := range []symbol{
		{"At", goroutine.At},
		{"FlagSetParse", flagSetParse},
		{"Forever", goroutine.Forever},
		{"FramesNext", goroutine.FramesNext},
		{"FuncName", goroutine.FuncName},
		{"Go", goroutine.Go},
		{"HTTPHandler", goroutine.HTTPHandler},
		{"HTTPHandlerFunc", goroutine.HTTPHandlerFunc},
		{"IsExit", goroutine.IsExit},
		{"LoggerFatal", goroutine.LoggerFatal},
		{"LoggerFatalf", goroutine.LoggerFatalf},
		{"LoggerFatalln", goroutine.LoggerFatalln},
		{"Made", goroutine.Made},
		{"Pos", goroutine.Pos},
		{"Print", goroutine.Print},
		{"Println", goroutine.Println},
		{"Recovered", goroutine.Recovered},
		{"Stderr", goroutine.Stderr},
		{"Stdout", goroutine.Stdout},
		{"TickerReset", goroutine.TickerReset},
		{"TickerStop", goroutine.TickerStop},
		{"TimerReset", goroutine.TimerReset},
		{"TimerStop", goroutine.TimerStop},
		{"TypePkgPath", goroutine.TypePkgPath},
		{"WaitGroupGo", goroutine.WaitGroupGo},
	} {
		symbols[s.name] = reflect.ValueOf(s.value)
	}
	return symbols
}
