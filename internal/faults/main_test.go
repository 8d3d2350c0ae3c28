package faults

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the file of the program under test. TestMain sets it before any test runs.
var program string

// engine runs the cells. The times that the tests hold the kernel to are without those that a compiler takes.
var engine = flag.String("engine", "interp", "what runs the cells: interp, native or auto")

// atOnce is how many parallel tests run at a time. They wait more than they compute.
const atOnce = "16"

// TestMain builds the program and runs the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gokernel-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "gokernel")
	build := exec.Command("go", "build", "-o", program, "gokernel/cmd/gokernel")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building gokernel: %v\n%s", err, out)
		return 1
	}
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
