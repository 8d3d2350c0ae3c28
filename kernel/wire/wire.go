// Package wire carries Jupyter messages over ZeroMQ: it signs and checks them, owns the five sockets of a kernel
// ([Listen]) or of a client ([Dial]), and answers the heartbeat by itself.
//
// Everything that a peer can send without knowing the key is taken for hostile. The package sits on zmq4, which
// trusts its peers, so zmq4 sees a connection only through a guard: see guard.go for what it holds and limits.go
// for the bounds. Frames follow ZMTP 3.0 (rfc.zeromq.org/spec/23), messages the wire protocol of the Jupyter
// messaging spec.
package wire

import "errors"

// The errors that callers can tell apart.
var (
	// ErrClosed: the Conn is closed or, for a client, the kernel has hung up.
	ErrClosed = errors.New("connection closed")
	// ErrChannel: the channel does not carry messages in that direction.
	ErrChannel = errors.New("channel does not carry messages this way")
	// ErrFrames: the frames are no message: too few, no delimiter, or not the JSON they should be.
	ErrFrames = errors.New("malformed message")
	// ErrSignature: the signature is missing or not ours.
	ErrSignature = errors.New("wrong signature")
	// ErrReplayed: the signature is right, but has been seen before.
	ErrReplayed = errors.New("replayed signature")
	// ErrScheme: the connection file asks for a signature scheme other than hmac-sha256.
	ErrScheme = errors.New("unsupported signature scheme")
	// ErrEmptyKey: unsigned messages are asked for on an address that others can reach.
	ErrEmptyKey = errors.New("empty key is allowed on loopback or ipc only")
)
