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

/*lesson:task task-retry
### 3. Try again

Some programs fail now and then, and some hang. Run `c` up to `attempts` times, each time for `limit` at most, until it succeeds. Return its output and
how many attempts it took. If none succeeds, return the error of the last one.

<details><summary>Hint</summary>

`context.WithTimeout(ctx, limit)`, anew for each attempt. Call the function that it returns when the attempt is over.

</details>
*/

//lesson:solution retry

// retry runs a command until it succeeds, and returns its output and the number of
// attempts.
func retry(c concurrency.Command, attempts int, limit time.Duration) (
	output string, tried int, err error,
) {
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
		c := concurrency.Cmd("sh", "-c",
			`echo run >>runs; case $(wc -l <runs) in *1) sleep 5;; *2) exit 1;; esac; echo done`)
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
	chain, err := concurrency.Pipe(ctx,
		first, concurrency.Cmd("uniq"), concurrency.Cmd("wc", "-l"))
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
			{"no word", "", 0},
			{"two equal words", "a\na\n", 1},
			{"equal words that are apart", "a\nb\na\nc\n", 3},
			{"20000 lines", long.String(), 7},
		}
		for _, tt := range tests {
			t.Within(10*time.Second, "distinct", func() {
				got, err := distinct(tt.text)
				if err != nil {
					t.NotYet("%s: the error is: %v", tt.name, err)
				} else if got != tt.want {
					t.NotYet("%s: there are %d different ones, but distinct returns %d",
						tt.name, tt.want, got)
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
	chain, err := concurrency.Pipe(ctx,
		first, concurrency.Cmd("uniq"), concurrency.Cmd("wc", "-l"))
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
