package faults

import (
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/processes"
	"gokernel/kernel/jupyter"
)

// TestPrograms runs programs of cells: what they show and ask, and how they fail.
func TestPrograms(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	s := start(t, "TMPDIR="+temp)
	s.must("kept := 1\nfunc third(s []int) int {\n\treturn s[2]\n}")
	o, asked := s.ask("%%trace\nvar name string\nfmt.Print(\"Name? \")\nfmt.Scanln(&name)\nfmt.Println(name, kept)", "Ann")
	if o.Status != jupyter.StatusOK || o.stdout != "Name? Ann 1\n" || len(asked) != 1 {
		t.Errorf("got %q, asked %d times: %s", o.stdout, len(asked), o.said())
	}
	mimes := make([]string, len(o.forms))
	for i, f := range o.forms {
		mimes[i] = f.mime
	}
	if !slices.Contains(mimes, "text/html") || !strings.Contains(o.shown(), "1 goroutine in ") {
		t.Errorf("got the forms %q and %q, want a table and a text", mimes, o.shown())
	}
	wantError(t, "%%trace\nfmt.Println(third(nil)) // here", s.run("%%trace\nfmt.Println(third(nil)) // here"), "panic: runtime error: index out of range [2] with length 0", "in third")
	wantError(t, "%%trace\nos.Exit(3)", s.run("%%trace\nos.Exit(3)"), "exit status 3")
	wantError(t, "%%trace\nnosuch() // here", s.run("%%trace\nnosuch() // here"), "undefined: nosuch")
	s.want("kept", "1")
	dead := s.Dead()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-dead
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("in the directory for temporary files are %v, %v; want nothing", left, err)
	}
}

// stopLimit is how long a program may take to end once it is interrupted.
const stopLimit = 250 * time.Millisecond

// TestProgramsEnd interrupts a program that does not end, and kills the kernel while one runs.
func TestProgramsEnd(t *testing.T) {
	t.Parallel()
	s := start(t)
	const endless = "%%trace\nexec.Command(\"sleep\", \"3600\").Start()\nfmt.Println(os.Getpid())\nfor {\n}"
	s.within(t, "the end of an interrupted program", stopLimit, func() time.Duration {
		ended := s.startedWhen(endless, isPrinted)
		pids := processes.Below(t, s.PID())
		begun := time.Now()
		s.interrupt()
		o := s.outcomeOf(ended)
		took := time.Since(begun)
		wantError(t, endless, o, "interrupted")
		program := number(t, o.stdout)
		if !slices.Contains(pids, program) {
			t.Errorf("the program %d is not among the kernel's processes %v", program, pids)
		}
		processes.WantGone(t, []int{program})
		return took
	})
	ended := make(chan error, 1)
	printed := make(chan struct{})
	first := sync.OnceFunc(func() { close(printed) })
	go func() {
		_, err := s.Execute(t.Context(), jupyter.ExecuteRequest{Code: endless}, client.Handler{Message: func(m *jupyter.Message) {
			if isPrinted(m) {
				first()
			}
		}})
		ended <- err
	}()
	<-printed
	pids := append(processes.Below(t, s.PID()), s.PID())
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	processes.WantGone(t, pids)
	<-ended
}
