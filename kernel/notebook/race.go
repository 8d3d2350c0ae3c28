package notebook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
)

// raceStatus is the exit status of a program in which the race detector saw a race, where it ended well otherwise.
const raceStatus = 66

// race is %%race.
func (n *Notebook) race(ctx context.Context, call magic.Call, p piece) error {
	b, err := n.build(ctx, call, p, program.Main, program.Options{Race: true})
	if err != nil {
		return n.unbuilt(call, p, err)
	}
	defer b.Close()
	log := filepath.Join(b.Dir, "race")
	end, err := n.start(ctx, b.launch(strings.Fields(call.Args), raceOptions(n.environ(), log)), p)
	races, unread := readRaces(log, b.Dir)
	if unread != nil {
		return unread
	}
	if err == nil || len(races) > 0 {
		show(p, report.RacesHTML(races, n.lines), report.RacesText(races, n.lines))
	}
	if err != nil {
		return err
	}
	if end.Code == raceStatus && len(races) > 0 {
		return nil
	}
	return n.ended(end, b)
}

// raceOptions is the setting of the race detector, which shall write what it sees to log. It would wait a second
// at the end for reports of other threads, which have been written by then.
func raceOptions(env []string, log string) string {
	return fmt.Sprintf("GORACE=atexit_sleep_ms=0 %s log_path=%s exitcode=%d", variable(env, "GORACE"), log, raceStatus)
}

// readRaces reads what the race detector has written to log.
func readRaces(log, dir string) ([]*report.Race, error) {
	files, err := filepath.Glob(log + ".*") // one for each process
	if err != nil {
		return nil, fmt.Errorf("looking for the race detector's log: %w", err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the race detector's log: %w", err)
		}
		all.WriteString(program.Tidy(string(text), dir) + "\n==================\n")
	}
	return report.ParseRaces(all.String()), nil
}

// launch returns the start of a program.
func (b *built) launch(args []string, env ...string) launch {
	race := false
	for _, kv := range env {
		race = race || strings.HasPrefix(kv, "GORACE=")
	}
	return launch{Path: b.Path, Args: args, Env: env, Display: b.Displays(), Unlimited: race}
}

// variable returns the value of a variable of an environment.
func variable(env []string, name string) string {
	for i := range env {
		if value, ok := strings.CutPrefix(env[len(env)-1-i], name+"="); ok {
			return value
		}
	}
	return ""
}
