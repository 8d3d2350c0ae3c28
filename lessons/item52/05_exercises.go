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
	"syscall"
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

// fastest runs commands side by side and returns the output of the first that
// succeeds. The others are stopped.
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
		slow := sh("echo $$ >number; sleep 20; echo slow")
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
		text, err := os.ReadFile(filepath.Join(dir, "number"))
		if err != nil {
			return // it was stopped before it could write its number
		}
		slowest, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			panic(err)
		}
		for range 100 {
			if syscall.Kill(slowest, 0) == syscall.ESRCH {
				return // there is no such process any more
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.NotYet("a command that had lost went on running")
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
	outputs := make(chan string, len(commands))
	var wg sync.WaitGroup
	for _, c := range commands {
		wg.Go(func() {
			if result, err := concurrency.Run(ctx, c); err == nil {
				outputs <- string(result.Stdout)
			}
		})
	}
	go func() {
		wg.Wait()
		close(outputs)
	}()
	if first, ok := <-outputs; ok {
		return first, nil
	}
	return "", errors.New("all failed")
}
*/
