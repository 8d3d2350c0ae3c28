package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// running is the cell that runs, as the parent sees it.
type running struct {
	cell      Cell
	pair      *pair
	ctx       context.Context // of its Inputs
	cancel    context.CancelFunc
	end       chan end      // takes one
	interrupt chan struct{} // takes one
}

// Run runs one cell and returns what the Evaluator made of it. All that the cell has printed until then, and all its
// events, have gone to out before. The error is a *Failure or a *Death if the reader's program failed; then also when
// the cell was interrupted, by Interrupt or by ctx. Cells run one at a time: Run waits for the one before.
//
// out stays in use after Run has returned, until no goroutine or process of the cell can write any more.
func (p *Process) Run(ctx context.Context, cell Cell, out Sink) (json.RawMessage, error) {
	select {
	case p.busy <- struct{}{}:
	case <-p.dead:
		return nil, p.ended()
	case <-ctx.Done():
		return nil, fmt.Errorf("running %s: %w", cell.Name, context.Cause(ctx))
	}
	defer func() { <-p.busy }()
	select {
	case <-p.ready:
	case <-p.dead:
		return nil, p.ended()
	case <-ctx.Done():
		return nil, fmt.Errorf("running %s: %w", cell.Name, context.Cause(ctx))
	}

	inputs, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &running{cell: cell, ctx: inputs, cancel: cancel, end: make(chan end, 1), interrupt: make(chan struct{}, 1)}
	files, err := p.begin(r, out)
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", cell.Name, err)
	}
	err = p.control.send(kindRun, run{Cell: cell.ID, Name: cell.Name, AllowStdin: cell.AllowStdin, Pair: r.pair.id, Batch: r.pair.slot, Code: cell.Code},
		time.Time{}, files...)
	for _, f := range files {
		f.Close()
	}
	if errors.Is(err, ErrFrameSize) {
		_, _ = p.finish(r, end{Cell: cell.ID, Free: len(files) == 0})
		return nil, fmt.Errorf("running %s: %w", cell.Name, err)
	}
	// With any other error the child is about to be found dead.
	return p.await(ctx, r)
}

// begin makes r the running cell and gives it a pair of pipes. It returns the ends that the child must have. Only the
// goroutine that holds the busy token calls it.
func (p *Process) begin(r *running, out Sink) (files []*os.File, err error) {
	p.mu.Lock()
	if p.free != nil && !p.free.ended() {
		r.pair = p.free
	}
	p.free = nil
	p.mu.Unlock()
	if r.pair == nil {
		p.lastPair++
		if r.pair, files, err = newPair(p.lastPair, &p.bufs); err != nil {
			return nil, err
		}
	}
	old := r.pair.assign(outlet{cell: r.cell.ID, sink: out})

	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sinks, old.cell) // nothing was left of that cell, so it has no events any more
	p.sinks[r.cell.ID] = out
	p.running, p.last = r, out
	if files != nil {
		p.pairs[r.pair.id] = r.pair
		p.giveBatch(r.pair)
		go p.readPair(r.pair)
	}
	return files, nil
}

// giveBatch gives a new pair a batch if one is left. Called with p.mu held.
func (p *Process) giveBatch(pr *pair) {
	if p.legacy == nil || p.sealed {
		return
	}
	for n := 1; n <= batches; n++ {
		if !p.slots[n] {
			p.slots[n] = true
			pr.slot, pr.batch = n, p.legacy.batch(n)
			clear(pr.batch)
			return
		}
	}
}

// readPair reads a pair until its end and forgets it.
func (p *Process) readPair(pr *pair) {
	pr.read()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pairs, pr.id)
	delete(p.slots, pr.slot)
	if cell := pr.assign(outlet{}).cell; p.running == nil || p.running.cell.ID != cell {
		delete(p.sinks, cell)
	}
	if p.free == pr {
		p.free = nil
	}
}

// await waits for the cell's end, passing on interrupts.
func (p *Process) await(ctx context.Context, r *running) (json.RawMessage, error) {
	done, stop := ctx.Done(), r.interrupt
	var late <-chan time.Time
	for {
		select {
		case e := <-r.end:
			return p.finish(r, e)
		case <-p.dead:
			select {
			case e := <-r.end:
				return p.finish(r, e)
			default:
				return nil, p.ended()
			}
		case <-late:
			p.kill("it would not stop when interrupted")
			late = nil
		case <-stop:
			stop, done = nil, nil
		case <-done:
			stop, done = nil, nil
		}
		if stop == nil && late == nil {
			deadline := time.Now().Add(p.cfg.Stop)
			late = time.After(p.cfg.Stop)
			// If it cannot even be sent the child is stuck and killed in time.
			_ = p.control.send(kindInterrupt, interrupt{Cell: r.cell.ID}, deadline)
		}
	}
}

// finish takes the cell off the stage and returns what Run does.
func (p *Process) finish(r *running, e end) (json.RawMessage, error) {
	p.mu.Lock()
	p.running = nil
	if e.Free {
		p.free = r.pair
	}
	p.mu.Unlock()
	switch {
	case e.Error != "":
		return nil, fmt.Errorf("running %s: %s", r.cell.Name, e.Error)
	case e.Failure != nil:
		return nil, e.Failure
	}
	return e.Result, nil
}

// Interrupt ends the cell that runs, and every process that the reader's code has started, also by earlier cells. Run
// then returns a *Failure of kind [Interrupted]; a cell that does not stop in Config.Stop is a *Death. Interrupt returns
// at once and does nothing if no cell runs.
func (p *Process) Interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return
	}
	select {
	case p.running.interrupt <- struct{}{}:
	default: // one is on its way
	}
}

// KillChildren ends every process that the reader's code has started, whether or not a cell runs.
func (p *Process) KillChildren() error {
	select {
	case <-p.ready:
	case <-p.dead:
		return p.ended()
	}
	return p.control.send(kindKill, struct{}{}, time.Now().Add(p.cfg.Stop))
}

// readEvents handles the events of cells, in order.
func (p *Process) readEvents() {
	defer p.lostConnection()
	for {
		f, _, err := p.events.recv()
		if err == nil {
			err = p.event(f)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.cfg.Logger.Debug("worker", "error", err)
			return
		}
	}
}

// event handles one event. All output that was in the pipes when it was sent goes first.
func (p *Process) event(f frame) error {
	switch f.kind {
	case kindDisplay:
		var e show
		return p.pass(f, &e, func() (int, int) { return e.Cell, e.Seq }, func(s Sink) { s.Display(e.Data, e.Metadata, e.DisplayID, e.Update) })
	case kindClear:
		var e clearOutput
		return p.pass(f, &e, func() (int, int) { return e.Cell, e.Seq }, func(s Sink) { s.Clear(e.Wait) })
	case kindPayload:
		var e payload
		return p.pass(f, &e, func() (int, int) { return e.Cell, e.Seq }, func(s Sink) { s.Payload(e.Payload) })
	case kindFailure:
		var e lateFailure
		return p.pass(f, &e, func() (int, int) { return e.Cell, e.Seq }, func(s Sink) { s.Failure(e.Failure) })
	case kindInput:
		var e input
		if err := f.decode(&e); err != nil {
			return err
		}
		p.input(e)
		return nil
	case kindEnd:
		var e end
		if err := f.decode(&e); err != nil {
			return err
		}
		p.drain()
		if held := p.crash.release(); held != "" {
			baseSink{p}.show("stderr", held)
		}
		p.mu.Lock()
		r := p.running
		p.mu.Unlock()
		if r != nil && r.cell.ID == e.Cell {
			r.end <- e
		}
		return nil
	}
	return fmt.Errorf("unexpected %s frame on the event connection", f.kind)
}

// pass hands an event to its cell's sink and tells the child that this is done.
func (p *Process) pass(f frame, e any, about func() (cell, seq int), hand func(Sink)) error {
	if err := f.decode(e); err != nil {
		return err
	}
	cell, seq := about()
	p.drain()
	p.mu.Lock()
	sink := p.sinks[cell]
	p.mu.Unlock()
	if sink != nil {
		hand(sink)
	} else {
		p.cfg.Logger.Warn("event of a cell that is gone", "kind", f.kind.String(), "cell", cell)
	}
	return p.control.send(kindAck, ack{Seq: seq}, time.Time{})
}

// drain empties all pipes that the cells write to.
func (p *Process) drain() {
	p.mu.Lock()
	open := make([]*pair, 0, len(p.pairs)+1)
	for _, pr := range p.pairs {
		open = append(open, pr)
	}
	p.mu.Unlock()
	p.base.drain()
	for _, pr := range open {
		pr.drain()
	}
}

// input asks for a line of stdin. The answer may take for ever, so it does not hold up other events.
func (p *Process) input(e input) {
	p.drain()
	p.mu.Lock()
	r := p.running
	sink := p.sinks[e.Cell]
	p.mu.Unlock()
	if r == nil || r.cell.ID != e.Cell || sink == nil {
		// An answer to a cell that has ended: the child has given that up as well.
		return
	}
	p.readers.Go(func() {
		text, err := sink.Input(r.ctx, e.Prompt, e.Password)
		answer := line{Seq: e.Seq, Text: text}
		switch {
		case errors.Is(err, io.EOF):
			answer.EOF = true
		case errors.Is(err, context.Canceled):
			return // an interrupt, which the cell is told of by itself; or the cell is at its end
		case err != nil:
			answer.Err = err.Error()
		}
		// If it cannot be sent nobody is left to have it.
		_ = p.control.send(kindLine, answer, time.Time{})
	})
}
