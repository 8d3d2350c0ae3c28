package item52

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:task task-gently
### 5. First ask, then insist

`Stop` terminates a child and kills it if it is still there after a grace period. Write that yourself, with no more than `Terminate`, `Kill`, `Wait` and
a deadline. A child that obeys must not be killed, nor be waited for longer than it needs.

<details><summary>Hint</summary>

`Wait` with a context that ends after `grace` tells two cases apart by its error: `errors.Is(err, context.DeadlineExceeded)`.

</details>
*/

//lesson:solution gently

// stopGently ends a child, which may take as long as grace to tidy up, and returns how
// it ended.
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
		const forever = "; echo ready; while true; do sleep 0.1; done"
		tests := []struct {
			name, script string
			want         concurrency.Status
			limit        time.Duration
		}{
			{"a child that obeys", "echo ready; exec sleep 10", -15, time.Second},
			{"a child that tidies up first", "trap 'sleep 0.3; exit 7' TERM" + forever,
				7, 1500 * time.Millisecond},
			{"a child that does not listen", "trap '' TERM" + forever, -9, 4 * time.Second},
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
