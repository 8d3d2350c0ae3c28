package goroutine

// Pos joins the ID of the cell that a source position is in with its line, for the line parameters of this package
// ([Go], [At], [Adopt], [WaitGroupGo]). A bare line stands for a line of the cell which the goroutine belongs to. The two
// differ when a function of an earlier cell is called.
func Pos(cellID, line int) int { return cellID<<lineBits | line }

// CellID returns the ID of the cell with a name, for [Pos]. One that has not run in this process, but that code comes from
// which was defined again after a worker's death, is given an ID that no other cell has.
func CellID(name string) int {
	process.mu.Lock()
	defer process.mu.Unlock()
	id, ok := process.ids[name]
	if !ok {
		id = 1<<cellBits - 1 - len(process.ids)
		process.learn(id, name)
	}
	return id
}

// A site is a source position and an operation in one word, so that a goroutine can store it with one instruction while
// others read it: from the lowest bit, the operation, the column, the line, and the ID of the cell (0: the goroutine's).
type site uint64

const (
	opBits   = 6
	colBits  = 12
	lineBits = 20
	cellBits = 64 - opBits - colBits - lineBits
)

// newSite packs a position; line may come from Pos. A column that does not fit is dropped.
func newSite(line, col int, o op) site {
	if line < 0 {
		line = 0
	}
	if col < 0 || col >= 1<<colBits {
		col = 0
	}
	return site(line)<<(opBits+colBits) | site(col)<<opBits | site(o)
}

func (s site) op() op      { return op(s & (1<<opBits - 1)) }
func (s site) column() int { return int(s >> opBits & (1<<colBits - 1)) }
func (s site) line() int   { return int(s >> (opBits + colBits) & (1<<lineBits - 1)) }
func (s site) cell() int   { return int(s >> (opBits + colBits + lineBits)) }

// frame returns the position of s; c is the cell that the goroutine belongs to.
func (s site) frame(c *Cell) Frame {
	if s.line() == 0 {
		return Frame{}
	}
	f := Frame{Line: s.line(), Column: s.column()}
	if id := s.cell(); id != 0 {
		f.File = process.name(id)
	}
	if f.File == "" && c != nil {
		f.File = c.Name
	}
	return f
}

// An op is an operation that can block, or one that hands a callback over.
type op uint8

const (
	opOther op = iota
	opReceive
	opSend
	opSelect
	opRange
	opLock
	opRWLock
	opRLock
	opWaitGroup
	opCond
	opSleep
	opStart
	opExit
	opOnce
	opRead
)

// opNames are the words that [At] takes and that [Info] gives back.
var opNames = [...]string{
	opOther:     "",
	opReceive:   "chan receive",
	opSend:      "chan send",
	opSelect:    "select",
	opRange:     "range over channel",
	opLock:      "sync.Mutex.Lock",
	opRWLock:    "sync.RWMutex.Lock",
	opRLock:     "sync.RWMutex.RLock",
	opWaitGroup: "sync.WaitGroup.Wait",
	opCond:      "sync.Cond.Wait",
	opSleep:     "time.Sleep",
	opStart:     "go",
	opExit:      "exit",
	opOnce:      "sync.Once.Do",
	opRead:      "read",
}

func (o op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return ""
}

// opNamed is the reverse of op.String. It is a switch because [At] has no time for a map.
func opNamed(name string) op {
	switch name {
	case "chan receive":
		return opReceive
	case "chan send":
		return opSend
	case "select":
		return opSelect
	case "range over channel", "chan range":
		return opRange
	case "sync.Mutex.Lock":
		return opLock
	case "sync.RWMutex.Lock":
		return opRWLock
	case "sync.RWMutex.RLock":
		return opRLock
	case "sync.WaitGroup.Wait":
		return opWaitGroup
	case "sync.Cond.Wait":
		return opCond
	case "time.Sleep":
		return opSleep
	case "go":
		return opStart
	case "exit":
		return opExit
	case "sync.Once.Do":
		return opOnce
	case "read":
		return opRead
	}
	return opOther
}

// At notes that the calling goroutine is about to block at a position: op is one of "chan receive", "chan send",
// "select", "range over channel", "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock", "sync.WaitGroup.Wait",
// "sync.Cond.Wait", "sync.Once.Do", "time.Sleep". The note stays until the next call; [List] shows it only where it agrees
// with what the runtime says the goroutine waits for. With op "go" it gives the position of a call that hands over a
// callback, to [TimeAfterFunc] and the like, whose parameters have no place for it; with "exit" that of a call of [OsExit],
// [LogFatal] or [RuntimeGoexit]; with "read" that of one that reads the standard input. Line may come from [Pos].
func At(line, col int, op string) {
	if r := current(); r != nil {
		s := newSite(line, col, opNamed(op))
		r.blocked.Store(uint64(s))
		r.leave(s)
	}
}
