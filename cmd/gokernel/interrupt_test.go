package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInterruptedLeavesNothing sends signals to commands that have started a kernel, when they have said something.
func TestInterruptedLeavesNothing(t *testing.T) {
	endless := filepath.Join(t.TempDir(), "endless.ipynb")
	const notebook = `{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [],
		"source": "print(\"running\\n\")\nfor {\n}"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`
	if err := os.WriteFile(endless, []byte(notebook), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for _, args := range [][]string{{"run", endless}, {"install"}} {
			t.Run(signal.String()+" "+args[0], func(t *testing.T) {
				dir := t.TempDir()
				cmd := exec.Command("gokernel", args...)
				cmd.Env = append(os.Environ(), "TMPDIR="+dir, "JUPYTER_DATA_DIR="+filepath.Join(dir, "data"))
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				cmd.Stderr = cmd.Stdout
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewScanner(out)
				lines.Scan()
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				last := lines.Text()
				for lines.Scan() {
					last = lines.Text()
				}
				if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(last, "interrupted") {
					t.Errorf("ended with %v, saying %q; want status 1 and interrupted", err, last)
				}
				for _, pattern := range []string{"gokernel-*", "data/kernels/.*"} {
					if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
						t.Errorf("left %v, %v", left, err)
					}
				}
			})
		}
	}
}
