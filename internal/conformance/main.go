// Conformance measures how much of Go a cell may hold, and guards what once worked.
//
// Usage: conformance [flags] [PATTERN]. Without a mode it runs the single-file "// run" programs of the Go tree's test
// directory through "gokernel exec", compares output and exit status with compiled Go, prints how many pass, are
// refused or go wrong by folder, and fails if a program of testdata/passing.txt does not pass. PATTERN, a
// regular expression, keeps to the programs whose names match; then nothing is held against the list.
//
// The other modes are -errorcheck (the tree's "// errorcheck" files against the checker), -gaps (small programs that
// the bare interpreter gets wrong), -glue (transcripts of cells against the compiler) and -fuzz (programs made up). With -update, what passes
// now is what must pass from now on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		stop()
		os.Exit(1)
	}
}

// A config is what the flags say.
type config struct {
	tree        string         // the Go tree's test directory
	transcripts string         // the directory of transcripts
	cache       string         // where results of compiled Go are kept
	binary      string         // gokernel
	engine      string         // its --engine
	timeout     time.Duration  // for one program
	jobs        int            // programs at a time
	only        *regexp.Regexp // nil for all
	update      bool
}

func run(ctx context.Context) error {
	var c config
	errorcheck := flag.Bool("errorcheck", false, "hold the checker to the tree's errorcheck files")
	gaps := flag.Bool("gaps", false, "run the programs that the bare interpreter gets wrong")
	glue := flag.Bool("glue", false, "hold the transcripts to what compiled Go prints")
	fuzz := flag.Duration("fuzz", 0, "make programs for that long and compare them")
	seed := flag.Uint64("seed", uint64(time.Now().Unix()), "the first program of -fuzz")
	findings := flag.String("findings", ".cache/conformance/findings", "`DIR`ectory for programs of -fuzz that differ")
	reduce := flag.String("reduce", "", "make the program in `FILE`, which differs, smaller")
	flag.StringVar(&c.tree, "goroot-test", "", "the test `DIR`ectory of a Go tree (default GOROOT/test)")
	flag.StringVar(&c.transcripts, "transcripts", transcripts, "the `DIR`ectory of transcripts, for -glue")
	flag.StringVar(&c.cache, "cache", ".cache/conformance", "`DIR`ectory for what compiled Go printed")
	flag.StringVar(&c.binary, "bin", "", "the `FILE` to use as gokernel (default: build it)")
	flag.StringVar(&c.engine, "engine", "interp", "what runs the programs: interp, auto or native; each has lists of its own")
	flag.DurationVar(&c.timeout, "timeout", 20*time.Second, "for one program")
	flag.IntVar(&c.jobs, "j", 2, "programs at a time")
	flag.BoolVar(&c.update, "update", false, "rewrite the list of what passes")
	flag.Parse()
	if pattern := flag.Arg(0); pattern != "" {
		var err error
		if c.only, err = regexp.Compile(pattern); err != nil {
			return err
		}
	}
	if c.tree == "" {
		root, err := goroot(ctx)
		if err != nil {
			return err
		}
		c.tree = filepath.Join(root, "test")
	}
	if _, err := os.Stat(c.tree); err != nil {
		return fmt.Errorf("finding the Go tree's tests (-goroot-test names another place): %w", err)
	}
	if *errorcheck {
		return c.errorcheck()
	}
	if err := os.MkdirAll(c.cache, 0o755); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	var err error
	if c.cache, err = filepath.Abs(c.cache); err != nil {
		return err
	}
	if *glue {
		return c.glue(ctx)
	}
	if c.binary == "" {
		c.binary = filepath.Join(c.cache, "gokernel")
		if err := build(ctx, c.binary, "gokernel/cmd/gokernel"); err != nil {
			return err
		}
	} else if c.binary, err = filepath.Abs(c.binary); err != nil {
		return err
	}
	if *reduce != "" {
		return c.reduce(ctx, *reduce)
	}
	if *fuzz > 0 {
		return c.fuzz(ctx, *fuzz, *seed, *findings)
	}
	if *gaps {
		return c.gaps(ctx)
	}
	return c.programs(ctx)
}

// goroot returns the root of the Go tree in use.
func goroot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("asking for GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// build compiles a package of ours, or a file, into binary.
func build(ctx context.Context, binary, what string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, what)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", what, err, out)
	}
	return nil
}

// buildAll compiles the programs in the directories of dir into dir/bin.
func buildAll(ctx context.Context, dir string) error {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, "p*"))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", bin + string(filepath.Separator)}, names...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building programs: %w\n%s", err, out)
	}
	return nil
}
