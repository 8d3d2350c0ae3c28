package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gokernel/kernel/jupyter"
)

const (
	tailSize  = 16 << 10        // bytes of the kernel's output that are kept to explain its death
	termGrace = 2 * time.Second // from SIGTERM to SIGKILL
	pipeGrace = time.Second     // for output of children that outlive the kernel
)

// A Death says that the kernel process ended without being asked to.
type Death struct {
	Exit   string // "exit status 2", "signal: killed"
	Output string // the last lines it wrote to stdout and stderr, may be empty
}

// Error returns one line, then the output's tail if there is one.
func (d *Death) Error() string {
	s := "the kernel died: " + d.Exit
	if d.Output != "" {
		s += "\n" + d.Output
	}
	return s
}

// A process is a running kernel with its connection file. One goroutine of it waits for the end.
type process struct {
	cmd  *exec.Cmd
	dir  string // holds the connection file and, for ipc, the sockets; removed at the end
	info jupyter.ConnectionInfo
	tail *tail
	dead chan struct{} // closed when the process has ended and dir is gone
}

// startProcess writes a connection file and starts the kernel with it.
func startProcess(cfg Config) (*process, error) {
	if len(cfg.Argv) == 0 {
		return nil, errors.New("starting kernel: no command")
	}
	dir, err := os.MkdirTemp("", "gokernel-")
	if err != nil {
		return nil, fmt.Errorf("starting kernel: %w", err)
	}
	p := &process{dir: dir, tail: &tail{also: cfg.Stderr}, dead: make(chan struct{})}
	if p.info, err = newConnection(cfg.Transport, dir); err == nil {
		file := filepath.Join(dir, "connection.json")
		if err = jupyter.WriteConnectionFile(file, p.info); err == nil {
			err = p.start(cfg, file)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting kernel: %w", err), os.RemoveAll(dir))
	}
	return p, nil
}

// parentVariable tells a kernel whose end is to be its own, as jupyter_client does.
const parentVariable = "JPY_PARENT_PID"

func (p *process) start(cfg Config, file string) error {
	argv := make([]string, len(cfg.Argv))
	for i, a := range cfg.Argv {
		argv[i] = strings.ReplaceAll(a, "{connection_file}", file)
	}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Dir = cfg.Dir
	p.cmd.Env = append(append(os.Environ(), fmt.Sprintf("%s=%d", parentVariable, os.Getpid())), cfg.Env...)
	p.cmd.Stdout, p.cmd.Stderr = p.tail, p.tail
	p.cmd.WaitDelay = pipeGrace
	// A group of its own: an interrupt typed at our terminal is ours to pass on.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(p.dead)
		_ = p.cmd.Wait()        // the state is in cmd.ProcessState, also after an error of the pipes
		_ = os.RemoveAll(p.dir) // nobody can act on a failure; the next start uses another directory
	}()
	return nil
}

// newConnection chooses where the kernel is to listen. For tcp the ports are free now; another process may
// take one before the kernel does, which then ends and is started again.
func newConnection(transport, dir string) (jupyter.ConnectionInfo, error) {
	info := jupyter.ConnectionInfo{
		Transport: transport, IP: "127.0.0.1",
		SignatureScheme: jupyter.HMACSHA256, Key: newKey(), KernelName: "gokernel",
	}
	switch transport {
	case "", jupyter.TCP:
		info.Transport = jupyter.TCP
		for _, ch := range jupyter.Channels() {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return info, fmt.Errorf("finding a free port: %w", err)
			}
			defer l.Close() // after the loop, so that no port is given twice
			info = info.WithPort(ch, l.Addr().(*net.TCPAddr).Port)
		}
	case jupyter.IPC:
		info.IP = filepath.Join(dir, "s")
		for i, ch := range jupyter.Channels() {
			info = info.WithPort(ch, i+1)
		}
	default:
		return info, fmt.Errorf("transport %q, want tcp or ipc", transport)
	}
	return info, nil
}

// death describes the end of the process. Only after dead is closed.
func (p *process) death() *Death {
	exit := "unknown exit status"
	if s := p.cmd.ProcessState; s != nil {
		exit = s.String()
	}
	return &Death{Exit: exit, Output: p.tail.String()}
}

// signalGroup sends a signal to the kernel and its children, as jupyter_client does.
func (p *process) signalGroup(sig syscall.Signal) error {
	select {
	case <-p.dead:
		return os.ErrProcessDone
	default:
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil {
		return fmt.Errorf("sending %s to the kernel: %w", sig, err)
	}
	return nil
}

// stop waits for the end until ctx is done, then asks with SIGTERM, then uses SIGKILL.
func (p *process) stop(ctx context.Context) {
	select {
	case <-p.dead:
		return
	case <-ctx.Done():
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = p.signalGroup(sig) // it may be gone meanwhile
		select {
		case <-p.dead:
			return
		case <-time.After(termGrace):
		}
	}
}

// A tail keeps the last bytes that were written to it.
type tail struct {
	also io.Writer // gets all of it as well, may be nil
	mu   sync.Mutex
	buf  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if n := len(t.buf) - tailSize; n > 0 {
		t.buf = append(t.buf[:0], t.buf[n:]...)
	}
	if t.also != nil {
		_, _ = t.also.Write(b) // a reader who does not look must not stop the kernel
	}
	return len(b), nil
}

// String returns whole lines.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buf
	if len(b) == tailSize {
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(b), "\uFFFD"))
}
