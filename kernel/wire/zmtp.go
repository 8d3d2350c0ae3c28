package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/go-zeromq/zmq4"
)

// The parts of ZMTP 3.0 that the guard speaks itself (rfc.zeromq.org/spec/23, "Formal grammar").
const (
	greetingLen = 64

	flagMore    = 1 << 0
	flagLong    = 1 << 1
	flagCommand = 1 << 2

	maxCommand  = 4 << 10 // bytes of a READY; later commands are smaller
	maxIdentity = 255
)

// errProtocol is matched by the errors of a peer that does not speak ZMTP 3.
var errProtocol = errors.New("not ZMTP")

// greeting returns the 64 bytes that begin a connection: signature, version 3.0, mechanism NULL, as-server 0.
// Announcing 3.0 makes libzmq send subscriptions as messages.
func greeting() []byte {
	g := make([]byte, greetingLen)
	g[0], g[8], g[9] = 0xff, 1, 0x7f
	g[10] = 3
	copy(g[12:], zmq4.NullSecurity)
	return g
}

// checkGreeting judges a peer's greeting.
func checkGreeting(g []byte) error {
	switch {
	case g[0] != 0xff || g[9] != 0x7f:
		return fmt.Errorf("%w: greeting begins %q", errProtocol, g[:10])
	case g[10] < 3:
		return fmt.Errorf("%w: version %d of the protocol, not 3", errProtocol, g[10])
	case string(bytes.TrimRight(g[12:32], "\x00")) != string(zmq4.NullSecurity):
		return fmt.Errorf("%w: mechanism %q, not NULL", errProtocol, bytes.TrimRight(g[12:32], "\x00"))
	case g[32] > 1:
		return fmt.Errorf("%w: as-server is %d", errProtocol, g[32])
	}
	return nil
}

// ready is the metadata of a READY command that matters to us.
type ready struct {
	kind     zmq4.SocketType
	identity string
}

// frame returns r as a READY command with its frame header.
func (r ready) frame() []byte {
	body := append([]byte{byte(len(zmq4.CmdReady))}, zmq4.CmdReady...)
	property := func(name, value string) {
		body = append(append(body, byte(len(name))), name...)
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(value))), value...)
	}
	property("Socket-Type", string(r.kind))
	property("Identity", r.identity)
	return appendFrame(nil, flagCommand, body)
}

// parseReady reads the body of a READY command.
func parseReady(body []byte) (ready, error) {
	var r ready
	name, rest, err := parseCommand(body)
	if err != nil {
		return r, err
	}
	if name != zmq4.CmdReady {
		return r, fmt.Errorf("%w: command %q instead of READY", errProtocol, name)
	}
	for len(rest) > 0 {
		n := int(rest[0])
		if n == 0 || len(rest) < 1+n+4 {
			return r, fmt.Errorf("%w: READY breaks off in a property name", errProtocol)
		}
		name := string(rest[1 : 1+n])
		size := uint64(binary.BigEndian.Uint32(rest[1+n:]))
		rest = rest[1+n+4:]
		if size > uint64(len(rest)) {
			return r, fmt.Errorf("%w: READY announces %d bytes for %q and has %d", errProtocol, size, name, len(rest))
		}
		value := string(rest[:size])
		rest = rest[size:]
		switch strings.ToLower(name) {
		case "socket-type":
			r.kind = zmq4.SocketType(value)
		case "identity":
			r.identity = value
		}
	}
	if len(r.identity) > maxIdentity {
		return r, fmt.Errorf("%w: identity of %d bytes", errProtocol, len(r.identity))
	}
	if r.identity != "" && r.identity[0] == 0 {
		return r, fmt.Errorf("%w: identity begins with a zero byte, which is reserved", errProtocol)
	}
	return r, nil
}

// parseCommand splits the body of a command frame into name and data.
func parseCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return "", nil, fmt.Errorf("%w: command of %d bytes breaks off", errProtocol, len(body))
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

// appendFrame appends a frame to dst.
func appendFrame(dst []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		dst = binary.BigEndian.AppendUint64(append(dst, flags|flagLong), uint64(len(body)))
	} else {
		dst = append(dst, flags, byte(len(body)))
	}
	return append(dst, body...)
}

// appendMessage returns frames as one ZMTP message.
func appendMessage(frames [][]byte) []byte {
	size := 0
	for _, f := range frames {
		size += 9 + len(f)
	}
	out := make([]byte, 0, size)
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		out = appendFrame(out, flags, f)
	}
	return out
}
