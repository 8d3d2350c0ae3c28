//go:build !race

package lessons

// underRace tells that the tests run under the race detector, and so shall the lessons.
const underRace = false
