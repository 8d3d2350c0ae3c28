package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"gokernel/internal/kernelspec"
	"gokernel/kernel/engine"
	"gokernel/kernel/worker"
)

type installCmd struct {
	target
	Name        string            `default:"gokernel" help:"Name of the kernelspec, as \"jupyter console --kernel\" takes it."`
	DisplayName string            `default:"Go" help:"Name shown in JupyterLab's launcher."`
	Env         map[string]string `placeholder:"K=V" mapsep:"none" help:"Set K to V in the kernel's environment. May be given again."`
	Memory      string            `placeholder:"SIZE" help:"The most memory that the cells of a notebook may take, such as 2GiB or 50%: the same as --env GOKERNEL_MEMORY=SIZE."`
	CPUs        string            `name:"cpus" placeholder:"N" help:"The most processors that a notebook may use: the same as --env GOKERNEL_CPUS=N."`
	Replace     bool              `help:"Replace a kernelspec of this name even if it starts some other kernel."`
}

// Help is shown by "gokernel install --help".
func (installCmd) Help() string {
	return `Writes a kernelspec, the folder that tells Jupyter how to start this kernel, starts the kernel once from it, and says that it answered.

  gokernel install                     for you, in every Jupyter you start
  gokernel install --sys-prefix        into the virtual environment you are in
  gokernel install --prefix .venv      into one you are not in
  gokernel install --name go-small --display-name "Go (1 GiB)" --memory 1GiB --cpus 2

Installing again replaces what was installed before. The kernelspec points at this program by its absolute path, so an upgrade in place needs no new install. Under "go run", where the program vanishes afterwards, it is copied beside the kernelspec.`
}

// Run installs the kernel and tries it.
func (c *installCmd) Run(ctx context.Context, std streams) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	if c.DisplayName == "" {
		return errors.New("--display-name is empty: give the name that the launcher is to show")
	}
	if value, ok := c.Env[""]; ok {
		return fmt.Errorf("--env =%s has no name: write K=V", value)
	}
	root, err := c.dir(ctx)
	if err != nil {
		return err
	}
	exe, passing, err := kernelspec.Binary(os.Args[0])
	if err != nil {
		return err
	}
	if err := c.limits(); err != nil {
		return err
	}
	inherited := func(name string) string {
		if value, ok := c.Env[name]; ok {
			return value
		}
		return os.Getenv(name)
	}
	if err := checkVariables(inherited); err != nil {
		return err
	}
	dir, err := kernelspec.Installation{
		Dir: root, Name: c.Name, DisplayName: c.DisplayName, Env: c.Env, Exe: exe, Copy: passing, Replace: c.Replace,
	}.Write()
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: choose a place of your own with --user or --prefix", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Installed kernelspec %q (%s) in %s\n", c.Name, c.DisplayName, dir)
	took, err := tryKernel(ctx, dir)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: the kernelspec is in place, but its kernel has not been tried", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("the kernelspec is in place, but its kernel did not answer: %w", err)
	}
	fmt.Fprintf(std.out, "Started it once: it answered after %v.\n", took.Round(time.Millisecond))
	return warm(ctx, std)
}

// limits puts the limits asked for into the kernel's environment, if they are such.
func (c *installCmd) limits() error {
	for _, l := range []struct {
		flag, value, variable string
		read                  interface{ UnmarshalText(text []byte) error }
	}{
		{"--memory", c.Memory, worker.MemoryVariable, new(memory)},
		{"--cpus", c.CPUs, cpusVariable, new(cpus)},
	} {
		if l.value == "" {
			continue
		}
		if err := l.read.UnmarshalText([]byte(l.value)); err != nil {
			return fmt.Errorf("%s: %w", l.flag, err)
		}
		if c.Env == nil {
			c.Env = map[string]string{}
		}
		c.Env[l.variable] = l.value
	}
	return nil
}

// warm compiles what the first compiled cell would have to wait for. Without a toolchain cells are interpreted, which is
// no error.
func warm(ctx context.Context, std streams) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program's file: %w", err)
	}
	began := time.Now()
	err = engine.Warm(ctx, engine.LoadIn(ctx, exe, "worker", "--load"), func() {
		fmt.Fprintln(std.out, "Compiling the standard library for compiled cells, once: this takes half a minute or more …")
	})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		fmt.Fprintf(std.out, "Cells will be interpreted, not compiled: %v.\n", err)
	default:
		fmt.Fprintf(std.out, "Cells can be compiled (tried in %v).\n", time.Since(began).Round(time.Millisecond))
	}
	return nil
}
