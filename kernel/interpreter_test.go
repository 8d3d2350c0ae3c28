package kernel

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"gokernel/kernel/jupyter"
)

// script is an Interpreter whose cells are lists of commands, one a line:
//
//	out TEXT, err TEXT        print a line
//	raw QUOTED, rawerr QUOTED print as it stands
//	show TEXT [ID]            display; update TEXT ID
//	clear, clear wait
//	result TEXT               the cell's value
//	input PROMPT, password PROMPT   ask, and print the answer or the error
//	page TEXT                 a payload
//	fail NAME VALUE           the reader's program fails
//	broken TEXT               the kernel fails
//	panic TEXT
//	unencodable               a result that JSON cannot express
//	sleep DURATION            ends early when interrupted
//	block                     until interrupted
//	stubborn                  until Close
//	late DURATION TEXT        print and fail after the cell has ended
//	count N TEXT              print a line N times
//	nostore, number           print what the Cell says
type script struct {
	mu          sync.Mutex
	interrupted chan struct{} // closed by Interrupt; nil while no cell runs
	interrupts  int
	closed      chan struct{}
	comms       *Comms
	late        sync.WaitGroup
}

func newScript() *script { return &script{closed: make(chan struct{})} }

func (s *script) Execute(ctx context.Context, c Cell, out Output) (Result, error) {
	stop := make(chan struct{})
	s.mu.Lock()
	s.interrupted = stop
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.interrupted = nil
		s.mu.Unlock()
	}()
	var result Result
	for line := range strings.Lines(c.Code) {
		if err := s.command(ctx, stop, c, out, &result, strings.TrimSpace(line)); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

func (s *script) command(ctx context.Context, stop chan struct{}, c Cell, out Output, result *Result, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	first, second, _ := strings.Cut(rest, " ")
	switch word {
	case "":
	case "out":
		out.Stream("stdout", rest+"\n")
	case "err":
		out.Stream("stderr", rest+"\n")
	case "raw", "rawerr":
		text, err := strconv.Unquote(rest)
		if err != nil {
			return err
		}
		out.Stream(map[string]string{"raw": "stdout", "rawerr": "stderr"}[word], text)
	case "show", "update":
		out.Display(jupyter.MIMEBundle{"text/plain": first}, nil, second, word == "update")
	case "clear":
		out.Clear(rest == "wait")
	case "result":
		result.Data = jupyter.MIMEBundle{"text/plain": rest}
	case "unencodable":
		out.Display(jupyter.MIMEBundle{"text/plain": func() {}}, nil, "", false)
	case "input", "password":
		answer, err := out.Input(ctx, rest+" ", word == "password")
		switch {
		case errors.Is(err, ErrInterrupted):
			return &CellError{Name: "Interrupted", Value: "at input"}
		case err != nil:
			out.Stream("stderr", err.Error()+"\n")
		default:
			out.Stream("stdout", fmt.Sprintf("%q\n", answer))
		}
	case "page":
		out.Payload(map[string]any{"source": "page", "data": map[string]any{"text/plain": rest}, "start": 0})
	case "fail":
		return &CellError{Name: first, Value: second, Traceback: []string{"cell [" + strconv.Itoa(c.Number) + "]", rest}}
	case "broken":
		return errors.New(rest)
	case "panic":
		panic(rest)
	case "sleep", "block":
		d := 24 * time.Hour
		if word == "sleep" {
			var err error
			if d, err = time.ParseDuration(rest); err != nil {
				return err
			}
		}
		select {
		case <-time.After(d):
		case <-stop:
			return &CellError{Name: "Interrupted", Value: "by the reader"}
		case <-ctx.Done():
			return ctx.Err()
		}
	case "stubborn":
		<-s.closed
	case "late":
		d, err := time.ParseDuration(first)
		if err != nil {
			return err
		}
		s.late.Go(func() {
			time.Sleep(d)
			out.Stream("stdout", second+"\n")
			out.Error(&CellError{Name: "panic", Value: second})
			if _, err := out.Input(ctx, "late ", false); err != nil {
				out.Stream("stderr", err.Error()+"\n")
			}
		})
	case "count":
		n, err := strconv.Atoi(first)
		if err != nil {
			return err
		}
		for range n {
			out.Stream("stdout", second+"\n")
		}
	case "cell":
		out.Stream("stdout", fmt.Sprintf("%d silent=%t stdin=%t store=%t\n", c.Number, c.Silent, c.AllowStdin, c.StoreHistory))
	default:
		return &CellError{Name: "NameError", Value: word}
	}
	return nil
}

func (s *script) Expressions(_ context.Context, exprs map[string]string) map[string]jupyter.ExpressionResult {
	results := make(map[string]jupyter.ExpressionResult)
	for name, expr := range exprs {
		switch expr {
		case "panic":
			panic("in an expression")
		case "bad":
			results[name] = jupyter.ExpressionResult{Status: jupyter.StatusError, EName: "NameError", EValue: expr}
		default:
			results[name] = jupyter.ExpressionResult{Status: jupyter.StatusOK, Data: jupyter.MIMEBundle{"text/plain": expr}}
		}
	}
	return results
}

func (s *script) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupts++
	if s.interrupted != nil {
		close(s.interrupted)
		s.interrupted = nil
	}
}

func (s *script) Complete(code string, cursor int) jupyter.CompleteReply {
	if code == "panic" {
		panic("in complete")
	}
	start := strings.LastIndexByte(code[:cursor], ' ') + 1
	word := code[start:cursor]
	return jupyter.CompleteReply{
		Matches:     []string{word + "A", word + "B"},
		CursorStart: start, CursorEnd: cursor,
		Metadata: map[string]any{jupyter.TypedMatchesKey: []jupyter.TypedMatch{
			{Start: start, End: cursor, Text: word + "A", Type: "function"},
		}},
	}
}

func (s *script) Inspect(code string, cursor, detail int) (jupyter.MIMEBundle, bool) {
	if code == "" {
		return nil, false
	}
	return jupyter.MIMEBundle{"text/plain": fmt.Sprintf("%q, level %d", code[:cursor], detail)}, true
}

func (s *script) IsComplete(code string) jupyter.IsCompleteReply {
	if strings.HasSuffix(code, "{") {
		return jupyter.IsCompleteReply{Status: jupyter.Incomplete, Indent: "\t"}
	}
	return jupyter.IsCompleteReply{Status: jupyter.Complete}
}

func (s *script) Info() jupyter.KernelInfoReply {
	return jupyter.KernelInfoReply{
		Implementation: "script", ImplementationVersion: "1", Banner: "A script",
		LanguageInfo: jupyter.LanguageInfo{Name: "script", Version: "1", MIMEType: "text/plain", FileExtension: ".txt"},
	}
}

func (s *script) Close() error {
	close(s.closed)
	s.late.Wait()
	return nil
}

// UseComms registers the target "echo", which sends back what it gets, and
// "refuse", which fails.
func (s *script) UseComms(c *Comms) {
	s.comms = c
	c.Register("echo", func(c *Comm, open CommData) (CommPeer, error) { return echo{}, c.Send(open) })
	c.Register("refuse", func(*Comm, CommData) (CommPeer, error) { return nil, errors.New("not today") })
	c.Register("panic", func(*Comm, CommData) (CommPeer, error) { panic("in target") })
}

type echo struct{}

func (echo) CommMsg(c *Comm, m CommData) {
	if err := c.Send(m); err != nil {
		panic(err)
	}
}

func (echo) CommClose(c *Comm, m CommData) {
	if err := c.Send(m); !errors.Is(err, ErrCommClosed) {
		panic(fmt.Sprintf("send on a closed comm: %v", err))
	}
}
