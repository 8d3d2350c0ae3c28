package faults

import (
	"testing"
	"time"
)

// trivialCell is what a cell that does next to nothing takes on a machine that has nothing else to do, generously.
const trivialCell = 3 * time.Millisecond

// pace says by how much the machine is slower at the moment than by itself, 1 if it is not. It runs some cells.
func (s *session) pace() float64 {
	s.t.Helper()
	var all []time.Duration
	for range 5 {
		all = append(all, s.run("1").took)
	}
	return max(1, float64(median(all))/float64(trivialCell))
}

// within checks that what try does keeps a promised limit. As long as it does not it is given another chance, up to ten:
// tests beside this one take the processors, for moments, or all the time; then the limit is longer by the pace.
func (s *session) within(t *testing.T, what string, limit time.Duration, try func() time.Duration) {
	t.Helper()
	for tries := 1; ; tries++ {
		before := s.pace()
		took := try()
		allowed := time.Duration(float64(limit) * max(before, s.pace()) * slower)
		if took <= allowed {
			return
		}
		if tries == 10 {
			t.Errorf("%s after %v, want %v; %v on this machine at the moment", what, took, limit, allowed)
			return
		}
	}
}
