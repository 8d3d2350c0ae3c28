package magic

import (
	"io"
	"os"
)

// Local is the Host that is this process: its directory and its environment.
type Local struct{ Out, Err io.Writer }

// Stdout returns l.Out.
func (l Local) Stdout() io.Writer { return l.Out }

// Stderr returns l.Err.
func (l Local) Stderr() io.Writer { return l.Err }

// Dir returns the process's working directory.
func (Local) Dir() (string, error) { return os.Getwd() }

// Chdir changes the process's working directory.
func (Local) Chdir(dir string) error { return os.Chdir(dir) }

// Environ returns the process's environment.
func (Local) Environ() []string { return os.Environ() }

// Setenv changes the process's environment.
func (Local) Setenv(name, value string) error { return os.Setenv(name, value) }
