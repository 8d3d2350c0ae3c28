package concurrency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sh(script string) Command { return Cmd("sh", "-c", script) }

// within fails the test if f takes longer. Limits are wide where the issue gives no figure, for other tests run beside this one.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		t.Errorf("took %v, want at most %v", took, limit)
	}
}

func TestRun(t *testing.T) {
	t.Setenv("CONCURRENCY_ONE", "parent")
	dir := t.TempDir()
	var long strings.Builder
	for i := range 200 {
		fmt.Fprintf(&long, "line %d\n", i)
	}
	tests := []struct {
		name           string
		c              Command
		stdout, stderr string
		status         Status
		err            string
	}{
		{name: "output", c: Cmd("echo", "Hello from the child!"), stdout: "Hello from the child!\n"},
		{name: "stderr", c: sh("echo out; echo err >&2"), stdout: "out\n", stderr: "err\n"},
		{name: "status", c: sh("exit 3"), status: 3, err: "sh: exit status 3"},
		{name: "complaint", c: sh("echo no >&2; exit 4"), stderr: "no\n", status: 4, err: "sh: exit status 4: no"},
		{name: "signal", c: sh("kill -9 $$"), status: -9, err: "sh: signal: killed"},
		{name: "no input", c: Cmd("cat")},
		{name: "input", c: Command{Args: []string{"cat"}, Stdin: strings.NewReader("abc")}, stdout: "abc"},
		{name: "input not read", c: Command{Args: []string{"true"}, Stdin: strings.NewReader(strings.Repeat("x", 1<<20))}},
		{name: "stdin pipe", c: Command{Args: []string{"true"}, StdinPipe: true}},
		{name: "environment", c: Command{
			Args: []string{"sh", "-c", "echo $CONCURRENCY_ONE $CONCURRENCY_TWO"}, Env: []string{"CONCURRENCY_TWO=2"},
		}, stdout: "parent 2\n"},
		{name: "last counts", c: Command{
			Args: []string{"sh", "-c", "echo $CONCURRENCY_ONE"}, Env: []string{"CONCURRENCY_ONE=a", "CONCURRENCY_ONE=b"},
		}, stdout: "b\n"},
		{name: "directory", c: Command{Args: []string{"pwd"}, Dir: dir}, stdout: dir + "\n"},
		{
			name: "tail", c: Command{Args: []string{"sh", "-c", "cat >&2; exit 1"}, Stdin: strings.NewReader(long.String())},
			stderr: long.String(), status: 1, err: "sh: exit status 1: " + last(long.String(), 115),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Run(t.Context(), tt.c)
			if string(got.Stdout) != tt.stdout || string(got.Stderr) != tt.stderr || got.Status != tt.status {
				t.Errorf("got %q, %q, %v", got.Stdout, got.Stderr, got.Status)
			}
			var exit *ExitError
			switch {
			case tt.err == "":
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &exit):
				t.Errorf("got error %v, want an ExitError", err)
			case err.Error() != tt.err || exit.Status != tt.status || errors.Unwrap(err) != nil:
				t.Errorf("got error %v of status %v\nwant %v", err, exit.Status, tt.err)
			}
		})
	}
}

// last returns the last n lines of a text without the last newline.
func last(text string, n int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return strings.Join(lines[len(lines)-n:], "\n")
}

func TestStrings(t *testing.T) {
	p, err := Start(t.Context(), sh("echo out; echo err >&2; exit 3"))
	if err != nil {
		t.Fatal(err)
	}
	result, _ := p.Wait(t.Context())
	full := NewQueue[int](2)
	full.TryPut(1)
	full.Close()
	for got, want := range map[string]string{
		result.String(): `exit status 3, stdout "out\n", stderr "err\n"`,
		p.String():      fmt.Sprintf("sh (%d): exit status 3", p.PID()),
		full.String():   "queue, length 1, capacity 2, closed",
		Result{Stdout: make([]byte, 300)}.String()[:40]: `exit status 0, stdout "\x00\x00\x00\x00\x00`[:40],
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestStatusString(t *testing.T) {
	for s, want := range map[Status]string{0: "exit status 0", 7: "exit status 7", -15: "signal: terminated", -13: "signal: broken pipe"} {
		if s.String() != want {
			t.Errorf("%d: got %s, want %s", int(s), s, want)
		}
	}
}

func TestStartFails(t *testing.T) {
	before := descriptors(t)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		ctx  context.Context
		c    Command
		want error
	}{
		{t.Context(), Command{}, nil},
		{t.Context(), Cmd("no-such-program-here"), exec.ErrNotFound},
		{t.Context(), Cmd("/no/such/program"), fs.ErrNotExist},
		{t.Context(), Command{Args: []string{"true"}, Dir: "/no/such/dir", StdinPipe: true}, fs.ErrNotExist},
		{done, Cmd("true"), context.Canceled},
		{t.Context(), Command{Args: []string{"true"}, Dir: "/dev/null"}, syscall.ENOTDIR},
	}
	for _, tt := range tests {
		p, err := Start(tt.ctx, tt.c)
		if p != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%v: got error %v, want %v", tt.c, err, tt.want)
		}
		if !strings.HasPrefix(err.Error(), "starting ") || !strings.Contains(err.Error(), tt.c.Dir) {
			t.Errorf("got %q", err)
		}
		if chain, err := Pipe(tt.ctx, Cmd("cat"), tt.c); chain != nil || err == nil {
			t.Errorf("Pipe to %v: got error %v", tt.c, err)
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors were open, now %d are", before, after)
	}
}

func TestPollAndWait(t *testing.T) {
	p, err := Start(t.Context(), Command{Args: []string{"sh", "-c", "read line; echo got $line; exit 5"}, StdinPipe: true})
	if err != nil {
		t.Fatal(err)
	}
	if status, ended := p.Poll(); ended {
		t.Fatalf("it ended with %v", status)
	}
	if err := syscall.Kill(p.PID(), 0); err != nil {
		t.Errorf("process %d: %v", p.PID(), err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := p.Wait(short); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "waiting for sh: context deadline exceeded" {
		t.Errorf("got error %v", err)
	}
	if _, err := fmt.Fprintln(p.Stdin, "a line"); err != nil {
		t.Error(err)
	}
	for range 2 { // the second time it is over
		got, err := p.Wait(t.Context())
		if string(got.Stdout) != "got a line\n" || got.Status != 5 || err == nil {
			t.Errorf("got %q, %v, error %v", got.Stdout, got.Status, err)
		}
	}
	if status, ended := p.Poll(); !ended || status != 5 {
		t.Errorf("got %v, %t", status, ended)
	}
	if p.Terminate() != nil || p.Kill() != nil || p.Stop() != 5 {
		t.Error("a child that has ended can be ended")
	}
}

func TestCommunicate(t *testing.T) {
	input := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // more than pipes hold, both ways
	start := func(c Command) *Process {
		t.Helper()
		c.StdinPipe = true
		p, err := Start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	got, err := start(Cmd("cat")).Communicate(t.Context(), input)
	if err != nil || !bytes.Equal(got.Stdout, input) {
		t.Errorf("got %d bytes, error %v", len(got.Stdout), err)
	}
	if got, err := start(Cmd("true")).Communicate(t.Context(), input); err != nil || got.Status != 0 {
		t.Errorf("not read: got %v, error %v", got.Status, err)
	}
	within(t, 30*time.Second, func() {
		p := start(Cmd("sleep", "100"))
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := p.Communicate(short, input); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v", err)
		}
		if got := p.Stop(); got != -15 {
			t.Errorf("got %v", got)
		}
	})
	p, err := Start(t.Context(), Cmd("true"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Communicate(t.Context(), nil); err == nil || err.Error() != "writing to true: it was started without StdinPipe" {
		t.Errorf("got error %v", err)
	}
}

func TestDeadline(t *testing.T) {
	within(t, 30*time.Second, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		got, err := Run(ctx, sh("echo begun; exec sleep 100"))
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "sh: signal: terminated (context deadline exceeded)" {
			t.Errorf("got error %v", err)
		}
		if got.Status != -15 {
			t.Errorf("got %q, %v", got.Stdout, got.Status)
		}
	})
}

// pids reads numbers, one a line, from what a child prints.
func pids(t *testing.T, r io.Reader, n int) []int {
	t.Helper()
	list := make([]int, n)
	for i := range list {
		if _, err := fmt.Fscanln(r, &list[i]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// gone waits until a process is no more, or a zombie that its new parent has yet to reap.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}

func TestStopReachesTheGroup(t *testing.T) {
	tests := map[string]struct {
		script string
		want   Status
	}{
		"both obey":         {"sleep 100 & echo $!; echo $$; wait", -15},
		"child is stubborn": {"(trap '' TERM; exec sleep 100) & echo $!; echo $$; wait", -15},
		"both are stubborn": {"trap '' TERM; sleep 100 & echo $!; echo $$; wait", -9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			c := sh(tt.script)
			c.Stdout, c.Grace = w, 200*time.Millisecond
			p, err := Start(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			w.Close()
			members := pids(t, r, 2)
			within(t, 30*time.Second, func() {
				if got := p.Stop(); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
			for _, pid := range members {
				gone(t, pid)
			}
		})
	}
}

// A child that has ended may leave children that hold its output.
func TestOutputHeld(t *testing.T) {
	tests := map[string]string{
		"in the group":  "echo said; sleep 100 & echo $! >&2",
		"out of it":     "echo said; setsid sleep 100 & echo $! >&2",
		"exits with it": "echo said; (sleep 0.01; echo more) & echo $! >&2",
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("setsid"); err != nil && name == "out of it" {
				t.Skip("there is no setsid")
			}
			c := sh(script)
			c.Grace = time.Second
			within(t, 30*time.Second, func() {
				got, err := Run(t.Context(), c)
				if err != nil || !strings.HasPrefix(string(got.Stdout), "said\n") {
					t.Errorf("got %q, error %v", got.Stdout, err)
				}
				pid := pids(t, bytes.NewReader(got.Stderr), 1)[0]
				if name == "out of it" {
					if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
						t.Errorf("what has left the group was ended: %v", err)
					}
				}
				gone(t, pid)
				if name == "exits with it" && !strings.HasSuffix(string(got.Stdout), "more\n") {
					t.Errorf("got %q", got.Stdout)
				}
			})
		})
	}
	within(t, 30*time.Second, func() { // not even the grace if there is a deadline
		c := sh("sleep 100 &")
		c.Grace = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if got, err := Run(ctx, c); !errors.Is(err, context.DeadlineExceeded) || got.Status != 0 {
			t.Errorf("got %v, error %v", got.Status, err)
		}
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriters(t *testing.T) {
	var out bytes.Buffer
	got, err := Run(t.Context(), Command{Args: []string{"echo", "a"}, Stdout: &out})
	if err != nil || out.String() != "a\n" || len(got.Stdout) > 0 {
		t.Errorf("got %q, %q, error %v", &out, got.Stdout, err)
	}
	got, _ = Run(t.Context(), Command{Args: []string{"yes"}, Stdout: failing{}})
	if got.Status != -Status(syscall.SIGPIPE) {
		t.Errorf("nobody reads: got %v", got.Status)
	}
}

// A zombie is in its group, but does not live.
func TestLivingIn(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	sleeper, ended := exec.Command("sleep", "100"), exec.Command("true")
	for _, cmd := range []*exec.Cmd{sleeper, ended} {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	gone(t, ended.Process.Pid)
	if syscall.Kill(-ended.Process.Pid, 0) != nil || livingIn(ended.Process.Pid) || !livingIn(sleeper.Process.Pid) {
		t.Error("a zombie counts as living, or what lives does not")
	}
	if err := errors.Join(sleeper.Process.Kill(), ended.Wait()); err != nil {
		t.Error(err)
	}
	_ = sleeper.Wait() // it was killed
	if livingIn(sleeper.Process.Pid) {
		t.Error("a group without members is there")
	}
}
