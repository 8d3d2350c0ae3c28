package stdlib

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"gokernel/kernel/goroutine"
)

// flagParse is flag.Parse.
func flagParse() {
	// As there, the error is for a set that neither exits nor panics, and nobody has asked for it.
	_ = flagSetParse(flag.CommandLine, os.Args[1:])
}

// flagSetParse is f.Parse(arguments) where exiting means the cell.
func flagSetParse(f *flag.FlagSet, arguments []string) error {
	if f.ErrorHandling() != flag.ExitOnError {
		return f.Parse(arguments)
	}
	name := f.Name()
	f.Init(name, flag.ContinueOnError)
	defer f.Init(name, flag.ExitOnError)
	err := f.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		goroutine.OsExit(0)
	case err != nil:
		goroutine.OsExit(2)
	}
	return err
}

// Isolate undoes what this process did by importing all of the standard library, and what it did with its own arguments,
// that a reader's program would notice. The worker calls it once, before any cell runs: os.Args holds only a name, as for
// a program started without arguments, flag.CommandLine is new and prints to the stream of its cell, and
// http.DefaultServeMux has none of the handlers that expvar and net/http/pprof register; see Imported.
func Isolate(name string) {
	os.Args = []string{name}
	flag.CommandLine = flag.NewFlagSet(name, flag.ExitOnError)
	flag.CommandLine.SetOutput(goroutine.Err())
	flag.CommandLine.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "Usage of %s:\n", os.Args[0])
		flag.PrintDefaults()
	}
	isolateHTTP()
}
