package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown timeout-why
## Give up in time

A child may hang: a server does not answer, an input is not closed. If you wait for it without a limit, you hang too. So give
every wait a deadline, and decide what is to become of the child when it is over. `Wait` only stops waiting; the child goes on
until it is told to end.
*/

//lesson:run timeout listing=52.11 timing
func timeout() {
	begin := time.Now()
	sleeper, err := concurrency.Start(ctx, concurrency.Cmd("sleep", "10"))
	if err != nil {
		panic(err)
	}
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	_, err = sleeper.Wait(short)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println(err)
		if err := sleeper.Terminate(); err != nil {
			fmt.Println(err)
		}
	}
	result, _ := sleeper.Wait(ctx)
	fmt.Println("Exit status", int(result.Status))
	fmt.Println(result.Status)
	fmt.Printf("after %.2f seconds\n", time.Since(begin).Seconds())
	// Output pattern:
	// waiting for sleep: context deadline exceeded
	// Exit status -15
	// signal: terminated
	// after {seconds 0.1..0.99} seconds
	// Recorded:
	// waiting for sleep: context deadline exceeded
	// Exit status -15
	// signal: terminated
	// after 0.11 seconds
}

/*lesson:markdown status-why
A child that was ended by a signal has no exit status. Python writes the negative number of the signal, -15 for SIGTERM; Go's own packages
say `signal: terminated`. Ours shows either.

SIGTERM is a request, and a program may catch it to tidy up, or ignore it. `Stop` terminates, waits for a grace period, and then sends
SIGKILL, which nobody can ignore. The child below tries:
*/

//lesson:run stubborn timing
func stubborn() {
	script := "trap '' TERM; echo you cannot stop me; while true; do sleep 1; done"
	c := concurrency.Cmd("sh", "-c", script)
	c.Grace = 300 * time.Millisecond
	child, err := concurrency.Start(ctx, c)
	if err != nil {
		panic(err)
	}
	time.Sleep(200 * time.Millisecond) // let it set its trap
	begin := time.Now()
	status := child.Stop()
	fmt.Printf("%v, %.1f seconds later\n", status, time.Since(begin).Seconds())
	// Output pattern:
	// signal: killed, {seconds 0.3..1.5} seconds later
	// Recorded:
	// signal: killed, 0.3 seconds later
}

/*lesson:markdown exec
## In Go: os/exec

The standard library's package for this is `os/exec`. Its `CommandContext` ties a child to a context: when that is done, the child gets
SIGKILL, or whatever `Cancel` does. `Run` starts and waits.
*/

//lesson:run command-context timing
func commandContext() {
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	fmt.Println("by default:  ", exec.CommandContext(short, "sleep", "10").Run())
	cancel()

	short, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
	gentle := exec.CommandContext(short, "sleep", "10")
	gentle.Cancel = func() error { return gentle.Process.Signal(syscall.SIGTERM) }
	err := gentle.Run()
	cancel()
	fmt.Println("with Cancel: ", err)

	var exit *exec.ExitError
	if errors.As(err, &exit) {
		fmt.Println("exited:", exit.Exited(), "code:", exit.ExitCode())
	}
	// Output:
	// by default:   signal: killed
	// with Cancel:  signal: terminated
	// exited: false code: -1
}

/*lesson:markdown group-why
## In Go: children of children

A shell that runs a command is a parent itself. End the shell, and its child lives on, holding the pipe to which it writes. `Output`
waits for the end of that pipe, and so the 100 milliseconds below become two seconds:
*/

//lesson:run orphan timing
func orphan() {
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	begin := time.Now()
	_, err := exec.CommandContext(short, "sh", "-c", "sleep 2; echo slept").Output()
	cancel()
	fmt.Printf("%v, after %.1f seconds\n", err, time.Since(begin).Seconds())
	// Output pattern:
	// signal: killed, after {seconds 2..3.9} seconds
	// Recorded:
	// signal: killed, after 2.0 seconds
}

/*lesson:markdown group-remedy
There are two remedies, and a careful program uses both. `WaitDelay` bounds how long to wait for pipes once the child has gone. And if
the child leads a *process group* of its own, the whole group can be ended at once: a negative process number means the group.
*/

//lesson:run group timing
func group() {
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	begin := time.Now()
	shell := exec.CommandContext(short, "sh", "-c", "sleep 2; echo slept")
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGTERM) }
	shell.WaitDelay = time.Second
	_, err := shell.Output()
	cancel()
	fmt.Printf("by hand:         %v, in under a second: %t\n", err, time.Since(begin) < time.Second)

	short, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
	begin = time.Now()
	_, err = concurrency.Run(short, concurrency.Cmd("sh", "-c", "sleep 2; echo slept"))
	cancel()
	fmt.Printf("concurrency.Run: %v, in under a second: %t\n", err, time.Since(begin) < time.Second)
	// Output:
	// by hand:         signal: terminated, in under a second: true
	// concurrency.Run: sh: signal: terminated (context deadline exceeded), in under a second: true
}

/*lesson:markdown zombie-why
## In Go: zombies

When a child ends, the system keeps its status until the parent asks for it. Until then the child is a *zombie*: it does nothing, but its
number stays taken, and a system has only so many numbers. Whoever calls `Start` of `os/exec` must call `Wait`, even if the result is
of no interest.
*/

//lesson:declare state

// state returns the letter for the state of a process: S sleeps, R runs, Z is a zombie,
// "" is no process.
func state(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil { // NUMBER (NAME) STATE …
		text := string(stat)
		return text[strings.LastIndex(text, ")")+2:][:1]
	}
	// where there is no /proc
	out, err := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
	if letters := strings.TrimSpace(string(out)); err == nil && letters != "" {
		return letters[:1]
	}
	return ""
}

//lesson:run zombie
func zombie() {
	child := exec.Command("true")
	if err := child.Start(); err != nil {
		panic(err)
	}
	pid := child.Process.Pid
	for range 1000 { // until it has ended
		if state(pid) == "Z" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("it has ended:      %q\n", state(pid))
	if err := child.Wait(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("it was waited for: %q\n", state(pid))
	// Output:
	// it has ended:      "Z"
	// it was waited for: ""
}

/*lesson:markdown zombie-after
`concurrency.Start` has a goroutine that waits for each child, so that nobody needs to remember. Two more differences from `os/exec`: it gives
each child a process group, and it gives output that somebody still holds two seconds and no more (`Command.Grace` says
how long).
*/

/*lesson:markdown points
## Points to remember

- Run child processes through one helper that always returns output, status and error. A status that nobody looks at is a bug that nobody sees.
- Children run in parallel with you and with each other, on all cores. Start them all before you wait for any.
- For a simple task run to completion; for the rest there are handles to poll, wait, feed, terminate.
- Close what you do not need: the child's standard input when all is written, and your own copies of both ends of a pipe.
- Give every wait a deadline, and end a child together with its group.
- In Go, every `Start` of `os/exec` needs its `Wait`.
*/
