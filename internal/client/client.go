// Package client is a Jupyter client: it starts a kernel, talks to it over its five sockets, and holds every
// message that it sees against the protocol.
//
// [Start] starts a kernel process and returns once it is ready, with the subscription to iopub standing;
// [Connect] talks to one that runs already. What the kernel did against the protocol is in
// [Client.Violations]; none of it stops the client. The protocol is that of package jupyter, section names in
// comments are those of its specification.
package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"gokernel/kernel/jupyter"
)

const (
	defaultStartTimeout = 60 * time.Second // as nbclient
	shutdownGrace       = 5 * time.Second  // for the reply and for the process to end
	startAttempts       = 3
)

// ErrClosed is matched by errors of calls on a Client after Close, or while it is closed.
var ErrClosed = errors.New("client closed")

// A Config says how to start a kernel.
type Config struct {
	Argv         []string      // the command; {connection_file} is replaced by the name of the file
	Env          []string      // added to our environment
	Dir          string        // working directory of the kernel; "" is ours
	Transport    string        // jupyter.TCP (also for "") or jupyter.IPC
	BySignal     bool          // Interrupt sends SIGINT: the kernelspec's interrupt_mode is "signal"
	StartTimeout time.Duration // until the kernel answers; 0 is 60 s
	Stderr       io.Writer     // gets what the kernel process itself prints; nil: only the tail is kept

	// Unclaimed gets iopub messages that no running Execute waits for: late output of goroutines, comms, the
	// kernel's own. It is called from one goroutine and must return soon. nil drops them.
	Unclaimed func(*jupyter.Message)
}

// A Client is a connection to one kernel, which Restart replaces. It is safe for concurrent use.
type Client struct {
	cfg Config

	mu     sync.Mutex
	talk   *talk    // never nil
	proc   *process // nil if the kernel is not ours
	info   jupyter.KernelInfoReply
	old    []Violation // of kernels before a restart
	closed bool
}

func newKey() string { return rand.Text() }

// Start starts a kernel and waits until it has answered kernel_info_request and our subscription to iopub
// stands. ctx bounds the start only. Close ends the kernel. An error that matches *Death says how it ended.
func Start(ctx context.Context, cfg Config) (*Client, error) {
	c := &Client{cfg: cfg}
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// begin starts the kernel; again if it died at once, for a port may have been taken before it could listen.
func (c *Client) begin(ctx context.Context) error {
	timeout := c.cfg.StartTimeout
	if timeout == 0 {
		timeout = defaultStartTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("kernel not ready within %s", timeout))
	defer cancel()
	for attempt := 1; ; attempt++ {
		p, err := startProcess(c.cfg)
		if err != nil {
			return err
		}
		talk, info, err := greet(ctx, p.info, p, c.cfg.Unclaimed)
		if err == nil {
			c.proc, c.talk, c.info = p, talk, info
			return nil
		}
		gone, stop := context.WithCancel(context.Background())
		stop()
		p.stop(gone)
		if errors.Is(ctx.Err(), context.Canceled) {
			return fmt.Errorf("starting kernel: %w", context.Cause(ctx)) // what was not yet there says nothing
		}
		if death := new(Death); !errors.As(err, &death) || attempt == startAttempts {
			return fmt.Errorf("starting kernel: %w", err)
		}
	}
}

// Connect talks to a kernel that runs already. Close leaves it running.
func Connect(ctx context.Context, info jupyter.ConnectionInfo) (*Client, error) {
	talk, reply, err := greet(ctx, info, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("connecting to kernel: %w", err)
	}
	return &Client{talk: talk, info: reply}, nil
}

// Info returns what the kernel said of itself at the start.
func (c *Client) Info() jupyter.KernelInfoReply {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// Dead is closed when the kernel's process has ended; nil if the kernel is not ours. A restart makes a new one.
func (c *Client) Dead() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return nil
	}
	return c.proc.dead
}

// PID returns the process id of the kernel, 0 if it is not ours.
func (c *Client) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.cmd.Process.Pid
}

// Violations returns what the kernel did against the protocol so far, in the order it was noticed, also
// before restarts. After Close it includes requests that were never answered and a busy without its idle.
func (c *Client) Violations() []Violation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(append([]Violation(nil), c.old...), c.talk.check.violations()...)
}

// Interrupt stops the running cell, by message or by signal as Config says. It does not wait for the cell.
func (c *Client) Interrupt(ctx context.Context) error {
	talk, proc, err := c.current()
	if err != nil {
		return err
	}
	if c.cfg.BySignal && proc != nil {
		return proc.signalGroup(syscall.SIGINT)
	}
	_, err = call[jupyter.InterruptReply](ctx, talk, jupyter.Control, jupyter.InterruptRequest{})
	return err
}

// Kill ends the kernel's process group at once. Running calls return a *Death.
func (c *Client) Kill() error {
	_, proc, err := c.current()
	if err != nil {
		return err
	}
	if proc == nil {
		return errors.New("the kernel is not ours to kill")
	}
	err = proc.signalGroup(syscall.SIGKILL)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Restart ends the kernel and starts a new one. On failure the client is closed.
func (c *Client) Restart(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	if c.proc == nil {
		return errors.New("the kernel is not ours to restart")
	}
	c.end(true)
	c.old = append(c.old, c.talk.check.violations()...)
	if err := c.begin(ctx); err != nil {
		c.closed = true
		return err
	}
	return nil
}

// Close asks the kernel to shut down, ends it after a grace period if it does not, and removes what Start
// made. Running calls return ErrClosed. Of a kernel that is not ours only the connection is closed.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	c.end(false)
	return nil
}

// end shuts down the kernel if it is ours, and closes the connection. c.mu is held.
func (c *Client) end(restart bool) {
	if c.proc != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		// Whether it confirms or not, the process has to end; what is wrong with the reply is a violation.
		_, err := call[jupyter.ShutdownReply](ctx, c.talk, jupyter.Control, jupyter.ShutdownRequest{Restart: restart})
		if err != nil && ctx.Err() == nil {
			cancel()
		}
		c.proc.stop(ctx)
	}
	c.talk.close()
}

func (c *Client) current() (*talk, *process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, nil, ErrClosed
	}
	return c.talk, c.proc, nil
}
