package kernel

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gokernel/kernel/jupyter"
)

// stdin asks clients for input, one question at a time.
type stdin struct {
	turn chan struct{} // holds a token while somebody asks

	mu      sync.Mutex
	waiting *question // nil if nobody asks
}

// question is an input_request that is not answered yet.
type question struct {
	id          string          // its msg_id
	answer      chan<- string   // one slot
	interrupted chan<- struct{} // one slot
}

// errEnded is the error of a goroutine that asks after its cell has ended,
// when front ends show no prompt any more.
var errEnded = noStdin("the cell has ended, and nobody can be asked for input any more")

// noStdin is an error that matches ErrNoStdin and says more.
type noStdin string

func (e noStdin) Error() string        { return string(e) }
func (e noStdin) Is(target error) bool { return target == ErrNoStdin }

// Input implements Output. What was printed before is shown first
// ("Messages on the stdin channel").
func (o *cellOutput) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !o.allowStdin {
		return "", ErrNoStdin
	}
	k := o.k
	select {
	case <-o.ended: // even if the turn is free
		return "", errEnded
	default:
	}
	select {
	case k.stdin.turn <- struct{}{}:
		defer func() { <-k.stdin.turn }()
	case <-o.ended:
		return "", errEnded
	case <-ctx.Done():
		return "", fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
	case <-k.stopping:
		return "", fmt.Errorf("%w: %w", ErrInterrupted, errShutdown)
	}
	o.show()
	m, err := k.session.New(o.parent, jupyter.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	answer, interrupted := make(chan string, 1), make(chan struct{}, 1)
	// Set before it is sent: the answer may come at once. Answers that came
	// before it are gone by now.
	k.stdin.set(&question{id: m.Header.MsgID, answer: answer, interrupted: interrupted})
	defer k.stdin.set(nil)
	if err := k.transport.Send(ctx, jupyter.Stdin, m); err != nil {
		return "", fmt.Errorf("asking for input: %w", err)
	}
	select {
	case line := <-answer:
		return line, nil
	case <-interrupted:
		return "", ErrInterrupted
	case <-o.ended:
		return "", errEnded
	case <-ctx.Done():
		return "", fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
	case <-k.stopping:
		return "", fmt.Errorf("%w: %w", ErrInterrupted, errShutdown)
	}
}

// show sends what was printed and waits until it is on its way.
func (o *cellOutput) show() {
	o.mu.Lock()
	o.flush()
	o.mu.Unlock()
	o.k.iopub.flush()
}

// readStdin takes the answers of clients.
func (k *Kernel) readStdin(ctx context.Context) error {
	for {
		m, err := k.transport.Recv(ctx, jupyter.Stdin)
		if err != nil {
			return k.recvFailed(ctx, err)
		}
		reply, err := jupyter.Decode[jupyter.InputReply](m)
		if err == nil && !k.stdin.deliver(m, reply.Value) {
			err = errors.New("nobody asked, or not this")
		}
		if err != nil {
			k.log.Warn("input dropped", "msg_type", m.Header.MsgType, "err", err)
		}
	}
}

func (s *stdin) set(q *question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = q
}

// deliver hands an answer to who asked and reports whether it was wanted.
// Clients differ in the parent that they give it: none (jupyter_client), or
// the input_request (JupyterLab). Only an answer to another question is
// certain to be late.
func (s *stdin) deliver(m *jupyter.Message, line string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.waiting
	if q == nil {
		return false
	}
	if p := m.ParentHeader; p != nil && p.MsgType == jupyter.InputRequestType && p.MsgID != q.id {
		return false
	}
	select {
	case q.answer <- line:
		return true
	default:
		return false // a second answer
	}
}

// interrupt ends the question that waits, if one does.
func (s *stdin) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		return
	}
	select {
	case s.waiting.interrupted <- struct{}{}:
	default:
	}
}
