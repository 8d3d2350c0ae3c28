//go:build race

package worker

// raceDetector says that a worker made of this test binary ends otherwise than one of ours, which is never built with
// -race: what the detector keeps beside each byte passes the memory limit with the detector's own words and exit status 66,
// at a size that depends on its version, and a report of the race comes before the runtime sees concurrent map writes.
// The parent half, which the detector is to watch, handles all these ends alike.
const raceDetector = true
