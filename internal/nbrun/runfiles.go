package nbrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// ErrFailed is returned by RunFiles and VerifyFiles when a notebook failed, which has then been told on the
// writers of the config: all that is left to do is to exit with status 1.
var ErrFailed = errors.New("a notebook failed")

// A Kernel says how to start the kernel for a notebook. RunFiles and VerifyFiles set the directory.
type Kernel func(nb *nbformat.Notebook) (client.Config, error)

// A RunConfig is the command gokernel run.
type RunConfig struct {
	Files       []string
	Out         string // "": each file in place; a directory if there are several files; "-" is Stdout
	Timeout     time.Duration
	AllowErrors bool
	Kernel      Kernel
	Stdout      io.Writer // the outputs of cells, or the notebook if Out is "-"
	Stderr      io.Writer // what cells write to stderr, errors, the progress bar
	Terminal    bool      // Stderr is a terminal: show a bar
}

// RunFiles runs notebooks one after the other, each on a kernel of its own in the notebook's directory, and
// writes the executed notebooks, those that failed too. All files are read before the first is run. The error
// is ErrFailed if a cell failed, which Stderr tells with cell and line; others name the file.
func RunFiles(ctx context.Context, cfg RunConfig) error {
	if len(cfg.Files) == 0 {
		return errors.New("no notebook to run")
	}
	outs, err := outNames(cfg.Files, cfg.Out)
	if err != nil {
		return err
	}
	nbs := make([]*nbformat.Notebook, len(cfg.Files))
	for i, name := range cfg.Files {
		if nbs[i], err = readFile(name); err != nil {
			return err
		}
	}
	for _, name := range outs {
		if name == "-" {
			continue
		}
		if err := MayWrite(name); err != nil { // before anything runs
			return err
		}
	}
	b := &bar{w: cfg.Stderr, terminal: cfg.Terminal}
	defer b.close()
	for _, nb := range nbs {
		b.add(countRuns(nb))
	}
	failed := false
	for i, nb := range nbs {
		done, err := runFile(ctx, cfg, b, cfg.Files[i], nb)
		if done != nil {
			if outs[i] == "-" {
				b.close()
				if err := done.Write(cfg.Stdout); err != nil {
					return fmt.Errorf("writing notebook: %w", err)
				}
			} else if err := writeFile(outs[i], done); err != nil {
				return err
			}
		}
		var cellErr *CellError
		var timeout *TimeoutError
		switch {
		case errors.As(err, &cellErr), errors.As(err, &timeout):
			failed = true
			fmt.Fprintf(b, "%s: %v\n", cfg.Files[i], err)
		case err != nil:
			return fmt.Errorf("%s: %w", cfg.Files[i], err)
		}
	}
	if failed {
		return ErrFailed
	}
	return nil
}

// outNames returns where each file goes.
func outNames(files []string, out string) ([]string, error) {
	if out == "" {
		return files, nil
	}
	info, err := os.Stat(out)
	isDir := err == nil && info.IsDir() || strings.HasSuffix(out, string(filepath.Separator))
	if !isDir {
		if len(files) > 1 {
			return nil, fmt.Errorf("%s is no directory, but there are %d notebooks to write", out, len(files))
		}
		return []string{out}, nil
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return nil, err
	}
	names := make([]string, len(files))
	seen := map[string]string{}
	for i, f := range files {
		names[i] = filepath.Join(out, filepath.Base(f))
		if other, dup := seen[names[i]]; dup {
			return nil, fmt.Errorf("%s and %s would both be written to %s", other, f, names[i])
		}
		seen[names[i]] = f
	}
	return names, nil
}

func countRuns(nb *nbformat.Notebook) int {
	n := 0
	for _, c := range nb.Cells {
		if runs(c) {
			n++
		}
	}
	return n
}

// startFor starts the kernel for a notebook file, in its directory.
func startFor(ctx context.Context, kernel Kernel, file string, nb *nbformat.Notebook) (*client.Client, error) {
	kc, err := kernel(nb)
	if err != nil {
		return nil, err
	}
	if kc.Dir == "" {
		kc.Dir = filepath.Dir(file)
	}
	return client.Start(ctx, kc)
}

// runFile runs one notebook. The notebook it returns is nil if none of it was run.
func runFile(ctx context.Context, cfg RunConfig, b *bar, file string, nb *nbformat.Notebook) (*nbformat.Notebook, error) {
	b.step(0, filepath.Base(file)+": starting the kernel")
	c, err := startFor(ctx, cfg.Kernel, file, nb)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	show := printer{stdout: cfg.Stdout, stderr: b, bar: b}
	if cfg.Out == "-" {
		show.stdout = io.Discard
	}
	total, begun := len(nb.Cells), false
	done, err := Run(ctx, c, nb, Options{
		Timeout:     cfg.Timeout,
		AllowErrors: cfg.AllowErrors,
		Started: func(n int, _ *nbformat.Cell) {
			finished := 0
			if begun {
				finished = 1
			}
			begun = true
			b.step(finished, fmt.Sprintf("%s: cell %d of %d", filepath.Base(file), n, total))
		},
		Message: func(_ int, m *jupyter.Message) { show.message(m) },
	})
	if begun {
		b.step(1, filepath.Base(file))
	}
	setLanguage(done, c.Info())
	return done, err
}

// setLanguage records what ran the notebook, as nbclient does.
func setLanguage(nb *nbformat.Notebook, info jupyter.KernelInfoReply) {
	if info.LanguageInfo.Name != "" {
		nb.Metadata["language_info"] = info.LanguageInfo
	}
}

// A printer shows outputs as they come.
type printer struct {
	stdout, stderr io.Writer
	bar            *bar
}

// message prints one iopub message. Failures to print are not the notebook's; the run goes on.
func (p printer) message(m *jupyter.Message) {
	var v content
	if err := json.Unmarshal(m.Content, &v); err != nil {
		return
	}
	switch m.Header.MsgType {
	case jupyter.StreamType:
		if v.Name == jupyter.Stderr {
			fmt.Fprint(p.stderr, v.Text)
			return
		}
		p.out(v.Text)
	case jupyter.ExecuteResultType, jupyter.DisplayDataType:
		if s, ok := v.Data["text/plain"].(string); ok {
			p.out(s + "\n")
		}
	case jupyter.ErrorType:
		lines := v.Traceback
		if len(lines) == 0 {
			lines = []string{v.EName + ": " + v.EValue}
		}
		fmt.Fprintln(p.stderr, strings.Join(lines, "\n"))
	}
}

// out prints to stdout, which may be the terminal that also shows the bar.
func (p printer) out(s string) {
	p.bar.mu.Lock()
	defer p.bar.mu.Unlock()
	p.bar.wipe()
	fmt.Fprint(p.stdout, s)
	if s != "" {
		p.bar.column = !strings.HasSuffix(s, "\n")
	}
	p.bar.draw()
}
