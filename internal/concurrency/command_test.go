package concurrency

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestPipe(t *testing.T) {
	chain, err := Pipe(t.Context(), Command{Args: []string{"cat"}, Stdin: strings.NewReader("b\na\nc\n")}, Cmd("sort"), Cmd("head", "-n", "2"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := chain.Wait(t.Context())
	if err != nil || len(results) != 3 || string(results[2].Stdout) != "a\nb\n" {
		t.Errorf("got %q, error %v", results[2].Stdout, err)
	}
}

// A writer ends by SIGPIPE when its reader has gone, and a reader comes to the end of file when its writer has.
func TestPipeIsHeldByItsEndsOnly(t *testing.T) {
	within(t, 60*time.Second, func() {
		var chains []*Chain
		for range 5 { // each of them must not hold the pipes of the others
			chain, err := Pipe(t.Context(), Cmd("yes"), Cmd("head", "-n", "1"), Cmd("cat"))
			if err != nil {
				t.Fatal(err)
			}
			chains = append(chains, chain)
		}
		for _, chain := range chains {
			results, err := chain.Wait(t.Context())
			if err != nil || results[0].Status != -Status(syscall.SIGPIPE) || string(results[2].Stdout) != "y\n" {
				t.Errorf("got %v and %q, error %v", results[0].Status, results[2].Stdout, err)
			}
		}
	})
}

func TestPipeErrors(t *testing.T) {
	tests := []struct {
		chain []Command
		want  string
	}{
		{[]Command{sh("exit 2"), Cmd("cat")}, "sh: exit status 2"},
		{[]Command{Cmd("true"), sh("exit 3")}, "sh: exit status 3"},
		{[]Command{sh("exit 2"), sh("exit 3")}, "sh: exit status 2"},
		{[]Command{Cmd("yes"), sh("exit 3")}, "yes: signal: broken pipe"},
	}
	for _, tt := range tests {
		chain, err := Pipe(t.Context(), tt.chain...)
		if err != nil {
			t.Fatal(err)
		}
		results, err := chain.Wait(t.Context())
		if err == nil || err.Error() != tt.want || len(results) != 2 {
			t.Errorf("%v: got %d results, error %v, want %s", tt.chain, len(results), err, tt.want)
		}
	}
	for _, chain := range [][]Command{
		{{Args: []string{"cat"}, Stdout: os.Stdout}, Cmd("cat")}, {Cmd("cat"), {Args: []string{"cat"}, Stdin: os.Stdin}},
		{Cmd("cat"), {Args: []string{"cat"}, StdinPipe: true}},
	} {
		if _, err := Pipe(t.Context(), chain...); err == nil || !strings.Contains(err.Error(), "in a chain") {
			t.Errorf("got error %v", err)
		}
	}
}

func TestPipeStops(t *testing.T) {
	within(t, 30*time.Second, func() {
		ctx, cancel := context.WithCancel(t.Context())
		chain, err := Pipe(ctx, Cmd("sleep", "100"), Cmd("cat"))
		if err != nil {
			t.Fatal(err)
		}
		short, done := context.WithTimeout(t.Context(), time.Millisecond)
		defer done()
		if _, err := chain.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v", err)
		}
		cancel()
		if _, err := chain.Wait(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
	})
}

func TestRunAll(t *testing.T) {
	var commands []Command
	for i := range 20 {
		commands = append(commands, sh(fmt.Sprintf("echo %d; exit %d", i, i%2*i)))
	}
	for _, limit := range []int{0, 1, 3, 100} {
		results, err := RunAll(t.Context(), limit, commands...)
		for i, r := range results {
			if string(r.Stdout) != fmt.Sprintln(i) || int(r.Status) != i%2*i {
				t.Errorf("limit %d: %d printed %q, ended with %v", limit, i, r.Stdout, r.Status)
			}
		}
		if err == nil || strings.Count(err.Error(), "\n") != 9 || !strings.HasPrefix(err.Error(), "sh: exit status 1\n") {
			t.Errorf("limit %d: got error %v", limit, err)
		}
	}
	if results, err := RunAll(t.Context(), 2); len(results) != 0 || err != nil {
		t.Errorf("none: got %v, error %v", results, err)
	}
}

func TestRunAllKeepsTheLimit(t *testing.T) {
	dir := t.TempDir()
	// mkdir fails if the directory is there, so that two at once are found out.
	script := sh("mkdir alone && sleep 0.01 && rmdir alone")
	script.Dir = dir
	if _, err := RunAll(t.Context(), 1, script, script, script, script); err != nil {
		t.Error(err)
	}
}

// zombies returns the children of this process that have ended and are not reaped, where /proc tells.
func zombies(t *testing.T) (list []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err == nil && strings.Contains(string(stat), fmt.Sprintf(") Z %d ", os.Getpid())) {
			list = append(list, e.Name())
		}
	}
	return list
}

func TestThousandChildren(t *testing.T) {
	before, goroutines := descriptors(t), runtime.NumGoroutine()
	for range 1000 {
		if _, err := Run(t.Context(), Cmd("true")); err != nil {
			t.Fatal(err)
		}
	}
	commands := make([]Command, 100)
	for i := range commands {
		commands[i] = Cmd("sleep", "0.2")
	}
	if _, err := RunAll(t.Context(), 0, commands...); err != nil {
		t.Fatal(err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors were open, now %d are", before, after)
	}
	if list := zombies(t); list != nil {
		t.Errorf("zombies: %v", list)
	}
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("there were %d goroutines, now there are %d", goroutines, runtime.NumGoroutine())
		}
	}
}

// Nobody waits for it, and yet it does not stay behind.
func TestNobodyWaits(t *testing.T) {
	p, err := Start(t.Context(), Cmd("true"))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, p.PID())
	<-p.done
	if list := zombies(t); list != nil {
		t.Errorf("zombies: %v", list)
	}
}
