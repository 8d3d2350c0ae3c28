package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
)

// confine makes the goroutines of this process and of the Go programs below it use no more processors than c. There is no way to
// hold other programs to that.
func (c cpus) confine() error {
	if c == 0 || runtime.GOMAXPROCS(0) <= int(c) {
		return nil
	}
	runtime.GOMAXPROCS(int(c))
	if err := os.Setenv("GOMAXPROCS", strconv.Itoa(int(c))); err != nil {
		return fmt.Errorf("limiting processors: %w", err)
	}
	return nil
}
