package goroutine

// Abandon tells all goroutines that cells have started so far, and those that compiled code has started from them, to end as soon
// as they are in the reader's code again: many wait in compiled code, as for a lock, and nothing can reach them there.
func Abandon() {
	process.abandoned.Store(true)
	process.records.abandon()
}

// Abandoned reports whether the calling goroutine has been told to end.
func Abandoned() bool {
	if !process.abandoned.Load() {
		return false
	}
	r := current()
	return r != nil && r.abandoned.Load()
}

// Leftovers reports whether goroutines that were told to end may still be there.
func Leftovers() bool { return process.abandoned.Load() && process.records.leftovers() }

func (t *records) leftovers() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.live {
		if r.abandoned.Load() && !r.over.Load() {
			return true
		}
	}
	return false
}

func (t *records) abandon() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.live {
		r.abandoned.Store(r.cell != nil)
	}
	for _, p := range t.left {
		if r := p.Value(); r != nil {
			r.abandoned.Store(true)
		}
	}
}

// Calm reports whether the goroutine that asks is the only one that runs or could.
func Calm() bool { return !new(watch).active() }
