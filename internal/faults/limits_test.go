package faults

import (
	"runtime"
	"strings"
	"testing"

	"gokernel/kernel/jupyter"
)

// TestMemoryOfAll runs a cell whose processes take more memory together than the notebook may, though none of them alone does.
// They are ended, the cell goes on and is told, and the variables are there.
func TestMemoryOfAll(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what memory a process has")
	}
	t.Parallel()
	s := start(t, "GOKERNEL_MEMORY=400MiB")
	s.must("import \"os/exec\"\nkept := 1")
	// Each hog has 150 MB: tail keeps a line that has no end.
	o := s.run(`const hog = "{ head -c 150000000 /dev/zero; read forever; } | tail -n 1"
var hogs []*exec.Cmd
for range 6 {
	c := exec.Command("sh", "-c", hog)
	in, err := c.StdinPipe()
	if err != nil {
		panic(err)
	}
	defer in.Close()
	if err := c.Start(); err != nil {
		panic(err)
	}
	hogs = append(hogs, c)
}
ended := 0
for _, c := range hogs {
	if err := c.Wait(); err != nil && strings.Contains(err.Error(), "killed") {
		ended++
	}
}
ended`)
	if o.Status != jupyter.StatusOK || o.shown() != "6" || !strings.Contains(o.stderr, "more than 400 MiB, the limit of memory (GOKERNEL_MEMORY)") {
		t.Errorf("got %q, stderr %q, %s; want 6 processes ended and the reason", o.shown(), o.stderr, o.said())
	}
	s.want("kept", "1")

	// What stays below the limit is left alone, for longer than it takes to look.
	o = s.run(`c := exec.Command("sh", "-c", "{ head -c 50000000 /dev/zero; sleep 1; } | tail -n 1 | wc -c")
text, err := c.Output()
fmt.Println(string(text), err)`)
	if o.Status != jupyter.StatusOK || o.stdout != "50000000\n <nil>\n" || o.stderr != "" {
		t.Errorf("a process below the limit: got %q, stderr %q, %s", o.stdout, o.stderr, o.said())
	}
}

// TestProcessors runs cells that take all the processors they can get: goroutines, and programs. One is what they get.
func TestProcessors(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.NumCPU() < 2 {
		t.Skip("needs Linux and two processors")
	}
	t.Parallel()
	s := start(t, "GOKERNEL_CPUS=1")
	s.want("runtime.NumCPU()", "1")
	s.want("text, err := exec.Command(\"nproc\").Output()\nfmt.Println(string(text), err)", "1\n <nil>")
	o := s.run(`runtime.GOMAXPROCS(8)
used := func() (total time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			panic(err)
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total
}
before, began := used(), time.Now()
var all sync.WaitGroup
for range 4 {
	all.Go(func() {
		for time.Since(began) < time.Second {
		}
	})
	all.Go(func() {
		_ = exec.Command("timeout", "1", "sh", "-c", "while :; do :; done").Run()
	})
}
all.Wait()
share := float64(used()-before) / float64(time.Since(began))
if share > 1.1 {
	fmt.Println("took", share, "processors")
}`)
	if o.Status != jupyter.StatusOK || o.stdout != "" {
		t.Errorf("got %q, %s", o.stdout, o.said())
	}

	// Everything of it is busy, and still it hears an interrupt.
	ended := s.started("fmt.Println(\"going\")\nfor range 32 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n}\nfor {\n}")
	s.interrupt()
	if o := s.outcomeOf(ended); o.Status != jupyter.StatusError || o.took > patience/2 {
		t.Errorf("the interrupt: %s after %v", o.said(), o.took)
	}
}
