//go:build race

package faults

// slower is how much slower this process is, as the client of a kernel that is built without the race detector.
const slower = 10
