package wire

import (
	"sync/atomic"
	"time"

	"gokernel/kernel/jupyter"
)

// limits bound what a peer can make us hold or wait for. A peer that passes one is dropped; the others notice
// nothing of it.
type limits struct {
	handshake time.Duration // from accept to READY
	progress  time.Duration // within it a peer takes minProgress bytes of what waits for it, or all; or sends more of a message it began
	linger    time.Duration // Close flushes for so long

	minProgress int   // bytes
	pending     int   // connections in the handshake, per channel; the oldest gives way
	peers       int   // connections past the handshake, per channel
	message     int64 // bytes of one incoming message, all its frames
	frames      int   // frames of one incoming message
	held        int64 // bytes of incoming messages not yet complete, all channels together
	queue       int   // bytes waiting for one peer above which Send waits
	topics      int   // subscriptions of one peer
}

// exempt is the size of a frame, in bytes, up to which it does not count against limits.held.
const exempt = 64 << 10

// kernelLimits are those of a kernel's side of ch.
//
// 64 MiB is far above any cell or input_reply and, since an unfinished message is held as its bytes arrive, not
// as it announces them, a peer without the key cannot hold more than limits.held, whatever it says.
func kernelLimits(ch jupyter.Channel) limits {
	l := limits{
		handshake: 10 * time.Second, progress: 10 * time.Second, linger: time.Second,
		minProgress: 64 << 10, pending: 512, peers: 1024,
		message: 64 << 20, frames: 1024, held: 128 << 20, queue: 4 << 20, topics: 256,
	}
	switch ch {
	case jupyter.IOPub: // only subscriptions come in
		l.message, l.frames = 4<<10, 1
	case jupyter.Heartbeat:
		l.message, l.frames, l.queue = 64<<10, 16, 256<<10
	}
	return l
}

// clientLimits are those of a client, which trusts its kernel not to flood it on purpose.
func clientLimits() limits {
	l := kernelLimits(jupyter.Shell)
	l.message, l.held, l.frames = 1<<30, 4<<30, 1<<16
	return l
}

// budget counts bytes against a bound. It is safe for concurrent use.
type budget struct {
	bound int64
	used  atomic.Int64
}

// take reports whether n more bytes fit, and counts them if so.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) > b.bound {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.used.Add(-n) }
