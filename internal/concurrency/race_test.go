//go:build race

package concurrency

// underRace tells that the tests run under the race detector, where times mean little.
const underRace = true
