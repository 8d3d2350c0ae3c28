package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:markdown exercises
## Exercises

Each task is followed by a cell to work in and by a check. The check prints `ok`, or says what is not right yet. Change the cell and run it
again, then the check, as often as you like.
*/

/*lesson:task task-count
### 1. How many words?

`wc -w` counts the words of what it reads and prints the number, with blanks around it. Let it do so for `text`. If it fails, or prints something that
is no number, return an error.

<details><summary>Hint</summary>

`strings.NewReader(text)` is something to read from, `strings.TrimSpace` takes blanks away, `strconv.Atoi` makes a number of a text.

</details>
*/

//lesson:solution count-words

// countWords returns how many words wc counts in a text.
func countWords(text string) (n int, err error) {
	// BEGIN SOLUTION
	c := concurrency.Cmd("wc", "-w")
	c.Stdin = strings.NewReader(text)
	result, err := concurrency.Run(ctx, c)
	if err != nil {
		return 0, err
	}
	n, err = strconv.Atoi(strings.TrimSpace(string(result.Stdout)))
	// END SOLUTION
	return n, err
}

//lesson:check check-count points=1
func checkCount() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		for text, want := range map[string]int{"": 0, "one": 1, "to be or\nnot to be\n": 6} {
			got, err := countWords(text)
			if err != nil {
				t.NotYet("counting the words of %q fails: %v", text, err)
			} else if got != want {
				t.NotYet("%q has %d words, but countWords returns %d", text, want, got)
			}
		}
		// BEGIN HIDDEN TESTS
		path := os.Getenv("PATH")
		os.Setenv("PATH", "/nowhere")
		_, err := countWords("one")
		os.Setenv("PATH", path)
		if err == nil {
			t.NotYet("when wc cannot be found, countWords returns no error")
		}
		// END HIDDEN TESTS
	}))
	// Output:
	// ok
}

/*lesson:wrong count-untrimmed says="fails: strconv.Atoi"
func countWords(text string) (int, error) {
	c := concurrency.Cmd("wc", "-w")
	c.Stdin = strings.NewReader(text)
	result, err := concurrency.Run(ctx, c)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(result.Stdout))
}
*/

/*lesson:wrong count-lines says="words, but countWords returns"
func countWords(text string) (int, error) {
	c := concurrency.Cmd("wc", "-l")
	c.Stdin = strings.NewReader(text)
	result, err := concurrency.Run(ctx, c)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(result.Stdout)))
}
*/

/*lesson:wrong count-no-input says="words, but countWords returns 0"
func countWords(text string) (int, error) {
	result, err := concurrency.Run(ctx, concurrency.Cmd("wc", "-w"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(result.Stdout)))
}
*/

/*lesson:wrong count-errors-ignored says="returns no error" hidden
func countWords(text string) (int, error) {
	c := concurrency.Cmd("wc", "-w")
	c.Stdin = strings.NewReader(text)
	result, _ := concurrency.Run(ctx, c)
	n, _ := strconv.Atoi(strings.TrimSpace(string(result.Stdout)))
	return n, nil
}
*/

/*lesson:task task-fastest
### 2. The fastest wins

Several commands can answer the same question. Start all of them at once and return what the first one prints that *succeeds*. The others must not
go on running. If all of them fail, return an error.

<details><summary>Hint</summary>

A goroutine for each command can wait for it and send the outcome to a channel. Receive as many outcomes as there are commands, or until
one is good.

</details>
<details><summary>Another hint</summary>

`context.WithCancel` gives you a context for all children and a function that ends it. Do not leave goroutines behind that want to send to a channel
from which nobody receives: give it room for all.

</details>
*/

//lesson:solution fastest

// fastest runs commands side by side and returns the output of the first that succeeds. The others are stopped.
func fastest(commands ...concurrency.Command) (output string, err error) {
	// BEGIN SOLUTION
	race, stop := context.WithCancel(ctx)
	defer stop()
	type outcome struct {
		result concurrency.Result
		err    error
	}
	outcomes := make(chan outcome, len(commands))
	for _, c := range commands {
		go func() {
			result, err := concurrency.Run(race, c)
			outcomes <- outcome{result, err}
		}()
	}
	err = errors.New("no command")
	for range commands {
		first := <-outcomes
		if first.err == nil {
			return string(first.result.Stdout), nil
		}
		err = first.err
	}
	// END SOLUTION
	return output, err
}

//lesson:check check-fastest points=3
func checkFastest() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		dir, err := os.MkdirTemp("", "fastest")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		sh := func(script string) concurrency.Command {
			c := concurrency.Cmd("sh", "-c", script)
			c.Dir = dir
			return c
		}
		slow := sh("sleep 3; echo slow; touch finished")
		t.Within(2*time.Second, "fastest, with one command that takes long,", func() {
			got, err := fastest(slow, sh("sleep 0.1; echo fast"), sh("exit 1"))
			if err != nil {
				t.NotYet("one command failed and two did not, but the error is: %v", err)
			} else if got != "fast\n" {
				t.NotYet("the first to succeed printed %q, but fastest returns %q", "fast\n", got)
			}
		})
		if t.Failed() {
			return
		}
		if _, err := fastest(sh("exit 1"), sh("exit 2")); err == nil {
			t.NotYet("all commands failed, but there is no error")
		}
		time.Sleep(3 * time.Second)
		if _, err := os.Stat(filepath.Join(dir, "finished")); err == nil {
			t.NotYet("a command that had lost went on running")
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong fastest-in-turn says="has not returned after 2s"
func fastest(commands ...concurrency.Command) (string, error) {
	err := errors.New("no command")
	for _, c := range commands {
		result, failed := concurrency.Run(ctx, c)
		if failed == nil {
			return string(result.Stdout), nil
		}
		err = failed
	}
	return "", err
}
*/

/*lesson:wrong fastest-first-to-end says="one command failed and two did not"
func fastest(commands ...concurrency.Command) (string, error) {
	race, stop := context.WithCancel(ctx)
	defer stop()
	type outcome struct {
		result concurrency.Result
		err    error
	}
	outcomes := make(chan outcome, len(commands))
	for _, c := range commands {
		go func() {
			result, err := concurrency.Run(race, c)
			outcomes <- outcome{result, err}
		}()
	}
	first := <-outcomes
	return string(first.result.Stdout), first.err
}
*/

/*lesson:wrong fastest-waits-for-all says="has not returned after 2s"
func fastest(commands ...concurrency.Command) (string, error) {
	results, err := concurrency.RunAll(ctx, 0, commands...)
	for _, result := range results {
		if result.Status == 0 {
			return string(result.Stdout), nil
		}
	}
	return "", err
}
*/

/*lesson:wrong fastest-losers-run-on says="a command that had lost went on running"
func fastest(commands ...concurrency.Command) (string, error) {
	outcomes := make(chan string, len(commands))
	failures := make(chan error, len(commands))
	for _, c := range commands {
		process, err := concurrency.Start(ctx, c)
		if err != nil {
			return "", err
		}
		go func() {
			for {
				status, ended := process.Poll()
				if ended && status == 0 {
					result, _ := process.Wait(ctx)
					outcomes <- string(result.Stdout)
					return
				}
				if ended || len(outcomes) > 0 {
					failures <- errors.New("failed")
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
	}
	failed := 0
	for {
		select {
		case out := <-outcomes:
			outcomes <- out
			return out, nil
		case err := <-failures:
			if failed++; failed == len(commands) {
				return "", err
			}
		}
	}
}
*/

/*lesson:task task-retry
### 3. Try again

Some programs fail now and then, and some hang. Run `c` up to `attempts` times, each time for `limit` at most, until it succeeds. Return its output and
how many attempts it took. If none succeeds, return the error of the last one.

<details><summary>Hint</summary>

`context.WithTimeout(ctx, limit)`, anew for each attempt. Call the function that it returns when the attempt is over.

</details>
*/

//lesson:solution retry

// retry runs a command until it succeeds, and returns its output and the number of attempts.
func retry(c concurrency.Command, attempts int, limit time.Duration) (output string, tried int, err error) {
	// BEGIN SOLUTION
	for tried < attempts {
		tried++
		short, cancel := context.WithTimeout(ctx, limit)
		var result concurrency.Result
		result, err = concurrency.Run(short, c)
		cancel()
		if err == nil {
			return string(result.Stdout), tried, nil
		}
	}
	// END SOLUTION
	return output, tried, err
}

//lesson:check check-retry points=2
func checkRetry() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		dir, err := os.MkdirTemp("", "retry")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		// It counts its runs in a file, hangs in the first one, and fails in the second.
		c := concurrency.Cmd("sh", "-c", `echo run >>runs; case $(wc -l <runs) in *1) sleep 5;; *2) exit 1;; esac; echo done`)
		c.Dir = dir
		t.Within(4*time.Second, "retry of a command that hangs once", func() {
			output, tried, err := retry(c, 5, 500*time.Millisecond)
			switch {
			case err != nil:
				t.NotYet("the third of five attempts succeeds, but the error is: %v", err)
			case output != "done\n":
				t.NotYet("the command printed %q, but retry returns %q", "done\n", output)
			case tried != 3:
				t.NotYet("it took 3 attempts, but retry returns %d", tried)
			}
		})
		if t.Failed() {
			return
		}
		failing := concurrency.Cmd("sh", "-c", "echo run >>failures; exit 9")
		failing.Dir = dir
		_, tried, err := retry(failing, 3, time.Second)
		runs, _ := os.ReadFile(filepath.Join(dir, "failures"))
		if n := strings.Count(string(runs), "run"); n != 3 || tried != 3 {
			t.NotYet("3 attempts were asked for, but there were %d, and retry returns %d", n, tried)
		}
		var exit *concurrency.ExitError
		if !errors.As(err, &exit) || exit.Status != 9 {
			t.NotYet("the last attempt ended with exit status 9, but the error is: %v", err)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong retry-no-limit says="has not returned after 4s"
func retry(c concurrency.Command, attempts int, limit time.Duration) (output string, tried int, err error) {
	for tried < attempts {
		tried++
		var result concurrency.Result
		if result, err = concurrency.Run(ctx, c); err == nil {
			return string(result.Stdout), tried, nil
		}
	}
	return "", tried, err
}
*/

/*lesson:wrong retry-one-limit-for-all says="the third of five attempts succeeds"
func retry(c concurrency.Command, attempts int, limit time.Duration) (output string, tried int, err error) {
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for tried < attempts {
		tried++
		var result concurrency.Result
		if result, err = concurrency.Run(short, c); err == nil {
			return string(result.Stdout), tried, nil
		}
	}
	return "", tried, err
}
*/

/*lesson:wrong retry-counts-retries says="it took 3 attempts, but retry returns 2"
func retry(c concurrency.Command, attempts int, limit time.Duration) (output string, tried int, err error) {
	for tried = 0; tried < attempts; tried++ {
		short, cancel := context.WithTimeout(ctx, limit)
		var result concurrency.Result
		result, err = concurrency.Run(short, c)
		cancel()
		if err == nil {
			return string(result.Stdout), tried, nil
		}
	}
	return "", tried, err
}
*/

/*lesson:wrong retry-hides-the-error says="the last attempt ended with exit status 9"
func retry(c concurrency.Command, attempts int, limit time.Duration) (output string, tried int, err error) {
	for tried < attempts {
		tried++
		short, cancel := context.WithTimeout(ctx, limit)
		result, err := concurrency.Run(short, c)
		cancel()
		if err == nil {
			return string(result.Stdout), tried, nil
		}
	}
	return "", tried, err
}
*/

/*lesson:task task-distinct
### 4. A chain of three

How many different words are in a text of one word a line? A shell would say `sort | uniq | wc -l`. Say it with `concurrency.Pipe`.

<details><summary>Hint</summary>

The chain's first command reads the text, and the result of its last one holds the number.

</details>
*/

//lesson:solution distinct

// distinct returns how many different lines a text has.
func distinct(text string) (n int, err error) {
	// BEGIN SOLUTION
	first := concurrency.Cmd("sort")
	first.Stdin = strings.NewReader(text)
	chain, err := concurrency.Pipe(ctx, first, concurrency.Cmd("uniq"), concurrency.Cmd("wc", "-l"))
	if err != nil {
		return 0, err
	}
	results, err := chain.Wait(ctx)
	if err != nil {
		return 0, err
	}
	n, err = strconv.Atoi(strings.TrimSpace(string(results[2].Stdout)))
	// END SOLUTION
	return n, err
}

//lesson:check check-distinct points=2
func checkDistinct() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var long strings.Builder
		for i := range 20_000 { // more than a pipe holds
			fmt.Fprintln(&long, "word", i%7)
		}
		tests := []struct {
			name, text string
			want       int
		}{
			{"no word", "", 0}, {"two equal words", "a\na\n", 1}, {"equal words that are apart", "a\nb\na\nc\n", 3},
			{"20000 lines", long.String(), 7},
		}
		for _, tt := range tests {
			t.Within(10*time.Second, "distinct", func() {
				got, err := distinct(tt.text)
				if err != nil {
					t.NotYet("%s: the error is: %v", tt.name, err)
				} else if got != tt.want {
					t.NotYet("%s: there are %d different ones, but distinct returns %d", tt.name, tt.want, got)
				}
			})
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong distinct-unsorted says="equal words that are apart: there are 3 different ones, but distinct returns 4"
func distinct(text string) (int, error) {
	first := concurrency.Cmd("uniq")
	first.Stdin = strings.NewReader(text)
	chain, err := concurrency.Pipe(ctx, first, concurrency.Cmd("wc", "-l"))
	if err != nil {
		return 0, err
	}
	results, err := chain.Wait(ctx)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(results[1].Stdout)))
}
*/

/*lesson:wrong distinct-no-uniq says="two equal words: there are 1 different ones, but distinct returns 2"
func distinct(text string) (int, error) {
	first := concurrency.Cmd("sort")
	first.Stdin = strings.NewReader(text)
	chain, err := concurrency.Pipe(ctx, first, concurrency.Cmd("wc", "-l"))
	if err != nil {
		return 0, err
	}
	results, err := chain.Wait(ctx)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(results[1].Stdout)))
}
*/

/*lesson:wrong distinct-first-result says="the error is: strconv.Atoi"
func distinct(text string) (int, error) {
	first := concurrency.Cmd("sort")
	first.Stdin = strings.NewReader(text)
	chain, err := concurrency.Pipe(ctx, first, concurrency.Cmd("uniq"), concurrency.Cmd("wc", "-l"))
	if err != nil {
		return 0, err
	}
	results, err := chain.Wait(ctx)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(results[0].Stdout)))
}
*/

/*lesson:task task-gently
### 5. First ask, then insist

`Stop` terminates a child and kills it if it is still there after a grace period. Write that yourself, with no more than `Terminate`, `Kill`, `Wait` and
a deadline. A child that obeys must not be killed, nor be waited for longer than it needs.

<details><summary>Hint</summary>

`Wait` with a context that ends after `grace` tells two cases apart by its error: `errors.Is(err, context.DeadlineExceeded)`.

</details>
*/

//lesson:solution gently

// stopGently ends a child, which may take as long as grace to tidy up, and returns how it ended.
func stopGently(child *concurrency.Process, grace time.Duration) (status concurrency.Status) {
	// BEGIN SOLUTION
	_ = child.Terminate() // it may have ended
	short, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	result, err := child.Wait(short)
	if errors.Is(err, context.DeadlineExceeded) {
		_ = child.Kill()
		result, _ = child.Wait(ctx)
	}
	status = result.Status
	// END SOLUTION
	return status
}

//lesson:check check-gently points=3
func checkGently() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		start := func(script string) *concurrency.Process {
			r, w, err := os.Pipe()
			if err != nil {
				panic(err)
			}
			c := concurrency.Cmd("sh", "-c", script)
			c.Stdout = w
			child, err := concurrency.Start(ctx, c)
			if err != nil {
				panic(err)
			}
			w.Close()
			_, _ = r.Read(make([]byte, 100)) // until it says that it is ready
			r.Close()
			return child
		}
		tests := []struct {
			name, script string
			want         concurrency.Status
			limit        time.Duration
		}{
			{"a child that obeys", "echo ready; exec sleep 10", -15, time.Second},
			{"a child that tidies up first", "trap 'sleep 0.3; exit 7' TERM; echo ready; while true; do sleep 0.1; done", 7, 1500 * time.Millisecond},
			{"a child that does not listen", "trap '' TERM; echo ready; while true; do sleep 0.1; done", -9, 4 * time.Second},
		}
		for _, tt := range tests {
			child := start(tt.script)
			t.Within(tt.limit, "stopGently of "+tt.name, func() {
				got := stopGently(child, 2*time.Second)
				if status, ended := child.Poll(); !ended {
					t.NotYet("%s is still running", tt.name)
				} else if status != tt.want {
					t.NotYet("%s should end with %v, but ended with %v", tt.name, tt.want, status)
				} else if got != status {
					t.NotYet("%s ended with %v, but stopGently returns %v", tt.name, status, got)
				}
			})
			_ = child.Kill()
			if t.Failed() {
				return
			}
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong gently-not-gentle says="should end with signal: terminated, but ended with signal: killed"
func stopGently(child *concurrency.Process, grace time.Duration) concurrency.Status {
	_ = child.Kill()
	result, _ := child.Wait(ctx)
	return result.Status
}
*/

/*lesson:wrong gently-never-kills says="a child that does not listen has not returned after 4s"
func stopGently(child *concurrency.Process, grace time.Duration) concurrency.Status {
	_ = child.Terminate()
	result, _ := child.Wait(ctx)
	return result.Status
}
*/

/*lesson:wrong gently-always-waits says="a child that obeys has not returned after 1s"
func stopGently(child *concurrency.Process, grace time.Duration) concurrency.Status {
	_ = child.Terminate()
	time.Sleep(grace)
	_ = child.Kill()
	result, _ := child.Wait(ctx)
	return result.Status
}
*/

/*lesson:wrong gently-does-not-wait says="is still running"
func stopGently(child *concurrency.Process, grace time.Duration) concurrency.Status {
	_ = child.Terminate()
	status, _ := child.Poll()
	return status
}
*/

/*lesson:markdown further
## Further reading

- Package [os/exec](https://pkg.go.dev/os/exec), above all `Cmd.Cancel` and `Cmd.WaitDelay`.
- [Command PATH security in Go](https://go.dev/blog/path-security): why a program in the current directory is not run.
- The manual pages `pipe(7)`, `signal(7)` and `setpgid(2)`.
- `concurrency.Run?` and `concurrency.Start?` in a cell show what the preloaded package says about itself.
*/
