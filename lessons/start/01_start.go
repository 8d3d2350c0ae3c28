// Package start is the notebook that a reader opens first.
//
//lesson:notebook 00-start-here
package start

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
)

/*lesson:markdown title
# Start here

This is a notebook whose cells are Go. Click into a cell and press Shift+Enter: it is checked as the compiler would check it, it runs,
and what it prints appears below.
*/

//lesson:run hello
func hello() {
	fmt.Println("Hello from Go!")
	// Output:
	// Hello from Go!
}

/*lesson:markdown cells
A cell may hold declarations, statements, or both; there is no need for `package` or `func main`. Packages of the standard
library that you name are imported for you. What you declare is there in later cells.
*/

//lesson:declare greet

func greet(name string) string {
	return "Hello, " + name
}

//lesson:run greet-call
func greetCall() {
	fmt.Println(greet("gopher"))
	// Output:
	// Hello, gopher
}

/*lesson:markdown result
If a cell ends in an expression, its value is shown:
*/

/*lesson:code result-code
greet("reader") + "!"
*/
// Result:
// Hello, reader!

/*lesson:markdown redefine
Declare something again, in a new cell or by changing the old one, and the new meaning holds from then on, also for functions that
were defined before and use it.
*/

//lesson:declare shout

func shout(name string) string {
	return greet(name) + "!!!"
}

/*lesson:code greet-again
func greet(name string) string {
	return "Good morning, " + name
}

fmt.Println(shout("gopher"))
*/
// Output:
// Good morning, gopher!!!

/*lesson:markdown errors
## Mistakes are allowed

A cell that fails shows what went wrong and where. The next one runs all the same, and your variables are still there. This holds
for panics in any goroutine, for `os.Exit`, for deadlocks, even if the process that runs your code dies.
*/

/*lesson:code mistake tags=raises-exception
scores := []int{12, 7, 20}
fmt.Println("best:", scores[3])
*/
// Error pattern:
// panic: runtime error: index out of range [3] with length 3
// Recorded error:
// panic: runtime error: index out of range [3] with length 3
// panic: runtime error: index out of range [3] with length 3
//   cell [7] line 2
//      2 | fmt.Println("best:", scores[3])

/*lesson:code mistake-after
fmt.Println(scores)
*/
// Output:
// [12 7 20]

/*lesson:markdown goroutines
## Goroutines

Goroutines of a cell may go on after it has ended; what they print still appears below their own cell. Here we wait for them. In which
order they come is their own affair.
*/

//lesson:run goroutines-code
func goroutines() {
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { fmt.Println("goroutine", i) })
	}
	wg.Wait()
	// Output unordered:
	// goroutine 0
	// goroutine 1
	// goroutine 2
	// Recorded:
	// goroutine 2
	// goroutine 0
	// goroutine 1
}

/*lesson:markdown magics
## Besides Go

A line that begins with `!` is a command for the shell. Lines that begin with `%` are for the notebook:
*/

/*lesson:code shell
!echo "the shell says hello"
*/
// Output:
// the shell says hello

/*lesson:markdown commands
| to | write or press |
| --- | --- |
| list all commands for the notebook | `%help` |
| see what you have declared | `%who` |
| see goroutines that still run, and end them | `%goroutines`, `%stop` |
| change the directory, set an environment variable | `%cd DIR`, `%env NAME=VALUE` |
| read about a name | `fmt.Println?`, or Shift+Tab inside a call |
| complete a name | Tab |
| stop a cell that takes too long | the square button above, or I twice |
| begin again from nothing | Kernel → Restart Kernel |

## Where to go from here

[Concurrency and parallelism](51-introduction.ipynb) tells the two words apart. Then, in this order or in any other:

- [Item 52](52-subprocesses.ipynb): other programs as children of yours.
- [Item 53](53-goroutines.ipynb): goroutines that wait, and goroutines that compute.
- [Item 54](54-locks.ipynb): goroutines that get in each other's way, and locks.
- [Item 55](55-queues.ipynb): queues between goroutines.
- [Item 56](56-life.ipynb): when a program needs concurrency at all.
*/
