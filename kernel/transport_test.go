package kernel

import (
	"context"
	"sync"

	"gokernel/kernel/jupyter"
)

// sent is a message that the kernel sent.
type sent struct {
	channel jupyter.Channel
	msg     *jupyter.Message
}

// memory is a Transport without sockets. Tests put requests in and read what
// the kernel sent.
type memory struct {
	in map[jupyter.Channel]chan *jupyter.Message

	mu   sync.Mutex
	log  []sent
	hold map[jupyter.Channel]chan struct{} // Send blocks until it is closed
}

func newMemory() *memory {
	m := &memory{in: make(map[jupyter.Channel]chan *jupyter.Message), hold: make(map[jupyter.Channel]chan struct{})}
	for _, ch := range jupyter.Channels() {
		m.in[ch] = make(chan *jupyter.Message, 100)
	}
	return m
}

func (m *memory) Recv(ctx context.Context, ch jupyter.Channel) (*jupyter.Message, error) {
	select {
	case msg := <-m.in[ch]:
		return msg, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) Send(ctx context.Context, ch jupyter.Channel, msg *jupyter.Message) error {
	m.mu.Lock()
	hold := m.hold[ch]
	m.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = append(m.log, sent{ch, msg})
	return nil
}

// block makes Send on ch wait until the returned function is called.
func (m *memory) block(ch jupyter.Channel) (release func()) {
	hold := make(chan struct{})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hold[ch] = hold
	return func() {
		m.mu.Lock()
		delete(m.hold, ch)
		m.mu.Unlock()
		close(hold)
	}
}

// take returns what was sent since the last call.
func (m *memory) take() []sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	log := m.log
	m.log = nil
	return log
}

// request makes the message of a client, as it comes off the wire.
func clientMessage(id string, typ jupyter.MsgType, content string) *jupyter.Message {
	return &jupyter.Message{
		Identities: [][]byte{[]byte("client")},
		Header: jupyter.Header{
			MsgID: id, Session: "client-session", Username: "reader",
			Date: "2025-01-02T03:04:05.000006Z", MsgType: typ, Version: "5.3",
		},
		Content: []byte(content),
	}
}
