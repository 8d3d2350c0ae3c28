package goroutine

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// newCrumbs returns memory that is aligned as a mapping is.
func newCrumbs() Crumbs {
	words := make([]uint64, CrumbsSize/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), CrumbsSize)
}

func TestCrumbs(t *testing.T) {
	c := newCrumbs()
	if got, ok := c.Main(); ok {
		t.Errorf("at first there is %+v", got)
	}
	cell := &Cell{ID: 7, Name: "cell [3]"}
	c.name(4, "cell [1]")
	c.name(7, cell.Name)
	main := &record{id: 11, cell: cell, main: true}
	other := &record{id: 12, cell: cell, started: newSite(5, 6, opOther)}
	for _, r := range []*record{main, other, {id: 13}} {
		c.enter(r)
	}
	other.place.here.Store(uint64(newSite(Pos(4, 2), 3, opOther)))
	other.leave(newSite(8, 9, opSend))

	want := Crumb{Cell: "cell [3]", Started: Frame{File: "cell [3]", Line: 5, Column: 6},
		Here: Frame{File: "cell [1]", Line: 2, Column: 3}, Last: Frame{File: "cell [3]", Line: 8, Column: 9}}
	got, _ := c.Find(12)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("a goroutine (-want +got):\n%s", d)
	}
	for _, find := range []func() (Crumb, bool){c.Main, func() (Crumb, bool) { return c.Find(11) }} {
		if got, ok := find(); !ok || got != (Crumb{Cell: "cell [3]"}) {
			t.Errorf("the cell's own: %+v, %v", got, ok)
		}
	}
	for _, id := range []uint64{0, 13, 12 + crumbPlaces - 1} {
		if got, ok := c.Find(id); ok {
			t.Errorf("of record %d there is %+v", id, got)
		}
	}
	c.enter(&record{id: 12 + crumbPlaces - 1, cell: cell})
	if got, ok := c.Find(12); ok {
		t.Errorf("its place was taken, and there is %+v", got)
	}
	if got, ok := Crumbs(nil).Find(12); ok {
		t.Errorf("without memory there is %+v", got)
	}
}

// Names are kept as long as there is room.
func TestCrumbsOfManyCells(t *testing.T) {
	c := newCrumbs()
	for i := range 100_000 {
		c.name(i, fmt.Sprintf("cell [%d]", i))
	}
	names := c.names()
	if len(names) < 40_000 || names[len(names)-1] != fmt.Sprintf("cell [%d]", len(names)-1) {
		t.Errorf("%d names, the last %q", len(names), names[len(names)-1])
	}
}

func TestCellID(t *testing.T) {
	process.mu.Lock()
	process.learn(1_000_001, "cell [1000001]")
	process.mu.Unlock()
	if got := CellID("cell [1000001]"); got != 1_000_001 {
		t.Errorf("a cell that ran has ID %d", got)
	}
	a, b := CellID("an earlier cell"), CellID("another")
	if a == b || a != CellID("an earlier cell") {
		t.Errorf("cells that did not run have IDs %d, %d and %d", a, b, CellID("an earlier cell"))
	}
	if got, want := newSite(Pos(a, 3), 4, opOther).frame(nil), (Frame{File: "an earlier cell", Line: 3, Column: 4}); got != want {
		t.Errorf("a position in it is %+v, want %+v", got, want)
	}
}

func TestRecord(t *testing.T) {
	for labels, want := range map[string]uint64{`"gokernel": "12 7"`: 12, `"gokernel": "12 7", "a": "b"`: 12, "": 0, `"a": "12 7"`: 0} {
		if got := Record(labels); got != want {
			t.Errorf("Record(%s) = %d, want %d", labels, got, want)
		}
	}
}

func BenchmarkHere(b *testing.B) {
	process.crumbs = newCrumbs()
	defer func() { process.crumbs = nil }()
	r := newRecord(&Cell{ID: 1, Name: "cell [1]"}, 0)
	defer process.records.end(r)
	defer r.enter()()
	b.Run("here", func(b *testing.B) {
		for b.Loop() {
			Here(3, 4)
		}
	})
	b.Run("at", func(b *testing.B) {
		for b.Loop() {
			At(3, 4, "chan receive")
		}
	})
}
