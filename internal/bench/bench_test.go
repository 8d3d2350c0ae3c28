package main

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	times := []time.Duration{5, 1, 4, 2, 3}
	for _, tt := range []struct {
		q    float64
		want time.Duration
	}{{0, 1}, {0.5, 3}, {0.99, 5}, {1, 5}} {
		if got := quantile(times, tt.q); got != tt.want {
			t.Errorf("quantile(%v) = %d, want %d", tt.q, got, tt.want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("quantile of nothing is %d", got)
	}
}

func TestTreeHasChildren(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	child := exec.Command("cat")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait() // its input is closed: it ends well
	defer stdin.Close()
	pids, err := tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(pids, os.Getpid()) || !slices.Contains(pids, child.Process.Pid) {
		t.Errorf("tree is %v, want %d and %d in it", pids, os.Getpid(), child.Process.Pid)
	}
	memory, err := treePSS(os.Getpid())
	if err != nil || memory <= 0 {
		t.Errorf("treePSS = %v, %v", memory, err)
	}
	if _, err := treeCPU(os.Getpid()); err != nil {
		t.Errorf("treeCPU: %v", err)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	ours, theirs := subject{name: "ours"}, subject{name: "theirs", peer: true}
	table := newTable(&out, []subject{ours, theirs})
	table.add(ours, []figure{{name: "fast", value: 2, unit: "ms", limit: 3}, {name: "slow", value: 4, unit: "ms", limit: 3}, {name: "idle", unit: "ms"}})
	table.add(theirs, []figure{{name: "fast", value: 5, unit: "ms"}, {name: "idle", unit: "ms"}})
	table.print()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !slices.Equal(strings.Fields(lines[3]), []string{"idle", "0.00", "ms", "-", "0.00", "ms", "-"}) || !strings.HasSuffix(lines[1], "2.50×") || !strings.HasSuffix(lines[2], "MISSED") || table.missed != 1 {
		t.Errorf("missed %d:\n%s", table.missed, out.String())
	}
}
