package concurrency

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// caught calls f and returns the value that was panicked with, nil if there was no panic.
func caught(f func()) any {
	if p := Try(f); p != nil {
		return p.Value
	}
	return nil
}

func failHere() { panic(io.EOF) }

// A panic that came from another goroutine says where it was, then where it was waited for.
func TestTryKeepsTheOrigin(t *testing.T) {
	p := Try(func() { Parallel(2, func(int) { failHere() }) })
	if p == nil || p.Value != io.EOF || p.Error() != "EOF" || !errors.Is(p, io.EOF) {
		t.Fatalf("got panic %v", p)
	}
	at := func(name string) int {
		return slices.IndexFunc(p.Stack, func(f runtime.Frame) bool { return strings.HasSuffix(f.Function, "."+name) })
	}
	if first, then := at("failHere"), at("Parallel"); first < 0 || then < first {
		t.Errorf("failHere is frame %d, Parallel %d of %v", first, then, p.Stack)
	}
	if p := Try(func() {}); p != nil {
		t.Errorf("got panic %v where there was none", p)
	}
}
