package kernel

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/tools/txtar"

	"gokernel/kernel/jupyter"
)

var update = flag.Bool("update", false, "rewrite the kernel's side of testdata/*.txtar")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConversations plays testdata/*.txtar; testdata/README.md is the format.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script := txtar.Parse(data)
			got := &txtar.Archive{Comment: script.Comment}
			synctest.Test(t, func(t *testing.T) { got.Files = play(t, script) })
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := gocmp.Diff(string(txtar.Format(script)), string(txtar.Format(got))); diff != "" {
				t.Errorf("conversation differs (-want +got, -update accepts it):\n%s", diff)
			}
		})
	}
}

// play sends the client's sections and returns them with what the kernel sent
// after each.
func play(t *testing.T, script *txtar.Archive) []txtar.File {
	c := startConversation(t)
	var files []txtar.File
	for _, f := range script.Files {
		if f.Name != "client" {
			continue
		}
		files = append(files, f)
		for line := range strings.Lines(string(f.Data)) {
			if line = strings.TrimSpace(line); line != "" {
				c.do(line)
			}
		}
		synctest.Wait()
		if answer := c.heard(); answer != "" {
			files = append(files, txtar.File{Name: "kernel", Data: []byte(answer)})
		}
	}
	if rest := c.end(); rest != "" {
		t.Errorf("sent after the last section:\n%s", rest)
	}
	return files
}

// conversation is a kernel with one client, inside a synctest bubble.
type conversation struct {
	t         *testing.T
	transport *memory
	interp    *script
	kernel    *Kernel
	check     *checker
	cancel    context.CancelFunc
	done      chan error
	log       *strings.Builder
}

// startConversation runs a kernel with a history of its own.
func startConversation(t *testing.T) *conversation {
	t.Helper()
	h := OpenHistory(HistoryConfig{Path: filepath.Join(t.TempDir(), "history.jsonl")})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return startKernel(t, Config{History: h})
}

func startKernel(t *testing.T, cfg Config) *conversation {
	t.Helper()
	c := &conversation{t: t, transport: newMemory(), interp: newScript(), check: newChecker(t),
		done: make(chan error, 1), log: new(strings.Builder)}
	cfg.Session, cfg.Interpreter = jupyter.Session{ID: "kernel-session", Username: "kernel"}, c.interp
	cfg.Logger = slog.New(slog.NewTextHandler(c.log, nil))
	c.kernel = New(c.transport, cfg)
	var ctx context.Context
	ctx, c.cancel = context.WithCancel(t.Context())
	go func() { c.done <- c.kernel.Run(ctx) }()
	return c
}

// do performs one line of a client section.
func (c *conversation) do(line string) {
	c.t.Helper()
	words := strings.SplitN(line, " ", 4)
	switch words[0] {
	case "wait":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			c.t.Fatal(err)
		}
		time.Sleep(d) // on the bubble's clock
	case "idle":
		synctest.Wait()
	case "sigint":
		c.kernel.Interrupt()
	case "shell", "control", "stdin":
		if len(words) < 4 {
			c.t.Fatalf("not CHANNEL ID TYPE CONTENT: %s", line)
		}
		c.send(words[0], words[1], words[2], words[3])
	default:
		c.t.Fatalf("unknown line %q", line)
	}
}

func (c *conversation) send(channel, id, typ, content string) {
	ch := map[string]jupyter.Channel{"shell": jupyter.Shell, "control": jupyter.Control, "stdin": jupyter.Stdin}[channel]
	m := clientMessage(id, jupyter.MsgType(typ), content)
	if ch != jupyter.Stdin {
		c.check.asked(ch, m)
	}
	c.transport.in[ch] <- m
}

// heard returns what the kernel sent since the last call: iopub, shell, what
// belongs to control requests, stdin. Between control, which is answered at
// any time, and the rest there is no order.
func (c *conversation) heard() string {
	log := c.transport.take()
	c.check.sent(log)
	groups := make([]strings.Builder, 4)
	for _, s := range log {
		parent := "-"
		if s.msg.ParentHeader != nil {
			parent = s.msg.ParentHeader.MsgID
		}
		group := map[jupyter.Channel]int{jupyter.IOPub: 0, jupyter.Shell: 1, jupyter.Control: 2, jupyter.Stdin: 3}[s.channel]
		if a := c.check.asks[parent]; a != nil && a.channel == jupyter.Control {
			group = 2
		}
		fmt.Fprintf(&groups[group], "%s %s %s %s\n", s.channel, parent, s.msg.Header.MsgType, canonical(c.t, s.msg.Content))
	}
	var all string
	for i := range groups {
		if i == 2 { // the reply has no order with its own busy and idle
			lines := slices.Collect(strings.Lines(groups[i].String()))
			slices.SortStableFunc(lines, func(a, b string) int {
				return cmp.Compare(strings.Fields(a)[0], strings.Fields(b)[0])
			})
			all += strings.Join(lines, "")
			continue
		}
		all += groups[i].String()
	}
	return all
}

// end stops the kernel, if the conversation did not, and returns what it sent
// meanwhile.
func (c *conversation) end() string {
	c.t.Helper()
	synctest.Wait()
	select {
	case err := <-c.done:
		if err != nil {
			c.t.Errorf("Run: %v", err)
		}
	default:
		c.cancel()
		if err := <-c.done; err != context.Canceled {
			c.t.Errorf("Run: got %v, want %v", err, context.Canceled)
		}
	}
	c.cancel()
	rest := c.heard()
	c.check.finished()
	return rest
}

// canonical is content with sorted keys on one line.
func canonical(t *testing.T, content json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatalf("content %q: %v", content, err)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}
