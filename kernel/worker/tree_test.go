package worker

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family starts processes of all kinds and prints their ids, also after it: a daemon, one with its own session, one
// that ignores signals.
const family = `trap '' TERM INT HUP
setsid sh -c 'echo $$ >> "$0"; exec sleep 1000' "$F" &
(setsid sh -c 'echo $$ >> "$0"; sleep 1000; :' "$F" &) &
sh -c 'trap "" TERM INT HUP; echo $$ >> "$0"; while :; do sleep 1000; done' "$F" &
wait`

// familyFile waits until family has written three process ids to a file.
func familyPIDs(t *testing.T, name string) (pids []int) {
	t.Helper()
	until(t, "the processes to start", func() bool {
		b, err := os.ReadFile(name)
		return err == nil && strings.Count(string(b), "\n") == 3
	})
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields(string(b)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

func alive(pids []int) (left []int) {
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			left = append(left, pid)
		}
	}
	return left
}

func TestInterruptEndsProcesses(t *testing.T) {
	file := t.TempDir() + "/pids"
	t.Setenv("F", file)
	p := start(t)
	var out record
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(t.Context(), newCell("sh", family), &out)
		done <- err
	}()
	pids := familyPIDs(t, file)
	began := time.Now()
	p.Interrupt()
	checkInterrupted(t, <-done)
	t.Logf("interrupted in %v", time.Since(began))
	until(t, "the processes to be gone, zombies too", func() bool { return len(alive(pids)) == 0 })
	mustRun(t, p, &out, "nothing")
}

func TestCloseEndsProcesses(t *testing.T) {
	for _, how := range []string{"close", "kill", "exit"} {
		t.Run(how, func(t *testing.T) {
			file := t.TempDir() + "/pids"
			t.Setenv("F", file)
			p := start(t)
			mustRun(t, p, &record{}, "start", family)
			pids := familyPIDs(t, file)
			switch how {
			case "kill":
				if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				<-p.Dead()
			case "exit":
				mustDie(t, p, &record{}, "exit", 0)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			if left := alive(append(pids, p.PID())); len(left) > 0 {
				t.Errorf("processes %v of %v are left", left, pids)
			}
		})
	}
}

func TestParentKilled(t *testing.T) {
	file := t.TempDir() + "/pids"
	cmd := exec.Command(os.Args[0], asParent, family)
	cmd.Env = append(os.Environ(), "F="+file)
	r, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ln, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Error(err)
	}
	worker, err := strconv.Atoi(strings.TrimSpace(ln))
	if err != nil {
		t.Error(err)
	}
	pids := append(familyPIDs(t, file), worker)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	// An error is what killing is for.
	_ = cmd.Wait()
	until(t, "the worker and its processes to end", func() bool {
		// This process is a subreaper too and may have got them as zombies.
		if _, err := reapOrphans(); err != nil {
			t.Fatal(err)
		}
		return len(alive(pids)) == 0
	})
}

func TestExitStatusOfAProcessIsKept(t *testing.T) {
	p := start(t)
	var out record
	mustRun(t, p, &out, "start", "exit 5")
	mustRun(t, p, &out, "sh", "(exec true) & (setsid true &) ; sleep 0.1") // others end meanwhile
	mustRun(t, p, &out, "burn", "20")
	if _, err := p.Run(t.Context(), newCell("wait"), &out); err == nil || out.stdout() != "exit status 5" {
		t.Errorf("got %q, %v", out.stdout(), err)
	}
}

func TestNoZombies(t *testing.T) {
	p := start(t)
	for range 20 {
		mustRun(t, p, &record{}, "sh", "(true &) & (setsid true &)")
	}
	until(t, "the orphans to be gone", func() bool {
		all, err := processes()
		if err != nil {
			t.Skip(err)
		}
		return len(below(all, []process{{pid: p.PID()}})) == 1
	})
}

func TestWouldNotStop(t *testing.T) {
	p := start(t, func(c *Config) { c.Stop = 50 * time.Millisecond })
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(t.Context(), newCell("deaf"), &record{})
		done <- err
	}()
	waitRunning(t, p)
	p.Interrupt()
	var d *Death
	if err := <-done; !errors.As(err, &d) || d.Cause != "it would not stop when interrupted" {
		t.Errorf("got %v", err)
	}
}
