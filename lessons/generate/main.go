// Command generate writes the notebooks from the lessons. It runs in lessons, by go generate.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"gokernel/internal/nbformat"
	"gokernel/lessons"
)

func main() {
	log.SetFlags(0)
	if err := generate(".", filepath.Join("..", "notebooks")); err != nil {
		log.Fatalf("generating notebooks: %v", err)
	}
}

func generate(from, to string) error {
	all, err := lessons.All(os.DirFS(from))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, l := range all {
		b, err := l.Notebook().Bytes()
		if err != nil {
			return fmt.Errorf("writing %s: %w", l.Name, err)
		}
		if err := nbformat.Validate(b); err != nil {
			return fmt.Errorf("%s is no valid notebook: %w", l.Name, err)
		}
		if err := os.WriteFile(filepath.Join(to, l.Name+".ipynb"), b, 0o666); err != nil {
			return err
		}
	}
	return nil
}
