package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"gokernel/kernel/goroutine"
)

// statement is a cell of script's language.
type statement struct{ Do, Args string }

// script is an Evaluator that does one of a few things by name.
type script struct {
	host *Host
	mu   sync.Mutex
	hold map[string]chan struct{} // what Call("release") closes
	cmd  *exec.Cmd
}

func (s *script) Attach(h *Host) { s.host = h }

func (s *script) gate(name string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hold == nil {
		s.hold = map[string]chan struct{}{}
	}
	if s.hold[name] == nil {
		s.hold[name] = make(chan struct{})
	}
	return s.hold[name]
}

func (s *script) Call(method string, params json.RawMessage) (any, error) {
	var name string
	_ = json.Unmarshal(params, &name)
	switch method {
	case "release":
		close(s.gate(name))
		return "done", nil
	case "collect":
		runtime.GC()
		return nil, nil
	case "descriptors":
		entries, err := os.ReadDir("/proc/self/fd")
		return len(entries), err
	case "stdin queue":
		lock, _, err := fdLock(os.Stdin)
		const one, bits = 1 << 23, 20 // of fdMutex, as fdReading
		return lock.Load() / one % (1 << bits), err
	case "panic":
		panic("in Call")
	}
	return nil, errors.New("no method " + method)
}

func (s *script) Eval(ctx context.Context, c *goroutine.Cell, code json.RawMessage) (json.RawMessage, error) {
	var st statement
	if err := json.Unmarshal(code, &st); err != nil {
		return nil, err
	}
	if st.Do == "deaf" {
		select {}
	}
	// goroutine.Cell.Run is what a real evaluator uses; its failures are of interest there.
	var result json.RawMessage
	var err error
	c.NoDeadlock = true
	p := c.Run(ctx, func() { result, err = s.do(ctx, c, st) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if p != nil {
		return nil, &Failure{Kind: "panic", Name: "panic", Value: p.Message()}
	}
	return result, err
}

var sinkhole []byte

func (s *script) do(ctx context.Context, c *goroutine.Cell, st statement) (json.RawMessage, error) {
	n, _ := strconv.Atoi(st.Args)
	switch st.Do {
	case "nothing":
	case "result":
		return json.RawMessage(st.Args), nil
	case "print":
		fmt.Fprint(c.Stdout, st.Args)
	case "warn":
		fmt.Fprint(c.Stderr, st.Args)
	case "base":
		fmt.Fprint(os.Stdout, st.Args)
		fmt.Fprint(os.Stderr, st.Args)
	case "alternate": // n times
		for i := range n {
			goroutine.FmtPrintf("o%d ", i)
			fmt.Fprintf(goroutine.Stderr(), "e%d ", i)
		}
	case "println": // n lines
		for i := range n {
			goroutine.FmtPrintln("line", i)
		}
	case "flood": // n bytes in lines
		ln := []byte(strings.Repeat("x", 99) + "\n")
		w := bufio.NewWriter(c.Stdout)
		for ; n > 0; n -= len(ln) {
			w.Write(ln)
		}
		return nil, w.Flush()
	case "line": // one of n bytes
		_, err := c.Stdout.Write(append([]byte(strings.Repeat("y", n-1)), '\n'))
		return nil, err
	case "forever":
		for {
			fmt.Fprintln(c.Stdout, "again")
		}
	case "late": // prints after the cell's end
		goroutine.Go(1, 1, func() {
			<-s.gate(st.Args)
			fmt.Fprint(c.Stdout, st.Args)
		})
	case "late unlock":
		goroutine.Go(8, 1, func() {
			<-s.gate(st.Args)
			new(sync.Mutex).Unlock()
		})
	case "late failure":
		goroutine.Go(1, 1, func() {
			<-s.gate(st.Args)
			s.host.Failure(c, &Failure{Kind: "panic", Value: st.Args})
		})
	case "show":
		fmt.Fprint(c.Stdout, "before;")
		s.host.Display(c, map[string]any{"text/plain": "picture"}, nil, "id", false)
		fmt.Fprint(c.Stdout, "between;")
		s.host.Clear(c, true)
		s.host.Payload(c, map[string]any{"source": "page"})
		fmt.Fprint(c.Stdout, "after;")
	case "show much":
		return nil, s.host.Display(c, map[string]any{"text/plain": strings.Repeat("z", n)}, nil, "", false)
	case "failure":
		return nil, &Failure{Kind: "panic", Name: "runtime error", Value: "index out of range", Frames: []Frame{{File: c.Name, Line: 3}}}
	case "our error":
		return nil, errors.New("yaegi is confused")
	case "our panic":
		panic("in Eval")
	case "sleep":
		time.Sleep(time.Hour)
	case "spin":
		for i := 0; i >= 0; i &= 1 {
		}
	default:
		return s.doOther(ctx, c, st, n)
	}
	return nil, nil
}

// doOther does what ends the worker, starts processes or reads.
func (s *script) doOther(ctx context.Context, c *goroutine.Cell, st statement, n int) (json.RawMessage, error) {
	switch st.Do {
	case "exit":
		os.Exit(n)
	case "print and exit":
		fmt.Fprint(c.Stdout, st.Args)
		os.Exit(1)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.Signal(n))
		select {}
	case "map":
		m := map[int]int{}
		for range 4 {
			go func() {
				for i := 0; ; i++ {
					m[i%8] = i
				}
			}()
		}
		select {}
	case "map in a goroutine":
		m := map[int]int{}
		for line := range 4 {
			goroutine.Go(10+line, 2, func() {
				goroutine.At(20+line, 3, "chan receive")
				for i := 0; ; i++ {
					goroutine.Here(30+line, 4)
					m[i%8] = i
				}
			})
		}
		select {}
	case "recurse here":
		var f func(int) int
		f = func(n int) int { goroutine.Here(7, 9); return f(n+1) + 1 }
		f(0)
	case "wait to be killed":
		goroutine.At(5, 6, "chan receive")
		fmt.Fprint(c.Stdout, "waiting")
		select {}
	case "unlock":
		new(sync.Mutex).Unlock()
	case "recurse":
		var f func(int) int
		f = func(n int) int { return f(n+1) + 1 }
		f(0)
	case "make":
		sinkhole = make([]byte, 64<<30)
		sinkhole[len(sinkhole)-1] = 1
	case "leak":
		var all [][]byte
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
			sinkhole = all[len(all)/2]
		}
	case "foreign panic":
		go func() { panic("in a goroutine that nobody watches") }()
		select {}
	case "close control":
		// The connection was duplicated away from 3 at the start, so close all sockets.
		for fd := 3; fd < 64; fd++ {
			if to, err := os.Readlink(fmt.Sprint("/proc/self/fd/", fd)); err == nil && strings.HasPrefix(to, "socket:") {
				syscall.Close(fd)
			}
		}
		select {}
	case "sh":
		cmd := exec.Command("sh", "-c", st.Args)
		cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
		return nil, cmd.Run()
	case "sh with stdin":
		cmd := exec.Command("sh", "-c", st.Args)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.Stdout, c.Stderr
		return nil, cmd.Run()
	case "start":
		s.cmd = exec.Command("sh", "-c", st.Args)
		return nil, s.cmd.Start()
	case "wait":
		err := s.cmd.Wait()
		fmt.Fprint(c.Stdout, s.cmd.ProcessState)
		return nil, err
	case "nested start":
		_, err := Start(ctx, Config{Command: []string{os.Args[0], asWorker}})
		return nil, err
	case "nested serve":
		out, err := exec.Command(os.Args[0], asWorker).CombinedOutput()
		c.Stdout.Write(out)
		return nil, err
	case "scan":
		sc := bufio.NewScanner(os.Stdin)
		sc.Buffer(nil, 16<<20)
		for i := 0; i < n && sc.Scan(); i++ {
			if len(sc.Text()) > 100 {
				fmt.Fprintf(c.Stdout, "<%d>", len(sc.Text()))
			} else {
				fmt.Fprintf(c.Stdout, "<%s>", sc.Text())
			}
		}
		return nil, sc.Err()
	case "read by a system call":
		b := make([]byte, n)
		k, err := syscall.Read(0, b)
		fmt.Fprintf(c.Stdout, "%q", b[:max(k, 0)])
		return nil, err
	case "scanln":
		var a, b string
		k, err := fmt.Scanln(&a, &b)
		fmt.Fprintf(c.Stdout, "%d %s %s", k, a, b)
		return nil, err
	case "scan words":
		for range n {
			var w string
			if _, err := fmt.Scan(&w); err != nil {
				return nil, err
			}
			fmt.Fprintf(c.Stdout, "<%s>", w)
		}
	case "read all":
		b, err := io.ReadAll(os.Stdin)
		fmt.Fprintf(c.Stdout, "%q", b)
		return nil, err
	case "background read":
		go io.Copy(io.Discard, os.Stdin)
		lock, _, err := fdLock(os.Stdin)
		for err == nil && lock.Load()&fdReading == 0 {
			runtime.Gosched()
		}
		return nil, err
	case "late read":
		goroutine.Go(1, 1, func() {
			<-s.gate(st.Args)
			b, err := io.ReadAll(os.Stdin)
			fmt.Fprintf(c.Stdout, "%q %v", b, err)
		})
	case "scan behind": // who reads already
		close(s.gate("behind"))
		lock, _, err := fdLock(os.Stdin)
		for err == nil && lock.Load()&fdReading == 0 {
			runtime.Gosched()
		}
		return s.doOther(ctx, c, statement{"scan", st.Args}, n)
	case "password":
		text, err := s.host.Input(ctx, c, "Password: ", true)
		fmt.Fprint(c.Stdout, text)
		return nil, err
	case "burn":
		for end := time.Now().Add(time.Duration(n) * time.Millisecond); time.Now().Before(end); {
		}
	default:
		return s.doPrint(c, st, n)
	}
	return nil, nil
}
