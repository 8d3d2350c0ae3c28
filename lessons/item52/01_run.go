// Package item52 is the lesson on child processes. Its functions are cells: they are called by the program that the tests
// of package lessons put together, and run one by one in the notebook.
//
//lesson:notebook 52-subprocesses
package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown title
# Item 52: child processes

**You will learn**

- how to run another program, get what it prints, and find out whether it worked;
- how to start many of them before you wait for any, so that they use all cores;
- how to feed one, and how to chain several by pipes, and why a forgotten end of a pipe makes somebody wait for ever;
- how to give up on a child that takes too long, and on the children it has started itself.

Run the cells from top to bottom with Shift+Enter. Change them and run them again: nothing you do here can break the notebook.
*/

/*lesson:markdown question
## The question

Much of what a program needs has been written already, in another language, and is lying around as a command. A child process is
the simplest way to use it. It is also the simplest way to use more than one core: the operating system runs the child
beside you, whatever language either of you is written in.

So how do you run children without waiting for each in turn, and without losing control of them?

Most cells below use the preloaded package `concurrency`, which needs no import. What it does for you is taken apart in the second half.
A *context* says how long something may go on. This one never ends:
*/

//lesson:declare context

var ctx = context.Background()

/*lesson:markdown run-why
## One child, from start to end

`concurrency.Run` starts a program, waits for its end, and hands over what is left of it: what it wrote to its standard output and to
its standard error, and the status it ended with.
*/

//lesson:run hello listing=52.1
func hello() {
	result, err := concurrency.Run(ctx, concurrency.Cmd("echo", "Hello from the child!"))
	if err != nil {
		fmt.Println("it failed:", err)
	}
	fmt.Printf("%s", result.Stdout)
	// Output:
	// Hello from the child!
}

/*lesson:markdown failing-why
There is no shell in between. `echo` is looked up in `PATH`, and its arguments reach it as they are, blanks and stars included; nothing
needs quoting, and nobody can smuggle in a second command.

Output is bytes, not text, for some programs write pictures. `%s` prints them as text.

A program says by its exit status whether it worked: 0 means yes. Anything else becomes an error here, one with a type of its own. It
knows the status and the end of what the child has said on its standard error, which is where the reason tends to be.
*/

//lesson:run failing listing=52.1
func failing() {
	script := "echo the printer is out of paper >&2; exit 3"
	_, err := concurrency.Run(ctx, concurrency.Cmd("sh", "-c", script))
	fmt.Println(err)

	var exit *concurrency.ExitError
	if errors.As(err, &exit) {
		fmt.Println("status:", int(exit.Status))
		fmt.Println("reason:", exit.Stderr)
	}
	// Output:
	// sh: exit status 3: the printer is out of paper
	// status: 3
	// reason: the printer is out of paper
}

/*lesson:markdown missing-why
A program that could not be started at all is another kind of error. There is no status then.
*/

//lesson:run missing
func missing() {
	_, err := concurrency.Run(ctx, concurrency.Cmd("no-such-program"))
	fmt.Println(err)

	var exit *concurrency.ExitError
	fmt.Println("was it started?", errors.As(err, &exit))
	// Output:
	// starting no-such-program: exec: "no-such-program": executable file not found in $PATH
	// was it started? false
}

/*lesson:markdown poll-why
## Do something else meanwhile

A child runs beside you. `Start` returns as soon as it is under way, and `Poll` asks, without waiting, whether it has ended. Here the
other work is a nap of a tenth of a second at a time.
*/

//lesson:run poll listing=52.2 timing
func poll() {
	process, err := concurrency.Start(ctx, concurrency.Cmd("sleep", "1"))
	if err != nil {
		panic(err)
	}
	status, ended := process.Poll()
	for !ended {
		fmt.Println("Working...")
		time.Sleep(100 * time.Millisecond)
		status, ended = process.Poll()
	}
	fmt.Println("Exit status", int(status))
	// Output pattern:
	// {repeat 5..15} Working...
	// Exit status 0
	// Recorded:
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Working...
	// Exit status 0
}

/*lesson:markdown many-why
## Start all, then wait for all

Ten children that sleep for a second need ten seconds if each is started when the one before has ended. Start all of them before you
wait for the first one:
*/

//lesson:declare start-sleepers listing=52.3

// startSleepers starts n children that sleep for a second.
func startSleepers(n int) []*concurrency.Process {
	var sleepers []*concurrency.Process
	for range n {
		sleeper, err := concurrency.Start(ctx, concurrency.Cmd("sleep", "1"))
		if err != nil {
			panic(err)
		}
		sleepers = append(sleepers, sleeper)
	}
	return sleepers
}

//lesson:run count-sleepers listing=52.3
func countSleepers() {
	sleepers := startSleepers(10)
	running := 0
	for _, sleeper := range sleepers {
		if _, ended := sleeper.Poll(); !ended {
			running++
		}
	}
	fmt.Println(running, "children are running")
	for _, sleeper := range sleepers {
		sleeper.Stop() // we do not need these ones any more
	}
	// Output:
	// 10 children are running
}

/*lesson:markdown wait-why
Now with a watch. The loop that waits does not mind in which order they end: when it has waited for the slowest one, it has waited for all.
*/

//lesson:run wait-sleepers listing=52.4 timing
func waitSleepers() {
	begin := time.Now()
	sleepers := startSleepers(10)
	for _, sleeper := range sleepers {
		if _, err := sleeper.Wait(ctx); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Printf("%d children finished in %.2f seconds\n", len(sleepers), time.Since(begin).Seconds())
	// Output pattern:
	// 10 children finished in {seconds 1.0..2.0} seconds
	// Recorded:
	// 10 children finished in 1.01 seconds
}

/*lesson:markdown all-why
Ten times a second of sleep, and little more than one second has passed. Sleeping is not work, of course; but children that compute
gain as well, up to as many at once as there are cores.

More at once than the machine can bear is no gain. `RunAll` runs a list of commands, so many at a time, and returns the results in the
order of the list:
*/

//lesson:run run-all timing
func runAll() {
	var commands []concurrency.Command
	for _, word := range []string{"one", "two", "three", "four", "five", "six"} {
		commands = append(commands, concurrency.Cmd("sh", "-c", "sleep 0.2; echo "+word))
	}
	begin := time.Now()
	results, err := concurrency.RunAll(ctx, 3, commands...)
	took := time.Since(begin)
	for _, result := range results {
		fmt.Printf("%s", result.Stdout)
	}
	fmt.Printf("error: %v, two rounds of three took %.1f seconds\n", err, took.Seconds())
	// Output pattern:
	// one
	// two
	// three
	// four
	// five
	// six
	// error: <nil>, two rounds of three took {seconds 0.4..1.2} seconds
	// Recorded:
	// one
	// two
	// three
	// four
	// five
	// six
	// error: <nil>, two rounds of three took 0.4 seconds
}
