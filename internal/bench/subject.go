package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

// A subject is a kernel to measure, with what its language needs for each measurement.
type subject struct {
	name     string
	peer     bool
	argv     []string
	bySignal bool

	lacks []string // names of measurements that it has no answer to

	hello    string // prints one line
	trivial  string // the smallest cell with a value
	lines    string // prints printed lines, one at a time
	prefix   string // to complete, cursor at the end
	known    string // to inspect, cursor at the end
	endless  string // does not end by itself
	numbered string // a cell of statements, different for each number
}

// printed is how many lines subject.lines prints.
const printed = 100_000

// gokernel returns our kernel, run from the file exe.
func gokernel(exe string) subject {
	return subject{
		name:     "gokernel",
		argv:     []string{exe, "kernel", "-f", "{connection_file}"},
		hello:    "import \"fmt\"\nfmt.Println(\"hello\")",
		trivial:  "1 + 1",
		lines:    fmt.Sprintf("import \"fmt\"\nfor i := range %d {\n\tfmt.Println(i)\n}", printed),
		prefix:   "fmt.Spr",
		known:    "fmt.Println",
		endless:  "for {\n}",
		numbered: "x := %d\nx++\n_ = x",
	}
}

// ipykernel returns the peer: the Python kernel of the environment at venv.
func ipykernel(venv string) subject {
	return subject{
		name:     "ipykernel",
		peer:     true,
		argv:     []string{filepath.Join(venv, "bin", "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"},
		bySignal: true,
		hello:    "print('hello')",
		trivial:  "1 + 1",
		lines:    fmt.Sprintf("for i in range(%d):\n    print(i)", printed),
		prefix:   "str.isa",
		known:    "print",
		endless:  "while True:\n    pass",
		numbered: "x = %d\nx += 1",
	}
}

// gophernotes returns the peer that is a kernel for Go: the program exe.
func gophernotes(exe string) subject {
	return subject{
		name:    "gophernotes",
		peer:    true,
		argv:    []string{exe, "{connection_file}"},
		lacks:   []string{"questions", "interrupt"},
		hello:   "import \"fmt\"\nfmt.Println(\"hello\")",
		trivial: "1 + 1",
		lines:   fmt.Sprintf("import \"fmt\"\nfor i := 0; i < %d; i++ {\n\tfmt.Println(i)\n}", printed),
	}
}

// start starts the kernel and returns a client of it, with iopub messages counted by nobody.
func (s subject) start(ctx context.Context) (*client.Client, error) {
	return client.Start(ctx, client.Config{Argv: s.argv, BySignal: s.bySignal})
}

// with runs f on a kernel of its own and ends that.
func (s subject) with(ctx context.Context, f func(*client.Client) error) error {
	c, err := s.start(ctx)
	if err != nil {
		return err
	}
	err = f(c)
	if cerr := c.Close(); err == nil {
		err = cerr
	}
	return err
}

// execute runs a cell that must succeed and returns how long it took, until the kernel was idle.
func execute(ctx context.Context, c *client.Client, code string, h client.Handler) (time.Duration, error) {
	start := time.Now()
	reply, err := c.Execute(ctx, jupyter.ExecuteRequest{Code: code}, h)
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if reply.Status != jupyter.StatusOK {
		return 0, fmt.Errorf("cell %q: %s: %s", code, reply.EName, reply.EValue)
	}
	return took, nil
}
