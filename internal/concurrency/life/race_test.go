//go:build race

package life

// underRace tells that the tests run under the race detector, where times mean little.
const underRace = true
