package nbrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// The goldens come from nbclient, see testdata/golden.py.
func TestCollectAsNBClient(t *testing.T) {
	files, err := filepath.Glob("testdata/nbclient/*.messages.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		for name, mode := range map[string]Streams{"separate": Separate, "whole": Whole} {
			t.Run(filepath.Base(file)+" "+name, func(t *testing.T) {
				var cells [][][2]json.RawMessage
				readJSON(t, file, &cells)
				col := newCollector(mode)
				var got []*nbformat.Cell
				for _, messages := range cells {
					c := &nbformat.Cell{Type: nbformat.Code, Metadata: map[string]any{}}
					col.begin(c)
					for _, m := range messages {
						msg := &jupyter.Message{Content: m[1]}
						if err := json.Unmarshal(m[0], &msg.Header.MsgType); err != nil {
							t.Fatal(err)
						}
						if err := col.message(c, msg); err != nil {
							t.Fatal(err)
						}
					}
					col.end(c)
					got = append(got, c)
				}
				var want []map[string]any
				readJSON(t, strings.Replace(file, "messages", name, 1), &want)
				for i, w := range want {
					w["cell_type"], w["metadata"], w["source"], w["id"] = "code", map[string]any{}, "", fmt.Sprint("x", i)
					got[i].ID = fmt.Sprint("x", i)
				}
				reference, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": want})
				if err != nil {
					t.Fatal(err)
				}
				wantNB, err := nbformat.Parse(reference)
				if err != nil {
					t.Fatal(err)
				}
				for i := range got { // nbclient numbers cells that got no number
					got[i].ExecutionCount = wantNB.Cells[i].ExecutionCount
				}
				if diff := cmp.Diff(text(t, wantNB), text(t, &nbformat.Notebook{Cells: got})); diff != "" {
					t.Errorf("outputs differ from nbclient's (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, nb *nbformat.Notebook) string {
	t.Helper()
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Goroutines may print and fail after their cell; both belong to it.
func TestRunLate(t *testing.T) {
	nb := notebook(t, "print before\nlater print after\nlater fail boom", "release\nprint second", "print third")
	done, err := Run(t.Context(), startFake(t), nb, Options{})
	var failure *CellError
	if !errors.As(err, &failure) || failure.Cell != 1 || failure.Line != 3 || failure.Value != "boom" {
		t.Errorf("got %v, want the error of cell 1, line 3", err)
	}
	first, second := ShownBy(done.Cells[0]), ShownBy(done.Cells[1])
	if first.Stdout != "before\nafter\n" || first.Error == nil || *first.Error != "panic: boom" || second.Stdout != "second\n" {
		t.Errorf("got %+v and %+v", first, second)
	}
	if len(done.Cells[2].Outputs) != 0 {
		t.Error("the third cell has run, after an error that is not allowed")
	}
	var shown strings.Builder
	done, err = Run(t.Context(), startFake(t), nb, Options{AllowErrors: true, Streams: Whole, Message: func(n int, m *jupyter.Message) {
		if m.Header.MsgType == jupyter.StreamType {
			fmt.Fprintf(&shown, "%d %s ", n, m.Content)
		}
	}})
	if err != nil || ShownBy(done.Cells[2]).Stdout != "third\n" || len(done.Cells[0].Outputs) != 2 {
		t.Errorf("allowed: got %v, outputs %v", err, done.Cells[0].Outputs)
	}
	if !strings.Contains(shown.String(), `1 {"name":"stdout","text":"after\n"} 2 `) {
		t.Errorf("shown: %s", shown.String())
	}
	allowed := notebook(t, tagged("later fail boom", "raises-exception"), "release")
	if _, err := Run(t.Context(), startFake(t), allowed, Options{}); err != nil {
		t.Errorf("a cell that may fail: %v", err)
	}
}

func TestRun(t *testing.T) {
	nb := notebook(t,
		"print a\nprint b\nwarn careful\nprint c\nvalue 7",
		&nbformat.Cell{Type: nbformat.Markdown, Source: "fail no code"},
		"  \n", tagged("fail skipped", "skip-execution"),
		"named x one\nprint between\nshow other", "change x two",
		tagged("print before\nfail expected", "raises-exception"),
		"print gone\nclear\nprint kept\nclearwait\nprint last")
	before := text(t, nb)
	var events []string
	done, err := Run(t.Context(), startFake(t), nb, Options{
		Started: func(n int, c *nbformat.Cell) { events = append(events, "start "+c.ID) },
		Ended: func(n int, c *nbformat.Cell, _ time.Duration, err error) {
			if err != nil {
				events = append(events, err.Error())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if text(t, nb) != before {
		t.Error("Run changed its argument")
	}
	var got []string
	for _, c := range done.Cells {
		for _, o := range c.Outputs {
			line := c.ID + " " + string(o.Type) + " " + o.Name + o.Text + o.EValue
			if s, ok := o.Data["text/plain"].(string); ok {
				line += s
			}
			got = append(got, line)
		}
	}
	want := []string{
		"cell-1 stream stdouta\nb\n", "cell-1 stream stderrcareful\n", "cell-1 stream stdoutc\n", "cell-1 execute_result 7",
		"cell-5 display_data two", "cell-5 stream stdoutbetween\n", "cell-5 display_data other",
		"cell-7 stream stdoutbefore\n", "cell-7 error expected", "cell-8 stream stdoutlast\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	wantEvents := []string{"start cell-1", "start cell-5", "start cell-6", "start cell-7", "cell 7, line 2: panic: expected", "start cell-8"}
	if diff := cmp.Diff(wantEvents, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	b, err := done.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := nbformat.Validate(b); err != nil {
		t.Error(err)
	}
}

func TestRunStopsAtAnError(t *testing.T) {
	nb := notebook(t, "print 1", "print 2\nfail boom", "print 3")
	done, err := Run(t.Context(), startFake(t), nb, Options{})
	var failure *CellError
	if !errors.As(err, &failure) || failure.Cell != 2 || failure.Line != 2 || failure.Value != "boom" || failure.ID != "cell-2" {
		t.Errorf("got %#v, want a CellError of cell 2, line 2", err)
	}
	if len(done.Cells[1].Outputs) != 2 || len(done.Cells[2].Outputs) != 0 {
		t.Errorf("outputs: %d and %d, want 2 and none", len(done.Cells[1].Outputs), len(done.Cells[2].Outputs))
	}
	done, err = Run(t.Context(), startFake(t), nb, Options{AllowErrors: true})
	if err != nil || len(done.Cells[2].Outputs) != 1 {
		t.Errorf("with AllowErrors: %v, %d outputs of the last cell", err, len(done.Cells[2].Outputs))
	}
}

func TestRunTimeout(t *testing.T) {
	c := startFake(t)
	_, err := Run(t.Context(), c, notebook(t, "print a", "hang"), Options{Timeout: 100 * time.Millisecond})
	var timeout *TimeoutError
	if !errors.As(err, &timeout) || timeout.Cell != 2 || err.Error() != "cell 2: not done after 100ms" {
		t.Fatalf("got %v, want a TimeoutError of cell 2", err)
	}
	if _, err := Run(t.Context(), c, notebook(t, "print a"), Options{}); err != nil {
		t.Errorf("the kernel is not usable any more: %v", err)
	}
}

func TestRunDeath(t *testing.T) {
	cfg, err := fakeKernel(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = Run(t.Context(), c, notebook(t, "print a", "die"), Options{AllowErrors: true})
	if death := new(client.Death); !errors.As(err, &death) || !strings.HasPrefix(err.Error(), "cell 2: the kernel died: exit status 3\nfatal: the end") {
		t.Errorf("got %v, want the death of the kernel in cell 2", err)
	}
}

func TestGate(t *testing.T) {
	g := NewGate()
	leave, err := g.enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.enter(ctx, false); err == nil {
		t.Error("entered beside a cell that is to be alone")
	}
	leave()
	if leave, err = g.enter(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	leave()
}

func TestErrorLine(t *testing.T) {
	for s, want := range map[string]int{
		"cell [3]:7:2: undefined: x":                7,
		"\x1b[36mCell \x1b[39mIn[1], line 4\x1b[0m": 4,
		"boom": 0,
	} {
		if got := errorLine("", []string{"x", s}); got != want {
			t.Errorf("%q: got line %d, want %d", s, got, want)
		}
	}
}
