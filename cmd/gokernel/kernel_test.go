package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/processes"
	"gokernel/kernel/jupyter"
)

// patience is how long a process may take to end. It is generous, for machines that do much else.
const patience = time.Minute

// startKernel starts a kernel as Jupyter would, with the variables given added to its environment.
func startKernel(t *testing.T, change func(*client.Config)) *client.Client {
	t.Helper()
	cfg := client.Config{
		Argv: []string{"gokernel", "kernel", "-f", "{connection_file}"},
		Env:  []string{"XDG_DATA_HOME=" + t.TempDir()},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := client.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() }) // most have ended it; the others check nothing about its end
	return c
}

// execute runs a cell and returns its reply.
func execute(t *testing.T, c *client.Client, code string) jupyter.ExecuteReply {
	t.Helper()
	reply, err := c.Execute(t.Context(), jupyter.ExecuteRequest{Code: code}, client.Handler{})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// wantDead waits until the kernel has ended.
func wantDead(t *testing.T, c *client.Client) {
	t.Helper()
	select {
	case <-c.Dead():
	case <-time.After(patience):
		t.Fatal("the kernel is still there")
	}
}

// child is a cell that leaves a process running, and its own shell, in sessions of their own.
const child = `import "os/exec"
sleeper := exec.Command("setsid", "sh", "-c", "sleep 600 & sleep 600")
err := sleeper.Start()
err`

func TestKernelLeavesNoProcess(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*client.Client) error
	}{
		{"shutdown_request", (*client.Client).Close},
		{"SIGTERM", func(c *client.Client) error { return syscall.Kill(c.PID(), syscall.SIGTERM) }},
		{"SIGHUP", func(c *client.Client) error { return syscall.Kill(c.PID(), syscall.SIGHUP) }},
		{"SIGKILL", func(c *client.Client) error { return syscall.Kill(c.PID(), syscall.SIGKILL) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := startKernel(t, nil)
			if reply := execute(t, c, child); reply.Status != jupyter.StatusOK {
				t.Fatalf("cell: %s: %s", reply.EName, reply.EValue)
			}
			pids := append(processes.Below(t, c.PID()), c.PID())
			dead := c.Dead()
			if err := tt.end(c); err != nil {
				t.Fatal(err)
			}
			select {
			case <-dead:
			case <-time.After(patience):
				t.Fatal("the kernel is still there")
			}
			processes.WantGone(t, pids)
		})
	}
}

func TestKernelEndsWithItsParent(t *testing.T) {
	parent := exec.Command("cat")
	stdin, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	c := startKernel(t, func(cfg *client.Config) {
		cfg.Env = append(cfg.Env, fmt.Sprintf("%s=%d", parentVariable, parent.Process.Pid))
	})
	pids := append(processes.Below(t, c.PID()), c.PID())
	if err := errors.Join(stdin.Close(), parent.Wait()); err != nil {
		t.Fatal(err)
	}
	wantDead(t, c)
	processes.WantGone(t, pids)
}

func TestKernelIsInterruptedBySignal(t *testing.T) {
	c := startKernel(t, func(cfg *client.Config) { cfg.BySignal = true })
	running := make(chan struct{})
	ended := make(chan jupyter.ExecuteReply, 1)
	go func() {
		reply, err := c.Execute(context.WithoutCancel(t.Context()), jupyter.ExecuteRequest{Code: "print(\"running\")\nfor {\n}"}, client.Handler{
			Message: func(m *jupyter.Message) {
				if m.Header.MsgType == jupyter.StreamType {
					close(running)
				}
			},
		})
		if err != nil {
			t.Error(err)
		}
		ended <- reply
	}()
	<-running
	if err := c.Interrupt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if reply := <-ended; reply.Status != jupyter.StatusError || !strings.Contains(strings.ToLower(reply.EName), "interrupt") {
		t.Errorf("got status %q, %s: %s, want an interrupt", reply.Status, reply.EName, reply.EValue)
	}
	if reply := execute(t, c, "1 + 1"); reply.Status != jupyter.StatusOK {
		t.Errorf("the next cell: %s: %s", reply.EName, reply.EValue)
	}
}

// TestKernelLogsItsWorkers checks that the log tells of each worker when it starts and when it ends.
func TestKernelLogsItsWorkers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	c := startKernel(t, func(cfg *client.Config) { cfg.Argv = append(cfg.Argv, "--log", name) })
	execute(t, c, "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)")
	execute(t, c, "1 + 1")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	log := string(b)
	started, ended := strings.Count(log, "a worker has started"), strings.Count(log, "a worker has ended")
	if started < 2 || ended != started || !strings.Contains(log, `exit="signal: killed" asked=false`) {
		t.Errorf("%d workers have started and %d ended, of which one was killed, according to\n%s", started, ended, log)
	}
}

func TestKernelKeepsToTheProtocol(t *testing.T) {
	c := startKernel(t, nil)
	execute(t, c, "1 + 1")
	execute(t, c, "undefined")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, v := range c.Violations() {
		t.Errorf("%v", v)
	}
}
