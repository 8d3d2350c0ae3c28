package concurrency

import (
	"os"
	"strconv"
	"strings"
)

// livingIn reports whether a process group has a member that is more than a zombie. A zombie stays in its group until its parent
// has reaped it, which in a container without an init process nobody may ever do. Where there is no /proc, every
// member counts.
func livingIn(group int) bool {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return true
	}
	seen := false
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has just gone
		}
		seen = true
		// NUMBER (NAME) STATE PARENT GROUP …, where NAME may hold anything.
		_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
		fields := strings.Fields(rest)
		if len(fields) > 2 && fields[2] == strconv.Itoa(group) && fields[0] != "Z" && fields[0] != "X" {
			return true
		}
	}
	return !seen
}
