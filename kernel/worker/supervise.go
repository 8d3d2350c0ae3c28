package worker

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// baseSink is where descriptors 1 and 2 of the child go: what compiled code prints is the running cell's, what the
// runtime prints when it gives up is kept for the Death.
type baseSink struct{ p *Process }

func (s baseSink) Stream(name, text string) {
	if name == "stderr" {
		if text = s.p.crash.feed(text); text == "" {
			return
		}
	}
	s.show(name, text)
}

// show gives text to the cell that runs or ran last.
func (s baseSink) show(name, text string) {
	s.p.mu.Lock()
	sink := s.p.last
	s.p.mu.Unlock()
	if sink == nil {
		s.p.cfg.Logger.Info("worker printed before its first cell", "stream", name, "text", text)
		return
	}
	sink.Stream(name, text)
}

// kill ends the child at once. The first cause given is the one that a Death reports.
func (p *Process) kill(cause string) {
	p.mu.Lock()
	if p.cause == "" {
		p.cause = cause
	}
	p.mu.Unlock()
	p.signal(syscall.SIGKILL)
}

func (p *Process) signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.cfg.Logger.Error("signalling the worker", "signal", s.String(), "error", err)
	}
}

// lostConnection ends a child that has closed a connection but lives.
func (p *Process) lostConnection() {
	t := time.NewTimer(p.cfg.Stop)
	defer t.Stop()
	select {
	case <-p.gone:
	case <-t.C:
		p.kill("it closed its connection to the kernel")
	}
}

// supervise waits for the child's end and clears up: what the child leaves behind is ended, what it has written is
// handed over, and everybody who waits is told.
func (p *Process) supervise() {
	err := p.cmd.Wait()
	close(p.gone)
	if err := killOrphans(); err != nil {
		p.cfg.Logger.Error("ending the processes that a worker left", "error", err)
	}

	// Events first, for they may precede output. The child's end of the sockets is closed, so the readers come to an end.
	p.mu.Lock()
	p.sealed = true
	r := p.running
	open := make([]*pair, 0, len(p.pairs))
	for _, pr := range p.pairs {
		open = append(open, pr)
	}
	p.mu.Unlock()
	if r != nil {
		r.cancel()
	}
	deadline := time.Now().Add(p.cfg.Grace)
	for _, c := range []*conn{p.control, p.events} {
		_ = c.unix.SetReadDeadline(deadline) // fails on a closed one, whose reader has returned
	}
	p.readers.Wait()
	p.control.close()
	p.events.close()
	p.base.finish(deadline)
	for _, pr := range open {
		pr.finish(deadline)
	}

	defer close(p.dead)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closing {
		cell := ""
		if p.running != nil {
			cell = p.running.cell.Name
		}
		p.death = p.autopsy(err, cell)
	}
	p.cfg.Logger.Info("a worker has ended", "pid", p.PID(), "exit", p.cmd.ProcessState.String(), "asked", p.closing)
	p.legacy.close()
}

// Close ends the worker, its cell and every process descended from it, and waits until they are gone: it closes the
// connection, which asks the worker to end, then sends SIGTERM, then SIGKILL. Closing twice is harmless.
func (p *Process) Close() error {
	p.mu.Lock()
	p.closing = true
	if p.running != nil {
		p.running.cancel()
	}
	p.mu.Unlock()
	_ = p.control.unix.CloseWrite() // if it is closed already the child is on its way
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t := time.NewTimer(p.cfg.Grace)
		select {
		case <-p.gone:
		case <-t.C:
			p.signal(s)
		}
		t.Stop()
	}
	<-p.dead
	return nil
}
