package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"gokernel/internal/kernelspec"
	"gokernel/kernel/engine"
)

type doctorCmd struct{}

// Help is shown by "gokernel doctor --help".
func (doctorCmd) Help() string {
	return `Looks at this program, at the kernelspecs that Jupyter would find, and at the programs the kernel can use. Each line begins with "ok", with "--" for something that you can do without, or with "!!" for something broken; below the last two stands what to do. The exit status is 1 if something is broken.`
}

// toolPatience is how long a tool may take to say its version.
const toolPatience = 30 * time.Second

// Run prints the findings.
func (doctorCmd) Run(ctx context.Context, std streams) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	r := &report{out: std.out}
	exe, passing, err := kernelspec.Binary(os.Args[0])
	if err != nil {
		return err
	}
	r.ok("gokernel %s, built with %s for %s/%s: %s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, exe)
	if err := checkKernelspecs(r, exe, passing); err != nil {
		return err
	}
	for _, t := range tools() {
		t.check(ctx, r)
	}
	checkDigest(ctx, r)
	checkCompiling(ctx, r)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.broken > 0 {
		return exitStatus(1)
	}
	return nil
}

// checkKernelspecs reports the kernelspecs that start a gokernel, and whether one of them is this program.
func checkKernelspecs(r *report, exe string, passing bool) error {
	found, err := kernelspec.List(kernelspec.Current().SearchPath()...)
	if err != nil {
		return err
	}
	here := false
	for i, f := range found {
		if f.Err != nil {
			r.bad("remove the folder or mend the file", "kernelspec %s cannot be read: %v", f.Name, f.Err)
			continue
		}
		if !f.Spec.Ours() {
			continue
		}
		program := f.Spec.Argv[0]
		switch _, err := os.Stat(program); {
		case errors.Is(err, fs.ErrNotExist):
			r.bad(fmt.Sprintf("run \"gokernel install\" again, or remove %s", f.Dir), "kernelspec %s (%s) starts %s, which does not exist", f.Name, f.Dir, program)
		case kernelspec.Shadowed(found, i):
			r.missing("remove the one you do not want", "kernelspec %s (%s) is hidden from Jupyter by an earlier one of that name", f.Name, f.Dir)
		case program == exe || passing && filepath.Dir(program) == f.Dir:
			here = true
			r.ok("kernelspec %s (%q) starts this program: %s", f.Name, f.Spec.DisplayName, f.Dir)
		default:
			r.ok("kernelspec %s (%q) starts another gokernel, %s: %s", f.Name, f.Spec.DisplayName, program, f.Dir)
		}
	}
	if !here {
		r.missing("run \"gokernel install\" to use this program in Jupyter", "no kernelspec starts this program")
	}
	return nil
}

// checkDigest reports whether openssl has the digest of the notebook on subprocesses, which belongs
// to OpenSSL's legacy provider.
func checkDigest(ctx context.Context, r *report) {
	path, err := exec.LookPath("openssl")
	if err != nil {
		return // that has been said
	}
	ctx, cancel := context.WithTimeout(ctx, toolPatience)
	defer cancel()
	for _, flags := range [][]string{{"-provider", "legacy", "-provider", "default"}, nil} { // LibreSSL has no providers
		if exec.CommandContext(ctx, path, append([]string{"dgst", "-whirlpool"}, flags...)...).Run() == nil {
			r.ok("openssl has the digest Whirlpool")
			return
		}
	}
	r.missing("Debian 13: apt-get install openssl-provider-legacy", "openssl has no digest Whirlpool: item 52 takes SHA-512 instead")
}

// checkCompiling reports whether cells can be compiled.
func checkCompiling(ctx context.Context, r *report) {
	exe, err := os.Executable()
	if err == nil {
		err = engine.Warm(ctx, engine.LoadIn(ctx, exe, "worker", "--load"), func() {})
	}
	if err != nil {
		r.missing("until that is mended all cells are interpreted, which works but is slower", "cells cannot be compiled: %v", err)
		return
	}
	r.ok("cells can be compiled")
}

// A tool is a program outside that the kernel or the reader can use.
type tool struct {
	name    string
	args    []string // make it print its version
	use     string   // what it is good for
	install string   // what to do if it is missing
}

// tools returns what doctor looks for. "jupyter --version" would load all of Jupyter, which takes many seconds on a busy machine.
func tools() []tool {
	return []tool{
		{"jupyter", []string{"kernelspec", "--version"}, "notebooks in the browser", "\"make lab\" in gokernel's repository installs JupyterLab, or: python3 -m pip install jupyterlab"},
		{"go", []string{"version"}, "building gokernel and compiling cells", "install Go 1.26 or newer from go.dev/dl"},
		{"gcc", []string{"--version"}, "cells that use cgo, plugins and the race detector", "Debian, Ubuntu: apt-get install gcc libc6-dev; macOS: xcode-select --install"},
		{"openssl", []string{"version"}, "the subprocess examples of the notebooks", "Debian, Ubuntu: apt-get install openssl"},
	}
}

// check reports where the tool is and which version it is.
func (t tool) check(ctx context.Context, r *report) {
	path, err := exec.LookPath(t.name)
	if err != nil {
		r.missing(t.install, "%s not found: it is for %s", t.name, t.use)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, toolPatience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, t.args...).Output()
	if ctx.Err() != nil {
		err = fmt.Errorf("no answer within %v", toolPatience)
	}
	if err != nil {
		r.bad(t.install, "%s does not run: %v", path, err)
		return
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
	r.ok("%s: %s (%s)", t.name, path, strings.TrimSpace(string(line)))
}

// A report prints findings as they are made, and counts the broken things.
type report struct {
	out    io.Writer
	broken int
}

func (r *report) ok(format string, args ...any) {
	fmt.Fprintf(r.out, "ok  "+format+"\n", args...)
}

// missing reports something that gokernel can do without, and how to get it.
func (r *report) missing(advice, format string, args ...any) {
	fmt.Fprintf(r.out, "--  "+format+"\n    %s\n", append(args, advice)...)
}

// bad reports something broken, and how to mend it.
func (r *report) bad(advice, format string, args ...any) {
	r.broken++
	fmt.Fprintf(r.out, "!!  "+format+"\n    %s\n", append(args, advice)...)
}
