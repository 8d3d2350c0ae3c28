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
	// The detector waits a second at the end for reports of other threads, which have been written by then.
	options := fmt.Sprintf("GORACE=atexit_sleep_ms=0 %s log_path=%s exitcode=%d", variable(n.environ(), "GORACE"), log, raceStatus)
	end, err := n.start(ctx, b.launch(strings.Fields(call.Args), options), p)
	var races []*report.Race
	files, globErr := filepath.Glob(log + ".*") // one for each process
	if globErr != nil {
		return fmt.Errorf("looking for the race detector's log: %w", globErr)
	}
	for _, file := range files {
		text, readErr := os.ReadFile(file)
		if readErr != nil {
			return fmt.Errorf("reading the race detector's log: %w", readErr)
		}
		races = append(races, report.ParseRaces(program.Tidy(string(text), b.Dir))...)
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
