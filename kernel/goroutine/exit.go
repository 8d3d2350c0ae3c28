package goroutine

import (
	"fmt"
	"log"
	"os"
	"runtime"
)

// OsExit is os.Exit for the reader: the cell of the calling goroutine ends with an exit status, whichever of its
// goroutines calls, and the process lives on. As with os.Exit, no deferred function runs and nothing can be recovered:
// the calling goroutine stops where it is, for good, with the locks that it holds.
func OsExit(code int) {
	endIfAbandoned()
	r := current()
	if r == nil || r.cell == nil {
		c := process.fallback()
		if c == process.base {
			os.Exit(code) // nobody is there to tell
		}
		c.fail(&Panic{Kind: KindExit, Code: code})
		select {}
	}
	r.gone.Store(true)
	r.cell.fail(&Panic{Kind: KindExit, Code: code, Frames: r.exiting(), Stack: Stack(0), Goroutine: r.info()})
	select {}
}

// endIfAbandoned ends the calling goroutine if it has been told to end: what it says of it is no news.
func endIfAbandoned() {
	if Abandoned() {
		runtime.Goexit()
	}
}

// exiting returns the position of the call that ends r, if [At] was told.
func (r *record) exiting() []Frame { return r.last(opExit) }

// last returns the position that [At] was told last, if it was for that operation.
func (r *record) last(o op) []Frame {
	if s := site(r.blocked.Load()); s.op() == o {
		return []Frame{s.frame(r.cell)}
	}
	return nil
}

// IsExit reports whether v, which recover returned, is an exit that must be panicked with again. Exits do not panic, so
// none is; it is there for code that is written as if they did.
func IsExit(v any) bool { return false }

// LogFatal is log.Fatal: it ends the cell with exit status 1.
func LogFatal(v ...any) { logFatal(fmt.Sprint(v...)) }

// LogFatalf is log.Fatalf: it ends the cell with exit status 1.
func LogFatalf(format string, v ...any) { logFatal(fmt.Sprintf(format, v...)) }

// LogFatalln is log.Fatalln: it ends the cell with exit status 1.
func LogFatalln(v ...any) { logFatal(fmt.Sprintln(v...)) }

// logDepth is the number of calls between log.Output and the reader's call, for log.Lshortfile.
const logDepth = 3

func logFatal(s string) {
	endIfAbandoned()
	_ = log.Output(logDepth, s) // as log.Fatal does
	OsExit(1)
}

// LoggerFatal is l.Fatal: it ends the cell with exit status 1.
func LoggerFatal(l *log.Logger, v ...any) { loggerFatal(l, fmt.Sprint(v...)) }

// LoggerFatalf is l.Fatalf: it ends the cell with exit status 1.
func LoggerFatalf(l *log.Logger, format string, v ...any) { loggerFatal(l, fmt.Sprintf(format, v...)) }

// LoggerFatalln is l.Fatalln: it ends the cell with exit status 1.
func LoggerFatalln(l *log.Logger, v ...any) { loggerFatal(l, fmt.Sprintln(v...)) }

func loggerFatal(l *log.Logger, s string) {
	endIfAbandoned()
	_ = l.Output(logDepth, s) // as l.Fatal does
	OsExit(1)
}
