package processes_test

import (
	"os"
	"os/exec"
	"slices"
	"testing"

	"gokernel/internal/processes"
)

// A process is below its parent until it has ended and was waited for.
func TestProcesses(t *testing.T) {
	cmd := exec.Command("cat")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if got := processes.Below(t, os.Getpid()); !slices.Contains(got, pid) {
		t.Errorf("below are %v, want %d among them", got, pid)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	processes.WantGone(t, []int{pid})
	if got := processes.Below(t, os.Getpid()); slices.Contains(got, pid) {
		t.Errorf("below are %v, and %d has ended", got, pid)
	}
}
