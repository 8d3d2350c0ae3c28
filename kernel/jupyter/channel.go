package jupyter

import "fmt"

// Channel is one of the five sockets between a client and a kernel (spec, "Introduction").
type Channel int

// The channels. The zero Channel is none of them.
const (
	Shell     Channel = iota + 1 // requests of the client, answered in order
	Control                      // requests that must not wait for the shell: interrupt, shutdown, debug
	Stdin                        // input_request of the kernel, answered by the client
	IOPub                        // what the kernel publishes to every subscriber
	Heartbeat                    // bytes echoed as they came; carries no messages
)

// Channels lists all channels in the order of the constants.
func Channels() []Channel { return []Channel{Shell, Control, Stdin, IOPub, Heartbeat} }

// String returns the channel's name as the connection file spells it before "_port".
func (c Channel) String() string {
	switch c {
	case Shell:
		return "shell"
	case Control:
		return "control"
	case Stdin:
		return "stdin"
	case IOPub:
		return "iopub"
	case Heartbeat:
		return "hb"
	}
	return fmt.Sprintf("channel(%d)", int(c))
}
