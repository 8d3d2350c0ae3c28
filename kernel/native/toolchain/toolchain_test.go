package toolchain_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/kernel/native/toolchain"
)

func find(t *testing.T) *toolchain.Toolchain {
	t.Helper()
	tc, err := toolchain.Find(t.Context(), toolchain.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return tc
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// build compiles and links main.go of dir.
func build(t *testing.T, tc *toolchain.Toolchain, dir string, flags toolchain.Flags, imports ...string) (string, error) {
	t.Helper()
	pkgs, err := tc.Packages(t.Context(), dir, imports, flags)
	if err != nil {
		return "", err
	}
	object, program := filepath.Join(dir, "main.a"), filepath.Join(dir, "main.exe")
	c := toolchain.Compilation{Path: "main", Files: []string{"main.go"}, Dir: dir, Packages: pkgs, Flags: flags, Output: object}
	if err := tc.Compile(t.Context(), c); err != nil {
		return "", err
	}
	return program, tc.Link(t.Context(), toolchain.Linking{Object: object, Packages: pkgs, Flags: flags, Output: program})
}

func TestBuildRuns(t *testing.T) {
	tc := find(t)
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":         "module gokernel\n\ngo 1.26\n",
		"inner/inner.go": "package inner\n\nconst Text = \"inside\"\n",
		"main.go": `package main

import (
	"fmt"
	"net/http"

	"gokernel/inner"
)

func main() {
	fmt.Println(inner.Text, http.StatusOK)
/*line cell [7]:3:5*/ panic("here")
}
`})
	program, err := build(t, tc, dir, toolchain.Flags{}, "fmt", "net/http", "gokernel/inner")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "inside 200\n") || !strings.Contains(string(out), "\n\tcell [7]:3 ") {
		t.Errorf("got %v and\n%s\nwant a panic at cell [7]:3", err, out)
	}

	// What has changed on the disk is compiled anew.
	write(t, dir, map[string]string{"inner/inner.go": "package inner\n\nconst Text = \"changed\"\n"})
	if program, err = build(t, tc, dir, toolchain.Flags{}, "fmt", "net/http", "gokernel/inner"); err != nil {
		t.Fatal(err)
	}
	out, _ = exec.CommandContext(t.Context(), program).CombinedOutput() // it panics
	if !strings.Contains(string(out), "changed 200\n") {
		t.Errorf("after a change got\n%s", out)
	}
}

func TestRace(t *testing.T) {
	tc := find(t)
	if err := tc.NeedCgo("-race"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": "module gokernel\n\ngo 1.26\n", "main.go": `package main

var x int

func main() {
	done := make(chan bool)
	go func() { x++; close(done) }()
	x++
	<-done
}
`})
	program, err := build(t, tc, dir, toolchain.Flags{Race: true})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "DATA RACE") || !strings.Contains(string(out), "main.go:8") {
		t.Errorf("got %v and\n%s\nwant a data race", err, out)
	}
}

func TestErrorsHavePositions(t *testing.T) {
	tc := find(t)
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": "module gokernel\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {\n//line cell [7]:2:1\nx\n}\n"})
	_, err := build(t, tc, dir, toolchain.Flags{})
	var refused *toolchain.Error
	if !errors.As(err, &refused) || refused.Tool != "compile" || refused.Reason() != "cell [7]:2:1: undefined: x" {
		t.Errorf("got %v, want an error of the compiler at cell [7]:2:1", err)
	}
	_, err = tc.Packages(t.Context(), dir, []string{"example.com/nothing"}, toolchain.Flags{})
	if !errors.As(err, &refused) || refused.Tool != "go list" || !strings.Contains(refused.Reason(), "example.com/nothing") {
		t.Errorf("got %v, want an error of go list about the module", err)
	}
}

// home returns a home directory where the go command leaves no process behind that writes to it.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mode := filepath.Join(dir, ".config", "go", "telemetry", "mode")
	if err := os.MkdirAll(filepath.Dir(mode), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mode, []byte("off\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMissing(t *testing.T) {
	bin := t.TempDir()
	if err := os.Symlink(find(t).Go, filepath.Join(bin, "go")); err != nil {
		t.Fatal(err)
	}
	tc, err := toolchain.Find(t.Context(), toolchain.Config{Env: []string{"PATH=" + bin, "HOME=" + home(t), "GOFLAGS=-buildvcs=false -gcflags=-N"}})
	if err != nil {
		t.Fatal(err)
	}
	if tc.Cgo || tc.Direct() {
		t.Errorf("without gcc and with -gcflags: got cgo %t, direct %t", tc.Cgo, tc.Direct())
	}
	var missing *toolchain.MissingError
	if _, err := tc.Packages(t.Context(), "", []string{"fmt"}, toolchain.Flags{Race: true}); !errors.As(err, &missing) || missing.What != "gcc" || strings.Contains(err.Error(), "\n") {
		t.Errorf("without gcc got %v", err)
	}
	cancelled, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := tc.Packages(cancelled, "", []string{"fmt"}, toolchain.Flags{}); !errors.Is(err, stop) {
		t.Errorf("cancelled: got %v, want the cause", err)
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, flags := range []toolchain.Flags{{}, {Race: true}} {
		name := "plain"
		if flags.Race {
			name = "race"
		}
		b.Run(name, func(b *testing.B) {
			tc, err := toolchain.Find(b.Context(), toolchain.Config{})
			if err != nil {
				b.Fatal(err)
			}
			dir := b.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n"), 0o666); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				pkgs, err := tc.Packages(b.Context(), "", []string{"fmt"}, flags)
				if err != nil {
					b.Fatal(err)
				}
				object := filepath.Join(dir, "main.a")
				if err := tc.Compile(b.Context(), toolchain.Compilation{Path: "main", Files: []string{"main.go"}, Dir: dir, Packages: pkgs, Flags: flags, Output: object}); err != nil {
					b.Fatal(err)
				}
				if err := tc.Link(b.Context(), toolchain.Linking{Object: object, Packages: pkgs, Flags: flags, Output: filepath.Join(dir, "main.exe")}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
