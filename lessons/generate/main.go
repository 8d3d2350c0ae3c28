// Command generate writes the notebooks from the lessons. It runs in lessons, by go generate.
package main

import (
	"errors"
	"fmt"
	"io/fs"
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
	for _, language := range append([]string{"en"}, lessons.Languages()...) {
		dir := to
		if language != "en" {
			dir = filepath.Join(to, language)
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		for _, l := range all {
			nb, err := l.In(os.DirFS(from), lessons.Reader, language)
			if errors.Is(err, fs.ErrNotExist) {
				log.Printf("%s is not there in %s yet", l.Name, language)
				continue
			}
			if err != nil {
				return err
			}
			b, err := nb.Bytes()
			if err != nil {
				return fmt.Errorf("writing %s: %w", l.Name, err)
			}
			if err := nbformat.Validate(b); err != nil {
				return fmt.Errorf("%s is no valid notebook: %w", l.Name, err)
			}
			if err := os.WriteFile(filepath.Join(dir, l.Name+".ipynb"), b, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
