package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gokernel/internal/nbrun"
)

type verifyCmd struct {
	Files   []string      `arg:"" name:"FILE.ipynb" help:"Notebooks to verify."`
	Kernel  string        `placeholder:"NAME" help:"Run the notebooks with this kernel of Jupyter's, such as python3, instead of this program's own."`
	Timeout time.Duration `placeholder:"DURATION" help:"The longest that one cell may take, such as 30s or 5m. Without it there is no limit."`
	Jobs    int           `short:"j" default:"1" placeholder:"N" help:"Verify N notebooks at the same time (1 unless given)."`
	Shard   shard         `placeholder:"I/N" help:"Verify only the I-th of N parts of the files, such as 2/5."`
	Saved   bool          `xor:"mode" help:"Run nothing: compare the outputs that the notebooks were saved with, wherever they were run."`
	Update  bool          `xor:"mode" help:"Write what the cells show into the files as what is expected, instead of failing; patterns, and cells that must not fail and do, still fail."`
	JSON    string        `name:"json" placeholder:"FILE" help:"Write a report to FILE as JSON, or to standard output if FILE is -; differences go to standard error then."`
	JUnit   string        `name:"junit" placeholder:"FILE" help:"Write a report to FILE in the XML of JUnit; - is as for --json."`
}

// Help is shown by "gokernel verify --help".
func (verifyCmd) Help() string {
	return `Runs notebooks as "gokernel run" does and compares what each cell shows with what the notebook holds: its saved outputs, or the patterns in the cell's metadata where outputs vary. The files stay as they are. Differences are shown; the exit status is 1 if there is one.

  gokernel verify notebooks/*.ipynb
  gokernel verify --update lesson.ipynb      after a change that is meant
  gokernel verify --kernel python3 nb.ipynb  any notebook of any kernel
  gokernel verify --saved nb.ipynb           what somebody has run and saved

A cell with the tag skip-execution is not run, one with raises-exception may fail; so may nbval's tags and comments say.`
}

// A shard is one of several parts of a list of files. The zero value is all of them.
type shard struct{ part, parts int }

// UnmarshalText reads I/N.
func (s *shard) UnmarshalText(text []byte) error {
	first, second, found := strings.Cut(string(text), "/")
	part, err1 := strconv.Atoi(first)
	parts, err2 := strconv.Atoi(second)
	if !found || err1 != nil || err2 != nil || part < 1 || part > parts {
		return fmt.Errorf("%q is not of the form I/N with 1 ≤ I ≤ N", text)
	}
	s.part, s.parts = part, parts
	return nil
}

// check returns an error if flags are not what they may be.
func (c *verifyCmd) check() error {
	if c.Jobs < 1 {
		return fmt.Errorf("--jobs is %d: at least 1 notebook must be verified at a time", c.Jobs)
	}
	if c.JSON == "-" && c.JUnit == "-" {
		return errors.New("--json - and --junit - cannot both be written to standard output")
	}
	if c.JSON != "" && c.JUnit != "" && filepath.Clean(c.JSON) == filepath.Clean(c.JUnit) {
		return fmt.Errorf("--json and --junit both name %s: give each a file of its own", c.JSON)
	}
	return checkTimeout(c.Timeout)
}

// Run verifies the notebooks.
func (c *verifyCmd) Run(ctx context.Context, std streams) error {
	if err := c.check(); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	kernel, err := ownKernel()
	if c.Kernel != "" {
		kernel, err = namedKernel(ctx, c.Kernel)
	}
	if err != nil {
		return err
	}
	cfg := nbrun.VerifyConfig{
		Files: c.Files, Kernel: kernel, Timeout: c.Timeout, Jobs: c.Jobs, Shard: c.Shard.part, Shards: c.Shard.parts,
		Saved: c.Saved, Update: c.Update, Strict: c.Kernel == "", Stdout: forPeople(std.out), Stderr: forPeople(std.err), Terminal: isTerminal(os.Stderr),
	}
	var json, junit bytes.Buffer
	reports := []struct {
		name string
		text *bytes.Buffer
		to   *io.Writer
	}{{c.JSON, &json, &cfg.JSON}, {c.JUnit, &junit, &cfg.JUnit}}
	for _, r := range reports {
		switch r.name {
		case "":
			continue
		case "-":
			cfg.Stdout = forPeople(std.err)
		default:
			if err := nbrun.MayWrite(r.name); err != nil { // before anything runs
				return err
			}
		}
		*r.to = r.text
	}
	_, err = nbrun.VerifyFiles(ctx, cfg)
	for _, r := range reports {
		if r.text.Len() == 0 {
			continue // the run did not come to its end
		}
		if r.name == "-" {
			if _, err := r.text.WriteTo(std.out); err != nil {
				return err
			}
			continue
		}
		if err := nbrun.WriteFile(r.name, r.text.Bytes()); err != nil {
			return err
		}
	}
	return told(err)
}
