package nbformat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// The goldens come from the Python package nbformat, see testdata/golden.py.
func TestWriteAsPythonDoes(t *testing.T) {
	ins, err := filepath.Glob("testdata/golden/*.in.ipynb")
	if err != nil || len(ins) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, in := range ins {
		t.Run(filepath.Base(in), func(t *testing.T) {
			nb := readFile(t, in)
			if strings.HasPrefix(filepath.Base(in), "old") {
				for i, c := range nb.Cells { // the reference's ids are random
					c.ID = fmt.Sprintf("ID%d", i)
				}
			}
			got, err := nb.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.Replace(in, ".in.", ".", 1))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("bytes differ from Python's (-want +got):\n%s", diff)
			}
			again, err := Parse(got)
			if err != nil {
				t.Fatal(err)
			}
			twice, err := again.Bytes()
			if err != nil || !bytes.Equal(twice, got) {
				t.Errorf("reading and writing again changes the bytes (err %v)", err)
			}
		})
	}
}

func readFile(t *testing.T, name string) *Notebook {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	nb, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func TestReadErrors(t *testing.T) {
	tests := []struct {
		name, in string
		is       error
		want     string
	}{
		{"empty", "", ErrEmpty, "the file is empty"},
		{"blank", " \n", ErrEmpty, "the file is empty"},
		{"not JSON", "package main\n", ErrNotJSON, "not a notebook: not JSON: line 1, column 1: invalid character 'p' looking for beginning of value"},
		{"not JSON later", "{\n \"é\": x}", ErrNotJSON, "line 2, column 7: invalid character 'x'"},
		{"truncated", "{\"nbformat\": 4,\n \"cells\": [", ErrTruncated, "the file ends in the middle (was it cut off?): line 2"},
		{"not UTF-8", "{\"a\": \"\xff\"}", ErrNotJSON, "line 1, column 8: not UTF-8 text"},
		{"two documents", `{"nbformat":4} {}`, ErrNotJSON, "text after the end"},
		{"list", `[1]`, ErrShape, "the document is a list, want an object"},
		{"other JSON", `{"a": 1}`, ErrShape, `no field "nbformat"`},
		{"version 3", `{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}`, ErrVersion, "version 3.0, want 4.0 to 4.5 (convert"},
		{"version 5", `{"nbformat": 5, "cells": []}`, ErrVersion, "version 5.0, want 4.0 to 4.5"},
		{"version text", `{"nbformat": "4", "cells": []}`, ErrShape, `"nbformat" is a string, want a whole number`},
		{"no cells", `{"nbformat": 4, "metadata": {}}`, ErrShape, "no cells"},
		{"cells object", `{"nbformat": 4, "cells": {}}`, ErrShape, `notebook: "cells" is an object, want a list`},
		{"cell number", `{"nbformat": 4, "cells": [3]}`, ErrShape, "cell 1 is a number, want an object"},
		{"no type", `{"nbformat": 4, "cells": [{"source": ""}]}`, ErrShape, "cell 1 has no cell_type"},
		{"source", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}`, ErrShape, `cell 1: "source" is a list, want text`},
		{"count", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "execution_count": 1.5}]}`, ErrShape, `cell 1: "execution_count" is a number, want a whole number`},
		{"output", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": [{"output_type": "stream", "text": {}}]}]}`, ErrShape, `cell 1, output 1: "text" is an object, want text`},
		{"output type", `{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": [{}]}]}`, ErrShape, `cell 1, output 1 has no output_type`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.in))
			if !errors.Is(err, tt.is) {
				t.Errorf("got error %v, want one that is %v", err, tt.is)
			}
			if err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("got %q, want one line with %q", err, tt.want)
			}
		})
	}
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want the reader's own error", err)
	}
}

func TestQuirksAreMended(t *testing.T) {
	const in = "\xef\xbb\xbf" + `{"nbformat": 4, "nbformat_minor": 5, "extra": {"k": 1}, "cells": [
		{"cell_type": "code", "source": "a", "id": "x"},
		{"cell_type": "code", "source": "a", "id": "x", "metadata": {}, "outputs": [{"output_type": "stream"}], "execution_count": 2},
		{"cell_type": "markdown", "source": "b", "id": "bad id", "metadata": {}, "outputs": []},
		{"cell_type": "video", "metadata": {}, "source": "", "url": "u"}]}`
	nb, err := Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range nb.Quirks {
		got = append(got, q.String())
	}
	want := []string{
		"starts with a byte order mark", "no metadata",
		"cell 1: no metadata", "cell 1: no execution_count", "cell 1: no outputs",
		"cell 2: output 1 has no name", "cell 2: output 1 has no text",
		`cell 3: unknown fields "outputs"`, `unknown field "extra"`,
		`cell 2: id "x" is another cell's; renamed ` + nb.Cells[1].ID,
		`cell 3: id "bad id" is not 1 to 64 letters, digits, - or _`,
		`cell 4: no id; named ` + nb.Cells[3].ID,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quirks (-want +got):\n%s", diff)
	}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"extra": {`, `"url": "u"`, `"outputs": []`} {
		if !strings.Contains(string(b), field) {
			t.Errorf("unknown field %s is gone:\n%s", field, b)
		}
	}
}

func TestStableIDs(t *testing.T) {
	const in = `{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [
		{"cell_type": "code", "source": "a", "metadata": {}, "outputs": [], "execution_count": null},
		{"cell_type": "code", "source": "a", "metadata": {}, "outputs": [], "execution_count": null},
		{"cell_type": "markdown", "source": "a", "metadata": {}}]}`
	one, err := Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	two, err := Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("two readings differ:\n%s", diff)
	}
	seen := map[string]bool{}
	for _, c := range one.Cells {
		if !validID(c.ID) || seen[c.ID] {
			t.Errorf("id %q is invalid or not unique", c.ID)
		}
		seen[c.ID] = true
	}
	b, err := one.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := Validate(b); err != nil {
		t.Errorf("the upgraded notebook: %v", err)
	}
}

func TestValidate(t *testing.T) {
	good, err := os.ReadFile("testdata/golden/all.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if err := Validate(good); err != nil {
		t.Errorf("the golden is valid, got %v", err)
	}
	change := func(old, new string) string {
		t.Helper()
		s := strings.Replace(string(good), old, new, 1)
		if s == string(good) {
			t.Fatalf("no %q in the golden", old)
		}
		return s
	}
	tests := []struct{ name, in, want string }{
		{"id", change(`"id": "raw-1"`, `"id": "raw 1"`), "invalid notebook: cell 2, id: 'raw 1' does not match pattern"},
		{"same ids", change(`"id": "raw-1"`, `"id": "intro"`), `cell 2, id: "intro" is also the id of cell 1`},
		{"no source type", change(`"source": []`, `"source": 3`), "cell 3, source: got number, want string"},
		{"unknown field", change(`"id": "raw-1"`, `"id": "raw-1", "outputs": []`), "cell 2: additional properties 'outputs' not allowed"},
		{"cell type", change(`"cell_type": "raw"`, `"cell_type": "vid"`), "cell 2, cell_type: value must be"},
		{"output", change(`"ename": "panic",`, ``), "cell 4, output 4: missing property 'ename'"},
		{"old", change(`"nbformat_minor": 5`, `"nbformat_minor": 4`), "nbformat: version is 4.4, want 4.5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Validate([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	huge := change(`"zeta": []`, `"orig_nbformat": 1e999999999`)
	if err := Validate([]byte(huge)); err != nil {
		t.Errorf("a huge whole number is valid there, got %v", err)
	}
	if err := Validate(nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v, want ErrEmpty", err)
	}
}

func TestCloneSharesNothingThatRunsChange(t *testing.T) {
	nb := readFile(t, "testdata/golden/all.in.ipynb")
	before, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	c := nb.Clone()
	c.Metadata["language_info"] = nil
	for _, cell := range c.Cells {
		cell.Metadata["x"] = 1
		cell.Source = ""
		for _, o := range cell.Outputs {
			o.Text, o.Data = "", nil
		}
		cell.Outputs = nil
	}
	after, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Errorf("changing the clone changed the notebook:\n%s", diff)
	}
}

func TestWriteGoValues(t *testing.T) {
	type point struct{ X, Y int }
	nb := &Notebook{Metadata: map[string]any{"p": point{1, 2}, "tags": []string{"a"}, "f": 2.0, "n": int64(7)}}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const want = "{\n \"cells\": [],\n \"metadata\": {\n  \"f\": 2.0,\n  \"n\": 7,\n  \"p\": {\n   \"X\": 1,\n   \"Y\": 2\n  },\n" +
		"  \"tags\": [\n   \"a\"\n  ]\n },\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n"
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Error(diff)
	}
	nb.Metadata["bad"] = make(chan int)
	if _, err := nb.Bytes(); err == nil {
		t.Error("a channel has no form in JSON, got no error")
	}
}

// FuzzRead: whatever the bytes, Read returns a notebook or one line, and what it accepts is written in a
// form that is read again as the same.
func FuzzRead(f *testing.F) {
	ins, err := filepath.Glob("testdata/golden/*.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	for _, in := range ins {
		b, err := os.ReadFile(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [{"output_type": "x", "text": ["a"]}], "source": [""]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		nb, err := Parse(b)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			return
		}
		one, err := nb.Bytes()
		if err != nil {
			return // a number that is out of range
		}
		again, err := Parse(one)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, one)
		}
		two, err := again.Bytes()
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("writing is not stable (err %v):\n%s", err, cmp.Diff(string(one), string(two)))
		}
		_ = Validate(one) // must not panic; the verdict depends on the input
	})
}
