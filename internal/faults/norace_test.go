//go:build !race

package faults

// slower is how much slower this process is than one built without the race detector.
const slower = 1
