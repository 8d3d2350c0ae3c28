package wire

import "sync"

// replayMemory is the number of signatures that are remembered. jupyter_client keeps as many.
const replayMemory = 1 << 16

// replayKey is how many characters of the hexadecimal signature are kept: 128 bits, which no two messages share.
const replayKey = 32

// replays remembers signatures so that none is accepted twice. It holds between half and all of its capacity,
// in two generations of which the older is forgotten at once: that costs no ordering and no work per message.
type replays struct {
	half int

	mu       sync.Mutex
	now, old map[[replayKey]byte]struct{}
}

func newReplays(capacity int) *replays {
	return &replays{half: capacity / 2, now: map[[replayKey]byte]struct{}{}}
}

// add remembers a signature and reports whether it is new.
func (r *replays) add(s [replayKey]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.now[s]; ok {
		return false
	}
	if _, ok := r.old[s]; ok {
		return false
	}
	if len(r.now) >= r.half {
		r.old, r.now = r.now, make(map[[replayKey]byte]struct{}, r.half)
	}
	r.now[s] = struct{}{}
	return true
}
