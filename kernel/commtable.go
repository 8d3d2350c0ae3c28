package kernel

import (
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"gokernel/kernel/jupyter"
)

// ErrCommClosed is returned when a comm is used that either side has closed.
var ErrCommClosed = errors.New("comm is closed")

// CommData is what one comm message carries. Nil fields are allowed.
type CommData struct {
	Data     map[string]any
	Metadata map[string]any
	Buffers  [][]byte // not copied
}

// CommTarget accepts a comm that a client opens, and returns who gets its
// messages; nil if nobody does. With an error the comm is closed again. It is
// called between cells, as are the methods of CommPeer.
type CommTarget func(c *Comm, open CommData) (CommPeer, error)

// CommPeer is the kernel's side of a comm.
type CommPeer interface {
	// CommMsg takes a message of the client.
	CommMsg(c *Comm, m CommData)
	// CommClose is told that the client has closed the comm.
	CommClose(c *Comm, m CommData)
}

// Comms are the open comms of a kernel and the targets that clients can open
// ("Custom Messages"). The kernel makes it. All methods may be called from any
// goroutine, and do not block.
type Comms struct {
	k *Kernel

	mu      sync.Mutex
	targets map[string]CommTarget
	byID    map[string]*Comm
	parent  *jupyter.Message // the comm message that is handled
}

// Comm is a channel between an object in the kernel and one in the client.
type Comm struct {
	ID     string
	Target string
	comms  *Comms

	mu   sync.Mutex
	peer CommPeer
}

func newComms(k *Kernel) *Comms {
	return &Comms{k: k, targets: make(map[string]CommTarget), byID: make(map[string]*Comm)}
}

// Register lets clients open comms with a target of this name. A nil target
// ends that; comms that are open stay.
func (cs *Comms) Register(name string, t CommTarget) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if t == nil {
		delete(cs.targets, name)
		return
	}
	cs.targets[name] = t
}

// Open opens a comm with a target of the clients. What they send over it goes
// to peer, which may be nil.
func (cs *Comms) Open(target string, m CommData, peer CommPeer) (*Comm, error) {
	c := &Comm{ID: uuid.NewString(), Target: target, comms: cs, peer: peer}
	cs.insert(c)
	if err := cs.send(jupyter.CommOpen{CommID: c.ID, TargetName: target, Data: m.Data}, m); err != nil {
		cs.drop(c.ID)
		return nil, err
	}
	return c, nil
}

// Send sends data to the clients. It returns ErrCommClosed if the comm is.
func (c *Comm) Send(m CommData) error {
	if c.comms.open(c.ID) != c {
		return ErrCommClosed
	}
	return c.comms.send(jupyter.CommMsg{CommID: c.ID, Data: m.Data}, m)
}

// Close ends the comm and tells the clients. It returns ErrCommClosed if the
// comm was closed before.
func (c *Comm) Close(m CommData) error {
	if c.comms.open(c.ID) != c || c.comms.drop(c.ID) == nil {
		return ErrCommClosed
	}
	return c.comms.send(jupyter.CommClose{CommID: c.ID, Data: m.Data}, m)
}

// send publishes a comm message, as caused by the one that is handled.
func (cs *Comms) send(content jupyter.Content, m CommData) error {
	cs.mu.Lock()
	parent := cs.parent
	cs.mu.Unlock()
	msg, err := cs.k.session.New(parent, content)
	if err != nil {
		return fmt.Errorf("sending over a comm: %w", err)
	}
	msg.Metadata, msg.Buffers = m.Metadata, m.Buffers
	cs.k.post(msg)
	return nil
}

// setParent makes m the parent of what is sent until the returned function is
// called.
func (cs *Comms) setParent(m *jupyter.Message) (reset func()) {
	set := func(m *jupyter.Message) {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		cs.parent = m
	}
	set(m)
	return func() { set(nil) }
}

func (cs *Comms) target(name string) CommTarget {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.targets[name]
}

// insert adds c and reports whether its id was free.
func (cs *Comms) insert(c *Comm) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byID[c.ID] != nil {
		return false
	}
	cs.byID[c.ID] = c
	return true
}

func (cs *Comms) open(id string) *Comm {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.byID[id]
}

// drop removes a comm and returns it, nil if there was none.
func (cs *Comms) drop(id string) *Comm {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byID[id]
	delete(cs.byID, id)
	return c
}

// list describes the open comms with a target, all if it is empty.
func (cs *Comms) list(target string) map[string]jupyter.CommInfo {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	infos := make(map[string]jupyter.CommInfo)
	for id, c := range cs.byID {
		if target == "" || c.Target == target {
			infos[id] = jupyter.CommInfo{TargetName: c.Target}
		}
	}
	return infos
}

func (c *Comm) setPeer(p CommPeer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peer = p
}

func (c *Comm) peerOrNil() CommPeer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peer
}
