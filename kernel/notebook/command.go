package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/magic"
	"gokernel/kernel/worker"
)

// surroundings are the directory and the environment in which the reader's code runs. A zero field is unknown.
type surroundings struct {
	Dir string   `json:"dir,omitempty"`
	Env []string `json:"env,omitempty"`
}

// What the evaluator answers beyond what workers do.
const (
	callSurround = "surround" // puts surroundings into force: surroundings → nothing
	callArgs     = "args"     // sets os.Args but for the program's name: []string → nothing
)

// A request is what the worker gets for a command instead of a program.
type request struct {
	Command *magic.Call `json:"command"`
	Launch  *launch     `json:"launch"`
}

// evaluator runs commands, and leaves the rest to next.
type evaluator struct {
	next  worker.Evaluator
	table magic.Table
	host  *worker.Host
}

// Evaluator returns an evaluator for workers of a Notebook: it runs commands such as %cd and !ls in the worker, and hands
// programs, and whatever else it is asked, to next.
func Evaluator(next worker.Evaluator) worker.Evaluator {
	return &evaluator{next: next, table: magic.NewTable(magic.Commands()...)}
}

// Attach keeps the host, and hands it to next.
func (e *evaluator) Attach(h *worker.Host) {
	e.host = h
	if a, ok := e.next.(interface{ Attach(*worker.Host) }); ok {
		a.Attach(h)
	}
}

// Interrupt tells next.
func (e *evaluator) Interrupt(c *goroutine.Cell) {
	if i, ok := e.next.(interface{ Interrupt(*goroutine.Cell) }); ok {
		i.Interrupt(c)
	}
}

// Eval runs a command or a program.
func (e *evaluator) Eval(ctx context.Context, c *goroutine.Cell, code json.RawMessage) (json.RawMessage, error) {
	var r request
	if err := json.Unmarshal(code, &r); err != nil {
		return nil, fmt.Errorf("decoding a cell: %w", err)
	}
	if r.Launch != nil {
		end, err := r.Launch.start(ctx, c, e.host)
		if err != nil {
			return nil, err
		}
		return json.Marshal(end)
	}
	if r.Command == nil {
		return e.next.Eval(ctx, c, code)
	}
	before := here()
	err := e.table.Run(ctx, magic.Local{Out: c.Stdout, Err: c.Stderr}, *r.Command)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, commandFailure(err)
	}
	after := here()
	if after.Dir == before.Dir && slices.Equal(after.Env, before.Env) {
		return json.Marshal(surroundings{})
	}
	return json.Marshal(after)
}

// here returns the surroundings of this process.
func here() surroundings {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // it is gone; the next worker has its own
	}
	return surroundings{Dir: dir, Env: os.Environ()}
}

// commandFailure makes a failure of the error of a command.
func commandFailure(err error) *worker.Failure {
	f := &worker.Failure{Kind: kindCommand, Name: "magic error", Value: err.Error()}
	var exit *magic.ExitError
	var usage *magic.UsageError
	switch {
	case errors.As(err, &exit):
		f.Name, f.Value, f.Frames = exit.Status, exit.What(), []worker.Frame{{Line: exit.Line}}
	case errors.As(err, &usage):
		f.Value, f.Frames = usage.Message, []worker.Frame{{Line: usage.Line}}
	}
	return f
}

// Call answers what is about surroundings, and hands the rest to next.
func (e *evaluator) Call(method string, params json.RawMessage) (any, error) {
	switch method {
	case callArgs:
		var args []string
		if err := json.Unmarshal(params, &args); err != nil {
			return nil, fmt.Errorf("decoding arguments: %w", err)
		}
		os.Args = append(os.Args[:1:1], args...)
		return nil, nil
	case callSurround:
	default:
		return e.next.Call(method, params)
	}
	var s surroundings
	if err := json.Unmarshal(params, &s); err != nil {
		return nil, fmt.Errorf("decoding surroundings: %w", err)
	}
	return nil, s.settle()
}

// settle makes s this process's.
func (s surroundings) settle() error {
	if s.Env != nil {
		if err := setEnviron(s.Env); err != nil {
			return err
		}
	}
	if s.Dir == "" {
		return nil
	}
	return os.Chdir(s.Dir)
}

// setEnviron makes env, in the form of os.Environ, this process's environment, but for what marks it as a worker.
func setEnviron(env []string) error {
	wanted := map[string]bool{worker.Marker: true}
	for _, kv := range env {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" || wanted[name] {
			continue
		}
		wanted[name] = true
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	for _, kv := range os.Environ() {
		name, _, ok := strings.Cut(kv, "=")
		if !ok || name == "" || wanted[name] {
			continue
		}
		if err := os.Unsetenv(name); err != nil {
			return fmt.Errorf("unsetting %s: %w", name, err)
		}
	}
	return nil
}
