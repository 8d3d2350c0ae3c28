package faults

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/processes"
	"gokernel/kernel/jupyter"
)

// number reads a number that a cell has shown.
func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// median returns the middle one of some durations.
func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// children is a cell that leaves processes behind: one, its own child, and one in a session of its own whose parent
// has ended.
const children = `exec.Command("sh", "-c", "sleep 3600 & setsid sleep 3600 >/dev/null 2>&1 &").Run()
exec.Command("setsid", "sh", "-c", "sleep 3600 & sleep 3600").Start()`

// TestNoProcessIsLeft ends the kernel in every way while a cell runs and processes of earlier ones do.
func TestNoProcessIsLeft(t *testing.T) {
	t.Parallel()
	signal := func(sig syscall.Signal) func(*session) error {
		return func(s *session) error { return syscall.Kill(s.PID(), sig) }
	}
	for _, tt := range []struct {
		name string
		env  func(t *testing.T) (env []string, end func() error)
		end  func(*session) error
	}{
		{"shutdown", nil, func(s *session) error { return s.Close() }},
		{"SIGTERM", nil, signal(syscall.SIGTERM)},
		{"SIGKILL", nil, signal(syscall.SIGKILL)},
		{"end of the parent", parent, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var env []string
			end := func() error { return nil }
			if tt.env != nil {
				env, end = tt.env(t)
			}
			s := start(t, env...)
			s.must(children)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			printed := make(chan struct{})
			ended := make(chan error, 1)
			go func() {
				_, err := s.Execute(ctx, jupyter.ExecuteRequest{Code: "fmt.Println(1)\nfor {\n}"}, client.Handler{
					Message: func(m *jupyter.Message) {
						if isPrinted(m) {
							close(printed)
						}
					},
				})
				ended <- err
			}()
			<-printed
			pids := append(processes.Below(t, s.PID()), s.PID())
			if len(pids) < 5 {
				t.Errorf("found processes %v, want the kernel, its worker, and what the cells left", pids)
			}
			dead := s.Dead()
			if tt.end != nil {
				end = func() error { return tt.end(s) }
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-dead:
			case <-time.After(patience):
				t.Fatal("the kernel is still there")
			}
			processes.WantGone(t, pids)
			cancel()
			<-ended
		})
	}
}

// parent starts a process that passes for the kernel's parent.
func parent(t *testing.T) (env []string, end func() error) {
	t.Helper()
	cmd := exec.Command("cat")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return []string{"JPY_PARENT_PID=" + strconv.Itoa(cmd.Process.Pid)}, func() error {
		return errors.Join(stdin.Close(), cmd.Wait())
	}
}

// TestRestart restarts the kernel while a goroutine runs: nothing of the old one is left, neither processes nor names.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("kept := 1")
	s.must(children)
	s.must("go func() {\n\tfor {\n\t}\n}()")
	pids := append(processes.Below(t, s.PID()), s.PID())
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	processes.WantGone(t, pids)
	wantError(t, "kept", s.run("kept"), "undefined: kept")
	if o := s.run("1 + 1"); o.ExecutionCount != 2 || o.shown() != "2" {
		t.Errorf("got %q as number %d, want 2 as number 2", o.shown(), o.ExecutionCount)
	}
}

// TestKilledClient kills "gokernel run", which started the kernel, while a cell runs.
func TestKilledClient(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "endless.ipynb")
	notebook := `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"cell_type": "code", "id": "a", "metadata": {}, "execution_count": null, "outputs": [], "source": "fmt.Println(1)\nfor {\n}"}]}`
	if err := os.WriteFile(file, []byte(notebook), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "run", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); ; {
		if !lines.Scan() {
			t.Fatalf("run ended without printing 1: %v", errors.Join(lines.Err(), cmd.Wait()))
		}
		if lines.Text() == "1" {
			break
		}
	}
	pids := append(processes.Below(t, cmd.Process.Pid), cmd.Process.Pid)
	if len(pids) < 3 {
		t.Errorf("found processes %v, want gokernel run, the kernel and its worker", pids)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("gokernel run ended without an error, want it killed")
	}
	processes.WantGone(t, pids)
}
