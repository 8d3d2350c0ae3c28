package magic_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/magic"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// host is a Host of its own, so that tests do not change the process.
type host struct {
	out, err bytes.Buffer
	dir      string
	env      map[string]string
}

// newHost returns a host in a new directory that has a directory "sub dir".
func newHost(t testing.TB) *host {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "sub dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	return &host{dir: dir, env: map[string]string{"HOME": dir, "PATH": os.Getenv("PATH"), "LC_ALL": "C"}}
}

func (h *host) Stdout() io.Writer        { return &h.out }
func (h *host) Stderr() io.Writer        { return &h.err }
func (h *host) Dir() (string, error)     { return h.dir, nil }
func (h *host) Setenv(k, v string) error { h.env[k] = v; return nil }
func (h *host) Chdir(dir string) error {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(h.dir, dir)
	}
	if _, err := os.ReadDir(dir); err != nil {
		return err
	}
	h.dir = dir
	return nil
}

func (h *host) Environ() []string {
	var env []string
	for k, v := range maps.All(h.env) {
		env = append(env, k+"="+v)
	}
	slices.Sort(env)
	return env
}

// table is the commands with %help among them.
func table() magic.Table {
	var t magic.Table
	t = magic.NewTable(magic.Commands()...).With(magic.HelpCommand(func() magic.Table { return t }))
	return t
}

// runCell runs the magics of a cell in order until one fails.
func runCell(ctx context.Context, t testing.TB, h *host, src string) error {
	t.Helper()
	calls, _, err := magic.Parse(src)
	if err != nil {
		return err
	}
	for _, c := range calls {
		if err := table().Run(ctx, h, c); err != nil {
			return err
		}
	}
	return nil
}

func TestCommands(t *testing.T) {
	for _, test := range []struct {
		src    string
		out    string // DIR stands for the host's first directory
		stderr string
		err    string
	}{
		{src: "%cd sub dir", err: "line 1: %cd takes one directory; put one with blanks in its name in quotes"},
		{src: "%cd 'sub dir'\n%cd ..\n%cd -", out: "DIR/sub dir\nDIR\nDIR/sub dir\n"},
		{src: "%cd \"sub dir\"\n!pwd\n$ pwd\n%cd", out: "DIR/sub dir\nDIR/sub dir\nDIR/sub dir\nDIR\n"},
		{src: "%cd ~/'sub dir'\n%cd ~", out: "DIR/sub dir\nDIR\n"},
		{src: "\n%cd nowhere", err: "line 2: %cd: nowhere: no such file or directory"},
		{src: "%cd -", err: "line 1: %cd -: there is no directory before this one"},
		{src: "%cd 'a", err: "line 1: %cd: the quote ' is not closed"},
		{src: "%env A=1\n%env B two words\n%env C = 'x'\n%env A\n!echo $A $B $C", out: "1\n1 two words x\n"},
		{src: "%env NOT_SET", err: "line 1: %env: NOT_SET is not set"},
		{src: "%env =1", err: "line 1: %env: a name must stand before the ="},
		{src: "%go111module on"},
		{src: "%go111module off", stderr: "%go111module off: modules are always on\n"},
		{src: "%go111module", err: "line 1: %go111module takes on or off"},
		{src: "%%writefile 'sub dir/a.txt'\none\n%two", out: "Wrote sub dir/a.txt (9 bytes)\n"},
		{src: "%%writefile -a new\nb\n", out: "Added to new (2 bytes)\n"},
		{src: "%%writefile", err: "line 1: %%writefile takes one file name, and -a before it to add to the file"},
		{src: "%%writefile no/where\n", err: "line 1: %%writefile: no/where: no such file or directory"},
		{src: "%%bash a 'b c'\necho $0 $# \"$2\"\necho oops >&2\n", out: "bash 2 b c\n", stderr: "oops\n"},
		{src: "%%sh\nexit 3", err: "line 1: %%sh: exit status 3"},
		{src: "%%bash\necho before\nfalse", out: "before\n", err: "line 1: %%bash: exit status 1"},
		{src: "%%script sed s/a/b/\nbanana", out: "bbnana"},
		{src: "%%script", err: "line 1: %%script takes a program, as in %%script python3"},
		{src: "!echo $((1+2)) | tr 3 4", out: "4\n"},
		{src: "!echo a \\\n   b", out: "a b\n"},
		{src: "!cat; echo end", out: "end\n"},
		{src: "x := 1\n!exit 7", err: "line 2: !exit 7: exit status 7"},
		{src: "!kill -9 $$", err: "line 1: !kill -9 $$: signal: killed"},
		{src: "!no_such_program_here 2>/dev/null", err: "line 1: !no_such_program_here 2>/dev/null: exit status 127"},
		{src: "$ echo $HOME \"a b\" *", out: "$HOME \"a b\" *\n"},
		{src: "$"},
		{src: "$ no_such_program_here -x", err: `line 1: $: there is no program "no_such_program_here"`},
		{src: "$ ./no_such_program_here", err: `line 1: $: no such file or directory`},
		{src: "$ sh -c false", err: "line 1: $ sh -c false: exit status 1"},
		{src: "%help %cb", err: "line 1: unknown magic %cb; did you mean %cd? %help lists all"},
		{src: "%hepl", err: "line 1: unknown magic %hepl; did you mean %help? %help lists all"},
		{src: "%%wirtefile x\n", err: "line 1: unknown magic %%wirtefile; did you mean %%writefile? %help lists all"},
		{src: "%%bsh\nx", err: "line 1: unknown magic %%bsh; did you mean %%sh? %help lists all"},
		{src: "%evn", err: "line 1: unknown magic %evn; did you mean %env? %help lists all"},
		{src: "%ab", err: "line 1: unknown magic %ab; %help lists those there are"},
		{src: "%quantum", err: "line 1: unknown magic %quantum; %help lists those there are"},
		{src: "%bash", err: "line 1: unknown magic %bash; %%bash is a cell magic, with two %"},
		{src: "%%cd x", err: "line 1: unknown magic %%cd; %cd is a line magic, with one %"},
		{src: "%pwd", err: "line 1: unknown magic %pwd; here it is %cd ."},
		{src: "%%file x", err: "line 1: unknown magic %%file; here it is %%writefile"},
	} {
		t.Run(test.src, func(t *testing.T) {
			h := newHost(t)
			dir := h.dir
			message := ""
			if err := runCell(t.Context(), t, h, test.src); err != nil {
				message = err.Error()
			}
			if message != test.err {
				t.Errorf("error = %q, want %q", message, test.err)
			}
			if diff := cmp.Diff(test.out, strings.ReplaceAll(h.out.String(), dir, "DIR")); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.stderr, h.err.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWritefile(t *testing.T) {
	h := newHost(t)
	for _, src := range []string{"%%writefile a\none", "%%writefile a\ntwo\n", "%%writefile -a a\n\tthree `\n", "%%writefile empty"} {
		if err := runCell(t.Context(), t, h, src); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"a": "two\n\tthree `\n", "empty": ""} {
		got, err := os.ReadFile(filepath.Join(h.dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestLongScript(t *testing.T) {
	h := newHost(t)
	body := strings.Repeat(": filler filler filler filler\n", 10_000) + "echo $1 end"
	if err := runCell(t.Context(), t, h, "%%bash the\n"+body); err != nil || h.out.String() != "the end\n" {
		t.Errorf("a script of %d bytes: %q, %v, want the end", len(body), h.out.String(), err)
	}
}

// TestErrorsAreTyped: what the reader did wrong is told from what went wrong in us.
func TestErrorsAreTyped(t *testing.T) {
	var exit *magic.ExitError
	if err := runCell(t.Context(), t, newHost(t), "!exit 7"); !errors.As(err, &exit) || exit.Code != 7 || exit.Status != "exit status 7" {
		t.Errorf("a failing command: %#v, want an ExitError of 7", err)
	}
	var usage *magic.UsageError
	if err := runCell(t.Context(), t, newHost(t), "%nothing"); !errors.As(err, &usage) || usage.Line != 1 {
		t.Errorf("an unknown magic: %#v, want a UsageError in line 1", err)
	}
}

// TestInterrupt: the end of the context ends a command with all its children at once.
func TestInterrupt(t *testing.T) {
	for _, src := range []string{
		"!sleep 100 & echo $!; sleep 100",
		"%%bash\nsh -c 'echo $$; sleep 100; echo'; true",
	} {
		t.Run(src, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			h := newHost(t)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			done := make(chan error, 1)
			go func() {
				calls, _, _ := magic.Parse(src)
				done <- table().Run(ctx, piped{h, w}, calls[0])
				w.Close()
			}()
			line := make([]byte, 32)
			n, err := r.Read(line) // the pid: the command runs
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
			if err != nil {
				t.Fatal(err)
			}
			stop := errors.New("interrupted")
			start := time.Now()
			cancel(stop)
			if err := <-done; !errors.Is(err, stop) {
				t.Errorf("error = %v, want the cause of the context", err)
			}
			if took := time.Since(start); took > 30*time.Second { // of the 100 s that it would take otherwise
				t.Errorf("it took %v to end", took)
			}
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 { // ends only once no child holds the pipe
				t.Errorf("after the end: %q, %v", rest, err)
			}
			wantEnd(t, pid)
		})
	}
}

// wantEnd waits for the end of a process, which may take the system a moment after it was killed.
func wantEnd(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); syscall.Kill(pid, 0) == nil && !zombie(pid); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

// zombie reports whether a process has ended and only waits to be collected.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

// piped is a host whose output is a file.
type piped struct {
	*host
	f *os.File
}

func (p piped) Stdout() io.Writer { return p.f }

// TestBackground: a command that leaves a process behind does not hold the cell up.
func TestBackground(t *testing.T) {
	h := newHost(t)
	start := time.Now()
	err := runCell(t.Context(), t, h, "!sleep 60 & echo $!")
	took := time.Since(start)
	if pid, err := strconv.Atoi(strings.TrimSpace(h.out.String())); err != nil {
		t.Errorf("it printed %q, want a pid", h.out.String())
	} else if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("ending what was left behind: %v", err)
	}
	if err != nil || took > 30*time.Second {
		t.Errorf("%v after %v, want it at once", err, took)
	}
}

func TestHelp(t *testing.T) {
	h := newHost(t)
	for _, src := range []string{"%help", "%help writefile", "%help !"} {
		if err := runCell(t.Context(), t, h, src); err != nil {
			t.Fatal(err)
		}
	}
	bash, _ := table().Lookup("%%writefile")
	got := h.out.String() + "\n" + bash.Markdown()
	golden := filepath.Join("testdata", "help.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("help (-want +got):\n%s", diff)
	}
}

// TestCommandsAreDocumented holds every command to what completion and help need, and its example
// to its own syntax.
func TestCommandsAreDocumented(t *testing.T) {
	for _, c := range table().All() {
		if c.Usage == "" || c.Summary() == "" || c.Example == "" || c.Run == nil {
			t.Errorf("%s lacks usage, documentation, example or function", c.Name)
		}
		if len(c.Summary()) > 60 {
			t.Errorf("%s: the summary has %d bytes, want at most 60", c.Name, len(c.Summary()))
		}
		calls, _, err := magic.Parse(c.Example)
		if err != nil || len(calls) != 1 || calls[0].Name != c.Name {
			t.Errorf("%s: its example is read as %v, %v", c.Name, calls, err)
		}
		if !strings.HasPrefix(c.Usage, c.Name) {
			t.Errorf("%s: its usage is %q", c.Name, c.Usage)
		}
	}
}
