package lessons

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/internal/nbrun"
)

// build compiles the program of a lesson and returns its path. The files are laid over the lesson's directory, for only
// inside the module can they import its internal packages.
func build(t *testing.T, l Lesson) string {
	t.Helper()
	files, err := l.Program()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(l.Dir)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	replace := map[string]string{}
	for name, text := range files {
		file := filepath.Join(temp, name)
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, "program", name)] = file
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile, bin := filepath.Join(temp, "overlay.json"), filepath.Join(temp, "program.exe")
	if err := os.WriteFile(overlayFile, overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"build", "-overlay", overlayFile, "-o", bin}
	if underRace {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "./"+l.Dir+"/program")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the program of %s: %v\n%s", l.Name, err, out)
	}
	return bin
}

// TestCompiledLessons holds the cells, compiled by the Go toolchain, to the outputs that the notebook's cells are held to.
func TestCompiledLessons(t *testing.T) {
	for _, l := range all(t) {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			bin := build(t, l)
			var ids []string
			for _, c := range l.Cells {
				switch {
				case c.Func == "" || c.Draws || underRace && c.Racy:
				case c.Dies:
					dies(t, bin, c)
				default:
					ids = append(ids, c.ID)
				}
			}
			// What measures time may be disturbed by other programs, but not each time.
			var failed []string
			for range 4 {
				var again bool
				if failed, again = compiled(t, l, bin, ids); len(failed) == 0 || !again {
					break
				}
			}
			for _, f := range failed {
				t.Error(f)
			}
		})
	}
}

// compiled runs cells of a compiled lesson, and returns in which of them something is not as expected. It is worth trying
// again if all of these measure time.
func compiled(t *testing.T, l Lesson, bin string, ids []string) (failed []string, again bool) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(bin, ids...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return []string{fmt.Sprintf("the compiled lesson ends with %v:\n%s", err, &stderr)}, false
	}
	again = true
	outs, errs := Split(stdout.String()), Split(stderr.String())
	for _, c := range l.Notebook().Cells {
		shown, ran := outs[c.ID]
		if !ran {
			continue
		}
		e, err := nbrun.Expected(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range e.Compare(nbrun.Shown{Stdout: shown, Stderr: errs[c.ID]}) {
			if strings.HasPrefix(d.Part, "display") {
				continue // a program outside of a notebook has nobody to show something to
			}
			failed = append(failed, fmt.Sprintf("cell %s, compiled: %s is not as expected:\n%s", c.ID, d.Part, d.Text))
			again = again && nbrun.IsTiming(c)
		}
	}
	if len(outs) != len(ids) {
		return append(failed, fmt.Sprintf("%d cells ran, want %d", len(outs), len(ids))), false
	}
	return failed, again
}

// dies runs a cell that ends the process.
func dies(t *testing.T, bin string, c Cell) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(bin, c.ID)
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) {
		t.Errorf("cell %s, compiled: ends with %v, want it to die", c.ID, err)
	}
	words := stderr.String()[:min(stderr.Len(), 500)]
	if c.LastWords == "" || !strings.Contains(words, c.LastWords) {
		t.Errorf("cell %s, compiled: last words are not %q:\n%s", c.ID, c.LastWords, words)
	}
}
