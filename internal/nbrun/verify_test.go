package nbrun

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/nbformat"
)

// writeNotebook writes cells into a file of the test's own directory.
func writeNotebook(t *testing.T, name string, cells ...any) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := writeFile(file, notebook(t, cells...)); err != nil {
		t.Fatal(err)
	}
	return file
}

// verify runs VerifyFiles with the fake kernel.
func verify(t *testing.T, cfg VerifyConfig) (r *Report, printed string, err error) {
	t.Helper()
	var out bytes.Buffer
	cfg.Kernel, cfg.Stdout, cfg.Stderr = fakeKernel, &out, &out
	cfg.Strict = true
	r, err = VerifyFiles(t.Context(), cfg)
	return r, out.String(), err
}

// statuses lists the verdicts by cell.
func statuses(f FileReport) string {
	var all []string
	for _, c := range f.Cells {
		all = append(all, c.Status)
	}
	return strings.Join(all, " ")
}

func TestVerify(t *testing.T) {
	recorded := func(source string, outs ...string) *nbformat.Cell {
		return outputs(&nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{}}, outs...)
	}
	good := writeNotebook(t, "good.ipynb",
		expecting("took", map[string]any{"pattern": "Finished in {seconds 1.0..1.9} seconds\n"}),
		recorded("print a\nprint b", "out:a\nb\n"),
		"print anything",
		tagged("fail x", "nbval-skip"),
		tagged("fail x", "raises-exception"),
		&nbformat.Cell{Type: nbformat.Markdown, Source: "fail"},
		expecting("fail boom", map[string]any{"error": "panic: boom"}))
	r, printed, err := verify(t, VerifyConfig{Files: []string{good}})
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if got, want := statuses(r.Files[0]), "passed passed ran skipped ran passed"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}

	wrong := expecting("took", map[string]any{"pattern": "Finished in {seconds 2.0..} seconds\n"})
	wrong.Metadata[metadataKey].(map[string]any)["listing"] = "52.4"
	stale := expecting("print a", "a\n")
	bad := writeNotebook(t, "bad.ipynb", wrong, recorded("print b", "out:a\n"), "print 1\nfail boom", "print after",
		outputs(stale, "out:old\n"))
	r, printed, err = verify(t, VerifyConfig{Files: []string{bad}})
	if !errors.Is(err, ErrFailed) {
		t.Fatalf("got %v, want ErrFailed", err)
	}
	if got, want := statuses(r.Files[0]), "failed failed failed ran failed"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}
	for _, want := range []string{
		bad + ": cell 1 (52.4): stdout is not as expected",
		"+ Finished in 1.20 seconds   (1.20 is below 2.0)",
		"  - a\n", "  + b\n",
		bad + ": cell 3 (cell-3), line 2: panic: boom",
		bad + ": cell 5 (cell-5): recorded stdout is not as expected",
		"FAIL " + bad + ": 0 cells as expected, 4 failed, 1 ran",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in\n%s", want, printed)
		}
	}
}

func TestVerifyLate(t *testing.T) {
	file := writeNotebook(t, "late.ipynb", expecting("print a\nlater print b", "a\nb\n"), "later print x\nlater fail boom",
		tagged("later fail allowed", "raises-exception"), "release")
	r, printed, err := verify(t, VerifyConfig{Files: []string{file}})
	if !errors.Is(err, ErrFailed) {
		t.Fatal(err, printed)
	}
	if got, want := statuses(r.Files[0]), "passed failed ran ran"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}
	if !strings.Contains(printed, "cell 2 (cell-2), line 2: panic: boom") {
		t.Errorf("the late failure is not told:\n%s", printed)
	}
}

func TestVerifyReports(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", expecting("print a", "b\n"), "print <&>", tagged("print", "skip-execution"))
	missing := filepath.Join(t.TempDir(), "no.ipynb")
	var js, junit bytes.Buffer
	_, printed, err := verify(t, VerifyConfig{Files: []string{file, missing}, JSON: &js, JUnit: &junit})
	if !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(js.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for i := range r.Files {
		r.Files[i].Seconds = 0
		for k := range r.Files[i].Cells {
			r.Files[i].Cells[k].Seconds = 0
		}
	}
	want := []FileReport{
		{File: file, Cells: []CellReport{
			{Number: 1, ID: "cell-1", Status: Failed, Differences: []Difference{{"stdout", "  + a\n  - b\n"}}},
			{Number: 2, ID: "cell-2", Status: Ran}, {Number: 3, ID: "cell-3", Status: Skipped}}},
		{File: missing, Error: "open " + missing + ": no such file or directory"},
	}
	if !sameLines(r.Files[0].Cells[0].Differences[0].Text, "  + a\n  - b\n") {
		t.Errorf("difference %q", r.Files[0].Cells[0].Differences[0].Text)
	}
	r.Files[0].Cells[0].Differences[0].Text = "  + a\n  - b\n"
	if diff := cmp.Diff(want, r.Files); diff != "" {
		t.Errorf("JSON (-want +got):\n%s\nprinted:\n%s", diff, printed)
	}
	var suites junitSuites
	if err := xml.Unmarshal(junit.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	s := suites.Suites[0]
	if s.Tests != 3 || s.Failures != 1 || s.Skipped != 1 || suites.Suites[1].Errors != 1 || s.Cases[0].Failure == nil {
		t.Errorf("JUnit: %s", junit.String())
	}
}

func TestVerifyTellsAuthorsFirst(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", "die", expecting("print a", map[string]any{"pattern": "{nit}"}))
	r, _, err := verify(t, VerifyConfig{Files: []string{file}})
	const want = "cell 2: metadata gokernel.expect: pattern: line 1: unknown hole {nit}"
	if !errors.Is(err, ErrFailed) || !strings.HasPrefix(r.Files[0].Error, want) {
		t.Errorf("got %v, %q, want %q", err, r.Files[0].Error, want)
	}
}

func TestVerifyDeathAndTimeout(t *testing.T) {
	dead := writeNotebook(t, "dead.ipynb", "print a", "die", "print b")
	slow := writeNotebook(t, "slow.ipynb", "print a", "hang", "print goes on")
	r, printed, err := verify(t, VerifyConfig{Files: []string{dead, slow}, Jobs: 2, Timeout: 300 * time.Millisecond})
	if !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if got, want := statuses(r.Files[0]), "ran failed failed"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}
	if got, want := statuses(r.Files[1]), "ran failed ran"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}
	if !strings.Contains(printed, "the kernel died: exit status 3") || !strings.Contains(printed, "cell 2 (cell-2): not done after 300ms") {
		t.Errorf("printed:\n%s", printed)
	}
}

func TestVerifyUpdate(t *testing.T) {
	ours := expecting("print new", map[string]any{"exact": "old\n", "ignore": []any{"stderr"}})
	ours.Metadata[metadataKey].(map[string]any)["listing"] = "1.1"
	failing := expecting("fail new", map[string]any{"error": "panic: old"})
	parts := expecting("warn w\nvalue 8\nshow s", map[string]any{"stdout": map[string]any{"exact": "gone\n"}, "stderr": "v\n", "result": map[string]any{"exact": "7"},
		"display": []any{map[string]any{"text/plain": "r"}}})
	cells := []any{ours, expecting("print x", "y\n"), "print recorded", failing, parts, expecting("value 1\nprint more", map[string]any{"exact": "more\n"}),
		expecting("print", map[string]any{"exact": "\n", "result": "7"}), outputs(tagged("fail x", "raises-exception"), "out:was\n")}
	file := writeNotebook(t, "a.ipynb", cells...)
	r, printed, err := verify(t, VerifyConfig{Files: []string{file}, Update: true})
	if got, want := statuses(r.Files[0]), "updated updated ran updated updated updated updated updated"; got != want || err != nil {
		t.Fatalf("updating: %v, %s, want %s\n%s", err, got, want, printed)
	}
	for _, want := range []string{"- old\n", "+ new\n", "ok   " + file + ": 0 cells as expected, 0 failed, 1 ran, 7 updated"} {
		if !strings.Contains(printed, want) {
			t.Errorf("an update does not tell %q:\n%s", want, printed)
		}
	}
	r, printed, err = verify(t, VerifyConfig{Files: []string{file}})
	if got := statuses(r.Files[0]); got != strings.TrimSpace(strings.Repeat("passed ", 8)) || err != nil {
		t.Errorf("after the update: %v, %s\n%s", err, got, printed)
	}
	nb, err := readFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"exact": "new\n", "ignore": []any{"stderr"}}, "x\n", nil, map[string]any{"error": "panic: new"},
		map[string]any{"stderr": "w\n", "result": "8", "display": []any{map[string]any{"text/plain": "s"}}},
		map[string]any{"exact": "more\n", "result": "1"}, "\n", nil}
	for i, c := range nb.Cells {
		if diff := cmp.Diff(want[i], own(c)["expect"]); diff != "" {
			t.Errorf("cell %d: %s", i+1, diff)
		}
	}
	if own(nb.Cells[0])["listing"] != "1.1" {
		t.Error("the listing is gone")
	}
}

// Patterns are for their author to mend, and an error of a cell that must not fail is none to be expected.
func TestVerifyUpdateLeaves(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", expecting("print z", map[string]any{"pattern": "{int}\n"}), expecting("fail x", "y\n"), "fail y")
	for _, update := range []bool{true, false} {
		r, printed, err := verify(t, VerifyConfig{Files: []string{file}, Update: update})
		if got, want := statuses(r.Files[0]), "failed failed failed"; got != want || !errors.Is(err, ErrFailed) {
			t.Errorf("update %v: %v, %s, want %s\n%s", update, err, got, want, printed)
		}
	}
}

func TestShard(t *testing.T) {
	files := []string{"a", "b", "c", "d", "e"}
	var all []string
	for i := 1; i <= 3; i++ {
		some, err := shard(files, i, 3)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	if diff := cmp.Diff([]string{"a", "d", "b", "e", "c"}, all); diff != "" {
		t.Error(diff)
	}
	for _, i := range []int{0, 4} {
		if _, err := shard(files, i, 3); err == nil {
			t.Errorf("shard %d/3: no error", i)
		}
	}
}

func TestRunFiles(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", "print one\nwarn careful", "value 7")
	var out, errs bytes.Buffer
	cfg := RunConfig{Files: []string{file}, Kernel: fakeKernel, Stdout: &out, Stderr: &errs, Terminal: true}
	if err := RunFiles(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "one\n7\n" {
		t.Errorf("stdout %q", got)
	}
	for _, want := range []string{"careful\n", "0/2 a.ipynb: cell 1 of 2", "1/2 a.ipynb: cell 2 of 2", "\r\x1b[K"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no %q in stderr %q", want, errs.String())
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := nbformat.Validate(b); err != nil {
		t.Error(err)
	}
	nb, err := readFile(file)
	if err != nil || text(t, nb) != string(b) || len(nb.Cells[0].Outputs) != 2 || *nb.Cells[1].ExecutionCount != 2 {
		t.Errorf("the file is not the executed notebook in canonical form (%v):\n%s", err, b)
	}
}

func TestRunFilesFails(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", "print one", "print two\nfail boom", "print three")
	out := t.TempDir() + string(filepath.Separator)
	var stdout, stderr bytes.Buffer
	err := RunFiles(t.Context(), RunConfig{Files: []string{file}, Out: out, Kernel: fakeKernel, Stdout: &stdout, Stderr: &stderr})
	if !errors.Is(err, ErrFailed) || !strings.Contains(stderr.String(), file+": cell 2, line 2: panic: boom\n") {
		t.Errorf("got %v, stderr %q", err, stderr.String())
	}
	nb, err := readFile(filepath.Join(out, "a.ipynb"))
	if err != nil || len(nb.Cells[1].Outputs) != 2 {
		t.Errorf("the notebook with the error was not written (%v)", err)
	}
	if was, err := readFile(file); err != nil || len(was.Cells[1].Outputs) != 0 {
		t.Errorf("the original was changed (%v)", err)
	}
}

func TestRunFilesErrors(t *testing.T) {
	a, b := writeNotebook(t, "a.ipynb", "die"), writeNotebook(t, "a.ipynb", "print b")
	broken := filepath.Join(t.TempDir(), "broken.ipynb")
	if err := os.WriteFile(broken, []byte("package main"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		files []string
		out   string
		want  string
	}{
		{nil, "", "no notebook"},
		{[]string{a, broken}, "", broken + ": not a notebook: not JSON: line 1, column 1"},
		{[]string{a, b}, filepath.Join(t.TempDir(), "x.ipynb"), "is no directory, but there are 2 notebooks"},
		{[]string{a, b}, t.TempDir(), "would both be written to"},
		{[]string{a}, "", "cell 1: the kernel died: exit status 3"},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		err := RunFiles(t.Context(), RunConfig{Files: tt.files, Out: tt.out, Kernel: fakeKernel, Stdout: &out, Stderr: &out})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q to %q: got %v, want %q", tt.files, tt.out, err, tt.want)
		}
	}
}

func TestWriteFileKeepsModeAndLinks(t *testing.T) {
	file := writeNotebook(t, "a.ipynb", "print a")
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.ipynb")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, notebook(t, "print b")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced (%v)", err)
	}
	if info, err = os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if nb, err := readFile(file); err != nil || nb.Cells[0].Source != "print b" {
		t.Errorf("not written through the link (%v)", err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files left, want the notebook alone (%v)", len(left), err)
	}
	if err := writeFile(filepath.Join(t.TempDir(), "none", "x.ipynb"), notebook(t)); err == nil {
		t.Error("no error for a directory that is missing")
	}
}

// TestVerifySaved judges notebooks that were run elsewhere. The fake kernel would fail on their cells.
func TestVerifySaved(t *testing.T) {
	ran := func(c *nbformat.Cell, outs ...string) *nbformat.Cell {
		n := 1
		c.ExecutionCount = &n
		return outputs(c, outs...)
	}
	code := func(source string) *nbformat.Cell {
		return &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{}}
	}
	failed := ran(code("elsewhere"))
	failed.Outputs = append(failed.Outputs, &nbformat.Output{Type: nbformat.Error, EName: "panic", EValue: "boom"})
	allowed := ran(tagged("elsewhere", "raises-exception"))
	allowed.Outputs = failed.Outputs
	file := writeNotebook(t, "saved.ipynb",
		ran(expecting("elsewhere", map[string]any{"pattern": "took {int 1..9}\n"}), "out:took 3\n"),
		ran(expecting("elsewhere", map[string]any{"pattern": "took {int 1..9}\n"}), "out:took 33\n"),
		expecting("elsewhere", map[string]any{"pattern": "took {int 1..9}\n"}),
		ran(code("elsewhere"), "out:anything\n"), failed, allowed, tagged("elsewhere", "skip-execution"))
	r, printed, err := verify(t, VerifyConfig{Files: []string{file}, Saved: true})
	if !errors.Is(err, ErrFailed) {
		t.Fatalf("got %v, want ErrFailed\n%s", err, printed)
	}
	if got, want := statuses(r.Files[0]), "passed failed failed ran failed ran skipped"; got != want {
		t.Errorf("got %s, want %s\n%s", got, want, printed)
	}
	for _, want := range []string{"33 is above 9", "cell 3 (cell-3): it has not been run", "cell 5 (cell-5): panic: boom"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not said:\n%s", want, printed)
		}
	}
}
