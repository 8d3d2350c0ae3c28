package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// transcripts are sessions of cells with what they show; the tests of kernel/interp run them through the interpreter.
const transcripts = "kernel/interp/testdata/transcripts"

// A transcript is one of them.
type transcript struct {
	name  string // "language/closures"
	file  string
	title string
	cells []string
	want  string
}

// errNotGlued is wrapped by errors that say why cells make no program: a type or a method that is declared again has two
// meanings, and a program can hold only one.
var errNotGlued = errors.New("cannot be one program")

// readTranscripts reads all of them.
func (c *config) readTranscripts() ([]transcript, error) {
	files, err := filepath.Glob(filepath.Join(c.transcripts, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []transcript
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading transcripts: %w", err)
		}
		for _, text := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			title, body, _ := strings.Cut(text, "\n")
			cells, want, ok := strings.Cut(body, "\n--- want\n")
			t := transcript{name: strings.TrimSuffix(filepath.Base(file), ".txt") + "/" + title, file: file, title: title,
				cells: strings.Split(strings.TrimRight(cells, "\n"), "\n---\n"), want: want}
			if !ok && !c.update {
				return nil, fmt.Errorf("%s wants nothing", t.name)
			}
			if c.only == nil || c.only.MatchString(t.name) {
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// glue makes one program of the cells of each transcript, runs it compiled, and compares what it prints with what the
// transcript wants.
func (c *config) glue(ctx context.Context) error {
	all, err := c.readTranscripts()
	if err != nil {
		return err
	}
	var glued, held, refusals, wrong int
	for start := 0; start < len(all); start += 50 { // a build of all would show the errors of none
		batch := all[start:min(start+50, len(all))]
		got, skipped, err := c.printed(ctx, batch)
		if err != nil {
			return err
		}
		for i, t := range batch {
			if skipped[i] != nil {
				fmt.Printf("not glued %s: %v\n", t.name, skipped[i])
				continue
			}
			glued++
			if strings.Contains(t.want, " is not supported by the interpreter") {
				refusals++
				continue
			}
			if c.update && comparable(got[i]) != comparable(t.want) {
				batch[i].want = got[i]
			} else if got, want := comparable(got[i]), comparable(t.want); got != want {
				wrong++
				fmt.Printf("differs   %s: %s\n", t.name, difference(want, got))
				continue
			}
			held++
		}
	}
	fmt.Printf("%d transcripts, %d of them glued into programs: %d want what compiled Go prints, %d a refusal\n", len(all), glued, held, refusals)
	if c.update {
		return writeTranscripts(all)
	}
	if wrong > 0 {
		return fmt.Errorf("%d transcripts want something else than compiled Go prints", wrong)
	}
	return nil
}

// writeTranscripts writes the files of transcripts anew; all must hold each file's transcripts one after the other.
func writeTranscripts(all []transcript) error {
	text := map[string]string{}
	for _, t := range all {
		text[t.file] += "=== " + t.title + "\n" + strings.Join(t.cells, "\n---\n") + "\n--- want\n" + strings.TrimSpace(t.want) + "\n\n"
	}
	for file, text := range text {
		if err := os.WriteFile(file, []byte(strings.TrimRight(text, "\n")+"\n"), 0o644); err != nil {
			return fmt.Errorf("writing transcripts: %w", err)
		}
	}
	return nil
}

// printed returns what the programs of the transcripts print, or why there is none.
func (c *config) printed(ctx context.Context, batch []transcript) (outputs []string, skipped []error, err error) {
	outputs, skipped = make([]string, len(batch)), make([]error, len(batch))
	dir, err := os.MkdirTemp(c.cache, "glue-")
	if err != nil {
		return nil, nil, fmt.Errorf("making a directory for programs: %w", err)
	}
	defer os.RemoveAll(dir) // in the cache, harmless if left
	build := false
	kept := make([]string, len(batch))
	for i, t := range batch {
		src, err := gluedProgram(t.cells)
		if err != nil {
			skipped[i] = err
			continue
		}
		sum := sha256.Sum256([]byte(src))
		kept[i] = filepath.Join(c.cache, "glued-"+hex.EncodeToString(sum[:12])+".json")
		if data, err := os.ReadFile(kept[i]); err == nil && json.Unmarshal(data, &outputs[i]) == nil {
			kept[i] = ""
			continue
		}
		build = true
		at := filepath.Join(dir, fmt.Sprintf("p%d", i))
		if err := os.Mkdir(at, 0o755); err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(filepath.Join(at, "main.go"), []byte(src), 0o644); err != nil {
			return nil, nil, err
		}
	}
	if !build {
		return outputs, skipped, nil
	}
	if err := buildAll(ctx, dir); err != nil {
		for _, m := range culprit.FindAllStringSubmatch(err.Error(), -1) {
			i, _ := strconv.Atoi(m[1]) // digits, by the expression
			if i < len(batch) && skipped[i] == nil {
				skipped[i] = errors.New(m[0])
				if err := os.RemoveAll(filepath.Join(dir, "p"+m[1])); err != nil {
					return nil, nil, err
				}
			}
		}
		if err := buildAll(ctx, dir); err != nil {
			return nil, nil, err
		}
	}
	for i, t := range batch {
		if kept[i] == "" || skipped[i] != nil {
			continue
		}
		o, err := execute(ctx, dir, c.timeout, "sh", "-c", `exec "$0" 2>&1`, filepath.Join(dir, "bin", fmt.Sprintf("p%d", i)))
		if err != nil {
			return nil, nil, err
		}
		if o.TimedOut || o.Status != 0 {
			skipped[i] = fmt.Errorf("the program of %s ended with status %d: %s", t.name, o.Status, o.Stdout)
			continue
		}
		outputs[i] = o.Stdout
		data, err := json.Marshal(o.Stdout)
		if err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(kept[i], data, 0o644); err != nil {
			return nil, nil, err
		}
	}
	return outputs, skipped, nil
}

// culprit matches an error of the compiler in the program of a transcript.
var culprit = regexp.MustCompile(`p(\d+)/main\.go:.*`)

// frame is a line of a traceback, which a compiled program shows otherwise.
var frame = regexp.MustCompile(`^  .+ cell \[\d+\]:\d+$`)

// comparable returns what a transcript shows without tracebacks, and blanks at the ends of lines.
func comparable(shown string) string {
	var kept []string
	for line := range strings.Lines(shown) {
		line = strings.TrimRight(line, " \n")
		if !frame.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
