package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gokernel/internal/nbrun"
	"gokernel/lessons"
)

type lessonsCmd struct {
	Dir     string `arg:"" name:"DIR" help:"Where they go. It is made if it is not there."`
	Edition string `default:"reader" enum:"reader,student,teacher" help:"Who they are for: reader (solutions folded away, outputs recorded), student (starters instead of solutions, no hidden checks, no outputs) or teacher (everything)."`
	Lang    string `default:"en" enum:"en,zh" help:"Their language: en or zh."`
	Force   bool   `help:"Write over notebooks that are there and differ."`
}

// Help is shown by "gokernel lessons --help".
func (lessonsCmd) Help() string {
	return `Writes the lessons' notebooks, which this program carries.

  gokernel lessons .                                          to read and to run
  gokernel lessons source/concurrency --edition teacher       for nbgrader, or for a teacher's desk
  gokernel lessons handout --edition student --lang zh        for a class

Nothing is written if a notebook of that name is there already and differs, unless --force is given.`
}

// Run writes the notebooks and lists them.
func (c *lessonsCmd) Run(std streams) error {
	all, err := lessons.All(lessons.Source())
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	var names []string
	for _, l := range all {
		nb, err := l.In(lessons.Source(), lessons.Edition(c.Edition), c.Lang)
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(std.err, "%s is not there in %s yet\n", l.Name, c.Lang)
			continue
		}
		if err != nil {
			return err
		}
		b, err := nb.Bytes()
		if err != nil {
			return fmt.Errorf("writing %s: %w", l.Name, err)
		}
		name := filepath.Join(c.Dir, l.Name+".ipynb")
		old, err := os.ReadFile(name)
		if err == nil && !bytes.Equal(old, b) && !c.Force {
			return fmt.Errorf("%s is there already and differs; --force writes over it", name)
		}
		files[name] = b
		names = append(names, name)
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	for _, name := range names {
		if err := nbrun.WriteFile(name, files[name]); err != nil {
			return err
		}
		fmt.Fprintln(std.out, name)
	}
	return nil
}
