package goroutine

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"sync"
)

// signals knows the reader's subscriptions. While there is one, any goroutine may be woken from outside.
type signals struct {
	mu       sync.Mutex
	channels map[chan<- os.Signal][]os.Signal // an empty list: all signals
	contexts int                              // of NotifyContext that were not stopped
}

// any reports whether there is a subscription.
func (s *signals) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.channels)+s.contexts > 0
}

// SignalNotify is signal.Notify.
func SignalNotify(c chan<- os.Signal, sig ...os.Signal) {
	s := &process.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	signal.Notify(c, sig...) // panics if c is nil
	if s.channels == nil {
		s.channels = make(map[chan<- os.Signal][]os.Signal)
	}
	old, known := s.channels[c]
	if len(sig) == 0 || known && len(old) == 0 {
		s.channels[c] = nil
		return
	}
	s.channels[c] = append(old, sig...)
}

// SignalStop is signal.Stop.
func SignalStop(c chan<- os.Signal) {
	s := &process.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	signal.Stop(c)
	delete(s.channels, c)
}

// SignalReset is signal.Reset for the reader's own subscriptions; the worker's stay. Contexts of [SignalNotifyContext] are
// not reset, and neither is one signal of a channel that receives all of them.
func SignalReset(sig ...os.Signal) {
	s := &process.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset(sig)
}

func (s *signals) reset(sig []os.Signal) {
	for c, old := range s.channels {
		if len(sig) == 0 {
			signal.Stop(c)
			delete(s.channels, c)
			continue
		}
		if len(old) == 0 {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(old), func(o os.Signal) bool { return slices.Contains(sig, o) })
		if len(left) == len(old) {
			continue
		}
		signal.Stop(c)
		delete(s.channels, c)
		if len(left) > 0 {
			signal.Notify(c, left...)
			s.channels[c] = left
		}
	}
}

// SignalIgnore is signal.Ignore for the signals named. With none, which stands for all, only the reader's subscriptions
// end: the worker needs to hear of its own.
func SignalIgnore(sig ...os.Signal) {
	s := &process.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset(sig)
	if len(sig) > 0 {
		signal.Ignore(sig...)
	}
}

// SignalNotifyContext is signal.NotifyContext.
func SignalNotifyContext(parent context.Context, sig ...os.Signal) (context.Context, context.CancelFunc) {
	s := &process.signals
	ctx, stop := signal.NotifyContext(parent, sig...)
	s.mu.Lock()
	s.contexts++
	s.mu.Unlock()
	var once sync.Once
	return ctx, func() {
		stop()
		once.Do(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.contexts--
		})
	}
}
