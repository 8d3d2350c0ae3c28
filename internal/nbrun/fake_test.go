package nbrun

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/kernel"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
)

// fakeVariable makes this test binary a kernel.
const fakeVariable = "GOKERNEL_FAKE_KERNEL"

func TestMain(m *testing.M) {
	if os.Getenv(fakeVariable) != "" {
		if err := serveFake(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serveFake is a kernel, the real one but for its language.
func serveFake(file string) error {
	info, err := jupyter.ReadConnectionFile(file)
	if err != nil {
		return err
	}
	ctx := context.Background()
	conn, err := wire.Listen(ctx, info, wire.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	k := kernel.New(conn, kernel.Config{Session: jupyter.NewSession("fake"), Interpreter: &fake{stop: make(chan struct{}, 1)}})
	return k.Run(ctx)
}

// fake is a language of one command a line: "print TEXT", "warn TEXT" (stderr), "value TEXT", "show TEXT",
// "named ID TEXT", "change ID TEXT", "clear", "clearwait", "fail TEXT" (at that line), "took" (prints a time
// of 1.2 seconds), "hang" (until interrupted), "die", "set TEXT" and "get" (what was set last),
// "later print TEXT" and "later fail TEXT" (done under that cell by "release" of a later one).
type fake struct {
	stop  chan struct{}
	kept  string
	later []func()
}

func (f *fake) Execute(ctx context.Context, c kernel.Cell, out kernel.Output) (kernel.Result, error) {
	var r kernel.Result
	for i, line := range strings.Split(c.Code, "\n") {
		cmd, arg, _ := strings.Cut(line, " ")
		text := func(s string) jupyter.MIMEBundle { return jupyter.MIMEBundle{"text/plain": s} }
		switch cmd {
		case "print":
			out.Stream("stdout", arg+"\n")
		case "warn":
			out.Stream("stderr", arg+"\n")
		case "value":
			r.Data = text(arg)
		case "show":
			out.Display(text(arg), nil, "", false)
		case "named", "change":
			id, arg, _ := strings.Cut(arg, " ")
			out.Display(text(arg), nil, id, cmd == "change")
		case "clear", "clearwait":
			out.Clear(cmd == "clearwait")
		case "took":
			out.Stream("stdout", "Finished in 1.20 seconds\n")
		case "set":
			f.kept = arg
		case "get":
			out.Stream("stdout", f.kept+"\n")
		case "fail":
			return r, failure(c, i, arg)
		case "later":
			cmd, arg, _ := strings.Cut(arg, " ")
			f.later = append(f.later, func() {
				if cmd == "fail" {
					out.Error(failure(c, i, arg))
				} else {
					out.Stream("stdout", arg+"\n")
				}
			})
		case "release":
			for _, do := range f.later {
				do()
			}
			f.later = nil
		case "hang":
			select {
			case <-f.stop:
				return r, &kernel.CellError{Name: "Interrupted", Value: "interrupted"}
			case <-ctx.Done():
				return r, ctx.Err()
			}
		case "die":
			fmt.Fprintln(os.Stderr, "fatal: the end")
			os.Exit(3)
		}
	}
	return r, nil
}

// failure is the error of a line of a cell.
func failure(c kernel.Cell, line int, text string) *kernel.CellError {
	return &kernel.CellError{Name: "panic", Value: text, Traceback: []string{fmt.Sprintf("\x1b[31mcell [%d]:%d:3\x1b[0m %s", c.Number, line+1, text)}}
}

func (f *fake) Expressions(context.Context, map[string]string) map[string]jupyter.ExpressionResult {
	return nil
}
func (f *fake) Interrupt() {
	select {
	case f.stop <- struct{}{}:
	default:
	}
}
func (f *fake) Complete(string, int) jupyter.CompleteReply          { return jupyter.CompleteReply{} }
func (f *fake) Inspect(string, int, int) (jupyter.MIMEBundle, bool) { return nil, false }
func (f *fake) IsComplete(string) jupyter.IsCompleteReply {
	return jupyter.IsCompleteReply{Status: jupyter.Complete}
}
func (f *fake) Close() error { return nil }
func (f *fake) Info() jupyter.KernelInfoReply {
	return jupyter.KernelInfoReply{Implementation: "fake", LanguageInfo: jupyter.LanguageInfo{Name: "fake", Version: "1", MIMEType: "text/plain", FileExtension: ".txt"}}
}

// fakeKernel starts this binary as a kernel.
func fakeKernel(*nbformat.Notebook) (client.Config, error) {
	exe, err := os.Executable()
	return client.Config{Argv: []string{exe, "{connection_file}"}, Env: []string{fakeVariable + "=1", "GORACE=atexit_sleep_ms=0"}, StartTimeout: 20 * time.Second}, err
}

// startFake starts a fake kernel for a test. At its end nothing may have been against the protocol.
func startFake(t *testing.T) *client.Client {
	t.Helper()
	cfg, err := fakeKernel(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range c.Violations() {
			t.Errorf("against the protocol: %s", v)
		}
	})
	return c
}

// notebook makes a notebook of code cells. A cell may be a *nbformat.Cell or its source.
func notebook(t *testing.T, cells ...any) *nbformat.Notebook {
	t.Helper()
	nb := &nbformat.Notebook{Metadata: map[string]any{}}
	for i, c := range cells {
		cell, ok := c.(*nbformat.Cell)
		if !ok {
			cell = &nbformat.Cell{Type: nbformat.Code, Source: c.(string), Metadata: map[string]any{}}
		}
		cell.ID = fmt.Sprintf("cell-%d", i+1)
		nb.Cells = append(nb.Cells, cell)
	}
	return nb
}

// tagged makes a code cell with tags.
func tagged(source string, tags ...string) *nbformat.Cell {
	list := make([]any, len(tags))
	for i, tag := range tags {
		list[i] = tag
	}
	return &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{"tags": list}}
}

// expecting makes a code cell with an expectation.
func expecting(source string, expect any) *nbformat.Cell {
	return &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{metadataKey: map[string]any{"expect": expect}}}
}
