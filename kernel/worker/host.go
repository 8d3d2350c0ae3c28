package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gokernel/kernel/goroutine"
)

// Host is how code in the child reaches the front end other than by printing. Its methods are safe for concurrent use.
// Each returns when the parent's Sink has taken the event, so that what is printed after it comes after it, and so that
// a flood is slowed. They fail if the parent is gone or a value cannot be encoded.
type Host struct{ s *server }

// Display shows data under cell c, or replaces what has the display id if update is set.
func (h *Host) Display(c *goroutine.Cell, data, metadata map[string]any, displayID string, update bool) error {
	return h.s.tell(kindDisplay, func(seq int) any {
		return show{Cell: c.ID, Seq: seq, Data: data, Metadata: metadata, DisplayID: displayID, Update: update}
	})
}

// Clear empties the output of cell c, with wait only once more output comes.
func (h *Host) Clear(c *goroutine.Cell, wait bool) error {
	return h.s.tell(kindClear, func(seq int) any { return clearOutput{Cell: c.ID, Seq: seq, Wait: wait} })
}

// Payload adds a payload to the reply of cell c.
func (h *Host) Payload(c *goroutine.Cell, p map[string]any) error {
	return h.s.tell(kindPayload, func(seq int) any { return payload{Cell: c.ID, Seq: seq, Payload: p} })
}

// Failure tells of a goroutine of cell c that failed after the cell's end.
func (h *Host) Failure(c *goroutine.Cell, f *Failure) error {
	return h.s.tell(kindFailure, func(seq int) any { return lateFailure{Cell: c.ID, Seq: seq, Failure: f} })
}

// Input asks for a line, which comes without its newline. io.EOF means that the reader has given end of file.
// It fails at once if cell c does not run, or runs without stdin.
func (h *Host) Input(ctx context.Context, c *goroutine.Cell, prompt string, password bool) (string, error) {
	h.s.mu.Lock()
	e := h.s.current
	h.s.mu.Unlock()
	if e == nil || e.cell != c {
		return "", errors.New("input can only be asked for while its cell runs")
	}
	if !e.allowStdin {
		return "", errNoStdin
	}
	return h.s.ask(ctx, c.ID, prompt, password)
}

// ask asks the parent for a line.
func (s *server) ask(ctx context.Context, cell int, prompt string, password bool) (string, error) {
	l, err := s.roundTrip(ctx, kindInput, func(seq int) any { return input{Cell: cell, Seq: seq, Prompt: prompt, Password: password} })
	switch {
	case err != nil:
		return "", err
	case l.EOF:
		return "", io.EOF
	case l.Err != "":
		return "", errors.New(l.Err)
	}
	return l.Text, nil
}

func (s *server) tell(k kind, event func(seq int) any) error {
	_, err := s.roundTrip(context.Background(), k, event)
	return err
}

// roundTrip sends an event and waits for its answer.
func (s *server) roundTrip(ctx context.Context, k kind, event func(seq int) any) (line, error) {
	// The goroutine that waits here is not deadlocked.
	defer goroutine.Hold()()
	answer := make(chan line, 1)
	s.mu.Lock()
	s.seq++
	seq := s.seq
	s.acks[seq] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.acks, seq)
		s.mu.Unlock()
	}()
	goroutine.Flush() // what is printed before the event comes before it
	if err := s.events.send(k, event(seq), time.Time{}); err != nil {
		return line{}, err
	}
	select {
	case l := <-answer:
		return l, nil
	case <-s.lost:
		return line{}, fmt.Errorf("sending %s: the kernel is gone", k)
	case <-ctx.Done():
		return line{}, fmt.Errorf("sending %s: %w", k, context.Cause(ctx))
	}
}

// answer passes on what the parent answered to an event.
func (s *server) answer(l line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.acks[l.Seq]; c != nil {
		delete(s.acks, l.Seq)
		c <- l
	}
}
