package item53

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"errors"
	"fmt"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:task task-impatient
### 3. Not for ever

`impatient` returns what `slow` returns, or `errTooSlow` if that takes longer than `patience`. It cannot stop `slow`, but when `slow` comes to its
end at last, no goroutine may be left behind.

<details><summary>Hint</summary>

`select` with `time.After(patience)`.

</details>
<details><summary>Another hint</summary>

Nobody receives the result that comes too late. To whom does the goroutine send it then? A channel with room for one value takes
it all the same.

</details>
*/

//lesson:declare too-slow

var errTooSlow = errors.New("too slow")

//lesson:solution impatient

// impatient returns what slow returns, or errTooSlow if that takes longer than patience.
func impatient(patience time.Duration, slow func() string) (result string, err error) {
	// BEGIN SOLUTION
	done := make(chan string, 1)
	go func() { done <- slow() }()
	select {
	case result = <-done:
	case <-time.After(patience):
		err = errTooSlow
	}
	// END SOLUTION
	return result, err
}

//lesson:check check-impatient points=2
func checkImpatient() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var result string
		var err error
		ready := make(chan bool)
		call := t.Start(func() {
			result, err = impatient(10*time.Second, func() string {
				<-ready
				return "in time"
			})
		})
		if !call.Waits() {
			t.NotYet("slow had not returned yet, but impatient had, with %q and %v", result, err)
		}
		close(ready)
		call.Wait()
		if result != "in time" || err != nil {
			t.NotYet("slow returned in time, but impatient says %q and %v", result, err)
		}
		if t.Failed() {
			return
		}
		t.NoLeak(func() {
			start := time.Now()
			_, err = impatient(20*time.Millisecond, func() string {
				time.Sleep(700 * time.Millisecond)
				return "late"
			})
			if took := time.Since(start); took > 500*time.Millisecond {
				t.NotYet("impatient should give up after 20ms, but it took %v", took)
			}
			if !errors.Is(err, errTooSlow) {
				t.NotYet("slow took too long, but the error is %v", err)
			}
		})
	}))
	// Output:
	// ok
}

/*lesson:wrong impatient-no-room says="not yet: 1 goroutines are still there; who tells them to stop?"
func impatient(patience time.Duration, slow func() string) (string, error) {
	done := make(chan string)
	go func() { done <- slow() }()
	select {
	case result := <-done:
		return result, nil
	case <-time.After(patience):
		return "", errTooSlow
	}
}
*/

/*lesson:wrong impatient-patient says="not yet: impatient should give up after 20ms, but it took"
func impatient(patience time.Duration, slow func() string) (string, error) {
	start := time.Now()
	result := slow()
	if time.Since(start) > patience {
		return "", errTooSlow
	}
	return result, nil
}
*/

/*lesson:wrong impatient-never-late says="not yet: impatient should give up after 20ms, but it took"
func impatient(patience time.Duration, slow func() string) (string, error) {
	done := make(chan string, 1)
	go func() { done <- slow() }()
	return <-done, nil
}
*/

/*lesson:wrong impatient-polite says="not yet: slow had not returned yet, but impatient had, with "
func impatient(patience time.Duration, slow func() string) (result string, err error) {
	go func() { result = slow() }()
	return result, nil
}
*/
