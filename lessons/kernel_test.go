package lessons

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

// atOnce is how many parallel tests run at a time. They wait more than they compute.
const atOnce = "8"

// binary is where the kernel is built. TestMain sets it before any test runs.
var binary string

// program builds the kernel once.
var program = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "build", "-o", binary, "gokernel/cmd/gokernel").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building gokernel: %w\n%s", err, out)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gokernel-lessons-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "gokernel")
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// connect starts a kernel in an empty directory, with additions to its environment. It ends with the test.
func connect(t *testing.T, env ...string) *client.Client {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(context.Background(), client.Config{
		Argv: []string{file, "kernel", "-f", "{connection_file}"}, Dir: t.TempDir(),
		Env: append([]string{"GOKERNEL_ENGINE=interp"}, env...), // so many cells, each run once, are not worth compiling
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// execute runs all code cells of a notebook on a kernel of its own, in an empty directory.
func execute(t *testing.T, nb *nbformat.Notebook, env ...string) *nbformat.Notebook {
	t.Helper()
	c := connect(t, env...)
	defer c.Close()
	done, err := nbrun.Run(context.Background(), c, nb, nbrun.Options{AllowErrors: true, PassTimeouts: true, Timeout: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
