package engine

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/native"
)

// A Compiler finds the Go toolchain in the background and tries it, so that a cell which needs it waits for less.
type Compiler struct {
	done   chan struct{}
	stop   context.CancelFunc
	native *native.Engine
	err    error
}

// Open begins to look for a toolchain. dir is where units are built, "" stands for the system's directory for temporary
// files; load tries whether a worker can load a plugin; modules, which may be nil, finds packages of modules. The compiler must
// be closed.
func Open(ctx context.Context, dir string, load func(file string) error, modules native.Modules) *Compiler {
	ctx, stop := context.WithCancel(ctx)
	c := &Compiler{done: make(chan struct{}), stop: stop}
	go func() {
		defer close(c.done)
		c.native, c.err = native.Open(ctx, dir)
		if c.err == nil {
			c.native.Modules = modules
		}
		if c.err == nil && !c.native.Tried {
			c.err = c.native.Try(ctx, load)
		}
	}()
	return c
}

// Ready is closed when it is known whether there is a toolchain that will do.
func (c *Compiler) Ready() <-chan struct{} { return c.done }

// Wait returns what compiles. The error says in one line why nothing can be compiled, and what to do.
func (c *Compiler) Wait(ctx context.Context) (*native.Engine, error) {
	select {
	case <-c.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.native, nil
}

// LoadIn returns a function that has a new process load a plugin: command are its path and arguments, to which the file is
// added.
func LoadIn(ctx context.Context, command ...string) func(file string) error {
	return func(file string) error {
		out, err := exec.CommandContext(ctx, command[0], append(slices.Clone(command[1:]), file)...).CombinedOutput()
		if err != nil && len(out) > 0 {
			return errors.New(strings.TrimSpace(string(out)))
		}
		return err
	}
}

// Warm does beforehand what the first compiled cell on this machine would have to wait for, and calls begin if that takes
// long. The error says in one line why nothing can be compiled.
func Warm(ctx context.Context, load func(file string) error, begin func()) error {
	return native.Warm(ctx, load, begin)
}

// ready returns what compiles if that is known by now, else nil.
func (c *Compiler) ready() *native.Engine {
	select {
	case <-c.done:
		if c.err == nil {
			return c.native
		}
	default:
	}
	return nil
}

// Forget makes the compiler know nothing of what it has compiled, for a notebook that begins anew with a new worker.
func (c *Compiler) Forget() {
	if n := c.ready(); n != nil {
		n.Forget()
	}
}

// Interpreted returns the emitted names of the types among decls that are not compiled, although they could be.
func (c *Compiler) Interpreted(decls []*check.Decl) []string {
	n := c.ready()
	if n == nil {
		return nil
	}
	var types []string
	for _, d := range decls {
		if d.Kind == check.Type && !n.Compiled(d) {
			types = append(types, d.Emit)
		}
	}
	return types
}

// Close removes what has been compiled. Plugins that are loaded stay usable.
func (c *Compiler) Close() error {
	c.stop()
	<-c.done
	if c.native == nil {
		return nil
	}
	return c.native.Close()
}
